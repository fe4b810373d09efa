/**
 * The records after a log's base: which of them holds the newest bytes of each page.
 *
 * Promise: a fold knows without reading which records it needs. Of an object that always writes the same pages those are a
 * few; all others are never looked at again, however many they are.
 * Knows nothing of extents, and not when a fold is due.
 */
import { assert } from '../base/assert.ts';
import { SimulatorError } from '../base/errors.ts';
import { each } from '../base/lists.ts';
import {
  arrayAppend,
  arrayBufferIsView,
  arraySort,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  mathMin,
  NativeMap,
  NativeSet,
  setAdd,
  setForEach,
  setHas,
  typedArrayLength,
  typedArraySubarray,
} from '../base/primordials.ts';
import type { Base, LogRecord, ObjectStore, StateSummary } from './object-store.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

/** A page of a record whose bytes were not read. */
export interface PlaceInRecord {
  readonly sequence: number;
  /** which of the record's pages it is */
  readonly at: number;
}

export const isPlace = (page: Uint8Array | PlaceInRecord): page is PlaceInRecord => !arrayBufferIsView(page);

/** The newest bytes of each page that still exists, or where they are. */
export type TailPages = ReadonlyMap<number, Uint8Array | PlaceInRecord>;

type TailRecord = Omit<LogRecord, 'kind' | 'bytes'>;

/** What some consecutive records make of the state before them. */
export class LogTail {
  /** sequence of the state before the first record */
  readonly from: number;
  readonly #places = new NativeMap<number, PlaceInRecord>();
  #after: StateSummary & Pick<Base, 'restoreTo'>;
  #cutTo: number | undefined;

  /** @param before  the state that the first record changes */
  constructor(before: StateSummary & Pick<Base, 'restoreTo'>) {
    this.from = before.sequence;
    this.#after = summaryOf(before);
  }

  /** The state after the last record. */
  get after(): StateSummary & Pick<Base, 'restoreTo'> {
    return this.#after;
  }

  /** The fewest pages the database had after being cut, if it was. */
  get cutTo(): number | undefined {
    return this.#cutTo;
  }

  get places(): ReadonlyMap<number, PlaceInRecord> {
    return this.#places;
  }

  add(record: TailRecord): void {
    const { numbers, sequence, pageCount } = record;
    assert(sequence > this.#after.sequence, 'records are added in their order');
    if (pageCount < this.#after.pageCount) this.#cut(pageCount);
    this.#after = summaryOf(record);
    const count = typedArrayLength(numbers);
    for (let at = 0; at < count; at++) {
      const number = numbers[at] as number;
      if (number <= pageCount) mapSet(this.#places, number, { sequence, at });
    }
  }

  /** Puts the records of `newer`, which begins where this one ends, after these. */
  extend(newer: LogTail): void {
    assert(newer.from === this.#after.sequence, 'no record lies between two tails');
    if (newer.#cutTo !== undefined) this.#cut(newer.#cutTo);
    this.#after = newer.#after;
    mapForEach(newer.#places, (place, number) => mapSet(this.#places, number, place));
  }

  /** The pages with what `records` hold of them; of others, where they are. */
  pagesFrom(records: readonly LogRecord[]): TailPages {
    const bySequence = new NativeMap<number, LogRecord>();
    each(records, (record) => mapSet(bySequence, record.sequence, record));
    const pages = new NativeMap<number, Uint8Array | PlaceInRecord>();
    mapForEach(this.#places, (place, number) => {
      const bytes = mapGet(bySequence, place.sequence)?.bytes;
      const start = place.at * PAGE_SIZE_BYTES;
      const end = start + PAGE_SIZE_BYTES;
      const isRead = bytes !== undefined && end <= typedArrayLength(bytes);
      mapSet(pages, number, isRead ? typedArraySubarray(bytes, start, end) : place);
    });
    return pages;
  }

  #cut(pageCount: number): void {
    this.#cutTo = mathMin(this.#cutTo ?? pageCount, pageCount);
    mapForEach(this.#places, (_, number) => {
      if (number > pageCount) mapDelete(this.#places, number);
    });
  }
}

/** To leave so many records out costs less than a transaction more. */
const GAP_MAX = 8;

/**
 * Reads the records that hold the newest bytes of any page, and some between them.
 *
 * @param range.pagesMax  of records with more pages only the beginning is read
 * @returns undefined when the base has moved past `asOf`
 */
export async function readNewest(
  store: ObjectStore,
  tail: LogTail,
  range: { readonly asOf: number; readonly pagesMax: number },
): Promise<LogRecord[] | undefined> {
  const records: LogRecord[] = [];
  const read = new NativeSet<number>();
  const runs = runsOf(tail.places);
  for (let i = 0; i < runs.length; i++) {
    const { first, last } = runs[i] as Run;
    for (let after = first - 1; after < last; ) {
      const slice = await store.readRecords({ ...range, after, upTo: last });
      if (!slice) return undefined;
      each(slice, (record) => {
        arrayAppend(records, record);
        setAdd(read, record.sequence);
        after = record.sequence;
      });
      if (slice.length === 0) break;
    }
  }
  mapForEach(tail.places as Map<number, PlaceInRecord>, ({ sequence }) => {
    if (!setHas(read, sequence)) throw missing(sequence);
  });
  return records;
}

interface Run {
  readonly first: number;
  last: number;
}

function runsOf(places: ReadonlyMap<number, PlaceInRecord>): Run[] {
  const needed = new NativeSet<number>();
  mapForEach(places as Map<number, PlaceInRecord>, ({ sequence }) => setAdd(needed, sequence));
  const sequences: number[] = [];
  setForEach(needed, (sequence) => arrayAppend(sequences, sequence));
  arraySort(sequences, (a, b) => a - b);
  const runs: Run[] = [];
  each(sequences, (sequence) => {
    const run = runs[runs.length - 1];
    if (run && sequence - run.last <= GAP_MAX) run.last = sequence;
    else arrayAppend(runs, { first: sequence, last: sequence });
  });
  return runs;
}

function summaryOf(state: StateSummary & Pick<Base, 'restoreTo'>): StateSummary & Pick<Base, 'restoreTo'> {
  const { sequence, epoch, timeMs, pageCount, alarm, restoreTo } = state;
  return { sequence, epoch, timeMs, pageCount, alarm, restoreTo };
}

export const missing = (sequence: number): SimulatorError =>
  new SimulatorError('storage_damaged', `Record ${sequence} of the object's log is missing.`);
