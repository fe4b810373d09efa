/**
 * lol-html, the parser and rewriter that the platform itself uses, as WebAssembly.
 *
 * Promise: a handler may take its time: the engine's stack is put aside (Binaryen's Asyncify) until the promise is
 * settled, and other rewriters go on meanwhile. One instance serves all rewriters of a thread, because a browser has
 * room for few memories; it is made when the first selector is read.
 *
 *     NORMAL --a handler's promise--> UNWINDING --back in drive()--> NORMAL … settled --> REWINDING --the handler--> NORMAL
 *
 * Knows nothing of streams and responses. What a handler is given is the engine's own; nobody shows it to a program.
 */
import { instantiate, type RawRewriter } from 'durabox:html-glue';
import wasm from 'durabox:html-rewriter.wasm';
import { must } from '../base/assert.ts';

const UNWINDING = 1;
const REWINDING = 2;
/** What Asyncify saves of a stack: 350 bytes were seen; more would be a trap. */
const STACK_BYTES = 16_384;
const NativeBytes = Uint8Array;
const NativeInts = Int32Array;

interface Unwound {
  readonly stack: number;
  readonly promise: Promise<unknown>;
}

export class HtmlEngine {
  readonly #glue = instantiate(wasm, (_, promise) => this.#wait(promise));
  #unwound: Unwound | undefined;

  /** @param sink  gets the output piece by piece, as copies */
  open(sink: (chunk: Uint8Array) => void): RawRewriter {
    return new this.#glue.HTMLRewriter(sink, { enableEsiTags: false });
  }

  /** @throws TypeError in the platform's words */
  checkSelector(selector: string): void {
    const rewriter = this.open(() => {});
    try {
      rewriter.on(selector, {});
    } finally {
      rewriter.free();
    }
  }

  write(rewriter: RawRewriter, bytes: Uint8Array): Promise<void> {
    const { exports } = this.#glue;
    const at = exports.__wbindgen_malloc(bytes.length);
    new NativeBytes(exports.memory.buffer).set(bytes, at);
    return this.#drive(() => exports.htmlrewriter_write(rewriter.ptr, at, bytes.length));
  }

  end(rewriter: RawRewriter): Promise<void> {
    return this.#drive(() => this.#glue.exports.htmlrewriter_end(rewriter.ptr));
  }

  async #drive(step: () => void): Promise<void> {
    const { exports } = this.#glue;
    const free = (stack: number) => {
      if (stack !== 0) exports.__wbindgen_free(stack, STACK_BYTES);
    };
    let old = 0;
    step();
    while (exports.asyncify_get_state() === UNWINDING) {
      exports.asyncify_stop_unwind();
      free(old); // not before: nothing of the engine may be called while it unwinds
      const { promise, stack } = must(this.#unwound, 'what an unwound stack waits for');
      this.#unwound = undefined;
      await promise;
      exports.asyncify_start_rewind(stack);
      step();
      old = stack;
    }
    free(old);
  }

  /** Called by the engine after a handler that gave a promise, and again when its stack is back. */
  #wait(promise: Promise<unknown>): void {
    const { exports } = this.#glue;
    if (exports.asyncify_get_state() === REWINDING) {
      exports.asyncify_stop_rewind();
      return;
    }
    const stack = exports.__wbindgen_malloc(STACK_BYTES);
    new NativeInts(exports.memory.buffer).set([stack + 8, stack + STACK_BYTES], stack / 4);
    this.#unwound = { stack, promise };
    exports.asyncify_start_unwind(stack);
  }
}
