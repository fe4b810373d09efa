/** The account's clock, moved while programs run: what they see of it, in this tab and from another one. */
import { afterEach, describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator, type SimulatorOptions } from '../../src/index.ts';
import { isLong } from '../support/is-long.ts';
import { stand } from '../support/stand.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

export class Sleeper extends DurableObject {
  seen = this.ctx.storage.kv.get('seen') ?? []; // an instance is evicted when it has been idle for long
  note(what) { this.seen.push([what, Date.now()]); this.ctx.storage.kv.put('seen', this.seen) }
  now() { return [Date.now(), new Date().getTime(), performance.now(), Date.parse(Date()) , new Intl.DateTimeFormat('en', { dateStyle: 'long', timeZone: 'UTC' }).format()] }
  sleep(ms) { return scheduler.wait(ms).then(() => Date.now()) }
  /** A transaction that waits, with a write behind it. */
  transaction(ms) { return this.ctx.storage.transaction(async (txn) => { await txn.put('slept', ms); await scheduler.wait(ms); return Date.now() }) }
  timers(...delays) { for (const ms of delays) setTimeout(() => this.note(ms), ms) }
  every(ms, times) { const id = setInterval(() => { this.note('tick'); if (--times === 0) clearInterval(id) }, ms) }
  async expires(ms) { const signal = AbortSignal.timeout(ms); await new Promise((resolve) => signal.addEventListener('abort', resolve)); return [Date.now(), signal.reason.name] }
  /** Each hop is a timer in another object, and a commit before it. */
  async relay(hops, ms) {
    this.note('relay ' + hops);
    await this.ctx.storage.put('hops', hops);
    if (hops === 0) return Date.now();
    await scheduler.wait(ms);
    return this.env.SLEEPERS.getByName('hop ' + hops).relay(hops - 1, ms);
  }
  async digests(times) { for (let i = 0; i < times; i++) await crypto.subtle.digest('SHA-256', new Uint8Array(100_000)); setTimeout(() => this.note('after digests'), 5) }
  all() { return this.seen }
  async program(alarmMs, ...delays) { await this.ctx.storage.setAlarm(Date.now() + alarmMs); this.timers(...delays) }
  async alarm() { this.note('alarm'); await this.ctx.storage.put('alarm', Date.now()); this.dayIsOver?.() }
  /** A day of so long hours, with an alarm at its end and five that wait in it. Told when the alarm was run. */
  async day(hourMs) {
    const wait = async (hours, what) => { await scheduler.wait(hours * hourMs); this.note(what) };
    const over = new Promise((resolve) => { this.dayIsOver = resolve });
    await this.ctx.storage.setAlarm(Date.now() + 24 * hourMs);
    setTimeout(() => this.note('setTimeout 18'), 18 * hourMs);
    wait(21, 'wait 21');
    let ticks = 0;
    const id = setInterval(() => { this.note('tick ' + ++ticks); if (ticks === 3) clearInterval(id) }, 5 * hourMs);
    wait(7, 'wait 7').then(() => wait(6, 'wait 6 more'));
    setTimeout(() => this.note('setTimeout 2'), 2 * hourMs);
    await over;
  }
  stored() { return this.ctx.storage.get('alarm') }
  async seenAll(count) { while (this.seen.length < count) await scheduler.wait(100); return this.seen }
  async spin() { for (;;) await new Promise((go) => setTimeout(go, 0)) }
}
export default { fetch: async () => { await scheduler.wait(3_600_000); return Response.json(Date.now()) } };
`;

interface Sleeper {
  now(): [number, number, number, number, string];
  sleep(ms: number): Promise<number>;
  transaction(ms: number): Promise<number>;
  timers(...delays: number[]): void;
  every(ms: number, times: number): void;
  expires(ms: number): Promise<[number, string]>;
  relay(hops: number, ms: number): Promise<number>;
  digests(times: number): Promise<void>;
  all(): [string | number, number][];
  program(alarmMs: number, ...delays: number[]): Promise<void>;
  stored(): Promise<number | undefined>;
  seenAll(count: number): Promise<[string | number, number][]>;
  spin(): Promise<void>;
  day(hourMs: number): Promise<void>;
}
interface Env {
  SLEEPERS: DurableObjectNamespace<Sleeper>;
}

const config = {
  name: 'sleepers',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'SLEEPERS', class_name: 'Sleeper' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Sleeper'] }],
};

let lastAccount = 0;
const account = (): string => `clock-${lastAccount++}-${performance.timeOrigin}`;
const open: Simulator<Env>[] = [];

async function start(options: Partial<SimulatorOptions> = {}): Promise<Simulator<Env>> {
  const modules = { 'index.js': PROGRAM };
  // As in local workerd an object stays for its timers: in production it goes 70 to 140 s after its last event.
  const sim = await Simulator.open<Env>({
    ...{ name: account(), modules, config, storage: 'memory', limits: 'workerd' },
    ...options,
  });
  open.push(sim);
  return sim;
}

afterEach(async () => {
  // What a test opens and leaves open is one account.
  for (let sim = open.shift(); sim; sim = open.shift()) await sim.close({ delete: open.length === 0 });
});

const DAY = 86_400_000;
const HOUR = 3_600_000;
/** What happens in a `day`, and in which of its hours. */
const DAY_SEQUENCE: readonly [string, number][] = [
  ['setTimeout 2', 2],
  ['tick 1', 5],
  ['wait 7', 7],
  ['tick 2', 10],
  ['wait 6 more', 13],
  ['tick 3', 15],
  ['setTimeout 18', 18],
  ['wait 21', 21],
  ['alarm', 24],
];
const since = (from: number, seen: [string | number, number][]) =>
  seen.map(([what, at]): [string | number, number] => [what, at - from]);

describe('a program', () => {
  test('sees the clock stand, and move', async () => {
    const sim = await start();
    const sleeper = sim.env.SLEEPERS.getByName('a');
    await sleeper.now();
    const at = await stand(sim);
    // Threads measure real time each for itself, a little apart, and none goes back: one may stand a little ahead.
    const [first, second, third, fourth, text] = await sleeper.now();
    expect(first - at).toBeGreaterThanOrEqual(0);
    expect(first - at).toBeLessThan(100);
    expect([second, third]).toEqual([first, first]);
    expect(fourth).toBe(first - (first % 1_000));
    expect(Date.parse(`${text} UTC`)).toBe(first - (first % DAY));
    expect(await sim.clock.advance(3 * DAY)).toBe(at + 3 * DAY);
    const moved = await sleeper.now();
    expect(moved.slice(0, 3)).toEqual([at + 3 * DAY, at + 3 * DAY, at + 3 * DAY]);
    expect(Date.parse(`${moved[4]} UTC`)).toBe(at + 3 * DAY - (at % DAY));
    expect([sim.clock.now(), sim.clock.isPaused]).toEqual([at + 3 * DAY, true]);
  });

  test('is called at the time of each timer, in order', async () => {
    const sim = await start();
    const from = await stand(sim);
    const sleeper = sim.env.SLEEPERS.getByName('a');
    await sleeper.timers(DAY, 5_000, 0, 5_000, 60_000);
    await sleeper.every(20_000, 3);
    await sim.clock.advance(DAY);
    expect(since(from, await sleeper.all())).toEqual([
      [0, 0],
      [5_000, 5_000],
      [5_000, 5_000],
      ['tick', 20_000],
      ['tick', 40_000],
      [60_000, 60_000],
      ['tick', 60_000],
      [DAY, DAY],
    ]);
  });

  test('of several objects goes on at every step, until nothing is due', async () => {
    const sim = await start();
    const from = await stand(sim);
    const done = sim.env.SLEEPERS.getByName('a').relay(3, 1_000);
    await sim.clock.advance(10_000);
    expect((await done) - from).toBe(3_000);
    expect(since(from, await sim.env.SLEEPERS.getByName('hop 2').all())).toEqual([['relay 1', 2_000]]);
  });

  test('waits inside of a transaction, and holds nothing up', async () => {
    const sim = await start();
    const from = await stand(sim);
    const done = sim.env.SLEEPERS.getByName('a').transaction(5_000);
    await sim.clock.advance(HOUR);
    expect((await done) - from).toBe(5_000);
  });

  test('that waits for the browser holds the clock until that is over', async () => {
    const sim = await start();
    const from = await stand(sim);
    const sleeper = sim.env.SLEEPERS.getByName('a');
    const done = sleeper.digests(50);
    await sim.clock.advance(1_000);
    await done;
    expect(since(from, await sleeper.all())).toEqual([['after digests', 5]]);
  });

  test('waits by the clock wherever it waits', async () => {
    const sim = await start();
    const from = await stand(sim);
    const sleeper = sim.env.SLEEPERS.getByName('a');
    const answers = Promise.all([sleeper.sleep(7_000), sleeper.expires(8_000), sim.fetch('/').then((r) => r.json())]);
    await sim.clock.advance(3_600_000);
    const [slept, [expired, reason], answered] = await answers;
    expect([slept, expired, answered].map((at) => at - from)).toEqual([7_000, 8_000, 3_600_000]);
    expect(reason).toBe('TimeoutError');
  });
});

describe('the clock', () => {
  test('goes to the next event, and says when there is none', async () => {
    const sim = await start();
    const from = await stand(sim);
    const sleeper = sim.env.SLEEPERS.getByName('a');
    await sleeper.timers(1_500, 2_500);
    expect(await sim.clock.advanceToNextEvent()).toBe(from + 1_500);
    expect(since(from, await sleeper.all())).toEqual([[1_500, 1_500]]);
    expect(await sim.clock.advanceToNextEvent()).toBe(from + 2_500);
    const nextMs: number[] = [];
    for (let next = await sim.clock.advanceToNextEvent(); next !== undefined; ) {
      nextMs.push(next - from);
      expect(nextMs.length).toBeLessThan(10);
      next = await sim.clock.advanceToNextEvent();
    }
    // What is left is the platform's own: when an instance counts as idle.
    expect(nextMs.every((ms) => ms <= 2_500 + 20_000)).toBe(true);
  });

  test('goes faster, and the same things happen in the same order', async () => {
    const delays = [3_000, 1_000, 9_000, 6_000, 1_500, 4_000];
    const walked = await start();
    await walked.clock.pause();
    await walked.env.SLEEPERS.getByName('a').timers(...delays);
    await walked.clock.advance(10_000);
    const scaled = await start();
    const sleeper = scaled.env.SLEEPERS.getByName('a');
    // Armed while time stands, or the milliseconds that arming takes would be seconds between them.
    const from = await stand(scaled);
    await sleeper.timers(...delays);
    await scaled.clock.setRate(1_000);
    expect([scaled.clock.now(), await sleeper.all()]).toEqual([from, []]);
    await scaled.clock.resume();
    const seen = await sleeper.seenAll(delays.length);
    expect(seen.map(([what]) => what)).toEqual((await walked.env.SLEEPERS.getByName('a').all()).map(([what]) => what));
    expect(seen.map(([what]) => what)).toEqual([...delays].sort((a, b) => a - b));
    for (const [what, at] of seen) expect(at - from).toBeGreaterThanOrEqual(Number(what));
  });

  // At full length a scaled day takes 86 seconds.
  test.each(isLong ? [HOUR / 24, HOUR] : [HOUR / 24])(
    'gives a day of timers and an alarm the same sequence in one step and at a thousand times its rate, an hour being %d ms',
    async (hourMs) => {
      const walked = await start();
      const from = await stand(walked);
      const over = walked.env.SLEEPERS.getByName('a').day(hourMs);
      await walked.clock.advance(24 * hourMs);
      await over;
      const seen = since(from, await walked.env.SLEEPERS.getByName('a').all());
      expect(seen).toEqual(DAY_SEQUENCE.map(([what, hour]) => [what, hour * hourMs]));
      const scaled = await start();
      const sleeper = scaled.env.SLEEPERS.getByName('a');
      await sleeper.now(); // or its start would take hours
      await scaled.clock.setRate(1_000);
      const begun = scaled.clock.now();
      await sleeper.day(hourMs);
      const scaledSeen = since(begun, await sleeper.all());
      expect(scaledSeen.map(([what]) => what)).toEqual(DAY_SEQUENCE.map(([what]) => what));
      for (const [i, [what, atMs]] of scaledSeen.entries()) {
        expect(atMs, `${what} is not early`).toBeGreaterThanOrEqual((DAY_SEQUENCE[i]?.[1] ?? 0) * hourMs);
      }
    },
  );

  test('gives a day of 24 hours the sequence of a short one', async () => {
    const sim = await start();
    const from = await stand(sim);
    const over = sim.env.SLEEPERS.getByName('a').day(HOUR);
    expect(await sim.clock.advance(86_400_000)).toBe(from + DAY);
    await over;
    const seen = since(from, await sim.env.SLEEPERS.getByName('a').all());
    expect(seen).toEqual(DAY_SEQUENCE.map(([what, hour]) => [what, hour * HOUR]));
  });

  test.each(['memory', 'indexeddb'] as const)(
    'runs an alarm of tomorrow after the timers of today, in %s',
    async (storage) => {
      const delays = [3_600_000, 1_000, 43_200_000, 60_000, 7_200_000];
      const walked = await start({ storage });
      const from = await stand(walked);
      const sleeper = walked.env.SLEEPERS.getByName('a');
      await sleeper.program(DAY, ...delays);
      await walked.clock.advance(DAY - 1);
      const today = [...delays].sort((a, b) => a - b).map((ms) => [ms, ms]);
      expect(since(from, await sleeper.all())).toEqual(today);
      await walked.clock.advance(1);
      expect(since(from, await sleeper.all())).toEqual([...today, ['alarm', DAY]]);
      expect(await sleeper.stored()).toBe(from + DAY);
    },
  );

  test('wakes a sleeping object for its alarm', async () => {
    const sim = await start();
    const from = await stand(sim);
    await sim.env.SLEEPERS.getByName('a').program(DAY);
    await sim.objects.evict(sim.env.SLEEPERS.getByName('a'));
    await sim.clock.advance(2 * DAY);
    expect(((await sim.env.SLEEPERS.getByName('a').stored()) ?? 0) - from).toBe(DAY);
  });

  test('refuses rates and steps that are none', async () => {
    const sim = await start();
    for (const rate of [0, -1, 0.01, 1_001, Number.NaN]) {
      await expect(sim.clock.setRate(rate)).rejects.toMatchObject({ code: 'config_invalid' });
    }
    for (const ms of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
      await expect(sim.clock.advance(ms)).rejects.toMatchObject({ code: 'config_invalid' });
    }
  });

  test('says who keeps it from moving on, and is not stopped by it for good', { timeout: 40_000 }, async () => {
    const sim = await start();
    const from = await stand(sim);
    const sleeper = sim.env.SLEEPERS.getByName('restless');
    sleeper.spin().catch(() => {});
    await expect(sim.clock.advance(1_000)).rejects.toMatchObject({
      code: 'clock_stuck',
      message: expect.stringContaining('Sleeper:restless'),
    });
    expect(sim.clock.now()).toBe(from);
    await sim.objects.crash(sim.env.SLEEPERS.getByName('restless'));
    expect(await sim.clock.advance(1_000)).toBe(from + 1_000);
  });
});

describe('an account in several tabs', () => {
  test('has one clock, moved from any of them', async () => {
    const name = account();
    const here = await start({ name, storage: 'indexeddb', machine: 'here' });
    const there = await start({ name, storage: 'indexeddb', machine: 'there' });
    await here.env.SLEEPERS.getByName('a').now();
    const heard: boolean[] = [];
    here.on('clock', ({ isPaused }) => heard.push(isPaused));
    const from = await stand(there);
    const done = there.env.SLEEPERS.getByName('b').relay(4, 1_000);
    await here.env.SLEEPERS.getByName('a').timers(2_500);
    await there.clock.advance(10_000);
    expect((await done) - from).toBe(4_000);
    expect(since(from, await here.env.SLEEPERS.getByName('a').all())).toEqual([[2_500, 2_500]]);
    expect(here.clock.now()).toBe(from + 10_000);
    expect(heard.at(-1)).toBe(true);
    await here.clock.resume();
    expect(here.clock.isPaused).toBe(false);
  });

  test('moves it once at a time', async () => {
    const name = account();
    const here = await start({ name, storage: 'indexeddb', machine: 'here' });
    const there = await start({ name, storage: 'indexeddb', machine: 'there' });
    const from = await stand(here);
    await Promise.all([here.clock.advance(1_000), there.clock.advance(1_000), here.clock.advance(1_000)]);
    expect(await there.clock.advance(0)).toBe(from + 3_000);
  });

  test('goes on from the stored time after it was closed everywhere', async () => {
    const name = account();
    const first = await start({ name, storage: 'indexeddb' });
    await first.clock.pause();
    const at = await first.clock.advance(30 * DAY);
    await open.pop()?.close();
    const second = await start({ name, storage: 'indexeddb' });
    expect([second.clock.now(), second.clock.isPaused]).toEqual([at, true]);
    expect((await second.env.SLEEPERS.getByName('a').now())[0]).toBe(at);
    await second.clock.setRate(10);
    await second.clock.resume();
    const rate = second.clock.rate;
    await open.pop()?.close();
    const third = await start({ name, storage: 'indexeddb' });
    expect([third.clock.rate, third.clock.isPaused]).toEqual([rate, false]);
    expect(third.clock.now()).toBeGreaterThan(at);
  });
});
