/**
 * One document on its way through the rewriter: a source that is read, a body that comes out.
 *
 *     RUNNING --end of the source--> DONE
 *        \-----fail(), cancel(), a source that fails--> FAILED      nothing more comes out; handlers are not called
 *
 * Promise: reads only as much as its reader asks for, and the first piece before anybody asks.
 */
import type { RawRewriter } from 'durabox:html-glue';
import { bytesOrText, concat } from '../base/bytes.ts';
import { closeBytes, enqueueBytes, failBytes } from '../base/pieces.ts';
import { arrayAppend, promiseThen, readerCancel, readerRead, typedArrayLength } from '../base/primordials.ts';
import type { HtmlHooks } from '../protocol/html-hooks.ts';
import { NOT_BYTES } from './byte-streams.ts';
import { type Charset, charsetOf } from './html-charset.ts';
import type { HtmlEngine } from './html-engine.ts';

export interface PassParts {
  readonly engine: HtmlEngine;
  readonly hooks: HtmlHooks;
  readonly source: ReadableStreamDefaultReader<unknown>;
  readonly contentType: string | null;
}

const NativeStream = ReadableStream;
const NativeBytes = Uint8Array;

export class HtmlPass {
  readonly readable: ReadableStream<Uint8Array>;
  readonly #parts: PassParts;
  readonly #charset: Charset | undefined;
  readonly #rewriter: RawRewriter;
  /** read as soon as there is a pass: so the source counts as used */
  #first: Promise<ReadableStreamReadResult<unknown>> | undefined;
  #out: Uint8Array[] = [];
  #failure: { readonly error: unknown } | undefined;
  /** the engine has it: a handler may be waited for */
  #isUnderWay = false;
  #isFree = false;

  /** @throws TypeError for a charset that the platform refuses */
  constructor(parts: PassParts) {
    this.#parts = parts;
    this.#charset = charsetOf(parts.contentType);
    this.#rewriter = parts.engine.open((chunk) => {
      if (!this.#failure && typedArrayLength(chunk) > 0) arrayAppend(this.#out, chunk);
    });
    this.#first = readerRead(parts.source);
    void promiseThen(this.#first, undefined, () => {}); // the first pull hears of it
    this.readable = new NativeStream(
      {
        type: 'bytes',
        pull: (controller) => this.#pull(controller),
        cancel: (reason) => {
          this.fail(reason);
          if (!this.#isUnderWay) this.#free();
          return readerCancel(parts.source, reason);
        },
      },
      { highWaterMark: 1 },
    );
  }

  on(selector: string, handlers: object): void {
    this.#rewriter.on(selector, handlers);
  }

  onDocument(handlers: object): void {
    this.#rewriter.onDocument(handlers);
  }

  get hasFailed(): boolean {
    return this.#failure !== undefined;
  }

  /** A handler threw: the body ends with that once the engine has come back. */
  fail(error: unknown): void {
    this.#failure ??= { error };
  }

  async #pull(controller: ReadableByteStreamController): Promise<void> {
    try {
      for (;;) {
        const isOver = await this.#step();
        const failure = this.#failed();
        if (failure) throw failure.error;
        const bytes = this.#taken(isOver);
        const length = typedArrayLength(bytes); // before the stream takes their memory
        if (length > 0) enqueueBytes(controller, bytes);
        if (isOver) {
          this.#free();
          closeBytes(controller);
          return;
        }
        if (length > 0) return;
      }
    } catch (error) {
      this.#end(error, controller);
    }
  }

  // Behind a method, because it changes while a step is waited for.
  #failed(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  async #step(): Promise<boolean> {
    const { engine, source } = this.#parts;
    const reading = this.#first ?? readerRead(source);
    this.#first = undefined;
    const { done, value } = await reading;
    const bytes = done ? undefined : bytesOf(value);
    const text = this.#charset ? this.#charset.toUtf8(bytes) : (bytes ?? new NativeBytes(0));
    if (typedArrayLength(text) > 0) await this.#use(() => engine.write(this.#rewriter, text));
    if (done) await this.#use(() => engine.end(this.#rewriter));
    return done;
  }

  async #use(step: () => Promise<void>): Promise<void> {
    if (this.#failure) return;
    this.#isUnderWay = true;
    try {
      await step();
    } catch (error) {
      this.#isFree = true; // the engine stopped in the middle and holds it for ever
      throw typeof error === 'string' ? new TypeError(`Parser error: ${error}`) : error;
    } finally {
      this.#isUnderWay = false;
    }
  }

  #free(): void {
    if (this.#isFree) return;
    this.#isFree = true;
    this.#rewriter.free();
  }

  /** What has come out since, as one piece. */
  #taken(isOver: boolean): Uint8Array<ArrayBuffer> {
    const out = this.#out;
    this.#out = [];
    const bytes = concat(out) as Uint8Array<ArrayBuffer>;
    if (!this.#charset) return bytes;
    const pieces: Uint8Array[] = [this.#charset.fromUtf8(bytes)];
    if (isOver) arrayAppend(pieces, this.#charset.fromUtf8(undefined));
    return concat(pieces) as Uint8Array<ArrayBuffer>;
  }

  #end(error: unknown, controller: ReadableByteStreamController): void {
    const arrived = this.#parts.hooks.arrived(error);
    this.fail(error);
    this.#free();
    // It hears why; what its cancelling says besides can be told to nobody.
    void promiseThen(readerCancel(this.#parts.source, arrived), undefined, () => {});
    failBytes(controller, arrived);
  }
}

/** @throws TypeError for what is neither bytes nor text */
function bytesOf(chunk: unknown): Uint8Array {
  const bytes = bytesOrText(chunk);
  if (!bytes) throw new TypeError(NOT_BYTES);
  return bytes;
}
