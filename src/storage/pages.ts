/**
 * The one shape in which pages move between the engine and the log.
 *
 * Knows nothing of SQL and nothing of IndexedDB: a page is a number (from 1, as SQLite counts) and bytes.
 */

/** SQLite's page size here; fixed, because files are exchanged with workerd, which uses 4096. */
export const PAGE_SIZE_BYTES = 4096;

/** Pages of one commit: `numbers` ascending without repeats, `bytes` the pages one after the other. */
export interface PageSet {
  readonly numbers: Uint32Array;
  readonly bytes: Uint8Array;
}

/** What one turn changed: the pages, and how many pages the database has afterwards (truncation is heard here). */
export interface PageCommit {
  readonly pages: PageSet;
  readonly pageCount: number;
}
