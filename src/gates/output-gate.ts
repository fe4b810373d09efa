/**
 * The output gate: what leaves waits until the commits staged before it are durable.
 *
 * Promise: messages leave in the order they were sent; each waits only for the locks taken before it (snapshot), not
 * for later ones; with no lock it leaves at once. Closed, it takes no more, and what was held still leaves; so it does when a
 * lock fails, but for what waits for that one. Broken once, for good: what was held is dropped and nothing leaves.
 *
 * Knows nothing of storage: a lock is a promise. Knows nothing of links: a message is a function that posts it.
 * @see workerd: io/io-gate.h (OutputGate)
 */

import { NativePromise, promiseThen } from '../base/primordials.ts';
import { Queue } from '../base/queue.ts';

type OutputState =
  | { readonly state: 'working' }
  | { readonly state: 'closed' }
  | { readonly state: 'failed' } // a lock will never be released
  | { readonly state: 'broken' };

interface OutputGateOptions {
  onBroken: (error: unknown) => void;
  onEmpty?: () => void;
  onTurned?: (isOpen: boolean) => void;
}

interface Held {
  /** how many locks must be released, counted from the first ever taken */
  readonly after: number;
  readonly post: () => void;
}

interface Lock {
  released: boolean;
}

export class OutputGate {
  #state: OutputState = { state: 'working' };
  readonly #onBroken: (error: unknown) => void;
  readonly #onEmpty: () => void;
  readonly #onTurned: (isOpen: boolean) => void;
  /** locks not yet released, and those released out of order behind one that is not */
  readonly #locks = new Queue<Lock>();
  #taken = 0;
  /** the first lock that failed, counted like `after` */
  #failed = Infinity;
  #released = 0;
  readonly #held = new Queue<Held>();

  /**
   * @param onBroken  called once, with the error of the first lock that failed
   * @param onEmpty   called whenever the last held message has left
   * @param onTurned  called when the first lock is taken, and when the last is released
   */
  constructor({ onBroken, onEmpty = () => {}, onTurned = () => {} }: OutputGateOptions) {
    this.#onBroken = onBroken;
    this.#onEmpty = onEmpty;
    this.#onTurned = onTurned;
  }

  /** Holds what is sent from now on until `durable` resolves; its rejection breaks the gate. */
  lock(durable: Promise<void>): void {
    const lock: Lock = { released: false };
    this.#locks.append(lock);
    if (this.#locks.length === 1) this.#onTurned(false);
    const number = ++this.#taken;
    promiseThen(
      durable,
      () => {
        lock.released = true;
        this.#drain();
      },
      (error: unknown) => this.#fail(number, error),
    );
  }

  /** Sends when the locks taken so far are released, after all that was sent before. */
  send(post: () => void): void {
    if (this.#state.state !== 'working') return;
    if (this.#held.length === 0 && this.#locks.length === 0) post();
    else this.#held.append({ after: this.#taken, post });
  }

  /** Resolves once everything sent before has left; never when the gate breaks, or was closed. */
  flushed(): Promise<void> {
    return new NativePromise((resolve) => this.send(resolve));
  }

  /** Takes nothing more; what is held leaves as its locks are released. */
  close(): void {
    if (this.#state.state === 'working') this.#state = { state: 'closed' };
  }

  break(error: unknown): void {
    if (this.#state.state === 'broken') return;
    this.#state = { state: 'broken' };
    this.#held.clear();
    this.#onBroken(error);
  }

  #fail(number: number, error: unknown): void {
    const { state } = this.#state;
    if (state === 'broken' || number >= this.#failed) return;
    this.#failed = number;
    for (let count = this.#held.length; count > 0; count--) {
      const held = this.#held.shift() as Held;
      if (held.after < number) this.#held.append(held);
    }
    if (state === 'failed') return;
    this.#state = { state: 'failed' };
    this.#onBroken(error);
  }

  get heldCount(): number {
    return this.#held.length;
  }

  get isOpen(): boolean {
    return this.#locks.length === 0 && this.#held.length === 0;
  }

  #drain(): void {
    while (this.#locks.first?.value.released) {
      this.#locks.shift();
      this.#released++;
      if (this.#locks.length === 0) this.#onTurned(true);
    }
    if (this.#state.state === 'broken') return;
    const had = this.#held.length > 0;
    for (let next = this.#held.first; next; next = this.#held.first) {
      const { after, post } = next.value;
      if (after > this.#released) return;
      this.#held.shift();
      post();
    }
    if (had) this.#onEmpty();
  }
}
