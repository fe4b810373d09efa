/**
 * Carries the asynchronous context of a program from one task to another.
 *
 * Promise: what a program gives to `then`, `queueMicrotask`, a timer or the body of a stream runs under the frame in
 * which it was given, as in workerd. An `await` is not among these: the bundler compiles programs that use contexts to
 * generators over promises (`lowersAsync`), so that each of theirs is a `then`.
 *
 * DIFFERS: an `await` in code that is not the program's own (modules of Node, the browser) carries nothing.
 *
 * Only for programs that ask for it: others keep the browser's own `then`.
 */
import type { AsyncContext } from '../base/async-context.ts';
import {
  makeProxy,
  objectDefineProperty,
  promiseThen,
  reflectApply,
  reflectConstruct,
  reflectGet,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { named } from './native-shape.ts';
import { DurableObjectState } from './state.ts';

type Callback = (...args: unknown[]) => unknown;

/**
 * Changes the scope of a program that is not loaded yet.
 *
 * @param thenables  prototypes of what the program gets as promises and is none
 */
export function carryContexts(scope: typeof globalThis, context: AsyncContext, thenables: readonly object[]): void {
  const bound = (callback: unknown): unknown =>
    typeof callback === 'function' && context.frame ? context.bind(callback as Callback) : callback;
  const then = {
    method(this: Promise<unknown>, fulfilled?: unknown, rejected?: unknown) {
      return promiseThen(this, bound(fulfilled) as Callback, bound(rejected) as Callback);
    },
  }.method;
  replace(scope.Promise.prototype, 'then', named('then', then, 2));
  const carryInto = (prototype: object, names: readonly string[]) => {
    for (const name of names) {
      const method = (prototype as Record<string, unknown>)[name] as Callback;
      const carrying = {
        method(this: unknown, ...callbacks: unknown[]) {
          for (let i = 0; i < callbacks.length; i++) callbacks[i] = bound(callbacks[i]);
          return reflectApply(method, this, callbacks);
        },
      }.method;
      replace(prototype, name, named(name, carrying, method.length));
    }
  };
  for (const prototype of thenables) carryInto(prototype, ['then', 'catch', 'finally']);
  // A section begins when it has the gate, in a task of its own.
  carryInto(DurableObjectState.prototype, ['blockConcurrencyWhile']);
  for (const name of ['queueMicrotask', 'setTimeout', 'setInterval'] as const) {
    const native = scope[name] as Callback;
    const carrying = (callback?: unknown, ...rest: unknown[]) =>
      reflectApply(native, undefined, [bound(callback), ...rest]);
    replace(holderOf(scope, name), name, named(name, carrying as Callback, native.length));
  }
  carrySources(scope, context);
}

/** The callbacks of a stream run under the frame in which the stream was made. */
function carrySources(scope: typeof globalThis, context: AsyncContext): void {
  for (const name of ['ReadableStream', 'WritableStream', 'TransformStream'] as const) {
    const Native = scope[name] as unknown as new (...args: unknown[]) => object;
    const carrying = makeProxy(Native, {
      construct(target, args, newTarget) {
        const [source, ...rest] = args as unknown[];
        const given = context.frame && isObject(source) ? boundMembers(source, context) : source;
        return reflectConstruct(target, args.length === 0 ? [] : [given, ...rest], newTarget) as object;
      },
    });
    replace(holderOf(scope, name), name, carrying);
    replace(Native.prototype as object, 'constructor', carrying);
  }
}

function boundMembers(source: object, context: AsyncContext): object {
  return makeProxy(source, {
    get(target, key) {
      const value: unknown = reflectGet(target, key);
      if (typeof value !== 'function') return value;
      const call = value as Callback;
      return context.bind((...args: unknown[]) => reflectApply(call, target, args));
    },
  });
}

/** The scope itself or the prototype on which the name stands. */
function holderOf(scope: object, name: string): object {
  let at = scope;
  while (!Object.hasOwn(at, name)) at = Object.getPrototypeOf(at) as object;
  return at;
}

function replace(on: object, key: string, value: unknown): void {
  const { enumerable = false } = Object.getOwnPropertyDescriptor(on, key) ?? {};
  objectDefineProperty(on, key, { value, enumerable, configurable: true, writable: true });
}
