/** Alarms of objects that nobody has open, and what is done to objects from outside while they have one. */
import { afterEach, describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator, type SimulatorOptions } from '../../src/index.ts';
import { stand } from '../support/stand.ts';

const PROGRAM = (label = 'one') => `
import { DurableObject } from 'cloudflare:workers';
export class Alarmed extends DurableObject {
  async set(inMs, mode = 'plain') { this.ctx.storage.kv.put('mode', mode); await this.ctx.storage.setAlarm(Date.now() + inMs) }
  has() { return this.ctx.storage.getAlarm().then((at) => at !== null) }
  async alarm(info) {
    const { kv } = this.ctx.storage;
    kv.put('runs', [...(kv.get('runs') ?? []), ['${label}', info?.retryCount ?? 'no info', Date.now()]]);
    await this.ctx.storage.sync();
    switch (kv.get('mode')) {
      case 'hang': if (kv.get('runs').length === 1) await new Promise(() => {}); return;
      case 'give up': this.ctx.abort('enough', { retryAlarm: false }); return;
      case 'throw': throw new RangeError('not today');
      case 'again now': if (kv.get('runs').length === 1) await this.ctx.storage.setAlarm(Date.now()); return;
      case 'again then': if (kv.get('runs').length === 1) await this.ctx.storage.setAlarm(Date.now() + 1); return;
    }
  }
  never() { return new Promise(() => {}) }
}
export default {};
`;
const config = {
  name: 'alarms',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'ALARMED', class_name: 'Alarmed' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Alarmed'] }],
};
interface Alarmed {
  set(inMs: number, mode?: string): Promise<void>;
  has(): Promise<boolean>;
  never(): Promise<void>;
}
interface Env {
  ALARMED: DurableObjectNamespace<Alarmed>;
}
type Run = [label: string, retryCount: number | string, atMs: number];

let accounts = 0;
const open: Simulator<Env>[] = [];
const newName = () => `alarms-${accounts++}-${performance.timeOrigin}`;

async function start(name: string, options: Partial<SimulatorOptions> = {}): Promise<Simulator<Env>> {
  const code = { modules: { 'index.js': PROGRAM() }, config };
  const simulator = await Simulator.open<Env>({ name, ...code, storage: 'indexeddb', ...options });
  open.push(simulator);
  return simulator;
}

async function close(simulator: Simulator<Env>, options?: { delete: boolean }): Promise<void> {
  open.splice(open.indexOf(simulator), 1);
  await simulator.close(options);
}

afterEach(async () => {
  for (const simulator of open.splice(0)) await simulator.close({ delete: true });
});

/** What the object stored, read without waking it. */
async function runsOf(simulator: Simulator<Env>, name: string): Promise<Run[]> {
  const [object] = (await simulator.inspect.objects()).filter(({ key }) => key.name === name);
  if (!object) return [];
  const [entry] = await simulator.inspect.entries(object.key, { prefix: 'runs' });
  return (entry?.value as Run[] | undefined) ?? [];
}

const until = (simulator: Simulator<Env>, name: string, count: number) =>
  expect.poll(async () => (await runsOf(simulator, name)).length, { timeout: 15_000, interval: 50 }).toBe(count);

test('an alarm is run in an object that nobody has opened since the page was loaded', async () => {
  const name = newName();
  const before = await start(name);
  const dueMs = Date.now() + 400;
  await before.env.ALARMED.getByName('a').set(400);
  await close(before);
  const after = await start(name);
  await until(after, 'a', 1);
  const [[, retryCount, atMs]] = (await runsOf(after, 'a')) as [Run];
  expect(retryCount).toBe(0);
  expect(atMs).toBeGreaterThanOrEqual(dueMs);
});

test('in memory too, after the object was evicted', async () => {
  const simulator = await start(newName(), { storage: 'memory' });
  const stub = simulator.env.ALARMED.getByName('a');
  await stub.set(400);
  await simulator.objects.evict(stub);
  await until(simulator, 'a', 1);
  expect(await stub.has()).toBe(false);
});

test('new code runs the alarm that older code set', async () => {
  const simulator = await start(newName());
  await simulator.env.ALARMED.getByName('a').set(1500);
  await simulator.deploy({ modules: { 'index.js': PROGRAM('two') }, config });
  await until(simulator, 'a', 1);
  expect((await runsOf(simulator, 'a'))[0]?.[0]).toBe('two');
});

test('an imported object brings its alarm along', async () => {
  const from = await start(newName());
  const stub = from.env.ALARMED.getByName('a');
  await stub.set(1000);
  const file = await from.objects.export(stub);
  await close(from, { delete: true });
  const to = await start(newName());
  await to.objects.import(to.env.ALARMED.getByName('a'), file);
  await until(to, 'a', 1);
});

test('a handler whose instance dies is run again, and that does not count', async () => {
  const simulator = await start(newName());
  const stub = simulator.env.ALARMED.getByName('a');
  await stub.set(0, 'hang');
  await until(simulator, 'a', 1);
  await simulator.objects.crash(stub);
  await until(simulator, 'a', 2);
  const [first, second] = (await runsOf(simulator, 'a')) as [Run, Run];
  expect([first[1], second[1]]).toEqual([0, 0]);
  expect(second[2] - first[2]).toBeGreaterThanOrEqual(2000);
});

test('abort with retryAlarm: false takes the alarm away', async () => {
  const simulator = await start(newName());
  await simulator.env.ALARMED.getByName('a').set(0, 'give up');
  await until(simulator, 'a', 1);
  await expect.poll(() => simulator.env.ALARMED.getByName('a').has(), { timeout: 10_000, interval: 50 }).toBe(false);
  expect(await runsOf(simulator, 'a')).toHaveLength(1);
});

test('runAlarm runs an alarm that is far away, once and without an argument, and says whether there was one', async () => {
  const simulator = await start(newName());
  const stub = simulator.env.ALARMED.getByName('a');
  expect(await simulator.objects.runAlarm(stub)).toBe(false);
  await stub.set(1e9);
  await simulator.objects.evict(stub);
  expect(await simulator.objects.runAlarm(stub)).toBe(true);
  expect((await runsOf(simulator, 'a')).map(([, info]) => info)).toEqual(['no info']);
  expect(await stub.has()).toBe(false);
  expect(await simulator.objects.runAlarm(stub)).toBe(false);
  await stub.set(1e9, 'throw');
  await expect(simulator.objects.runAlarm(stub)).rejects.toMatchObject({ name: 'RangeError', message: 'not today' });
  expect(await stub.has()).toBe(false);
});

describe('by a clock that stands', () => {
  const QUARTER_MS = 15 * 60_000;

  /** Runs as they are told to: when, since the clock stood. */
  async function standing(
    simulator: Simulator<Env>,
  ): Promise<{ runs(name: string): Promise<[number | string, number][]> }> {
    const fromMs = await stand(simulator);
    return {
      runs: async (name) => (await runsOf(simulator, name)).map(([, retryCount, atMs]) => [retryCount, atMs - fromMs]),
    };
  }

  test('a handler may run for a quarter of an hour; then its object is reset, and the alarm has failed', async () => {
    const simulator = await start(newName());
    const { runs } = await standing(simulator);
    const stub = simulator.env.ALARMED.getByName('a');
    await stub.set(1_000, 'hang');
    await simulator.clock.advance(1_000);
    const beside = stub.never().then(
      () => 'it came to an end',
      (error: unknown) => error,
    );
    await simulator.clock.advance(QUARTER_MS - 1);
    expect(await stub.has()).toBe(false);
    expect(await runs('a')).toEqual([[0, 1_000]]);
    await simulator.clock.advance(1);
    expect(await beside).toMatchObject({
      message: 'Alarm exceeded its allowed execution time',
      overloaded: true,
      durableObjectReset: true,
    });
    expect(await simulator.env.ALARMED.getByName('a').has()).toBe(true);
    await simulator.clock.advance(1_999);
    expect(await runs('a')).toHaveLength(1);
    await simulator.clock.advance(1_000);
    const [, again] = await runs('a');
    expect(again).toEqual([1, expect.any(Number)]);
    expect(again?.[1]).toBeGreaterThanOrEqual(1_000 + QUARTER_MS + 2_000);
    await simulator.clock.advance(QUARTER_MS);
    expect(await runs('a')).toHaveLength(2);
    expect(await simulator.env.ALARMED.getByName('a').has()).toBe(false);
  });

  test('one that its handler sets to the present millisecond is run again in it, and one that is set to the next one then', async () => {
    const simulator = await start(newName());
    const { runs } = await standing(simulator);
    await simulator.env.ALARMED.getByName('now').set(1_000, 'again now');
    await simulator.env.ALARMED.getByName('then').set(1_000, 'again then');
    await simulator.clock.advance(1_000);
    const first = [0, 1_000];
    expect([await runs('now'), await runs('then')]).toEqual([[first, first], [first]]);
    await simulator.clock.advance(QUARTER_MS);
    expect([await runs('now'), await runs('then')]).toEqual([
      [first, first],
      [first, [0, 1_001]],
    ]);
    for (const name of ['now', 'then']) expect(await simulator.env.ALARMED.getByName(name).has()).toBe(false);
  });
});
