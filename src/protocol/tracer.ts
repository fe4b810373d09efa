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
import { BatchWriter, KIND, type Moment, type TraceBatch } from './trace-batch.ts';

export interface TracerOptions {
  /** the program's clock, ms since 1970 */
  now(): number;
  /** the latest time that was read from it here; absent: it is read for each event */
  lastNow?(): number;
  /** the machine's, with fractions */
  realNow(): number;
  /**
   * Calls back soon, in a task of its own: how long a batch may grow is the realm's choice.
   *
   * @param lastCount  how many events the batch before had
   */
  later(go: () => void, lastCount: number): void;
  hand(batch: TraceBatch): void;
}

/**
 * A batch of so many is handed over at once, and one that is so old: a long turn lets nobody call back. Handing one over wakes two
 * threads, and where all cores are in use that is dearer than the writing of a thousand events: so only few batches are full.
 */
const BATCH_MAX = 32_768;
const LATE_MS = 100;

/** What happens within so long has the program's time in common: no browser's page without isolation tells it more finely. */
const SAME_MS = 0.1;

const { MAX_SAFE_INTEGER } = Number;

export class Tracer {
  readonly #options: TracerOptions;
  #actor: TraceActor | undefined;
  #isOn = false;
  #number = 0;
  #current = 0;
  /** of the event that was noted last; one for all, because an object for each costs */
  readonly #moment: Moment = { lamport: 0, atMs: 0, realMs: 0, causeActor: '', causeNumber: 0 };
  readonly #batch = new BatchWriter(BATCH_MAX);
  /** when the program's clock was read last, on the machine's */
  #readMs = 0;
  #isHanding = false;
  /** when that was asked for */
  #handingMs = 0;
  #lastCount = 0;

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
    this.#batch.addDetail(this.#nextHere(), detail);
    return this.#noted();
  }

  /** Notes what leaves; what is returned travels with it. */
  send(detail: TraceDetail): Cause | undefined {
    if (!this.#isOn || !this.#actor) return undefined;
    return this.#sent(this.#actor, this.note(detail));
  }

  /** Notes a question to a lane: as `send`. */
  ask(what: 'call' | 'get' | 'fetch', name: string, to: string): Cause | undefined {
    if (!this.#isOn || !this.#actor) return undefined;
    this.#batch.add(this.#nextHere(), KIND.ask, what, name, to, NaN);
    return this.#sent(this.#actor, this.#noted());
  }

  /** Notes an answer: as `send`. */
  answer(what: 'value' | 'response' | 'error', name: string): Cause | undefined {
    if (!this.#isOn || !this.#actor) return undefined;
    this.#batch.add(this.#nextHere(), KIND.answer, what, name, undefined, NaN);
    return this.#sent(this.#actor, this.#noted());
  }

  /** One of this actor's own events, as the cause of a later one. */
  cause(number: number): Cause | undefined {
    return number > 0 && this.#actor ? { actor: this.#actor.id, number, lamport: 0 } : undefined;
  }

  /** Something arrived and cannot be delivered yet. */
  wait({ what, name, cause }: Arrived): void {
    if (!this.#isOn) return;
    this.#batch.add(this.#nextBy(cause, this.#options.realNow()), KIND.wait, what, name, undefined, NaN);
    this.#noted();
  }

  /** From here on the code of this event runs. @param sinceMs when it arrived, on the machine's clock; 0: just now */
  deliver(arrived: Arrived | undefined, sinceMs = 0): void {
    if (!this.#isOn || !arrived) {
      this.#current = 0;
      return;
    }
    const { what, name, cause } = arrived;
    const realMs = this.#options.realNow();
    const waitedMs = sinceMs > 0 ? realMs - sinceMs : 0;
    this.#batch.add(this.#nextBy(cause, realMs), KIND.deliver, what, name, undefined, waitedMs);
    this.#current = this.#noted();
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
    this.#lastCount = count;
    this.#options.hand(this.#batch.take(this.#actor, this.#number - count + 1));
  }

  #sent({ id }: TraceActor, number: number): Cause {
    return { actor: id, number, lamport: this.#moment.lamport };
  }

  /** The moment of an event that the code which runs now causes. */
  #nextHere(): Moment {
    const realMs = this.#options.realNow();
    // Two readings for each event are most of what it costs. What comes from elsewhere has both, so no effect is before its cause.
    const atMs = realMs - this.#readMs < SAME_MS ? this.#options.lastNow?.() : undefined;
    if (this.#current > 0 && this.#actor) return this.#next(this.#actor.id, this.#current, realMs, atMs);
    return this.#next('', 0, realMs, atMs);
  }

  /** The moment of an event that came from elsewhere. */
  #nextBy(cause: Cause | undefined, realMs: number): Moment {
    if (!cause) return this.#next('', 0, realMs);
    if (cause.lamport > this.#moment.lamport) this.#moment.lamport = cause.lamport;
    return this.#next(cause.actor, cause.number, realMs);
  }

  /** @param knownMs  the program's time; left out: it is read */
  #next(causeActor: string, causeNumber: number, realMs: number, knownMs?: number): Moment {
    const moment = this.#moment;
    const atMs = knownMs ?? this.#options.now();
    if (knownMs === undefined) this.#readMs = realMs;
    if (atMs > moment.atMs) moment.atMs = atMs;
    // A peer may have said any number: one that cannot be counted on from stays, or no peer would read what is sent after it.
    if (moment.lamport < MAX_SAFE_INTEGER) moment.lamport++;
    moment.realMs = realMs;
    moment.causeActor = causeActor;
    moment.causeNumber = causeNumber;
    return moment;
  }

  /** The event is in the batch; gives its number. */
  #noted(): number {
    const number = ++this.#number;
    const { realMs } = this.#moment;
    if (this.#batch.isFull) this.flush();
    else if (!this.#isHanding) {
      this.#isHanding = true;
      this.#handingMs = realMs;
      this.#options.later(this.#handOver, this.#lastCount);
    } else if (realMs - this.#handingMs > LATE_MS) {
      this.#handingMs = realMs;
      this.flush();
    }
    return number;
  }

  readonly #handOver = (): void => {
    this.#isHanding = false;
    this.flush();
  };
}
