/**
 * The file system that SQLite sees: one file per open connection, and that file is a `PageFile`.
 *
 * Promise: every write and truncation is heard; nothing else exists (no journal, no temporary file: opening one fails, so
 * a wrong pragma cannot go unnoticed). Time and randomness come from outside, so they can be moved and seeded.
 *
 * `sqlite3_vfs` and `sqlite3_io_methods` are public, stable structures (https://www.sqlite.org/c3ref/vfs.html); the default VFS
 * is changed in place, because sql.js exports no call to register another. Knows nothing of connections.
 */

import { assert, must } from '../base/assert.ts';
import { encodeText } from '../base/bytes.ts';
import {
  mapDelete,
  mapGet,
  mapSet,
  mathFloor,
  NativeMap,
  numberOf,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
} from '../base/primordials.ts';
import { type Callback, type Heap, installCallbacks, type Pointer } from './engine-raw.ts';
import type { PageFile } from './page-file.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

const IOERR_SHORT_READ = 522;
const CANTOPEN = 14;
const NOTFOUND = 12;
const OPEN_MAIN_DB = 0x100;

/** Offsets in `sqlite3_vfs` on a 32-bit machine. */
const VFS = {
  xOpen: 24,
  xDelete: 28,
  xAccess: 32,
  xFullPathname: 36,
  xRandomness: 56,
  xCurrentTimeInt64: 72,
} as const;

/** Julian day number of 1970-01-01 00:00, in milliseconds: SQLite's count of time starts there. */
const UNIX_EPOCH_JULIAN_MS = 210866760000000;

export interface VfsOptions {
  readonly heap: Heap;
  readonly table: WebAssembly.Table;
  /** the first word of any connection */
  readonly vfs: Pointer;
  /** milliseconds since 1970; without it SQLite asks the machine */
  readonly now?: (() => number) | undefined;
  readonly randomBytes?: ((length: number) => Uint8Array) | undefined;
}

export class Vfs {
  readonly #heap: Heap;
  readonly #files = new NativeMap<Pointer, PageFile>();
  #opening: PageFile | undefined;

  constructor({ heap, table, vfs, now, randomBytes }: VfsOptions) {
    this.#heap = heap;
    const methods = this.#ioMethods(table);
    const places: number[] = [VFS.xOpen, VFS.xDelete, VFS.xAccess, VFS.xFullPathname];
    const callbacks: Callback[] = [
      {
        parameters: 'iiiii', // xOpen
        call: (_vfs: Pointer, _name: Pointer, file: Pointer, flags: number, outFlags: Pointer) =>
          this.#open(file, flags, outFlags, methods),
      },
      { parameters: 'iii', call: () => 0 }, // xDelete
      {
        parameters: 'iiii', // xAccess
        call: (_vfs: Pointer, _name: Pointer, _flags: number, out: Pointer) => {
          heap.setWord(out, 0);
          return 0;
        },
      },
      {
        parameters: 'iiii', // xFullPathname
        call: (_vfs: Pointer, name: Pointer, _size: number, out: Pointer) => {
          const bytes = encodeText(heap.readCString(name));
          typedArraySet(heap.u8, bytes, out);
          heap.u8[out + typedArrayLength(bytes)] = 0;
          return 0;
        },
      },
    ];
    const replace = (place: number, callback: Callback) => {
      places[places.length] = place;
      callbacks[callbacks.length] = callback;
    };
    if (now) replace(VFS.xCurrentTimeInt64, this.#currentTime(now));
    if (randomBytes) replace(VFS.xRandomness, this.#randomness(randomBytes));
    const pointers = installCallbacks(table, callbacks);
    for (let i = 0; i < places.length; i++) heap.setWord(vfs + must(places[i], 'method'), must(pointers[i], 'pointer'));
  }

  /** Runs `open`, in which SQLite opens exactly one database file: this one. */
  opening<T>(file: PageFile, open: () => T): T {
    assert(this.#opening === undefined, 'one file is opened at a time');
    this.#opening = file;
    try {
      return open();
    } finally {
      this.#opening = undefined;
    }
  }

  #open(file: Pointer, flags: number, outFlags: Pointer, methods: Pointer): number {
    if (!(flags & OPEN_MAIN_DB) || !this.#opening) {
      this.#heap.setWord(file, 0);
      return CANTOPEN;
    }
    mapSet(this.#files, file, this.#opening);
    this.#heap.setWord(file, methods);
    if (outFlags !== 0) this.#heap.setWord(outFlags, flags);
    return 0;
  }

  #file(pointer: Pointer): PageFile {
    return must(mapGet(this.#files, pointer), 'open file');
  }

  #ioMethods(table: WebAssembly.Table): Pointer {
    const heap = this.#heap;
    const nothing: Callback = { parameters: 'ii', call: () => 0 };
    const callbacks: Callback[] = [
      { parameters: 'i', call: (file: Pointer) => numberOf(!mapDelete(this.#files, file)) }, // xClose
      {
        parameters: 'iiij', // xRead
        call: (file: Pointer, target: Pointer, length: number, offset: bigint) =>
          this.#file(file).readInto(bytesAt(heap, target, length), numberOf(offset)) ? 0 : IOERR_SHORT_READ,
      },
      {
        parameters: 'iiij', // xWrite
        call: (file: Pointer, source: Pointer, length: number, offset: bigint) => {
          this.#file(file).write(numberOf(offset) / PAGE_SIZE_BYTES + 1, bytesAt(heap, source, length));
          return 0;
        },
      },
      {
        parameters: 'ij', // xTruncate
        call: (file: Pointer, size: bigint) => {
          this.#file(file).truncate(numberOf(size) / PAGE_SIZE_BYTES);
          return 0;
        },
      },
      nothing, // xSync: durability is the log's
      {
        parameters: 'ii', // xFileSize
        call: (file: Pointer, out: Pointer) => {
          setInt64(heap, out, this.#file(file).sizeBytes);
          return 0;
        },
      },
      nothing, // xLock: nobody else can open this file
      nothing, // xUnlock
      {
        parameters: 'ii', // xCheckReservedLock
        call: (_file: Pointer, out: Pointer) => {
          heap.setWord(out, 0);
          return 0;
        },
      },
      { parameters: 'iii', call: () => NOTFOUND }, // xFileControl
      { parameters: 'i', call: () => PAGE_SIZE_BYTES }, // xSectorSize
      { parameters: 'i', call: () => 0 }, // xDeviceCharacteristics
    ];
    const pointers = installCallbacks(table, callbacks);
    const methods = heap.allocate(4 * (1 + pointers.length));
    heap.setWord(methods, 1);
    for (let i = 0; i < pointers.length; i++) heap.setWord(methods + 4 * (i + 1), must(pointers[i], 'pointer'));
    return methods;
  }

  #currentTime(now: () => number): Callback {
    return {
      parameters: 'ii',
      call: (_vfs: Pointer, out: Pointer) => {
        setInt64(this.#heap, out, UNIX_EPOCH_JULIAN_MS + mathFloor(now()));
        return 0;
      },
    };
  }

  #randomness(randomBytes: (length: number) => Uint8Array): Callback {
    return {
      parameters: 'iii',
      call: (_vfs: Pointer, length: number, out: Pointer) => {
        typedArraySet(this.#heap.u8, randomBytes(length), out);
        return length;
      },
    };
  }
}

function bytesAt(heap: Heap, pointer: Pointer, length: number): Uint8Array {
  return typedArraySubarray(heap.u8, pointer, pointer + length);
}

function setInt64(heap: Heap, pointer: Pointer, value: number): void {
  heap.setWord(pointer, value | 0);
  heap.setWord(pointer + 4, mathFloor(value / 2 ** 32));
}
