/** An object sleeps as long after its last event as the platform says, neither sooner nor later. */
import { expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { IdleWatch } from '../../src/isolate/idle-watch.ts';
import { IDLE_EVICTION_MS } from '../../src/protocol/limits.ts';
import { openHeldObject } from '../support/held-object.ts';
import { settle } from '../support/rpc-realm.ts';

function watched() {
  const clock = new ManualClock();
  const idleAt: number[] = [];
  const work = { isBusy: false };
  const watch = new IdleWatch({
    now: () => clock.now(),
    after: (delayMs, fire) => clock.after(delayMs, fire),
    isBusy: () => work.isBusy,
    onIdle: () => idleAt.push(clock.now()),
  });
  return { clock, idleAt, watch, work };
}

test('it is told once, so long after the last event, by one timer at a time', async () => {
  const { clock, idleAt, watch } = watched();
  for (let n = 0; n <= 100; n++) {
    watch.touch();
    expect(clock.pending).toBe(1);
    await clock.advance(n === 100 ? 0 : 137);
  }
  const last = clock.now();
  await clock.advance(60_000);
  expect(idleAt).toEqual([last + IDLE_EVICTION_MS]);
  expect(clock.pending).toBe(0);
  watch.touch();
  await clock.advance(IDLE_EVICTION_MS);
  expect(idleAt).toEqual([last + IDLE_EVICTION_MS, clock.now()]);
});

test('what is under way at the time puts it off until so long after its end', async () => {
  const { clock, idleAt, watch, work } = watched();
  work.isBusy = true;
  watch.touch();
  await clock.advance(25_000);
  work.isBusy = false;
  watch.touch();
  await clock.advance(60_000);
  expect(idleAt).toEqual([25_000 + IDLE_EVICTION_MS]);
});

test('an object with its gates and commits goes as exactly', async () => {
  const { clock, idleAt, store, stub } = await openHeldObject();
  store.isHolding = false;
  const object = stub();
  for (const pauseMs of [3_000, 9_999, 4_321]) {
    await object.put(1);
    await settle();
    await clock.advance(pauseMs, settle);
  }
  await object.put(2);
  await settle();
  const last = clock.now();
  await clock.advance(IDLE_EVICTION_MS - 1, settle);
  expect(idleAt).toEqual([]);
  await clock.advance(1, settle);
  expect(idleAt).toEqual([last + IDLE_EVICTION_MS]);
});
