/** What may wait for an object: each limit by itself, with the platform's text, on a queue that the test empties. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type AdmissionLimits, admission } from '../../src/isolate/admission.ts';
import { resolveLimits } from '../../src/protocol/limits.ts';
import type { Delivery } from '../../src/rpc/session.ts';
import { openHeldObject } from '../support/held-object.ts';
import { settle } from '../support/rpc-realm.ts';
import { seenError } from '../support/seen-error.ts';

function object(limits: Partial<AdmissionLimits>) {
  const clock = new ManualClock();
  const waiting: Delivery[] = [];
  const log: string[] = [];
  const main = { deliver: (delivery: Delivery) => void waiting.push(delivery) };
  const gate = admission({
    main,
    limits: { ...resolveLimits('production'), ...limits },
    now: () => clock.now(),
    after: (delayMs, fire) => clock.after(delayMs, fire),
  });
  return {
    clock,
    log,
    waiting,
    isFree: gate === main,
    send: (name: string, sizeBytes = 0) =>
      gate.deliver({
        arrived: undefined,
        sizeBytes,
        entry: undefined,
        run: async () => void log.push(`${name} ran`),
        fail: (error, flags) => void log.push(`${name}: ${(error as Error).message} ${JSON.stringify(flags)}`),
      }),
    /** The gate lets the next one in, whatever became of it. */
    take: () => waiting.shift()?.run({}),
  };
}

async function rest(): Promise<void> {
  for (let i = 0; i < 5; i++) await settle();
}

const said = (name: string, text: string) => `${name}: Durable Object is overloaded. ${text} {"overloaded":true}`;

test('nothing is limited unless somebody says so', () => {
  expect(object({}).isFree).toBe(true);
  expect([resolveLimits('workerd'), resolveLimits()].map((limits) => limits.queuedRequestCount)).toEqual([
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
  ]);
});

test('as many requests wait as may; what was taken makes room', async () => {
  const { send, take, log, waiting } = object({ queuedRequestCount: 2 });
  for (const name of ['a', 'b', 'c']) send(name);
  expect(log).toEqual([said('c', 'Too many requests queued.')]);
  await take();
  for (const name of ['d', 'e']) send(name);
  expect(log.slice(1)).toEqual(['a ran', said('e', 'Too many requests queued.')]);
  await take();
  await take();
  expect([log.slice(3), waiting.length]).toEqual([['b ran', 'd ran'], 0]);
});

test('no more waits than may in bytes, whatever the number', async () => {
  const { send, take, log } = object({ queuedRequestBytes: 100 });
  send('a', 60);
  send('b', 40);
  send('c', 1);
  send('d', 0);
  expect(log).toEqual([said('c', 'Too much data queued.')]);
  await take();
  send('e', 61);
  send('f', 60);
  expect(log.slice(1)).toEqual(['a ran', said('e', 'Too much data queued.')]);
});

test('what waits for too long is refused then, oldest first, and is not run when its turn comes', async () => {
  const { send, take, log, clock } = object({ queuedRequestMs: 1_000 });
  send('a');
  await clock.advance(400);
  send('b');
  await clock.advance(599);
  expect(log).toEqual([]);
  await clock.advance(1);
  expect(log).toEqual([said('a', 'Requests queued for too long.')]);
  await clock.advance(399);
  send('c');
  await take();
  await take();
  expect(log.slice(1)).toEqual(['b ran']);
  await clock.advance(1_000);
  expect(log.slice(2)).toEqual([said('c', 'Requests queued for too long.')]);
  expect(clock.pending).toBe(0);
});

test('no timer stays when nothing waits', async () => {
  const { send, take, clock, log } = object({ queuedRequestMs: 1_000 });
  send('a');
  await take();
  expect([clock.pending, log]).toEqual([0, ['a ran']]);
});

test('so many requests come within ten seconds, however soon they are taken; refused ones count for nothing', async () => {
  const { send, take, log, clock } = object({ requestsPer10s: 2 });
  const text = 'Too many requests for the same object within a 10 second window.';
  for (const name of ['a', 'b']) {
    send(name);
    await take();
    await clock.advance(4_000);
  }
  send('c');
  expect(log.slice(2)).toEqual([said('c', text)]);
  await clock.advance(1_999);
  send('d');
  await clock.advance(1);
  send('e');
  send('f');
  await take();
  expect(log.slice(3)).toEqual([said('d', text), said('f', text), 'e ran']);
});

test('when the object ends, what was refused hears nothing more and what waits hears of the end', () => {
  const { send, log, waiting } = object({ queuedRequestCount: 1 });
  send('a');
  send('b');
  for (const one of waiting) {
    one.fail(new Error('reset'), { durableObjectReset: true });
    one.fail(new Error('once more'));
  }
  expect(log).toEqual([said('b', 'Too many requests queued.'), 'a: reset {"durableObjectReset":true}']);
});

test('an object refuses calls and fetches while its gate is closed, and goes on', async () => {
  const { stub, clock } = await openHeldObject(undefined, { queuedRequestCount: 1, queuedRequestMs: 5_000 });
  const object = stub();
  await object.read();
  const section = object.waitsInSection(8_000);
  await rest();
  const waits = object.read().catch(seenError);
  await rest(); // fetches leave before calls
  const [called, fetched] = [object.read(), stub().fetch('http://x/')];
  const overloaded = (text: string) => ({ message: `Durable Object is overloaded. ${text}`, overloaded: true });
  const refused = await Promise.all([called, fetched].map((call) => call.catch((error: Error) => error)));
  for (const error of refused) expect(error).toMatchObject(overloaded('Too many requests queued.'));
  await clock.advance(5_000, settle);
  expect(await waits).toEqual(overloaded('Requests queued for too long.'));
  await clock.advance(3_000, settle);
  expect(await section).toBe('over');
  expect(await object.read()).toBe(undefined);
});
