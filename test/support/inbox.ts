/** What a handler was called with, in order, and a way to wait for the next of it. */
import { type Deferred, deferred } from '../../src/base/async.ts';

export class Inbox<T> {
  readonly all: T[] = [];
  #waiting: { count: number; reached: Deferred<T[]> }[] = [];

  readonly put = (item: T): void => {
    this.all.push(item);
    for (const waiter of this.#waiting) if (this.all.length >= waiter.count) waiter.reached.resolve(this.all);
    this.#waiting = this.#waiting.filter((waiter) => this.all.length < waiter.count);
  };

  /** Resolves with everything once there are `count`. */
  async reach(count: number): Promise<T[]> {
    if (this.all.length >= count) return this.all;
    const reached = deferred<T[]>();
    this.#waiting.push({ count, reached });
    return await reached.promise;
  }
}
