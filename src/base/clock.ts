/**
 * Time: the only place that reads the machine's clock or sets its timers.
 *
 * Promise: what a program can observe is `VirtualMs`, what our own timeouts use is `RealMs`; the two types do not mix.
 * The platform's functions are captured here before user code loads, so a patched `setTimeout` changes nothing of ours.
 */

export type RealMs = number & { readonly brand: 'RealMs' };
export type VirtualMs = number & { readonly brand: 'VirtualMs' };

export interface Timer {
  cancel(): void;
}

export interface Clock<Ms extends number = RealMs> {
  /** milliseconds since 1970; never steps back */
  now(): Ms;
  /** As `now`, with how much of the millisecond is over. Left out: nothing of it ever is. */
  exactNow?(): number;
  /** Calls `fire` once, never earlier than `delayMs` from now. */
  after(delayMs: number, fire: () => void): Timer;
}

const realNow = Date.now;
const elapsed = performance.now.bind(performance);
const { timeOrigin } = performance;
const realSetTimeout = globalThis.setTimeout.bind(globalThis);
const realClearTimeout = globalThis.clearTimeout.bind(globalThis);

/** The machine's clock with fractions of a millisecond, for what is measured and shown; it does not follow the wall's corrections. */
export function preciseNow(): number {
  return timeOrigin + elapsed();
}

const FRACTION_MAX = 0.999;

/** The machine's clock. `Ms` is only a brand: until the movable clock exists, virtual time is real time. */
export function systemClock<Ms extends number = RealMs>(): Clock<Ms> {
  let last = 0;
  /** from the precise clock, which knows nothing of how the wall's is corrected, to the wall's */
  let offset = 0;
  const now = () => {
    const nowMs = realNow();
    if (nowMs > last) last = nowMs;
    return last as Ms;
  };
  return {
    now,
    exactNow() {
      const nowMs = now();
      const preciseMs = preciseNow();
      const fraction = preciseMs + offset - nowMs;
      const exactMs = nowMs + (fraction < 0 ? 0 : fraction > FRACTION_MAX ? FRACTION_MAX : fraction);
      offset = exactMs - preciseMs;
      return exactMs;
    },
    after(delayMs, fire) {
      const id = realSetTimeout(fire, delayMs);
      return { cancel: () => realClearTimeout(id) };
    },
  };
}

/** A clock that moves only when a test says so. Timers fire in due order, equal ones in the order they were set. */
export class ManualClock<Ms extends number = RealMs> implements Clock<Ms> {
  #now: number;
  #order = 0;
  #timers: { dueMs: number; order: number; fire: () => void }[] = [];

  constructor(nowMs = 0) {
    this.#now = nowMs;
  }

  now(): Ms {
    return this.#now as Ms;
  }

  get pending(): number {
    return this.#timers.length;
  }

  after(delayMs: number, fire: () => void): Timer {
    const timer = { dueMs: this.#now + Math.max(0, delayMs), order: this.#order++, fire };
    this.#timers.push(timer);
    this.#timers.sort((a, b) => a.dueMs - b.dueMs || a.order - b.order);
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((other) => other !== timer);
      },
    };
  }

  /** Moves on by `ms`, firing each due timer at its own time; `settle` runs after each, to let promises go on. */
  async advance(ms: number, settle: () => Promise<void> = async () => {}): Promise<void> {
    const target = this.#now + ms;
    for (;;) {
      const next = this.#timers[0];
      if (!next || next.dueMs > target) break;
      this.#timers.shift();
      this.#now = next.dueMs;
      next.fire();
      await settle();
    }
    this.#now = target;
  }
}
