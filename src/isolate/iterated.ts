/**
 * What a program gave to be gone over, as the platform goes over it.
 *
 * Promise: an iterator without `next` is at its end, and a result that is no object is refused in the platform's words
 * (workerd 1.20260730, as observed). Nothing is called but what the value brings.
 */
import { arrayAppend, reflectApply } from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';

/** All elements; undefined for what cannot be gone over. @throws what the iterator throws */
export function elementsOf(given: object): unknown[] | undefined {
  const begin = (given as Partial<Iterable<unknown>>)[Symbol.iterator];
  const iterator: unknown = typeof begin === 'function' ? reflectApply(begin, given, []) : undefined;
  if (!isObject(iterator)) return undefined;
  const elements: unknown[] = [];
  const { next } = iterator as Partial<Iterator<unknown>>;
  if (typeof next !== 'function') return elements;
  for (;;) {
    const result: unknown = reflectApply(next, iterator, []);
    if (!isObject(result)) throw new TypeError("Callback returned incorrect type; expected 'GeneratorNext'");
    const { done, value } = result as Partial<IteratorResult<unknown>>;
    if (done) return elements;
    arrayAppend(elements, value);
  }
}
