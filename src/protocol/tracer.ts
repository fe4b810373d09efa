/**
 * Writes down the events of one actor, and knows which of them the code that runs now belongs to.
 *
 *     OFF --turn(true)--> ON --turn(false)--> OFF       off, nothing is noted and a question names no cause
 *
 * Promise: events are numbered from 1 without gaps, their Lamport count grows, their time never runs backwards. They are
 * handed over in order, in batches; whoever ends the thread asks for the last one (`flush`).
 *
 * Knows nothing of gates, links or who listens.
 */
import type { Cause } from './messages.ts';
import type { Arrived, TraceActor, TraceDetail } from './trace.ts';
import { BatchWriter, type TraceBatch } from './trace-batch.ts';

export interface TracerOptions {
  /** the program's clock, ms since 1970 */
  now(): number;
  /** the machine's, with fractions */
  realNow(): number;
  /** Calls back soon, in a task of its own: how long a batch may grow is the realm's choice. */
  later(go: () => void): void;
  hand(batch: TraceBatch): void;
}

/** A batch of so many is handed over at once, so that a long turn keeps little. */
const BATCH_MAX = 512;

const { MAX_SAFE_INTEGER } = Number;

export class Tracer {
  readonly #options: TracerOptions;
  #actor: TraceActor | undefined;
  #isOn = false;
  #number = 0;
  #lamport = 0;
  #atMs = 0;
  #current = 0;
  readonly #batch = new BatchWriter(BATCH_MAX);
  #isHanding = false;

  constructor(options: TracerOptions) {
    this.#options = options;
  }

  get isOn(): boolean {
    return this.#isOn;
  }

  turn(isOn: boolean): void {
    if (!isOn) this.flush();
    this.#isOn = isOn;
    this.#current = 0;
  }

  /** Says whose events these are; until then they are kept. */
  become(actor: TraceActor): void {
    this.#actor = actor;
  }

  /** Notes an event, caused by the one whose code runs now. Gives its number, 0 when it is off. */
  note(detail: TraceDetail): number {
    if (!this.#isOn) return 0;
    const cause = this.#current > 0 && this.#actor ? { actor: this.#actor.id, number: this.#current } : undefined;
    return this.#add(detail, cause);
  }

  /** Notes a question or an answer; what is returned travels with it. */
  send(detail: TraceDetail): Cause | undefined {
    if (!this.#isOn || !this.#actor) return undefined;
    return { actor: this.#actor.id, number: this.note(detail), lamport: this.#lamport };
  }

  /** One of this actor's own events, as the cause of a later one. */
  cause(number: number): Cause | undefined {
    return number > 0 && this.#actor ? { actor: this.#actor.id, number, lamport: 0 } : undefined;
  }

  /** Something arrived and cannot be delivered yet. */
  wait({ what, name, cause }: Arrived): void {
    if (!this.#isOn) return;
    this.#hear(cause);
    this.#add({ kind: 'wait', what, name }, cause);
  }

  /** From here on the code of this event runs. @param sinceMs when it arrived, on the machine's clock; 0: just now */
  deliver(arrived: Arrived | undefined, sinceMs = 0): void {
    if (!this.#isOn || !arrived) {
      this.#current = 0;
      return;
    }
    const { what, name, cause } = arrived;
    this.#hear(cause);
    const realMs = this.#options.realNow();
    const waitedMs = sinceMs > 0 ? realMs - sinceMs : 0;
    this.#current = this.#add({ kind: 'deliver', what, name, waitedMs }, cause, realMs);
  }

  /** Number of the event whose code runs now; 0: of none. */
  get current(): number {
    return this.#current;
  }

  /** From here on the code of that event of this actor goes on, which something began that came between. */
  resume(number: number): void {
    this.#current = this.#isOn ? number : 0;
  }

  /** The code of the event has run, until something is delivered to it. */
  rest(): void {
    this.#current = 0;
  }

  /** Milliseconds of the machine's clock, for `deliver`; 0 when it is off. */
  stamp(): number {
    return this.#isOn ? this.#options.realNow() : 0;
  }

  flush(): void {
    const { count } = this.#batch;
    if (!this.#actor || count === 0) return;
    this.#options.hand(this.#batch.take(this.#actor, this.#number - count + 1));
  }

  #hear(cause: Cause | undefined): void {
    if (cause && cause.lamport > this.#lamport) this.#lamport = cause.lamport;
  }

  #add(
    detail: TraceDetail,
    cause: Pick<Cause, 'actor' | 'number'> | undefined,
    realMs = this.#options.realNow(),
  ): number {
    const atMs = this.#options.now();
    if (atMs > this.#atMs) this.#atMs = atMs;
    // A peer may have said any number: one that cannot be counted on from stays, or no peer would read what is sent after it.
    if (this.#lamport < MAX_SAFE_INTEGER) this.#lamport++;
    const number = ++this.#number;
    this.#batch.add({ lamport: this.#lamport, atMs: this.#atMs, realMs, cause, detail });
    if (this.#batch.isFull) this.flush();
    else if (!this.#isHanding) {
      this.#isHanding = true;
      this.#options.later(() => {
        this.#isHanding = false;
        this.flush();
      });
    }
    return number;
  }
}
