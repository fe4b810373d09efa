/**
 * Whether whoever asked still waits: the signal of a request that came.
 *
 *     WAITING --lost()--> LOST      the signal aborts, by an arrival like any other
 *        \------over()--> OVER      it was answered to the end, and never aborts
 *
 * Texts and flags: workerd 1.20260730, as observed.
 */
import { type Abortable, makeAbortable } from '../base/abort-signals.ts';
import { weakSetAdd, weakSetHas } from '../base/primordials.ts';
import type { RpcContext } from './context.ts';
import { addFlags } from './errors.ts';

const ofRequests = new WeakSet<AbortSignal>();
const reasons = new WeakSet<object>();

/** It is the signal of a request that came: what it is given to, it ends only with request_signal_passthrough. */
export const isOfRequest = (signal: AbortSignal): boolean => weakSetHas(ofRequests, signal);

/** It is what such a signal aborted with. */
export const isReasonOfRequest = (reason: object): boolean => weakSetHas(reasons, reason);

export class Interest {
  readonly #abortable: Abortable = makeAbortable();
  readonly #arrive: ReturnType<RpcContext['capture']>;
  #isOver = false;

  /** Made in the turn in which the request is delivered. */
  constructor(context: Pick<RpcContext, 'capture'>) {
    this.#arrive = context.capture();
    weakSetAdd(ofRequests, this.signal);
  }

  get signal(): AbortSignal {
    return this.#abortable.signal;
  }

  lost(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#arrive(() => {
      const reason = new DOMException('The client has disconnected', 'AbortError');
      weakSetAdd(reasons, reason);
      this.#abortable.abort(addFlags(reason, { retryable: true }));
    });
  }

  over(): void {
    this.#isOver = true;
  }
}
