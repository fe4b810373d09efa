/**
 * `node:events`: the port that browsers' bundlers use, with what Node has added since.
 *
 * Promise: `EventEmitter` can be called without `new`, as programs that inherit by prototype do.
 */

import Emitter from 'events/';
import { abortError, codeError } from './errors.ts';
import { hooks } from './hooks.ts';

type Listener = (...args: unknown[]) => unknown;
interface AnyEmitter {
  on(type: unknown, listener: Listener): unknown;
  off(type: unknown, listener: Listener): unknown;
  rawListeners(type: unknown): Listener[];
  listeners(type: unknown): Listener[];
  listenerCount(type: unknown): number;
  getMaxListeners(): number;
  setMaxListeners(count: number): void;
}

export const EventEmitter = Emitter;
export const usingDomains = false;
export const captureRejectionSymbol: symbol = Symbol.for('nodejs.rejection');
export const errorMonitor: symbol = Symbol.for('events.errorMonitor');
export const captureRejections = false;
export const defaultMaxListeners = 10;

const emit = Emitter.prototype.emit as (this: AnyEmitter, type: unknown, ...args: unknown[]) => boolean;
Emitter.prototype.emit = function (this: AnyEmitter, type: unknown, ...args: unknown[]): boolean {
  if (type !== 'error') return emit.call(this, type, ...args);
  if (this.listenerCount(errorMonitor) > 0) emit.call(this, errorMonitor, ...args);
  const [error] = args;
  if (this.listenerCount(type) === 0 && !(error instanceof Error)) {
    const text = typeof error === 'string' ? `'${error}'` : String(error);
    const context = { context: error };
    throw Object.assign(codeError(Error, 'ERR_UNHANDLED_ERROR', `Unhandled error. (${text})`), context);
  }
  return emit.call(this, type, ...args);
};

export const once = Emitter.once as (emitter: AnyEmitter | EventTarget, type: string) => Promise<unknown[]>;

/** The events of one type, one after the other, until the signal aborts; an `error` event is thrown. */
export function on(
  emitter: AnyEmitter | EventTarget,
  type: string,
  { signal, close = [] }: { signal?: AbortSignal; close?: string[] } = {},
): AsyncIterableIterator<unknown[]> {
  signal?.throwIfAborted();
  const waiting: { resolve(result: IteratorResult<unknown[]>): void; reject(error: unknown): void }[] = [];
  const arrived: unknown[][] = [];
  let failure: { error: unknown } | undefined;
  let isDone = false;
  const stops: (() => void)[] = [];
  const listen = (name: string, listener: Listener) => stops.push(listenTo(emitter, name, listener));
  const finish = () => {
    for (const stop of stops.splice(0)) stop();
    isDone = true;
    for (const one of waiting.splice(0)) one.resolve({ value: undefined, done: true });
  };
  const fail = (error: unknown) => {
    const first = waiting.shift();
    if (first) first.reject(error);
    else failure = { error };
    finish();
  };
  listen(type, (...args) => {
    const first = waiting.shift();
    if (first) first.resolve({ value: args, done: false });
    else arrived.push(args);
  });
  if (type !== 'error' && !(emitter instanceof EventTarget)) listen('error', fail);
  for (const name of close) listen(name, finish);
  if (signal) stops.push(listenTo(signal, 'abort', () => fail(abortError(signal))));
  return {
    next() {
      const value = arrived.shift();
      if (value) return Promise.resolve({ value, done: false });
      if (failure) {
        const { error } = failure;
        failure = undefined;
        return Promise.reject(error);
      }
      if (isDone) return Promise.resolve({ value: undefined, done: true });
      return new Promise((resolve, reject) => waiting.push({ resolve, reject }));
    },
    return() {
      finish();
      return Promise.resolve({ value: undefined, done: true });
    },
    throw(error: unknown) {
      fail(error);
      return Promise.resolve({ value: undefined, done: true });
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

function listenTo(emitter: AnyEmitter | EventTarget, type: string, listener: Listener): () => void {
  if (emitter instanceof EventTarget) {
    emitter.addEventListener(type, listener);
    return () => emitter.removeEventListener(type, listener);
  }
  emitter.on(type, listener);
  return () => emitter.off(type, listener);
}

export function addAbortListener(signal: AbortSignal, listener: (event: Event) => void): Disposable {
  if (signal.aborted) queueMicrotask(() => listener(new Event('abort')));
  else signal.addEventListener('abort', listener, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
}

export function getEventListeners(emitter: AnyEmitter, type: unknown): Listener[] {
  return emitter instanceof EventTarget ? [] : emitter.listeners(type);
}

export function getMaxListeners(emitter: AnyEmitter): number {
  return emitter instanceof EventTarget ? Emitter.defaultMaxListeners : emitter.getMaxListeners();
}

export function listenerCount(emitter: AnyEmitter, type: unknown): number {
  return emitter.listenerCount(type);
}

/** Without targets it is the default of all emitters that have none of their own. */
export function setMaxListeners(count = 10, ...targets: Partial<AnyEmitter>[]): void {
  if (targets.length === 0) Emitter.defaultMaxListeners = count;
  for (const target of targets) target.setMaxListeners?.(count);
}

/** Its listeners run in the asynchronous context in which it was made. */
export class EventEmitterAsyncResource extends Emitter {
  readonly #frame = hooks.context.frame;

  emit(type: unknown, ...args: unknown[]): boolean {
    return hooks.context.enter(this.#frame, Emitter.prototype.emit, this, [type, ...args]) as boolean;
  }

  get asyncId(): number {
    return 0;
  }

  get triggerAsyncId(): number {
    return 0;
  }

  emitDestroy(): void {}
}

const members = {
  EventEmitter: Emitter,
  EventEmitterAsyncResource,
  addAbortListener,
  captureRejectionSymbol,
  captureRejections,
  errorMonitor,
  getEventListeners,
  getMaxListeners,
  listenerCount,
  on,
  once,
  setMaxListeners,
  usingDomains,
};
for (const [name, value] of Object.entries(members)) {
  Object.defineProperty(Emitter, name, { value, writable: true, configurable: true, enumerable: true });
}
export default Emitter;
