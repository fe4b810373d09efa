/**
 * Breaks the built-ins of this realm for a while, as a careless or hostile program may break those of its isolate.
 *
 * Promise: every method of the usual prototypes and every static function throws while `run` runs, and all are as before afterwards.
 * `run` must be synchronous and use nothing but syntax and the functions under test.
 */
const PROTOTYPES: readonly object[] = [
  Map.prototype,
  Set.prototype,
  WeakMap.prototype,
  WeakSet.prototype,
  Array.prototype,
  String.prototype,
  RegExp.prototype,
  Promise.prototype,
  Function.prototype,
  Number.prototype,
  BigInt.prototype,
  Boolean.prototype,
  Date.prototype,
  Symbol.prototype,
  Object.prototype,
  ArrayBuffer.prototype,
  DataView.prototype,
  Object.getPrototypeOf(Uint8Array.prototype) as object,
  TextEncoder.prototype,
  TextDecoder.prototype,
  WeakRef.prototype,
  FinalizationRegistry.prototype,
  Object.getPrototypeOf([][Symbol.iterator]()) as object,
  Object.getPrototypeOf(new Map()[Symbol.iterator]()) as object,
  Object.getPrototypeOf(new Set()[Symbol.iterator]()) as object,
];

const STATICS: readonly object[] = [
  Object,
  Array,
  Number,
  String,
  Promise,
  Reflect,
  Math,
  JSON,
  Symbol,
  ArrayBuffer,
  Uint8Array,
];

interface Broken {
  readonly target: object;
  readonly key: PropertyKey;
  readonly before: PropertyDescriptor;
}

export function withBrokenBuiltIns<T>(run: () => T): T {
  const { defineProperty } = Object;
  const broken: Broken[] = [];
  for (const target of [...PROTOTYPES, ...STATICS]) {
    for (const key of Reflect.ownKeys(target)) {
      const before = Object.getOwnPropertyDescriptor(target, key);
      if (!before?.configurable || typeof before.value !== 'function' || key === 'constructor') continue;
      broken.push({ target, key, before });
    }
  }
  let i = 0;
  try {
    for (i = 0; i < broken.length; i++) {
      const { target, key, before } = broken[i] as Broken;
      const name = typeof key === 'symbol' ? 'symbol' : key;
      const value = () => {
        throw new Error(`the broken built-in ${name} was called`);
      };
      defineProperty(target, key, {
        value,
        writable: before.writable === true,
        enumerable: before.enumerable === true,
        configurable: true,
      });
    }
    return run();
  } finally {
    while (--i >= 0) {
      const { target, key, before } = broken[i] as Broken;
      defineProperty(target, key, before);
    }
  }
}
