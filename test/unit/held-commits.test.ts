/**
 * Nothing but errors leaves an object before what it depends on is durable: with commits held nothing has left, with them released all
 * leaves in order, with one failed nothing does and the object is reset.
 */
import { expect, test } from 'vitest';
import { SimulatorError } from '../../src/base/errors.ts';
import { MemoryObject } from '../../src/storage/vault-memory.ts';
import { openHeldObject } from '../support/held-object.ts';
import { settle, show } from '../support/rpc-realm.ts';

test('with commits held nothing leaves but what a method threw: no result or response, no call and no request; released, all do', async () => {
  const { stub, left, store } = await openHeldObject();
  const object = stub();
  const results = Promise.all([
    object.put(1),
    object.throwAfterPut(2).catch((error: Error) => error.message),
    object.fetch('http://a/').then((response: Response) => response.text()),
    object.putAndCall(3),
    object.putAndSend(4),
    object.read(),
  ]);
  await settle();
  expect(left, 'what a method throws waits for no commit, as on the platform').toEqual(['error']);
  expect(store.waitingCount, 'one commit is in flight, the turns after it wait to be the next').toBe(1);
  store.release();
  await settle();
  expect(left, 'fetches are asked first, so that turn was the first').toEqual(['error', 'response']);
  expect(store.waitingCount).toBe(1);
  store.release();
  await settle();
  expect(store.waitingCount).toBe(0);
  // Then the answers of `putAndCall` and `putAndSend`, which wait for what they asked; a call leaves at the end of a turn.
  expect(left).toEqual(['error', 'response', 'result', 'fetch', 'result', 'result', 'call other', 'result']);
  expect(await results).toEqual([1, 'after a write', 'stored', 'noted 3', 4, 4]);
});

test('each message waits for the commits before it and for none after', async () => {
  const { stub, left, store } = await openHeldObject();
  const object = stub();
  const answers: unknown[] = [];
  for (const value of [1, 2, 3]) {
    object.put(value).then((answer: unknown) => answers.push(answer));
    await settle();
  }
  expect([left, store.waitingCount]).toEqual([[], 1]);
  store.release();
  await settle();
  expect([answers, store.waitingCount], 'the two later turns are one commit now').toEqual([[1], 1]);
  object.put(4).then((answer: unknown) => answers.push(answer));
  await settle();
  store.release();
  await settle();
  expect(answers, 'the fourth does not hold what was sent before it').toEqual([1, 2, 3]);
  store.release();
  await settle();
  expect(answers).toEqual([1, 2, 3, 4]);
});

test('a turn that wrote nothing sends at once, unless a commit before it is still on its way', async () => {
  const { stub, left, store } = await openHeldObject();
  const object = stub();
  expect(await object.read()).toBe(undefined);
  expect(left).toEqual(['result']);
  const put = object.put(1);
  const read = object.read();
  await settle();
  expect(left, 'the value read is not durable yet, so nobody may see it').toEqual(['result']);
  store.release();
  expect(await Promise.all([put, read])).toEqual([1, 1]);
});

test('an unconfirmed write holds nothing back, and keeps the object from being evicted until it is durable', async () => {
  const { stub, left, store, role } = await openHeldObject();
  expect(await stub().putUnconfirmed(1)).toBe(1);
  expect(left).toEqual(['result']);
  await settle();
  expect(store.waitingCount).toBe(1);
  expect(await role.drain()).toBe('a commit is pending');
  store.release();
  await settle();
  expect(await role.drain()).toBe(undefined);
});

test('sync() resolves when all writes are durable', async () => {
  const { stub, left, store, role } = await openHeldObject();
  const synced = stub().putAndSync(1);
  await settle();
  expect(left).toEqual([]);
  expect(await role.drain()).toBe('an event is under way');
  store.release();
  expect(await synced).toBe(1);
});

test('an object whose messages wait to leave is not evicted', async () => {
  const { stub, store, role } = await openHeldObject();
  const put = stub().put(1);
  await settle();
  expect(await role.drain()).toBe('messages wait to leave');
  store.release();
  await put;
  expect(await role.drain()).toBe(undefined);
});

/** What the platform says, whatever the browser said: that is for the log. */
const RESET =
  'THROWS Error(Error): Internal error in Durable Object storage write caused object to be reset; reference = … ' +
  '{"durableObjectReset":true}';
const LOST = 'THROWS Error(Error): Network connection lost. {"retryable":true,"indeterminate":true}';

test.each([
  ['no room', new SimulatorError('quota', 'There is no room.'), RESET],
  ['a broken disk', new SimulatorError('storage_failed', 'It broke.'), RESET],
  // Another instance has the object now: this one's callers are cut off, and what they asked may have been done or not.
  ['a newer instance', new SimulatorError('fenced', 'A newer one writes.'), LOST],
])(
  'when a commit fails for %s nothing leaves, the object is reset, and every caller hears of it',
  async (_why, error, told) => {
    const stored = new MemoryObject();
    const { stub, left, store, resets } = await openHeldObject(stored);
    const object = stub();
    const asked = [object.put(1), object.putAndCall(2), object.putAndSend(3), object.read()];
    const heard = Promise.all(asked.map(async (call) => withoutPlace(await show(() => call))));
    await settle();
    expect([left, store.waitingCount]).toEqual([[], 1]);
    store.fail(error);
    expect(await heard).toEqual([told, told, told, told]);
    expect(left, 'neither answers nor calls nor requests').toEqual([]);
    expect(resets).toHaveLength(1);
    expect(resets[0]?.message).toContain(`SimulatorError: ${error.message}`);
    expect(await show(() => object.read()), 'its stub stays broken').toMatch(/^THROWS /);
    const next = await openHeldObject(stored);
    expect(await next.stub().read(), 'the next instance finds nothing of it').toBe(undefined);
    const put = next.stub().put(5);
    await settle();
    next.store.release();
    expect(await put).toBe(5);
  },
);

test('a call that waits behind a closed gate of a fenced instance lost its connection too: nothing of ours is told', async () => {
  const { stub, store } = await openHeldObject();
  const object = stub();
  const asked = [object.put(1), object.waitsInSection(1000), object.read()];
  const heard = Promise.all(asked.map(async (call) => withoutPlace(await show(() => call))));
  await settle();
  store.fail(new SimulatorError('fenced', 'A newer one writes.'));
  expect(await heard).toEqual([LOST, LOST, LOST]);
});

/** A field that is there and undefined is of no interest here. */
const withoutPlace = (line: string) =>
  line.replace('"location":"<undefined>",', '').replace(/reference = [0-9a-v]{24}/, 'reference = …');
