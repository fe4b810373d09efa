/**
 * Holds back what goes one way, as a slow, a narrow or a blocked network does.
 *
 * Promise: what was put in comes out once and in order, at the earliest when its last byte has gone through, its time has come
 * and nothing blocks the way. What meets no delay, and finds nobody in front of it, comes out before `put` returns.
 *
 *     put --> waits for the bytes before it --> goes through, `bytesPerSecond` --> is under way, latency and jitter --> comes out
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
  /** so much goes through, one after the other; Infinity: at once */
  readonly bytesPerSecond: number;
  /** nothing goes through or comes out until that is over */
  readonly isStalled: boolean;
}

export const NO_DELAY: Delay = { latencyMs: 0, jitterMs: 0, bytesPerSecond: Infinity, isStalled: false };

export interface DelayLineOptions<Item> {
  readonly clock: Pick<Clock<number>, 'now' | 'after'>;
  /** in [0, 1) */
  unit(): number;
  deliver(item: Item): void;
  /** how much an item counts in `held`; 1 if left out */
  weigh?(item: Item): number;
  /** asked where bytes are counted; none if left out */
  bytesOf?(item: Item): number;
}

interface Held<Item> {
  readonly item: Item;
  /** latency and jitter, as they were when it was put in */
  readonly flightMs: number;
  /** when it comes out, once it has gone through */
  dueMs: number;
}

export class DelayLine<Item> {
  readonly #options: DelayLineOptions<Item>;
  #delay: Delay = NO_DELAY;
  #queue: Held<Item>[] = [];
  /** those before it have come out */
  #first = 0;
  /** those before it have gone through */
  #next = 0;
  /** of the one that goes through, at `#sinceMs` */
  #leftBytes = 0;
  #sinceMs = 0;
  #held = 0;
  #timer: Timer | undefined;
  #isPumping = false;

  constructor(options: DelayLineOptions<Item>) {
    this.#options = options;
  }

  /** What is in it, by weight. */
  get held(): number {
    return this.#held;
  }

  get isEmpty(): boolean {
    return this.#first === this.#queue.length;
  }

  /**
   * Latency and jitter hold for what is put in from now on; a stall, and how much goes through, for what has not gone through yet
   * too.
   */
  set(delay: Delay): void {
    this.#pass();
    const nowMs = this.#options.clock.now();
    if (!this.#delay.isStalled && this.#next < this.#queue.length) {
      this.#leftBytes -= ((nowMs - this.#sinceMs) * this.#delay.bytesPerSecond) / 1_000;
    }
    this.#sinceMs = nowMs;
    this.#delay = delay;
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#pump();
  }

  put(item: Item): void {
    const { latencyMs, jitterMs, bytesPerSecond, isStalled } = this.#delay;
    const { clock, unit, deliver } = this.#options;
    const flightMs = latencyMs + (jitterMs > 0 ? jitterMs * unit() : 0);
    const isFree = flightMs === 0 && bytesPerSecond === Infinity && !isStalled;
    if (isFree && this.isEmpty && !this.#isPumping) {
      deliver(item);
      return;
    }
    this.#pass();
    this.#queue[this.#queue.length] = { item, flightMs, dueMs: Infinity };
    this.#held += this.#weightOf(item);
    if (this.#next === this.#queue.length - 1) this.#begin(clock.now());
    this.#pump();
  }

  /** What is in it never comes out. */
  clear(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#queue = [];
    this.#first = 0;
    this.#next = 0;
    this.#held = 0;
  }

  #weightOf(item: Item): number {
    return this.#options.weigh?.(item) ?? 1;
  }

  /** The next one begins to go through. */
  #begin(atMs: number): void {
    this.#sinceMs = atMs;
    const held = this.#queue[this.#next];
    this.#leftBytes = held ? (this.#options.bytesOf?.(held.item) ?? 0) : 0;
  }

  /** @returns when the one that goes through has done so; Infinity: never, as it is now */
  #passesMs(): number {
    const { bytesPerSecond, isStalled } = this.#delay;
    if (this.#next === this.#queue.length) return Infinity;
    if (bytesPerSecond === Infinity) return this.#sinceMs;
    return isStalled ? Infinity : this.#sinceMs + (this.#leftBytes * 1_000) / bytesPerSecond;
  }

  /** Notes what has gone through by now. */
  #pass(): void {
    const nowMs = this.#options.clock.now();
    for (let atMs = this.#passesMs(); atMs <= nowMs; atMs = this.#passesMs()) {
      const held = this.#queue[this.#next++] as Held<Item>;
      held.dueMs = atMs + held.flightMs;
      this.#begin(atMs);
    }
  }

  #pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    try {
      for (;;) {
        this.#pass();
        if (this.#delay.isStalled || this.isEmpty) return;
        const { item, dueMs } = this.#queue[this.#first] as Held<Item>;
        if (dueMs > this.#options.clock.now()) {
          this.#wake(dueMs === Infinity ? this.#passesMs() : dueMs);
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
    this.#next = 0;
  }

  #wake(atMs: number): void {
    if (this.#timer) return;
    const { clock } = this.#options;
    this.#timer = clock.after(atMs - clock.now(), () => {
      this.#timer = undefined;
      this.#pump();
    });
  }
}
