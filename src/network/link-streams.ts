/**
 * The byte streams of one link: numbered, one-way, with credit.
 *
 * Promise: a writer never has more than STREAM_WINDOW_BYTES on their way or unread, so neither end holds more than that
 * for a stream, read or not. Credit returns as the reader reads. Every stream ends in exactly one of:
 *
 *     end    all bytes were sent; the reader gets them all, even if the link ends before it reads
 *     abort  the writer gave up; the reader gets what came, then the error
 *     cancel the reader gave up; the writer answers `end`, after which both ends have forgotten the number
 *     (link) the reader gets what came, then `Network connection lost.` or what broke the link; so does the writer
 *
 * Each direction counts its own streams: `data`, `end` and `abort` speak of the peer's, `credit` and `cancel` of ours.
 * Knows nothing of messages, order or wires.
 */
import { assert } from '../base/assert.ts';
import { type Deferred, deferred } from '../base/async.ts';
import { SimulatorError } from '../base/errors.ts';
import { STRETCH_BYTES } from '../base/flows.ts';
import { each, joined, mapped } from '../base/lists.ts';
import {
  arrayAppend,
  arrayBufferByteLength,
  arrayShift,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  mapSize,
  setAdd,
  setDelete,
  setSize,
  typedArrayBuffer,
  typedArrayLength,
  typedArraySlice,
  typedArraySubarray,
} from '../base/primordials.ts';
import { STREAM_WINDOW_BYTES } from '../protocol/limits.ts';
import type { ByteSink, ByteSource, Cancellation, CancelOptions, Frame, WireError } from '../protocol/link.ts';

export type StreamFrame = Extract<Frame, { s: number }>;

export interface StreamsOptions {
  send(frame: StreamFrame, transfer?: Transferable[]): void;
  /** makes of a serialised error the one that a reader or writer rejects with */
  decodeError(error: WireError, flags?: { readonly remote: true }): unknown;
}

/** Credit is returned in pieces of at least this much: fewer frames, and no dribble of tiny chunks. */
const CREDIT_BYTES = STREAM_WINDOW_BYTES / 4;
/** Streams that came before anyone took them up: each may hold a window, so their number has an end too. */
const UNCLAIMED_STREAMS = 1024;

// A user's program may replace the global.
const PlainBuffer = ArrayBuffer;

/** What everybody sees who waits on a link that ended. @see workerd: jsg/util.c++ */
export function connectionLost(): Error {
  return Object.assign(new Error('Network connection lost.'), { remote: true, retryable: true });
}

const violation = (what: string) => new SimulatorError('link_broken', `The peer broke the rules of a link: ${what}.`);

export class Streams {
  readonly #options: StreamsOptions;
  readonly #sinks = new Map<number, Sink>();
  readonly #sources = new Map<number, Source>();
  readonly #unclaimed = new Set<number>();
  #created = 0;
  /** how what is opened now fails: the link is over */
  #lost: (() => unknown) | undefined;

  constructor(options: StreamsOptions) {
    this.#options = options;
  }

  /** streams from which somebody waits for bytes at this moment */
  get awaitedCount(): number {
    let count = 0;
    mapForEach(this.#sources, (source) => {
      if (source.isAwaited) count++;
    });
    return count;
  }

  /** streams in both directions that still give something, those that nobody took up yet included */
  get count(): number {
    let count = mapSize(this.#sinks);
    mapForEach(this.#sources, (source) => {
      if (!source.isGivenUp) count++;
    });
    return count;
  }

  create(): ByteSink {
    const id = ++this.#created;
    const sink = new Sink({ ...this.#options, id, onDone: () => mapDelete(this.#sinks, id) });
    mapSet(this.#sinks, id, sink);
    if (this.#lost) sink.lose(this.#lost);
    return sink;
  }

  accept(id: number): ByteSource {
    const known = mapGet(this.#sources, id);
    if (known) {
      assert(setDelete(this.#unclaimed, id), `stream ${id} is taken up once`);
      return known;
    }
    return this.#open(id);
  }

  /** @throws SimulatorError `link_broken` when the peer does what no correct peer does */
  receive(frame: StreamFrame): void {
    switch (frame.k) {
      case 'data':
        this.#incoming(frame.s).receive(frame.bytes);
        return;
      case 'end':
        this.#incoming(frame.s).finish({ state: 'ended' });
        return;
      case 'abort':
        this.#incoming(frame.s).finish({ state: 'failed', error: this.#options.decodeError(frame.error) });
        return;
      case 'credit':
        this.#outgoing(frame.s)?.addCredit(frame.bytes);
        return;
      case 'cancel':
        this.#outgoing(frame.s)?.cancel(frame, frame.takenBytes);
        return;
      default:
        frame satisfies never;
    }
  }

  /** The link is over, broken by `error` if the peer said why. What arrived whole stays readable. */
  lose(error?: WireError): void {
    const make = error ? () => this.#options.decodeError(error, { remote: true }) : connectionLost;
    this.#lost = make;
    // Whoever is lost while they are gone through is gone through no more.
    mapForEach(this.#sinks, (sink) => sink.lose(make));
    mapForEach(this.#sources, (source) => source.lose(make));
  }

  #open(id: number): Source {
    const source = new Source({
      ...this.#options,
      id,
      onDone: () => {
        mapDelete(this.#sources, id);
        setDelete(this.#unclaimed, id);
      },
    });
    mapSet(this.#sources, id, source);
    if (this.#lost) source.lose(this.#lost);
    return source;
  }

  #incoming(id: number): Source {
    const known = mapGet(this.#sources, id);
    if (known) return known;
    if (setSize(this.#unclaimed) >= UNCLAIMED_STREAMS)
      throw violation(`${UNCLAIMED_STREAMS} streams that nobody took up`);
    setAdd(this.#unclaimed, id);
    return this.#open(id);
  }

  /** undefined for a stream that is over: its reader could not know yet */
  #outgoing(id: number): Sink | undefined {
    if (id > this.#created) throw violation(`stream ${id} was never opened`);
    return mapGet(this.#sinks, id);
  }
}

interface StreamOptions extends StreamsOptions {
  readonly id: number;
  /** both ends have said their last about this stream */
  onDone(): void;
}

type SinkState =
  | { readonly state: 'open' }
  /** closed by the writer, with bytes still waiting for credit */
  | { readonly state: 'closing' }
  | { readonly state: 'finished' }
  | { readonly state: 'failed'; readonly error: unknown };

class Sink implements ByteSink {
  readonly id: number;
  readonly cancelled: Promise<Cancellation>;
  readonly #options: StreamOptions;
  readonly #cancelled = deferred<Cancellation>();
  #state: SinkState = { state: 'open' };
  #credit = STREAM_WINDOW_BYTES;
  #givenBytes = 0;
  /** what no credit was left for, in order */
  #waiting: { chunk: Uint8Array; sent: Deferred<void> }[] = [];
  /** writes whose bytes are sent, but that used up the credit */
  #used: Deferred<void>[] = [];

  constructor(options: StreamOptions) {
    this.id = options.id;
    this.#options = options;
    this.cancelled = this.#cancelled.promise;
  }

  async write(chunk: Uint8Array): Promise<void> {
    if (this.#state.state === 'failed') throw this.#state.error;
    assert(this.#state.state === 'open', `stream ${this.id} is written to before it is closed`);
    if (typedArrayLength(chunk) === 0) return;
    this.#givenBytes += typedArrayLength(chunk);
    const sent = deferred();
    arrayAppend(this.#waiting, { chunk, sent });
    this.#pump();
    await sent.promise;
  }

  close(): void {
    if (this.#state.state !== 'open') return;
    this.#state = { state: 'closing' };
    this.#pump();
  }

  abort(error: WireError): void {
    if (this.#state.state === 'finished' || this.#state.state === 'failed') return;
    this.#options.send({ k: 'abort', s: this.id, error });
    this.#fail(this.#options.decodeError(error));
  }

  addCredit(bytes: number): void {
    this.#credit += bytes;
    if (this.#credit > STREAM_WINDOW_BYTES) throw violation(`more credit for stream ${this.id} than it used`);
    this.#pump();
  }

  cancel({ error, isLoss = false }: CancelOptions, takenBytes: number): void {
    this.#options.send({ k: 'end', s: this.id });
    this.#fail(error ? this.#options.decodeError(error) : new TypeError('The reader cancelled this stream.'));
    this.#cancelled.resolve({ ...(error ? { error } : {}), isLoss, hasUnread: takenBytes < this.#givenBytes });
  }

  lose(makeError: () => unknown): void {
    this.#fail(makeError());
  }

  #pump(): void {
    while (this.#credit > 0) {
      const next = this.#waiting[0];
      if (!next) break;
      const whole = typedArrayLength(next.chunk);
      // Cut where a stretch ends and nowhere else: its reader would see it. There is credit for one as soon as the reader has read
      // what came, because the window holds more than one and what is owed together.
      const length = whole <= this.#credit ? whole : this.#credit - (this.#credit % STRETCH_BYTES);
      if (length === 0) break;
      this.#credit -= length;
      this.#sendBytes(length === whole ? next.chunk : typedArraySubarray(next.chunk, 0, length));
      if (length < whole) {
        next.chunk = typedArraySubarray(next.chunk, length);
      } else {
        arrayShift(this.#waiting);
        arrayAppend(this.#used, next.sent);
      }
    }
    const isClosing = this.#state.state === 'closing' && this.#waiting.length === 0;
    if (this.#credit > 0 || isClosing) {
      each(this.#used, (sent) => sent.resolve());
      this.#used = [];
    }
    if (isClosing) {
      this.#state = { state: 'finished' };
      this.#options.send({ k: 'end', s: this.id });
      this.#options.onDone();
    }
  }

  /** A view of part of a buffer is copied first: a clone takes the whole buffer along. */
  #sendBytes(chunk: Uint8Array): void {
    const buffer = typedArrayBuffer(chunk);
    const isWhole = buffer instanceof PlainBuffer && typedArrayLength(chunk) === arrayBufferByteLength(buffer);
    const bytes = isWhole ? chunk : typedArraySlice(chunk);
    this.#options.send({ k: 'data', s: this.id, bytes }, [typedArrayBuffer(bytes)]);
  }

  #fail(error: unknown): void {
    this.#state = { state: 'failed', error };
    const refused = joined(
      this.#used,
      mapped(this.#waiting, (write) => write.sent),
    );
    this.#used = [];
    this.#waiting = [];
    each(refused, (sent) => sent.reject(error));
    this.#options.onDone();
  }
}

type SourceEnding = { readonly state: 'ended' } | { readonly state: 'failed'; readonly error: unknown };
type SourceState = { readonly state: 'open' } | { readonly state: 'cancelled' } | SourceEnding;

class Source implements ByteSource {
  readonly id: number;
  readonly #options: StreamOptions;
  #state: SourceState = { state: 'open' };
  #chunks: Uint8Array[] = [];
  #readers: Deferred<Uint8Array | undefined>[] = [];
  /** what the peer may still send */
  #credit = STREAM_WINDOW_BYTES;
  /** what was read and not given back yet */
  #owed = 0;
  #takenBytes = 0;

  constructor(options: StreamOptions) {
    this.id = options.id;
    this.#options = options;
  }

  /** By its reader or its writer: nothing is waited for any more. */
  get isGivenUp(): boolean {
    return this.#state.state === 'cancelled' || this.#state.state === 'failed';
  }

  get isAwaited(): boolean {
    return this.#readers.length > 0;
  }

  async read(): Promise<Uint8Array | undefined> {
    const chunk = arrayShift(this.#chunks);
    if (chunk) {
      this.#giveBack(typedArrayLength(chunk));
      return chunk;
    }
    switch (this.#state.state) {
      case 'open': {
        const reader = deferred<Uint8Array | undefined>();
        arrayAppend(this.#readers, reader);
        return await reader.promise;
      }
      case 'ended':
      case 'cancelled':
        if (this.#state.state === 'ended') this.#options.onDone();
        return undefined;
      case 'failed':
        this.#options.onDone();
        throw this.#state.error;
      default:
        return this.#state satisfies never;
    }
  }

  cancel(how: CancelOptions = {}): void {
    this.#chunks = [];
    if (this.#state.state !== 'open') {
      if (this.#state.state !== 'cancelled') this.#options.onDone();
      return;
    }
    this.#state = { state: 'cancelled' };
    this.#options.send({ k: 'cancel', s: this.id, takenBytes: this.#takenBytes, ...how });
    each(this.#takeReaders(), (reader) => reader.resolve(undefined));
  }

  receive(bytes: Uint8Array): void {
    if (this.#state.state === 'ended' || this.#state.state === 'failed')
      throw violation(`data after the end of stream ${this.id}`);
    const length = typedArrayLength(bytes);
    this.#credit -= length;
    if (this.#credit < 0) throw violation(`stream ${this.id} sent ${-this.#credit} bytes beyond its credit`);
    if (this.#state.state === 'cancelled') return;
    const reader = arrayShift(this.#readers);
    if (reader) {
      reader.resolve(bytes);
      this.#giveBack(length);
    } else {
      arrayAppend(this.#chunks, bytes);
    }
  }

  #takeReaders(): readonly Deferred<Uint8Array | undefined>[] {
    const readers = this.#readers;
    this.#readers = [];
    return readers;
  }

  finish(ending: SourceEnding): void {
    switch (this.#state.state) {
      case 'cancelled':
        this.#options.onDone();
        return;
      case 'open': {
        this.#state = ending;
        const readers = this.#takeReaders();
        each(readers, (reader) => {
          if (ending.state === 'ended') reader.resolve(undefined);
          else reader.reject(ending.error);
        });
        if (readers.length > 0) this.#options.onDone();
        return;
      }
      case 'ended':
      case 'failed':
        throw violation(`stream ${this.id} ended twice`);
      default:
        this.#state satisfies never;
    }
  }

  lose(makeError: () => unknown): void {
    if (this.#state.state === 'open' || this.#state.state === 'cancelled') {
      this.finish({ state: 'failed', error: makeError() });
    }
  }

  #giveBack(bytes: number): void {
    this.#takenBytes += bytes;
    this.#owed += bytes;
    if (this.#state.state !== 'open' || this.#owed < CREDIT_BYTES) return;
    this.#options.send({ k: 'credit', s: this.id, bytes: this.#owed });
    this.#credit += this.#owed;
    this.#owed = 0;
  }
}
