/**
 * The raw ground of the engine: SQLite's C functions as sql.js names them, and the memory they work in.
 *
 * Promise: views of the memory are never stale; text goes in and out as SQLite stores it (UTF-8; a lone surrogate is kept as
 * its three bytes, as workerd does, and read back as U+FFFD). Knows nothing of files, guards or transactions.
 */

import { assert } from '../base/assert.ts';
import { encodeText, hasSurrogates } from '../base/bytes.ts';
import { SimulatorError } from '../base/errors.ts';
import {
  mathMax,
  NativeDataView,
  NativeInt32Array,
  NativeUint8Array,
  stringCharCodeAt,
  stringFromCharCode,
  textDecoderDecode,
  textEncoderEncodeInto,
  typedArrayIndexOf,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
  uncurryGetter,
  uncurryThis,
} from '../base/primordials.ts';

/** A pointer into the instance's memory; 0 is NULL. */
export type Pointer = number;

export interface RawSqlite {
  _malloc(sizeBytes: number): Pointer;
  _free(pointer: Pointer): void;
  _sqlite3_open(name: Pointer, outConnection: Pointer): number;
  _sqlite3_close_v2(connection: Pointer): number;
  _sqlite3_errmsg(connection: Pointer): Pointer;
  _sqlite3_prepare_v2(connection: Pointer, sql: Pointer, length: number, out: Pointer, outTail: Pointer): number;
  _sqlite3_step(statement: Pointer): number;
  _sqlite3_reset(statement: Pointer): number;
  _sqlite3_finalize(statement: Pointer): number;
  _sqlite3_bind_double(statement: Pointer, index: number, value: number): number;
  _sqlite3_bind_text(statement: Pointer, index: number, text: Pointer, length: number, destructor: number): number;
  _sqlite3_bind_blob(statement: Pointer, index: number, bytes: Pointer, length: number, destructor: number): number;
  _sqlite3_column_count(statement: Pointer): number;
  _sqlite3_column_name(statement: Pointer, column: number): Pointer;
  _sqlite3_column_type(statement: Pointer, column: number): number;
  _sqlite3_column_double(statement: Pointer, column: number): number;
  _sqlite3_column_text(statement: Pointer, column: number): Pointer;
  _sqlite3_column_blob(statement: Pointer, column: number): Pointer;
  _sqlite3_column_bytes(statement: Pointer, column: number): number;
  _sqlite3_changes(connection: Pointer): number;
}

export const RAW_NAMES: readonly (keyof RawSqlite)[] = [
  '_malloc',
  '_free',
  '_sqlite3_open',
  '_sqlite3_close_v2',
  '_sqlite3_errmsg',
  '_sqlite3_prepare_v2',
  '_sqlite3_step',
  '_sqlite3_reset',
  '_sqlite3_finalize',
  '_sqlite3_bind_double',
  '_sqlite3_bind_text',
  '_sqlite3_bind_blob',
  '_sqlite3_column_count',
  '_sqlite3_column_name',
  '_sqlite3_column_type',
  '_sqlite3_column_double',
  '_sqlite3_column_text',
  '_sqlite3_column_blob',
  '_sqlite3_column_bytes',
  '_sqlite3_changes',
];

export const SQLITE_OK = 0;
export const SQLITE_ROW = 100;
export const SQLITE_DONE = 101;

const encoder = new TextEncoder();
// A byte order mark is data here, not a mark.
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const ASCII_LOOP_MAX = 24;

export function decodeText(bytes: Uint8Array): string {
  return textDecoderDecode(decoder, bytes);
}

/** The instance's memory. A view taken from here is good until the next call into SQLite, which may grow the memory. */
export class Heap {
  readonly #memory: WebAssembly.Memory;
  readonly #raw: RawSqlite;
  #u8: Uint8Array;
  #words: Int32Array;
  #view: DataView;
  #scratch: Pointer = 0;
  #scratchSize = 0;

  constructor(memory: WebAssembly.Memory, raw: RawSqlite) {
    this.#memory = memory;
    this.#raw = raw;
    this.#u8 = new NativeUint8Array(memoryBuffer(memory));
    this.#words = new NativeInt32Array(memoryBuffer(memory));
    this.#view = new NativeDataView(memoryBuffer(memory));
  }

  get u8(): Uint8Array {
    // A detached view has nothing at any place, and to look there no getter is asked.
    if (this.#u8[0] === undefined) this.#refresh();
    return this.#u8;
  }

  get view(): DataView {
    if (this.#u8[0] === undefined) this.#refresh();
    return this.#view;
  }

  /** The aligned 32-bit word at `pointer`. */
  word(pointer: Pointer): number {
    if (this.#u8[0] === undefined) this.#refresh();
    return this.#words[pointer >> 2] as number;
  }

  setWord(pointer: Pointer, value: number): void {
    if (this.#u8[0] === undefined) this.#refresh();
    this.#words[pointer >> 2] = value;
  }

  /** @throws SimulatorError `overloaded` when the engine's memory cannot grow */
  allocate(sizeBytes: number): Pointer {
    const pointer = this.#raw._malloc(sizeBytes);
    if (pointer === 0) throw new SimulatorError('overloaded', `The SQLite engine has no room for ${sizeBytes} bytes.`);
    return pointer;
  }

  /** Memory for one short-lived argument; the next call for scratch overwrites it. */
  scratch(sizeBytes: number): Pointer {
    if (sizeBytes > this.#scratchSize) {
      if (this.#scratch !== 0) this.#raw._free(this.#scratch);
      this.#scratchSize = mathMax(4096, sizeBytes * 2);
      this.#scratch = this.allocate(this.#scratchSize);
    }
    return this.#scratch;
  }

  /** Writes text into scratch memory. @returns its length in bytes; the pointer is `scratch(0)` */
  writeText(text: string): number {
    const length = text.length;
    if (length <= ASCII_LOOP_MAX) {
      const pointer = this.scratch(length);
      const u8 = this.u8;
      let i = 0;
      for (; i < length; i++) {
        const code = stringCharCodeAt(text, i);
        if (code >= 0x80) break;
        u8[pointer + i] = code;
      }
      if (i === length) return length;
    }
    if (hasSurrogates(text)) return this.writeBytes(encodeText(text));
    const pointer = this.scratch(length * 3);
    const target = typedArraySubarray(this.u8, pointer, pointer + length * 3) as Uint8Array;
    return textEncoderEncodeInto(encoder, text, target).written;
  }

  writeBytes(bytes: Uint8Array): number {
    const length = typedArrayLength(bytes);
    const pointer = this.scratch(length);
    typedArraySet(this.u8, bytes, pointer);
    return length;
  }

  readText(pointer: Pointer, length: number): string {
    const u8 = this.u8;
    if (length <= ASCII_LOOP_MAX) {
      let text = '';
      let i = pointer;
      const end = pointer + length;
      for (; i < end; i++) {
        const byte = u8[i] as number;
        if (byte >= 0x80) break;
        text += stringFromCharCode(byte);
      }
      if (i === end) return text;
    }
    return textDecoderDecode(decoder, typedArraySubarray(u8, pointer, pointer + length) as Uint8Array);
  }

  /** Text that ends with a NUL. */
  readCString(pointer: Pointer): string {
    const end = typedArrayIndexOf(this.u8, 0, pointer);
    return this.readText(pointer, end - pointer);
  }

  /** Runs `use` with a NUL-terminated copy of `text`. */
  withCString<T>(text: string, use: (pointer: Pointer, length: number) => T): T {
    const bytes = encodeText(text);
    const length = typedArrayLength(bytes);
    const pointer = this.allocate(length + 1);
    typedArraySet(this.u8, bytes, pointer);
    this.u8[pointer + length] = 0;
    try {
      return use(pointer, length);
    } finally {
      this.#raw._free(pointer);
    }
  }

  #refresh(): void {
    const buffer = memoryBuffer(this.#memory);
    this.#u8 = new NativeUint8Array(buffer);
    this.#words = new NativeInt32Array(buffer);
    this.#view = new NativeDataView(buffer);
    assert(this.#u8[0] !== undefined, 'the engine was closed');
  }
}

/** One JavaScript function to be called from SQLite: its parameters and result as WebAssembly types, `i` i32 and `j` i64. */
export interface Callback {
  readonly parameters: string;
  readonly call: (...args: never[]) => number;
}

/**
 * Puts functions into the instance's table and returns their indexes, which are function pointers to SQLite.
 *
 * All of them go through one small module of our own that imports and re-exports them: a table takes only functions that
 * have a WebAssembly type, and sql.js's own `addFunction` compiles one module for each.
 */
export function installCallbacks(table: WebAssembly.Table, callbacks: readonly Callback[]): Pointer[] {
  const count = callbacks.length;
  const types = [count];
  const imported = [count];
  const exported = [count];
  const imports: Record<string, Callback['call']> = {};
  for (let i = 0; i < count; i++) {
    const { parameters, call } = callbacks[i] as Callback;
    append(types, 0x60, parameters.length);
    for (let at = 0; at < parameters.length; at++) append(types, parameters[at] === 'j' ? I64 : I32);
    append(types, 1, I32);
    append(imported, 1, LETTER_E, 1, LETTER_A + i, 0, i);
    append(exported, 1, LETTER_A + i, 0, i);
    imports[stringFromCharCode(LETTER_A + i)] = call;
  }
  const bytes = [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
  appendSection(bytes, 1, types);
  appendSection(bytes, 2, imported);
  appendSection(bytes, 7, exported);
  const code = new NativeUint8Array(bytes.length);
  typedArraySet(code, bytes);
  const made = new WasmInstance(new WasmModule(code), { e: imports as WebAssembly.ModuleImports });
  const first = tableGrow(table, count);
  const pointers: Pointer[] = [];
  for (let i = 0; i < count; i++) {
    tableSet(table, first + i, made.exports[stringFromCharCode(LETTER_A + i)]);
    append(pointers, first + i);
  }
  return pointers;
}

const I32 = 0x7f;
const I64 = 0x7e;
const LETTER_A = 97;
const LETTER_E = 101;

const { Instance: WasmInstance, Module: WasmModule } = WebAssembly;
const memoryBuffer = uncurryGetter<ArrayBuffer>(WebAssembly.Memory.prototype, 'buffer') as (
  memory: unknown,
) => ArrayBuffer;
const tableGrow = uncurryThis(WebAssembly.Table.prototype.grow);
const tableSet = uncurryThis(WebAssembly.Table.prototype.set);

function append(array: number[], ...values: number[]): void {
  for (let i = 0; i < values.length; i++) array[array.length] = values[i] as number;
}

function appendSection(bytes: number[], id: number, body: readonly number[]): void {
  append(bytes, id, (body.length & 127) | 128, body.length >> 7);
  for (let i = 0; i < body.length; i++) append(bytes, body[i] as number);
}
