/**
 * What a trace looks like as a picture, and in words.
 */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Intervals } from '../../playground/intervals.ts';
import { axisOf, FOLD_MS, FOLD_WIDTH, firstFrom, standingIn } from '../../playground/timeline-axis.ts';
import { layOut, pathOf, stepFrom, type Timeline } from '../../playground/timeline-model.ts';
import { elapsed, sentenceOf, whatOf } from '../../playground/timeline-words.ts';
import { MadeTrace } from '../support/made-trace.ts';

function threeActors() {
  const trace = new MadeTrace();
  return {
    trace,
    object: trace.actor('object', 'Counter:a'),
    client: trace.actor('client', 'client'),
    worker: trace.actor('worker', 'counters'),
  };
}

const spans = ({ spans, lanes }: Timeline) =>
  spans.all.map(({ kind, lane, from, to }) => `${lanes[lane]?.label} ${kind} ${from}-${to}`);
const lives = ({ lives }: Timeline) => lives.all.map(({ state, from, to }) => `${state} ${from}-${to}`);

describe('lanes', () => {
  test('clients come first, then Workers, then objects; instances share theirs, and names differ', () => {
    const { trace, object, client, worker } = threeActors();
    const again = trace.actor('object', 'Counter:a', { lane: object.actor.lane, id: 'second instance' });
    const otherTab = trace.actor('client', 'client', { lane: 'other tab' });
    object.note({ kind: 'life', step: 'start', reason: '' });
    worker.note({ kind: 'life', step: 'start', reason: '' });
    client.note({ kind: 'ask', what: 'call', name: 'x', to: object.actor.lane });
    again.note({ kind: 'life', step: 'start', reason: '' });
    otherTab.note({ kind: 'ask', what: 'call', name: 'x', to: object.actor.lane });
    const picture = layOut(trace.events);
    expect(picture.lanes.map(({ label }) => label)).toEqual(['client', 'client 2', 'counters', 'Counter:a']);
    expect([...picture.laneOf]).toEqual([3, 2, 0, 3, 1]);
  });
});

describe('causes', () => {
  test('a call leads to the object and back; what only stays on its lane is no link', () => {
    const { trace, object, client } = threeActors();
    trace.call(client, object, 'increment');
    const picture = layOut(trace.events);
    expect([...picture.causeOf]).toEqual([-1, 0, 1, 2]);
    expect(picture.links.all.map(({ cause, effect }) => [cause, effect])).toEqual([
      [0, 1],
      [2, 3],
    ]);
    expect(whatOf(trace.events[0] as never, (lane) => lane)).toBe('asks Counter:a: increment');
  });

  test('a cause that is not kept any more is none', () => {
    const { trace, object, client } = threeActors();
    trace.call(client, object, 'increment');
    expect([...layOut(trace.events.slice(1)).causeOf]).toEqual([-1, 0, 1]);
  });

  test('the path of an event is what led to it and what it led to, and nothing else', () => {
    const { trace, object, client } = threeActors();
    trace.call(client, object, 'one');
    trace.call(client, object, 'two');
    expect([...pathOf(layOut(trace.events), 5)].sort()).toEqual([4, 5, 6, 7]);
  });

  test('steps go along the events, between lanes, and along causes; at an end they stay', () => {
    const { trace, object, client } = threeActors();
    trace.call(client, object, 'one');
    trace.call(client, object, 'two');
    const picture = layOut(trace.events);
    const walk = (from: number, ...steps: Parameters<typeof stepFrom>[2][]) =>
      steps.map((step) => {
        from = stepFrom(picture, from, step);
        return from;
      });
    expect(walk(-1, 'next', 'first', 'previous', 'next', 'last', 'next')).toEqual([7, 0, 0, 1, 7, 7]);
    expect(walk(0, 'down', 'down', 'up')).toEqual([1, 1, 0]);
    expect(walk(7, 'cause', 'cause', 'cause', 'cause', 'effect', 'effect')).toEqual([6, 5, 4, 4, 5, 6]);
    expect(stepFrom(layOut([]), -1, 'next')).toBe(-1);
  });
});

describe('waiting and gates', () => {
  test('a wait lasts until the delivery of the same question, though another of the same name comes first', () => {
    const { trace, object, client } = threeActors();
    const ask = () => client.note({ kind: 'ask', what: 'call', name: 'x', to: object.actor.lane });
    const [one, two] = [ask(), ask()];
    object.note({ kind: 'wait', what: 'call', name: 'x' }, one);
    object.note({ kind: 'wait', what: 'call', name: 'x' }, two);
    object.note({ kind: 'deliver', what: 'call', name: 'x', waitedMs: 5 }, two);
    object.note({ kind: 'deliver', what: 'call', name: 'x', waitedMs: 6 }, one);
    expect(spans(layOut(trace.events))).toEqual(['Counter:a wait 2-5', 'Counter:a wait 3-4']);
  });

  test('a delivery that had waited without an event of its own waited since then', () => {
    const { trace, object, client } = threeActors();
    for (const ms of [0, 10, 20]) {
      trace.nowMs = ms;
      client.note({ kind: 'ask', what: 'call', name: 'x', to: object.actor.lane });
    }
    trace.nowMs = 30;
    object.note({ kind: 'deliver', what: 'call', name: 'x', waitedMs: 15 }, trace.events[0]);
    object.note({ kind: 'deliver', what: 'call', name: 'x', waitedMs: 0.4 }, trace.events[1]);
    expect(spans(layOut(trace.events))).toEqual(['Counter:a wait 1-3']);
  });

  test('a gate that is closed twice opens with the second opening', () => {
    const { trace, object } = threeActors();
    for (const state of ['closed', 'closed', 'open', 'open', 'closed'] as const) {
      object.note({ kind: 'gate', gate: 'output', state, reason: 'commit' });
    }
    object.note({ kind: 'gate', gate: 'input', state: 'closed', reason: 'blockConcurrencyWhile' });
    expect(spans(layOut(trace.events))).toEqual([
      'Counter:a output 0-3',
      'Counter:a output 4-5',
      'Counter:a input 5-5',
    ]);
  });

  test('the end of an instance ends what waited at it and what it had closed, and nothing of another object', () => {
    const { trace, object } = threeActors();
    const other = trace.actor('object', 'Counter:b');
    for (const one of [object, other]) {
      one.note({ kind: 'gate', gate: 'input', state: 'closed', reason: 'blockConcurrencyWhile' });
      one.note({ kind: 'wait', what: 'call', name: 'x' });
    }
    object.note({ kind: 'life', step: 'reset', reason: 'Error: told to' });
    other.note({ kind: 'log', level: 'log', text: 'goes on' });
    expect(spans(layOut(trace.events))).toEqual([
      'Counter:a input 0-4',
      'Counter:a wait 1-4',
      'Counter:b input 2-5',
      'Counter:b wait 3-5',
    ]);
  });
});

test('an object starts, runs while a question is open, idles, sleeps, starts again and is reset', () => {
  const { trace, object, client } = threeActors();
  const life = (step: 'start' | 'construct' | 'sleep' | 'reset') => object.note({ kind: 'life', step, reason: '' });
  life('start');
  life('construct');
  trace.call(client, object, 'x'); // 2…5
  client.note({ kind: 'log', level: 'log', text: 'nothing of the object' }); // 6
  life('sleep'); // 7
  client.note({ kind: 'log', level: 'log', text: 'nothing of the object' });
  life('start'); // 9
  life('reset'); // 10
  object.note({ kind: 'log', level: 'log', text: 'its last words' });
  expect(lives(layOut(trace.events))).toEqual([
    'starting 0-3',
    'running 3-4',
    'idle 4-7',
    'sleeping 7-9',
    'starting 9-10',
    'reset 10-11',
  ]);
});

describe('the axis', () => {
  const at = (...times: number[]) => times.map((atMs) => ({ atMs }));

  test('folds what is longer than two seconds, unless told not to', () => {
    const events = at(0, 10, 10 + FOLD_MS + 56_000, 10 + FOLD_MS + 56_020);
    const folded = axisOf(events, { isFolded: true, scale: 1 });
    expect(folded.folds.map(({ text }) => text)).toEqual(['‖ 58 s ‖']);
    expect((folded.positions[2] as number) - (folded.positions[1] as number)).toBeLessThan(2 * FOLD_WIDTH);
    expect((folded.positions[3] as number) - (folded.positions[2] as number)).toBe(20);
    const whole = axisOf(events, { isFolded: false, scale: 1 });
    expect(whole.folds).toEqual([]);
    expect((whole.positions[2] as number) - (whole.positions[1] as number)).toBe(58_000);
    expect(axisOf(at(0, FOLD_MS), { isFolded: true, scale: 1 }).folds).toEqual([]);
  });

  test('a year that is not folded still fits into an element', () => {
    expect(axisOf(at(0, 365 * 86_400_000), { isFolded: false, scale: 64 }).width).toBeLessThan(5_000_000);
  });

  test('the same time never gives the same place, and ticks do not run into each other', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 100_000 })), fc.boolean(), (times, isFolded) => {
        const { positions, ticks, width } = axisOf(at(...times.sort((a, b) => a - b)), { isFolded, scale: 0.5 });
        for (let place = 1; place < positions.length; place++) {
          expect((positions[place] as number) - (positions[place - 1] as number)).toBeGreaterThanOrEqual(12);
        }
        for (const [place, { at }] of ticks.slice(1).entries()) {
          expect(at - (ticks[place]?.at ?? 0)).toBeGreaterThanOrEqual(88);
        }
        expect(width).toBeGreaterThan(positions.at(-1) ?? 0);
        const middle = width / 2;
        expect(firstFrom(positions, middle)).toBe([...positions].filter((one) => one < middle).length);
        expect(standingIn(ticks, 100, middle)).toEqual(ticks.filter(({ at }) => at >= 100 && at <= middle));
      }),
    );
  });
});

test('stretches are found by what they overlap, as by looking at each of them', () => {
  const stretch = fc
    .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }))
    .map(([from, length]) => ({ from, to: from + length }));
  fc.assert(
    fc.property(fc.array(stretch), stretch, (stretches, asked) => {
      const found = new Intervals(stretches).overlapping(asked.from, asked.to);
      const each = stretches.filter(({ from, to }) => from <= asked.to && to >= asked.from);
      expect(found.length).toBe(each.length);
      expect(new Set(found)).toEqual(new Set(each));
      expect(found.map(({ from }) => from)).toEqual(each.map(({ from }) => from).sort((a, b) => a - b));
    }),
  );
  expect(
    new Intervals([
      { from: 0, to: 9 },
      { from: 1, to: 9 },
    ]).overlapping(5, 6, 1),
  ).toEqual([{ from: 0, to: 9 }]);
});

describe('words', () => {
  test('a run is one sentence: how many asked, who waited, what came back', () => {
    const { trace, object, client } = threeActors();
    trace.call(client, object, 'increment');
    trace.call(client, object, 'increment', 3);
    expect(sentenceOf(trace.events, ['1', '2'])).toBe('2 requests, the second waited 3 ms, answers 1 and 2.');
    expect(sentenceOf(trace.events.slice(0, 4), ['a text that is too long to be told in full'])).toBe('1 request.');
    expect(sentenceOf([], [])).toBe('');
  });

  test('timers, failures and ends are told too, whoever caused them', () => {
    const { trace, object, client } = threeActors();
    const asked = client.note({ kind: 'ask', what: 'call', name: 'x', to: object.actor.lane });
    object.note({ kind: 'deliver', what: 'timer', name: 'setTimeout', waitedMs: 0 });
    object.note({ kind: 'answer', what: 'error', name: 'x' }, asked);
    object.note({ kind: 'life', step: 'reset', reason: 'Error: told to' });
    expect(sentenceOf(trace.events, [])).toBe('1 request, 1 timer rang, 1 call failed, 1 object was reset.');
  });

  test('time that went by, from milliseconds to days', () => {
    expect([0.4, 999, 1_204, 58_000, 61_000, 3_600_000, 90_061_000].map((ms) => elapsed(ms))).toEqual([
      ...['0 ms', '999 ms', '1.20 s', '58.00 s', '1 min 1 s', '1 h', '1 d 1 h'],
    ]);
  });
});
