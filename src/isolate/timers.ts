/**
 * The timers of a program: `setTimeout` and its family on the program's own clock.
 *
 * Promise: a callback is an arrival like any other: it waits for the input gate, inside the critical section that armed
 * it. A pending timer keeps its object from being evicted. At most `limit` are active.
 *
 * Knows nothing of what a callback does.
 * @see workerd: io/io-timers.h
 */
import type { Timer } from '../base/clock.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { named } from './native-shape.ts';

export interface TimersOptions {
  after(delayMs: number, fire: () => void): Timer;
  /** taken when a timer is armed; delivers its callback through the gate. @see IoContext.capture */
  capture(): (run: () => void, arrived?: Arrived) => void;
  /** throws where timers are not allowed (module scope) */
  assertAllowed(): void;
  /** an error that a callback threw: logged, and nothing else happens */
  onError(error: unknown): void;
  limit: number;
  /** where timers are written down */
  tracer?: Tracer;
}

type Callback = (...args: unknown[]) => unknown;

export class Timers {
  readonly #options: TimersOptions;
  readonly #active = new Map<number, Timer>();
  #lastId = 0;

  constructor(options: TimersOptions) {
    this.#options = options;
  }

  /** What stands in the program's global scope. */
  get functions() {
    return {
      setTimeout: this.setTimeout,
      setInterval: this.setInterval,
      clearTimeout: named('clearTimeout', this.clear),
      clearInterval: named('clearInterval', this.clear),
    };
  }

  get activeCount(): number {
    return this.#active.size;
  }

  readonly setTimeout = (callback: Callback, delayMs?: number, ...args: unknown[]): number =>
    this.#arm(callback, delayMs, args, false);

  readonly setInterval = (callback: Callback, delayMs?: number, ...args: unknown[]): number =>
    this.#arm(callback, delayMs, args, true);

  /** Clears timers of either kind; what is no timer is ignored. */
  readonly clear = (id?: unknown): void => {
    const key = Number(id);
    this.#active.get(key)?.cancel();
    this.#active.delete(key);
  };

  #arm(callback: Callback, delayMs: unknown, args: unknown[], repeats: boolean): number {
    this.#options.assertAllowed();
    if (typeof callback !== 'function') {
      const name = repeats ? 'setInterval' : 'setTimeout';
      throw new TypeError(
        `Failed to execute '${name}' on 'ServiceWorkerGlobalScope': parameter 1 is not of type 'Function'.`,
      );
    }
    if (this.#active.size >= this.#options.limit) {
      throw new DOMException(
        `You have exceeded the number of active timeouts you may set. max active timeouts: ${this.#options.limit}, current active timeouts: ${this.#active.size}, finished timeouts: ${this.#lastId - this.#active.size}`,
        'QuotaExceededError',
      );
    }
    const wait = Math.max(0, Number(delayMs) || 0);
    const deliver = this.#options.capture();
    const id = ++this.#lastId;
    const { tracer } = this.#options;
    const name = repeats ? 'setInterval' : 'setTimeout';
    const arm = () => {
      const armed = tracer?.note({ kind: 'timer', name, delayMs: wait }) ?? 0;
      const arrived: Arrived | undefined = armed > 0 ? { what: 'timer', name, cause: tracer?.cause(armed) } : undefined;
      this.#active.set(
        id,
        this.#options.after(wait, () => deliver(fire, arrived)),
      );
    };
    const fire = () => {
      // Cleared while it waited for the gate: it must not run any more.
      if (!this.#active.has(id)) return;
      if (repeats) arm();
      else this.#active.delete(id);
      try {
        callback(...args);
      } catch (error) {
        this.#options.onError(error);
      }
    };
    arm();
    return id;
  }
}
