/**
 * Decides how long an instance stays that nobody uses, and notices when that time is over.
 *
 * Promise: told once for each quiet period, as long after its begin as it should be, and not for each event: one timer
 * serves any number of them, and is set again for the rest when it finds that something happened meanwhile.
 *
 * What is *held* (an event, a commit, a message on its way) stays. What is *idle* goes 10 s after the last that happened. Between
 * the two is what has only I/O of its own left (timers, calls to others): that keeps it from sleeping, but not for ever.
 * @see https://developers.cloudflare.com/durable-objects/concepts/durable-object-lifecycle/
 */
import type { Timer } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import { IDLE_EVICTION_MS, type Limits } from '../protocol/limits.ts';

export interface IdleWatchOptions {
  /** milliseconds, by the clock of `after` */
  now(): number;
  after(delayMs: number, fire: () => void): Timer;
  /** what cannot be interrupted */
  whyHeld(): string | undefined;
  /** I/O of its own that keeps it awake, with no event under way */
  whyIo(): string | undefined;
  /** that keeps it until then at least, by the clock of `now`, however long nobody has used it */
  ioUntilMs(): number;
  limits: Pick<Limits, 'idleIoLeastMs' | 'idleIoMostMs'>;
  random: Random;
  onIdle(): void;
}

export class IdleWatch {
  readonly #options: IdleWatchOptions;
  #armed: { readonly timer: Timer; readonly atMs: number } | undefined;
  /** when anything happened last */
  #touchedMs: number;
  /** when an event ended last: a timer is none */
  #usedMs: number;
  #isUsed = false;
  /** others need its room */
  #isHurried = false;
  /** how long after its last event it goes, I/O or not; drawn anew after each */
  #patienceMs: number | undefined;

  constructor(options: IdleWatchOptions) {
    this.#options = options;
    this.#touchedMs = options.now();
    this.#usedMs = this.#touchedMs;
  }

  /** Something happened that may have been the last. */
  touch(): void {
    this.#touchedMs = this.#options.now();
    // What happened may have been the end of what it was to stay for longer.
    if (!this.#armed || this.#armed.atMs > this.#touchedMs + IDLE_EVICTION_MS) this.#arm(IDLE_EVICTION_MS);
    if (this.#isHurried && this.#isUsed && this.why === undefined) {
      this.#isHurried = false;
      this.#options.onIdle();
    }
  }

  /** The quiet period is over as soon as it was used and nothing keeps it. */
  hurry(): void {
    this.#isHurried = true;
  }

  /** An event of somebody else's ended. */
  used(): void {
    this.#isUsed = true;
    this.#patienceMs = undefined;
    this.touch();
    this.#usedMs = this.#touchedMs;
  }

  /** Any event has ended since it was started. */
  get isUsed(): boolean {
    return this.#isUsed;
  }

  /** What keeps it now. */
  get why(): string | undefined {
    return this.#options.whyHeld() ?? this.#options.whyIo();
  }

  /** When it goes if nothing happens meanwhile, by the clock of `now`; undefined: it stays. */
  get dueMs(): number | undefined {
    const { whyHeld, whyIo, ioUntilMs } = this.#options;
    if (whyHeld() !== undefined) return undefined;
    if (whyIo() === undefined) return this.#touchedMs + IDLE_EVICTION_MS;
    const dueMs = Math.max(this.#usedMs + this.#patience, ioUntilMs());
    return dueMs === Number.POSITIVE_INFINITY ? undefined : dueMs;
  }

  /** It may go, whatever I/O of its own is left. */
  get isOver(): boolean {
    return (this.dueMs ?? Number.POSITIVE_INFINITY) <= this.#options.now();
  }

  get #patience(): number {
    const { limits, random } = this.#options;
    const { idleIoLeastMs, idleIoMostMs } = limits;
    if (idleIoLeastMs === Number.POSITIVE_INFINITY) return idleIoLeastMs;
    this.#patienceMs ??= Math.round(idleIoLeastMs + random.unit() * (idleIoMostMs - idleIoLeastMs));
    return this.#patienceMs;
  }

  #arm(delayMs: number): void {
    this.#armed?.timer.cancel();
    const timer = this.#options.after(delayMs, () => {
      this.#armed = undefined;
      const { dueMs } = this;
      // What is under way touches when it ends: until then there is nothing to look for.
      if (dueMs === undefined) return;
      const restMs = dueMs - this.#options.now();
      if (restMs > 0) this.#arm(restMs);
      else this.#options.onIdle();
    });
    this.#armed = { timer, atMs: this.#options.now() + delayMs };
  }
}
