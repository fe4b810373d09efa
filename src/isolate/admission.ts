/**
 * What may wait at an object's input gate: how much, and for how long.
 *
 * Promise: what is over a limit is refused with the platform's text, marked `overloaded`; it never reached the instance, which
 * goes on, and the stub stays good. What was taken from the queue is never refused any more. Only what callers send is counted,
 * no alarm and no timer. A request that was refused counts for nothing.
 *
 *     ARRIVED --over a limit--> REFUSED
 *        \--> WAITING --taken--> with the instance              [run]
 *                 \--too long--> REFUSED                        [#expire]
 *
 * Knows nothing of gates: it sees when something comes, and when it is taken.
 *
 * @see https://developers.cloudflare.com/durable-objects/observability/troubleshooting/ (local workerd has no such limit)
 */
import type { Timer } from '../base/clock.ts';
import type { Limits } from '../protocol/limits.ts';
import type { ErrorFlags } from '../rpc/errors.ts';
import type { Delivery, SessionMain } from '../rpc/session.ts';

export type AdmissionLimits = Pick<
  Limits,
  'queuedRequestCount' | 'queuedRequestBytes' | 'queuedRequestMs' | 'requestsPer10s'
>;

export interface AdmissionOptions {
  readonly main: SessionMain;
  readonly limits: AdmissionLimits;
  /** milliseconds, by the clock of `after`, which is the program's */
  now(): number;
  after(delayMs: number, fire: () => void): Timer;
}

interface Waiting {
  readonly delivery: Delivery;
  readonly sinceMs: number;
  isWaiting: boolean;
}

const DONE = Promise.resolve();
const WINDOW_MS = 10_000;
const OVERLOADED: ErrorFlags = { overloaded: true };
const PREFIX = 'Durable Object is overloaded. ';
const TOO_MANY = `${PREFIX}Too many requests queued.`;
const TOO_MUCH = `${PREFIX}Too much data queued.`;
const TOO_LONG = `${PREFIX}Requests queued for too long.`;
const TOO_OFTEN = `${PREFIX}Too many requests for the same object within a 10 second window.`;

/** `main` itself when nothing is limited: then nobody pays for it. */
export function admission(options: AdmissionOptions): SessionMain {
  const { queuedRequestCount, queuedRequestBytes, queuedRequestMs, requestsPer10s } = options.limits;
  const least = Math.min(queuedRequestCount, queuedRequestBytes, queuedRequestMs, requestsPer10s);
  return least === Number.POSITIVE_INFINITY ? options.main : new Admission(options);
}

class Admission implements SessionMain {
  readonly #options: AdmissionOptions;
  /** oldest first; those that were taken go when they come to the front */
  #queue: Waiting[] = [];
  #count = 0;
  #sizeBytes = 0;
  /** when those of the last ten seconds came, oldest first */
  #window: number[] = [];
  #timer: Timer | undefined;

  constructor(options: AdmissionOptions) {
    this.#options = options;
  }

  deliver(delivery: Delivery): void {
    const { main, limits, now } = this.#options;
    const sinceMs = now();
    const refusal = this.#refusalOf(delivery, sinceMs);
    if (refusal !== undefined) {
      delivery.fail(new Error(refusal), OVERLOADED);
      return;
    }
    if (limits.requestsPer10s !== Number.POSITIVE_INFINITY) this.#window[this.#window.length] = sinceMs;
    const waiting: Waiting = { delivery, sinceMs, isWaiting: true };
    this.#queue[this.#queue.length] = waiting;
    this.#count++;
    this.#sizeBytes += delivery.sizeBytes;
    this.#watch();
    main.deliver({
      arrived: delivery.arrived,
      sizeBytes: delivery.sizeBytes,
      entry: delivery.entry,
      run: (...on) => (this.#take(waiting) ? delivery.run(...on) : DONE),
      fail: (error, flags) => {
        if (this.#take(waiting)) delivery.fail(error, flags);
      },
    });
  }

  #refusalOf({ sizeBytes }: Delivery, nowMs: number): string | undefined {
    const { queuedRequestCount, queuedRequestBytes, requestsPer10s } = this.#options.limits;
    this.#forget(nowMs);
    if (this.#window.length >= requestsPer10s) return TOO_OFTEN;
    if (this.#count >= queuedRequestCount) return TOO_MANY;
    if (this.#sizeBytes + sizeBytes > queuedRequestBytes) return TOO_MUCH;
    return undefined;
  }

  /** Drops what came more than ten seconds ago. */
  #forget(nowMs: number): void {
    const window = this.#window;
    let old = 0;
    while (old < window.length && (window[old] as number) <= nowMs - WINDOW_MS) old++;
    if (old > 0) this.#window = rest(window, old);
  }

  /** @returns false when it does not wait any more */
  #take(waiting: Waiting): boolean {
    if (!waiting.isWaiting) return false;
    waiting.isWaiting = false;
    this.#count--;
    this.#sizeBytes -= waiting.delivery.sizeBytes;
    let gone = 0;
    while (gone < this.#queue.length && !this.#queue[gone]?.isWaiting) gone++;
    if (gone > 0) this.#queue = rest(this.#queue, gone);
    if (this.#count === 0) {
      this.#timer?.cancel();
      this.#timer = undefined;
    }
    return true;
  }

  /** One timer, for the oldest. */
  #watch(): void {
    const { limits, now, after } = this.#options;
    const oldest = this.#queue[0];
    if (this.#timer || !oldest || limits.queuedRequestMs === Number.POSITIVE_INFINITY) return;
    this.#timer = after(oldest.sinceMs + limits.queuedRequestMs - now(), () => {
      this.#timer = undefined;
      this.#expire();
      this.#watch();
    });
  }

  #expire(): void {
    const { limits, now } = this.#options;
    const untilMs = now() - limits.queuedRequestMs;
    for (let oldest = this.#queue[0]; oldest && oldest.sinceMs <= untilMs; oldest = this.#queue[0]) {
      this.#take(oldest);
      oldest.delivery.fail(new Error(TOO_LONG), OVERLOADED);
    }
  }
}

function rest<T>(list: readonly T[], from: number): T[] {
  const left: T[] = [];
  for (let i = from; i < list.length; i++) left[i - from] = list[i] as T;
  return left;
}
