/**
 * CompressionStream and DecompressionStream.
 *
 * Promise: the browser compresses, and what comes out is kept until somebody reads it, however much it is: who writes waits for no
 * reader. Bytes that are no compressed stream fail in workerd's words (1.20260730, as observed); before `strict_compression_checks`
 * one that ends early, or has more behind it, is none of them. Needs of the platform the streams as they were when this file was
 * loaded.
 *
 *     the program --write--> a stream of the browser's --taken at once--> #made --read, 4 KiB at most--> the program
 */
import { deferred } from '../base/async.ts';
import { flowing } from '../base/flows.ts';
import { platformObject } from '../base/platform-objects.ts';
import {
  arrayAppend,
  arrayShift,
  promiseThen,
  regExpExec,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
  uncurryThis,
} from '../base/primordials.ts';
import { abortedWith, bytesOf, cancelledWith, NO_LIMIT, PIPED_NO_BYTES, takesBytes } from './byte-streams.ts';
import { parameterError, shapeClass } from './native-shape.ts';

type Bytes = Uint8Array<ArrayBuffer>;
type Direction = 'CompressionStream' | 'DecompressionStream';
type Format = 'gzip' | 'deflate' | 'deflate-raw';

export interface CompressionHooks {
  /** the browser begins to work for the program; call what it returns when it has done so */
  begin?(): () => void;
  /** what ends early or too late is refused */
  readonly isStrict: boolean;
}

const NativeReadable = ReadableStream;
const NativeWritable = WritableStream;
const NativeTransform = TransformStream;
const NativeBytes = Uint8Array;
const NATIVE = { CompressionStream: globalThis.CompressionStream, DecompressionStream: globalThis.DecompressionStream };
const writerOf = uncurryThis(WritableStream.prototype.getWriter);
const write = uncurryThis(WritableStreamDefaultWriter.prototype.write);
const close = uncurryThis(WritableStreamDefaultWriter.prototype.close);
const abort = uncurryThis(WritableStreamDefaultWriter.prototype.abort);
const readerOf = uncurryThis(ReadableStream.prototype.getReader as () => ReadableStreamDefaultReader<Bytes>);
const readNext = uncurryThis(ReadableStreamDefaultReader.prototype.read) as (
  reader: unknown,
) => Promise<ReadableStreamReadResult<Bytes>>;

const FORMATS: readonly string[] = ['gzip', 'deflate', 'deflate-raw'];
const FORMAT_TEXT = "The compression format must be either 'deflate', 'deflate-raw' or 'gzip'.";
const FAILED = 'Decompression failed.';
const MORE_BEHIND = 'Trailing bytes after end of compressed data';
const INCOMPLETE = 'Called close() on a decompression stream with incomplete data';
/** Each browser has words of its own for bytes behind the end: after it, past it, junk. */
const SAYS_MORE_BEHIND = /after|past|beyond|junk|extra|trailing/i;

/** what one read gives at most, when the reader brings no buffer */
const READ_BYTES_MAX = 4096;
/**
 * A browser drops what it has made and nobody has taken when bytes behind the end make it fail. So much at a time makes no more
 * than one piece, which is taken at once: deflate makes 1,032 bytes of one at most, and a piece has 16 KiB.
 */
const CAREFUL_BYTES = 12;

/** What stands between the two ends. */
class Press {
  readonly readable: ReadableStream;
  readonly writable: WritableStream;
  readonly #hooks: CompressionHooks;
  readonly #direction: Direction;
  readonly #writer: WritableStreamDefaultWriter<Bytes>;
  readonly #reader: unknown;
  #source: ReadableByteStreamController | undefined;
  /** what the next write fails with: nobody reads any more */
  #left: { readonly error: unknown } | undefined;
  #made: Bytes[] = [];
  /** of the first of `#made`: how many were read */
  #read = 0;
  #hasEnded = false;
  #wanted: (() => void) | undefined;

  constructor(direction: Direction, format: Format, hooks: CompressionHooks) {
    this.#hooks = hooks;
    this.#direction = direction;
    const native = new NATIVE[direction](format);
    this.#writer = writerOf(native.writable) as WritableStreamDefaultWriter<Bytes>;
    this.#reader = readerOf(native.readable);
    const readable = new NativeReadable(
      {
        type: 'bytes',
        start: (controller) => {
          this.#source = controller;
        },
        pull: () => {
          const wanted = deferred();
          this.#wanted = wanted.resolve;
          this.#give();
          return wanted.promise;
        },
        cancel: (reason) => {
          this.#left = { error: cancelledWith(reason) };
          this.#giveUp(reason);
        },
      },
      { highWaterMark: 0 },
    );
    const writable = new NativeWritable(
      {
        write: (chunk) => this.#write(chunk),
        close: () => this.#close(),
        abort: (reason) => {
          this.#source?.error(abortedWith(reason));
          this.#giveUp(reason);
        },
      },
      NO_LIMIT,
    );
    this.readable = flowing(readable);
    this.writable = takesBytes(flowing(writable));
    this.#take();
  }

  async #write(chunk: unknown): Promise<void> {
    if (chunk === undefined) return;
    const bytes = bytesOf(chunk);
    if (!bytes) throw this.#fail(PIPED_NO_BYTES);
    const length = typedArrayLength(bytes);
    if (length === 0) return;
    if (this.#left) throw this.#left.error;
    if (this.#hasEnded) return;
    const step = this.#isLenient ? CAREFUL_BYTES : length;
    for (let at = 0; at < length; at += step) {
      const fault = await this.#press(write(this.#writer, typedArraySubarray(bytes, at, at + step) as Bytes));
      if (fault === undefined) continue;
      const isMoreBehind = regExpExec(SAYS_MORE_BEHIND, fault) !== null;
      if (isMoreBehind && this.#isLenient) return this.#end();
      throw this.#fail(isMoreBehind ? MORE_BEHIND : FAILED);
    }
  }

  async #close(): Promise<void> {
    if (this.#hasEnded || this.#left) return;
    const fault = await this.#press(close(this.#writer));
    if (fault !== undefined && !this.#isLenient) throw this.#fail(INCOMPLETE);
    if (fault !== undefined) this.#end();
  }

  get #isLenient(): boolean {
    return !this.#hooks.isStrict && this.#direction === 'DecompressionStream';
  }

  /** @returns what the browser says went wrong */
  async #press(work: Promise<void>): Promise<string | undefined> {
    const over = this.#hooks.begin?.();
    try {
      await work;
      return undefined;
    } catch (error) {
      return `${(error as Error).message}`;
    } finally {
      over?.();
    }
  }

  #take(): void {
    const taken = ({ done, value }: ReadableStreamReadResult<Bytes>) => {
      if (done) return this.#end();
      arrayAppend(this.#made, value as Bytes);
      this.#give();
      this.#take();
    };
    void promiseThen(readNext(this.#reader), taken, () => {}); // whoever wrote hears of it
  }

  #end(): void {
    this.#hasEnded = true;
    this.#give();
  }

  #fail(text: string): TypeError {
    const error = new TypeError(text);
    this.#made = [];
    this.#source?.error(error);
    this.#wanted?.();
    return error;
  }

  #giveUp(reason: unknown): void {
    this.#made = [];
    this.#wanted?.();
    void promiseThen(abort(this.#writer, reason), undefined, () => {}); // it failed or was closed before: it is over either way
  }

  #give(): void {
    const wanted = this.#wanted;
    const source = this.#source;
    if (!wanted || !source) return;
    const own = source.byobRequest;
    if (this.#made.length > 0) {
      const into = own?.view ? viewOf(own.view as ArrayBufferView<ArrayBuffer>) : new NativeBytes(READ_BYTES_MAX);
      const count = this.#fill(into);
      if (own) own.respond(count);
      else source.enqueue(typedArraySubarray(into, 0, count) as Bytes);
    } else if (this.#hasEnded) {
      source.close();
      own?.respond(0);
    } else {
      return;
    }
    this.#wanted = undefined;
    wanted();
  }

  /** @returns how many bytes there were for it */
  #fill(into: Bytes): number {
    const room = typedArrayLength(into);
    let count = 0;
    for (let first = this.#made[0]; first && count < room; first = this.#made[0]) {
      const part = typedArraySubarray(first, this.#read, this.#read + room - count);
      typedArraySet(into, part, count);
      count += typedArrayLength(part);
      this.#read += typedArrayLength(part);
      if (this.#read < typedArrayLength(first)) continue;
      arrayShift(this.#made);
      this.#read = 0;
    }
    return count;
  }
}

function viewOf(view: ArrayBufferView<ArrayBuffer>): Bytes {
  return new NativeBytes(view.buffer, view.byteOffset, view.byteLength);
}

/** The two classes, for one global scope. */
export function makeCompression(hooks: CompressionHooks): Record<Direction, unknown> {
  return {
    CompressionStream: make('CompressionStream', hooks),
    DecompressionStream: make('DecompressionStream', hooks),
  };
}

function make(direction: Direction, hooks: CompressionHooks) {
  const made = class extends NativeTransform {
    readonly #press: Press;

    constructor(...args: unknown[]) {
      super();
      if (args.length === 0) throw parameterError('', direction, 1, 'string', 'construct');
      const format = `${args[0] as string}`;
      if (!isFormat(format)) throw new TypeError(FORMAT_TEXT);
      this.#press = new Press(direction, format, hooks);
    }

    override get readable(): ReadableStream {
      return this.#press.readable;
    }

    override get writable(): WritableStream {
      return this.#press.writable;
    }
  };
  shapeClass(made, direction);
  platformObject(made.prototype, direction);
  return made;
}

function isFormat(text: string): text is Format {
  for (let i = 0; i < FORMATS.length; i++) if (FORMATS[i] === text) return true;
  return false;
}
