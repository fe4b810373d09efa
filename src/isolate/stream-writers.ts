/**
 * Writers, as a program uses them: what a stream answers that is closed, is closing or has failed.
 *
 * Promise: the texts are workerd's (1.20260730, as observed). A stream that takes bytes alone (byte-streams.ts, `takesBytes`)
 * counts as closed, there as here, once a write, a `close` or an `abort` has failed on it: whoever writes again hears of that,
 * and not of what went wrong.
 */
import {
  promiseResolve,
  promiseThen,
  reflectConstruct,
  uncurryGetter,
  uncurryThis,
  weakMapGet,
  weakMapSet,
  weakSetAdd,
  weakSetHas,
  writableLocked,
} from '../base/primordials.ts';
import { isNoBytes, NOT_BYTES, takesOnlyBytes } from './byte-streams.ts';
import { type ClassConstruct, define, guardClass, named, parameterError } from './native-shape.ts';
import {
  isReleased,
  LOCKED_WRITABLE,
  RELEASED,
  redefineGetter,
  refused,
  refusedQuietly,
  refuseReleased,
  shapeRelease,
} from './stream-locks.ts';

type Scope = typeof globalThis & Record<string, unknown>;
type Life = 'open' | 'closing' | 'closed';

const CLOSED = 'This WritableStream has been closed.';
const IS_CLOSING = {
  write: 'This ReadableStream is closed.', // so it says
  close: 'Cannot close a writer that is already being closed',
};

const NativeWritable = WritableStream;
const { prototype } = WritableStreamDefaultWriter;
const getWriter = uncurryThis(WritableStream.prototype.getWriter as () => object) as (stream: unknown) => object;
const closeStream = uncurryThis(WritableStream.prototype.close) as (stream: unknown) => Promise<void>;
const abortStream = uncurryThis(WritableStream.prototype.abort) as (stream: unknown, why?: unknown) => Promise<void>;
const write = uncurryThis(prototype.write) as (writer: unknown, chunk?: unknown) => Promise<void>;
const close = uncurryThis(prototype.close) as (writer: unknown) => Promise<void>;
const abort = uncurryThis(prototype.abort) as (writer: unknown, why?: unknown) => Promise<void>;
const releaseLock = uncurryThis(prototype.releaseLock);
const desiredSizeOf = uncurryGetter<number | null>(prototype, 'desiredSize') as (writer: unknown) => number | null;
const readyOf = uncurryGetter<Promise<void>>(prototype, 'ready') as (writer: unknown) => Promise<void>;
const closedOf = uncurryGetter<Promise<void>>(prototype, 'closed') as (writer: unknown) => Promise<void>;

/** what each writer of the program's writes to */
const streams = new WeakMap<object, object>();
const lives = new WeakMap<object, Life>();
/** what each writer last had as `ready` while its stream had not failed */
const lastReady = new WeakMap<object, Promise<void>>();
/** writable ends of the program's transforms, and streams that it aborted */
const transforms = new WeakSet<object>();
const aborted = new WeakSet<object>();

/** How far a stream has come that the program closed; `open` also of one that has failed. */
export function lifeOf(stream: object): Life {
  return weakMapGet(lives, stream) ?? 'open';
}

/** A writable end of a transform that the program makes. */
export function transforming(writable: object): void {
  weakSetAdd(transforms, writable);
}

export function isLockedWritable(stream: unknown): boolean {
  return stream instanceof NativeWritable && writableLocked(stream);
}

export function shapeWriters(scope: Scope): void {
  shapeWritable(scope.WritableStream.prototype);
  const constructed: ClassConstruct = (target, args, newTarget) => {
    const stream = args[0];
    if (!(stream instanceof NativeWritable)) {
      throw parameterError('', 'WritableStreamDefaultWriter', 1, 'WritableStream', 'construct');
    }
    if (writableLocked(stream)) throw new TypeError(LOCKED_WRITABLE);
    return writes(reflectConstruct(target, [stream], newTarget) as object, stream);
  };
  shapeWriter(scope.WritableStreamDefaultWriter.prototype);
  guardClass(scope, 'WritableStreamDefaultWriter', constructed, false);
}

function writes(writer: object, stream: object): object {
  weakMapSet(streams, writer, stream);
  weakMapSet(lastReady, writer, readyOf(writer));
  return writer;
}

/** It is closed by what is done now. A failure is told by that. */
function closing<T>(stream: object, closes: () => T): T {
  weakMapSet(lives, stream, 'closing');
  return closes();
}

/** How a stream without a writer has ended. A promise that waits is rejected by a release; one that is settled is replaced by another. */
function endOf(stream: object): { readonly hasFailed: boolean; readonly ended: Promise<void> | undefined } {
  const writer = getWriter(stream);
  const ended = closedOf(writer);
  const hasFailed = desiredSizeOf(writer) === null;
  releaseLock(writer);
  const isOver = closedOf(writer) !== ended;
  if (isOver && !hasFailed) weakMapSet(lives, stream, 'closed');
  return { hasFailed, ended: isOver ? ended : undefined };
}

function shapeWritable(on: WritableStream): void {
  const own = {
    getWriter(this: object) {
      if (isLockedWritable(this)) throw new TypeError(LOCKED_WRITABLE);
      endOf(this);
      return writes(getWriter(this), this);
    },
    close(this: object) {
      return isLockedWritable(this) ? refused(LOCKED_WRITABLE) : closeUnlocked(this);
    },
    abort(this: object, reason?: unknown) {
      if (isLockedWritable(this)) return refused(LOCKED_WRITABLE);
      weakSetAdd(aborted, this);
      return abortStream(this, reason);
    },
  };
  define(on, 'getWriter', named('getWriter', own.getWriter));
  define(on, 'close', named('close', own.close));
  define(on, 'abort', named('abort', own.abort));
}

function closeUnlocked(stream: object): Promise<void> {
  const { hasFailed, ended } = endOf(stream);
  // One that is about to fail waits still, and says itself why.
  const fail = () => (ended ? failedLike(ended) : closeStream(stream));
  return closeAnswer(stream, hasFailed, fail) ?? closing(stream, () => closeStream(stream));
}

function shapeWriter(on: WritableStreamDefaultWriter<unknown>): void {
  shapeRelease(on, 'writer', { release: releaseLock, closed: closedOf, settle: (_, how) => how() });
  refuseReleased(on, 'write', 'writer', (writer, chunk) => {
    const stream = weakMapGet(streams, writer);
    if (stream === undefined) return write(writer, chunk);
    const text = writeRefusal(writer, stream, chunk);
    if (text !== undefined) return refused(text);
    const written = write(writer, chunk);
    if (desiredSizeOf(writer) !== null) weakMapSet(lastReady, writer, readyOf(writer));
    return written;
  });
  refuseReleased(on, 'close', 'writer', (writer) => {
    const stream = weakMapGet(streams, writer);
    if (stream === undefined) return close(writer);
    const size = desiredSizeOf(writer);
    hasClosed(stream, size);
    const answer = closeAnswer(stream, size === null, () => failedLike(closedOf(writer)));
    return answer ?? closing(stream, () => close(writer));
  });
  refuseReleased(on, 'abort', 'writer', (writer, reason) => {
    const stream = weakMapGet(streams, writer);
    if (stream !== undefined) weakSetAdd(aborted, stream);
    return abort(writer, reason);
  });
  redefineGetter(on, 'desiredSize', (writer) => {
    if (isReleased(writer)) throw new TypeError(RELEASED.writer);
    return isSpent(writer) ? 0 : desiredSizeOf(writer);
  });
  redefineGetter(on, 'ready', (writer) => {
    if (isReleased(writer)) return refusedQuietly(RELEASED.writer);
    return shownReady(writer);
  });
}

/**
 * A transform that fails by itself leaves `ready` as it was, and so do streams of bytes: whoever writes then hears of it. One that
 * waited is rejected, as everywhere.
 */
function shownReady(writer: object): Promise<void> {
  const ready = readyOf(writer);
  const stream = weakMapGet(streams, writer);
  if (stream === undefined) return ready;
  const last = weakMapGet(lastReady, writer) ?? ready;
  if (desiredSizeOf(writer) !== null) {
    weakMapSet(lastReady, writer, ready);
    return ready;
  }
  if (takesOnlyBytes(stream)) return last === ready ? promiseResolve() : last;
  return weakSetHas(transforms, stream) && !weakSetHas(aborted, stream) ? last : ready;
}

/** One that was closing has closed when it wants nothing any more; before, what waits in it may be as much as it wants. */
function hasClosed(stream: object, desiredSize: number | null): void {
  if (desiredSize === 0 && lifeOf(stream) === 'closing') weakMapSet(lives, stream, 'closed');
}

/** Of bytes alone, and failed: the platform has such a one as closed. */
function isSpent(writer: object): boolean {
  const stream = weakMapGet(streams, writer);
  return stream !== undefined && takesOnlyBytes(stream) && desiredSizeOf(writer) === null;
}

function writeRefusal(writer: object, stream: object, chunk: unknown): string | undefined {
  const isOfBytes = takesOnlyBytes(stream);
  const size = desiredSizeOf(writer);
  if (size === null) return isOfBytes ? CLOSED : undefined; // others say themselves why they failed
  hasClosed(stream, size);
  const life = lifeOf(stream);
  if (life === 'closing' && !isOfBytes) return IS_CLOSING.write;
  if (life !== 'open') return CLOSED;
  return isOfBytes && isNoBytes(chunk) ? NOT_BYTES : undefined;
}

/** Undefined for a stream that can be closed. @param fail what is answered for a stream of others than bytes that has failed */
function closeAnswer(stream: object, hasFailed: boolean, fail: () => Promise<void>): Promise<void> | undefined {
  const isOfBytes = takesOnlyBytes(stream);
  if (hasFailed) return isOfBytes ? refused(CLOSED) : fail();
  const life = lifeOf(stream);
  switch (life) {
    case 'open':
      return undefined;
    case 'closing':
      return isOfBytes ? promiseResolve() : refused(IS_CLOSING.close);
    case 'closed':
      return refused(CLOSED);
    default:
      return life satisfies never;
  }
}

/** As a rejection of its own: the one that is shown as `closed` needs nobody to look at it. */
function failedLike(ended: Promise<void>): Promise<void> {
  return promiseThen(ended) as Promise<void>;
}
