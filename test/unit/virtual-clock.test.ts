/** The clock that programs observe: what it promises whatever is done to it, and the moves of it one by one. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Clock, ManualClock, type RealMs, systemClock, type Timer } from '../../src/base/clock.ts';
import { type ClockAnchors, UNMOVED, VirtualClock } from '../../src/base/virtual-clock.ts';

const START_MS = 1_800_000_000_000;

/** A clock on real time that the test moves, and a hand that moves it as a host does: on from where it is. */
function clockwork() {
  const real = new ManualClock<RealMs>(START_MS);
  const clock = new VirtualClock(real);
  const change = (changes: Partial<Omit<ClockAnchors, 'number'>>) => {
    const { motion: _, ...before } = clock.anchors;
    clock.follow({
      ...before,
      virtualMs: clock.now(),
      realMs: real.now(),
      ...changes,
      number: clock.anchors.number + 1,
    });
  };
  return { real, clock, change };
}

/** As a browser's: it says whole milliseconds, and more to whoever asks for more. */
class FineClock extends ManualClock<RealMs> {
  override now(): RealMs {
    return Math.trunc(super.now()) as RealMs;
  }

  exactNow = (): number => super.now();
}

test.each([1, 100])(
  'of timers armed in one go the shorter is due first, whatever ends meanwhile (rate %i)',
  async (rate) => {
    const real = new FineClock(START_MS + 0.5);
    const clock = new VirtualClock(real, { ...UNMOVED, number: 1, virtualMs: START_MS, realMs: START_MS, rate });
    const fired: number[] = [];
    for (let i = 0; i < 40; i++) {
      clock.after(400 - i, () => fired.push(i));
      await real.advance(0.9 / rate / 4);
    }
    await real.advance(1000);
    expect(fired).toEqual([...fired.keys()].reverse());
  },
);

test('the clock of a machine tells more of the millisecond that it tells, and does not step back', () => {
  const clock = systemClock();
  let before = 0;
  for (let i = 0; i < 20_000; i++) {
    const fromMs = clock.now();
    const exactMs = clock.exactNow?.() as number;
    expect(exactMs >= fromMs && exactMs >= before && exactMs < clock.now() + 1).toBe(true);
    before = exactMs;
  }
  expect(before % 1).not.toBe(0);
});

describe('the time', () => {
  test('is the real one until somebody moves it', async () => {
    const { real, clock } = clockwork();
    expect(clock.now()).toBe(START_MS);
    await real.advance(1_234);
    expect(clock.now()).toBe(START_MS + 1_234);
  });

  test('stands while it is paused and goes on from there', async () => {
    const { real, clock, change } = clockwork();
    change({ isPaused: true });
    await real.advance(5_000);
    expect(clock.now()).toBe(START_MS);
    change({ isPaused: false });
    await real.advance(5);
    expect(clock.now()).toBe(START_MS + 5);
  });

  test('goes as fast as it is told, in whole milliseconds', async () => {
    const { real, clock, change } = clockwork();
    change({ rate: 0.1 });
    await real.advance(19);
    expect(clock.now()).toBe(START_MS + 1);
    await real.advance(1);
    expect(clock.now()).toBe(START_MS + 2);
    change({ rate: 1_000 });
    await real.advance(60);
    expect(clock.now()).toBe(START_MS + 2 + 60_000);
  });

  test('does not go by anchors that are older than its own', () => {
    const { clock, change } = clockwork();
    change({ virtualMs: START_MS + 10 });
    expect(clock.follow({ ...UNMOVED, number: 1, virtualMs: START_MS + 99 })).toBe(false);
    expect(clock.now()).toBe(START_MS + 10);
  });

  test('is what it is told, when nobody is left who was told a later one', async () => {
    const { real, clock } = clockwork();
    await real.advance(60);
    expect(clock.now()).toBe(START_MS + 60);
    clock.forget();
    clock.follow({ ...clock.anchors, number: 1, virtualMs: START_MS, isPaused: true });
    expect(clock.now()).toBe(START_MS);
  });

  test('waits where it is when it is told that it is earlier', async () => {
    const { real, clock, change } = clockwork();
    await real.advance(100);
    expect(clock.now()).toBe(START_MS + 100);
    change({ virtualMs: START_MS + 40 });
    expect(clock.now()).toBe(START_MS + 100);
    await real.advance(61);
    expect(clock.now()).toBe(START_MS + 101);
  });
});

describe('a timer', () => {
  test('that is due fires where time stands, and one that is not does not', async () => {
    const { real, clock, change } = clockwork();
    const fired: string[] = [];
    clock.after(10, () => fired.push('ten'));
    change({ isPaused: true });
    clock.after(0, () => fired.push('now'));
    clock.after(1, () => fired.push('later'));
    await real.advance(1_000);
    expect(fired).toEqual(['now']);
    change({ isPaused: false });
    await real.advance(10);
    expect(fired).toEqual(['now', 'later', 'ten']);
  });

  test('waits while the clock is held, even if it is due', async () => {
    const { real, clock, change } = clockwork();
    const fired: number[] = [];
    clock.after(10, () => fired.push(clock.now()));
    change({ virtualMs: START_MS + 10, motion: 'held' });
    await real.advance(1_000);
    expect(fired).toEqual([]);
    expect(clock.isDue).toBe(false);
    change({ motion: 'standing' });
    expect(clock.isDue).toBe(true);
    await real.advance(0);
    expect(fired).toEqual([START_MS + 10]);
  });

  test('that is longer than a timer of a browser can be fires at its time', async () => {
    const real = new ManualClock<RealMs>(START_MS);
    const longest: number[] = [];
    const bounded: Clock = {
      now: () => real.now(),
      after(delayMs: number, fire: () => void): Timer {
        longest.push(delayMs);
        return real.after(delayMs, fire);
      },
    };
    const clock = new VirtualClock(bounded);
    const days = 86_400_000;
    const fired: number[] = [];
    clock.after(100 * days, () => fired.push(clock.now()));
    await real.advance(100 * days - 1);
    expect(fired).toEqual([]);
    await real.advance(1);
    expect(fired).toEqual([START_MS + 100 * days]);
    expect(Math.max(...longest)).toBeLessThan(2 ** 31);
    expect(longest.length).toBe(Math.ceil((100 * days) / (2 ** 31 - 1)));
  });

  test.each([Number.NaN, -5, 0.9])('of %s milliseconds is due at once', async (delayMs) => {
    const { real, clock } = clockwork();
    const fired: number[] = [];
    clock.after(delayMs, () => fired.push(clock.now()));
    await real.advance(0);
    expect(fired).toEqual([START_MS]);
  });

  test('fires at its time though the wall clock is a little behind the timer', async () => {
    const real = new ManualClock<RealMs>(START_MS);
    const clock = new VirtualClock({
      now: () => (real.now() - 1) as RealMs,
      after: (ms, fire) => real.after(ms, fire),
    });
    const fired: number[] = [];
    const begunMs = clock.now();
    await real.advance(0.5);
    clock.after(10, () => fired.push(clock.now() - begunMs));
    await real.advance(10);
    expect(fired).toEqual([10]);
    expect(clock.now() - begunMs).toBe(10);
  });
});

test('after it was put back, timers that share a moment of the browser wait for their own time, and no busier', async () => {
  const real = new ManualClock<RealMs>(START_MS);
  let asked = 0;
  const clock = new VirtualClock({
    now: () => real.now(),
    after(delayMs: number, fire: () => void): Timer {
      asked++;
      if (asked > 20) throw new Error('asks the browser for one timer after the other');
      return real.after(delayMs, fire);
    },
  });
  const fired: number[] = [];
  for (const delayMs of [5, 7, 17]) clock.after(delayMs, () => fired.push(delayMs));
  clock.follow({ ...clock.anchors, virtualMs: clock.now() - 2, realMs: real.now(), number: clock.anchors.number + 1 });
  await real.advance(7);
  expect(fired).toEqual([5]);
  await real.advance(12);
  expect(fired).toEqual([5, 7, 17]);
});

/** What may be done to a clock. */
const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('set' as const), delayMs: fc.integer({ min: 0, max: 50 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), which: fc.nat(40) }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.integer({ min: 0, max: 30 }) }) },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('rate' as const), rate: fc.constantFrom(0.1, 0.5, 1, 7, 1_000) }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('pause' as const), isPaused: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('jump' as const), ms: fc.integer({ min: -20, max: 40 }) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hold' as const), isHeld: fc.boolean() }) },
);

describe('whatever is done to it', () => {
  test('time never goes back, and timers fire once, not early, in their order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { real, clock, change } = clockwork();
        const timers: { dueMs: number; order: number; handle: Timer; state: 'set' | 'fired' | 'cancelled' }[] = [];
        const fired: { dueMs: number; order: number; atMs: number }[] = [];
        let lastMs = 0;
        const look = () => {
          const nowMs = clock.now();
          expect(nowMs).toBeGreaterThanOrEqual(lastMs);
          expect(Number.isInteger(nowMs)).toBe(true);
          lastMs = nowMs;
        };
        for (const one of steps) {
          if (one.do === 'set') {
            const order = timers.length;
            const dueMs = clock.now() + one.delayMs;
            const timer = { dueMs, order, state: 'set' as 'set' | 'fired' | 'cancelled', handle: { cancel: () => {} } };
            timer.handle = clock.after(one.delayMs, () => {
              expect(timer.state).toBe('set');
              timer.state = 'fired';
              look();
              fired.push({ dueMs, order, atMs: clock.now() });
              const earlier = timers.filter((other) => other.state === 'set' && before(other, timer));
              expect(earlier).toEqual([]);
            });
            timers.push(timer);
          } else if (one.do === 'cancel') {
            const timer = timers[one.which % (timers.length || 1)];
            timer?.handle.cancel();
            if (timer?.state === 'set') timer.state = 'cancelled';
          } else if (one.do === 'wait') await real.advance(one.ms, async () => look());
          else if (one.do === 'rate') change({ rate: one.rate });
          else if (one.do === 'pause') change({ isPaused: one.isPaused });
          else if (one.do === 'jump') change({ virtualMs: clock.now() + one.ms });
          else change(one.isHeld ? { motion: 'held' } : {});
          look();
        }
        for (const { dueMs, atMs } of fired) expect(atMs).toBeGreaterThanOrEqual(dueMs);
        // In the end everything that was not cancelled fires.
        change({ rate: 1, isPaused: false });
        await real.advance(3_000);
        expect(timers.filter((timer) => timer.state === 'set')).toEqual([]);
        expect(real.pending).toBe(0);
        expect(clock.nextDueMs).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });
});

function before(a: { dueMs: number; order: number }, b: { dueMs: number; order: number }): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.order < b.order);
}
