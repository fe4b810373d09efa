/** The page's side of the trace, by itself. */
import { describe, expect, test } from 'vitest';
import { SimulatorError, type SimulatorErrorCode } from '../../src/base/errors.ts';
import { Trace } from '../../src/client/trace.ts';
import type { EndpointId, MachineId } from '../../src/protocol/names.ts';
import { compareEvents, type TraceEvent } from '../../src/protocol/trace.ts';
import type { TraceBatch } from '../../src/protocol/trace-batch.ts';
import { readBatch } from '../../src/protocol/trace-reader.ts';
import { Tracer } from '../../src/protocol/tracer.ts';

/** A page whose host is gone, with one event of its own; told what went wrong with nobody to hear it. */
async function unheardAfter(code: SimulatorErrorCode): Promise<unknown[]> {
  const unheard: unknown[] = [];
  const hear = (error: unknown) => unheard.push(error);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection');
  process.on('unhandledRejection', hear);
  try {
    const tracer: Tracer = new Tracer({
      now: () => 0,
      realNow: () => 0,
      later: (go) => go(),
      hand: (batch) => trace.own(batch),
    });
    const refused = async () => Promise.reject(new SimulatorError(code, 'Not now.'));
    const trace: Trace = new Trace({ tracer, control: { trace: async () => {}, traced: refused } });
    tracer.become({
      id: 'a' as EndpointId,
      kind: 'client',
      lane: 'client',
      label: 'client',
      machine: 'm' as MachineId,
    });
    await trace.start();
    tracer.note({ kind: 'log', level: 'log', text: 'x' });
    expect(trace.events).toHaveLength(1);
    await new Promise((resolve) => setImmediate(resolve));
    return unheard;
  } finally {
    process.off('unhandledRejection', hear);
    for (const other of others) process.on('unhandledRejection', other);
  }
}

test.each(['closed', 'peer_gone'] as const)(
  'what a page traces after its host is gone (%s) is no fault',
  async (code) => {
    expect(await unheardAfter(code)).toEqual([]);
  },
);

test('any other failure to tell it is', async () => {
  expect(await unheardAfter('storage_failed')).toMatchObject([{ code: 'storage_failed' }]);
});

/** Threads that note events in turns, and hand them over now and then, and the page that hears of it. */
async function account() {
  const trace = new Trace({
    tracer: new Tracer({ now: () => 0, realNow: () => 0, later: () => {}, hand: () => {} }),
    control: { trace: async () => {}, traced: async () => {} },
  });
  await trace.start();
  let now = 0;
  const batches: TraceBatch[] = [];
  const threads = ['a', 'b', 'c'].map((id) => {
    const options = {
      now: () => now >> 2,
      realNow: () => now,
      later: () => {},
      hand: (one: TraceBatch) => batches.push(one),
    };
    const tracer = new Tracer(options);
    tracer.become({ id: id as EndpointId, kind: 'object', lane: id, label: id, machine: 'm' as MachineId });
    tracer.turn(true);
    return tracer;
  });
  /** `count` events of all threads, the batches of each thread in order, those of different ones in none */
  const happen = (count: number, each: number) => {
    for (let i = 0; i < count; i++, now++) {
      const thread = threads[(i * 7 + (i >> 3)) % 3];
      thread?.note({ kind: 'log', level: 'log', text: `${now}` });
      if (i % each === 0) threads[now % 3]?.flush();
    }
    for (const thread of threads) thread.flush();
    const heard = batches.splice(0);
    for (const batch of heard) trace.heard(batch);
    return heard;
  };
  return { trace, happen };
}

const texts = (events: readonly TraceEvent[]) => events.map((event) => event.kind === 'log' && event.text);

describe('what a page heard', () => {
  test('is the same and in order, whether somebody looked before or looks afterwards', async () => {
    const looked = await account();
    const looks = await account();
    const { events } = looked.trace;
    for (const each of [1, 5, 40, 1000]) {
      looked.happen(700, each);
      looks.happen(700, each);
      expect(looked.trace.events).toBe(events);
    }
    expect(events).toHaveLength(2800);
    expect(looks.trace.events).toEqual(events);
    expect(events).toEqual([...events].sort(compareEvents));
    expect(new Set(texts(events)).size).toBe(2800);
    looks.happen(10, 3);
    expect(looks.trace.events).toHaveLength(2810);
  });

  test.each([3, 900])('is kept up to a number, the newest of it (batches of %i)', async (each) => {
    const { trace, happen } = await account();
    const all: TraceEvent[] = [];
    for (let i = 0; i < 5; i++) for (const batch of happen(10_000, each)) all.push(...readBatch(batch));
    const kept = trace.events.length;
    expect(kept >= 20_000 && kept <= 22_000).toBe(true);
    expect(texts(trace.events)).toEqual(texts(all.sort(compareEvents).slice(-kept)));
  });

  test('is told to who subscribed as it comes, and found by who waits for what came before', async () => {
    const { trace, happen } = await account();
    const told: TraceEvent[] = [];
    let counted = 0;
    const stop = trace.subscribe(({ count, events }) => {
      told.push(...events);
      counted += count;
    });
    happen(100, 10);
    stop();
    happen(100, 10);
    expect(told).toHaveLength(100);
    expect(counted).toBe(100);
    // An event is one thing, whoever looks.
    expect(trace.events.slice(0, 5)).toEqual(told.sort(compareEvents).slice(0, 5));
    expect(trace.events[0]).toBe(told[0]);
    expect(await trace.until((event) => event.kind === 'log' && event.text === '150')).toMatchObject({ text: '150' });
    trace.clear();
    expect(trace.events).toEqual([]);
  });
});
