/**
 * Readers and writers that gave their stream back, and streams that have one.
 *
 * Promise: whoever asks a reader or a writer that was released, or a stream that is locked, is refused in the platform's words
 * (workerd 1.20260730, as observed). Knows nothing of what a stream holds.
 */
import { type Deferred, deferred } from '../base/async.ts';
import {
  objectDefineProperty,
  objectGetOwnPropertyDescriptor,
  promiseReject,
  promiseThen,
  weakMapGet,
  weakMapSet,
  weakSetAdd,
  weakSetHas,
} from '../base/primordials.ts';
import { define, named } from './native-shape.ts';

export const RELEASED = {
  reader: 'This ReadableStream reader has been released.',
  writer: 'This WritableStream writer has been released.',
};
export const LOCKED_READABLE = 'This ReadableStream is currently locked to a reader.';
export const LOCKED_WRITABLE = 'This WritableStream is currently locked to a writer.';

type End = keyof typeof RELEASED;
type ClosedPromise = Pick<Deferred<void>, 'promise'> & Partial<Deferred<void>>;

const released = new WeakSet<object>();
/** of these, who was released while its stream had not come to an end */
const releasedEarly = new WeakSet<object>();
/** streams that the program has read of or given up */
const disturbed = new WeakSet<object>();
/** what a program is shown as `closed`, of those that it asked for it or released */
const shownClosed = new WeakMap<object, ClosedPromise>();

export function isReleased(end: object): boolean {
  return weakSetHas(released, end);
}

/** What waited at the reader then has failed for that. */
export function isReleasedEarly(end: object): boolean {
  return weakSetHas(releasedEarly, end);
}

export function disturb(stream: object): void {
  weakSetAdd(disturbed, stream);
}

/** Of a stream that has a reader, which the browser does not tell. */
export function wasDisturbed(stream: object): boolean {
  return weakSetHas(disturbed, stream);
}

export function refused<T = never>(text: string): Promise<T> {
  return promiseReject<T>(new TypeError(text));
}

/** As `refused`, for a promise that nobody needs to look at. */
export function refusedQuietly(text: string): Promise<never> {
  const rejected = refused(text);
  void promiseThen(rejected, undefined, () => {});
  return rejected;
}

/** A method that a released reader or writer refuses, by a promise. */
export function refuseReleased(
  prototype: object,
  name: string,
  end: End,
  method: (self: object, first?: unknown, second?: unknown) => unknown,
): void {
  const { length } = (prototype as Record<string, () => unknown>)[name] as () => unknown;
  const own = {
    method(this: object, first?: unknown, second?: unknown) {
      return isReleased(this) ? refused(RELEASED[end]) : method(this, first, second);
    },
  };
  define(prototype, name, named(name, own.method, length));
}

/** How the ends of one class are released, and how their `closed` is come by. */
export interface ReleaseMeans {
  /** @throws TypeError for one that may not be released now */
  release(end: object): void;
  closed(end: object): Promise<void>;
  /** Lets the program hear of the end, now or when what comes before it is told. */
  settle(end: object, how: () => void, hasFailed: boolean): void;
}

/** `releaseLock` and `closed` of one class: whoever waits for the end when it is released hears that in the platform's words. */
export function shapeRelease(prototype: object, end: End, { release, closed, settle }: ReleaseMeans): void {
  const own = {
    releaseLock(this: object) {
      const before = closed(this);
      release(this);
      if (isReleased(this)) return;
      weakSetAdd(released, this);
      const isEarly = closed(this) === before; // one that waited is rejected; else another one takes its place
      const shown = weakMapGet(shownClosed, this);
      if (isEarly) weakSetAdd(releasedEarly, this);
      if (!isEarly) weakMapSet(shownClosed, this, shown ?? { promise: before });
      else if (!shown) weakMapSet(shownClosed, this, { promise: refusedQuietly(RELEASED[end]) });
    },
  };
  define(prototype, 'releaseLock', named('releaseLock', own.releaseLock));
  redefineGetter(prototype, 'closed', (self: object) => {
    const shown = weakMapGet(shownClosed, self);
    if (shown) return shown.promise;
    const waited = closed(self);
    const made = deferred();
    void promiseThen(made.promise, undefined, () => {});
    const ended = () => settle(self, made.resolve, false);
    const failed = (error: unknown) => made.reject(isReleasedEarly(self) ? new TypeError(RELEASED[end]) : error);
    void promiseThen(waited, ended, (error) => settle(self, () => failed(error), true));
    weakMapSet(shownClosed, self, made);
    return made.promise;
  });
}

export function redefineGetter<T extends object>(prototype: T, key: string, read: (self: T) => unknown): void {
  const own = {
    get(this: T) {
      return read(this);
    },
  };
  const { enumerable = false } = objectGetOwnPropertyDescriptor(prototype, key) ?? {};
  objectDefineProperty(prototype, key, { get: named(`get ${key}`, own.get), enumerable, configurable: true });
}
