/**
 * Reading a log: the state at one (base, head), the present one or an earlier one, in slices that delay nobody much.
 *
 * Promise: what is returned is exactly the state at that head. A snapshot never writes, never fences, and so never disturbs
 * the object's owner; when a checkpoint collects rows under it, it begins again from the newer base.
 * Knows nothing of SQL: the pages go into a sink.
 */
import { SimulatorError } from '../base/errors.ts';
import { each } from '../base/lists.ts';
import { arrayAppend, isoTime } from '../base/primordials.ts';
import { assemble, baseAt, firstPageOfGroup, GROUP_PAGES, groupOf } from './log-geometry.ts';
import { missing } from './log-tail.ts';
import type { Base, LogRecord, ObjectStore, StoreHead } from './object-store.ts';
import type { PageCommit } from './pages.ts';

/** Where pages go; `PageFile` is one. */
export interface PageSink {
  /** whole pages from `firstPage` on; the sink owns `bytes` from then on */
  load(firstPage: number, bytes: Uint8Array): void;
  setPageCount(pageCount: number): void;
  /** one commit on top; the sink owns its bytes from then on */
  apply(commit: PageCommit): void;
}

export interface StoredState {
  readonly head: StoreHead;
  /** the base, ascending; each piece has a buffer of its own */
  readonly extents: readonly { readonly firstPage: number; readonly bytes: Uint8Array }[];
  /** what came after the base, ascending, fences left out */
  readonly records: readonly LogRecord[];
  /** the newest record, a fence too; undefined when the base is all */
  readonly last: LogRecord | undefined;
}

/** A checkpoint may overtake a reader once per eighth of the database committed; so often it does not happen. */
const SNAPSHOT_ATTEMPTS_MAX = 16;

/**
 * Reads an object without waking or fencing its owner.
 *
 * @param options.at sequence of the state that is wanted; left out: the present
 * @returns undefined for an object that was never opened for writing
 * @throws SimulatorError `bookmark_expired` when `at` is not kept, or is still to come; `storage_failed` when checkpoints
 * overtook every attempt
 */
export async function readSnapshot(
  store: ObjectStore,
  options: { readonly at?: number } = {},
): Promise<StoredState | undefined> {
  for (let attempt = 0; attempt < SNAPSHOT_ATTEMPTS_MAX; attempt++) {
    const present = await store.readHead();
    if (!present) return undefined;
    const head = options.at === undefined ? present : headAt(present, options.at);
    const state = await readState(store, head);
    if (state) return options.at === undefined ? state : { ...state, head: summaryOf(head, state.last) };
  }
  throw new SimulatorError(
    'storage_failed',
    `The object's storage was rewritten ${SNAPSHOT_ATTEMPTS_MAX} times while it was read; read it when it is quieter.`,
  );
}

/**
 * The head from which the state at `sequence` is read: what it says of that state beyond its sequence is its base's.
 *
 * @throws SimulatorError `bookmark_expired`
 */
export function headAt(present: StoreHead, sequence: number): StoreHead {
  const base = sequence > present.sequence ? undefined : baseAt(present.base, sequence);
  if (!base) throw expired(present.base, `point ${sequence} of this object's history`);
  return { ...present, base, sequence };
}

/** @param what is not kept, as the subject of a sentence */
export function expired(base: Base, what: string): SimulatorError {
  const oldest = base.earlier[0] ?? base;
  const reach = oldest.sequence === 0 ? 'to its beginning' : `to ${isoTime(oldest.timeMs)} (point ${oldest.sequence})`;
  return new SimulatorError(
    'bookmark_expired',
    `There is no ${what}; one can go back ${reach}, and no further than now.`,
  );
}

function summaryOf(head: StoreHead, last: LogRecord | undefined): StoreHead {
  const { timeMs, pageCount, alarm, restoreTo } = last ?? head.base;
  return { ...head, timeMs, pageCount, alarm, restoreTo };
}

/** 2 MiB: the keys of so many groups are looked up at once, which is half of what a single group's extents cost to read. */
const GROUPS_PER_READ = 8;

/** @returns undefined when rows of this state have been collected meanwhile */
export async function readState(store: ObjectStore, head: StoreHead): Promise<StoredState | undefined> {
  // The first fence is all that there is: nothing was ever committed.
  if (head.sequence <= 1) return { head, extents: [], records: [], last: undefined };
  const records = await readTail(store, { after: head.base.sequence, upTo: head.sequence });
  if (!records) return undefined;
  const extents: { firstPage: number; bytes: Uint8Array }[] = [];
  const groups = head.base.pageCount === 0 ? 0 : groupOf(head.base.pageCount) + 1;
  for (let first = 0; first < groups; first += GROUPS_PER_READ) {
    const next = Math.min(first + GROUPS_PER_READ, groups);
    const range = { firstPage: firstPageOfGroup(first), untilPage: firstPageOfGroup(next), asOf: head.base.sequence };
    const found = await store.readExtents(range);
    if (!found) return undefined;
    for (let group = first; group < next; group++) {
      const firstPage = firstPageOfGroup(group);
      const slice = found.filter((extent) => groupOf(extent.firstPage) === group);
      extents.push({
        firstPage,
        bytes: assemble({ base: head.base, extents: slice, firstPage, pages: GROUP_PAGES }),
      });
    }
  }
  const commits = records.filter((record) => record.kind === 'commit');
  return { head, extents, records: commits, last: records.at(-1) };
}

/**
 * Records after `after` up to `upTo`; undefined when the base has moved past `after` and they may be gone.
 *
 * @param range.pagesMax  of records with more pages only the beginning is read; left out: all of every record
 */
export async function readTail(
  store: ObjectStore,
  range: { readonly after: number; readonly upTo: number; readonly pagesMax?: number },
): Promise<LogRecord[] | undefined> {
  const records: LogRecord[] = [];
  let after = range.after;
  while (after < range.upTo) {
    const slice = await store.readRecords({ ...range, after, asOf: range.after });
    if (!slice) return undefined;
    each(slice, (record) => {
      if (record.sequence !== after + 1) {
        throw missing(after + 1);
      }
      arrayAppend(records, record);
      after = record.sequence;
    });
    if (slice.length === 0) {
      throw new SimulatorError('storage_damaged', `The object's log ends at ${after} instead of ${range.upTo}.`);
    }
  }
  return records;
}

/** Puts the state into an empty sink, which takes its pages over: once for each state that was read. */
export function fill(sink: PageSink, state: StoredState): void {
  for (const { firstPage, bytes } of state.extents) if (bytes.length > 0) sink.load(firstPage, bytes);
  sink.setPageCount(state.head.base.pageCount);
  for (const { numbers, bytes, pageCount } of state.records) sink.apply({ pages: { numbers, bytes }, pageCount });
}
