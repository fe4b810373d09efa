/** What is asked of values that anybody can have sent or given. */
import { numberIsSafeInteger, typedArrayTag } from './primordials.ts';

export const isBytes = (value: unknown): value is Uint8Array => typedArrayTag(value) === 'Uint8Array';
export const isCount = (value: unknown): value is number => numberIsSafeInteger(value) && (value as number) >= 0;
export const isPositive = (value: unknown): value is number => isCount(value) && value > 0;

/** A function is an object, too. */
export const isObject = (value: unknown): value is object =>
  (typeof value === 'object' && value !== null) || typeof value === 'function';
/** What a method takes for its options. */
export const isDictionary = (value: unknown): value is object | null | undefined =>
  value === undefined || value === null || isObject(value);
