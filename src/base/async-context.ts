/**
 * The asynchronous context of a program: which stores are set for the code that runs now.
 *
 * Promise: a frame never changes; to set a store is to run something under a new frame. Whatever ends, ends by putting
 * back the frame that was there before, so every task of the event loop begins without one.
 *
 * Knows nothing of what carries a frame from one task to another: `isolate/context-carriers.ts` does that.
 */

/** One store that is set, and the rest. */
export interface Frame {
  readonly key: object;
  readonly value: unknown;
  readonly outer: Frame | undefined;
}

type Call = (...args: never[]) => unknown;

const apply = Reflect.apply as (target: unknown, self: unknown, args: ArrayLike<unknown>) => unknown;

export class AsyncContext {
  #frame: Frame | undefined;

  /** The frame of what runs now; keep it to run something else under it later. */
  get frame(): Frame | undefined {
    return this.#frame;
  }

  /** What is stored under `key`; undefined also when nothing is. */
  get(key: object): unknown {
    return this.find(key)?.value;
  }

  /** The innermost frame that has a value under `key`. */
  find(key: object): Frame | undefined {
    let at = this.#frame;
    while (at && at.key !== key) at = at.outer;
    return at;
  }

  /** Runs `call` with `value` under `key`. @throws what `call` throws */
  run(key: object, value: unknown, call: Call, args: ArrayLike<unknown> = []): unknown {
    return this.enter({ key, value, outer: this.#frame }, call, undefined, args);
  }

  /** Runs `call` under a frame that was kept. @throws what `call` throws */
  enter(frame: Frame | undefined, call: Call, self: unknown, args: ArrayLike<unknown>): unknown {
    const before = this.#frame;
    this.#frame = frame;
    try {
      return apply(call, self, args);
    } finally {
      this.#frame = before;
    }
  }

  /** The same function, under the frame of now whenever it is called. */
  bind<F extends Call>(call: F): F {
    const frame = this.#frame;
    const { enter } = this;
    const context = this;
    return function bound(this: unknown, ...args: unknown[]) {
      return apply(enter, context, [frame, call, this, args]);
    } as unknown as F;
  }
}
