/**
 * How rows with pages are read from IndexedDB: in slices, one after the other, several in a transaction.
 *
 * Promise: one slice is asked for at a time, so that what others commit waits for one at most; and the next one is on its way
 * while this one becomes objects, which is when its bytes are copied. No transaction reads much more than 2 MiB: one that
 * has to wait for it waits for milliseconds.
 * Each function makes its requests in a transaction that the caller ends; what it fills is whole when that is complete.
 */
import { giveBack } from '../base/bytes.ts';
import { each, mapped } from '../base/lists.ts';
import {
  arrayAppend,
  mathCeil,
  mathFloor,
  mathMax,
  mathMin,
  typedArrayLength,
  typedArraySet,
} from '../base/primordials.ts';
import { decidingRuns } from './log-geometry.ts';
import { type Extent, type ExtentKey, FIRST_PAGES, type LogRecord, type Moment } from './object-store.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';
import * as native from './vault-natives.ts';
import { decodeRecord, readHead, VALUE_BYTES_MAX } from './vault-record.ts';
import { partsOf } from './vault-rows.ts';
import { EXTENTS, PARTS, RECORDS } from './vault-schema.ts';

/** Says what follows from a request's result; if that throws, the transaction ends with its error. */
export type When = (request: IDBRequest, go: () => void) => void;

/** A read of 256 KiB takes about as long as a commit; of 1 MiB, ten times that (measured in Chromium). */
const PARTS_PER_SLICE = 8;
export const PART_SLICES_PER_TRANSACTION = 8;
const RECORDS_PER_SLICE = 16;

/** What commits of this log wait for: small ones many, but no more bytes than a slice of anything else. */
const RECORD_BYTES_PER_TRANSACTION = PARTS_PER_SLICE * VALUE_BYTES_MAX;
/** They are read with the first bytes of their records. */
export const MOMENTS_PER_TRANSACTION = RECORD_BYTES_PER_TRANSACTION / VALUE_BYTES_MAX;

/** Some of the rows after `after` up to `upTo`, ascending; none only when there are no more. */
export function readRows(
  tx: IDBTransaction,
  when: When,
  { after, upTo }: { readonly after: number; readonly upTo: number },
): LogRecord[] {
  const store = native.transactionStore(tx, RECORDS);
  const found: LogRecord[] = [];
  let bytes = 0;
  const readFrom = (last: number) => {
    const slice = native.storeGetAll(store, native.between(last, upTo, true), RECORDS_PER_SLICE);
    when(slice, () => {
      const rows = native.requestResult(slice) as Uint8Array<ArrayBuffer>[];
      each(rows, (row) => {
        arrayAppend(found, decodeRecord(row));
        bytes += typedArrayLength(row);
      });
      const newest = found[found.length - 1];
      const isAll = rows.length < RECORDS_PER_SLICE || newest?.sequence === upTo;
      if (newest && !isAll && bytes < RECORD_BYTES_PER_TRANSACTION) readFrom(newest.sequence);
    });
  };
  readFrom(after);
  return found;
}

/** What is known of the records at these sequences, at most `MOMENTS_PER_TRANSACTION`; those that are gone are left out. */
export function readMoments(tx: IDBTransaction, when: When, sequences: readonly number[]): Moment[] {
  const store = native.transactionStore(tx, RECORDS);
  const found: Moment[] = [];
  for (let i = 0; i < sequences.length; i++) {
    const request = native.storeGet(store, sequences[i] as number);
    when(request, () => {
      const row = native.requestResult(request) as Uint8Array<ArrayBuffer> | undefined;
      if (!row) return;
      const { sequence, timeMs, pages, epoch } = readHead(row);
      arrayAppend(found, { sequence, timeMs, pages, epoch });
      giveBack(row);
    });
  }
  return found;
}

/** Parts of one record that are read together, and where their bytes go. */
export interface PartSlice {
  readonly target: Uint8Array;
  /** the part whose bytes begin the target; 0 is the record's own value */
  readonly origin: number;
  readonly sequence: number;
  /** from 1 */
  readonly first: number;
  readonly until: number;
}

/** The records of some rows, and what must still be read into their bytes: nothing for those of more than `pagesMax` pages. */
export function withoutParts(
  rows: readonly LogRecord[],
  pagesMax: number,
): {
  readonly records: LogRecord[];
  readonly slices: readonly PartSlice[];
} {
  const slices: PartSlice[] = [];
  const records = mapped(rows, (record) => {
    const pages = typedArrayLength(record.numbers);
    const parts = partsOf(pages);
    if (parts === 0 || pages > pagesMax) return record;
    const target = new Uint8Array(pages * PAGE_SIZE_BYTES);
    typedArraySet(target, record.bytes);
    each(slicesOf({ sequence: record.sequence, from: 1, until: parts + 1 }, { target, origin: 0 }), (slice) =>
      arrayAppend(slices, slice),
    );
    return { ...record, bytes: target };
  });
  return { records, slices };
}

/** What must be read to have some pages of a record: whole parts, from the one in which the first page lies. */
export function partsAround(range: { readonly sequence: number; readonly from: number; readonly until: number }): {
  /** where all of it goes */
  readonly bytes: Uint8Array;
  readonly slices: readonly PartSlice[];
  /** the record's own bytes come first */
  readonly isFirst: boolean;
} {
  const { sequence } = range;
  const from = mathFloor(range.from / FIRST_PAGES);
  const until = mathCeil(range.until / FIRST_PAGES);
  const bytes = new Uint8Array((until - from) * VALUE_BYTES_MAX);
  const slices = slicesOf({ sequence, from: mathMax(1, from), until }, { target: bytes, origin: from });
  return { bytes, slices, isFirst: from === 0 };
}

function slicesOf(
  { sequence, from, until }: { readonly sequence: number; readonly from: number; readonly until: number },
  into: Pick<PartSlice, 'target' | 'origin'>,
): PartSlice[] {
  const slices: PartSlice[] = [];
  for (let first = from; first < until; first += PARTS_PER_SLICE) {
    arrayAppend(slices, { ...into, sequence, first, until: mathMin(first + PARTS_PER_SLICE, until) });
  }
  return slices;
}

/** Reads parts into their targets. */
export function readParts(tx: IDBTransaction, when: When, slices: readonly PartSlice[]): void {
  const store = native.transactionStore(tx, PARTS);
  inTurn(when, slices, {
    ask: ({ sequence, first, until }) =>
      native.storeGetAll(store, native.between([sequence, first], [sequence, until], false, true)),
    take: (found, { target, origin, first }) => {
      each(found as Uint8Array[], (value, i) => {
        typedArraySet(target, value, (first - origin + i) * VALUE_BYTES_MAX);
        giveBack(value);
      });
    },
  });
}

/** The extents beginning in [firstPage, untilPage) that decide at `asOf`, by key; others may be among them. */
export function readDeciding(
  tx: IDBTransaction,
  when: When,
  range: { readonly firstPage: number; readonly untilPage: number; readonly asOf: number },
): Extent[] {
  const store = native.transactionStore(tx, EXTENTS);
  const found: Extent[] = [];
  const keys = native.storeGetAllKeys(store, native.between([range.firstPage], [range.untilPage], false, true));
  when(keys, () => {
    const runs = decidingRuns(mapped(native.requestResult(keys) as ExtentTuple[], asKey), range.asOf);
    inTurn(when, runs, {
      ask: ({ first, last }) => native.storeGetAll(store, native.between(asTuple(first), asTuple(last))),
      take: (extents) => {
        each(extents as Extent[], (extent) => arrayAppend(found, extent));
      },
    });
  });
  return found;
}

/** One request for each slice, each made when the one before it is answered, and before that answer is looked at. */
function inTurn<T>(
  when: When,
  slices: readonly T[],
  { ask, take }: { readonly ask: (slice: T) => IDBRequest; readonly take: (result: unknown, slice: T) => void },
): void {
  const askFor = (at: number) => {
    if (at >= slices.length) return;
    const slice = slices[at] as T;
    const request = ask(slice);
    when(request, () => {
      askFor(at + 1);
      take(native.requestResult(request), slice);
    });
  };
  askFor(0);
}

export type ExtentTuple = [firstPage: number, sequence: number, pages: number];

export const asKey = (tuple: ExtentTuple): ExtentKey => ({ firstPage: tuple[0], sequence: tuple[1], pages: tuple[2] });
const asTuple = ({ firstPage, sequence, pages }: ExtentKey): ExtentTuple => [firstPage, sequence, pages];
