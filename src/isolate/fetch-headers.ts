/**
 * `Headers` as a Worker sees them.
 *
 * Promise: stands on a free-standing native Headers, which drops no name (`Cookie`, `Host`, `Upgrade`, `Set-Cookie`
 * all stay); adds `getAll`, the platform's texts, and the immutable kind that a received message carries.
 */
import { isToken } from '../base/http-token.ts';
import { mapped } from '../base/lists.ts';
import {
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  objectGetPrototypeOf,
  objectHasOwn,
  reflectApply,
  reflectDeleteProperty,
  uncurryThis,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
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
  const { Headers, freeze, isFrozen } = makeClass(Native, native);
  if (!ownCookies) joinCookies(Headers.prototype, native);
  shapeClass(Headers, 'Headers');
  return {
    Headers,
    copy(given, dictionary) {
      const headers = new Headers();
      fill(
        native,
        headers,
        given,
        () => `Incorrect type for the 'headers' field on '${dictionary}': the provided value`,
      );
      return headers;
    },
    fromList(list, { immutable }) {
      const headers = new Headers();
      for (let i = 0; i < list.length; i++) native.append(headers, list[i]?.[0] as string, list[i]?.[1] as string);
      if (immutable) freeze(headers);
      return headers;
    },
    list(headers) {
      const list: [string, string][] = [];
      native.forEach(headers, (value: string, name: string) => {
        list[list.length] = [name, value];
      });
      return list;
    },
    has: (headers, name) => native.has(headers, name) as boolean,
    set: (headers, name, value) => native.set(headers, name, value),
    freeze,
    isFrozen,
  };
}

type MadeClass = Pick<HeadersFactory, 'freeze' | 'isFrozen'> & {
  Headers: new (init?: unknown) => globalThis.Headers;
};

function makeClass(Native: typeof globalThis.Headers, native: NativeMethods): MadeClass {
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
      if (init !== undefined) fill(native, this, init, () => `Failed to construct 'Headers': constructor parameter 1`);
    }

    override append(...given: [name: string, value: string]): void {
      checkPair('append', given);
      this.#write(native.append, given[0], given[1]);
    }

    override set(...given: [name: string, value: string]): void {
      checkPair('set', given);
      this.#write(native.set, given[0], given[1]);
    }

    override get(...given: [name: string]): string | null {
      return native.get(this, nameOf('get', given)) as string | null;
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
      if (name.toLowerCase() === 'set-cookie') return native.getSetCookie(this) as string[];
      throw new TypeError('getAll() can only be used with the header name "Set-Cookie".');
    }

    #assertMutable(): void {
      if (this.#immutable) throw new TypeError("Can't modify immutable headers.");
    }

    #write(method: NativeMethods['set'], name: string, value: string): void {
      this.#assertMutable();
      write(this, method, name, value);
    }
  }

  return { Headers, freeze, isFrozen };
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
function joinCookies(prototype: globalThis.Headers, native: NativeMethods): void {
  const joined = (headers: unknown): [string, string][] => {
    const list: [string, string][] = [];
    native.forEach(headers, (value, name) => {
      const last = list[list.length - 1];
      if (last?.[0] === name) last[1] += `, ${value}`;
      else list[list.length] = [name, value];
    });
    return list;
  };
  const own = {
    forEach(this: unknown, each: (value: string, name: string, headers: unknown) => void, self?: unknown) {
      const list = joined(this);
      for (let i = 0; i < list.length; i++) {
        const { 0: name, 1: value } = list[i] as [string, string];
        reflectApply(each, self, [value, name, this]);
      }
    },
    entries(this: unknown) {
      return arrayValues(joined(this));
    },
    keys(this: unknown) {
      return arrayValues(mapped(joined(this), (pair) => pair[0]));
    },
    values(this: unknown) {
      return arrayValues(mapped(joined(this), (pair) => pair[1]));
    },
  };
  for (const name of ['forEach', 'entries', 'keys', 'values'] as const) define(prototype, name, named(name, own[name]));
  objectDefineProperty(prototype, Symbol.iterator, { value: own.entries, configurable: true, writable: true });
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

function fill(native: NativeMethods, target: globalThis.Headers, init: unknown, subject: () => string): void {
  if (!isObject(init)) {
    throw new TypeError(`${subject()} is not of type '${TYPES}'.`);
  }
  // Ours and native ones are read by what they hold: a patched iterator changes nothing.
  if (native.isNative(init)) native.forEach(init, (value, name) => native.append(target, name, value));
  else for (const [name, value] of pairsOf(init)) write(target, native.append, name, value);
}

function pairsOf(init: object): [string, string][] {
  const pairs: [string, string][] = [];
  if (typeof (init as Iterable<unknown>)[Symbol.iterator] === 'function') {
    for (const one of init as Iterable<unknown>) {
      const pair = [...(one as Iterable<unknown>)];
      if (pair.length !== 2) {
        throw new TypeError(
          'To initialize a Headers object from a sequence, each inner sequence must have exactly two elements.',
        );
      }
      pairs.push([`${pair[0]}`, `${pair[1]}`]);
    }
    return pairs;
  }
  for (const name of Reflect.ownKeys(init)) {
    if (typeof name !== 'string' || !objectHasOwn(init, name)) continue;
    if (!objectGetOwnPropertyDescriptor(init, name)?.enumerable) continue;
    pairs.push([name, `${(init as Record<string, unknown>)[name]}`]);
  }
  return pairs;
}

/** Calls the native method; what it refuses, we refuse in the platform's words. */
function write(headers: globalThis.Headers, method: NativeMethods['set'], name: string, value: string): void {
  const asText = `${name}`;
  if (!isToken(asText)) throw new TypeError('Invalid header name.');
  const text = `${value}`;
  try {
    method(headers, asText, text);
  } catch {
    // DIFFERS: workerd accepts characters above U+00FF in a value and sends them as UTF-8; the browser's class cannot.
    throw new TypeError('Invalid header value.'); // it refuses nothing else, and the platform gives no cause
  }
}
