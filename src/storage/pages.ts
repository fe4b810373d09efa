/**
 * The one shape in which pages move between the engine and the log.
 *
 * Knows nothing of SQL and nothing of IndexedDB: a page is a number (from 1, as SQLite counts) and bytes.
 */
import { objectHasOwn } from '../base/primordials.ts';

/** SQLite's page size here; fixed, because files are exchanged with workerd, which uses 4096. */
export const PAGE_SIZE_BYTES = 4096;

/** Pages of one commit: `numbers` ascending without repeats, `bytes` the pages one after the other. */
export interface PageSet {
  readonly numbers: Uint32Array;
  readonly bytes: Uint8Array;
}

/** Pages of a commit that still lie in the file: what is written to them meanwhile is not seen here. */
export interface LentPages {
  /** ascending without repeats */
  readonly numbers: Uint32Array;
  /** Copies of `numbers[from]` up to `numbers[until]`, that one left out, one after the other. */
  read(from: number, until: number): Uint8Array;
  /** To be called when nobody will read them any more. */
  end(): void;
}

/** A large commit: two copies of it would be a second database in memory. */
export interface LentCommit {
  readonly lent: LentPages;
  readonly pageCount: number;
}

/** By a member of its own: a program can put one of this name on the prototype of all objects. */
export const isLent = (commit: PageCommit | LentCommit): commit is LentCommit => objectHasOwn(commit, 'lent');

/** 4 MiB: a commit of more pages is lent, not copied, and is written in several transactions. */
export const WHOLE_COMMIT_PAGES_MAX = 1024;

/** What one turn changed: the pages, and how many pages the database has afterwards (truncation is heard here). */
export interface PageCommit {
  readonly pages: PageSet;
  readonly pageCount: number;
}
