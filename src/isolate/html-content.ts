/**
 * What a program puts into a document: text, a stream or a response, in the order in which it said so.
 *
 * Promise: text is put in at once; after a stream everything waits for it until the handler has ended. A token is valid
 * as long as its handler runs, and says so afterwards in the platform's words.
 *
 * DIFFERS: the platform reads a stream when the output has come so far; here it is read whole before the output goes on.
 */
import { arrayAppend, readableGetReader, readableLocked, readerRead, textDecoderDecode } from '../base/primordials.ts';
import type { HtmlHooks } from '../protocol/html-hooks.ts';
import { parameterError } from './native-shape.ts';

const INVALID =
  'This content token is no longer valid. Content tokens are only valid during the execution of the relevant content handler.';
export const LOCKED = 'The ReadableStream has been locked to a reader.';
const NO_STREAMS =
  'Replacing content in HTML comments using a ReadableStream or Response object is not implemented. You must provide a string.';

export interface ContentOptions {
  readonly html: boolean;
}

type Put = (content: string, options: ContentOptions) => void;
type Stream = ReadableStream<unknown>;

const NativeStream = ReadableStream;
const NativeDecoder = TextDecoder;

/** A token of the engine's, for as long as a handler has it. */
export class Held<Raw extends { free(): void }> {
  readonly #raw: Raw;
  readonly #type: string;
  readonly #hooks: HtmlHooks;
  readonly #takesStreams: boolean;
  #isValid = true;
  #later: (() => void | Promise<void>)[] | undefined;

  constructor(raw: Raw, type: string, hooks: HtmlHooks, takesStreams = true) {
    this.#raw = raw;
    this.#type = type;
    this.#hooks = hooks;
    this.#takesStreams = takesStreams;
  }

  /** @throws TypeError when the handler has ended */
  get raw(): Raw {
    this.assertValid();
    return this.#raw;
  }

  /** @throws TypeError when the handler has ended */
  assertValid(): void {
    if (!this.#isValid) throw new TypeError(INVALID);
  }

  /** The argument as text. @throws TypeError when there is none */
  text(method: string, position: number, value: unknown): string {
    if (value === undefined) throw parameterError(method, this.#type, position, 'string');
    return `${value as string}`;
  }

  /** Reads the arguments of a method that takes content, and does it now or later. */
  put(method: keyof Raw & string, { 0: content, 1: given }: readonly unknown[]): void {
    const { raw } = this;
    if (content === undefined) throw parameterError(method, this.#type, 1, 'string or ReadableStream or Response');
    const options = this.#options(method, given);
    const stream = this.#streamOf(content);
    const putters = raw as unknown as Record<string, Put>;
    const put: Put = (text, how) => putters[method]?.(text, how);
    if (stream === undefined) {
      const text = `${content as string}`;
      this.change(() => put(text, options));
      return;
    }
    if (!this.#takesStreams) throw new TypeError(NO_STREAMS);
    if (!stream) return;
    const reader = readableGetReader(stream);
    this.#later ??= [];
    arrayAppend(this.#later, async () => put(await textOf(reader), options));
  }

  /** Now, or after the streams that were given before. */
  change(change: (raw: Raw) => void): void {
    const { raw } = this;
    if (this.#later) arrayAppend(this.#later, () => change(raw));
    else change(raw);
  }

  get mustWait(): boolean {
    return this.#later !== undefined;
  }

  /** The handler has ended. */
  invalidate(): void {
    this.#isValid = false;
  }

  /** Puts in what had to wait. */
  async settle(): Promise<void> {
    const later = this.#later ?? [];
    for (let i = 0; i < later.length; i++) await later[i]?.();
  }

  free(): void {
    this.#raw.free();
  }

  #options(method: string, given: unknown): ContentOptions {
    if (given === undefined || given === null) return { html: false };
    if (typeof given !== 'object' && typeof given !== 'function') {
      throw parameterError(method, this.#type, 2, 'ContentOptions');
    }
    return { html: !!(given as { html?: unknown }).html };
  }

  /** undefined: it is text; null: a response without a body, which changes nothing. */
  #streamOf(content: unknown): Stream | null | undefined {
    const isResponse = this.#hooks.isResponse(content);
    if (!isResponse && !(content instanceof NativeStream)) return undefined;
    const stream: Stream | null = isResponse ? content.body : content;
    if (stream && isUsed(stream, this.#hooks)) throw new TypeError(LOCKED);
    return stream;
  }
}

/** Locked, or read before: only a response can tell the second. */
function isUsed(stream: Stream, { Response }: HtmlHooks): boolean {
  if (readableLocked(stream)) return true;
  try {
    new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>);
    return false;
  } catch {
    return true; // the one reason for which it refuses a stream
  }
}

async function textOf(reader: ReadableStreamDefaultReader<unknown>): Promise<string> {
  const decoder = new NativeDecoder();
  let text = '';
  for (;;) {
    const { done, value } = await readerRead(reader);
    if (done) return text + textDecoderDecode(decoder);
    text += typeof value === 'string' ? value : textDecoderDecode(decoder, value as BufferSource, { stream: true });
  }
}
