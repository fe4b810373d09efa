/**
 * Reads batches of trace events: the other half of trace-batch.ts.
 *
 * Promise: gives what was written, in order. Knows nothing of who wrote it, or where it goes.
 */
import { must } from '../base/assert.ts';
import type { TraceActor, TraceEvent } from './trace.ts';
import {
  HAS_CAUSE,
  HAS_MOVED,
  HAS_NUMBER,
  IS_SAYING,
  IS_WIDE,
  KIND,
  NUMBER_MASK,
  type TraceBatch,
} from './trace-batch.ts';

/** The events of a batch, in order. */
export function readBatch(batch: TraceBatch): TraceEvent[] {
  return new BatchReader(batch).events();
}

type Cause = TraceEvent['cause'];
type Text = string | undefined;

/** What many events of the batch have in common. */
interface Saying {
  readonly kind: number;
  readonly a: Text;
  readonly b: Text;
  readonly c: Text;
  readonly causeActor: Text;
}

class BatchReader {
  readonly #batch: TraceBatch;
  readonly #words: Uint32Array;
  readonly #double = new Float64Array(1);
  readonly #halves = new Uint32Array(this.#double.buffer);
  #place = 0;
  readonly #sayings: Saying[] = [];
  /** of the event before, if that was not a wide one */
  #atMs: number;

  constructor(batch: TraceBatch) {
    this.#batch = batch;
    this.#words = batch.words;
    this.#atMs = batch.atMs;
  }

  events(): TraceEvent[] {
    const { first, end } = this.#batch;
    const events: TraceEvent[] = [];
    while (this.#place < end) {
      const flags = this.#nextWord();
      if (flags & IS_SAYING) this.#sayings.push(this.#saying(flags));
      else if (flags & IS_WIDE) events.push(this.#wide(flags, first + events.length));
      else events.push(this.#narrow(flags, first + events.length));
    }
    return events;
  }

  #saying(flags: number): Saying {
    const { texts } = this.#batch;
    const a = texts[this.#nextWord()];
    const b = texts[this.#nextWord()];
    const c = texts[this.#nextWord()];
    return { kind: flags & NUMBER_MASK, a, b, c, causeActor: texts[this.#nextWord()] };
  }

  #narrow(flags: number, number: number): TraceEvent {
    const { lamport, realMs, atMs } = this.#batch;
    const counted = lamport + this.#nextWord();
    const nowMs = realMs + this.#nextWord() / 1000;
    const causeNumber = flags & HAS_CAUSE ? this.#nextWord() : 0;
    if (flags & HAS_MOVED) this.#atMs = atMs + this.#nextWord();
    return this.#make(flags, number, counted, this.#atMs, nowMs, causeNumber);
  }

  #wide(flags: number, number: number): TraceEvent {
    const lamport = this.#nextDouble();
    const atMs = this.#nextDouble();
    const realMs = this.#nextDouble();
    return this.#make(flags, number, lamport, atMs, realMs, this.#nextDouble());
  }

  #make(flags: number, number: number, lamport: number, atMs: number, realMs: number, causeNumber: number): TraceEvent {
    const { actor } = this.#batch;
    const saying = must(this.#sayings[flags & NUMBER_MASK], `what event ${number} of ${actor.label} says`);
    const n = flags & HAS_NUMBER ? this.#nextDouble() : 0;
    const cause = flags & HAS_CAUSE ? { actor: saying.causeActor as string, number: causeNumber } : undefined;
    const event = make(saying, n, actor, number, lamport, atMs, realMs, cause);
    return must(event, `the kind of event ${number} of ${actor.label}`) as TraceEvent;
  }

  #nextWord(): number {
    return this.#words[this.#place++] as number;
  }

  #nextDouble(): number {
    this.#halves[0] = this.#nextWord();
    this.#halves[1] = this.#nextWord();
    return this.#double[0] as number;
  }
}

/** All of an event at once: an object made key by key, or by a spread of another, costs several times as much. */
function make(
  { kind, a, b, c }: Saying,
  n: number,
  actor: TraceActor,
  number: number,
  lamport: number,
  atMs: number,
  realMs: number,
  cause: Cause,
): unknown {
  switch (kind) {
    case KIND.wait:
      return { kind: 'wait', what: a, name: b, actor, number, lamport, atMs, realMs, cause };
    case KIND.deliver:
      return { kind: 'deliver', what: a, name: b, waitedMs: n, actor, number, lamport, atMs, realMs, cause };
    case KIND.ask:
      return { kind: 'ask', what: a, name: b, to: c, actor, number, lamport, atMs, realMs, cause };
    case KIND.answer:
      return { kind: 'answer', what: a, name: b, actor, number, lamport, atMs, realMs, cause };
    case KIND.gate:
      return { kind: 'gate', gate: a, state: b, reason: c, actor, number, lamport, atMs, realMs, cause };
    case KIND.commit:
      return a === 'began'
        ? { kind: 'commit', state: a, pages: n, actor, number, lamport, atMs, realMs, cause }
        : { kind: 'commit', state: a, moment: n, actor, number, lamport, atMs, realMs, cause };
    case KIND.socket:
      return { kind: 'socket', what: a, actor, number, lamport, atMs, realMs, cause };
    case KIND.timer:
      return { kind: 'timer', name: a, delayMs: n, actor, number, lamport, atMs, realMs, cause };
    case KIND.life:
      return { kind: 'life', step: a, reason: b, actor, number, lamport, atMs, realMs, cause };
    case KIND.log:
      return { kind: 'log', level: a, text: b, actor, number, lamport, atMs, realMs, cause };
    case KIND.fault:
      return { kind: 'fault', fault: a, place: b, actor, number, lamport, atMs, realMs, cause };
    default:
      return undefined;
  }
}
