/**
 * Large commits: most of their pages are written before the record that makes them a commit.
 *
 * Promise: no step holds more than 1 MiB beside the database, or keeps others waiting longer than such a write takes. What is
 * staged is not read until its record is there, and that is one `add` as ever: it fences, and it is all or nothing.
 * What a crash leaves behind lies under the sequence that the next log's fence takes, so no record is ever made of it.
 */
import { assert } from '../base/assert.ts';
import { giveBack } from '../base/bytes.ts';
import { mathMin, typedArrayLength, typedArraySubarray } from '../base/primordials.ts';
import { FIRST_PAGES, type LogRecord, type ObjectStore } from './object-store.ts';
import { isLent, type LentCommit, PAGE_SIZE_BYTES, type PageCommit } from './pages.ts';

/** 1 MiB: in Chromium it takes about as long as a dozen commits of one page. A multiple of `FIRST_PAGES`. */
const PAGES_PER_STEP = 256;

export interface CommitPages {
  readonly numbers: Uint32Array;
  /** Pages by their places in `numbers`; `until` is left out. */
  read(from: number, until: number): Uint8Array;
  /** What `read` gave has been written. */
  written(bytes: Uint8Array): void;
}

export function pagesOf(commit: PageCommit | LentCommit): CommitPages {
  if (isLent(commit)) {
    const { lent } = commit;
    return { numbers: lent.numbers, read: (from, until) => lent.read(from, until), written: giveBack };
  }
  const { numbers, bytes } = commit.pages;
  assert(typedArrayLength(bytes) === typedArrayLength(numbers) * PAGE_SIZE_BYTES, 'a commit holds whole pages');
  const read = (from: number, until: number) =>
    typedArraySubarray(bytes, from * PAGE_SIZE_BYTES, until * PAGE_SIZE_BYTES) as Uint8Array;
  return { numbers, read, written: () => {} };
}

/** Writes what the record itself does not hold. @throws as `ObjectStore.stage` */
export async function stage(store: ObjectStore, record: LogRecord, pages: CommitPages): Promise<void> {
  const { epoch, sequence, numbers } = record;
  const count = typedArrayLength(numbers);
  for (let from = FIRST_PAGES; from < count; from += PAGES_PER_STEP) {
    const bytes = pages.read(from, mathMin(from + PAGES_PER_STEP, count));
    await store.stage({ epoch, sequence, from, bytes });
    pages.written(bytes);
  }
}
