/**
 * Promises that a program gave to `waitUntil`.
 *
 * Promise: each is counted until it settles; a rejection is logged and does nothing else, as on the platform.
 */
import { promiseThen } from '../base/primordials.ts';

export interface WaitUntilOptions {
  /** what was given as a promise: not each thenable is one */
  promiseOf(given: unknown): Promise<unknown>;
  onError(error: unknown): void;
  onSettled(): void;
}

export class WaitUntil {
  readonly #promiseOf: (given: unknown) => Promise<unknown>;
  readonly #onError: (error: unknown) => void;
  readonly #onSettled: () => void;
  #count = 0;

  constructor({ promiseOf, onError, onSettled }: WaitUntilOptions) {
    this.#promiseOf = promiseOf;
    this.#onError = onError;
    this.#onSettled = onSettled;
  }

  /** How many have not settled yet. */
  get count(): number {
    return this.#count;
  }

  /** @param hear  called when it has settled, and told whether it was fulfilled */
  add(promise: unknown, hear: (isFulfilled: boolean) => void = () => {}): void {
    this.#count++;
    const settled = (isFulfilled: boolean) => {
      this.#count--;
      hear(isFulfilled);
      this.#onSettled();
    };
    promiseThen(
      this.#promiseOf(promise),
      () => settled(true),
      (error: unknown) => {
        this.#onError(error);
        settled(false);
      },
    );
  }
}
