/**
 * Putting something of ours where the browser has its own.
 *
 * Promise: what is replaced keeps its name and place in the prototype chain, and is not enumerable where it was not.
 */

/** What `make` gives takes the place of a method; `make` is given the browser's. Nothing happens where there is none. */
export function patch<T extends object, Name extends keyof T>(
  on: T,
  name: Name,
  make: (native: T[Name]) => (...args: never[]) => unknown,
): void {
  const before = Object.getOwnPropertyDescriptor(on, name);
  if (!before || typeof before.value !== 'function') return;
  const value = make(before.value as T[Name]);
  Object.defineProperty(value, 'name', { value: String(name) });
  Object.defineProperty(on, name, { ...before, value });
}

/** A property that is read by `get`, and set by `set` where it can be. */
export function define(on: object, name: string, get: () => unknown, set?: (value: never) => void): void {
  const enumerable = Object.getOwnPropertyDescriptor(on, name)?.enumerable ?? false;
  Object.defineProperty(on, name, { configurable: true, enumerable, get, ...(set ? { set } : {}) });
}

/** A class takes the place of the browser's. */
export function provide(name: string, value: unknown): void {
  Object.defineProperty(window, name, { configurable: true, enumerable: false, writable: true, value });
}
