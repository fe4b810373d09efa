/**
 * Several database files in the one page space of a log: an object's own, and those of its facets.
 *
 *     log pages   | object 1-8 | object 9-16 | facet 1-8 | object 17-24 | ... | directory |
 *
 * Promise: what is committed of one file or of several is one commit of the log, so a crash leaves all of it or nothing; going
 * back in time takes all files back together. An object that never had a facet is stored page by page as ever: its own file is
 * the page space. From the first facet on, pages are given to files eight at a time (a cell of the log), and the last page
 * is a directory that says whose they are. No page of SQLite's can begin as that page does.
 *
 *     PLAIN --first commit of a facet--> SHARED         for good: what is free again is used again
 *
 * Knows nothing of SQL, nor of what a facet is but a name under a parent.
 */
import { assert, must } from '../base/assert.ts';
import { each, filtered, hasAny, indexOfFirst } from '../base/lists.ts';
import {
  arrayAppend,
  arraySort,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  mathCeil,
  mathFloor,
  mathMax,
  mathMin,
  NativeMap,
  NativeUint8Array,
  NativeUint32Array,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
} from '../base/primordials.ts';
import { CELL_PAGES } from './log-geometry.ts';
import { MergedCommit } from './merged-commit.ts';
import { PageFile } from './page-file.ts';
import { isLent, type LentCommit, PAGE_SIZE_BYTES, type PageCommit } from './pages.ts';
import { type Directory, directoryPages, type FileEntry, readDirectory } from './volume-directory.ts';

/** The object's own file. */
export const ROOT = 0;

/** One file of a volume. */
export interface VolumeFile {
  readonly id: number;
  /** of the file that it is under */
  readonly parent: number;
  readonly name: string;
  readonly file: PageFile;
  /** it was removed: nothing of it is stored any more, and nothing ever will be */
  readonly isGone: boolean;
}

/** Where the pages of a file lie, as it was last committed. */
interface Stored extends VolumeFile {
  isGone: boolean;
  pageCount: number;
  /** cells of the log, in the file's order */
  readonly cells: number[];
}

type Placed = PageCommit | LentCommit;

export class Volume {
  readonly #files = new NativeMap<number, Stored>();
  readonly #root: Stored;
  #isShared = false;
  #nextId = 1;
  /** cells in use or free; the directory lies behind them */
  #cellCount = 0;
  #free: number[] = [];
  /** the directory that is stored says something else */
  #isChanged = false;
  /** pages of the log after the last commit */
  #pageCount: number;

  /**
   * @param pages the log's pages as they are stored; taken over
   * @throws SimulatorError `storage_damaged` when its directory contradicts itself
   */
  constructor(pages: PageFile) {
    const directory = readDirectory(pages);
    this.#pageCount = pages.pageCount;
    this.#root = stored({ id: ROOT, parent: ROOT, name: '' }, directory ? new PageFile() : pages);
    mapSet(this.#files, ROOT, this.#root);
    if (directory) this.#open(directory, pages);
    else this.#root.pageCount = pages.pageCount;
  }

  get root(): VolumeFile {
    return this.#root;
  }

  /** Files under another, by name. */
  under(parent: number): VolumeFile[] {
    const found: VolumeFile[] = [];
    mapForEach(this.#files, (one: Stored) => {
      if (one.id !== ROOT && one.parent === parent) arrayAppend(found, one);
    });
    return found;
  }

  find(parent: number, name: string): VolumeFile | undefined {
    const all = this.under(parent);
    return all[indexOfFirst(all, (one) => one.name === name)];
  }

  /** A file of that name, made if there is none; it is stored with its first commit. */
  ensure(parent: number, name: string): VolumeFile {
    return this.find(parent, name) ?? this.#make(parent, name, new PageFile());
  }

  /** Takes files away with all that is under them. @returns the commit that says so; undefined when nothing was stored of them */
  remove(parent: number, name: string): Placed | undefined {
    const found = this.find(parent, name);
    if (!found) return undefined;
    this.#drop(found.id);
    return this.#commitDirectory();
  }

  /** The same of everything that is under the object's own file; the next commit of that says so. */
  removeAll(): void {
    each(this.under(ROOT), (one) => this.#drop(one.id));
  }

  /**
   * Makes one name a copy of another, with all that is under it; of what is not there nothing.
   *
   * Of the source's files what SQLite has written so far is copied: no transaction may be open on them.
   *
   * @returns the commit that stores it; undefined when there is nothing to store
   */
  clone(parent: number, from: string, to: string): Placed | undefined {
    const source = this.find(parent, from);
    const target = this.find(parent, to);
    if (source && source === target) return undefined;
    if (target) this.#drop(target.id);
    const merged = new MergedCommit();
    if (source) this.#copy(source, parent, to, merged);
    const commit = merged.take();
    return commit ? { pages: commit.pages, pageCount: this.#pageCount } : this.#commitDirectory();
  }

  /** A commit that changes nothing. */
  get nothing(): PageCommit {
    return { pages: { numbers: new NativeUint32Array(0), bytes: NO_BYTES }, pageCount: this.#pageCount };
  }

  /**
   * A file's commit as one of the log. To be called in the order of the commits, once for each.
   *
   * @throws AssertionError for a file that is gone
   */
  place(id: number, commit: Placed): Placed {
    const one = must(mapGet(this.#files, id), 'a file of the volume');
    if (!this.#isShared) {
      if (id === ROOT) {
        one.pageCount = commit.pageCount;
        this.#pageCount = commit.pageCount;
        return commit;
      }
      this.#share();
    }
    this.#resize(one, commit.pageCount);
    return this.#placed(one, commit);
  }

  #open({ nextId, files }: Directory, pages: PageFile): void {
    this.#isShared = true;
    this.#nextId = nextId;
    const used: boolean[] = [];
    for (const entry of files) {
      const one = entry.id === ROOT ? this.#root : stored(entry, new PageFile());
      one.pageCount = entry.pageCount;
      for (const cell of entry.cells) {
        one.cells[one.cells.length] = cell;
        used[cell] = true;
      }
      mapSet(this.#files, one.id, one);
      fillFrom(pages, one);
    }
    this.#cellCount = used.length;
    for (let cell = 0; cell < used.length; cell++) if (!used[cell]) this.#free[this.#free.length] = cell;
  }

  #make(parent: number, name: string, file: PageFile): Stored {
    const one = stored({ id: this.#nextId++, parent, name }, file);
    mapSet(this.#files, one.id, one);
    this.#isChanged = true;
    return one;
  }

  #drop(id: number): void {
    each(this.under(id), (child) => this.#drop(child.id));
    const one = must(mapGet(this.#files, id), 'a file of the volume');
    this.#resize(one, 0);
    one.isGone = true;
    mapDelete(this.#files, id);
    this.#isChanged = true;
  }

  #copy(source: VolumeFile, parent: number, name: string, merged: MergedCommit): void {
    const file = new PageFile();
    for (let number = 1; number <= source.file.pageCount; number++) file.write(number, source.file.read(number));
    const copy = this.#make(parent, name, file);
    const commit = file.takeDirty();
    if (commit) merged.add(this.place(copy.id, commit) as PageCommit);
    each(this.under(source.id), (child) => this.#copy(child, copy.id, child.name, merged));
  }

  /** The object's own pages stay where they are, and their cells are its own from now on. */
  #share(): void {
    this.#isShared = true;
    this.#isChanged = true;
    this.#cellCount = cellsFor(this.#root.pageCount);
    for (let cell = 0; cell < this.#cellCount; cell++) arrayAppend(this.#root.cells, cell);
  }

  #resize(one: Stored, pageCount: number): void {
    if (one.pageCount === pageCount) return;
    one.pageCount = pageCount;
    this.#isChanged = true;
    if (!this.#isShared) return;
    const { cells } = one;
    const wanted = cellsFor(pageCount);
    while (cells.length < wanted) arrayAppend(cells, takeLast(this.#free) ?? this.#cellCount++);
    while (cells.length > wanted) arrayAppend(this.#free, must(takeLast(cells), 'a cell'));
  }

  #commitDirectory(): Placed | undefined {
    if (!this.#isShared) return undefined;
    return this.#placed(this.#root, { pages: { numbers: new NativeUint32Array(0), bytes: NO_BYTES }, pageCount: 0 });
  }

  #placed(one: Stored, commit: Placed): Placed {
    const numbers = isLent(commit) ? commit.lent.numbers : commit.pages.numbers;
    const directory = this.#takeDirectory();
    const places: Place[] = [];
    const count = typedArrayLength(numbers);
    for (let at = 0; at < count; at++) {
      arrayAppend(places, { number: pageIn(one.cells, numbers[at] as number), at });
    }
    for (let at = 0; at < directory.length; at++) {
      arrayAppend(places, { number: this.#pageCount - directory.length + 1 + at, at: count + at });
    }
    arraySort(places, (a, b) => a.number - b.number);
    const placed = new NativeUint32Array(places.length);
    each(places, (place, at) => {
      placed[at] = place.number;
    });
    const source: Source = {
      count,
      page: (at) =>
        isLent(commit)
          ? commit.lent.read(at, at + 1)
          : typedArraySubarray(commit.pages.bytes, at * PAGE_SIZE_BYTES, (at + 1) * PAGE_SIZE_BYTES),
    };
    const read = (from: number, until: number) => gather(places, from, until, source, directory);
    if (isLent(commit)) {
      const lent = { numbers: placed, read, end: () => commit.lent.end() };
      return { ...commit, lent, pageCount: this.#pageCount };
    }
    return { ...commit, pages: { numbers: placed, bytes: read(0, places.length) }, pageCount: this.#pageCount };
  }

  /** What is free at the end is given back. */
  #trim(): void {
    while (hasAny(this.#free, (cell) => cell === this.#cellCount - 1)) {
      const last = --this.#cellCount;
      this.#free = filtered(this.#free, (cell) => cell !== last);
    }
  }

  /** The pages of the directory, if it says something else than the stored one. */
  #takeDirectory(): Uint8Array[] {
    if (!this.#isChanged) return [];
    this.#isChanged = false;
    this.#trim();
    const files: FileEntry[] = [];
    mapForEach(this.#files, (one: Stored) => {
      arrayAppend(files, one);
    });
    const pages = directoryPages({ nextId: this.#nextId, files });
    this.#pageCount = this.#cellCount * CELL_PAGES + pages.length;
    return pages;
  }
}

/** Where a page goes, and which of a commit's pages, or of the directory's after them, it is. */
interface Place {
  readonly number: number;
  readonly at: number;
}

interface Source {
  readonly count: number;
  page(at: number): Uint8Array;
}

const NO_BYTES = new NativeUint8Array(0);

function gather(
  places: readonly Place[],
  from: number,
  until: number,
  source: Source,
  directory: readonly Uint8Array[],
): Uint8Array {
  const bytes = new NativeUint8Array((until - from) * PAGE_SIZE_BYTES);
  for (let i = from; i < until; i++) {
    const { at } = places[i] as Place;
    const page = at < source.count ? source.page(at) : (directory[at - source.count] as Uint8Array);
    typedArraySet(bytes, page, (i - from) * PAGE_SIZE_BYTES);
  }
  return bytes;
}

function stored({ id, parent, name }: Pick<VolumeFile, 'id' | 'parent' | 'name'>, file: PageFile): Stored {
  return { id, parent, name, file, isGone: false, pageCount: 0, cells: [] };
}

const cellsFor = (pageCount: number): number => mathCeil(pageCount / CELL_PAGES);

function takeLast<T>(list: T[]): T | undefined {
  const last = list[list.length - 1];
  if (list.length > 0) list.length--;
  return last;
}

function pageIn(cells: readonly number[], number: number): number {
  const at = number - 1;
  const cell = cells[mathFloor(at / CELL_PAGES)];
  assert(cell !== undefined, 'a page of a file has its cell');
  return cell * CELL_PAGES + (at % CELL_PAGES) + 1;
}

/** Buffers of so many pages: what a file of our own grows by. */
const COPIED_PAGES = 64;

function fillFrom(pages: PageFile, one: Stored): void {
  for (let first = 1; first <= one.pageCount; first += COPIED_PAGES) {
    const count = mathMin(COPIED_PAGES, one.pageCount - first + 1);
    const bytes = new NativeUint8Array(count * PAGE_SIZE_BYTES);
    for (let i = 0; i < count; i++) typedArraySet(bytes, pages.read(pageIn(one.cells, first + i)), i * PAGE_SIZE_BYTES);
    one.file.load(first, bytes);
  }
  one.file.setPageCount(mathMax(0, one.pageCount));
}
