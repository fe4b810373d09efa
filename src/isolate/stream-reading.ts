/**
 * What readers of a program's do while they read.
 *
 * Promise: each read settles one microtask after the browser's own, and `closed` after the reads that waited, as in workerd
 * (1.20260730, as observed). A reader without a buffer reads bytes into one of 4,096, or of as many as the stream's source asked
 * to be asked for: chunks are joined and cut as they fit, for which it has a reader with a buffer behind it. A stream that the
 * platform makes itself (base/flows.ts) takes one read at a time, and its reader is not released meanwhile.
 *
 * Knows nothing of how a program gets at readers.
 */
import { type Deferred, deferred } from '../base/async.ts';
import { isFlowing } from '../base/flows.ts';
import { each, filtered } from '../base/lists.ts';
import { madeStream } from '../base/made-streams.ts';
import { PIECE_BYTES } from '../base/pieces.ts';
import {
  arrayAppend,
  arrayBufferByteLength,
  arrayBufferIsView,
  dataViewBuffer,
  dataViewByteOffset,
  NativeUint8Array,
  promiseResolve,
  promiseThen,
  typedArrayBuffer,
  typedArrayByteOffset,
  typedArraySubarray,
  typedArrayTag,
  uncurryGetter,
  uncurryThis,
  weakMapGet,
  weakMapSet,
  weakSetAdd,
  weakSetHas,
} from '../base/primordials.ts';
import { cancelledWith } from './byte-streams.ts';
import { constructorOf } from './read-at-least.ts';
import { disturb, isReleasedEarly, RELEASED, type ReleaseMeans, refused } from './stream-locks.ts';

type Method = (self: unknown, first?: unknown, second?: unknown) => unknown;
type Result = { readonly value: unknown; readonly done: boolean };

const OUTSTANDING = 'Cannot call releaseLock() on a reader with outstanding read promises.';
const ONE_READ = 'This ReadableStream only supports a single pending read request at a time.';

/** The methods of one class of readers, as they were when this file was loaded. */
export interface ReaderMethods {
  readonly read: Method;
  readonly cancel: Method;
  readonly release: Method;
  readonly closed: (reader: unknown) => Promise<void>;
}

const methodsOf = (prototype: object): ReaderMethods => ({
  read: uncurryThis((prototype as { read: () => unknown }).read) as Method,
  cancel: uncurryThis((prototype as { cancel: () => unknown }).cancel) as Method,
  release: uncurryThis((prototype as { releaseLock: () => void }).releaseLock) as Method,
  closed: uncurryGetter<Promise<void>>(prototype, 'closed') as (reader: unknown) => Promise<void>,
});

const plain = methodsOf(ReadableStreamDefaultReader.prototype);
const byob = methodsOf(ReadableStreamBYOBReader.prototype);
const getReader = uncurryThis(ReadableStream.prototype.getReader as () => object) as Method;

/** by how many bytes each stream is read by readers without a buffer, of those that are not asked otherwise */
const pieces = new WeakMap<object, number>();
const readings = new WeakMap<object, Reading>();
/** streams of bytes whose source closed them when nothing waited in them */
const ended = new WeakSet<object>();
const readingOfStream = new WeakMap<object, Reading>();

/** @param make  takes the stream's reader, one without a buffer */
export function plainReader(stream: object, make: () => object): object {
  const pieceBytes = pieceBytesOf(stream);
  const behind = pieceBytes === undefined ? undefined : readerWithBuffer(stream);
  if (behind) byob.release(behind);
  const reader = make();
  if (pieceBytes === undefined || !behind) return readsAs(reader, new Reading(stream, reader, plain));
  plain.release(reader);
  return readsAs(reader, new Reading(stream, getReader(stream, { mode: 'byob' }) as object, byob, pieceBytes));
}

/** @param reader with a buffer */
export function byobReader(stream: object, reader: object): object {
  return readsAs(reader, new Reading(stream, reader, byob));
}

/** The parts of a stream are read as it is. */
export function partsAreRead(stream: object, parts: readonly [object, object]): void {
  const pieceBytes = pieceBytesOf(stream);
  if (pieceBytes === undefined) return;
  weakMapSet(pieces, parts[0], pieceBytes);
  weakMapSet(pieces, parts[1], pieceBytes);
}

/** Its source has closed it when nothing waited in it: who waits without a buffer has come to the end. */
export function endReads(stream: object): void {
  weakSetAdd(ended, stream);
  weakMapGet(readingOfStream, stream)?.end();
}

function pieceBytesOf(stream: object): number | undefined {
  return isFlowing(stream) ? PIECE_BYTES : (weakMapGet(pieces, stream) ?? madeStream(stream)?.pieceBytes);
}

function readerWithBuffer(stream: object): object | undefined {
  try {
    return getReader(stream, { mode: 'byob' }) as object;
  } catch {
    return undefined; // it is none of bytes
  }
}

function readsAs(reader: object, reading: Reading): object {
  weakMapSet(readings, reader, reading);
  return reader;
}

export function read(reader: object, native: Method, first: unknown, second: unknown): unknown {
  const reading = weakMapGet(readings, reader);
  return reading ? reading.read(reader, native, first, second) : native(reader, first, second);
}

export function cancel(reader: object, native: Method, reason: unknown): unknown {
  const reading = weakMapGet(readings, reader);
  return reading ? reading.cancel(reason) : native(reader, reason);
}

/** How readers of a class are released. */
export function releaseMeans(methods: ReaderMethods): ReleaseMeans {
  return {
    release(reader) {
      const reading = weakMapGet(readings, reader);
      if (reading) reading.release();
      else methods.release(reader);
    },
    closed: (reader) => weakMapGet(readings, reader)?.closed ?? methods.closed(reader),
    settle(reader, how, hasFailed) {
      const reading = weakMapGet(readings, reader);
      if (reading) reading.settle(how, hasFailed);
      else how();
    },
  };
}

export const readerMethods = { ReadableStreamDefaultReader: plain, ReadableStreamBYOBReader: byob };

class Reading {
  readonly #stream: object;
  readonly #isOne: boolean;
  /** the browser's reader: the program's own, or the one with a buffer that is behind it */
  readonly #native: object;
  readonly #methods: ReaderMethods;
  readonly #pieceBytes: number | undefined;
  #isClosed = false;
  #waiting: Deferred<unknown>[] = [];
  #hasFailed = false;
  #afterReads: (() => void) | undefined;

  /** @param pieceBytes  of a reader without a buffer that has one with a buffer behind it */
  constructor(stream: object, native: object, methods: ReaderMethods, pieceBytes?: number) {
    this.#stream = stream;
    this.#isOne = isFlowing(stream);
    this.#native = native;
    this.#methods = methods;
    this.#pieceBytes = pieceBytes;
    weakMapSet(readingOfStream, stream, this);
    const close = () => {
      this.#isClosed = true;
    };
    if (pieceBytes !== undefined) void promiseThen(this.closed, close, () => undefined);
  }

  get closed(): Promise<void> {
    return this.#methods.closed(this.#native);
  }

  read(reader: object, native: Method, first: unknown, second: unknown): unknown {
    if (this.#isOne && this.#waiting.length > 0) return refused(ONE_READ);
    disturb(this.#stream);
    const shown = deferred<unknown>();
    arrayAppend(this.#waiting, shown);
    const wasClosed = this.#isClosed || weakSetHas(ended, this.#stream);
    const size = this.#pieceBytes;
    const empty =
      this.#methods === byob && size === undefined ? emptied(arrayBufferIsView(first) ? first : second) : undefined;
    const asked =
      size === undefined ? native(reader, first, second) : this.#methods.read(this.#native, new NativeUint8Array(size));
    void promiseThen(
      asked as Promise<Result>,
      (result) => this.#over(shown, () => shown.resolve(this.#resultOf(result, wasClosed, empty))),
      (error) => {
        this.#hasFailed = true;
        this.#over(shown, () => shown.reject(isReleasedEarly(reader) ? new TypeError(RELEASED.reader) : error));
      },
    );
    return shown.promise;
  }

  /** Its fields in the platform's order; a buffer that a cancelled stream has kept is given back, without its bytes. */
  #resultOf(result: Result, wasClosed: boolean, empty: (() => unknown) | undefined): Result {
    if (this.#pieceBytes !== undefined) return this.#pieceOf(result, wasClosed);
    const { value, done } = result;
    return { value: done && value === undefined && empty ? empty() : value, done };
  }

  /** At its end a stream of the program's gives a read that waited its buffer back. */
  #pieceOf({ value, done }: Result, wasClosed: boolean): Result {
    if (!done) return { value, done };
    return { value: wasClosed || !madeStream(this.#stream) ? undefined : (value ?? this.#nothing()), done };
  }

  #nothing(): Uint8Array {
    return typedArraySubarray(new NativeUint8Array(this.#pieceBytes as number), 0, 0);
  }

  #over(shown: Deferred<unknown>, settle: () => void): void {
    const left = filtered(this.#waiting, (one) => one !== shown);
    if (left.length === this.#waiting.length) return; // it was settled before
    this.#waiting = left;
    settle();
    if (left.length === 0) this.#flush();
  }

  #flush(): void {
    const settle = this.#afterReads;
    this.#afterReads = undefined;
    settle?.();
  }

  end(): void {
    const over = this.#waiting;
    if (this.#pieceBytes === undefined || this.#isOne || over.length === 0) return;
    soon(() => each(over, (one) => this.#over(one, () => one.resolve({ value: this.#nothing(), done: true }))));
  }

  /** A read of the platform's own streams hears of it, and waits no more. */
  cancel(reason: unknown): unknown {
    disturb(this.#stream);
    const waiting = this.#waiting;
    if (this.#isOne) this.#waiting = [];
    const left = this.#methods.cancel(this.#native, reason);
    if (this.#isOne) soon(() => soon(() => each(waiting, (one) => one.reject(cancelledWith(reason)))));
    return left;
  }

  /** @throws TypeError while a stream of the platform's own is read */
  release(): void {
    if (this.#isOne && this.#waiting.length > 0) throw new TypeError(OUTSTANDING);
    this.#methods.release(this.#native);
    this.#flush();
  }

  /** That a stream of the platform's own has failed is told by the next read. */
  settle(how: () => void, hasFailed: boolean): void {
    const isLater = this.#isOne ? hasFailed && !this.#hasFailed : this.#waiting.length > 0;
    if (isLater) this.#afterReads = how;
    else how();
  }
}

/** Makes what a view would be at the end of a stream. Asked before the stream takes its buffer. */
function emptied(view: unknown): (() => unknown) | undefined {
  if (!arrayBufferIsView(view)) return undefined;
  const tag = typedArrayTag(view);
  const offset = tag === undefined ? dataViewByteOffset(view) : typedArrayByteOffset(view);
  const buffer = tag === undefined ? dataViewBuffer(view) : typedArrayBuffer(view);
  const size = arrayBufferByteLength(buffer);
  const View = constructorOf(view);
  return () => new View(new NativeArrayBuffer(size), offset, 0);
}

const NativeArrayBuffer = ArrayBuffer;

/** A microtask later. */
function soon(act: () => void): void {
  void promiseThen(promiseResolve(), act);
}
