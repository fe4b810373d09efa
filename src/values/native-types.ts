/**
 * The browser's own classes (URL, FormData, AbortSignal …), known by their prototypes.
 *
 * The platform refuses to clone their instances by name; a codec that did not know them would take them for instances of
 * the program's classes and write their own members, which are none.
 *
 * Must be made before a program's code is loaded, and before the scope is shaped. A browser makes a class when it is first asked
 * for: to ask for all of a page's takes longer than all else that opens a simulator, so only those are that are wanted.
 */
import { objectGetOwnPropertyNames, objectGetPrototypeOf, uncurryThis } from '../base/primordials.ts';

/** What the value codec writes itself, or refuses with another text. */
const CODEC_KNOWS = new Set([
  'ArrayBuffer',
  'BigInt',
  'DOMException',
  'DataView',
  'FinalizationRegistry',
  'Iterator',
  'Map',
  'Promise',
  'Set',
  'SharedArrayBuffer',
  'Symbol',
  'WeakMap',
  'WeakRef',
  'WeakSet',
]);

const get = uncurryThis(Map.prototype.get) as (map: Map<object, string>, key: object) => string | undefined;

export type NativeTypeOf = (value: object) => string | undefined;

/** @param classes  names of those that instances can be of */
export function nativeTypes(scope: typeof globalThis, classes: readonly string[]): NativeTypeOf {
  const names = new Map<object, string>();
  for (let i = 0; i < classes.length; i++) {
    const name = classes[i] as string;
    if (CODEC_KNOWS.has(name) || !/^[A-Z]/.test(name)) continue;
    const { value } = Object.getOwnPropertyDescriptor(scope, name) ?? {};
    const prototype: unknown = typeof value === 'function' ? value.prototype : undefined;
    if (typeof prototype !== 'object' || prototype === null) continue;
    const tag = Object.getOwnPropertyDescriptor(prototype, Symbol.toStringTag);
    if (typeof tag?.value === 'string') names.set(prototype, name);
  }
  return (value) => {
    let prototype = objectGetPrototypeOf(value);
    while (prototype !== null) {
      const name = get(names, prototype);
      if (name !== undefined) return name;
      prototype = objectGetPrototypeOf(prototype);
    }
    return undefined;
  };
}

/** Of every class of the scope, which is looked at when the first value is: for a scope whose code is trusted. */
export function nativeTypesLater(scope: typeof globalThis): NativeTypeOf {
  let made: NativeTypeOf | undefined;
  return (value) => {
    made ??= nativeTypes(scope, objectGetOwnPropertyNames(scope));
    return made(value);
  };
}
