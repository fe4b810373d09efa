/**
 * Whether whoever asked still waits: the signal of a request that came.
 *
 *     WAITING --lost()--> LOST      the signal aborts, by an arrival like any other
 *        \------over()--> OVER      it was answered to the end, and never aborts
 *
 * Texts and flags: workerd 1.20260730, as observed.
 */
import { type Abortable, makeAbortable } from '../base/abort-signals.ts';
import type { RpcContext } from './context.ts';
import { addFlags } from './errors.ts';

export class Interest {
  readonly #abortable: Abortable = makeAbortable();
  readonly #arrive: ReturnType<RpcContext['capture']>;
  #isOver = false;

  /** Made in the turn in which the request is delivered. */
  constructor(context: Pick<RpcContext, 'capture'>) {
    this.#arrive = context.capture();
  }

  get signal(): AbortSignal {
    return this.#abortable.signal;
  }

  lost(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#arrive(() => {
      const reason = new DOMException('The client has disconnected', 'AbortError');
      this.#abortable.abort(addFlags(reason, { retryable: true }));
    });
  }

  over(): void {
    this.#isOver = true;
  }
}
