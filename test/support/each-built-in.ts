/**
 * The built-ins of the language, found and not listed, and what a program may put in the place of one.
 *
 * Promise: every configurable function, getter or setter that is a member of a global of the language, of its prototype, or of the
 * iterators and generators that no global names; and every such global itself.
 */

export interface BuiltIn {
  /** as a program would write it */
  readonly name: string;
  readonly target: object;
  readonly key: PropertyKey;
  readonly described: PropertyDescriptor;
}

const { getPrototypeOf, getOwnPropertyDescriptor, defineProperty, getOwnPropertyNames } = Object;
const { apply, ownKeys, deleteProperty } = Reflect;
const PARTS = ['value', 'get', 'set'] as const;

/** What no global names. */
const HIDDEN: Readonly<Record<string, object>> = {
  TypedArray: getPrototypeOf(Uint8Array),
  ArrayIterator: getPrototypeOf([][Symbol.iterator]()),
  MapIterator: getPrototypeOf(new Map().keys()),
  SetIterator: getPrototypeOf(new Set().keys()),
  StringIterator: getPrototypeOf(''[Symbol.iterator]()),
  Generator: getPrototypeOf(getPrototypeOf((function* () {})())),
  AsyncGenerator: getPrototypeOf(getPrototypeOf((async function* () {})())),
  AsyncFunction: getPrototypeOf(async () => {}),
};

/** @param globals  names of globals of the language */
export function builtInsOf(globals: readonly string[]): BuiltIn[] {
  const found: BuiltIn[] = [];
  const seen = new Set<object>();
  const visit = (target: unknown, path: string) => {
    if ((typeof target !== 'object' && typeof target !== 'function') || target === null) return;
    if (target === globalThis || seen.has(target)) return;
    seen.add(target);
    for (const key of ownKeys(target)) {
      const described = getOwnPropertyDescriptor(target, key) as PropertyDescriptor;
      if (!described.configurable || !PARTS.some((part) => typeof described[part] === 'function')) continue;
      found.push({ name: `${path}.${String(key)}`, target, key, described });
    }
  };
  for (const [name, target] of Object.entries(HIDDEN)) {
    visit(target, name);
    visit((target as { prototype?: unknown }).prototype, `${name}.prototype`);
  }
  for (const key of globals) {
    const described = getOwnPropertyDescriptor(globalThis, key);
    if (!described?.configurable) continue;
    if (typeof described.value === 'function') found.push({ name: key, target: globalThis, key, described });
    visit(described.value, key);
    visit((described.value as { prototype?: unknown } | undefined)?.prototype, `${key}.prototype`);
  }
  return found;
}

/** The globals of the language alone, of whichever realm. */
export const languageGlobals = (realm: object): string[] => getOwnPropertyNames(realm);

const OVER = Object.freeze({ done: true, value: undefined, length: 0 });

/**
 * What stands in the place of a built-in, by what it does; undefined: nothing stands there. No arrow functions: what names a class is
 * constructed.
 */
export const REPLACEMENTS: Readonly<Record<string, (() => unknown) | undefined>> = {
  throws: () => {
    throw new Error('a broken built-in was called');
  },
  'gives nothing': () => {},
  'gives what it is given': function (this: unknown, first?: unknown) {
    return this ?? first;
  },
  'says that it is over': () => OVER,
  'is gone': undefined,
};

/** Puts `replacement` in its place. */
export function breakBuiltIn({ target, key, described }: BuiltIn, replacement: (() => unknown) | undefined): void {
  if (!replacement) {
    deleteProperty(target, key);
    return;
  }
  const next: PropertyDescriptor = { configurable: true, enumerable: described.enumerable === true };
  // One by one, without an iterator: what is broken may be that.
  if (typeof described.value === 'function') {
    next.value = replacement;
    next.writable = described.writable === true;
  } else {
    if (described.get) next.get = replacement;
    if (described.set) next.set = replacement;
  }
  defineProperty(target, key, next);
}

/** It does what it does, and `onTouch` hears of whoever looks at it. */
export function watchBuiltIn({ target, key, described }: BuiltIn, onTouch: () => void): void {
  const { value, get, set, enumerable = false, writable } = described;
  const isData = 'value' in described;
  defineProperty(target, key, {
    configurable: true,
    enumerable,
    get(this: unknown) {
      onTouch();
      return isData ? value : get && apply(get, this, []);
    },
    // A class of the program's that assigns a member of its own of this name.
    set(this: object, next: unknown) {
      if (!isData) set && apply(set, this, [next]);
      else if (writable)
        defineProperty(this, key, { value: next, writable: true, enumerable: true, configurable: true });
    },
  });
}

export function restoreBuiltIn({ target, key, described }: BuiltIn): void {
  defineProperty(target, key, described);
}
