/**
 * The directory of a volume as bytes: which cells of the log's page space belong to which file.
 *
 *     last page   magic, version, length, and what is listed, if there is room for it; else that lies in the pages before
 *     listed      next id, then of each file: id, parent, name, pages, and its cells as runs (first, count)
 *
 * Promise: what was written is read as it was; what contradicts itself is refused. A database of SQLite's has no page that begins
 * like this: a b-tree page begins with 2, 5, 10 or 13, the first with its name, any other with a page number that could not be.
 */
import { encodeText, fromUtf8 } from '../base/bytes.ts';
import { SimulatorError } from '../base/errors.ts';
import { each } from '../base/lists.ts';
import {
  arrayAppend,
  dataViewSetUint32,
  mathFloor,
  NativeDataView,
  NativeUint8Array,
  typedArrayBuffer,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
} from '../base/primordials.ts';
import { CELL_PAGES } from './log-geometry.ts';
import type { PageFile } from './page-file.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

export interface FileEntry {
  readonly id: number;
  readonly parent: number;
  readonly name: string;
  readonly pageCount: number;
  readonly cells: readonly number[];
}

export interface Directory {
  /** the id of the next file that is made */
  readonly nextId: number;
  /** a parent comes before what is under it; the object's own is the first */
  readonly files: readonly FileEntry[];
}

/** As a big-endian number, which is how SQLite would read it, far more pages than a database here can have. */
const MAGIC = new NativeUint8Array([0xf9, 0x44, 0x42, 0x58, 0x46, 0x49, 0x4c, 0x45]);
const VERSION = 1;
const HEAD_BYTES = 16;

/** @returns whole pages; the last one is to be the last of the log */
export function directoryPages(directory: Directory): Uint8Array[] {
  const listed = write(directory);
  const length = typedArrayLength(listed);
  const last = new NativeUint8Array(PAGE_SIZE_BYTES);
  typedArraySet(last, MAGIC);
  const head = new NativeDataView(typedArrayBuffer(last));
  dataViewSetUint32(head, 8, VERSION, true);
  dataViewSetUint32(head, 12, length, true);
  if (length <= PAGE_SIZE_BYTES - HEAD_BYTES) {
    typedArraySet(last, listed, HEAD_BYTES);
    return [last];
  }
  const pages: Uint8Array[] = [];
  for (let at = 0; at < length; at += PAGE_SIZE_BYTES) {
    const page = new NativeUint8Array(PAGE_SIZE_BYTES);
    typedArraySet(page, typedArraySubarray(listed, at, at + PAGE_SIZE_BYTES));
    pages[pages.length] = page;
  }
  pages[pages.length] = last;
  return pages;
}

/**
 * @returns undefined when the pages are one database, and nothing else
 * @throws SimulatorError `storage_damaged`
 */
export function readDirectory(pages: PageFile): Directory | undefined {
  const { pageCount } = pages;
  if (pageCount === 0) return undefined;
  const last = pages.read(pageCount);
  for (let i = 0; i < MAGIC.length; i++) if (last[i] !== MAGIC[i]) return undefined;
  const head = new DataView(last.buffer, last.byteOffset, PAGE_SIZE_BYTES);
  if (head.getUint32(8, true) !== VERSION) throw damaged('is of a version that this library does not know');
  const length = head.getUint32(12, true);
  const isInline = length <= PAGE_SIZE_BYTES - HEAD_BYTES;
  const before = isInline ? 0 : Math.ceil(length / PAGE_SIZE_BYTES);
  if (before >= pageCount) throw damaged('is longer than the log');
  if (isInline) return read(typedArraySubarray(last, HEAD_BYTES, HEAD_BYTES + length), pageCount - 1);
  const listed = new Uint8Array(before * PAGE_SIZE_BYTES);
  for (let i = 0; i < before; i++) typedArraySet(listed, pages.read(pageCount - before + i), i * PAGE_SIZE_BYTES);
  return read(typedArraySubarray(listed, 0, length), pageCount - 1 - before);
}

function write({ nextId, files }: Directory): Uint8Array {
  const bytes: number[] = [];
  const put = (value: number) => {
    let rest = value;
    for (; rest >= 0x80; rest = mathFloor(rest / 0x80)) arrayAppend(bytes, (rest % 0x80) | 0x80);
    arrayAppend(bytes, rest);
  };
  put(nextId);
  put(files.length);
  each(files, ({ id, parent, name, pageCount, cells }) => {
    const text = encodeText(name);
    const length = typedArrayLength(text);
    put(id);
    put(parent);
    put(length);
    for (let i = 0; i < length; i++) arrayAppend(bytes, text[i] as number);
    put(pageCount);
    const runs = runsOf(cells);
    put(runs.length);
    each(runs, ({ first, count }) => {
      put(first);
      put(count);
    });
  });
  const listed = new NativeUint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i++) listed[i] = bytes[i] as number;
  return listed;
}

interface Run {
  readonly first: number;
  count: number;
}

function runsOf(cells: readonly number[]): Run[] {
  const runs: Run[] = [];
  each(cells, (cell) => {
    const run = runs[runs.length - 1];
    if (run && run.first + run.count === cell) run.count++;
    else arrayAppend(runs, { first: cell, count: 1 });
  });
  return runs;
}

/** Before any code of the program runs. @param pagesMax  pages that files may have: those before the directory */
function read(bytes: Uint8Array, pagesMax: number): Directory {
  let at = 0;
  const take = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 0x80) {
      const byte = bytes[at++];
      if (byte === undefined) throw damaged('ends too early');
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  };
  const nextId = take();
  const files: FileEntry[] = [];
  const used = new Set<number>();
  for (let left = take(); left > 0; left--) {
    const id = take();
    const parent = take();
    const length = take();
    const name = fromUtf8(typedArraySubarray(bytes, at, at + length));
    at += length;
    const pageCount = take();
    const cells: number[] = [];
    for (let runs = take(); runs > 0; runs--) {
      const first = take();
      for (let cell = first, end = first + take(); cell < end; cell++) {
        if (used.has(cell) || (cell + 1) * CELL_PAGES > pagesMax)
          throw damaged('gives a page away twice, or one that is not there');
        used.add(cell);
        cells.push(cell);
      }
    }
    if (cells.length !== Math.ceil(pageCount / CELL_PAGES)) throw damaged('has no place for every page');
    const isKnown = id === parent ? files.length === 0 : files.some((one) => one.id === parent);
    if (!isKnown || id >= nextId) throw damaged('names a file that is not there');
    files.push({ id, parent, name, pageCount, cells });
  }
  if (files[0]?.id !== 0) throw damaged('has no database of the object itself');
  return { nextId, files };
}

function damaged(what: string): SimulatorError {
  return new SimulatorError(
    'storage_damaged',
    `The list of an object's facets ${what}; go back to an earlier point of its history.`,
  );
}
