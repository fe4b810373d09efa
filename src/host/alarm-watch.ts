/**
 * Watches whether the machine that runs the account's alarms is still awake, from a machine that would take its place.
 *
 * Promise: who lets a due alarm lie and does not answer is told of. Nobody is asked as long as alarms are run in time, so an
 * account whose machines are all awake pays one look at the index for each alarm. A machine that dies needs no watching:
 * the browser gives its lease away.
 */
import type { Clock, Timer, VirtualMs } from '../base/clock.ts';
import type { AlarmIndex } from '../storage/alarm-index.ts';

export interface AlarmWatchOptions {
  readonly index: Pick<AlarmIndex, 'dueAlarms'>;
  /** by which alarms are due */
  readonly clock: Clock<VirtualMs>;
  /** by which patience is measured */
  readonly realClock: Clock;
  /** false: it was asked, and stayed silent */
  isLeaderAwake(): Promise<boolean>;
  onSilent(): void;
  onError(error: unknown): void;
}

/** How long an alarm may lie after its time: enough to start an object, and for alarms that take long it is only a question. */
export const PATIENCE_MS = 5_000;
/** The longest that a browser's timer can wait: 2^31 - 1 ms. */
export const TIMER_MAX_MS = 2_147_483_647;

export class AlarmWatch {
  readonly #options: AlarmWatchOptions;
  #timer: Timer | undefined;
  /** when the timer looks; undefined while it measures patience, or there is none */
  #looksAtMs: number | undefined;
  #isStopped = true;

  constructor(options: AlarmWatchOptions) {
    this.#options = options;
  }

  start(): void {
    this.#isStopped = false;
    void this.#look();
  }

  /** An alarm was set for that time. */
  poke(atMs: number): void {
    if (this.#isStopped || (this.#timer && (this.#looksAtMs ?? 0) <= atMs)) return;
    void this.#look();
  }

  stop(): void {
    this.#isStopped = true;
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  /** Waits for the time of the first alarm, and then for somebody to run it. */
  async #look(): Promise<void> {
    const first = await this.#first();
    if (this.#isStopped || !first) return;
    const { clock, realClock } = this.#options;
    this.#timer?.cancel();
    const delayMs = first.dueMs - clock.now();
    if (delayMs > 0) {
      this.#looksAtMs = first.dueMs;
      this.#timer = clock.after(Math.min(delayMs, TIMER_MAX_MS), () => void this.#look());
    } else {
      this.#looksAtMs = undefined;
      this.#timer = realClock.after(PATIENCE_MS, () => void this.#judge());
    }
  }

  async #judge(): Promise<void> {
    const first = await this.#first();
    const isLate = first !== undefined && first.dueMs <= this.#options.clock.now();
    if (isLate && !this.#isStopped && !(await this.#options.isLeaderAwake())) {
      if (!this.#isStopped) this.#options.onSilent();
      return;
    }
    if (!this.#isStopped) await this.#look();
  }

  async #first() {
    try {
      return (await this.#options.index.dueAlarms(Number.MAX_SAFE_INTEGER, 1))[0];
    } catch (error) {
      if (!this.#isStopped) this.#options.onError(error);
      return undefined;
    }
  }
}
