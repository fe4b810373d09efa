import { expect, test } from 'vitest';
import { ManualClock, type VirtualMs } from '../../src/base/clock.ts';
import { SimulatorError } from '../../src/base/errors.ts';
import { seededRandom } from '../../src/base/random.ts';
import { AlarmRunner, AT_ONCE, type Leading } from '../../src/host/alarm-runner.ts';
import { PATIENCE_MS } from '../../src/host/alarm-watch.ts';
import { SoleLeases } from '../../src/network/lease.ts';
import type { AlarmOrder, AlarmOutcome } from '../../src/protocol/alarms.ts';
import { asAccount, type ObjectAddress, objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { openVault } from '../../src/storage/vault.ts';

const KEY = uniqueKey('worker', 'Alarmed');
const START_MS = 1_000_000;
const DAY_MS = 86_400_000;
const FAILED: AlarmOutcome = { did: 'fail', isCounted: true };

/** What an object's log says, and what its handler does. */
interface Object {
  alarm: number | null;
  sequence: number;
  restoreTo: number | null;
  isUnreachable?: true;
  handler: (order: Extract<AlarmOrder, { o: 'run' }>) => Promise<AlarmOutcome> | AlarmOutcome;
}

const settle = async () => {
  for (let i = 0; i < 60; i++) await Promise.resolve();
};

/** An account whose objects are these. */
async function account() {
  const { vault } = await openVault({ mode: 'memory', account: asAccount('alarms') });
  const clock = new ManualClock<VirtualMs>(START_MS);
  const leases = new SoleLeases();
  const objects = new Map<ObjectAddress, Object>();
  const runs: { id: string; atMs: number; retryCount: number; scheduledMs: number }[] = [];
  const abandoned: string[] = [];
  const errors: unknown[] = [];
  const leader = { isAwake: true };
  const notes = vault.account;

  const give = async (id: string, order: AlarmOrder): Promise<AlarmOutcome> => {
    const object = objects.get(objectAddress(KEY, id));
    if (!object) throw new SimulatorError('config_invalid', 'no such class');
    if (object.isUnreachable) throw new SimulatorError('peer_gone', 'it is ending');
    if (order.o === 'run-now') throw new Error('nobody asks that of a runner');
    if (order.scheduledMs !== object.alarm) return { did: 'nothing', alarm: object.alarm, sequence: object.sequence };
    if (order.o === 'abandon') {
      abandoned.push(id);
      await set(id, null);
      return { did: 'run' };
    }
    runs.push({
      id,
      atMs: clock.now() - START_MS,
      retryCount: order.retryCount,
      scheduledMs: order.scheduledMs - START_MS,
    });
    const outcome = await object.handler(order);
    if (outcome.did === 'run' && object.alarm === order.scheduledMs) await set(id, null);
    return outcome;
  };

  /** Commits an alarm as an object's log does: the index first. @param inMs from the start */
  async function set(id: string, inMs: number | null, handler?: Object['handler']): Promise<void> {
    const address = objectAddress(KEY, id);
    const before = objects.get(address) ?? { sequence: 0, restoreTo: null, handler: () => ({ did: 'run' }) as const };
    const alarm = inMs === null ? null : START_MS + inMs;
    const sequence = before.sequence + 1;
    await notes.noteAlarm({ address, namespace: KEY, id, alarm, sequence });
    objects.set(address, { ...before, alarm, sequence, ...(handler ? { handler } : {}) });
  }

  const runner = () =>
    new AlarmRunner({
      begin: () => () => {},
      index: vault.account,
      clock,
      random: seededRandom(7),
      realClock: clock as unknown as ManualClock,
      lead: (how): Promise<Leading> => leases.acquire('clock', how),
      isLeaderAwake: async () => leader.isAwake,
      readHead: async (address) => objects.get(address),
      give: ({ id }, order) => give(id, order),
      onError: (error) => errors.push(error),
    });
  const advance = async (ms: number) => {
    await settle();
    await clock.advance(ms, settle);
    await settle();
  };
  return { vault, clock, leases, objects, runs, abandoned, errors, set, runner, advance, leader };
}

test('an alarm is run at its time, once, and then there is none', async () => {
  const { set, runner, advance, runs, vault, errors } = await account();
  await set('a', 500);
  runner().follow();
  await advance(499);
  expect(runs).toEqual([]);
  await advance(1);
  expect(runs).toEqual([{ id: 'a', atMs: 500, retryCount: 0, scheduledMs: 500 }]);
  await advance(DAY_MS);
  expect(runs).toHaveLength(1);
  expect(await vault.account.dueAlarms(Number.MAX_SAFE_INTEGER, 9)).toEqual([]);
  expect(errors).toEqual([]);
});

test('one that is overdue at the start is run at once, and one that is set later by its own time', async () => {
  const { set, runner, advance, runs } = await account();
  await set('late', -DAY_MS);
  await set('b', 1000);
  const first = runner();
  first.follow();
  await advance(0);
  expect(runs.map(({ id }) => id)).toEqual(['late']);
  await set('c', 10);
  first.poke(0);
  await advance(10);
  expect(runs.map(({ id }) => id)).toEqual(['late', 'c']);
  await advance(990);
  expect(runs.map(({ id, atMs }) => [id, atMs])).toEqual([
    ['late', 0],
    ['c', 10],
    ['b', 1000],
  ]);
});

test('one that is further away than a timer can wait is not early', async () => {
  const { set, runner, advance, runs } = await account();
  await set('far', 60 * DAY_MS);
  runner().follow();
  await advance(60 * DAY_MS - 1);
  expect(runs).toEqual([]);
  await advance(1);
  expect(runs.map(({ atMs }) => atMs)).toEqual([60 * DAY_MS]);
});

test('a failure comes again after 2 s x 2^n and up to a quarter more; after six retries the alarm is taken away', async () => {
  const { set, runner, advance, runs, abandoned, objects } = await account();
  await set('a', 0, () => FAILED);
  runner().follow();
  await advance(DAY_MS);
  expect(runs.map(({ retryCount }) => retryCount)).toEqual([0, 1, 2, 3, 4, 5, 6]);
  expect(new Set(runs.map(({ scheduledMs }) => scheduledMs))).toEqual(new Set([0]));
  const pauses = runs.slice(1).map(({ atMs }, i) => atMs - (runs[i]?.atMs ?? 0));
  for (const [n, pauseMs] of pauses.entries()) {
    expect(pauseMs).toBeGreaterThanOrEqual(2000 * 2 ** n);
    expect(pauseMs).toBeLessThanOrEqual(2500 * 2 ** n + 10);
  }
  // Jitter: not all of them are the least that they may be.
  expect(pauses.some((pauseMs, n) => pauseMs > 2000 * 2 ** n)).toBe(true);
  expect(abandoned).toEqual(['a']);
  expect(objects.get(objectAddress(KEY, 'a'))?.alarm).toBeNull();
});

test('failures that are not the program’s doing are tried for ever, at most 2 s x 2^9 and a quarter apart', async () => {
  const { set, runner, advance, runs, abandoned } = await account();
  await set('a', 0, () => ({ did: 'fail', isCounted: false }));
  runner().follow();
  await advance(DAY_MS);
  expect(runs.length).toBeGreaterThan(70);
  expect(new Set(runs.map(({ retryCount }) => retryCount))).toEqual(new Set([0]));
  const last = runs.slice(-2).map(({ atMs }) => atMs) as [number, number];
  expect(last[1] - last[0]).toBeGreaterThanOrEqual(1_024_000);
  expect(last[1] - last[0]).toBeLessThanOrEqual(1_280_010);
  expect(abandoned).toEqual([]);
});

test('an object that cannot be started does not count, and is said', async () => {
  const { set, runner, advance, objects, runs, errors } = await account();
  await set('a', 0);
  const address = objectAddress(KEY, 'a');
  const object = objects.get(address) as Object;
  let isBroken = true;
  object.handler = () => {
    if (isBroken) throw new SimulatorError('bundle_failed', 'index.js failed');
    return { did: 'run' };
  };
  runner().follow();
  await advance(1000);
  expect(errors).toMatchObject([{ code: 'bundle_failed' }]);
  isBroken = false;
  await advance(2010);
  expect(runs.map(({ retryCount }) => retryCount)).toEqual([0, 0]);
  expect(object.alarm).not.toBeUndefined();
});

test('a handler that sets another alarm and fails is not retried: the new alarm is run, as no retry', async () => {
  const { set, runner, advance, runs } = await account();
  let isFirst = true;
  await set('a', 0, async () => {
    if (!isFirst) return { did: 'run' };
    isFirst = false;
    await set('a', 30);
    return FAILED;
  });
  runner().follow();
  await advance(29);
  expect(runs).toHaveLength(1);
  await advance(DAY_MS);
  expect(runs.map(({ atMs, retryCount, scheduledMs }) => [atMs, retryCount, scheduledMs])).toEqual([
    [0, 0, 0],
    [30, 0, 30],
  ]);
});

test('a handler that deletes its alarm and fails is not retried', async () => {
  const { set, runner, advance, runs } = await account();
  await set('a', 0, async () => {
    await set('a', null);
    return FAILED;
  });
  runner().follow();
  await advance(DAY_MS);
  expect(runs).toHaveLength(1);
});

test('a program that gives its alarm up is not asked again', async () => {
  const { set, runner, advance, runs, abandoned } = await account();
  await set('a', 0, () => ({ did: 'give-up' }));
  runner().follow();
  await advance(DAY_MS);
  expect(runs).toHaveLength(1);
  expect(abandoned).toEqual(['a']);
});

test('an alarm that could not be taken away yet is not run again, and taken away later', async () => {
  const { set, runner, advance, runs, abandoned, objects } = await account();
  await set('a', 0, () => {
    // As when the instance is ending: the next order does not reach it.
    const address = objectAddress(KEY, 'a');
    const object = objects.get(address) as Object;
    objects.set(address, { ...object, isUnreachable: true });
    return { did: 'give-up' };
  });
  runner().follow();
  await advance(1000);
  expect(abandoned).toEqual([]);
  delete (objects.get(objectAddress(KEY, 'a')) as Object).isUnreachable;
  await advance(DAY_MS);
  expect(runs).toHaveLength(1);
  expect(abandoned).toEqual(['a']);
});

test('an entry that is wrong costs a look and never a run', async () => {
  const { set, runner, advance, runs, vault } = await account();
  await set('early', 1000);
  await set('none', null);
  // Each as a crash leaves it: before the commit that would have set an alarm, and after one that moved or took it away.
  await vault.account.noteAlarm({
    address: objectAddress(KEY, 'early'),
    namespace: KEY,
    id: 'early',
    alarm: START_MS,
    sequence: 1,
  });
  await vault.account.noteAlarm({
    address: objectAddress(KEY, 'none'),
    namespace: KEY,
    id: 'none',
    alarm: START_MS,
    sequence: 1,
  });
  await vault.account.noteAlarm({
    address: objectAddress(KEY, 'gone'),
    namespace: KEY,
    id: 'gone',
    alarm: START_MS,
    sequence: 1,
  });
  runner().follow();
  await advance(0);
  expect(runs).toEqual([]);
  expect(await vault.account.dueAlarms(Number.MAX_SAFE_INTEGER, 9)).toMatchObject([
    { id: 'early', timeMs: START_MS + 1000 },
  ]);
  await advance(1000);
  expect(runs.map(({ id, atMs }) => [id, atMs])).toEqual([['early', 1000]]);
});

test('an entry of a commit that is yet to come is settled by the object itself', async () => {
  const { set, runner, advance, runs, objects, vault } = await account();
  await set('a', null);
  const address = objectAddress(KEY, 'a');
  await vault.account.noteAlarm({ address, namespace: KEY, id: 'a', alarm: START_MS + 5, sequence: 2 });
  runner().follow();
  await advance(5);
  // The writer died: the next opening has taken that place in the log.
  expect(runs).toEqual([]);
  expect(await vault.account.dueAlarms(Number.MAX_SAFE_INTEGER, 9)).toHaveLength(1);
  (objects.get(address) as Object).sequence = 2;
  await advance(5000);
  expect(await vault.account.dueAlarms(Number.MAX_SAFE_INTEGER, 9)).toEqual([]);
});

test('one run at a time for an object, however often the runner is told', async () => {
  const { set, runner, advance, runs } = await account();
  let end = () => {};
  await set(
    'a',
    0,
    () =>
      new Promise((resolve) => {
        end = () => resolve({ did: 'run' });
      }),
  );
  const first = runner();
  first.follow();
  for (let i = 0; i < 5; i++) {
    first.poke(0);
    await advance(1000);
  }
  expect(runs).toHaveLength(1);
  end();
  await advance(DAY_MS);
  expect(runs).toHaveLength(1);
});

test('many that are due at once are begun a few at a time, and handlers that take long keep nobody waiting', async () => {
  const { set, runner, advance, runs } = await account();
  for (let i = 0; i < AT_ONCE; i++) await set(`slow ${i}`, 0, () => new Promise(() => {}));
  for (let i = 0; i < 200; i++) await set(`quick ${i}`, 1);
  runner().follow();
  await advance(1);
  expect(runs).toHaveLength(AT_ONCE);
  await advance(60_000);
  expect(runs).toHaveLength(AT_ONCE + 200);
});

test('when the machine that runs alarms dies, the next one goes on: with what is overdue, and with the retries as they were', async () => {
  const { set, runner, advance, runs, leases } = await account();
  await set('fails', 0, () => FAILED);
  await set('later', 5000);
  const [first, second] = [runner(), runner()];
  first.follow();
  second.follow();
  await advance(2500);
  expect(first.isLeading).toBe(true);
  expect(second.isLeading).toBe(false);
  expect(runs.map(({ retryCount }) => retryCount)).toEqual([0, 1]);
  first.close();
  await advance(0);
  expect(second.isLeading).toBe(true);
  await advance(5000);
  expect(runs.map(({ id, retryCount }) => [id, retryCount])).toEqual([
    ['fails', 0],
    ['fails', 1],
    ['later', 0],
    ['fails', 2],
  ]);
  second.close();
  expect(await leases.held('clock')).toEqual([]);
});

test('one that is robbed of the lease begins nothing more, and waits for its turn', async () => {
  const { set, runner, advance, runs, leases } = await account();
  await set('a', 100);
  const first = runner();
  first.follow();
  await advance(0);
  const thief = await leases.acquire('clock', { steal: true });
  await advance(1000);
  expect(first.isLeading).toBe(false);
  expect(runs).toEqual([]);
  thief.release();
  await advance(0);
  expect(first.isLeading).toBe(true);
  expect(runs).toHaveLength(1);
});

test('one that yields lets another machine lead until it follows again', async () => {
  const { set, runner, advance, runs } = await account();
  const [first, second] = [runner(), runner()];
  first.follow();
  await advance(0);
  second.follow();
  first.yield();
  await advance(0);
  expect([first.isLeading, second.isLeading]).toEqual([false, true]);
  await set('a', 10);
  second.poke(0);
  await advance(10);
  expect(runs).toHaveLength(1);
  first.follow();
  second.close();
  await advance(0);
  expect(first.isLeading).toBe(true);
});

test('a leader that stands still is robbed a while after an alarm should have been run; one that answers is not', async () => {
  const { set, runner, advance, runs, leases, leader } = await account();
  await leases.acquire('clock');
  const second = runner();
  second.follow();
  await set('a', 1000);
  second.poke(START_MS + 1000);
  await advance(60_000);
  expect(second.isLeading).toBe(false);
  expect(runs).toEqual([]);
  leader.isAwake = false;
  await advance(PATIENCE_MS);
  expect(second.isLeading).toBe(true);
  expect(runs).toHaveLength(1);
});
