/** What a turn sends: when it leaves, and when it never does. */
import { expect, test } from 'vitest';
import { deferred } from '../../src/base/async.ts';
import { OutputGate } from '../../src/gates/output-gate.ts';
import { Outbox } from '../../src/isolate/outbox.ts';

const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

function outbox() {
  const state = { turn: 1 as number | undefined, isWriting: false };
  const left: string[] = [];
  const gate = new OutputGate({ onBroken: () => {} });
  const box = new Outbox({ gate, turn: () => state.turn, isWriting: () => state.isWriting, onEmpty: () => {} });
  const leave = (name: string) => box.leave(() => left.push(name));
  return { state, left, gate, box, leave };
}

test('what a turn sends that does not write leaves in its microtasks, in order', async () => {
  const { left, box, leave } = outbox();
  leave('a');
  leave('b');
  expect([left, box.isEmpty]).toEqual([[], false]);
  for (let i = 0; i < 10; i++) await undefined;
  expect([left, box.isEmpty]).toEqual([['a', 'b'], true]);
});

test('what a turn sent before it wrote leaves when the turn has ended, and not before', async () => {
  const { state, left, box, leave } = outbox();
  leave('a');
  state.isWriting = true;
  await settle();
  expect(left).toEqual([]);
  state.isWriting = false;
  box.turnEnded();
  expect(left).toEqual(['a']);
});

test('what is dropped never leaves', async () => {
  const { left, box, leave } = outbox();
  leave('a');
  box.drop();
  await settle();
  box.turnEnded();
  expect(left).toEqual([]);
});

test('what earlier turns sent leaves when their commits are stored, though a later turn breaks it; what that one sent does not', async () => {
  const { state, left, gate, box, leave } = outbox();
  const stored = deferred();
  gate.lock(stored.promise);
  leave('an answer');
  box.turnEnded();
  state.turn = 2;
  leave('of the turn that breaks');
  box.drop();
  gate.close();
  state.turn = undefined;
  stored.resolve();
  await settle();
  expect(left).toEqual(['an answer']);
});

test('outside of a turn there is only the gate', () => {
  const { state, left, leave } = outbox();
  state.turn = undefined;
  leave('a');
  expect(left).toEqual(['a']);
});

test('what the gate held in an earlier turn waits for no later one', async () => {
  const { state, left, gate, leave } = outbox();
  const durable = deferred<void>();
  gate.lock(durable.promise);
  leave('a');
  state.turn = 2;
  state.isWriting = true;
  leave('b');
  durable.resolve();
  await settle();
  expect(left, 'b was sent by a turn that still may fail').toEqual(['a']);
});
