/**
 * What the platform's classes have in common as user code sees them: how they are (not) constructed, what their iterators
 * inherit, how an argument becomes a string. Knows nothing of storage.
 */

/** The first argument of constructors that user code can see but must not use. */
export const INTERNAL = Symbol('internal');

/** The platform's prototype of all iterators, as a base class: it carries the iterator helpers where the engine has them. */
export const PlatformIterator = (() => {
  const base: { new (): object; prototype: object } = class {};
  Object.setPrototypeOf(base.prototype, Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())));
  return base;
})();

/** @throws TypeError with V8's text, whatever engine this is */
export function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'symbol') throw new TypeError('Cannot convert a Symbol value to a string');
  return String(value);
}
