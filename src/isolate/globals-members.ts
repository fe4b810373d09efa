/**
 * The members of the scope's classes, as a program uses them where it should not.
 *
 * Promise: on a wrong `this` (a method that was taken off its object, a Proxy, a prototype) a member throws at once, also one that
 * answers by a promise, and what has no setter refuses to be assigned; both in the platform's words (workerd 1.20260730, as
 * observed). What a member does on its own kind is unchanged.
 *
 * DIFFERS: such a refusal is a setter, which `Reflect.set` and `Object.getOwnPropertyDescriptor` show.
 */
import { each } from '../base/lists.ts';
import { illegalInvocation, refusingSetter } from '../base/platform-objects.ts';
import {
  numberOf,
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  objectHasOwn,
  objectIsPrototypeOf,
  reflectApply,
  reflectOwnKeys,
  regExpExec,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { named, parameterError } from './native-shape.ts';

type Scope = Readonly<Record<string, unknown>>;
type Method = (...args: never[]) => unknown;

/** Have setters in browsers. */
const READ_ONLY = { Event: 'returnValue' } as Readonly<Record<string, string>>;
/** What a browser says for a `this` that has not what is looked for: of its own classes, and of ours. */
const NOT_ITS_KIND = /^(Illegal invocation$|Cannot (read|write) private member|Receiver must be )/;

/** Methods that run code of the program's, whose errors are its own. */
const CALLS_BACK: Readonly<Record<string, true>> = { enqueue: true, pipeThrough: true, pipeTo: true };

const SYMBOL = /^Failed to execute .*: (Cannot convert a Symbol value to a string)$/;
const WRONG_ARGUMENT = /^Failed to execute '(\w+)' on '(\w+)': /;
const ARGUMENTS_GIVEN = /, but only (\d) present\.$/;
/** How the platform calls the arguments of methods, by the place of each. */
const TYPES: Readonly<Record<string, readonly string[]>> = {
  FormData: ['string', 'File or Blob or string'],
  Headers: ['string', 'string'],
  URLSearchParams: ['USVString', 'USVString'],
};

export function shapeMembers(scope: Scope, names: readonly string[]): void {
  each(names, (name) => {
    const known = scope[name] as { readonly prototype?: unknown } | undefined;
    const prototype = typeof known === 'function' ? known.prototype : undefined;
    if (isObject(prototype)) guardMembers(prototype, READ_ONLY[name]);
  });
}

/** @param readOnly  has a setter that is not to be there */
export function guardMembers(prototype: object, readOnly?: string): void {
  each(reflectOwnKeys(prototype), (key) => {
    const found = objectGetOwnPropertyDescriptor(prototype, key);
    if (typeof key !== 'string' || key === 'constructor' || !found?.configurable) return;
    const { get, set, value } = found;
    if (get) {
      const accessor = {
        get: named('', guarded(prototype, get)),
        set: set && key !== readOnly ? named('', guarded(prototype, set)) : refusingSetter(key),
      };
      objectDefineProperty(prototype, key, { ...found, ...accessor });
    } else if (typeof value === 'function' && !objectHasOwn(value, 'prototype')) {
      objectDefineProperty(prototype, key, { ...found, value: named(key, guarded(prototype, value as Method, key)) });
    }
  });
}

function guarded(prototype: object, method: Method, name = ''): (this: unknown, ...args: unknown[]) => unknown {
  return {
    of(this: unknown, ...args: unknown[]): unknown {
      if (!objectIsPrototypeOf(prototype, this)) throw illegalInvocation();
      try {
        return reflectApply(method, this, args);
      } catch (error) {
        throw objectHasOwn(CALLS_BACK, name) ? error : refusal(error, name);
      }
    },
  }.of;
}

/** What a browser refuses in its own words: the `this`, an argument that is missing or no function, or a symbol where it wants a text. */
function refusal(error: unknown, name: string): unknown {
  if (!(error instanceof TypeError)) return error;
  const { message } = error;
  // What its callback throws is the program's own.
  if (name !== 'forEach' && regExpExec(NOT_ITS_KIND, message) !== null) return illegalInvocation();
  const symbol = regExpExec(SYMBOL, message)?.[1];
  if (symbol !== undefined) return new TypeError(symbol);
  const found = regExpExec(WRONG_ARGUMENT, message);
  const method = found?.[1] ?? '';
  const on = found?.[2] ?? '';
  const types = objectHasOwn(TYPES, on) ? TYPES[on] : undefined;
  if (types === undefined) return error;
  if (method === 'forEach') return parameterError(method, on, 1, 'function');
  const given = numberOf(regExpExec(ARGUMENTS_GIVEN, message)?.[1]);
  const type = types[given];
  return type === undefined ? error : parameterError(method, on, given + 1, type);
}
