/**
 * Bodies on a link: a reader of the platform pumped into a stream of the link, and the other way round.
 *
 * Promise: nothing is read ahead of the link's credit; a chunk leaves through the output gate and arrives through the
 * input gate like any message; a writer that fails is told to the reader. A reader that loses interest is told to the writer
 * as the platform tells it: of a request, that the connection is lost, when it has given its next chunk; of a response nothing,
 * if the program's own code makes it.
 * A request's body can be posted a second time on a new link, from its first byte, for as long as nobody can have read it.
 *
 * Knows nothing of requests and responses.
 */

import { type Flow, flowing, isUncut, lossOf, onLoss, passOn } from '../base/flows.ts';
import { closeBytes, failBytes, Pieces } from '../base/pieces.ts';
import {
  NativePromise,
  NativeReadableStream,
  NativeUint8Array,
  typedArrayLength,
  typedArraySlice,
} from '../base/primordials.ts';
import { INLINE_BODY_BYTES, STREAM_WINDOW_BYTES } from '../protocol/limits.ts';
import type { ByteSink, ByteSource, CancelOptions, LinkEnd } from '../protocol/link.ts';
import type { WireBody } from '../protocol/messages.ts';
import type { RpcContext } from './context.ts';
import { drained } from './drained.ts';
import { connectionLost, type ErrorCodec } from './errors.ts';
import type { ChunkSource } from './hook.ts';
import { type BodyLease, TOO_LATE } from './http-messages.ts';

export interface OutgoingBodyOptions {
  /** all of it, when it is known; else `stream`; else there is none */
  bytes: Uint8Array | undefined;
  stream?: ReadableStream | null;
  source?: ChunkSource;
  context: RpcContext;
  errors: ErrorCodec;
  /** keep what nobody may have read yet, for a second posting; else the end of its link is the end of the body */
  replayable: boolean;
  /** whether who makes it is told that its reader has left */
  whenLeft: WhenLeft;
}

/**
 * `told` is of requests and of streams over RPC, `untold` of an object's responses. A Worker's go to clients: theirs is told
 * if a chunk is on its way out, which then fails, and not while the next one is awaited.
 */
export type WhenLeft = 'told' | 'untold' | 'told-if-writing';

const CHUNK_BYTES = 64 * 1024;

export class OutgoingBody {
  readonly #bytes: Uint8Array | undefined;
  #inline: Uint8Array | undefined;
  #source: ChunkSource | undefined;
  readonly #context: RpcContext;
  readonly #errors: ErrorCodec;
  readonly #isReplayable: boolean;
  #whenLeft: WhenLeft;
  /** What was written and that nobody may have read yet: at most the first credit of a stream, and a chunk. */
  #kept: Uint8Array[] | undefined;
  #sentBytes = 0;
  /** a chunk being read; a second posting takes it over */
  #reading: Promise<Uint8Array | undefined> | undefined;
  /** the stream being written; a pump whose sink is not this one is over */
  #sink: ByteSink | undefined;
  /** the one whose reader has left */
  #left: ByteSink | undefined;

  constructor({ bytes, stream, source, context, errors, replayable, whenLeft }: OutgoingBodyOptions) {
    this.#context = context;
    this.#errors = errors;
    this.#isReplayable = replayable;
    this.#whenLeft = whenLeft;
    this.#bytes = bytes;
    if (bytes) this.#useBytes(bytes);
    else this.#source = source ?? (stream ? readerSource(stream, context) : undefined);
    if (replayable) this.#kept = [];
  }

  /** Makes it ready to go to where a redirect leads: whole again, or none. False when its bytes are gone. */
  rewind(isKept: boolean): boolean {
    if (isKept && this.#source && !this.#bytes) return false;
    this.abandon(undefined);
    this.#inline = undefined;
    this.#source = undefined;
    this.#reading = undefined;
    if (isKept && this.#bytes) this.#useBytes(this.#bytes);
    if (this.#isReplayable) this.#kept = [];
    return true;
  }

  #useBytes(bytes: Uint8Array): void {
    if (typedArrayLength(bytes) <= INLINE_BODY_BYTES) this.#inline = bytes;
    else this.#source = sliceSource(bytes);
  }

  /** A stream for one posting; undefined when the body travels inside its message. */
  openStream(link: LinkEnd): ByteSink | undefined {
    this.#sink = this.#source && link.createStream();
    return this.#sink;
  }

  describe(sink: ByteSink | undefined): WireBody {
    if (sink) return { kind: 'stream', stream: sink.id };
    return this.#inline ? { kind: 'bytes', bytes: this.#inline } : { kind: 'none' };
  }

  /**
   * Pumps into `sink` from the first byte, after what is posted now. `done` is called when no more will be written; it is told
   * whether that is because the reader has left.
   */
  start(sink: ByteSink | undefined, done: (isLeft: boolean) => void): void {
    if (!sink || !this.#source) return;
    let isDone = false;
    const finish = (isLeft: boolean) => {
      if (isDone) return;
      isDone = true;
      done(isLeft);
    };
    void this.#pump(sink, this.#source).then((isWhole) => finish(!isWhole));
    void sink.cancelled.then(({ isLoss, hasUnread }) => {
      if (sink !== this.#sink) return;
      if (isLoss && this.#whenLeft === 'untold') this.#whenLeft = 'told';
      this.lose(isLoss || hasUnread);
      finish(true);
    });
  }

  /**
   * Nobody will read it: tells where it comes from as the platform does, after the next chunk.
   *
   * @param isNow  a chunk was on its way that nobody took: none is waited for
   */
  lose(isNow = false): void {
    this.#left = this.#sink;
    if (isNow || this.#whenLeft !== 'told' || !this.#left || !this.#reading) this.#lose();
  }

  #lose(): void {
    this.#sink = undefined;
    this.#kept = undefined;
    const isUntold = this.#whenLeft === 'untold' || (this.#whenLeft === 'told-if-writing' && this.#reading);
    this.#source?.lose(!isUntold);
  }

  /** Stops, without an end for the reader: the link it went by is gone and another posting may come. */
  pause(): void {
    this.#sink = undefined;
  }

  /** Whoever gave it is over, and gives no more: its reader is told that it breaks off. */
  breakOff(error: unknown): void {
    const sink = this.#sink;
    this.#sink = undefined;
    this.#kept = undefined;
    sink?.abort(this.#errors.encode(error, { remote: true }));
  }

  /** Nobody will read it: tells where it comes from. */
  abandon(reason: unknown): void {
    this.#sink = undefined;
    this.#kept = undefined;
    this.#source?.cancel(reason);
  }

  /** True when all was written, or there is no more; false when the reader has left. */
  async #pump(sink: ByteSink, source: ChunkSource): Promise<boolean> {
    await undefined; // the message that names the stream goes first
    const again = this.#kept ?? [];
    this.#sentBytes = 0;
    for (let i = 0; i < again.length; i++) if (!(await this.#write(sink, again[i] as Uint8Array))) return false;
    for (;;) {
      let chunk: Uint8Array | undefined;
      try {
        this.#reading ??= source.read();
        chunk = await this.#reading;
      } catch (error) {
        if (sink === this.#sink) sink.abort(this.#errors.encode(error, { remote: true }));
        return true;
      }
      if (sink !== this.#sink) return false;
      this.#reading = undefined;
      if (!chunk) break;
      if (sink === this.#left) {
        this.#lose();
        return false;
      }
      if (this.#kept) this.#kept[this.#kept.length] = chunk;
      if (!(await this.#write(sink, chunk))) return false;
    }
    await this.#leave(() => sink.close());
    return true;
  }

  /** False when the pump is over. A chunk is copied: the link takes it over, and a program may still hold its buffer. */
  async #write(sink: ByteSink, chunk: Uint8Array): Promise<boolean> {
    try {
      await this.#leave(() => sink.write(typedArraySlice(chunk)));
    } catch {
      // The reader left, or the link ended; of a request, its question says whether there is another posting.
      if (sink === this.#sink && (sink === this.#left || !this.#isReplayable)) this.#lose();
      return false;
    }
    this.#sentBytes += typedArrayLength(chunk);
    // More credit than the first: the peer reads, so it has taken the message up.
    if (this.#sentBytes > STREAM_WINDOW_BYTES) this.#kept = undefined;
    return sink === this.#sink;
  }

  async #leave(post: () => Promise<void> | void): Promise<void> {
    await new NativePromise<void>((resolve, reject) => {
      this.#context.leave(() => {
        try {
          resolve(post());
        } catch (error) {
          reject(error);
        }
      });
    });
  }
}

/** A stream of what a source gives, each chunk through the input gate of whoever reads. */
export function chunksToStream(source: ChunkSource, context: RpcContext): ReadableStream {
  const stream = inPieces({ source, context, cancel: (reason) => source.cancel(reason) });
  onLoss(stream, (isTold) => source.lose(isTold));
  return stream;
}

interface PiecesOptions {
  readonly source: Pick<ChunkSource, 'read'>;
  readonly context: Pick<RpcContext, 'capture'>;
  cancel(reason: unknown): void;
  /** there is no more to read */
  ended?(): void;
  /** its reader hears of nothing any more */
  isGivenUp?(): boolean;
  /** what makes it fail, from outside */
  started?(fail: (error: unknown) => void): void;
}

function inPieces({ source, context, cancel, ended, isGivenUp, started }: PiecesOptions): ReadableStream {
  const flow: Flow = { isPassedOn: false };
  const pieces = new Pieces();
  let isOver = false;
  const give = (controller: ReadableByteStreamController) => pieces.give(controller, isUncut(flow));
  const next = async (controller: ReadableByteStreamController) => {
    const read = await readThrough(source, context, flow);
    if (isOver || isGivenUp?.()) return;
    if ('chunk' in read) {
      pieces.put(read.chunk);
      return give(controller);
    }
    isOver = true;
    if ('error' in read) failBytes(controller, read.error);
    else closeBytes(controller);
    ended?.();
  };
  const stream = new NativeReadableStream(
    {
      type: 'bytes',
      start(controller) {
        started?.((error) => {
          isOver = true;
          failBytes(controller, error);
        });
      },
      pull(controller) {
        flow.isDisturbed = true;
        // What came is the reader's already, piece by piece.
        return pieces.isEmpty ? next(controller) : give(controller);
      },
      cancel(reason) {
        flow.isDisturbed = true;
        isOver = true;
        cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return flowing(stream, flow);
}

/** A chunk goes through the gate of whoever reads, if that is code of the program's. */
async function readThrough(
  source: Pick<ChunkSource, 'read'>,
  context: Pick<RpcContext, 'capture'>,
  flow: Flow,
): Promise<Read> {
  const arrive = flow.isPassedOn ? undefined : context.capture();
  const read = await readFrom(source);
  if (arrive) await new NativePromise<void>((resolve) => arrive(resolve));
  return read;
}

async function readFrom(source: Pick<ChunkSource, 'read'>): Promise<Read> {
  try {
    const chunk = await source.read();
    return chunk ? { chunk } : { end: true };
  } catch (error) {
    return { error };
  }
}

/** A body that arrived: taken up at once, turned into a stream when the event runs. */
export class BodyReader {
  /** of a body that came in its message */
  readonly lease: BodyLease | undefined;
  readonly #body: Uint8Array | ByteSource;
  readonly #errors: ErrorCodec;
  #isOver = false;
  #break: ((error: unknown) => void) | undefined;

  constructor(body: Uint8Array | ByteSource, errors: ErrorCodec) {
    this.#body = body;
    this.#errors = errors;
    this.lease = body instanceof NativeUint8Array ? { isOver: false, isRead: false } : undefined;
  }

  /** Nobody will read it. */
  cancel(reason: unknown): void {
    this.#cancel(reason === undefined ? {} : { error: this.#errors.encode(reason) });
  }

  #cancel(how: CancelOptions): void {
    if (this.#body instanceof NativeUint8Array || this.#isOver) return;
    this.#isOver = true;
    this.#body.cancel(how);
  }

  /** The response is out: what is not read by now never will be, so that no upload keeps the object busy. */
  release(): void {
    if (this.lease) this.lease.isOver = true;
    if (this.#body instanceof NativeUint8Array || this.#isOver) return;
    this.cancel(undefined);
    this.#break?.(new TypeError(TOO_LATE));
  }

  /** Whoever asked for it does not want it any more: its reader is told why. */
  breakOff(reason: unknown): void {
    if (this.#body instanceof NativeUint8Array || this.#isOver) return;
    this.cancel(reason);
    this.#break?.(reason);
  }

  /** The body of a Request or Response. `done` is called when the last byte was read or it was cancelled. */
  toBody(context: Pick<RpcContext, 'capture'>, done: () => void): Uint8Array | ReadableStream {
    const source = this.#body;
    if (source instanceof NativeUint8Array) return source;
    const stream = inPieces({
      source,
      context,
      cancel: (reason) => {
        this.cancel(reason);
        done();
      },
      ended: () => {
        this.#isOver = true;
        done();
      },
      isGivenUp: () => this.#isOver,
      started: (fail) => {
        this.#break = fail;
      },
    });
    onLoss(stream, (isTold) => {
      this.#cancel({ error: this.#errors.encode(connectionLost()), isLoss: isTold });
      done();
    });
    return stream;
  }
}

type Read = { chunk: Uint8Array } | { error: unknown } | { end: true };

function sliceSource(bytes: Uint8Array): ChunkSource {
  const length = typedArrayLength(bytes);
  let at = 0;
  return {
    async read() {
      if (at >= length) return undefined;
      const chunk = typedArraySlice(bytes, at, at + CHUNK_BYTES);
      at += CHUNK_BYTES;
      return chunk;
    },
    cancel: () => {
      at = length;
    },
    lose: () => {
      at = length;
    },
  };
}

/** Reading what the program's own code makes is an event of the object: it begins no sooner than others of that moment would. */
export function readerSource(stream: ReadableStream, context: Pick<RpcContext, 'arrive'>): ChunkSource {
  const isOwn = !passOn(stream);
  const lose = lossOf(stream);
  const source = drained(stream);
  return {
    read: isOwn ? () => arriving(context, () => source.read()) : () => source.read(),
    cancel: (why) => source.cancel(why),
    lose(isTold) {
      if (lose) lose(isTold);
      else if (isTold || !isOwn) source.cancel(connectionLost());
    },
  };
}

function arriving<T>(context: Pick<RpcContext, 'arrive'>, begin: () => Promise<T>): Promise<T> {
  return new NativePromise<T>((resolve) => context.arrive(() => resolve(begin())));
}
