/**
 * Holds back what goes one way, as a slow or a blocked network does.
 *
 * Promise: what was put in comes out once and in order, at the earliest when its time has come and nothing blocks the way.
 * What meets no delay, and finds nobody in front of it, comes out before `put` returns.
 *
 * Knows nothing of what it holds.
 */
import type { Clock, Timer } from './clock.ts';

/** What lies in the way. */
export interface Delay {
  /** each takes so long, ms */
  readonly latencyMs: number;
  /** and up to so much longer, but never overtakes the one before it */
  readonly jitterMs: number;
  /** nothing comes out until that is over */
  readonly isStalled: boolean;
}

export const NO_DELAY: Delay = { latencyMs: 0, jitterMs: 0, isStalled: false };

export interface DelayLineOptions<Item> {
  readonly clock: Pick<Clock<number>, 'now' | 'after'>;
  /** in [0, 1) */
  unit(): number;
  deliver(item: Item): void;
  /** how much an item counts in `held`; 1 if left out */
  weigh?(item: Item): number;
}

interface Held<Item> {
  readonly item: Item;
  readonly dueMs: number;
}

export class DelayLine<Item> {
  readonly #options: DelayLineOptions<Item>;
  #delay: Delay = NO_DELAY;
  #queue: Held<Item>[] = [];
  /** those before it have come out */
  #first = 0;
  #held = 0;
  #timer: Timer | undefined;
  #isPumping = false;

  constructor(options: DelayLineOptions<Item>) {
    this.#options = options;
  }

  /** What is under way, by weight. */
  get held(): number {
    return this.#held;
  }

  get isEmpty(): boolean {
    return this.#first === this.#queue.length;
  }

  /** Holds for what is put in from now on; a stall, and the end of one, for what is under way too. */
  set(delay: Delay): void {
    this.#delay = delay;
    this.#pump();
  }

  put(item: Item): void {
    const { latencyMs, jitterMs, isStalled } = this.#delay;
    const { clock, unit, deliver } = this.#options;
    const delayMs = latencyMs + (jitterMs > 0 ? jitterMs * unit() : 0);
    if (delayMs === 0 && !isStalled && this.isEmpty && !this.#isPumping) {
      deliver(item);
      return;
    }
    this.#queue[this.#queue.length] = { item, dueMs: clock.now() + delayMs };
    this.#held += this.#weightOf(item);
    this.#pump();
  }

  /** What is under way never comes out. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#queue = [];
    this.#first = 0;
    this.#held = 0;
  }

  #weightOf(item: Item): number {
    return this.#options.weigh?.(item) ?? 1;
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      while (!this.#delay.isStalled && !this.isEmpty) {
        const { item, dueMs } = this.#queue[this.#first] as Held<Item>;
        if (dueMs > this.#options.clock.now()) {
          this.#wake(dueMs);
          return;
        }
        this.#take();
        this.#held -= this.#weightOf(item);
        this.#options.deliver(item);
      }
    } finally {
      this.#isPumping = false;
    }
  }

  #take(): void {
    this.#first++;
    if (this.#first < this.#queue.length) return;
    this.#queue = [];
    this.#first = 0;
  }

  #wake(dueMs: number): void {
    if (this.#timer) return;
    const { clock } = this.#options;
    this.#timer = clock.after(dueMs - clock.now(), () => {
      this.#timer = undefined;
      this.#pump();
    });
  }
}
