/**
 * Whether whoever asked still waits: the signal of a request that came.
 *
 *     WAITING --lost()--> LOST      the signal aborts, by an arrival like any other
 *        \------over()--> OVER      it was answered to the end, and never aborts
 *
 * Texts and flags: workerd 1.20260730, as observed.
 */
import { uncurryGetter, uncurryThis } from '../base/primordials.ts';
import type { RpcContext } from './context.ts';
import { addFlags } from './errors.ts';

const NativeController = AbortController;
const signalOf = uncurryGetter<AbortSignal>(AbortController.prototype, 'signal') as (
  controller: unknown,
) => AbortSignal;
const abort = uncurryThis(AbortController.prototype.abort) as (controller: AbortController, reason: unknown) => void;

export class Interest {
  readonly #controller = new NativeController();
  readonly #arrive: ReturnType<RpcContext['capture']>;
  #isOver = false;

  /** Made in the turn in which the request is delivered. */
  constructor(context: Pick<RpcContext, 'capture'>) {
    this.#arrive = context.capture();
  }

  get signal(): AbortSignal {
    return signalOf(this.#controller);
  }

  lost(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#arrive(() => {
      const reason = new DOMException('The client has disconnected', 'AbortError');
      abort(this.#controller, addFlags(reason, { retryable: true }));
    });
  }

  over(): void {
    this.#isOver = true;
  }
}
