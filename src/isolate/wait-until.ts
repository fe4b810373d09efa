/**
 * Promises that a program gave to `waitUntil`.
 *
 * Promise: each is counted until it settles; a rejection is logged and does nothing else, as on the platform.
 */
import { promiseThen } from '../base/primordials.ts';

export class WaitUntil {
  readonly #onError: (error: unknown) => void;
  readonly #onSettled: () => void;
  #count = 0;

  constructor({ onError, onSettled }: { onError: (error: unknown) => void; onSettled: () => void }) {
    this.#onError = onError;
    this.#onSettled = onSettled;
  }

  /** How many have not settled yet. */
  get count(): number {
    return this.#count;
  }

  /** @param hear  called when it has settled, in either way */
  add(promise: unknown, hear: () => void = () => {}): void {
    this.#count++;
    const settled = () => {
      this.#count--;
      hear();
      this.#onSettled();
    };
    promiseThen(Promise.resolve(promise), settled, (error: unknown) => {
      this.#onError(error);
      settled();
    });
  }
}
