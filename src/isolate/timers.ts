/**
 * The timers of a program: `setTimeout` and its family on the program's own clock.
 *
 * Promise: a callback is an arrival like any other: it waits for the input gate, inside the critical section that armed
 * it. Callbacks run in the order in which they are due, and none before one that is due earlier: so a timer that was armed
 * outside a critical section and is due in it keeps back all that the section waits for (workerd does the same, seen).
 * A pending timer keeps its object from being evicted. At most `limit` are active.
 *
 *     ARMED --due, and first--> DELIVERED --the gate lets it in--> its callback runs, the next may be delivered
 *       \------------------------\--cleared--> gone
 *
 * Knows nothing of what a callback does.
 * @see workerd: io/io-timers.h
 */
import { mapDelete, mapForEach, mapGet, mapSet } from '../base/primordials.ts';
import type { DueTimer } from '../base/virtual-clock.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { named } from './native-shape.ts';

export interface TimersOptions {
  after(delayMs: number, fire: () => void): DueTimer;
  /** taken when a timer is armed; delivers its callback through the gate. @see IoContext.capture */
  capture(): (run: () => void, arrived?: Arrived) => void;
  /** throws where timers are not allowed (module scope) */
  assertAllowed(): void;
  /** an error that a callback threw: logged, and nothing else happens */
  onError(error: unknown): void;
  limit: number;
  /** the program armed one */
  onArmed?(): void;
  /** where timers are written down */
  tracer?: Tracer;
}

type Callback = (...args: unknown[]) => unknown;

interface Active {
  readonly id: number;
  readonly timer: DueTimer;
  /** lets the callback arrive at the gate */
  readonly deliver: () => void;
  state: 'armed' | 'due' | 'delivered';
}

export class Timers {
  readonly #options: TimersOptions;
  readonly #active = new Map<number, Active>();
  /** in the order in which they are due */
  #queue: Active[] = [];
  #lastId = 0;

  constructor(options: TimersOptions) {
    this.#options = options;
  }

  get activeCount(): number {
    return this.#active.size;
  }

  /** A callback is due and the gate keeps it out, and with it all timers that are due later. */
  get isHeldBack(): boolean {
    return this.#queue[0]?.state === 'delivered';
  }

  /** Whoever armed them is over: none of them runs. */
  end(): void {
    mapForEach(this.#active, (active: Active) => {
      active.timer.cancel();
      mapDelete(this.#active, active.id);
    });
    this.#queue.length = 0;
  }

  readonly setTimeout = (callback: Callback, delayMs?: number, ...args: unknown[]): number =>
    this.#arm(callback, delayMs, args, false);

  readonly setInterval = (callback: Callback, delayMs?: number, ...args: unknown[]): number =>
    this.#arm(callback, delayMs, args, true);

  /** Clears timers of either kind; what is no timer is ignored. */
  readonly clear = (id?: unknown): void => {
    const active = mapGet(this.#active, Number(id));
    if (!active) return;
    active.timer.cancel();
    this.#remove(active);
    this.#pump();
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
      const active: Active = {
        id,
        timer: this.#options.after(wait, () => {
          active.state = 'due';
          this.#pump();
        }),
        deliver: () => deliver(fire, arrived),
        state: 'armed',
      };
      const fire = () => {
        // Cleared while it waited for the gate: it must not run any more.
        if (mapGet(this.#active, id) !== active) return;
        this.#remove(active);
        if (repeats) arm();
        this.#run(callback, args);
        this.#pump();
      };
      mapSet(this.#active, id, active);
      this.#insert(active);
    };
    arm();
    this.#options.onArmed?.();
    return id;
  }

  #run(callback: Callback, args: unknown[]): void {
    try {
      callback(...args);
    } catch (error) {
      this.#options.onError(error);
    }
  }

  /** Behind those that are due at the same time. */
  #insert(active: Active): void {
    const queue = this.#queue;
    let at = queue.length;
    for (; at > 0 && (queue[at - 1] as Active).timer.dueMs > active.timer.dueMs; at--)
      queue[at] = queue[at - 1] as Active;
    queue[at] = active;
  }

  #remove(active: Active): void {
    mapDelete(this.#active, active.id);
    let kept = 0;
    const queue = this.#queue;
    for (let i = 0; i < queue.length; i++) {
      const one = queue[i] as Active;
      if (one !== active) queue[kept++] = one;
    }
    queue.length = kept;
  }

  #pump(): void {
    const first = this.#queue[0];
    if (first?.state !== 'due') return;
    first.state = 'delivered';
    first.deliver();
  }
}

/** What stands in a program's global scope. @param timers  those of whoever's code runs */
export function timerFunctions(timers: () => Timers) {
  return {
    setTimeout: (callback: Callback, delayMs?: number, ...args: unknown[]) =>
      timers().setTimeout(callback, delayMs, ...args),
    setInterval: (callback: Callback, delayMs?: number, ...args: unknown[]) =>
      timers().setInterval(callback, delayMs, ...args),
    clearTimeout: named('clearTimeout', (id?: unknown) => timers().clear(id)),
    clearInterval: named('clearInterval', (id?: unknown) => timers().clear(id)),
  };
}
