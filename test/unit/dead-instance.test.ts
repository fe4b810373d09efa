/** What code of an instance that has ended can do with its storage, when a promise of the platform wakes it up after all. */
import { expect, test } from 'vitest';
import { openHeldObject } from '../support/held-object.ts';
import { settle } from '../support/rpc-realm.ts';
import { sharedEngine } from '../support/storage.ts';

const TEXT = 'Durable Object storage is no longer accessible.';
const REFUSED = JSON.stringify({ message: TEXT, retryable: true, durableObjectReset: true });
const FACES = 20;

/** Lets the program's notes be written, and every task that was posted meanwhile run. */
async function rest(): Promise<void> {
  for (let i = 0; i < 5; i++) await settle();
}

const refused = (noted: string[]): string[] => [...new Set(noted.map((line) => line.slice(line.indexOf(': ') + 2)))];

test('nothing is read or written after a reset, by any face of the storage', async () => {
  const { stub, role, noted, wakeUp, store, resets } = await openHeldObject();
  const call = stub()
    .outlives()
    .catch((error: Error) => error);
  await rest();
  role.reset(new Error('Durable Object reset because its code was updated.'));
  await rest();
  // What was written before is still being stored: callers are told when it is, and the thread lives on until then.
  expect([store.waitingCount, resets]).toEqual([1, []]);
  wakeUp();
  await rest();
  expect(noted).toHaveLength(FACES);
  expect(noted.filter((line) => !line.endsWith(REFUSED))).toEqual([]);
  store.release();
  expect(await call).toMatchObject({ message: 'Durable Object reset because its code was updated.' });
});

test('nor after it ended in good order, by what no event waited for', async () => {
  const { stub, role, noted, wakeUp, store } = await openHeldObject();
  store.isHolding = false;
  await stub().outlivesUnawaited();
  await rest();
  expect(await role.drain()).toBe(undefined);
  wakeUp();
  await rest();
  expect(noted).toHaveLength(FACES);
  expect(refused(noted)).toEqual([REFUSED]);
});

test('a live one may use them all', async () => {
  const { stub, noted, wakeUp, store } = await openHeldObject();
  store.isHolding = false;
  wakeUp();
  await stub().outlives();
  await rest();
  expect(noted).toHaveLength(FACES);
  expect(refused(noted)).not.toContain(REFUSED);
});

test('the turn that ends it goes on with its storage', async () => {
  const { stub, resets, noted, wakeUp, store } = await openHeldObject();
  store.isHolding = false;
  wakeUp();
  await stub()
    .failsInSection()
    .catch(() => {});
  await rest();
  expect(resets).toHaveLength(1);
  expect(noted.slice(0, 3)).toEqual(['in the turn: fine', 'one hop later: fine', 'two hops later: fine']);
});

test('an engine that comes after the end is not used', async () => {
  const engine = await sharedEngine();
  const { stub, role, store } = await openHeldObject();
  store.isHolding = false;
  await stub().put(1);
  await rest();
  expect(role.lendEngine()).toBe(true);
  role.reset(new Error('Durable Object reset because its code was updated.'));
  await rest();
  expect(() => role.useEngine(engine)).not.toThrow();
  expect(role.lendEngine(), 'there is nothing to give up').toBe(false);
});
