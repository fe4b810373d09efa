/** An object sleeps as long after its last event as the platform says, neither sooner nor later. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { seededRandom } from '../../src/base/random.ts';
import { IdleWatch } from '../../src/isolate/idle-watch.ts';
import { IDLE_EVICTION_MS, IO_TASK_MS, type LimitsOption, resolveLimits } from '../../src/protocol/limits.ts';
import { openHeldObject } from '../support/held-object.ts';
import { settle } from '../support/rpc-realm.ts';

function watched({
  limits = 'production',
  ioUntilMs = () => Number.NEGATIVE_INFINITY,
  seed = 1,
}: {
  limits?: LimitsOption;
  ioUntilMs?: () => number;
  seed?: number;
} = {}) {
  const clock = new ManualClock();
  const idleAt: number[] = [];
  const work: { held?: string; io?: string } = {};
  const watch = new IdleWatch({
    now: () => clock.now(),
    after: (delayMs, fire) => clock.after(delayMs, fire),
    whyHeld: () => work.held,
    whyIo: () => work.io,
    ioUntilMs,
    limits: resolveLimits(limits),
    random: seededRandom(seed),
    onIdle: () => idleAt.push(clock.now()),
  });
  return { clock, idleAt, watch, work };
}

test('it is told once, so long after the last event, by one timer at a time', async () => {
  const { clock, idleAt, watch } = watched();
  for (let n = 0; n <= 100; n++) {
    watch.touch();
    expect(clock.pending).toBe(1);
    await clock.advance(n === 100 ? 0 : 137);
  }
  const last = clock.now();
  await clock.advance(60_000);
  expect(idleAt).toEqual([last + IDLE_EVICTION_MS]);
  expect(clock.pending).toBe(0);
  watch.touch();
  await clock.advance(IDLE_EVICTION_MS);
  expect(idleAt).toEqual([last + IDLE_EVICTION_MS, clock.now()]);
});

test('what is under way at the time puts it off until so long after its end', async () => {
  const { clock, idleAt, watch, work } = watched();
  work.held = 'an event is under way';
  watch.touch();
  await clock.advance(25_000);
  expect([watch.why, watch.dueMs, watch.isOver]).toEqual(['an event is under way', undefined, false]);
  delete work.held;
  watch.touch();
  await clock.advance(60_000);
  expect(idleAt).toEqual([25_000 + IDLE_EVICTION_MS]);
});

test('I/O of its own keeps it 70 to 140 s after its last event, however often a timer fires', async () => {
  const dues = new Set<number>();
  for (let seed = 1; seed <= 20; seed++) {
    const { clock, idleAt, watch, work } = watched({ seed });
    work.io = 'a timer is armed';
    watch.used();
    const { dueMs = 0 } = watch;
    expect(dueMs).toBeGreaterThanOrEqual(70_000);
    expect(dueMs).toBeLessThanOrEqual(140_000);
    dues.add(dueMs);
    while (idleAt.length === 0) {
      await clock.advance(1_000);
      if (idleAt.length === 0) watch.touch();
    }
    expect(idleAt).toEqual([dueMs]);
    expect(watch.isOver).toBe(true);
  }
  expect(dues.size).toBeGreaterThan(15);
});

test('each event begins that time anew, and I/O that ends leaves the usual 10 s', async () => {
  const { clock, idleAt, watch, work } = watched();
  work.io = 'a call of its own is open';
  watch.used();
  await clock.advance(60_000);
  watch.used();
  await clock.advance(69_999);
  expect(idleAt).toEqual([]);
  delete work.io;
  watch.touch();
  const endedMs = clock.now();
  await clock.advance(20_000);
  expect(idleAt).toEqual([endedMs + IDLE_EVICTION_MS]);
});

test('I/O that ends early leaves 10 s, however long it was allowed to last', async () => {
  const { clock, idleAt, watch, work } = watched({ ioUntilMs: () => IO_TASK_MS });
  work.io = 'a timer is armed';
  watch.used();
  await clock.advance(5 * 60_000);
  delete work.io;
  watch.touch();
  const endedMs = clock.now();
  await clock.advance(60_000);
  expect(idleAt).toEqual([endedMs + IDLE_EVICTION_MS]);
});

test('where I/O prevents eviction it does so until it may no longer', async () => {
  const { clock, idleAt, watch, work } = watched({ ioUntilMs: () => 5_000 + IO_TASK_MS });
  watch.used();
  await clock.advance(5_000);
  work.io = 'a waitUntil promise is pending';
  watch.touch();
  await clock.advance(IO_TASK_MS - 1);
  expect(idleAt).toEqual([]);
  await clock.advance(1);
  expect(idleAt).toEqual([5_000 + IO_TASK_MS]);
});

test('in local workerd it stays for ever', async () => {
  const { clock, idleAt, watch, work } = watched({ limits: 'workerd' });
  work.io = 'a timer is armed';
  watch.used();
  await clock.advance(86_400_000);
  expect([idleAt, watch.dueMs, watch.why, watch.isOver]).toEqual([[], undefined, 'a timer is armed', false]);
});

test('one that is hurried goes as soon as nothing keeps it, and only once', async () => {
  const { clock, idleAt, watch, work } = watched();
  work.held = 'an event is under way';
  watch.touch();
  watch.hurry();
  await clock.advance(3_000);
  watch.touch();
  expect(idleAt).toEqual([]);
  delete work.held;
  watch.touch();
  expect([idleAt, watch.isUsed], 'nobody has reached it yet').toEqual([[], false]);
  watch.used();
  expect(idleAt).toEqual([3_000]);
  watch.touch();
  expect(idleAt).toEqual([3_000]);
});

test('an object with its gates and commits goes as exactly', async () => {
  const { clock, idleAt, store, stub } = await openHeldObject();
  store.isHolding = false;
  const object = stub();
  for (const pauseMs of [3_000, 9_999, 4_321]) {
    await object.put(1);
    await settle();
    await clock.advance(pauseMs, settle);
  }
  await object.put(2);
  await settle();
  const last = clock.now();
  await clock.advance(IDLE_EVICTION_MS - 1, settle);
  expect(idleAt).toEqual([]);
  await clock.advance(1, settle);
  expect(idleAt).toEqual([last + IDLE_EVICTION_MS]);
});

test('an object goes as exactly when those that it called, and that called it, have gone before', async () => {
  const { clock, idleAt, store, stub, endLinks, left } = await openHeldObject();
  store.isHolding = false;
  await stub().putAndCall(1);
  await settle();
  const last = clock.now();
  await clock.advance(IDLE_EVICTION_MS - 1, settle);
  const before = left.length;
  endLinks();
  await settle();
  await clock.advance(1, settle);
  expect(idleAt).toEqual([last + IDLE_EVICTION_MS]);
  expect(left.slice(before)).toEqual([]);
});
