/**
 * Large commits: most of their pages are written before the record that makes them a commit.
 *
 * Promise: no step holds more than 1 MiB beside the database, or keeps others waiting longer than such a write takes. What is
 * staged is not read until its record is there, and that is one `add` as ever: it fences, and it is all or nothing.
 * What a crash leaves behind lies under the sequence that the next log's fence takes, so no record is ever made of it.
 */
import { assert } from '../base/assert.ts';
import { mathMin, typedArraySubarray } from '../base/primordials.ts';
import { FIRST_PAGES, type LogRecord, type ObjectStore } from './object-store.ts';
import { type LentCommit, PAGE_SIZE_BYTES, type PageCommit } from './pages.ts';

/** 1 MiB: in Chromium it takes about as long as a dozen commits of one page. A multiple of `FIRST_PAGES`. */
const PAGES_PER_STEP = 256;

/** Pages of a commit by their places in its `numbers`; `until` is left out. */
export type ReadPages = (from: number, until: number) => Uint8Array;

export function pagesOf(commit: PageCommit | LentCommit): { readonly numbers: Uint32Array; readonly read: ReadPages } {
  if ('lent' in commit) return { numbers: commit.lent.numbers, read: (from, until) => commit.lent.read(from, until) };
  const { numbers, bytes } = commit.pages;
  assert(bytes.length === numbers.length * PAGE_SIZE_BYTES, 'a commit holds whole pages');
  const read: ReadPages = (from, until) =>
    typedArraySubarray(bytes, from * PAGE_SIZE_BYTES, until * PAGE_SIZE_BYTES) as Uint8Array;
  return { numbers, read };
}

/** Writes what the record itself does not hold. @throws as `ObjectStore.stage` */
export async function stage(store: ObjectStore, record: LogRecord, read: ReadPages): Promise<void> {
  const { epoch, sequence, numbers } = record;
  for (let from = FIRST_PAGES; from < numbers.length; from += PAGES_PER_STEP) {
    const bytes = read(from, mathMin(from + PAGES_PER_STEP, numbers.length));
    await store.stage({ epoch, sequence, from, bytes });
  }
}
