/** A table of what comes and goes by numbers, against a Map. */
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Numbered } from '../../src/base/numbered.ts';

const number = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 1, max: 40 }) },
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
);
const step = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('set' as const), number, value: fc.nat() }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('take' as const), number }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('drain' as const) }) },
);

test('finds, gives and drains what a Map would', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300, size: 'max' }), (steps) => {
      const table = new Numbered<number>();
      const model = new Map<number, number>();
      for (const one of steps) {
        if (one.do === 'set') {
          table.set(one.number, one.value);
          model.set(one.number, one.value);
        } else if (one.do === 'take') {
          expect(table.take(one.number)).toBe(model.get(one.number));
          model.delete(one.number);
        } else {
          expect(table.drain()).toEqual([...model].sort(([a], [b]) => a - b).map(([, value]) => value));
          model.clear();
        }
        expect(table.size).toBe(model.size);
        for (const [known, value] of model) expect(table.get(known)).toBe(value);
        if (one.do !== 'drain') expect(table.get(one.number)).toBe(model.get(one.number));
      }
    }),
    { numRuns: 200 },
  );
});

test('keeps 10,000 that follow one another apart, in whatever order they go', () => {
  const table = new Numbered<number>();
  for (let number = 1; number <= 10_000; number++) table.set(number, -number);
  for (let number = 2; number <= 10_000; number += 2) expect(table.take(number)).toBe(-number);
  expect(table.size).toBe(5_000);
  for (let number = 1; number <= 10_000; number++) expect(table.get(number)).toBe(number % 2 ? -number : undefined);
  expect(table.drain().slice(0, 3)).toEqual([-1, -3, -5]);
  expect([table.size, table.get(1)]).toEqual([0, undefined]);
});
