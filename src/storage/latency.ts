/**
 * A storage that is slow on purpose: a commit counts as durable so much later than it is.
 *
 *     pass() --0 ms--> at once
 *        \--more--> WAITING --the time is over, or set() to less than has passed--> goes on
 *
 * Promise: who passes goes on after the latency that holds then, by the clock that is given, in the order of coming. A new
 * latency holds for those who wait, too: set to 0, all go on. Reads never wait: with SQLite storage they are done when called.
 */
import { type Deferred, deferred } from '../base/async.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { arrayAppend, arrayShift } from '../base/primordials.ts';

interface Waiting {
  readonly sinceMs: number;
  readonly passed: Deferred<void>;
}

export class StorageLatency {
  readonly #clock: Clock<number>;
  #latencyMs = 0;
  readonly #waiting: Waiting[] = [];
  #timer: Timer | undefined;

  constructor(clock: Clock<number>) {
    this.#clock = clock;
  }

  set(latencyMs: number): void {
    this.#latencyMs = latencyMs;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#letGo();
  }

  /** A commit is written and does not count as durable yet: only the clock is waited for. */
  get isWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** Resolves when a commit that was written now counts as durable. */
  pass(): Promise<void> | undefined {
    if (this.#latencyMs === 0 && this.#waiting.length === 0) return undefined;
    const passed = deferred();
    arrayAppend(this.#waiting, { sinceMs: this.#clock.now(), passed });
    this.#letGo();
    return passed.promise;
  }

  #letGo(): void {
    for (let first = this.#waiting[0]; first; first = this.#waiting[0]) {
      const restMs = first.sinceMs + this.#latencyMs - this.#clock.now();
      if (restMs > 0) {
        this.#arm(restMs);
        return;
      }
      arrayShift(this.#waiting);
      first.passed.resolve();
    }
  }

  #arm(delayMs: number): void {
    this.#timer ??= this.#clock.after(delayMs, () => {
      this.#timer = undefined;
      this.#letGo();
    });
  }
}
