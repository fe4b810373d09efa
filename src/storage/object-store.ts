/**
 * The contract of one object's raw storage: what is kept, and the small atomic steps by which it changes.
 *
 *     records  sequence -> what one commit changed, or a fence     (a large commit continues in parts)
 *     extents  (first page, sequence, pages) -> pages as they were at that sequence
 *     base     one row: everything up to this sequence is in the extents
 *     fences   epoch -> sequence of its fence; never deleted
 *
 * Promise: each method is one transaction or has no effect; rows are immutable until deleted. Every write carries its
 * own proof that no newer epoch exists, as a *key*, so no step waits for the writer's thread half-way:
 * `append` adds at the next sequence, which a newer epoch's fence already occupies; all others add and remove a
 * row under `epoch + 1` in `fences`, which a newer epoch already occupies. Fences stay for good, or a writer that slept through
 * a checkpoint would find its next key free again.
 *
 * Arguments and results are plain, structured-cloneable data: in memory mode they cross a message port.
 * Knows nothing of SQL, of turns, or of when to checkpoint.
 */
import type { Epoch } from '../protocol/names.ts';

/** `relaxed` survives a killed browser, `strict` a power cut too. */
export type Durability = 'relaxed' | 'strict';

/** One entry of the log; `numbers` and `bytes` are empty in a fence. */
export interface LogRecord {
  readonly kind: 'commit' | 'fence';
  /** from 1, without gaps; also the bookmark of the state after this record */
  readonly sequence: number;
  readonly epoch: Epoch;
  /** never less than the record before it says */
  readonly timeMs: number;
  /** pages of the database after this record */
  readonly pageCount: number;
  /** the alarm after this record, in milliseconds since 1970 */
  readonly alarm: number | null;
  /** sequence of the state that the next opening restores; null: none */
  readonly restoreTo: number | null;
  readonly numbers: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Of a record of which only the beginning is given, so many pages are. 32 KiB: see `VALUE_BYTES_MAX`. */
export const FIRST_PAGES = 8;

/** Covers `pages` pages from `firstPage`; of several that cover a page the one with the greatest sequence counts. */
export interface ExtentKey {
  readonly firstPage: number;
  readonly sequence: number;
  readonly pages: number;
}

/** `bytes` may be shorter than `pages` pages: the rest did not exist at that sequence. */
export interface Extent extends ExtentKey {
  readonly bytes: Uint8Array;
}

/** At `sequence` the database was cut to `pageCount` pages: what older extents hold beyond does not exist. */
export interface Truncation {
  readonly sequence: number;
  readonly pageCount: number;
}

/** What is known of a state without reading its pages. */
export interface StateSummary {
  readonly sequence: number;
  readonly epoch: Epoch;
  /** of the record that made it; 0 for the empty state before the first record */
  readonly timeMs: number;
  readonly pageCount: number;
  readonly alarm: number | null;
}

/** A state that was the base once, and can still be read: later states are replayed from the newest one before them. */
export interface EarlierBase extends StateSummary {
  /** of the records after it, up to the next base */
  readonly recordBytes: number;
  /** of the extents that no later base reads, as if each were full; an estimate until they are counted */
  readonly extentBytes: number;
}

/** Where replay begins: the extents up to `sequence`, then the records after it. */
export interface Base extends StateSummary {
  /** as in a record */
  readonly restoreTo: number | null;
  /** ascending by sequence; empty when no extent reaches beyond a cut */
  readonly truncations: readonly Truncation[];
  /** ascending; those from `floor` on */
  readonly earlier: readonly EarlierBase[];
  /** states before this sequence can no longer be read: their rows may be deleted at any time */
  readonly floor: number;
  /** everything that `floor` made superfluous up to here has been deleted */
  readonly collectedTo: number;
}

export const EMPTY_BASE: Base = {
  sequence: 0,
  epoch: 0 as Epoch,
  timeMs: 0,
  pageCount: 0,
  alarm: null,
  restoreTo: null,
  truncations: [],
  earlier: [],
  floor: 0,
  collectedTo: 0,
};

/** One record without its pages. */
export interface Moment {
  readonly sequence: number;
  readonly timeMs: number;
  /** how many the record changed; none in a fence */
  readonly pages: number;
  readonly epoch: Epoch;
}

/** State of an object's log, read in one transaction. `sequence` equals `base.sequence` when all is folded. */
export interface StoreHead extends StateSummary {
  readonly base: Base;
  readonly restoreTo: number | null;
}

export interface ObjectStore {
  /**
   * Reads the head and adds the fence of a new epoch after it, in one transaction.
   *
   * @returns the head as it is now: `epoch` is the new one, `sequence` that of its fence
   */
  openForWriting(options: { readonly timeMs: number; readonly durability: Durability }): Promise<StoreHead>;

  /** The head without fencing anybody; undefined for an object that was never opened for writing. */
  readHead(): Promise<StoreHead | undefined>;

  /**
   * Adds one record under the key that is its sequence. Of a large one `bytes` holds the first `FIRST_PAGES` pages, and the
   * others were staged.
   *
   * @throws SimulatorError `fenced`, `quota` or `storage_failed`: nothing was written
   */
  append(record: LogRecord): Promise<void>;

  /**
   * Writes pages of a record that is still to come; until it is appended nobody reads them. Written again, they replace those.
   *
   * @param step.from  which of the record's pages is the first here: at least `FIRST_PAGES`, and a multiple of it
   * @throws as `append`
   */
  stage(step: {
    readonly epoch: Epoch;
    readonly sequence: number;
    readonly from: number;
    readonly bytes: Uint8Array;
  }): Promise<void>;

  /** Deletes what was staged under a sequence, for a record that will never come. */
  unstage(step: { readonly epoch: Epoch; readonly sequence: number }): Promise<void>;

  /**
   * Records after `after` up to `upTo`, ascending, as many as make one slice; none when there are no more.
   *
   * @returns undefined when `floor` has passed `asOf`: rows of that state may be gone
   */
  readRecords(range: {
    readonly after: number;
    readonly upTo: number;
    readonly asOf: number;
    /** of records that have more pages, `bytes` holds only the first ones; left out: of none */
    readonly pagesMax?: number;
  }): Promise<LogRecord[] | undefined>;

  /** The record's pages from `numbers[from]` up to `numbers[until]`, that one left out. Undefined as in `readRecords`. */
  readPages(range: {
    readonly sequence: number;
    readonly from: number;
    readonly until: number;
    readonly asOf: number;
  }): Promise<Uint8Array | undefined>;

  /**
   * Of the extents beginning in [firstPage, untilPage), by key, those that decide at `asOf`; others may be among them.
   * The range holds whole groups. Undefined as in `readRecords`.
   */
  readExtents(range: {
    readonly firstPage: number;
    readonly untilPage: number;
    readonly asOf: number;
  }): Promise<Extent[] | undefined>;

  /**
   * Keys of the extents beginning in [firstPage, untilPage), ascending.
   *
   * @returns and `next`, where the first extent after them begins; undefined when there is none
   */
  extentKeys(range: {
    readonly firstPage: number;
    readonly untilPage: number;
  }): Promise<{ readonly keys: ExtentKey[]; readonly next: number | undefined }>;

  /**
   * At most `count` of the records after `after` up to `upTo`, without their bytes: all of them if they are so few, else evenly
   * spread and the last one among them. Ascending; records that have been collected are left out.
   */
  readMoments(range: { readonly after: number; readonly upTo: number; readonly count: number }): Promise<Moment[]>;

  /** Sequence of the fence of an epoch; undefined when there was no such epoch yet. */
  findFence(epoch: Epoch): Promise<number | undefined>;

  /** @throws SimulatorError `fenced`, `quota` or `storage_failed`: nothing was written (so all below) */
  writeExtent(step: { readonly epoch: Epoch; readonly extent: Extent }): Promise<void>;
  deleteExtents(step: { readonly epoch: Epoch; readonly keys: readonly ExtentKey[] }): Promise<void>;
  writeBase(step: { readonly epoch: Epoch; readonly base: Base }): Promise<void>;

  /**
   * Deletes some of the records after `after` up to `upTo`, fences excepted; small enough to delay a commit little.
   *
   * @returns the sequence up to which all are gone; call again from there until it is `upTo`
   */
  deleteRecords(step: { readonly epoch: Epoch; readonly after: number; readonly upTo: number }): Promise<number>;

  /** Ends this store; later calls fail with `closed`. Stored data stays. */
  close(): Promise<void>;
  /** Closes and deletes everything; another store of the object fails with `storage_failed` from then on. */
  destroy(): Promise<void>;
}
