/**
 * A moment as user code gives it to a storage method: milliseconds since 1970, or a Date.
 *
 * Promise: coercions and texts as workerd 1.20260730. Knows nothing of clocks.
 */
import { dateGetTime, mathTrunc, numberIsFinite } from '../base/primordials.ts';
import { wrongType } from './kv-arguments.ts';

/** What fits into a 64-bit count of nanoseconds; the text is the platform's, the year in it is not this one. */
const LATEST_MS = 9_223_372_036_854;

const NOT_A_DATE = 'The value cannot be converted because it is not a valid Date.';
const TOO_LATE = "This API doesn't support dates after 2189.";

/** @returns whole milliseconds since 1970. @throws TypeError with the platform's text */
export function timeArgument(method: string, value: unknown, owner?: string): number {
  const time = typeof value === 'number' ? value : dateOf(value);
  if (time === undefined) throw wrongType(method, 1, 'date', owner);
  if (!numberIsFinite(time)) throw new TypeError(NOT_A_DATE);
  if (time > LATEST_MS) throw new TypeError(TOO_LATE);
  return mathTrunc(time);
}

/** undefined for anything that is no Date */
function dateOf(value: unknown): number | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return dateGetTime(value as Date);
  } catch {
    return undefined; // the platform's own check: only a Date has a time
  }
}
