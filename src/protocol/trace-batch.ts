/**
 * Batches of trace events as they travel: numbers in one buffer, which is handed from thread to thread, and texts once each.
 *
 * Promise: what is written comes out again, in order. As objects, events would cost the threads that pass them on several
 * times what the program itself does (measured: 8 microseconds for each event of a call that takes 30).
 */
import { must } from '../base/assert.ts';
import { mapGet, mapSet, uncurryThis } from '../base/primordials.ts';
import type { TraceActor, TraceDetail, TraceEvent } from './trace.ts';

export interface TraceBatch {
  readonly actor: TraceActor;
  /** number of the first event; the others follow without a gap */
  readonly first: number;
  /** `WIDTH` numbers for each event */
  readonly numbers: Float64Array<ArrayBuffer>;
  readonly texts: readonly string[];
}

interface Shape {
  readonly kind: TraceDetail['kind'];
  /** at most 3, in order */
  readonly texts: readonly string[];
  readonly number?: string;
  /** in its place, where that is left out */
  readonly otherNumber?: string;
}

/** An event before it has a number. */
interface Noted extends Pick<TraceEvent, 'lamport' | 'atMs' | 'realMs' | 'cause'> {
  readonly detail: TraceDetail;
}

/** What each kind of event says beside its kind. A text that is left out, or a number, stays left out. */
const SHAPES: readonly Shape[] = [
  { kind: 'wait', texts: ['what', 'name'] },
  { kind: 'deliver', texts: ['what', 'name'], number: 'waitedMs' },
  { kind: 'ask', texts: ['what', 'name', 'to'] },
  { kind: 'answer', texts: ['what', 'name'] },
  { kind: 'gate', texts: ['gate', 'state', 'reason'] },
  { kind: 'commit', texts: ['state'], number: 'pages', otherNumber: 'moment' },
  { kind: 'socket', texts: ['what'] },
  { kind: 'timer', texts: ['name'], number: 'delayMs' },
  { kind: 'life', texts: ['step', 'reason'] },
  { kind: 'log', texts: ['level', 'text'] },
  { kind: 'fault', texts: ['fault', 'place'] },
];
const CODES = Object.fromEntries(SHAPES.map(({ kind }, code) => [kind, code]));

/** lamport, atMs, realMs, cause's actor and number, code, three texts, number */
const WIDTH = 10;
const NONE = -1;

const subarrayCopy = uncurryThis(Float64Array.prototype.slice) as (
  from: Float64Array,
  start: number,
  end: number,
) => Float64Array<ArrayBuffer>;

/** Collects the events of one actor. */
export class BatchWriter {
  #numbers: Float64Array | undefined;
  readonly #max: number;
  #count = 0;
  #texts: string[] = [];
  #known = new Map<string, number>();

  /** @param max how many events a batch may have */
  constructor(max: number) {
    this.#max = max;
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#max;
  }

  add({ lamport, atMs, realMs, cause, detail }: Noted): void {
    this.#numbers ??= new Float64Array(this.#max * WIDTH);
    const numbers = this.#numbers;
    const at = this.#count++ * WIDTH;
    const code = CODES[detail.kind] as number;
    const { texts, number, otherNumber } = SHAPES[code] as Shape;
    const fields = detail as unknown as Record<string, string | number | undefined>;
    numbers[at] = lamport;
    numbers[at + 1] = atMs;
    numbers[at + 2] = realMs;
    numbers[at + 3] = cause ? this.#text(cause.actor) : NONE;
    numbers[at + 4] = cause ? cause.number : 0;
    numbers[at + 5] = code;
    for (let i = 0; i < 3; i++) {
      const text = i < texts.length ? (fields[texts[i] as string] as string | undefined) : undefined;
      numbers[at + 6 + i] = text === undefined ? NONE : this.#text(text);
    }
    let value = number === undefined ? undefined : (fields[number] as number | undefined);
    if (value === undefined && otherNumber !== undefined) value = fields[otherNumber] as number | undefined;
    numbers[at + 9] = value === undefined ? NaN : value;
  }

  /** What was collected, and begins anew. @param first number of the first event in it */
  take(actor: TraceActor, first: number): TraceBatch {
    const numbers = subarrayCopy(must(this.#numbers, 'the numbers of a batch'), 0, this.#count * WIDTH);
    const batch = { actor, first, numbers, texts: this.#texts };
    this.#count = 0;
    this.#texts = [];
    this.#known = new Map();
    return batch;
  }

  #text(text: string): number {
    const known = mapGet(this.#known, text);
    if (known !== undefined) return known;
    const index = this.#texts.length;
    this.#texts[index] = text;
    mapSet(this.#known, text, index);
    return index;
  }
}

/** What an event of each kind says, from its texts and its number; `undefined` where it was left out. */
type Reader = (a: string | undefined, b: string | undefined, c: string | undefined, n: number) => unknown;

/** Literals, because objects made key by key cost twenty times as much. In the order of `SHAPES`. */
const READERS: Record<TraceDetail['kind'], Reader> = {
  wait: (what, name) => ({ kind: 'wait', what, name }),
  deliver: (what, name, _, waitedMs) => ({ kind: 'deliver', what, name, waitedMs }),
  ask: (what, name, to) => ({ kind: 'ask', what, name, to }),
  answer: (what, name) => ({ kind: 'answer', what, name }),
  gate: (gate, state, reason) => ({ kind: 'gate', gate, state, reason }),
  commit: (state, _b, _c, n) =>
    state === 'began' ? { kind: 'commit', state, pages: n } : { kind: 'commit', state, moment: n },
  socket: (what) => ({ kind: 'socket', what }),
  timer: (name, _b, _c, delayMs) => ({ kind: 'timer', name, delayMs }),
  life: (step, reason) => ({ kind: 'life', step, reason }),
  log: (level, text) => ({ kind: 'log', level, text }),
  fault: (fault, place) => ({ kind: 'fault', fault, place }),
};

/** The events of a batch, in order. */
export function readBatch({ actor, first, numbers, texts }: TraceBatch): TraceEvent[] {
  const events: TraceEvent[] = [];
  const textAt = (at: number) => texts[numbers[at] as number];
  for (let at = 0, number = first; at < numbers.length; at += WIDTH, number++) {
    const { kind } = must(SHAPES[numbers[at + 5] as number], `the kind of event ${number} of ${actor.label}`);
    const detail = READERS[kind](textAt(at + 6), textAt(at + 7), textAt(at + 8), numbers[at + 9] as number);
    const causeActor = textAt(at + 3);
    const event = detail as { -readonly [Key in keyof EventOf]: EventOf[Key] };
    event.actor = actor;
    event.number = number;
    event.lamport = numbers[at] as number;
    event.atMs = numbers[at + 1] as number;
    event.realMs = numbers[at + 2] as number;
    event.cause = causeActor === undefined ? undefined : { actor: causeActor, number: numbers[at + 4] as number };
    events[events.length] = event as TraceEvent;
  }
  return events;
}

/** What all events say. */
type EventOf = Pick<TraceEvent, 'actor' | 'number' | 'lamport' | 'atMs' | 'realMs' | 'cause'>;
