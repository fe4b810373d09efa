/**
 * Notices that nothing has happened for a while.
 *
 * Promise: told once for each quiet period, not for each event: one timer serves any number of them.
 */
import type { Timer } from '../base/clock.ts';
import { IDLE_EVICTION_MS } from '../protocol/limits.ts';

export interface IdleWatchOptions {
  after(delayMs: number, fire: () => void): Timer;
  /** a number that moves with each event */
  activity(): number;
  isBusy(): boolean;
  onIdle(): void;
}

export class IdleWatch {
  readonly #options: IdleWatchOptions;
  #isArmed = false;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
  }

  /** Something ended that may have been the last. */
  touch(): void {
    if (this.#isArmed) return;
    this.#isArmed = true;
    const seen = this.#options.activity();
    this.#options.after(IDLE_EVICTION_MS, () => {
      this.#isArmed = false;
      if (this.#options.activity() !== seen || this.#options.isBusy()) this.touch();
      else this.#options.onIdle();
    });
  }
}
