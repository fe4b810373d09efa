/** `node:util`. */
import comparisons from 'assert/build/internal/util/comparisons.js';

export * from './util-core.ts';

/** Equal as `assert.deepStrictEqual` has it. */
export function isDeepStrictEqual(one: unknown, other: unknown): boolean {
  return comparisons.isDeepStrictEqual(one, other) as boolean;
}
