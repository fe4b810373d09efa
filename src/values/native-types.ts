/**
 * The browser's own classes (URL, FormData, AbortSignal …), known by their prototypes.
 *
 * The platform refuses to clone their instances by name; a codec that did not know them would take them for instances of
 * the program's classes and write their own members, which are none.
 *
 * Must be made before a program's code is loaded, and before the scope is shaped.
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

export function nativeTypes(scope: typeof globalThis): NativeTypeOf {
  const names = new Map<object, string>();
  for (const name of objectGetOwnPropertyNames(scope)) {
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
