/**
 * The account's clock in the hands of an embedder: `sim.clock`.
 *
 * Promise: it is one clock for everything that a program can observe, in every tab of the account. A move is over when its
 * promise resolves: this page sees the new time then, and what the move made happen has happened.
 *
 * Knows nothing of who else moves it.
 */
import { SimulatorError } from '../base/errors.ts';
import type { VirtualClock } from '../base/virtual-clock.ts';
import type { ClockMove, ClockMoved } from '../protocol/clock.ts';
import type { HostControl } from '../protocol/control.ts';

/** How fast time may go, in virtual milliseconds a real one. */
const RATE_MIN = 0.1;
const RATE_MAX = 1_000;
/** The last moment that a `Date` can be, ms since 1970. */
const LAST_MOMENT_MS = 8.64e15;

export interface ClockState {
  /** milliseconds since 1970 */
  readonly now: number;
  readonly rate: number;
  readonly isPaused: boolean;
}

export class SimulatorClock {
  readonly #parts: { control: Pick<HostControl, 'moveClock'>; virtual: VirtualClock };

  constructor(parts: { control: Pick<HostControl, 'moveClock'>; virtual: VirtualClock }) {
    this.#parts = parts;
  }

  /** What a program's `Date.now()` would say now: milliseconds since 1970. */
  now(): number {
    return this.#parts.virtual.now();
  }

  /** How many milliseconds go by in a real one, while it is not paused. */
  get rate(): number {
    return this.#parts.virtual.anchors.rate;
  }

  get isPaused(): boolean {
    return this.#parts.virtual.anchors.isPaused;
  }

  /** Time stands: what is due is still delivered, what is due later is not. */
  async pause(): Promise<void> {
    await this.#move({ m: 'pause' });
  }

  /** Time goes on from where it stands. */
  async resume(): Promise<void> {
    await this.#move({ m: 'resume' });
  }

  /** From now on time goes `rate` times as fast as real time: 0.1 to 1000. One that is paused stays so. */
  async setRate(rate: number): Promise<void> {
    if (!(rate >= RATE_MIN && rate <= RATE_MAX)) {
      throw new SimulatorError(
        'config_invalid',
        `The clock goes from ${RATE_MIN} to ${RATE_MAX} times as fast, not ${rate}.`,
      );
    }
    await this.#move({ m: 'rate', rate });
  }

  /**
   * Moves on by `ms`, through every event that is due until then, each at its own time and in order; the next one waits until all
   * that the one before set going is over, everywhere in the account. No real time goes by but what that takes.
   *
   * @returns the new time, milliseconds since 1970
   * @throws SimulatorError `clock_stuck`: an event did not come to an end (it waits for the real network, or computes on); the
   *   clock is at that event then
   */
  async advance(ms: number): Promise<number> {
    if (!(ms >= 0 && this.now() + ms <= LAST_MOMENT_MS)) {
      throw new SimulatorError(
        'config_invalid',
        `The clock cannot be advanced by ${ms} ms: it only moves on, up to the year 275760.`,
      );
    }
    return (await this.#move({ m: 'advance', ms: Math.floor(ms) })).nowMs;
  }

  /**
   * Moves on to the next event that is due, wherever in the account, and through it. What is due are timers, alarms, and what the
   * platform does by itself, such as evicting an object that is idle.
   *
   * @returns the new time; undefined, and nothing moved, when nothing is due ever
   * @throws SimulatorError `clock_stuck` as above
   */
  async advanceToNextEvent(): Promise<number | undefined> {
    const { found, nowMs } = await this.#move({ m: 'next' });
    return found ? nowMs : undefined;
  }

  async #move(move: ClockMove): Promise<ClockMoved> {
    const moved = await this.#parts.control.moveClock(move);
    this.#parts.virtual.follow(moved.anchors);
    return moved;
  }
}
