/** What lies in the way of a message: src/base/delay-line.ts. Latency, stalls and cuts at links are in network-link.test.ts. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { type Delay, DelayLine, NO_DELAY } from '../../src/base/delay-line.ts';

interface Item {
  readonly name: string | number;
  readonly bytes: number;
}

function line() {
  const clock = new ManualClock();
  const out: string[] = [];
  const way = new DelayLine<Item>({
    clock,
    unit: () => 0.5,
    deliver: ({ name }) => out.push(`${name}@${Math.round(clock.now())}`),
    weigh: ({ bytes }) => bytes,
    bytesOf: ({ bytes }) => bytes,
  });
  const set = (delay: Partial<Delay>) => way.set({ ...NO_DELAY, ...delay });
  const put = (name: string | number, bytes: number) => way.put({ name, bytes });
  return { clock, out, way, set, put };
}

describe('a narrow way', () => {
  test('lets so many bytes through in a second, one after the other, and each comes with its last', async () => {
    const { clock, out, way, set, put } = line();
    set({ bytesPerSecond: 1_000 });
    put('a', 500);
    put('b', 0);
    put('c', 1_000);
    expect([out, way.held]).toEqual([[], 1_500]);
    await clock.advance(2_000);
    put('d', 100);
    await clock.advance(1_000);
    expect([out, way.held]).toEqual([['a@500', 'b@500', 'c@1500', 'd@2100'], 0]);
    expect([clock.pending, way.isEmpty]).toEqual([0, true]);
  });

  test('is no wider for what is under way: latency comes on top and is not added up', async () => {
    const { clock, out, set, put } = line();
    set({ bytesPerSecond: 1_000, latencyMs: 300, jitterMs: 20 });
    put('a', 100);
    put('b', 100);
    put('c', 100);
    await clock.advance(1_000);
    expect(out).toEqual(['a@410', 'b@510', 'c@610']);
  });

  test('that becomes wider or narrower does so for what waits, and not for what has gone through', async () => {
    const { clock, out, set, put } = line();
    set({ bytesPerSecond: 1_000, latencyMs: 50 });
    put('a', 100);
    put('b', 1_000);
    await clock.advance(120); // a is under way; of b 20 are through
    set({ bytesPerSecond: 9_800 });
    await clock.advance(50);
    set({ bytesPerSecond: 490 }); // of b 490 are left
    await clock.advance(10_000);
    expect(out).toEqual(['a@150', `b@${120 + 50 + 1_000 + 50}`]);
  });

  test('lets nothing through while it is stalled, and what was left goes through then', async () => {
    const { clock, out, set, put } = line();
    set({ bytesPerSecond: 1_000 });
    put('a', 1_000);
    await clock.advance(400);
    set({ bytesPerSecond: 1_000, isStalled: true });
    put('b', 100);
    await clock.advance(5_000);
    expect([out, clock.pending]).toEqual([[], 0]);
    set({ bytesPerSecond: 1_000 });
    await clock.advance(5_000);
    expect(out).toEqual(['a@6000', 'b@6100']);
  });

  test('that is narrow no more lets go what waits', async () => {
    const { clock, out, set, put } = line();
    set({ bytesPerSecond: 1 });
    put('a', 1e6);
    put('b', 1e6);
    await clock.advance(1_000);
    set({});
    put('c', 1e6);
    expect([out, clock.pending]).toEqual([['a@1000', 'b@1000', 'c@1000'], 0]);
  });

  test('may be cleared, and begins anew', async () => {
    const { clock, out, way, set, put } = line();
    set({ bytesPerSecond: 1_000 });
    put('gone', 1_000);
    await clock.advance(900);
    way.clear();
    put('a', 500);
    await clock.advance(5_000);
    expect([out, clock.pending]).toEqual([['a@1400'], 0]);
  });
});

test('whatever lies in the way, and however it changes, all comes out once, in order, and never sooner than its bytes allow', async () => {
  const delay = fc.record({
    latencyMs: fc.nat(50),
    jitterMs: fc.nat(50),
    bytesPerSecond: fc.constantFrom(Infinity, 100, 1_000, 7_777),
    isStalled: fc.boolean(),
  });
  const step = fc.oneof(fc.record({ put: fc.nat(200) }), fc.record({ wait: fc.nat(100) }), fc.record({ set: delay }));
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { clock, out, way, set, put } = line();
      let count = 0;
      let bytes = 0;
      let mostBytes = 0; // that can have gone through
      let isFree = true;
      let rate = Infinity;
      for (const one of steps) {
        if ('put' in one) {
          put(++count, one.put);
          bytes += one.put;
        } else if ('wait' in one) {
          await clock.advance(one.wait);
          mostBytes += (one.wait * rate) / 1_000;
        } else {
          set(one.set);
          rate = one.set.isStalled ? 0 : one.set.bytesPerSecond;
          isFree &&= rate === Infinity;
        }
        if (rate === Infinity) isFree = true;
        if (isFree) mostBytes = Infinity;
        expect(bytes - way.held).toBeLessThanOrEqual(mostBytes + 1e-6);
      }
      set({});
      await clock.advance(200);
      expect(out.map((text) => Number(text.split('@')[0]))).toEqual(Array.from({ length: count }, (_, i) => i + 1));
      expect([way.held, way.isEmpty, clock.pending]).toEqual([0, true, 0]);
    }),
    { numRuns: 200, seed: 6 },
  );
});
