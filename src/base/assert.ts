/**
 * Assertions: how the code says "this cannot be".
 *
 * Promise: a failed assertion is always a bug of ours, never a user's mistake, and is never caught to go on.
 */

/** Thrown by a failed assertion. In an isolate it resets that object; in a host it breaks that machine, loudly. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}

/** @throws AssertionError with `message` when `condition` does not hold */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Returns `value`. @throws AssertionError when it is null or undefined */
export function must<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new AssertionError(`missing: ${what}`);
  return value;
}
