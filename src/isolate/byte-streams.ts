/**
 * The streams of bytes that a Worker has besides the standard ones: FixedLengthStream, IdentityTransformStream and the
 * DigestStream of `crypto`.
 *
 * Promise: what is written is read as bytes, a write ends when it was read, and the texts are workerd's (1.20260730, as
 * observed). Needs of the platform the streams as they were when this file was loaded.
 *
 * DIFFERS: there what is written while a section runs waits for the section's end.
 */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { type Deferred, deferred } from '../base/async.ts';
import { bytesIn, bytesOrText, encodeText } from '../base/bytes.ts';
import { type Flow, flowing, isUncut, onLoss } from '../base/flows.ts';
import { Pieces } from '../base/pieces.ts';
import { platformObject } from '../base/platform-objects.ts';
import {
  addListener,
  bigintOf,
  mathMin,
  mathTrunc,
  numberIsFinite,
  objectHasOwn,
  promiseThen,
  stringOf,
  typedArrayBuffer,
  typedArrayLength,
  typedArraySlice,
  uncurryGetter,
  weakSetAdd,
  weakSetHas,
} from '../base/primordials.ts';
import { connectionLost } from '../rpc/errors.ts';
import { parameterError, shapeClass } from './native-shape.ts';

const NativeReadable = ReadableStream;
const NativeWritable = WritableStream;
const NativeTransform = TransformStream;
const signalOf = uncurryGetter<AbortSignal>(WritableStreamDefaultController.prototype, 'signal') as (
  controller: unknown,
) => AbortSignal;
const reasonOf = uncurryGetter<unknown>(AbortSignal.prototype, 'reason') as (signal: unknown) => unknown;

export const NOT_BYTES =
  'This TransformStream is being used as a byte stream, but received an object of non-ArrayBuffer/ArrayBufferView type on its writable side.';
/** To whoever pipes what is no bytes, and to who reads: a writer's chunk is refused before. */
export const PIPED_NO_BYTES = 'This WritableStream only supports writing byte types.';

/** However much is written, more may be. */
export const NO_LIMIT: QueuingStrategy = { highWaterMark: 1, size: () => 0 };

/** A copy, because a byte stream takes the memory of what it is given; undefined for what is no bytes. */
export function bytesOf(chunk: unknown): Uint8Array<ArrayBuffer> | undefined {
  const bytes = bytesOrText(chunk);
  return bytes && typedArraySlice(bytes);
}

const takers = new WeakSet<object>();

/** A writable end that takes bytes alone, and refuses what is none before it comes to it. */
export function takesBytes<T extends object>(writable: T): T {
  weakSetAdd(takers, writable);
  return writable;
}

export function takesOnlyBytes(writable: object): boolean {
  return weakSetHas(takers, writable);
}

/** What such an end refuses. */
export function isNoBytes(chunk: unknown): boolean {
  return chunk !== undefined && typeof chunk !== 'string' && !bytesIn(chunk);
}

/** What whoever writes hears of a reader that left. */
export function cancelledWith(reason: unknown): unknown {
  return reason === undefined ? new Error('Stream was cancelled.') : abortedWith(reason);
}

/** What whoever reads hears of a writer that gave up: what is no object becomes an error of that text. */
export function abortedWith(reason: unknown): unknown {
  return typeof reason === 'object' && reason !== null ? reason : new Error(stringOf(reason));
}

function sizeOf(chunk: unknown): number {
  const bytes = bytesOf(chunk);
  return bytes ? typedArrayLength(bytes) : 0;
}

/** How many bytes may wait, as the last argument of a constructor says. */
function waitingMaxOf(strategy: unknown, on: string, position: number): number | undefined {
  if (strategy === undefined || strategy === null) return undefined;
  if (typeof strategy !== 'object' && typeof strategy !== 'function') {
    throw parameterError('', on, position, 'QueuingStrategy', 'construct');
  }
  const { highWaterMark } = strategy as { highWaterMark?: unknown };
  return highWaterMark === undefined ? undefined : toCount(highWaterMark);
}

function toCount(given: unknown): number {
  const count = Number(given);
  if (!numberIsFinite(count)) {
    throw new TypeError('The value cannot be converted because it is not an integer.');
  }
  if (count < 0) {
    throw new TypeError('The value cannot be converted because it is negative and this API expects a positive bigint.');
  }
  return mathTrunc(count);
}

/** Hands bytes from its writable end to its readable one. */
export class Passage {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
  #source: ReadableByteStreamController | undefined;
  #written: Uint8Array<ArrayBuffer> | undefined;
  /** the write that waits, or is being read piece by piece */
  #writing: Deferred<void> | undefined;
  readonly #pieces = new Pieces();
  readonly #flow: Flow;
  #wanted: (() => void) | undefined;
  #left: number | undefined;
  /** what the next chunk fails with, and the end: nobody reads, or there was too much */
  #failure: { readonly error: unknown } | undefined;

  /**
   * @param length  of all that is written together; undefined: any
   * @param waitingMax  how many bytes may wait before who writes is told; undefined: any
   */
  constructor(length: number | undefined, waitingMax: number | undefined) {
    this.#left = length;
    this.#flow = { isPassedOn: false, size: length };
    const readable = new NativeReadable(
      {
        type: 'bytes',
        start: (controller) => {
          this.#source = controller;
        },
        pull: () => {
          this.#flow.isDisturbed = true;
          if (!this.#pieces.isEmpty) return this.#give();
          const wanted = deferred();
          this.#wanted = wanted.resolve;
          this.#pass();
          return wanted.promise;
        },
        cancel: (reason) => {
          this.#flow.isDisturbed = true;
          this.#lose(cancelledWith(reason));
        },
      },
      { highWaterMark: 0 },
    );
    const writable = new NativeWritable(
      {
        // Who aborts waits for no write that nobody reads.
        start: (controller) => {
          const signal = signalOf(controller);
          addListener(signal, 'abort', () => this.#writing?.reject(reasonOf(signal)));
        },
        write: (chunk) => this.#write(chunk),
        close: () => this.#close(),
        abort: (reason) => this.#source?.error(abortedWith(reason)),
      },
      waitingMax === undefined ? NO_LIMIT : { highWaterMark: waitingMax, size: sizeOf },
    );
    this.readable = flowing(readable, this.#flow);
    this.writable = takesBytes(flowing(writable));
    onLoss(readable, () => this.#lose(connectionLost()));
  }

  /** Nobody reads any more: who writes hears of it at the next chunk. */
  #lose(error: unknown): void {
    this.#failure = { error };
    this.#writing?.reject(error);
  }

  #write(chunk: unknown): Promise<void> | undefined {
    const bytes = bytesOf(chunk);
    if (!bytes) {
      const error = new TypeError(PIPED_NO_BYTES);
      this.#source?.error(error);
      throw error;
    }
    const length = typedArrayLength(bytes);
    if (length === 0) return undefined;
    if (this.#failure) throw this.#failure.error;
    if (this.#left !== undefined) {
      if (length > this.#left) {
        // The write itself passes; what comes after it fails.
        const error = new TypeError('Attempt to write too many bytes through a FixedLengthStream.');
        this.#failure = { error };
        this.#source?.error(error);
        return undefined;
      }
      this.#left -= length;
    }
    const writing = deferred();
    this.#writing = writing;
    this.#written = bytes;
    this.#pass();
    return writing.promise;
  }

  #pass(): void {
    const written = this.#written;
    const wanted = this.#wanted;
    if (!written || !wanted) return;
    this.#written = undefined;
    this.#wanted = undefined;
    this.#pieces.put(written);
    this.#give();
    wanted();
  }

  /** A write has ended when its last byte is taken. */
  #give(): void {
    if (!this.#source) return;
    this.#pieces.give(this.#source, isUncut(this.#flow));
    if (this.#pieces.isEmpty) this.#writing?.resolve();
  }

  #close(): void {
    if (this.#failure) throw this.#failure.error;
    if (this.#left) {
      this.#source?.error(new TypeError('FixedLengthStream did not see all expected bytes before close().'));
      return;
    }
    this.#source?.close();
    this.#source?.byobRequest?.respond(0);
    this.#wanted?.();
  }
}

/** What no program can give. */
class Length {
  readonly bytes: number;
  readonly waitingMax: number | undefined;

  constructor(bytes: number, waitingMax: number | undefined) {
    this.bytes = bytes;
    this.waitingMax = waitingMax === undefined ? undefined : mathMin(waitingMax, bytes);
  }
}

export class IdentityTransformStream extends NativeTransform {
  readonly #passage: Passage;

  /** A program gives its strategy; FixedLengthStream gives what it has made of its own. */
  constructor(given?: unknown) {
    super();
    this.#passage =
      given instanceof Length
        ? new Passage(given.bytes, given.waitingMax)
        : new Passage(undefined, waitingMaxOf(given, 'IdentityTransformStream', 1));
  }

  override get readable(): ReadableStream {
    return this.#passage.readable;
  }

  override get writable(): WritableStream {
    return this.#passage.writable;
  }
}
shapeClass(IdentityTransformStream, 'IdentityTransformStream');
platformObject(IdentityTransformStream.prototype, 'IdentityTransformStream');

export class FixedLengthStream extends IdentityTransformStream {
  constructor(length?: unknown, strategy?: unknown) {
    if (length === undefined) throw parameterError('', 'FixedLengthStream', 1, 'bigint', 'construct');
    super(new Length(toCount(length), waitingMaxOf(strategy, 'FixedLengthStream', 2)));
  }
}
shapeClass(FixedLengthStream, 'FixedLengthStream');
platformObject(FixedLengthStream.prototype, 'FixedLengthStream');

const ALGORITHMS = { MD5: md5, 'SHA-1': sha1, 'SHA-256': sha256, 'SHA-384': sha384, 'SHA-512': sha512 };

export class DigestStream extends NativeWritable {
  readonly #digest;
  readonly #count: { bytes: bigint };

  constructor(algorithm?: unknown) {
    const isNamed = typeof algorithm === 'string' || (typeof algorithm === 'object' && algorithm !== null);
    if (!isNamed) throw parameterError('', 'DigestStream', 1, 'string or HashAlgorithm', 'construct');
    const name = typeof algorithm === 'string' ? algorithm : String((algorithm as { name?: unknown }).name);
    const upper = name.toUpperCase();
    if (!objectHasOwn(ALGORITHMS, upper)) {
      const text = 'Unrecognized or unimplemented digest algorithm requested.';
      throw new DOMException(text, 'NotSupportedError');
    }
    const sink = ALGORITHMS[upper as 'SHA-256'].create();
    const digest = deferred<ArrayBuffer>();
    const count = { bytes: 0n };
    super({
      write(chunk) {
        const bytes = typeof chunk === 'string' ? encodeText(chunk) : bytesOf(chunk);
        if (!bytes) {
          throw new TypeError(
            'DigestStream is a byte stream but received an object of non-ArrayBuffer/ArrayBufferView/string type on its writable side.',
          );
        }
        count.bytes += bigintOf(typedArrayLength(bytes));
        sink.update(bytes);
      },
      close() {
        digest.resolve(typedArrayBuffer(typedArraySlice(sink.digest())));
      },
      abort: (reason) => digest.reject(reason),
    });
    this.#digest = digest.promise;
    this.#count = count;
    void promiseThen(digest.promise, undefined, () => {}); // who asks for it hears of it
  }

  get digest(): Promise<ArrayBuffer> {
    return this.#digest;
  }

  get bytesWritten(): bigint {
    return this.#count.bytes;
  }
}
shapeClass(DigestStream, 'DigestStream');
