/**
 * The clock that programs observe: one line from real time to virtual time, and the timers that stand on it.
 *
 * Promise: it never steps back, whatever anchors it follows, as long as there is somebody who would see it (`forget`); a timer is
 * never early by it; timers of one clock fire in the order in which they are due, and those due at the same time in the order in
 * which they were set, each in a task of its own. Where time stands, what is due is still delivered and nothing else is.
 *
 *     FLOWING <--follow(anchors)--> STANDING <--follow(anchors)--> HELD        [ClockAnchors.motion]
 *
 * Nothing here is looked up on a prototype: it runs beside programs that may have patched them.
 * Knows nothing of who moves it or of who else follows.
 */

import type { Clock, Timer, VirtualMs } from './clock.ts';
import { mathTrunc } from './primordials.ts';

/** One line, and where its time is. Whoever has the one with the highest number agrees with everybody else. */
export interface ClockAnchors {
  /** from 1, one higher with each change; 0 is the clock that nobody ever moved */
  readonly number: number;
  readonly virtualMs: number;
  /** the moment at which it was `virtualMs`; only used while time flows */
  readonly realMs: number;
  /** virtual milliseconds in a real one, while time flows */
  readonly rate: number;
  readonly isPaused: boolean;
  /**
   * Set while somebody steps through the events: `standing`: time stands and what is due fires; `held`: it has been moved, not
   * everybody may know it yet, and nothing fires.
   */
  readonly motion?: 'standing' | 'held';
}

/** Virtual time is real time. */
export const UNMOVED: ClockAnchors = { number: 0, virtualMs: 0, realMs: 0, rate: 1, isPaused: false };

/** The longest that a browser's timer can wait: 2^31 - 1 ms. */
const REAL_TIMER_MAX_MS = 2_147_483_647;

const DELAY_MAX_MS = 100 * 365 * 24 * 3_600_000;

/** A timer, and when it is due: with the fraction of a millisecond by which it is behind another. */
export interface DueTimer extends Timer {
  readonly dueMs: number;
}

interface VirtualTimer {
  /** whole milliseconds */
  readonly dueMs: number;
  readonly exactMs: number;
  readonly order: number;
  readonly fire: () => void;
  /** place in the heap; -1 when it is over */
  place: number;
  ticket: Ticket | undefined;
}

/** A real timer that was set for a virtual one. It fires whatever is first then, so it may have been handed on. */
interface Ticket {
  holder: VirtualTimer;
  timer: Timer;
}

export class VirtualClock implements Clock<VirtualMs> {
  readonly #real: Clock;
  #anchors: ClockAnchors;
  // The anchors again: `now` is what programs call most.
  #virtualMs = 0;
  #realMs = 0;
  #rate = 1;
  #flows = true;
  #last = 0;
  #order = 0;
  /** a binary heap: the first is due first */
  readonly #heap: VirtualTimer[] = [];

  constructor(real: Clock, anchors: ClockAnchors = UNMOVED) {
    this.#real = real;
    this.#anchors = anchors;
    this.#take(anchors);
  }

  get anchors(): ClockAnchors {
    return this.#anchors;
  }

  /** The latest time that anybody here was told. */
  get lastMs(): number {
    return this.#last;
  }

  /** When the first timer is due; perhaps it is already. Undefined when there is none. */
  get nextDueMs(): number | undefined {
    return this.#heap[0]?.dueMs;
  }

  /** A timer is due and about to fire. */
  get isDue(): boolean {
    const first = this.#heap[0];
    return first !== undefined && this.#anchors.motion !== 'held' && first.dueMs <= this.now();
  }

  /** Whole milliseconds, as a program sees them. */
  now(): VirtualMs {
    let nowMs = this.#virtualMs;
    if (this.#flows) {
      nowMs += (this.#real.now() - this.#realMs) * this.#rate;
      nowMs = mathTrunc(nowMs);
    }
    if (nowMs > this.#last) this.#last = nowMs;
    return this.#last as VirtualMs;
  }

  /** As `now`, with what of the millisecond is over. */
  #exactNow(): number {
    const nowMs = this.now();
    const { exactNow } = this.#real;
    if (!this.#flows || !exactNow) return nowMs;
    const exactMs = this.#virtualMs + (exactNow() - this.#realMs) * this.#rate;
    return exactMs > nowMs ? exactMs : nowMs;
  }

  /** Nobody who was told the time is there any more: it may be earlier again. */
  forget(): void {
    this.#last = 0;
  }

  /** Of a delay its whole milliseconds count, and at most a hundred years. */
  after(delayMs: number, fire: () => void): DueTimer {
    const whole = delayMs > DELAY_MAX_MS ? DELAY_MAX_MS : delayMs - (delayMs % 1);
    // A millisecond may end between two that are armed in one go: the one with the shorter delay is due first nevertheless.
    const exactMs = this.#exactNow() + (whole > 0 ? whole : 0);
    const place = this.#heap.length;
    const dueMs = mathTrunc(exactMs);
    const timer: VirtualTimer = { dueMs, exactMs, order: this.#order++, fire, place, ticket: undefined };
    this.#heap[place] = timer;
    this.#rise(timer);
    this.#arm(timer);
    return { dueMs: exactMs, cancel: () => this.#remove(timer) };
  }

  /** Goes by these anchors from now on. False, and nothing happens, when they are no newer. */
  follow(anchors: ClockAnchors): boolean {
    if (anchors.number <= this.#anchors.number) return false;
    this.#anchors = anchors;
    this.#take(anchors);
    this.#rearm();
    return true;
  }

  #take({ virtualMs, realMs, rate, isPaused, motion }: ClockAnchors): void {
    this.#virtualMs = virtualMs;
    this.#realMs = realMs;
    this.#rate = rate;
    this.#flows = !isPaused && motion === undefined;
  }

  #rearm(): void {
    const heap = this.#heap;
    for (let i = 0; i < heap.length; i++) {
      const timer = heap[i] as VirtualTimer;
      timer.ticket?.timer.cancel();
      timer.ticket = undefined;
    }
    // No order is needed: a ticket fires whatever is first.
    for (let i = 0; i < heap.length; i++) this.#arm(heap[i] as VirtualTimer);
  }

  #arm(timer: VirtualTimer): void {
    if (this.#anchors.motion === 'held') return;
    const restMs = timer.dueMs - this.now();
    if (restMs > 0 && !this.#flows) return;
    const realMs = restMs > 0 ? restMs / this.#rate : 0;
    const waitMs = realMs % 1 === 0 ? realMs : realMs - (realMs % 1) + 1;
    const real = this.#real.after(waitMs < REAL_TIMER_MAX_MS ? waitMs : REAL_TIMER_MAX_MS, () => this.#use(ticket));
    const ticket: Ticket = { holder: timer, timer: real };
    timer.ticket = ticket;
  }

  /** A ticket is up: the first timer fires, if it is due, and who held this ticket takes over that of the first. */
  #use({ holder }: Ticket): void {
    holder.ticket = undefined;
    const first = this.#heap[0] as VirtualTimer;
    const aheadMs = first.dueMs - this.now();
    // A browser's timer and its wall clock differ by less than a millisecond: then it is that late.
    if (aheadMs > 0 && (!this.#flows || aheadMs > this.#rate)) {
      this.#arm(holder);
      return;
    }
    if (aheadMs > 0) this.#last = first.dueMs;
    if (first !== holder) {
      holder.ticket = first.ticket;
      if (holder.ticket) holder.ticket.holder = holder;
      first.ticket = undefined;
    }
    this.#remove(first);
    first.fire();
  }

  #remove(timer: VirtualTimer): void {
    if (timer.place < 0) return;
    timer.ticket?.timer.cancel();
    timer.ticket = undefined;
    const heap = this.#heap;
    const last = heap[heap.length - 1] as VirtualTimer;
    heap.length -= 1;
    if (last !== timer) {
      last.place = timer.place;
      heap[last.place] = last;
      this.#rise(last);
      this.#sink(last);
    }
    timer.place = -1;
  }

  #rise(timer: VirtualTimer): void {
    const heap = this.#heap;
    while (timer.place > 0) {
      const parent = heap[(timer.place - 1) >> 1] as VirtualTimer;
      if (!isBefore(timer, parent)) return;
      swap(heap, timer, parent);
    }
  }

  #sink(timer: VirtualTimer): void {
    const heap = this.#heap;
    for (;;) {
      const left = heap[2 * timer.place + 1];
      const right = heap[2 * timer.place + 2];
      const child = right && left && isBefore(right, left) ? right : left;
      if (!child || !isBefore(child, timer)) return;
      swap(heap, timer, child);
    }
  }
}

function isBefore(a: VirtualTimer, b: VirtualTimer): boolean {
  return a.exactMs < b.exactMs || (a.exactMs === b.exactMs && a.order < b.order);
}

function swap(heap: VirtualTimer[], a: VirtualTimer, b: VirtualTimer): void {
  const place = a.place;
  a.place = b.place;
  b.place = place;
  heap[a.place] = a;
  heap[b.place] = b;
}
