/**
 * The database file, in our memory: pages in buffers that no SQLite engine owns.
 *
 * Promise: it knows exactly which pages changed since `takeDirty` was last called, truncation included, and hands them over
 * as copies, or lends them until the commit is written: then a page is copied only if it changes meanwhile. The commits
 * so handed over, applied in order to another file, give the same bytes. It outlives engines: a connection may be closed
 * and another opened on the same file.
 *
 * Memory: pages lie where they were loaded; growth adds buffers of one eighth of the file (8 to 64 pages), never moves one,
 * and a cut gives back what lies behind it.
 * Knows nothing of SQL but the two header bytes that say how a file is journalled.
 */
import { assert, must } from '../base/assert.ts';
import {
  mapDelete,
  mapGet,
  mapSet,
  mathFloor,
  mathMax,
  mathMin,
  NativeMap,
  NativeUint8Array,
  NativeUint32Array,
  typedArrayFill,
  typedArrayLength,
  typedArraySet,
  typedArraySlice,
  typedArraySort,
  typedArraySubarray,
  wordsSlice,
} from '../base/primordials.ts';
import { type LentCommit, type LentPages, PAGE_SIZE_BYTES, type PageCommit } from './pages.ts';

const SLOT_BITS = 6;
const SLOTS_MAX = 1 << SLOT_BITS;
const SLOTS_MIN = 8;

const NO_BYTES = new NativeUint8Array(0);

const CLEAN = 0;
const DIRTY = 1;
/** in a commit that is being written */
const LENT = 2;

export class PageFile {
  #pageCount = 0;
  readonly #buffers: Uint8Array[] = [];
  /** of each buffer, the least page that lies in it */
  readonly #firstPages: number[] = [];
  /** per page: 1 + (buffer number << SLOT_BITS | slot); 0 = no place yet */
  #places = new NativeUint32Array(16);
  #marks = new NativeUint8Array(16);
  #dirty: number[] = [];
  /** the page count of the last `takeDirty`: a change of it alone is a commit too */
  #takenPageCount = 0;
  #isLent = false;
  /** lent pages that have changed or gone since, as they were */
  #kept = new NativeMap<number, Uint8Array>();

  get pageCount(): number {
    return this.#pageCount;
  }

  get sizeBytes(): number {
    return this.#pageCount * PAGE_SIZE_BYTES;
  }

  /** True when something changed since the last `takeDirty`. */
  get isDirty(): boolean {
    return this.#dirty.length > 0 || this.#pageCount !== this.#takenPageCount;
  }

  /** How many pages changed since the last `takeDirty`, those that were cut off since among them. */
  get dirtyPages(): number {
    return this.#dirty.length;
  }

  /**
   * Takes over pages as they were stored; they count as clean. Used before a connection opens the file.
   *
   * @param firstPage number of the first page, from 1
   * @param bytes whole pages, in order; taken over, not copied, and written to later: nobody else may hold them
   */
  load(firstPage: number, bytes: Uint8Array): void {
    assert(typedArrayLength(bytes) % PAGE_SIZE_BYTES === 0, 'an extent holds whole pages');
    const count = typedArrayLength(bytes) / PAGE_SIZE_BYTES;
    const last = firstPage + count - 1;
    this.#reserve(last);
    for (let at = 0; at < count; at += SLOTS_MAX) {
      const slots = mathMin(SLOTS_MAX, count - at);
      this.#putBuffer(firstPage + at, part(bytes, at * PAGE_SIZE_BYTES, (at + slots) * PAGE_SIZE_BYTES));
    }
    this.#pageCount = mathMax(this.#pageCount, last);
    this.#takenPageCount = this.#pageCount;
  }

  /**
   * Replays one commit of the log; its pages count as clean.
   *
   * @param commit its bytes may be taken over, as by `load`: a large commit is not held twice
   */
  apply({ pages, pageCount }: PageCommit): void {
    assert(!this.#isLent, 'a file that is replayed lends nothing');
    const { numbers, bytes } = pages;
    const kept = mathMin(this.#pageCount, pageCount);
    this.#cut(pageCount);
    this.#reserve(pageCount);
    const takesOver = this.#unplaced(numbers, pageCount) * 2 > numbers.length;
    for (let i = 0; i < numbers.length; ) {
      const number = numbers[i] as number;
      const run = takesOver ? this.#unplacedRun(numbers, i, pageCount) : 0;
      const piece = part(bytes, i * PAGE_SIZE_BYTES, (i + mathMax(run, 1)) * PAGE_SIZE_BYTES);
      if (run > 0) this.#putBuffer(number, piece);
      else if (number <= pageCount) typedArraySet(this.#place(number), piece);
      i += mathMax(run, 1);
    }
    for (let number = kept + 1, i = 0; number <= pageCount; number++) {
      while ((numbers[i] ?? pageCount + 1) < number) i++;
      if (numbers[i] !== number) typedArrayFill(this.#place(number), 0);
    }
    this.#pageCount = pageCount;
    this.#takenPageCount = pageCount;
  }

  /** Cuts or lengthens the file as stored, without marking anything; new pages are zeros. */
  setPageCount(pageCount: number): void {
    this.#cut(pageCount);
    for (let number = this.#pageCount + 1; number <= pageCount; number++) typedArrayFill(this.#place(number), 0);
    this.#pageCount = pageCount;
    this.#takenPageCount = pageCount;
  }

  /** The page itself, not a copy. @param number from 1 to `pageCount` */
  read(number: number): Uint8Array {
    assert(number >= 1 && number <= this.#pageCount, `page ${number} is outside the file`);
    const place = must(this.#places[number - 1], 'place of a page') - 1;
    const start = (place & (SLOTS_MAX - 1)) * PAGE_SIZE_BYTES;
    return part(must(this.#buffers[place >>> SLOT_BITS], 'buffer'), start, start + PAGE_SIZE_BYTES);
  }

  /**
   * Copies part of the file into `target`.
   *
   * @returns false when the file ends before `target` is full; the rest is zeros, as SQLite's VFS contract asks
   */
  readInto(target: Uint8Array, offset: number): boolean {
    let done = 0;
    const wanted = typedArrayLength(target);
    while (done < wanted) {
      const number = mathFloor((offset + done) / PAGE_SIZE_BYTES) + 1;
      if (number > this.#pageCount) {
        typedArrayFill(target, 0, done);
        return false;
      }
      const within = (offset + done) % PAGE_SIZE_BYTES;
      const length = mathMin(PAGE_SIZE_BYTES - within, wanted - done);
      const place = (this.#places[number - 1] as number) - 1;
      const start = (place & (SLOTS_MAX - 1)) * PAGE_SIZE_BYTES + within;
      typedArraySet(target, part(this.#buffers[place >>> SLOT_BITS] as Uint8Array, start, start + length), done);
      done += length;
    }
    return true;
  }

  /** Writes one whole page and marks it; a gap that this opens at the end becomes zeros, marked too. */
  write(number: number, bytes: Uint8Array): void {
    assert(typedArrayLength(bytes) === PAGE_SIZE_BYTES, 'SQLite writes whole pages');
    if (number > this.#pageCount) this.#grow(number);
    this.#keepLent(number);
    typedArraySet(this.#place(number), bytes);
    this.#mark(number);
  }

  truncate(pageCount: number): void {
    if (pageCount > this.#pageCount) this.#grow(pageCount);
    else this.#cut(pageCount);
  }

  /**
   * What changed since the last call, as copies, ascending; undefined when nothing did.
   *
   * Must not be called inside a transaction: a large one spills pages early, and they would be taken unfinished.
   */
  takeDirty(): PageCommit | undefined {
    if (!this.isDirty) return undefined;
    const count = this.#pageCount;
    const numbers = this.#takeNumbers();
    const length = typedArrayLength(numbers);
    const bytes = new NativeUint8Array(length * PAGE_SIZE_BYTES);
    for (let i = 0; i < length; i++) typedArraySet(bytes, this.read(numbers[i] as number), i * PAGE_SIZE_BYTES);
    this.#takenPageCount = count;
    return { pages: { numbers, bytes }, pageCount: count };
  }

  /** The same, lent: one loan at a time, and as long as it lasts, what changes is taken by `takeDirty`. */
  lendDirty(): LentCommit | undefined {
    assert(!this.#isLent, 'one commit is lent at a time');
    if (!this.isDirty) return undefined;
    const pageCount = this.#pageCount;
    const numbers = this.#takeNumbers();
    const count = typedArrayLength(numbers);
    for (let i = 0; i < count; i++) this.#marks[(numbers[i] as number) - 1] = LENT;
    this.#takenPageCount = pageCount;
    this.#isLent = true;
    const lent: LentPages = {
      numbers,
      read: (from, until) => this.#readLent(numbers, from, until),
      end: () => this.#endLoan(numbers),
    };
    return { lent, pageCount };
  }

  /** The whole file as one piece; for export and tests, never on a commit's way. */
  toBytes(): Uint8Array {
    const bytes = new NativeUint8Array(this.sizeBytes);
    this.readInto(bytes, 0);
    return bytes;
  }

  /**
   * Makes a file that was kept in WAL mode (workerd's are) openable without a WAL: bytes 18 and 19 of the header, the
   * write and read version, go from 2 to 1. The header page is then dirty, so the change reaches the log with the next commit.
   */
  leaveWal(): void {
    if (this.#pageCount === 0) return;
    const header = this.read(1);
    assert(!this.#isLent, 'this belongs to opening');
    if (header[18] !== 2 && header[19] !== 2) return;
    header[18] = 1;
    header[19] = 1;
    this.#mark(1);
  }

  /** The marked pages that are still in the file, ascending; none is marked afterwards. */
  #takeNumbers(): Uint32Array<ArrayBuffer> {
    const dirty = this.#dirty;
    const numbers = new NativeUint32Array(dirty.length);
    let count = 0;
    for (let i = 0; i < dirty.length; i++) {
      const number = dirty[i] as number;
      this.#marks[number - 1] = CLEAN;
      if (number <= this.#pageCount) numbers[count++] = number;
    }
    this.#dirty = [];
    return typedArraySort(wordsSlice(numbers, 0, count)) as unknown as Uint32Array<ArrayBuffer>;
  }

  #readLent(numbers: Uint32Array, from: number, until: number): Uint8Array {
    const bytes = new NativeUint8Array((until - from) * PAGE_SIZE_BYTES);
    for (let i = from; i < until; i++) {
      const number = numbers[i] as number;
      typedArraySet(bytes, mapGet(this.#kept, number) ?? this.read(number), (i - from) * PAGE_SIZE_BYTES);
    }
    return bytes;
  }

  #endLoan(numbers: Uint32Array): void {
    const count = typedArrayLength(numbers);
    for (let i = 0; i < count; i++) {
      const number = numbers[i] as number;
      if (this.#marks[number - 1] === LENT) this.#marks[number - 1] = CLEAN;
      mapDelete(this.#kept, number);
    }
    this.#isLent = false;
  }

  /** To be called before a page changes. */
  #keepLent(number: number): void {
    if (this.#marks[number - 1] !== LENT) return;
    this.#marks[number - 1] = CLEAN;
    mapSet(this.#kept, number, typedArraySlice(this.read(number)));
  }

  /** To be called before the file is cut: what goes with its buffer is kept by that, the rest as copies. */
  #keepLentBehind(pageCount: number): void {
    if (!this.#isLent) return;
    for (let number = pageCount + 1; number <= this.#pageCount; number++) {
      if (this.#marks[number - 1] !== LENT) continue;
      const buffer = ((this.#places[number - 1] as number) - 1) >>> SLOT_BITS;
      if (pageCount > 0 && (this.#firstPages[buffer] as number) <= pageCount) this.#keepLent(number);
      else {
        this.#marks[number - 1] = CLEAN;
        mapSet(this.#kept, number, this.read(number));
      }
    }
  }

  #mark(number: number): void {
    if (this.#marks[number - 1] === DIRTY) return;
    this.#marks[number - 1] = DIRTY;
    this.#dirty[this.#dirty.length] = number;
  }

  #grow(pageCount: number): void {
    const first = this.#pageCount + 1;
    this.#reserve(pageCount);
    this.#pageCount = pageCount;
    for (let number = first; number <= pageCount; number++) {
      typedArrayFill(this.#place(number), 0);
      this.#mark(number);
    }
  }

  /** The bytes of a page, given a place first if it has none. */
  #place(number: number): Uint8Array {
    this.#reserve(number);
    if (this.#places[number - 1] === 0) this.#addBuffer(number);
    const place = (this.#places[number - 1] as number) - 1;
    const start = (place & (SLOTS_MAX - 1)) * PAGE_SIZE_BYTES;
    return part(must(this.#buffers[place >>> SLOT_BITS], 'buffer'), start, start + PAGE_SIZE_BYTES);
  }

  /** A buffer for `first` and the pages after it that have no place either. */
  #addBuffer(first: number): void {
    const wanted = mathMin(SLOTS_MAX, mathMax(SLOTS_MIN, mathFloor(this.#pageCount / 8)));
    this.#reserve(first + wanted - 1);
    let slots = 1;
    while (slots < wanted && this.#places[first + slots - 1] === 0) slots++;
    this.#putBuffer(first, new NativeUint8Array(slots * PAGE_SIZE_BYTES));
  }

  /** Gives the pages from `first` on their places in `buffer`, which has a slot for each. */
  #putBuffer(first: number, buffer: Uint8Array): void {
    const number = this.#buffers.length;
    this.#buffers[number] = buffer;
    this.#firstPages[number] = first;
    const slots = typedArrayLength(buffer) / PAGE_SIZE_BYTES;
    for (let slot = 0; slot < slots; slot++) this.#places[first + slot - 1] = 1 + ((number << SLOT_BITS) | slot);
  }

  /** Shortens the file, if it is longer, and lets go of the buffers that then hold none of its pages. */
  #cut(pageCount: number): void {
    if (pageCount >= this.#pageCount) return;
    this.#keepLentBehind(pageCount);
    this.#pageCount = pageCount;
    if (pageCount === 0) {
      this.#buffers.length = 0;
      this.#firstPages.length = 0;
      this.#places = new NativeUint32Array(typedArrayLength(this.#places));
      return;
    }
    for (let at = pageCount; at < typedArrayLength(this.#places); at++) {
      const buffer = ((this.#places[at] as number) - 1) >>> SLOT_BITS;
      if (this.#places[at] === 0 || (this.#firstPages[buffer] as number) <= pageCount) continue;
      this.#places[at] = 0;
      this.#buffers[buffer] = NO_BYTES;
    }
  }

  /** How many of these pages, up to `pageCount`, have no place. */
  #unplaced(numbers: Uint32Array, pageCount: number): number {
    let count = 0;
    for (let i = 0; i < numbers.length; i++) {
      const number = numbers[i] as number;
      if (number <= pageCount && this.#places[number - 1] === 0) count++;
    }
    return count;
  }

  /** How many pages from `numbers[at]` on follow one another, have no place, and fit into one buffer. */
  #unplacedRun(numbers: Uint32Array, at: number, pageCount: number): number {
    const first = numbers[at] as number;
    let run = 0;
    while (run < SLOTS_MAX && numbers[at + run] === first + run && first + run <= pageCount) {
      if (this.#places[first + run - 1] !== 0) break;
      run++;
    }
    return run;
  }

  #reserve(pageCount: number): void {
    if (pageCount <= typedArrayLength(this.#places)) return;
    const length = mathMax(pageCount, typedArrayLength(this.#places) * 2);
    const places = new NativeUint32Array(length);
    typedArraySet(places, this.#places);
    this.#places = places;
    const marks = new NativeUint8Array(length);
    typedArraySet(marks, this.#marks);
    this.#marks = marks;
  }
}

/** On the buffer itself, not a copy. */
function part(buffer: Uint8Array, start: number, end: number): Uint8Array {
  return typedArraySubarray(buffer, start, end);
}
