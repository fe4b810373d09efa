/**
 * Keeps a thread awake for a moment after it has posted what is likely to be answered at once.
 *
 * A thread with nothing to do lets its core halt, and to wake it takes longer than the call it is woken for: on a machine that does
 * nothing else a call took 155 microseconds, and 61 when both ends stay awake until the other has spoken (measured, alternating). So
 * a thread that has posted gives itself tasks that do nothing, a few microseconds each, until something comes or the moment is over.
 *
 *     ASLEEP --linger()--> AWAKE --heard()-------------> ASLEEP      it was worth it
 *                            \----no task is left-------> ASLEEP      it was not: after some of those in a row most are left out
 *
 * Promise: no more than `TASKS` tasks for what was posted last, and next to none where nothing ever comes back so soon (events that
 * are sent one way). Tasks of others are never held up by more than one of these.
 */
import { postOnPort } from './ports.ts';
import { addListener } from './primordials.ts';

/** Some 5 microseconds each: two hops and the work of a small call between them. */
const TASKS = 24;
/** So many in vain, and it is tried once in `TRIES` only. */
const IN_VAIN_MAX = 4;
const TRIES = 32;

export class Lingering {
  readonly #next: () => void;
  /** how many tasks are left until it is in vain */
  #left = 0;
  /** a task is under way */
  #isStepping = false;
  #inVain = 0;
  #skipped = 0;

  /** @param next  calls `step` in a task of its own, soon */
  constructor(next: () => void) {
    this.#next = next;
  }

  /** Something was posted. */
  linger(): void {
    if (this.#inVain >= IN_VAIN_MAX && ++this.#skipped % TRIES !== 0) return;
    this.#left = TASKS;
    if (this.#isStepping) return;
    this.#isStepping = true;
    this.#next();
  }

  /** Something came. */
  heard(): void {
    if (this.#left === 0) return;
    this.#left = 0;
    this.#inVain = 0;
  }

  readonly step = (): void => {
    this.#isStepping = this.#left > 1;
    if (this.#left === 1) this.#inVain++;
    if (this.#left > 0) this.#left--;
    if (this.#isStepping) this.#next();
  };
}

// Made now: a program that is loaded later may have changed what makes them.
const { port1, port2 } = new MessageChannel();
const lingering = new Lingering(() => postOnPort(port2, 0));
addListener(port1, 'message', lingering.step);
port1.start();

export function linger(): void {
  lingering.linger();
}

export function heard(): void {
  lingering.heard();
}
