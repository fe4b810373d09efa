/**
 * `Headers` as a Worker sees them.
 *
 * Promise: stands on a free-standing native Headers, which drops no name (`Cookie`, `Host`, `Upgrade`, `Set-Cookie`
 * all stay); adds `getAll`, the platform's texts, values of any characters, and the immutable kind that a received message carries.
 *
 * A native Headers holds one character for each byte. So a value beyond ASCII is held as its UTF-8, and one that holds such a value
 * is marked: only of those each value is read back.
 */
import { fromHeaderBytes, isAscii, toHeaderBytes } from '../base/header-values.ts';
import { isToken } from '../base/http-token.ts';
import { each, mapped } from '../base/lists.ts';
import {
  arrayAppend,
  arrayIsArray,
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  objectGetPrototypeOf,
  reflectApply,
  reflectDeleteProperty,
  reflectOwnKeys,
  uncurryThis,
  weakSetAdd,
  weakSetHas,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { elementsOf } from './iterated.ts';
import { define, named, parameterError, shapeClass } from './native-shape.ts';

export type HeaderList = readonly (readonly [string, string])[];

export interface HeadersFactory {
  Headers: typeof globalThis.Headers;
  /** Reads what a program gave as `headers`; a copy, never the same object. `dictionary` names the init in errors. */
  copy(given: unknown, dictionary: string): globalThis.Headers;
  fromList(list: HeaderList, options: { immutable: boolean }): globalThis.Headers;
  /** every pair in order, `set-cookie` once for each value */
  list(headers: globalThis.Headers): [string, string][];
  has(headers: globalThis.Headers, name: string): boolean;
  /** as `headers.set`, whatever the program did to it */
  set(headers: globalThis.Headers, name: string, value: string): void;
  freeze(headers: globalThis.Headers): void;
  isFrozen(headers: globalThis.Headers): boolean;
}

type Methods = Pick<globalThis.Headers, 'append' | 'delete' | 'get' | 'has' | 'set' | 'forEach' | 'getSetCookie'>;
const arrayValues = uncurryThis(Array.prototype.values) as <T>(list: readonly T[]) => ArrayIterator<T>;
const TYPES = 'Headers or Sequence or object';

/** @param ownCookies  each cookie that is set is a header of its own (`http_headers_getsetcookie`) */
export function makeHeaders(Native: typeof globalThis.Headers, ownCookies: boolean): HeadersFactory {
  const native = methodsOf(Native);
  const inside = insideOf(native);
  const { put, listOf } = inside;
  const { Headers, freeze, isFrozen } = makeClass(Native, native, inside);
  if (!ownCookies) joinCookies(Headers.prototype, listOf);
  shapeClass(Headers, 'Headers');
  return {
    Headers,
    copy(given, dictionary) {
      const headers = new Headers();
      fill(
        { native, ...inside },
        headers,
        given,
        () => `Incorrect type for the 'headers' field on '${dictionary}': the provided value`,
      );
      return headers;
    },
    fromList(list, { immutable }) {
      const headers = new Headers();
      for (let i = 0; i < list.length; i++) put(headers, 'append', list[i]?.[0] as string, list[i]?.[1] as string);
      if (immutable) freeze(headers);
      return headers;
    },
    list: listOf,
    has: (headers, name) => native.has(headers, name) as boolean,
    set: (headers, name, value) => put(headers, 'set', name, value),
    freeze,
    isFrozen,
  };
}

interface Inside {
  /** As the native methods; the value may be of any characters. */
  put(headers: globalThis.Headers, method: 'append' | 'set', name: string, value: string): void;
  listOf(headers: object): [string, string][];
  /** some of its values are, or were, not ASCII */
  isWide(headers: object): boolean;
}

type MadeClass = Pick<HeadersFactory, 'freeze' | 'isFrozen'> & {
  Headers: new (init?: unknown) => globalThis.Headers;
};

function insideOf(native: NativeMethods): Inside {
  const wide = new WeakSet<object>();
  const isWide = (headers: object) => weakSetHas(wide, headers) as boolean;
  return {
    isWide,
    put(headers, method, name, value) {
      const isPlain = isAscii(value);
      native[method](headers, name, isPlain ? value : toHeaderBytes(value));
      if (!isPlain) weakSetAdd(wide, headers);
    },
    listOf(headers) {
      const list: [string, string][] = [];
      const isMarked = isWide(headers);
      native.forEach(headers, (value: string, name: string) => {
        list[list.length] = [name, isMarked ? fromHeaderBytes(value) : value];
      });
      return list;
    },
  };
}

function makeClass(Native: typeof globalThis.Headers, native: NativeMethods, inside: Inside): MadeClass {
  const { put, listOf, isWide } = inside;
  let freeze: HeadersFactory['freeze'] = () => {};
  let isFrozen: HeadersFactory['isFrozen'] = () => false;

  class Headers extends Native {
    #immutable = false;

    static {
      freeze = (headers) => {
        if (#immutable in headers) headers.#immutable = true;
      };
      isFrozen = (headers) => #immutable in headers && headers.#immutable;
    }

    constructor(init?: unknown) {
      super();
      if (init !== undefined)
        fill({ native, ...inside }, this, init, () => `Failed to construct 'Headers': constructor parameter 1`);
    }

    override append(...given: [name: string, value: string]): void {
      checkPair('append', given);
      this.#write('append', given[0], given[1]);
    }

    override set(...given: [name: string, value: string]): void {
      checkPair('set', given);
      this.#write('set', given[0], given[1]);
    }

    override get(...given: [name: string]): string | null {
      const value = native.get(this, nameOf('get', given)) as string | null;
      return value !== null && isWide(this) ? fromHeaderBytes(value) : value;
    }

    override has(...given: [name: string]): boolean {
      return native.has(this, nameOf('has', given)) as boolean;
    }

    override delete(...given: [name: string]): void {
      const name = nameOf('delete', given);
      this.#assertMutable();
      native.remove(this, name);
    }

    getAll(...given: unknown[]): string[] {
      if (given.length === 0) throw parameterError('getAll', 'Headers', 1, 'string');
      const name = `${given[0] as string}`;
      if (name.toLowerCase() === 'set-cookie') return cookiesOf(this);
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }

    override getSetCookie(): string[] {
      return cookiesOf(this);
    }

    #assertMutable(): void {
      if (this.#immutable) throw new TypeError("Can't modify immutable headers.");
    }

    #write(method: 'append' | 'set', name: string, value: string): void {
      this.#assertMutable();
      write(this, put, method, name, value);
    }
  }

  const cookiesOf = (headers: object): string[] => {
    const cookies = native.getSetCookie(headers) as string[];
    return isWide(headers) ? mapped(cookies, fromHeaderBytes) : cookies;
  };
  readWide(Headers.prototype, isWide, listOf);
  return { Headers, freeze, isFrozen };
}

/** The native ways to go over the headers, but for those that hold what must be read back. */
function readWide(prototype: globalThis.Headers, isWide: (headers: object) => boolean, listOf: Inside['listOf']): void {
  const own = waysOver(listOf);
  for (const name of WAYS_OVER) {
    const native = uncurryThis(prototype[name] as (...args: unknown[]) => unknown);
    const way = {
      [name](this: object, ...args: unknown[]): unknown {
        if (isObject(this) && isWide(this)) return reflectApply(own[name], this, args);
        return native(this, args[0], args[1]);
      },
    }[name] as () => unknown;
    define(prototype, name, named(name, way));
  }
  const { entries } = prototype as unknown as Record<string, (this: unknown) => unknown>;
  const begin = uncurryThis(entries as () => unknown);
  const iterable = {
    [Symbol.iterator](this: unknown): unknown {
      return begin(this);
    },
  };
  objectDefineProperty(prototype, Symbol.iterator, {
    value: iterable[Symbol.iterator],
    configurable: true,
    writable: true,
  });
}

const WAYS_OVER = ['forEach', 'entries', 'keys', 'values'] as const;

/** The same over a list that was made for it. */
function waysOver(listOf: (headers: object) => [string, string][]) {
  return {
    forEach(this: object, each: (value: string, name: string, headers: unknown) => void, self?: unknown) {
      const list = listOf(this);
      for (let i = 0; i < list.length; i++) {
        const { 0: name, 1: value } = list[i] as [string, string];
        reflectApply(each, self, [value, name, this]);
      }
    },
    entries(this: object) {
      return arrayValues(listOf(this));
    },
    keys(this: object) {
      return arrayValues(mapped(listOf(this), (pair) => pair[0]));
    },
    values(this: object) {
      return arrayValues(mapped(listOf(this), (pair) => pair[1]));
    },
  };
}

function checkPair(method: string, given: readonly unknown[]): void {
  if (given.length < 2) throw parameterError(method, 'Headers', given.length + 1, 'string');
}

function nameOf(method: string, given: readonly unknown[]): string {
  if (given.length === 0) throw parameterError(method, 'Headers', 1, 'string');
  const name = `${given[0] as string}`;
  if (!isToken(name)) throw new TypeError('Invalid header name.');
  return name;
}

/** Whoever goes over the headers finds all cookies in one. */
function joinCookies(prototype: globalThis.Headers, listOf: Inside['listOf']): void {
  const own = waysOver((headers) => {
    const list: [string, string][] = [];
    each(listOf(headers), ({ 0: name, 1: value }) => {
      const last = list[list.length - 1];
      if (last?.[0] === name) last[1] += `, ${value}`;
      else list[list.length] = [name, value];
    });
    return list;
  });
  for (const name of WAYS_OVER) define(prototype, name, named(name, own[name] as () => unknown));
  objectDefineProperty(prototype, Symbol.iterator, { value: own.entries, configurable: true, writable: true });
  reflectDeleteProperty(prototype, 'getSetCookie');
  // What is inherited cannot be deleted, and an own `undefined` would be seen.
  reflectDeleteProperty(objectGetPrototypeOf(prototype) as object, 'getSetCookie');
}

interface NativeMethods {
  readonly isNative: (value: object) => boolean;
  readonly append: (self: unknown, name: string, value: string) => unknown;
  readonly set: (self: unknown, name: string, value: string) => unknown;
  readonly remove: (self: unknown, name: string) => unknown;
  readonly get: (self: unknown, name: string) => unknown;
  readonly has: (self: unknown, name: string) => unknown;
  readonly forEach: (self: unknown, each: (value: string, name: string) => void) => unknown;
  readonly getSetCookie: (self: unknown) => unknown;
}

function methodsOf(Native: typeof globalThis.Headers): NativeMethods {
  const prototype = Native.prototype as Methods;
  return {
    isNative: (value) => value instanceof Native,
    append: uncurryThis(prototype.append),
    set: uncurryThis(prototype.set),
    remove: uncurryThis(prototype.delete),
    get: uncurryThis(prototype.get),
    has: uncurryThis(prototype.has),
    forEach: uncurryThis(prototype.forEach) as NativeMethods['forEach'],
    getSetCookie: uncurryThis(prototype.getSetCookie),
  };
}

function fill(
  { native, put, listOf }: Inside & { native: NativeMethods },
  target: globalThis.Headers,
  init: unknown,
  subject: () => string,
): void {
  if (!isObject(init)) {
    throw new TypeError(`${subject()} is not of type '${TYPES}'.`);
  }
  // Ours and native ones are read by what they hold: a patched iterator changes nothing.
  if (native.isNative(init)) {
    each(listOf(init), (pair) => put(target, 'append', pair[0], pair[1]));
    return;
  }
  const pairs = pairsOf(init);
  if (!pairs) throw new TypeError(`${subject()} is not of type '${TYPES}'.`);
  each(pairs, (pair) => write(target, put, 'append', pair[0], pair[1]));
}

/** Undefined for a list that nobody can go over: it is no record either. */
function pairsOf(init: object): [string, string][] | undefined {
  const sequence = elementsOf(init);
  if (sequence) return mapped(sequence, pairOf);
  if (arrayIsArray(init)) return undefined;
  const pairs: [string, string][] = [];
  each(reflectOwnKeys(init), (name) => {
    if (typeof name !== 'string' || !objectGetOwnPropertyDescriptor(init, name)?.enumerable) return;
    arrayAppend(pairs, [name, `${(init as Record<string, unknown>)[name]}`]);
  });
  return pairs;
}

function pairOf(given: unknown): [string, string] {
  const parts = isObject(given) ? elementsOf(given) : undefined;
  if (!parts) throw new TypeError("Incorrect type: the provided value is not of type 'Sequence'.");
  if (parts.length !== 2) {
    throw new TypeError(
      'To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.',
    );
  }
  return [`${parts[0]}`, `${parts[1]}`];
}

/** What the native method refuses, we refuse in the platform's words. */
function write(
  headers: globalThis.Headers,
  put: Inside['put'],
  method: 'append' | 'set',
  name: string,
  value: string,
): void {
  const asText = `${name}`;
  // DIFFERS: workerd takes empty names and names beyond ASCII; the browser's class cannot hold them.
  if (!isToken(asText)) throw new TypeError('Invalid header name.');
  const text = `${value}`;
  try {
    put(headers, method, asText, text);
  } catch {
    throw new TypeError('Invalid header value.'); // it refuses nothing else, and the platform gives no cause
  }
}
