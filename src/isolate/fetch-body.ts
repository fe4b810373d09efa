/**
 * The body of a Request or a Response: what it was made from, and reading it once.
 *
 * Promise: a body made of bytes never becomes a stream unless the program asks for `body`; a body is read at most once,
 * and a second reader hears so in the platform's words. No method of a user's prototype is called.
 *
 *     BYTES --text()…/take()--> SPENT
 *       \---body--> STREAM --text()…--> STREAM, disturbed
 *                      \---take()--> SPENT
 */
import { bytesIn, concat, encodeText, utf8 } from '../base/bytes.ts';
import { type Flow, flowing, isUncut, partsFlow, readWhole } from '../base/flows.ts';
import { closeBytes, failBytes, Pieces } from '../base/pieces.ts';
import {
  promiseReject,
  promiseResolve,
  readableLocked,
  textDecoderDecode,
  typedArrayLength,
  typedArraySlice,
  uncurryGetter,
  uncurryThis,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { type BodyLease, TOO_LATE } from '../rpc/http-messages.ts';
import { globalScopeError } from './native-shape.ts';
import { wasDisturbed } from './stream-locks.ts';

export type ByteStream = ReadableStream<Uint8Array>;

/** What leaves a body for the wire. The caller owns it. */
export type TakenBody = Uint8Array | ByteStream | null;

/** What of these classes depends on the date (protocol/compatibility.ts). */
export interface FetchCompatibility {
  readonly cacheOption: boolean;
  readonly cacheNoCache: boolean;
  readonly upperCaseMethods: boolean;
  readonly iterableBodies: boolean;
  readonly stripsBom: boolean;
  readonly formFiles: boolean;
  readonly ownCookies: boolean;
  readonly redirectUrls: boolean;
  readonly parsesTypes: boolean;
}

export interface BodyTools {
  readonly Response: typeof globalThis.Response;
  readonly compatibility: FetchCompatibility;
  /** True while the modules are evaluated: streams and bodies are refused then. */
  isGlobalScope(): boolean;
}

type Source =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly lease: BodyLease | undefined }
  /** `probe` is a native Response around the same stream: the only one who can tell whether it was ever read */
  | { readonly kind: 'stream'; readonly stream: ByteStream; probe?: globalThis.Response }
  | { readonly kind: 'spent'; stream?: ByteStream };

const USED = 'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.';
const DISTURBED = 'This ReadableStream is disturbed (has already been read from), and cannot be used as a body.';
const LOCKED = 'This ReadableStream is currently locked to a reader';

const Stream = ReadableStream;
const streamReader = uncurryThis(Stream.prototype.getReader as () => ReadableStreamDefaultReader<unknown>);
const cancelStream = uncurryThis(Stream.prototype.cancel);
const streamTee = uncurryThis(Stream.prototype.tee as () => [ByteStream, ByteStream]);
const readChunk = uncurryThis(ReadableStreamDefaultReader.prototype.read) as (
  reader: unknown,
) => Promise<ReadableStreamReadResult<unknown>>;
const releaseLock = uncurryThis(ReadableStreamDefaultReader.prototype.releaseLock);
const cancelReader = uncurryThis(ReadableStreamDefaultReader.prototype.cancel);
const responseBody = uncurryGetter<ByteStream | null>(Response.prototype, 'body') as (r: unknown) => ByteStream | null;
const responseUsed = uncurryGetter<boolean>(Response.prototype, 'bodyUsed') as (response: unknown) => boolean;
const responseHeaders = uncurryGetter<Headers>(Response.prototype, 'headers') as (response: unknown) => Headers;
const blobSize = uncurryGetter<number>(Blob.prototype, 'size') as (blob: unknown) => number;
const headersGet = uncurryThis(Headers.prototype.get);
const searchText = uncurryThis(URLSearchParams.prototype.toString) as (search: unknown) => string;
const callOn = uncurryThis(Function.prototype.call) as (method: unknown, self: unknown) => unknown;
const Blob_ = Blob;
const FormData_ = FormData;
const Search = URLSearchParams;
const Bytes = Uint8Array;
const decoder = new TextDecoder();
const markingDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

export interface ExtractedBody {
  readonly state: BodyState;
  /** to be set when the program gave no `content-type` */
  readonly contentType: string | undefined;
}

/** Reads what a program gave as a body. @throws TypeError for a stream that was read; Error at module scope */
export function extractBody(tools: BodyTools, given: unknown): ExtractedBody {
  if (given === undefined || given === null)
    return { state: new BodyState(tools, { kind: 'none' }), contentType: undefined };
  if (given instanceof Stream) return { state: BodyState.ofStream(tools, given as ByteStream), contentType: undefined };
  if (tools.isGlobalScope()) throw globalScopeError();
  const bytes = bytesIn(given);
  if (bytes) return { state: BodyState.ofBytes(tools, typedArraySlice(bytes)), contentType: undefined };
  if (given instanceof Blob_ || given instanceof FormData_) {
    const native = new tools.Response(given);
    const stream = responseBody(native);
    const state = new BodyState(
      tools,
      stream ? { kind: 'stream', stream: flowing(stream, flowOf(given)), probe: native } : { kind: 'none' },
    );
    return { state, contentType: (headersGet(responseHeaders(native), 'content-type') as string | null) ?? undefined };
  }
  if (given instanceof Search) {
    const type = 'application/x-www-form-urlencoded;charset=UTF-8';
    return { state: BodyState.ofBytes(tools, utf8(searchText(given))), contentType: type };
  }
  const { iterableBodies } = tools.compatibility;
  const mayIterate = iterableBodies && typeof given === 'object' && !(given instanceof String);
  const iterator = mayIterate ? iteratorOf(given) : undefined;
  if (iterator) return { state: BodyState.ofStream(tools, streamOf(iterator)), contentType: undefined };
  const text = encodeText(`${given as string}`);
  return { state: BodyState.ofBytes(tools, text), contentType: 'text/plain;charset=UTF-8' };
}

export class BodyState {
  readonly #tools: BodyTools;
  #source: Source;

  constructor(tools: BodyTools, source: Source) {
    this.#tools = tools;
    this.#source = source;
  }

  /** @param bytes taken over; nobody may change them afterwards */
  static ofBytes(tools: BodyTools, bytes: Uint8Array, lease?: BodyLease): BodyState {
    return new BodyState(tools, { kind: 'bytes', bytes, lease });
  }

  static ofStream(tools: BodyTools, stream: ByteStream): BodyState {
    if (wasDisturbed(stream)) throw new TypeError(DISTURBED);
    // A locked stream is accepted, as on the platform; reading it fails later.
    if (readableLocked(stream)) return new BodyState(tools, { kind: 'stream', stream });
    const probe = probeOf(tools, stream);
    if (!probe || responseUsed(probe)) throw new TypeError(DISTURBED);
    return new BodyState(tools, { kind: 'stream', stream, probe });
  }

  get isNull(): boolean {
    return this.#source.kind === 'none';
  }

  /** False for the empty string's body too: it is a body, of no bytes. */
  get isEmpty(): boolean {
    return (
      this.#source.kind === 'none' || (this.#source.kind === 'bytes' && typedArrayLength(this.#source.bytes) === 0)
    );
  }

  get used(): boolean {
    switch (this.#source.kind) {
      case 'none':
      case 'bytes':
        return false;
      case 'spent':
        return true;
      case 'stream':
        return this.#source.probe !== undefined && responseUsed(this.#source.probe);
      default:
        return this.#source satisfies never;
    }
  }

  /** The same stream each time. */
  get stream(): ByteStream | null {
    const source = this.#source;
    if (source.kind === 'none') return null;
    if (source.kind === 'stream') return source.stream;
    if (source.kind === 'spent') {
      source.stream ??= spentStream();
      return source.stream;
    }
    const stream = streamOfBytes(source.bytes, source.lease);
    this.#source = { kind: 'stream', stream, probe: new this.#tools.Response(stream) };
    return stream;
  }

  /** @throws TypeError when it was read before, or is locked */
  assertReadable(): void {
    const refusal = this.#refusal();
    if (refusal) throw refusal;
  }

  #refusal(): TypeError | undefined {
    if (this.used) return new TypeError(USED);
    const source = this.#source;
    const isLocked = source.kind === 'stream' && readableLocked(source.stream);
    return isLocked ? new TypeError(`${LOCKED}.`) : undefined;
  }

  /** All the bytes. Rejects when the body was read before, is locked, or holds what is not bytes. */
  read(): Promise<Uint8Array<ArrayBuffer>> {
    const refusal = this.#refusal();
    if (refusal) return promiseReject(refusal);
    const source = this.#source;
    if (source.kind === 'none') return promiseResolve(new Bytes(0));
    if (source.kind === 'bytes') {
      this.#source = { kind: 'spent' };
      return borrow(source.lease) ? promiseResolve(typedArraySlice(source.bytes)) : promiseReject(tooLate());
    }
    return readAll(this.stream as ByteStream);
  }

  /** Splits the body in two; this one keeps the first half. @throws TypeError when it was read or is locked */
  tee(): BodyState {
    const source = this.#source;
    if (source.kind === 'none' || source.kind === 'bytes') return new BodyState(this.#tools, source);
    const stream = this.stream as ByteStream;
    if (this.used || readableLocked(stream)) throw new TypeError(`${LOCKED},`);
    const { 0: mine, 1: other } = streamTee(stream);
    partsFlow(stream, [mine, other]);
    this.#source = { kind: 'stream', stream: mine, probe: new this.#tools.Response(mine) };
    return BodyState.ofStream(this.#tools, other);
  }

  /** Moves the body into a new state; this one counts as used. @throws TypeError when it was read before */
  move(): BodyState {
    if (this.used) throw new TypeError(USED);
    const moved = new BodyState(this.#tools, this.#source);
    if (this.#source.kind !== 'none') this.#source = { kind: 'spent' };
    return moved;
  }

  /** Gives the body away. @throws TypeError when it was read before, is locked, or could be read only until now */
  take(): TakenBody {
    this.assertReadable();
    const source = this.#source;
    if (source.kind === 'none') return null;
    if (source.kind === 'bytes') {
      this.#source = { kind: 'spent' };
      if (!borrow(source.lease)) throw tooLate();
      return source.bytes;
    }
    const stream = this.stream as ByteStream;
    this.#source = { kind: 'spent' };
    return stream;
  }
}

/** False when it is too late; what was read in time is its readers' for good. */
function borrow(lease: BodyLease | undefined): boolean {
  if (!lease) return true;
  if (!lease.isOver) lease.isRead = true;
  return lease.isRead;
}

function tooLate(): TypeError {
  return new TypeError(TOO_LATE);
}

/** Undefined when the browser refuses the stream, which it does for one that was read. */
function probeOf(tools: BodyTools, stream: ByteStream): globalThis.Response | undefined {
  try {
    return new tools.Response(stream);
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

/** Text of bytes as the platform reads bodies: a byte order mark is dropped, what is not UTF-8 becomes U+FFFD. */
export function textOf({ compatibility }: BodyTools, bytes: Uint8Array): string {
  const by = compatibility.stripsBom ? decoder : markingDecoder;
  return textDecoderDecode(by, bytes as Uint8Array<ArrayBuffer>) as string;
}

async function readAll(stream: ByteStream): Promise<Uint8Array<ArrayBuffer>> {
  readWhole(stream);
  const reader = streamReader(stream);
  const chunks: Uint8Array[] = [];
  for (;;) {
    const { done, value } = await readChunk(reader);
    if (done) break;
    const chunk = bytesIn(value);
    if (!chunk) {
      const error = new TypeError('This ReadableStream did not return bytes.');
      // The reader hears of the fault already; what cancelling says besides cannot be told to anyone.
      (cancelReader(reader, error) as Promise<void>).catch(() => {});
      throw error;
    }
    chunks[chunks.length] = chunk;
  }
  releaseLock(reader);
  return concat(chunks);
}

/** A form is as long as its text becomes. */
function flowOf(given: Blob | FormData): Flow {
  return { isPassedOn: false, size: given instanceof Blob_ ? blobSize(given) : undefined };
}

/** A byte stream, so that a reader may bring its own buffer. */
function streamOfBytes(bytes: Uint8Array, lease?: BodyLease): ByteStream {
  const flow: Flow = { isPassedOn: false, size: typedArrayLength(bytes) };
  const pieces = new Pieces();
  if (typedArrayLength(bytes) > 0) pieces.put(bytes);
  const stream = new Stream(
    {
      type: 'bytes',
      pull(controller) {
        flow.isDisturbed = true;
        if (!pieces.isEmpty && !borrow(lease)) failBytes(controller, tooLate());
        else if (pieces.isEmpty) closeBytes(controller);
        else pieces.give(controller, isUncut(flow));
      },
      cancel() {
        flow.isDisturbed = true;
      },
    },
    { highWaterMark: 0 },
  );
  return flowing(stream, flow);
}

/** What `body` shows after the bytes were read whole without it: a stream at its end, that counts as read. */
function spentStream(): ByteStream {
  const stream = streamOfBytes(new Bytes(0));
  // It has nothing to give up, so this cannot fail.
  void cancelStream(stream);
  return stream;
}

/** What gives the values one after another; undefined: nothing does. */
export function iteratorOf(value: unknown): AsyncIterator<unknown> | Iterator<unknown> | undefined {
  const given = value as Partial<AsyncIterable<unknown> & Iterable<unknown>>;
  const begin = given[Symbol.asyncIterator] ?? given[Symbol.iterator];
  const iterator = typeof begin === 'function' ? callOn(begin, value) : undefined;
  return isObject(iterator) ? (iterator as Iterator<unknown>) : undefined;
}

/** of an iterator that has no `next` */
const AT_END = { done: true, value: undefined };

export function streamOf(iterator: AsyncIterator<unknown> | Iterator<unknown>, strategy?: QueuingStrategy): ByteStream {
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      const result: unknown = typeof iterator.next === 'function' ? await iterator.next() : AT_END;
      if (!isObject(result)) throw new TypeError("Callback returned incorrect type; expected 'Promise'");
      const { done, value } = result as IteratorResult<unknown>;
      if (done) controller.close();
      else controller.enqueue((await value) as Uint8Array);
    },
    async cancel(reason) {
      await iterator.return?.(reason);
    },
  };
  return new Stream<Uint8Array>(source, strategy);
}
