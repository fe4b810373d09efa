/**
 * Two small tools for promises: one that is settled from outside, and a set that owns the ones nobody awaits.
 *
 * Promise: no rejection is lost; a promise put into a TaskSet reports to the set's owner.
 */

import { NativePromise } from './primordials.ts';

export interface Deferred<T> {
  readonly promise: Promise<T>;
  readonly resolve: (value: T | PromiseLike<T>) => void;
  readonly reject: (reason: unknown) => void;
}

export function deferred<T = void>(): Deferred<T> {
  let resolve!: Deferred<T>['resolve'];
  let reject!: Deferred<T>['reject'];
  const promise = new NativePromise<T>((res, rej) => {
    resolve = res;
    reject = rej;
  });
  return { promise, resolve, reject };
}

/** Owns promises that no code awaits; `onError` hears of each rejection. */
export class TaskSet {
  readonly #tasks = new Set<Promise<void>>();
  readonly #onError: (error: unknown) => void;

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get size(): number {
    return this.#tasks.size;
  }

  add(task: Promise<unknown>): void {
    const owned: Promise<void> = task
      .then(
        () => undefined,
        (error: unknown) => this.#onError(error),
      )
      .finally(() => this.#tasks.delete(owned));
    this.#tasks.add(owned);
  }

  /** Resolves when every task is settled, those added meanwhile included. */
  async idle(): Promise<void> {
    while (this.#tasks.size > 0) await Promise.all(this.#tasks);
  }
}
