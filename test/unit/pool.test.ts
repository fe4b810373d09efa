/** A pool that is full: who waits for an isolate gets one as soon as another ends, and is refused when none ends for long. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import type { IsolateHandle, IsolateWorker } from '../../src/host/isolate-handle.ts';
import { Pool, type PoolOptions } from '../../src/host/pool.ts';
import type { FromIsolate } from '../../src/protocol/control.ts';
import { ISOLATE_WAIT_MS, ISOLATES } from '../../src/protocol/limits.ts';
import type { EndpointId } from '../../src/protocol/names.ts';
import { rejection } from '../support/rejection.ts';

/** Boots as soon as it is told to. */
function workerOf(): IsolateWorker {
  const worker: IsolateWorker = {
    postMessage(message) {
      if (message.c === 'boot') queueMicrotask(() => worker.onmessage?.({ data: { c: 'booted' } as FromIsolate }));
    },
    terminate: () => {},
    onmessage: null,
    onerror: null,
  };
  return worker;
}

function poolOf(clock: ManualClock) {
  let endpoints = 0;
  let pressed = 0;
  const pool = new Pool({
    engine: {},
    clock,
    isTraced: () => false,
    onTraced: () => {},
    faults: () => [],
    anchors: () => ({}),
    newEndpoint: () => `endpoint ${++endpoints}` as EndpointId,
    whenGone: async () => {},
    onCrowded: () => pressed++,
    startWorker: workerOf,
  } as unknown as PoolOptions);
  return { pool, pressed: () => pressed };
}

async function full(pool: Pool): Promise<IsolateHandle[]> {
  const handles: IsolateHandle[] = [];
  while (handles.length < ISOLATES) handles.push(pool.take());
  await Promise.all(handles.map((handle) => handle.booted));
  return handles;
}

test('one more waits, and boots when another ends', async () => {
  const clock = new ManualClock();
  const { pool, pressed } = poolOf(clock);
  const [first] = await full(pool);
  const last = pool.take();
  await clock.advance(ISOLATE_WAIT_MS / 2);
  expect(pressed()).toBeGreaterThan(1);
  first?.end();
  await last.booted;
});

test('one that an object waits for boots before those that came earlier, and one that boots already is not hurried', async () => {
  const { pool } = poolOf(new ManualClock());
  const [first, second] = await full(pool);
  const booted: string[] = [];
  const [crowd, awaited] = [pool.take(), pool.take()];
  for (const [name, handle] of [['crowd', crowd] as const, ['awaited', awaited] as const])
    void handle.booted.then(() => booted.push(name));
  pool.hurry(awaited);
  first?.end();
  await awaited.booted;
  expect(booted).toEqual(['awaited']);
  pool.hurry(awaited);
  second?.end();
  await crowd.booted;
  expect(booted).toEqual(['awaited', 'crowd']);
});

test('those that wait are refused when nobody has ended for long', async () => {
  const clock = new ManualClock();
  const { pool } = poolOf(clock);
  const [first] = await full(pool);
  const waiting = [pool.take(), pool.take()];
  const refusals = waiting.map((handle) => rejection(handle.booted));
  await clock.advance(ISOLATE_WAIT_MS);
  for (const error of await Promise.all(refusals)) expect(error).toMatchObject({ code: 'overloaded' });
  const next = pool.take();
  first?.end();
  await next.booted;
});

test('as long as some end, those behind them go on waiting', async () => {
  const clock = new ManualClock();
  const { pool } = poolOf(clock);
  const [first] = await full(pool);
  const [served, behind] = [pool.take(), pool.take()];
  await clock.advance(ISOLATE_WAIT_MS - 1);
  first?.end();
  await served.booted;
  await clock.advance(ISOLATE_WAIT_MS - 1);
  expect(behind.isEnded).toBe(false);
  const refusal = rejection(behind.booted);
  await clock.advance(1);
  expect(await refusal).toMatchObject({ code: 'overloaded' });
});
