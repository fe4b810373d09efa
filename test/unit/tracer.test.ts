import { describe, expect, test } from 'vitest';
import type { EndpointId, MachineId } from '../../src/protocol/names.ts';
import { compareEvents, type TraceActor, type TraceDetail, type TraceEvent } from '../../src/protocol/trace.ts';
import { readBatch, type TraceBatch } from '../../src/protocol/trace-batch.ts';
import { Tracer } from '../../src/protocol/tracer.ts';

const actor = (id: string): TraceActor => ({
  id: id as EndpointId,
  kind: 'object',
  lane: id,
  label: id,
  machine: 'm' as MachineId,
});

function writer(id: string) {
  const batches: TraceBatch[] = [];
  const later: (() => void)[] = [];
  const time = { now: 100, real: 0.5 };
  const tracer = new Tracer({
    now: () => time.now,
    realNow: () => time.real,
    later: (go) => later.push(go),
    hand: (batch) => batches.push(batch),
  });
  tracer.become(actor(id));
  const pass = () => {
    for (const go of later.splice(0)) go();
  };
  return { tracer, batches, later, time, pass, events: () => batches.flatMap(readBatch) };
}

const log = (text: string) => ({ kind: 'log', level: 'log', text }) as const;

describe('a tracer', () => {
  test('writes nothing while it is off, and its questions name no cause', () => {
    const { tracer, later, events } = writer('a');
    expect(tracer.note(log('x'))).toBe(0);
    expect(tracer.send({ kind: 'ask', what: 'call', name: 'm', to: 'b' })).toBeUndefined();
    tracer.deliver({ what: 'call', name: 'm', cause: undefined }, 0);
    tracer.flush();
    expect([later.length, events()]).toEqual([0, []]);
  });

  test('numbers events from 1 and hands them over together, once for all that came meanwhile', () => {
    const { tracer, batches, later, pass } = writer('a');
    tracer.turn(true);
    tracer.note(log('one'));
    tracer.note(log('two'));
    expect(later.length).toBe(1);
    pass();
    tracer.note(log('three'));
    pass();
    expect(batches.map((batch) => readBatch(batch).map(({ number }) => number))).toEqual([[1, 2], [3]]);
  });

  test('says what caused what: the code that runs belongs to the event that was delivered, until its turn is over', () => {
    const { tracer, events, pass } = writer('a');
    tracer.turn(true);
    tracer.deliver({ what: 'call', name: 'm', cause: { actor: 'page', number: 7, lamport: 40 } }, 0);
    const asked = tracer.send({ kind: 'ask', what: 'call', name: 'n', to: 'b' });
    tracer.rest();
    tracer.note(log('later'));
    pass();
    expect(events().map(({ lamport, cause }) => [lamport, cause])).toEqual([
      [41, { actor: 'page', number: 7 }],
      [42, { actor: 'a', number: 1 }],
      [43, undefined],
    ]);
    expect(asked).toEqual({ actor: 'a', number: 2, lamport: 42 });
  });

  test('measures the wait of an event on the machine’s clock', () => {
    const { tracer, events, time, pass } = writer('a');
    tracer.turn(true);
    const since = tracer.stamp();
    time.real = 3;
    tracer.deliver({ what: 'fetch', name: 'GET', cause: undefined }, since);
    pass();
    expect(events()[0]).toMatchObject({ kind: 'deliver', what: 'fetch', name: 'GET', waitedMs: 2.5 });
  });

  test('counts no further than can be counted, whatever a peer said: its questions stay readable', () => {
    const { tracer } = writer('a');
    tracer.turn(true);
    tracer.deliver({ what: 'call', name: 'm', cause: { actor: 'b', number: 1, lamport: Number.MAX_SAFE_INTEGER } }, 0);
    for (let i = 0; i < 3; i++) {
      expect(tracer.send({ kind: 'ask', what: 'call', name: 'n', to: 'b' })?.lamport).toBe(Number.MAX_SAFE_INTEGER);
    }
  });

  test('never tells a time before the one it told last', () => {
    const { tracer, events, time, pass } = writer('a');
    tracer.turn(true);
    tracer.note(log('one'));
    time.now = 50;
    tracer.note(log('two'));
    pass();
    expect(events().map(({ atMs }) => atMs)).toEqual([100, 100]);
  });

  test('keeps what happened before it is known whose events they are', () => {
    const batches: TraceBatch[] = [];
    const tracer = new Tracer({
      now: () => 0,
      realNow: () => 0,
      later: (go) => go(),
      hand: (batch) => batches.push(batch),
    });
    tracer.turn(true);
    tracer.note(log('early'));
    expect(batches).toEqual([]);
    tracer.become(actor('b'));
    tracer.flush();
    expect(batches.map((batch) => [batch.actor.id, readBatch(batch).length])).toEqual([['b', 1]]);
  });

  test('hands a long batch over at once', () => {
    const { tracer, batches } = writer('a');
    tracer.turn(true);
    for (let i = 0; i < 1_100; i++) tracer.note(log('x'));
    expect(batches.map((batch) => readBatch(batch).length)).toEqual([512, 512]);
  });
});

test('a batch tells every kind of event as it was noted', () => {
  const { tracer, events } = writer('a');
  const details: TraceDetail[] = [
    { kind: 'wait', what: 'call', name: 'm' },
    { kind: 'ask', what: 'fetch', name: 'GET', to: 'b' },
    { kind: 'answer', what: 'error', name: '' },
    { kind: 'gate', gate: 'input', state: 'closed', reason: 'transaction' },
    { kind: 'commit', state: 'began', pages: 0 },
    { kind: 'commit', state: 'durable', moment: 3 },
    { kind: 'timer', name: 'setTimeout', delayMs: 2.5 },
    { kind: 'life', step: 'reset', reason: 'Error: x' },
    { kind: 'log', level: 'warn', text: 'ä 日 \ud83d\ude00' },
  ];
  tracer.turn(true);
  for (const detail of details) tracer.note(detail);
  tracer.flush();
  expect(events()).toMatchObject(details);
  expect(events()[5]).not.toHaveProperty('pages');
});

test('a trace is told by time, then by cause, then by actor, whatever order its batches came in', () => {
  const event = (id: string, number: number, lamport: number, atMs: number): TraceEvent => ({
    actor: actor(id),
    number,
    lamport,
    atMs,
    realMs: 0,
    cause: undefined,
    ...log('x'),
  });
  const told = [
    event('a', 1, 1, 5),
    event('b', 1, 2, 5),
    event('a', 2, 3, 5),
    event('b', 2, 3, 5),
    event('b', 3, 1, 6),
  ];
  for (let seed = 1; seed < 30; seed++) {
    const mixed = told
      .map((one, index) => ({ one, key: (index * 7919 * seed) % 13 }))
      .sort((x, y) => x.key - y.key)
      .map(({ one }) => one);
    expect(mixed.sort(compareEvents)).toEqual(told);
  }
});
