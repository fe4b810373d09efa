/**
 * Small tools that make our objects look like the platform's: tags, enumerable members, constructors that refuse.
 *
 * Promise: what a program sees by `String(x)`, `for … in`, `typeof` and `instanceof` is what the real runtime shows.
 *
 * Source of every text: workerd 1.20260730, as observed.
 */
import { shapePrototype } from '../base/platform-objects.ts';
import {
  makeProxy,
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  weakSetAdd,
  weakSetHas,
} from '../base/primordials.ts';

// biome-ignore lint/suspicious/noExplicitAny: a constructor of whatever shape; only its name and prototype are touched
export type AnyConstructor = abstract new (...args: any[]) => object;

const GLOBAL_SCOPE_TEXT =
  'Disallowed operation called within global scope. Asynchronous I/O (ex: fetch() or connect()), setting a timeout, ' +
  'and generating random values are not allowed within global scope. To fix this error, perform this operation within ' +
  'a handler. https://developers.cloudflare.com/workers/runtime-apis/handlers/';

/** What an operation that needs an event throws while the module is evaluated. */
export function globalScopeError(): Error {
  return new Error(GLOBAL_SCOPE_TEXT);
}

/** What a thing throws that the platform has and Durabox does not have yet. `what` as the program wrote it. */
export function notYetError(what: string): Error {
  return new Error(`Durabox does not support ${what} yet.`);
}

export function parameterError(
  method: string,
  on: string,
  position: number,
  type: string,
  kind: 'execute' | 'construct' = 'execute',
): TypeError {
  return kind === 'construct'
    ? new TypeError(`Failed to construct '${on}': constructor parameter ${position} is not of type '${type}'.`)
    : new TypeError(`Failed to execute '${method}' on '${on}': parameter ${position} is not of type '${type}'.`);
}

/** Of what a method takes for its options. */
export function fieldError(field: string, dictionary: string, type: string): TypeError {
  return new TypeError(
    `Incorrect type for the '${field}' field on '${dictionary}': the provided value is not of type '${type}'.`,
  );
}

/** Gives a class the platform's name and tag, and makes its own members enumerable as the platform's are. */
export function shapeClass(target: AnyConstructor, tag: string, name = tag): void {
  shapePrototype(target.prototype as object, tag, target);
  objectDefineProperty(target, 'name', { value: name, configurable: true });
  objectDefineProperty(target, 'length', { value: 0, configurable: true });
  for (const key of Object.getOwnPropertyNames(target)) {
    const found = objectGetOwnPropertyDescriptor(target, key);
    if (found?.configurable && typeof found.value === 'function') {
      objectDefineProperty(target, key, { ...found, enumerable: true });
    }
  }
}

/** A class that exists for `instanceof` and `typeof` alone: calling and constructing it throw `Illegal constructor`. */
export function illegalConstructor(name: string, options: RefusingOptions = {}): AnyConstructor {
  return refusingConstructor(name, options, () => new TypeError('Illegal constructor'));
}

interface RefusingOptions {
  tag?: string;
  parent?: AnyConstructor;
  /** an object that is to be the class's prototype, instead of a new one */
  prototype?: object;
}

/** A class whose constructor throws what `refuse` makes. */
export function refusingConstructor(
  name: string,
  { tag = name, parent, prototype }: RefusingOptions,
  refuse: () => Error,
): AnyConstructor {
  function refusing(): never {
    throw refuse();
  }
  const target = refusing as unknown as AnyConstructor;
  if (parent) {
    Object.setPrototypeOf(target, parent);
    Object.setPrototypeOf(target.prototype, parent.prototype as object);
  }
  if (prototype) objectDefineProperty(target, 'prototype', { value: prototype });
  objectDefineProperty(target, 'prototype', { writable: false });
  shapeClass(target, tag, name);
  return target;
}

/** Puts a member there, as the platform's are: writable and configurable, and listed unless it is said otherwise. */
export function define(on: object, key: string, value: unknown, enumerable = true): void {
  objectDefineProperty(on, key, { value, configurable: true, writable: true, enumerable });
}

/** Gives `method` the name and the length that the platform's has. */
export function named<F extends (...args: never[]) => unknown>(name: string, method: F, length = 0): F {
  objectDefineProperty(method, 'name', { value: name, configurable: true });
  objectDefineProperty(method, 'length', { value: length, configurable: true });
  return method;
}

export type ClassConstruct = (target: AnyConstructor, args: unknown[], newTarget: AnyConstructor) => object;

/** classes that refuse to be called in the platform's words */
const called = new WeakSet<object>();

function withoutNew(name: string): () => never {
  return () => {
    throw new TypeError(
      `Failed to construct '${name}': Please use the 'new' operator, this object constructor cannot be called as a function.`,
    );
  };
}

/** Has a class of the scope refuse to be called without `new`, if it does not yet. */
export function refuseCalls(prototype: object, name: string): void {
  const found = objectGetOwnPropertyDescriptor(prototype, name);
  if (!found || weakSetHas(called, found.value as object)) return;
  const guarded: AnyConstructor = makeProxy(found.value as AnyConstructor, { apply: withoutNew(name) });
  weakSetAdd(called, guarded);
  objectDefineProperty(prototype, name, { ...found, value: guarded });
  define(guarded.prototype as object, 'constructor', guarded, false);
}

/** Puts something in front of the constructor of a global class, whose instances lead to it too. */
export function guardClass(scope: object, name: string, construct: ClassConstruct, enumerable = true): void {
  const Native = (scope as Record<string, unknown>)[name] as AnyConstructor;
  const guarded: AnyConstructor = makeProxy(Native, { construct, apply: withoutNew(name) });
  weakSetAdd(called, guarded);
  define(scope, name, guarded, enumerable);
  define(Native.prototype as object, 'constructor', guarded, false);
}
