/** Judges what increments answered: was there ever more than one instance, was anything lost or counted twice? */
import { expect } from 'vitest';
import type { Increment, Traffic } from './e2e-page.ts';

/**
 * Every value once; and sorted by value, each instance's values lie together: none wrote after its successor's first.
 *
 * @returns the instances in the order in which they lived, with how many of the values each wrote
 */
export function expectOneInstanceAtATime(answers: readonly Increment[]): { nonce: string; count: number }[] {
  const sorted = [...answers].sort((a, b) => a.value - b.value);
  const twice = sorted.filter(({ value }, i) => value === sorted[i + 1]?.value);
  expect(twice, 'values that were given out twice').toEqual([]);
  const lives: { nonce: string; count: number }[] = [];
  for (const { nonce } of sorted) {
    const last = lives[lives.length - 1];
    if (last?.nonce === nonce) last.count++;
    else lives.push({ nonce, count: 1 });
  }
  const nonces = lives.map(({ nonce }) => nonce);
  expect(nonces, 'instances in the order of their values').toEqual([...new Set(nonces)]);
  return lives;
}

/** Calls that broke say what the platform says, and what may have happened. */
export function expectDisconnects({ failures }: Traffic): void {
  for (const failure of failures) {
    expect(failure.message).toBe('Network connection lost.');
    expect(failure.retryable, 'a lost connection may be tried again').toBe(true);
  }
}

/**
 * What is stored against what was answered: nothing answered is missing, and what is there beyond it are calls that were
 * told that their outcome is unknown.
 */
export function expectNothingLost(stored: number, traffics: readonly Traffic[]): void {
  const answers = traffics.flatMap((traffic) => traffic.answers);
  const unknown = traffics.flatMap((traffic) => traffic.failures).filter((failure) => failure.indeterminate);
  const highest = Math.max(0, ...answers.map(({ value }) => value));
  expect(stored, 'the highest answer is stored').toBeGreaterThanOrEqual(highest);
  expect(stored, 'every answer counts').toBeGreaterThanOrEqual(answers.length);
  expect(stored, 'and nothing was counted that nobody asked for').toBeLessThanOrEqual(answers.length + unknown.length);
}
