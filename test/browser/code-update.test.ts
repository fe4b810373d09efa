/** New code while programs run: what callers of older instances see of it, on this machine and on another one, by either strategy. */
import { afterEach, describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator, type SimulatorOptions } from '../../src/index.ts';
import { patiently } from '../support/patiently.ts';
import { failureOfCall, seenError } from '../support/seen-error.ts';

const UPDATED = 'Durable Object reset because its code was updated.';

const PROGRAM = (version: number) => `
import { DurableObject } from 'cloudflare:workers';

export class Obj extends DurableObject {
  instance = crypto.randomUUID();
  version() { return ${version} }
  who() { return this.instance }
  async store(value) { await this.ctx.storage.put('value', value); return this.version() }
  stored() { return this.ctx.storage.get('value') }
  sleep(ms) { return scheduler.wait(ms).then(() => ${version}) }
  spin() { for (;;); }
  /** Keeps another object's stub, as programs do. */
  async keep(name) { this.kept = this.env.OBJ.getByName(name); return this.kept.version() }
  async again() { try { return await this.kept.version() } catch (error) { return { message: error.message, ...error } } }
  async waitsFor(name, ms) { try { return await this.env.OBJ.getByName(name).sleep(ms) } catch (error) { return { message: error.message, ...error } } }
}
export default { async fetch(request, env) { return Response.json([${version}, await env.OBJ.getByName('of the Worker').version()]) } };
`;

interface Obj {
  version(): Promise<number>;
  who(): Promise<string>;
  store(value: unknown): Promise<number>;
  stored(): Promise<unknown>;
  sleep(ms: number): Promise<number>;
  spin(): Promise<void>;
  keep(name: string): Promise<number>;
  again(): Promise<unknown>;
  waitsFor(name: string, ms: number): Promise<unknown>;
}
interface Env {
  OBJ: DurableObjectNamespace<Obj>;
}

function project(version: number, strategy?: object) {
  return {
    modules: { 'index.js': PROGRAM(version) },
    config: {
      name: 'updated',
      main: 'index.js',
      compatibility_date: '2026-07-30',
      durable_objects: {
        bindings: [{ name: 'OBJ', class_name: 'Obj' }],
        ...(strategy ? { code_update_strategy: strategy } : {}),
      },
      migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
    },
  };
}

let lastAccount = 0;
const account = (): string => `update-${lastAccount++}-${performance.timeOrigin}`;
const open: Simulator<Env>[] = [];

async function start(options: Partial<SimulatorOptions>): Promise<Simulator<Env>> {
  const sim = await Simulator.open<Env>({ name: account(), storage: 'memory', ...options });
  open.push(sim);
  return sim;
}

afterEach(async () => {
  // What a test opens and leaves open is one account.
  for (let sim = open.shift(); sim; sim = open.shift()) await sim.close({ delete: open.length === 0 });
});

const RESET = { message: UPDATED, durableObjectReset: true };

describe('an immediate update', () => {
  const immediate = { mode: 'immediate' };

  test('fails the calls under way and the old stubs, and keeps what was stored', async () => {
    const sim = await start(project(1, immediate));
    const [stub, friend] = [sim.env.OBJ.getByName('a'), sim.env.OBJ.getByName('friend')];
    await stub.store('kept');
    await sim.env.OBJ.getByName('kept by it').version();
    await friend.keep('kept by it');
    const [sleeping, fetched] = [
      failureOfCall(stub.sleep(3_600_000)),
      failureOfCall(stub.store('also kept').then(() => stub.sleep(3_600_000))),
    ];
    await patiently(async () => expect(await stub.stored()).toBe('also kept'));
    await sim.deploy(project(2, immediate));
    expect(await sleeping).toEqual(RESET);
    expect(await fetched).toEqual(RESET);
    expect(await failureOfCall(stub.version())).toEqual(RESET);
    const again = sim.env.OBJ.getByName('a');
    expect([await again.version(), await again.stored()]).toEqual([2, 'also kept']);
    expect(await (await sim.fetch('/')).json()).toEqual([2, 2]);
  });

  test('is told to an object that waits for another one', async () => {
    const sim = await start(project(1, immediate));
    const waits = sim.env.OBJ.getByName('waits');
    // It may hear of the other's reset before its own comes: then it answers with what it was told.
    const told = waits.waitsFor('slow', 3_600_000).catch(seenError);
    await patiently(async () => expect((await sim.inspect.objects()).length).toBe(2));
    await sim.deploy(project(2, immediate));
    expect(await told).toEqual(RESET);
    expect(await sim.env.OBJ.getByName('waits').waitsFor('slow', 0)).toBe(2);
  });

  test('lets no call that comes meanwhile see older code', async () => {
    const sim = await start(project(1, immediate));
    const before = await sim.env.OBJ.getByName('a').who();
    const deployed = sim.deploy(project(2, immediate));
    let isOver = false;
    deployed.finally(() => {
      isOver = true;
    });
    const seen: (string | number)[] = [];
    while (!isOver) {
      seen.push(
        await sim.env.OBJ.getByName('a')
          .version()
          .catch((error: Error) => error.message),
      );
    }
    // Older code until the update, at most one call that the reset hit, newer code from then on.
    expect(seen.map((one) => (one === UPDATED ? 'hit' : one)).join(' ')).toMatch(/^(1 ?)+(hit ?)?(2 ?)*$/);
    expect(await sim.env.OBJ.getByName('a').version()).toBe(2);
    expect(await sim.env.OBJ.getByName('a').who()).not.toBe(before);
  });

  test('ends one that computes on', async () => {
    const sim = await start(project(1, immediate));
    const spinning = failureOfCall(sim.env.OBJ.getByName('a').spin());
    await sim.env.OBJ.getByName('b').version();
    await patiently(async () => expect((await sim.inspect.objects()).length).toBe(2));
    await sim.deploy(project(2, immediate));
    expect(await spinning).toEqual(RESET);
    expect(await sim.env.OBJ.getByName('a').version()).toBe(2);
  });

  test('reaches the objects of another machine', async () => {
    const name = account();
    const one = await start({ ...project(1, immediate), name, storage: 'indexeddb', machine: 'one' });
    const two = await start({ name, storage: 'indexeddb', machine: 'two' });
    const there = two.env.OBJ.getByName('there');
    await there.store('kept');
    const sleeping = failureOfCall(there.sleep(3_600_000));
    await there.version();
    await one.deploy(project(2, immediate));
    expect(await sleeping).toEqual(RESET);
    const again = two.env.OBJ.getByName('there');
    expect([await again.version(), await again.stored()]).toEqual([2, 'kept']);
    expect(await one.env.OBJ.getByName('there').version()).toBe(2);
  });
});

describe('a deferred update', () => {
  const deferred = { mode: 'deferred', max_delay: 60 };

  test('waits for a call under way, and nobody notices but by the new code', async () => {
    const sim = await start(project(1, deferred));
    await sim.clock.pause();
    const stub = sim.env.OBJ.getByName('a');
    const before = await stub.who();
    const sleeping = stub.sleep(50_000);
    await stub.version();
    await sim.deploy(project(2, deferred));
    expect(await stub.version()).toBe(1); // it goes on meanwhile
    await sim.clock.advance(50_000);
    expect(await sleeping).toBe(1);
    await patiently(async () => expect(await stub.version()).toBe(2));
    expect(await stub.who()).not.toBe(before);
  });

  test('resets a busy object when its delay is over, by the clock of the program', async () => {
    const sim = await start(project(1, deferred));
    await sim.clock.pause();
    const stub = sim.env.OBJ.getByName('a');
    const sleeping = failureOfCall(stub.sleep(3_600_000));
    await stub.version();
    await sim.deploy(project(2, deferred));
    await sim.clock.advance(59_999);
    expect(await stub.version()).toBe(1);
    await sim.clock.advance(1);
    expect(await sleeping).toEqual(RESET);
    expect(await failureOfCall(stub.version())).toEqual(RESET);
    expect(await sim.env.OBJ.getByName('a').version()).toBe(2);
  });

  test('is what happens where nothing is said, with thirty seconds, also on another machine', async () => {
    const name = account();
    const one = await start({ ...project(1), name, storage: 'indexeddb', machine: 'one' });
    const two = await start({ name, storage: 'indexeddb', machine: 'two' });
    await one.clock.pause();
    const there = two.env.OBJ.getByName('there');
    const idle = await two.env.OBJ.getByName('idle there').who();
    const sleeping = failureOfCall(there.sleep(3_600_000));
    await there.version();
    await one.deploy(project(2));
    await patiently(async () => expect(await two.env.OBJ.getByName('idle there').version()).toBe(2));
    expect(await two.env.OBJ.getByName('idle there').who()).not.toBe(idle);
    await one.clock.advance(29_000);
    expect(await there.version()).toBe(1);
    await one.clock.advance(2_000);
    expect(await sleeping).toEqual(RESET);
    expect(await two.env.OBJ.getByName('there').version()).toBe(2);
  });
});
