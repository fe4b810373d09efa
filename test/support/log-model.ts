/**
 * Tools for the storage tests: pages that can be told apart, a model of what should be stored, and stores that fail on request.
 *
 * Promise: the model knows nothing of logs; it is an array of page values and a page count.
 */

import { type LogCommit, ObjectLog, type OpenedLog } from '../../src/storage/log.ts';
import { NO_HISTORY, type Retention } from '../../src/storage/log-retention.ts';
import { fill, readSnapshot } from '../../src/storage/log-state.ts';
import { type ExtentKey, FIRST_PAGES, type ObjectStore } from '../../src/storage/object-store.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { PAGE_SIZE_BYTES, type PageCommit } from '../../src/storage/pages.ts';

/** A page whose bytes all follow from `value`; 0 is the page of zeros. */
export function pageOf(value: number): Uint8Array {
  const page = new Uint8Array(PAGE_SIZE_BYTES).fill(value & 0xff);
  new DataView(page.buffer).setUint32(0, value);
  return page;
}

export function commitOf(
  pages: Readonly<Record<number, number>>,
  pageCount: number,
  alarm?: number | null,
): PageCommit & Pick<LogCommit, 'alarm'> {
  const numbers = Uint32Array.from(Object.keys(pages).map(Number)).sort();
  const bytes = new Uint8Array(numbers.length * PAGE_SIZE_BYTES);
  for (const [i, number] of numbers.entries()) bytes.set(pageOf(pages[number] as number), i * PAGE_SIZE_BYTES);
  return { pages: { numbers, bytes }, pageCount, ...(alarm === undefined ? {} : { alarm }) };
}

/** What the database should be: `values[i]` is page i + 1. */
export class Model {
  values: number[] = [];

  commit(pages: Readonly<Record<number, number>>, pageCount: number): void {
    this.values.length = Math.min(this.values.length, pageCount);
    while (this.values.length < pageCount) this.values.push(0);
    for (const [number, value] of Object.entries(pages)) {
      if (Number(number) <= pageCount) this.values[Number(number) - 1] = value;
    }
  }
}

/** The values of a file's pages; a page that is not wholly of one value gives NaN. */
export function valuesOf(file: PageFile): number[] {
  return Array.from({ length: file.pageCount }, (_, i) => {
    const page = file.read(i + 1);
    const value = new DataView(page.buffer, page.byteOffset).getUint32(0);
    for (let at = 4; at < PAGE_SIZE_BYTES; at++) if (page[at] !== (value & 0xff)) return Number.NaN;
    return value;
  });
}

export function valuesOfLog(opened: OpenedLog): number[] {
  const file = new PageFile();
  fill(file, opened.state);
  return valuesOf(file);
}

export async function valuesOfSnapshot(store: ObjectStore, at?: number): Promise<number[] | undefined> {
  const state = await readSnapshot(store, at === undefined ? {} : { at });
  if (!state) return undefined;
  const file = new PageFile();
  fill(file, state);
  return valuesOf(file);
}

let ticks = 0;
/** A clock that moves by one with each look. */
export const tick = (): number => ++ticks;

/** Opens with thresholds so small that every commit makes a checkpoint due, and one of nine pages is staged. */
export function openLog(store: ObjectStore, tailBytes = 1, retention: Retention = NO_HISTORY): Promise<OpenedLog> {
  return ObjectLog.open({ store, now: tick, tailBytesMax: () => tailBytes, retention, wholePagesMax: FIRST_PAGES });
}

export type StoreMethod = keyof ObjectStore;
const WRITES: readonly StoreMethod[] = [
  'append',
  'stage',
  'unstage',
  'writeExtent',
  'deleteExtents',
  'writeBase',
  'deleteRecords',
];

/** Calls `before` ahead of each method of `store`; what it throws is thrown instead of the call. */
export function intercept(
  store: ObjectStore,
  before: (method: StoreMethod, isWrite: boolean, argument: unknown) => void | Promise<void>,
): ObjectStore {
  return new Proxy(store, {
    get(target, key) {
      const method = key as StoreMethod;
      if (!(method in target)) return undefined;
      return async (...args: never[]) => {
        await before(method, WRITES.includes(method), args[0]);
        return (target[method] as (...args: never[]) => unknown).apply(target, args);
      };
    },
  });
}

export interface Rows {
  readonly records: number;
  readonly extents: number;
  readonly cold: number;
  readonly epoch: number;
  readonly sequence: number;
}

/** Counts what is really stored, superfluous rows too. */
export async function rowsOf(store: ObjectStore): Promise<Rows> {
  const head = await store.readHead();
  if (!head) return { records: 0, extents: 0, cold: 0, epoch: 0, sequence: 0 };
  const asOf = Number.MAX_SAFE_INTEGER;
  let records = 0;
  for (let after = 0; ; ) {
    const slice = await store.readRecords({ after, upTo: head.sequence, asOf });
    const last = slice?.at(-1);
    if (!slice || !last) break;
    records += slice.filter((record) => record.kind === 'commit').length;
    after = last.sequence;
  }
  const { keys } = await store.extentKeys({ firstPage: 1, untilPage: 2 ** 31 });
  return {
    records,
    extents: keys.length,
    cold: keys.filter((key) => key.pages > 8).length,
    epoch: head.epoch,
    sequence: head.sequence,
  };
}

/** Bytes of everything stored that the present does not read: records that were folded, extents that others cover. */
export async function historyBytesOf(store: ObjectStore): Promise<number> {
  const head = await store.readHead();
  if (!head) return 0;
  const asOf = Number.MAX_SAFE_INTEGER;
  let bytes = 0;
  for (let after = 0; after < head.base.sequence; ) {
    const slice = await store.readRecords({ after, upTo: head.base.sequence, asOf });
    for (const record of slice ?? []) bytes += record.bytes.length;
    after = slice?.at(-1)?.sequence ?? head.base.sequence;
  }
  const { keys } = await store.extentKeys({ firstPage: 1, untilPage: 2 ** 31 });
  const isNewer = (a: ExtentKey, b: ExtentKey) =>
    a.sequence > b.sequence || (a.sequence === b.sequence && a.pages > b.pages);
  for (const key of keys) {
    const pages = Array.from({ length: key.pages }, (_, i) => key.firstPage + i).filter(
      (page) => page <= head.base.pageCount,
    );
    const covers = (other: ExtentKey, page: number) => other.firstPage <= page && page < other.firstPage + other.pages;
    const isRead = pages.some((page) => !keys.some((other) => covers(other, page) && isNewer(other, key)));
    if (!isRead) bytes += key.pages * PAGE_SIZE_BYTES;
  }
  return bytes;
}
