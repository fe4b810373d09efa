/**
 * Batches of trace events as they travel: whole numbers in one buffer, which is handed from thread to thread, and texts once each.
 *
 * Promise: what is written comes out again (trace-reader.ts), in order; of the machine's time whole microseconds, which no
 * browser's clock divides. As objects, events would cost the threads that pass them on several times what the program itself does
 * (measured: 8 microseconds for each event of a call that takes 30); as doubles, twice what they cost as words.
 *
 * A record, in words of 32 bits:
 *
 *     flags and saying | lamport | real time | cause's number, if any | program's time, where it has moved | number, if any
 *
 * Times and counts are told from where the batch began. What no word can hold (a clock that was moved by months, a peer that counts
 * from anywhere) is told in a record of doubles. A *saying* is what many events have in common: kind, texts, whose the cause is. It is
 * a record too, before the first event that says it; sayings are numbered as they come.
 *
 * Nothing here asks a prototype, and no array is written past its end: it runs beside programs that may have patched them.
 */
import {
  arrayAppend,
  mapGet,
  mapSet,
  NativeInt32Array,
  NativeMap,
  NativeUint32Array,
  numberIsNaN,
  uncurryThis,
} from '../base/primordials.ts';
import type { TraceActor, TraceDetail } from './trace.ts';

export interface TraceBatch {
  readonly actor: TraceActor;
  /** number of the first event; the others follow without a gap */
  readonly first: number;
  readonly count: number;
  /** from where its records are counted */
  readonly lamport: number;
  readonly atMs: number;
  readonly realMs: number;
  readonly words: Uint32Array<ArrayBuffer>;
  /** how many of them are written */
  readonly end: number;
  readonly texts: readonly string[];
}

/** When an event was, and what is known of why. */
export interface Moment {
  lamport: number;
  atMs: number;
  realMs: number;
  /** empty: nothing is known to have caused it */
  causeActor: string;
  causeNumber: number;
}

export const KIND = {
  wait: 0,
  deliver: 1,
  ask: 2,
  answer: 3,
  gate: 4,
  commit: 5,
  socket: 6,
  timer: 7,
  life: 8,
  log: 9,
  fault: 10,
} as const satisfies Record<TraceDetail['kind'], number>;

const KINDS = 11;

/** `NO_WORD` in place of the number of a text that was left out */
export const NO_WORD = 0xffff_ffff;

// Of a record's first word the lower half is the number of its saying, or of a saying its kind.
export const NUMBER_MASK = 0xffff;
export const HAS_CAUSE = 0x1_0000;
export const HAS_MOVED = 0x2_0000;
/** not 0 */
export const HAS_NUMBER = 0x4_0000;
export const IS_WIDE = 0x8_0000;
export const IS_SAYING = 0x10_0000;

/** with its saying */
const RECORD_WORDS_MAX = 16;
const WORDS_FIRST = 64;
const WORDS_SPARE = 64;
/** Sayings are looked for at one place: two that fall on the same are written down again and again. */
const PLACES = 64;
const PLACE = 6;

const NONE = -1;

type Text = string | undefined;

/** What a saying was made of. */
interface Said {
  readonly a: Text;
  readonly b: Text;
  readonly c: Text;
  readonly causeActor: string;
  readonly saying: number;
}

const set = uncurryThis(Uint32Array.prototype.set) as (to: Uint32Array, from: Uint32Array) => void;

const NO_WORDS = new NativeUint32Array(0);

/** Collects the events of one actor. */
export class BatchWriter {
  readonly #max: number;
  #words = NO_WORDS;
  /** how many there are of them */
  #room = 0;
  /** of the words that are made next */
  #size = WORDS_FIRST;
  #end = 0;
  #count = 0;
  #lamport = 0;
  #atMs = 0;
  #realMs = 0;
  /** of the event before, from where the batch began */
  #at = 0;
  #sayingCount = 0;
  #texts: string[] = [];
  #known = new NativeMap<string, number>();
  /** `PLACE` numbers for each: what it was made of, and its number */
  readonly #places = new NativeInt32Array(PLACES * PLACE);
  /** of each kind the saying that came last: most events say what the one before them of their kind said */
  readonly #last: (Said | undefined)[] = [];
  /** a double as two words */
  readonly #double = new Float64Array(1);
  readonly #halves = new NativeUint32Array(this.#double.buffer);

  /** @param max how many events a batch may have; fewer than 65536 */
  constructor(max: number) {
    this.#max = max;
    for (let kind = 0; kind < KINDS; kind++) arrayAppend(this.#last, undefined);
  }

  get count(): number {
    return this.#count;
  }

  get isFull(): boolean {
    return this.#count === this.#max;
  }

  /** @param number  what the event says beside its texts; NaN: nothing */
  add(moment: Moment, kind: number, a: Text, b: Text, c: Text, number: number): void {
    if (this.#count++ === 0) this.#begin(moment);
    if (this.#end + RECORD_WORDS_MAX > this.#room) this.#grow();
    // It may be written down first.
    const saying = this.#saying(kind, a, b, c, moment.causeActor);
    const lamport = moment.lamport - this.#lamport;
    const at = moment.atMs - this.#atMs;
    const real = (moment.realMs - this.#realMs) * 1000 + 0.5;
    const { causeNumber } = moment;
    const words = this.#words;
    let end = this.#end + 3;
    let flags = saying;
    if (isWord(lamport) && isWord(at) && real >= 0 && real < NO_WORD && isWord(causeNumber)) {
      words[this.#end + 1] = lamport;
      words[this.#end + 2] = real;
      if (moment.causeActor !== '') {
        flags |= HAS_CAUSE;
        words[end++] = causeNumber;
      }
      if (at !== this.#at) {
        flags |= HAS_MOVED;
        words[end++] = at;
        this.#at = at;
      }
    } else {
      flags |= IS_WIDE | (moment.causeActor === '' ? 0 : HAS_CAUSE);
      end = this.#putDouble(this.#end + 1, moment.lamport);
      end = this.#putDouble(end, moment.atMs);
      end = this.#putDouble(end, moment.realMs);
      end = this.#putDouble(end, causeNumber);
    }
    if (number !== 0 && !numberIsNaN(number)) {
      flags |= HAS_NUMBER;
      end = this.#putDouble(end, number);
    }
    words[this.#end] = flags;
    this.#end = end;
  }

  /** What a detail says, as `add` takes it. */
  addDetail(moment: Moment, detail: TraceDetail): void {
    switch (detail.kind) {
      case 'wait':
        this.add(moment, KIND.wait, detail.what, detail.name, undefined, NaN);
        return;
      case 'deliver':
        this.add(moment, KIND.deliver, detail.what, detail.name, undefined, detail.waitedMs);
        return;
      case 'ask':
        this.add(moment, KIND.ask, detail.what, detail.name, detail.to, NaN);
        return;
      case 'answer':
        this.add(moment, KIND.answer, detail.what, detail.name, undefined, NaN);
        return;
      case 'gate':
        this.add(moment, KIND.gate, detail.gate, detail.state, detail.reason, NaN);
        return;
      case 'commit': {
        const number = detail.state === 'began' ? detail.pages : detail.moment;
        this.add(moment, KIND.commit, detail.state, undefined, undefined, number);
        return;
      }
      case 'socket':
        this.add(moment, KIND.socket, detail.what, undefined, undefined, NaN);
        return;
      case 'timer':
        this.add(moment, KIND.timer, detail.name, undefined, undefined, detail.delayMs);
        return;
      case 'life':
        this.add(moment, KIND.life, detail.step, detail.reason, undefined, NaN);
        return;
      case 'log':
        this.add(moment, KIND.log, detail.level, detail.text, undefined, NaN);
        return;
      case 'fault':
        this.add(moment, KIND.fault, detail.fault, detail.place, undefined, NaN);
        return;
      default:
        detail satisfies never;
    }
  }

  /** What was collected, and begins anew. @param first number of the first event in it */
  take(actor: TraceActor, first: number): TraceBatch {
    const batch = {
      actor,
      first,
      count: this.#count,
      lamport: this.#lamport,
      atMs: this.#atMs,
      realMs: this.#realMs,
      words: this.#words,
      end: this.#end,
      texts: this.#texts,
    };
    // The words go with it: a copy would cost as much as writing them. The next batch will be much like this one.
    this.#words = NO_WORDS;
    this.#room = 0;
    this.#size = this.#end + (this.#end >> 3) + WORDS_SPARE;
    this.#count = 0;
    this.#end = 0;
    return batch;
  }

  #begin({ lamport, atMs, realMs }: Moment): void {
    this.#lamport = lamport;
    this.#atMs = atMs;
    this.#realMs = realMs;
    this.#at = 0;
    this.#texts = [];
    this.#known = new NativeMap();
    this.#sayingCount = 0;
    for (let kind = 0; kind < KINDS; kind++) this.#last[kind] = undefined;
    for (let at = PLACE - 1; at < PLACES * PLACE; at += PLACE) this.#places[at] = NONE;
  }

  #grow(): void {
    const words = new NativeUint32Array(this.#size);
    set(words, this.#words);
    this.#words = words;
    this.#room = this.#size;
    this.#size *= 2;
  }

  #putDouble(at: number, value: number): number {
    this.#double[0] = value;
    this.#words[at] = this.#halves[0] as number;
    this.#words[at + 1] = this.#halves[1] as number;
    return at + 2;
  }

  #saying(kind: number, a: Text, b: Text, c: Text, causeActor: string): number {
    const last = this.#last[kind];
    if (last && last.a === a && last.b === b && last.c === c && last.causeActor === causeActor) return last.saying;
    const saying = this.#find(kind, this.#text(a), this.#text(b), this.#text(c), this.#text(causeActor || undefined));
    this.#last[kind] = { a, b, c, causeActor, saying };
    return saying;
  }

  #find(kind: number, a: number, b: number, c: number, actor: number): number {
    const places = this.#places;
    const at = ((kind + 3 * a + 5 * b + 7 * c + 11 * actor) & (PLACES - 1)) * PLACE;
    const known = places[at + 5] as number;
    const isHere = known !== NONE && places[at] === kind && places[at + 1] === a && places[at + 2] === b;
    if (isHere && places[at + 3] === c && places[at + 4] === actor) return known;
    const saying = this.#sayingCount++;
    places[at] = kind;
    places[at + 1] = a;
    places[at + 2] = b;
    places[at + 3] = c;
    places[at + 4] = actor;
    places[at + 5] = saying;
    const words = this.#words;
    words[this.#end] = IS_SAYING | kind;
    for (let i = 1; i < PLACE - 1; i++) words[this.#end + i] = places[at + i] as number;
    this.#end += PLACE - 1;
    return saying;
  }

  #text(text: Text): number {
    if (text === undefined) return NONE;
    const known = mapGet(this.#known, text);
    if (known !== undefined) return known;
    const index = this.#texts.length;
    arrayAppend(this.#texts, text);
    mapSet(this.#known, text, index);
    return index;
  }
}

/** Can be said by a word exactly. */
const isWord = (value: number): boolean => value === value >>> 0;
