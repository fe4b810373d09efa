/** Memory that is used again: nobody's but the one's who took it, and not too much of it. */
import { expect, test } from 'vitest';
import { SpareMemory } from '../../src/base/spare-memory.ts';

test('what was given back is taken again by what fits into it, and by nobody else meanwhile', () => {
  const memory = new SpareMemory();
  const [first, second] = [memory.take(20_000), memory.take(20_000)];
  expect([first.length, first === second]).toEqual([32_768, false]);
  memory.give(first);
  expect(memory.take(40_000)).not.toBe(first);
  expect(memory.take(30_000)).toBe(first);
  expect(memory.take(30_000)).not.toBe(first);
});

test('lengths are rounded up, and those that are round stay', () => {
  const memory = new SpareMemory();
  expect([1, 16_384, 16_385, 65_536, 3_000_000].map((size) => memory.take(size).length)).toEqual([
    16_384, 16_384, 32_768, 65_536, 3_014_656,
  ]);
});

test('no more than 1 MiB is kept', () => {
  const memory = new SpareMemory();
  const large = memory.take(2 ** 20 + 1);
  memory.give(large);
  expect(memory.take(1)).not.toBe(large);
  const blocks = Array.from({ length: 20 }, () => memory.take(65_536));
  for (const block of blocks) memory.give(block);
  const again = Array.from({ length: 20 }, () => memory.take(65_536));
  expect(again.filter((block) => blocks.includes(block)).length).toBe(16);
});
