import { describe, expect, test } from 'vitest';
import type { EndpointId, MachineId } from '../../src/protocol/names.ts';
import { compareEvents, type TraceActor, type TraceDetail, type TraceEvent } from '../../src/protocol/trace.ts';
import type { TraceBatch } from '../../src/protocol/trace-batch.ts';
import { readBatch } from '../../src/protocol/trace-reader.ts';
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

  test('reads the program’s clock once while the machine’s stands, and never tells less than the program was told', () => {
    const batches: TraceBatch[] = [];
    const time = { now: 100, last: 0, real: 1, readings: 0 };
    const tracer = new Tracer({
      now: () => {
        time.readings++;
        time.last = time.now;
        return time.now;
      },
      lastNow: () => time.last,
      realNow: () => time.real,
      later: () => {},
      hand: (batch) => batches.push(batch),
    });
    tracer.become(actor('a'));
    tracer.turn(true);
    tracer.deliver({ what: 'call', name: 'm', cause: undefined });
    time.now = 101;
    tracer.note(log('not read again'));
    time.last = 101;
    tracer.note(log('the program has looked'));
    time.now = 102;
    tracer.deliver({ what: 'call', name: 'n', cause: { actor: 'b', number: 1, lamport: 1 } });
    time.now = 103;
    time.real = 1.1;
    tracer.note(log('the machine’s has moved'));
    tracer.flush();
    expect(batches.flatMap(readBatch).map(({ atMs }) => atMs)).toEqual([100, 100, 101, 102, 103]);
    expect(time.readings).toBe(3);
  });

  test('hands over by itself what a long turn keeps from being called for', () => {
    const { tracer, batches, later, time } = writer('a');
    tracer.turn(true);
    for (let i = 0; i < 25; i++) {
      tracer.note(log('x'));
      time.real += 10;
    }
    expect(batches.map(({ count }) => count)).toEqual([12, 11]);
    expect(later.length).toBe(1);
  });

  test('says how much it had to hand over, to who chooses when it does so again', () => {
    const counts: number[] = [];
    const later: (() => void)[] = [];
    const tracer = new Tracer({
      now: () => 0,
      realNow: () => 0,
      later(go, lastCount) {
        later.push(go);
        counts.push(lastCount);
      },
      hand: () => {},
    });
    tracer.become(actor('a'));
    tracer.turn(true);
    for (const count of [3, 1, 2]) {
      for (let i = 0; i < count; i++) tracer.note(log('x'));
      later.pop()?.();
    }
    expect(counts).toEqual([0, 3, 1]);
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
    for (let i = 0; i < 70_000; i++) tracer.note(log('x'));
    expect(batches.map((batch) => readBatch(batch).length)).toEqual([32_768, 32_768]);
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

describe('a batch', () => {
  const delivery = (name: string, number: number, lamport: number) =>
    ({ what: 'call', name, cause: { actor: `actor of ${name}`, number, lamport } }) as const;

  test('tells times and causes as they were noted, however far they are from where it began', () => {
    const { tracer, events, time } = writer('a');
    tracer.turn(true);
    const told: unknown[] = [];
    const note = (name: string, number: number, lamport: number, waitedMs = 0) => {
      tracer.deliver(delivery(name, number, lamport), waitedMs === 0 ? 0 : time.real - waitedMs);
      const { now: atMs, real: realMs } = time;
      told.push({ name, atMs, realMs, waitedMs, lamport: lamport + 1, cause: { actor: `actor of ${name}`, number } });
    };
    note('first', 1, 10);
    time.real += 0.125;
    note('first', 2, 11, 0.0625);
    time.now += 1;
    note('after a millisecond', 3, 12);
    time.now += 2 ** 32;
    note('months later', 4, 13);
    note('of a peer that counts from anywhere', 2 ** 53 - 1, 2 ** 40);
    time.real += 2 ** 32;
    note('real months later', 5, 2 ** 40 + 1, 0.5);
    note('and at once', 6, 2 ** 40 + 2);
    tracer.flush();
    expect(events()).toMatchObject(told as TraceEvent[]);
  });

  test('tells what no two events have in common, and what many have', () => {
    const { tracer, events } = writer('a');
    tracer.turn(true);
    const names = Array.from({ length: 1000 }, (_, i) => `m${i % 2 === 0 ? i : i % 7}`);
    names.forEach((name, i) => {
      tracer.deliver(delivery(name, i + 1, i));
      tracer.answer('value', name);
    });
    tracer.flush();
    const told = events();
    expect(told.map(({ number }) => number)).toEqual(Array.from({ length: 2000 }, (_, i) => i + 1));
    expect(told.map((event) => [event.kind, event.kind === 'deliver' && event.name, event.cause?.actor])).toEqual(
      names.flatMap((name) => [
        ['deliver', name, `actor of ${name}`],
        ['answer', false, 'a'],
      ]),
    );
  });

  test('goes with its words: what is noted later is in none of those that were handed over', () => {
    const { tracer, batches, pass } = writer('a');
    tracer.turn(true);
    for (const text of ['one', 'two', 'three']) {
      tracer.note(log(text));
      pass();
    }
    expect(batches.flatMap(readBatch).map((event) => event.kind === 'log' && event.text)).toEqual([
      'one',
      'two',
      'three',
    ]);
    expect(new Set(batches.map(({ words }) => words.buffer)).size).toBe(3);
  });
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
