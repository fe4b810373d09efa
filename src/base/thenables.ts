/**
 * What a program gives where a promise is expected.
 *
 * Promise: of a promise nothing is asked but what `await` asks. Before the flag `unwrap_custom_thenables` the platform takes a
 * thenable that is no promise for a plain value, and never calls its `then`.
 */
import { objectIsPrototypeOf } from './primordials.ts';

const NativePromise = Promise;
const { prototype } = Promise;
const NOTHING = NativePromise.resolve();

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof value === 'object' && value !== null && objectIsPrototypeOf(prototype, value);
}

/** @returns what settles with what was given, if that can; else a promise of nothing that is known */
export function promiseOf(given: unknown, unwrapsThenables: boolean): Promise<unknown> {
  if (isPromise(given)) return given;
  const isObject = (typeof given === 'object' && given !== null) || typeof given === 'function';
  return unwrapsThenables && isObject ? new NativePromise((resolve) => resolve(given)) : NOTHING;
}
