/**
 * What isolates are prepared for; and a pool that is full: who waits for an isolate gets one as soon as another ends, and is refused
 * when none ends for long.
 */
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import type { IsolateHandle, IsolateWorker } from '../../src/host/isolate-handle.ts';
import { Pool, type PoolOptions } from '../../src/host/pool.ts';
import type { FromIsolate, Plan, ToIsolate } from '../../src/protocol/control.ts';
import { ISOLATE_WAIT_MS, ISOLATES, WARM_ISOLATES } from '../../src/protocol/limits.ts';
import type { EndpointId, UniqueKey } from '../../src/protocol/names.ts';
import { rejection } from '../support/rejection.ts';

const OBJECTS = 'objects' as UniqueKey;
const plan = { deployment: 1, ownNamespaces: [{ namespace: OBJECTS, className: 'Obj' }] } as unknown as Plan;

/** Boots as soon as it is told to. */
function workerOf(heard: ToIsolate[]): IsolateWorker {
  const worker: IsolateWorker = {
    postMessage(message) {
      heard.push(message);
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
  /** what each worker was told, in the order in which they were started */
  const heard: ToIsolate[][] = [];
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
    startWorker: () => {
      const messages: ToIsolate[] = [];
      heard.push(messages);
      return workerOf(messages);
    },
  } as unknown as PoolOptions);
  const told = () =>
    heard.map((messages) => messages.map((it) => (it.c === 'prepare' ? [it.c, it.isRehearsed] : [it.c])));
  return { pool, pressed: () => pressed, told };
}

async function full(pool: Pool): Promise<IsolateHandle[]> {
  const handles: IsolateHandle[] = [];
  while (handles.length < ISOLATES) handles.push(pool.take(OBJECTS));
  await Promise.all(handles.map((handle) => handle.booted));
  return handles;
}

test('one more waits, and boots when another ends', async () => {
  const clock = new ManualClock();
  const { pool, pressed } = poolOf(clock);
  const [first] = await full(pool);
  const last = pool.take(OBJECTS);
  await clock.advance(ISOLATE_WAIT_MS / 2);
  expect(pressed()).toBeGreaterThan(1);
  first?.end();
  await last.booted;
});

test('one that an object waits for boots before those that came earlier, and one that boots already is not hurried', async () => {
  const { pool } = poolOf(new ManualClock());
  const [first, second] = await full(pool);
  const booted: string[] = [];
  const [crowd, awaited] = [pool.take(OBJECTS), pool.take(OBJECTS)];
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
  const waiting = [pool.take(OBJECTS), pool.take(OBJECTS)];
  const refusals = waiting.map((handle) => rejection(handle.booted));
  await clock.advance(ISOLATE_WAIT_MS);
  for (const error of await Promise.all(refusals)) expect(error).toMatchObject({ code: 'overloaded' });
  const next = pool.take(OBJECTS);
  first?.end();
  await next.booted;
});

test('as long as some end, those behind them go on waiting', async () => {
  const clock = new ManualClock();
  const { pool } = poolOf(clock);
  const [first] = await full(pool);
  const [served, behind] = [pool.take(OBJECTS), pool.take(OBJECTS)];
  await clock.advance(ISOLATE_WAIT_MS - 1);
  first?.end();
  await served.booted;
  await clock.advance(ISOLATE_WAIT_MS - 1);
  expect(behind.isEnded).toBe(false);
  const refusal = rejection(behind.booted);
  await clock.advance(1);
  expect(await refusal).toMatchObject({ code: 'overloaded' });
});

test('what it is prepared for is told right behind the boot, and what an object waits for rehearses nothing', () => {
  const { pool, told } = poolOf(new ManualClock());
  pool.prepare(plan);
  pool.warm();
  for (let i = 0; i < WARM_ISOLATES; i++) pool.take(OBJECTS);
  expect(pool.take(OBJECTS).isPrepared).toBe(true);
  const kept = Array.from({ length: WARM_ISOLATES }, () => [['boot'], ['prepare', true]]);
  expect(told()).toEqual([...kept, [['boot'], ['prepare', false]]]);
});

test('an object of another script gets an isolate that is prepared for nothing', () => {
  const { pool, told } = poolOf(new ManualClock());
  pool.prepare(plan);
  pool.warm();
  expect(pool.take('others' as UniqueKey).isPrepared).toBe(false);
  expect(told().at(-1)).toEqual([['boot']]);
  expect(pool.take(OBJECTS).isPrepared).toBe(true);
  expect(told()).toHaveLength(WARM_ISOLATES + 1);
});
