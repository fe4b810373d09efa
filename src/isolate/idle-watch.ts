/**
 * Notices that nothing has happened for a while.
 *
 * Promise: told once for each quiet period, as long after the last event as it should be, and not for each event: one timer
 * serves any number of them, and is set again for the rest when it finds that something happened meanwhile.
 */
import type { Timer } from '../base/clock.ts';
import { IDLE_EVICTION_MS } from '../protocol/limits.ts';

export interface IdleWatchOptions {
  /** milliseconds, by the clock of `after` */
  now(): number;
  after(delayMs: number, fire: () => void): Timer;
  isBusy(): boolean;
  onIdle(): void;
}

export class IdleWatch {
  readonly #options: IdleWatchOptions;
  #isArmed = false;
  #touchedMs = 0;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
  }

  /** Something happened that may have been the last. */
  touch(): void {
    this.#touchedMs = this.#options.now();
    if (!this.#isArmed) this.#arm(IDLE_EVICTION_MS);
  }

  /** When it will be told, by the clock of `now`, if nothing happens meanwhile. */
  get dueMs(): number {
    return this.#touchedMs + IDLE_EVICTION_MS;
  }

  #arm(delayMs: number): void {
    this.#isArmed = true;
    this.#options.after(delayMs, () => {
      this.#isArmed = false;
      const restMs = this.#touchedMs + IDLE_EVICTION_MS - this.#options.now();
      if (restMs > 0) this.#arm(restMs);
      // What is under way touches when it ends: until then there is nothing to look for.
      else if (!this.#options.isBusy()) this.#options.onIdle();
    });
  }
}
