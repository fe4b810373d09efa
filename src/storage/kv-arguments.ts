/**
 * Arguments and results of the storage methods: what is checked, with which words, and when a promise settles.
 *
 * Promise: texts and moments as workerd 1.20260730. Knows nothing of what a method does.
 */
import { mathTrunc, numberIsFinite, numberOf } from '../base/primordials.ts';
import type { KeyRange } from './kv-rows.ts';
import { textOf } from './platform-class.ts';

/**
 * Work done now; a result is told after two microtask hops, a failure at once (both as in workerd). An async function: no
 * patched `then` can change the count.
 */
export async function settled<T>(work: () => T): Promise<T> {
  const value = work();
  await undefined;
  await undefined;
  return value;
}

export function wrongType(method: string, position: number, type: string, owner = 'DurableObjectStorage'): TypeError {
  return new TypeError(`Failed to execute '${method}' on '${owner}': parameter ${position} is not of type '${type}'.`);
}

export function checkOptions(
  method: string,
  position: number,
  options: unknown,
  type: string,
  owner?: string,
): unknown {
  if (options === undefined || options === null || typeof options === 'object') return options ?? undefined;
  if (typeof options === 'function') return options;
  throw wrongType(method, position, type, owner);
}

export function writeOptions(options: unknown): { allowUnconfirmed: boolean } {
  return {
    allowUnconfirmed: !!(options as { allowUnconfirmed?: unknown } | undefined | null)?.allowUnconfirmed,
  };
}

/** @throws TypeError with the platform's text */
export function rangeOf(options: unknown): KeyRange {
  const given = (options ?? {}) as Record<string, unknown>;
  const text = (name: string) => (given[name] === undefined ? undefined : textOf(given[name]));
  const range = {
    from: text('start'),
    after: text('startAfter'),
    before: text('end'),
    prefix: text('prefix'),
    reverse: !!given['reverse'],
    limit: limitOf(given['limit']),
  };
  if (range.from !== undefined && range.after !== undefined) {
    throw new TypeError('list() cannot be called with both start and startAfter values.');
  }
  if (range.limit !== undefined && range.limit <= 0) throw new TypeError('List limit must be positive.');
  return range;
}

/** WebIDL's conversion to a 32-bit integer, enforcing its range; what is no number counts as 0. */
function limitOf(value: unknown): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'bigint') throw new TypeError('Cannot convert a BigInt value to a number');
  const number = numberOf(value);
  if (!numberIsFinite(number)) return 0;
  const limit = mathTrunc(number);
  if (limit < -(2 ** 31) || limit > 2 ** 31 - 1) {
    throw new TypeError('Value out of range. Must be between -2147483648 and 2147483647 (inclusive).');
  }
  return limit;
}
