/**
 * This machine's part of the account's trace: who wants it, and where batches of events go.
 *
 * Promise: an isolate writes a trace while a page of the account listens, on this machine or another, and from its boot on if
 * somebody listened then; when nobody does, nothing is written. A machine that dies listening is forgotten.
 *
 * Knows nothing of events.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { MachineId } from '../protocol/names.ts';
import type { TraceBatch } from '../protocol/trace-batch.ts';

/** What hosts tell one another about traces. */
export type TraceNews =
  /** said again now and then, because a machine can die without a word */
  | { readonly trace: 'wanted' }
  | { readonly trace: 'unwanted' }
  /** a machine that is new: who wants a trace? */
  | { readonly trace: 'joined' }
  | { readonly trace: 'batch'; readonly batch: TraceBatch };

export interface TracesOptions {
  /** our own timeouts, real time */
  clock: Clock;
  /** to the pages of this machine */
  tell(batch: TraceBatch): void;
  /** to the other machines */
  announce(news: TraceNews): void;
  /** Turns the trace of every isolate and of the page on or off; resolves when they have heard of it. */
  turn(isOn: boolean): Promise<void>;
}

const RENEW_MS = 10_000;
/** A machine that was not heard of for so long is dead or frozen: it misses what happens meanwhile. */
const FORGET_MS = 25_000;

export class Traces {
  readonly #options: TracesOptions;
  /** other machines that listen, with the timer that forgets them */
  readonly #others = new Map<MachineId, Timer>();
  #isWantedHere = false;
  #renewal: Timer | undefined;
  #isOn = false;

  constructor(options: TracesOptions) {
    this.#options = options;
    options.announce({ trace: 'joined' });
  }

  /** What an isolate that boots now is told. */
  get isOn(): boolean {
    return this.#isOn;
  }

  /** The pages of this machine listen from now on, or no more. Resolves when everything on this machine has heard of it. */
  async want(isWanted: boolean): Promise<void> {
    this.#isWantedHere = isWanted;
    this.#renewal?.cancel();
    if (isWanted) this.#renew();
    else this.#options.announce({ trace: 'unwanted' });
    await this.#settle();
  }

  /** From an isolate or a page of this machine. */
  take(batch: TraceBatch, from: 'isolate' | 'page'): void {
    // The page gets the buffer itself, so it comes last.
    if (this.#others.size > 0) this.#options.announce({ trace: 'batch', batch });
    if (this.#isWantedHere && from === 'isolate') this.#options.tell(batch);
  }

  hear(news: TraceNews, machine: MachineId): void {
    switch (news.trace) {
      case 'wanted':
        this.#others.get(machine)?.cancel();
        this.#others.set(
          machine,
          this.#options.clock.after(FORGET_MS, () => this.#forget(machine)),
        );
        void this.#settle();
        return;
      case 'unwanted':
        this.#forget(machine);
        return;
      case 'joined':
        if (this.#isWantedHere) this.#options.announce({ trace: 'wanted' });
        return;
      case 'batch':
        if (this.#isWantedHere) this.#options.tell(news.batch);
        return;
      default:
        news satisfies never;
    }
  }

  close(): void {
    if (this.#isWantedHere) this.#options.announce({ trace: 'unwanted' });
    this.#isWantedHere = false;
    this.#renewal?.cancel();
    for (const timer of this.#others.values()) timer.cancel();
    this.#others.clear();
  }

  #renew(): void {
    this.#options.announce({ trace: 'wanted' });
    this.#renewal = this.#options.clock.after(RENEW_MS, () => this.#renew());
  }

  #forget(machine: MachineId): void {
    this.#others.get(machine)?.cancel();
    this.#others.delete(machine);
    void this.#settle();
  }

  async #settle(): Promise<void> {
    const isOn = this.#isWantedHere || this.#others.size > 0;
    if (isOn === this.#isOn) return;
    this.#isOn = isOn;
    await this.#options.turn(isOn);
  }
}
