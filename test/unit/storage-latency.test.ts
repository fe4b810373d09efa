/** Storage that is slow on purpose: how long commits wait, and that only the objects that it was set for do. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type SlowObject, StorageFaults } from '../../src/host/storage-faults.ts';
import type { ObjectAddress } from '../../src/protocol/names.ts';
import { StorageLatency } from '../../src/storage/latency.ts';
import { openHeldObject } from '../support/held-object.ts';
import { settle } from '../support/rpc-realm.ts';

function latency() {
  const clock = new ManualClock();
  const storage = new StorageLatency(clock);
  const log: string[] = [];
  const pass = (name: string) => storage.pass()?.then(() => log.push(`${name} at ${clock.now()}`));
  return { clock, storage, log, pass };
}

test('without latency nobody waits', () => {
  expect(latency().storage.pass()).toBe(undefined);
});

test('each waits for the latency, from when it came', async () => {
  const { clock, storage, log, pass } = latency();
  storage.set(100);
  pass('a');
  await clock.advance(30, settle);
  pass('b');
  await clock.advance(69, settle);
  expect(log).toEqual([]);
  await clock.advance(100, settle);
  expect(log).toEqual(['a at 100', 'b at 130']);
  expect(clock.pending).toBe(0);
});

test('a new latency holds for those who wait: a shorter one lets them go sooner, a longer one later, none at once', async () => {
  const { clock, storage, log, pass } = latency();
  storage.set(100);
  pass('a');
  await clock.advance(50, settle);
  storage.set(60);
  await clock.advance(10, settle);
  expect(log).toEqual(['a at 60']);
  pass('b');
  storage.set(200);
  await clock.advance(100, settle);
  expect(log).toEqual(['a at 60']);
  pass('c');
  storage.set(0);
  await settle();
  expect(log).toEqual(['a at 60', 'b at 160', 'c at 160']);
  expect([clock.pending, storage.pass()]).toEqual([0, undefined]);
});

test('what an object sends after a write leaves when the latency is over, what is read does not wait', async () => {
  const { stub, left, store, role, clock } = await openHeldObject();
  role.slowStorage(1_000);
  const answers: unknown[] = [];
  expect(await stub().read()).toBe(undefined);
  stub()
    .put(1)
    .then((answer: unknown) => answers.push(answer));
  await settle();
  store.release();
  await settle();
  await clock.advance(999, settle);
  expect([left, answers, await role.drain()]).toEqual([['result'], [], 'messages wait to leave']);
  await clock.advance(1, settle);
  await settle();
  expect([left, answers]).toEqual([['result', 'result'], [1]]);
  role.slowStorage(0);
  const put = stub().put(2);
  await settle();
  store.release();
  expect(await put).toBe(2);
});

test('one object is slow and the others are not; what is set for one holds whatever is set for all', async () => {
  const heard: string[] = [];
  const object = (name: string): [SlowObject, ObjectAddress] => [
    { slowStorage: async (ms) => void heard.push(`${name} ${ms}`) },
    name as ObjectAddress,
  ];
  const faults = new StorageFaults(() => [object('a'), object('b')]);
  await faults.slow(50, 'a' as ObjectAddress);
  expect([heard.splice(0), faults.latencyOf('b' as ObjectAddress)]).toEqual([['a 50'], 0]);
  await faults.slow(10);
  expect(heard.splice(0)).toEqual(['a 50', 'b 10']);
  await faults.slow(0, 'a' as ObjectAddress);
  expect(heard.splice(0)).toEqual(['a 0']);
  expect(faults.latencyOf('new' as ObjectAddress)).toBe(10);
});
