/**
 * Connections and statements over the raw functions.
 *
 * Promise: no pointer leaves this file but through the interfaces here; everything handed out is a copy. Hot calls (bind,
 * step, column) go straight to the instance's exports. Knows nothing of files.
 */

import { assert } from '../base/assert.ts';
import { encodeText } from '../base/bytes.ts';
import {
  dataViewGetInt16,
  NativeSet,
  NativeUint8Array,
  setAdd,
  setDelete,
  setForEach,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
} from '../base/primordials.ts';
import type { Calibration } from './engine-calibration.ts';
import { type Heap, type Pointer, type RawSqlite, SQLITE_ROW } from './engine-raw.ts';

/** What SQLite says about the last call that failed. */
export interface Failure {
  /** the primary code is its low byte */
  readonly extendedCode: number;
  readonly message: string;
  /** byte offset in the SQL text, -1 when SQLite gives none */
  readonly offset: number;
}

/**
 * Asked for everything that a guarded statement would do, while it is prepared.
 *
 * @returns 0 to allow, 1 to refuse the statement, 2 to ignore
 * @see https://www.sqlite.org/c3ref/set_authorizer.html
 */
export type Authorizer = (
  action: number,
  first: string | undefined,
  second: string | undefined,
  database: string | undefined,
) => number;

export interface RowCounts {
  readonly read: number;
  readonly written: number;
}

/** SQL text in the engine's memory, read statement by statement. */
export interface SqlText {
  /** true when only white space is left */
  readonly isAtEnd: boolean;
  free(): void;
}

export interface Connection {
  /** while true, statements prepared or re-prepared pass the authorizer; our own are not guarded */
  isGuarded: boolean;
  authorizer: Authorizer | undefined;
  readonly isAutocommit: boolean;
  /** rows changed by the last INSERT, UPDATE or DELETE */
  readonly changes: number;
  /** what all its statements have read and written, ours included; added up when it is asked for */
  readonly rowCounts: RowCounts;
  /** @param limits by the index of SQLITE_LIMIT_*; holes are left as they are */
  setLimits(limits: readonly (number | undefined)[]): void;
  text(sql: string): SqlText;
  /** Prepares the next statement of a text. @returns undefined when there is none (`code` 0) or it is wrong */
  prepare(text: SqlText): { readonly code: number; readonly statement: Statement | undefined };
  failure(): Failure;
  /** Finalizes what is left and closes; an open transaction is rolled back. The file stays. */
  close(): void;
}

/** One prepared statement. Parameters count from 1, columns from 0; results of bind and step are SQLite's codes. */
export interface Statement {
  readonly parameterCount: number;
  readonly columnCount: number;
  readonly isReadOnly: boolean;
  /** true for INSERT, UPDATE and DELETE */
  readonly countsChanges: boolean;
  /** since `zeroRowCounts`; triggers and foreign keys included */
  readonly rowsRead: number;
  readonly rowsWritten: number;
  zeroRowCounts(): void;
  bindNumber(index: number, value: number): number;
  bindText(index: number, value: string): number;
  /** text given as bytes, which need not be well-formed */
  bindTextBytes(index: number, value: Uint8Array): number;
  bindBlob(index: number, value: Uint8Array): number;
  bindNull(index: number): number;
  /** @returns SQLITE_ROW, SQLITE_DONE or an error code */
  step(): number;
  reset(): void;
  columnName(column: number): string;
  /** 1 integer, 2 real, 3 text, 4 blob, 5 null */
  columnType(column: number): number;
  columnNumber(column: number): number;
  columnText(column: number): string;
  /** a copy */
  columnBlob(column: number): Uint8Array<ArrayBuffer>;
  finalize(): void;
}

/** SQLite copies the bytes before it returns. */
const TRANSIENT = -1;
const isWhiteSpace = (byte: number): boolean => byte === 0x20 || (byte >= 0x09 && byte <= 0x0d);

interface ConnectionParts {
  readonly raw: RawSqlite;
  readonly heap: Heap;
  readonly pointer: Pointer;
  readonly calibration: Calibration;
  readonly onClosed: () => void;
}

export class RawConnection implements Connection {
  isGuarded = false;
  authorizer: Authorizer | undefined;
  readonly #parts: ConnectionParts;
  /** two words for SQLite's out parameters: the statement, the tail */
  readonly #out: Pointer;
  readonly #ledger: Ledger = { statements: new NativeSet(), read: 0, written: 0 };
  #isClosed = false;

  constructor(parts: ConnectionParts) {
    this.#parts = parts;
    this.#out = parts.heap.allocate(8);
  }

  get isAutocommit(): boolean {
    const { heap, pointer, calibration } = this.#parts;
    return heap.u8[pointer + calibration.connection.autocommit] === 1;
  }

  get changes(): number {
    return this.#parts.raw._sqlite3_changes(this.#parts.pointer);
  }

  get rowCounts(): RowCounts {
    let { read, written } = this.#ledger;
    setForEach(this.#ledger.statements, (each) => {
      const statement = each as RawStatement;
      read += statement.rowsRead;
      written += statement.rowsWritten;
    });
    return { read, written };
  }

  setLimits(limits: readonly (number | undefined)[]): void {
    const { heap, pointer, calibration } = this.#parts;
    for (let i = 0; i < limits.length; i++) {
      const limit = limits[i];
      if (limit !== undefined) heap.setWord(pointer + calibration.connection.limits + 4 * i, limit);
    }
  }

  text(sql: string): RawText {
    const { raw, heap } = this.#parts;
    const bytes = encodeText(sql);
    const length = typedArrayLength(bytes);
    const pointer = heap.allocate(length + 1);
    typedArraySet(heap.u8, bytes, pointer);
    heap.u8[pointer + length] = 0;
    return new RawText(heap, raw, pointer, length);
  }

  prepare(text: SqlText): { code: number; statement: Statement | undefined } {
    assert(text instanceof RawText, 'a text of this engine');
    const { raw, heap, pointer } = this.#parts;
    // Without the closing NUL: only then does SQLite answer `statement too long`.
    const left = text.length - text.offset;
    const start = text.pointer + text.offset;
    const code = raw._sqlite3_prepare_v2(pointer, start, left, this.#out, this.#out + 4);
    const statement = heap.word(this.#out);
    if (code !== 0 || statement === 0) {
      text.offset = text.length;
      return { code, statement: undefined };
    }
    text.offset = heap.word(this.#out + 4) - text.pointer;
    const prepared = new RawStatement(raw, heap, statement, this.#parts.calibration.statement, this.#ledger);
    setAdd(this.#ledger.statements, prepared);
    return { code, statement: prepared };
  }

  failure(): Failure {
    const { raw, heap, pointer, calibration } = this.#parts;
    return {
      extendedCode: heap.word(pointer + calibration.connection.errorCode),
      offset: heap.word(pointer + calibration.connection.errorOffset),
      message: heap.readCString(raw._sqlite3_errmsg(pointer)),
    };
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    const { raw, pointer, onClosed } = this.#parts;
    this.isGuarded = false;
    setForEach(this.#ledger.statements, (statement) => (statement as RawStatement).finalize());
    const code = raw._sqlite3_close_v2(pointer);
    assert(code === 0, `SQLite did not close: code ${code}`);
    raw._free(this.#out);
    onClosed();
  }

  /** Runs one of our own statements to its end; it cannot fail. */
  runInternal(sql: string): void {
    const text = this.text(sql);
    const { code, statement } = this.prepare(text);
    text.free();
    assert(statement, `prepare ${sql}: code ${code}, ${this.failure().message}`);
    while (statement.step() === SQLITE_ROW);
    statement.finalize();
  }

  /** Called by SQLite while it prepares. */
  authorize(action: number, first: Pointer, second: Pointer, database: Pointer): number {
    if (!this.isGuarded || !this.authorizer) return 0;
    const { heap } = this.#parts;
    const text = (pointer: Pointer) => (pointer === 0 ? undefined : heap.readCString(pointer));
    return this.authorizer(action, text(first), text(second), text(database));
  }
}

class RawText implements SqlText {
  readonly pointer: Pointer;
  readonly length: number;
  offset = 0;
  readonly #raw: RawSqlite;
  readonly #heap: Heap;

  constructor(heap: Heap, raw: RawSqlite, pointer: Pointer, length: number) {
    this.#heap = heap;
    this.#raw = raw;
    this.pointer = pointer;
    this.length = length;
  }

  get isAtEnd(): boolean {
    this.skipSpace();
    return this.offset === this.length;
  }

  /** Error offsets of a later statement count from its first letter. */
  skipSpace(): void {
    const u8 = this.#heap.u8;
    while (this.offset < this.length && isWhiteSpace(u8[this.pointer + this.offset] as number)) this.offset++;
  }

  free(): void {
    this.#raw._free(this.pointer);
  }
}

/** A connection's statements, and what was counted by those that are gone or counting anew. */
interface Ledger {
  readonly statements: Set<RawStatement>;
  read: number;
  written: number;
}

class RawStatement implements Statement {
  readonly parameterCount: number;
  readonly isReadOnly: boolean;
  readonly countsChanges: boolean;
  readonly #raw: RawSqlite;
  readonly #heap: Heap;
  readonly #pointer: Pointer;
  /** rows read; rows written follow */
  readonly #rowCounts: Pointer;
  readonly #ledger: Ledger;

  constructor(raw: RawSqlite, heap: Heap, pointer: Pointer, offsets: Calibration['statement'], ledger: Ledger) {
    this.#raw = raw;
    this.#heap = heap;
    this.#pointer = pointer;
    this.#rowCounts = pointer + offsets.rowCounts;
    this.#ledger = ledger;
    const flags = heap.u8[pointer + offsets.flags] as number;
    this.parameterCount = dataViewGetInt16(heap.view, pointer + offsets.parameterCount, true);
    this.isReadOnly = (flags & offsets.readOnlyMask) !== 0;
    this.countsChanges = (flags & offsets.countsChangesMask) !== 0;
  }

  /** Read each time: `SELECT *` may have more columns after the schema changed. */
  get columnCount(): number {
    return this.#raw._sqlite3_column_count(this.#pointer);
  }

  get rowsRead(): number {
    return this.#heap.word(this.#rowCounts) >>> 0;
  }

  get rowsWritten(): number {
    return this.#heap.word(this.#rowCounts + 4) >>> 0;
  }

  zeroRowCounts(): void {
    this.#ledger.read += this.rowsRead;
    this.#ledger.written += this.rowsWritten;
    this.#heap.setWord(this.#rowCounts, 0);
    this.#heap.setWord(this.#rowCounts + 4, 0);
  }

  bindNumber(index: number, value: number): number {
    return this.#raw._sqlite3_bind_double(this.#pointer, index, value);
  }

  bindText(index: number, value: string): number {
    const length = this.#heap.writeText(value);
    return this.#raw._sqlite3_bind_text(this.#pointer, index, this.#heap.scratch(1), length, TRANSIENT);
  }

  bindTextBytes(index: number, value: Uint8Array): number {
    const length = this.#heap.writeBytes(value);
    return this.#raw._sqlite3_bind_text(this.#pointer, index, this.#heap.scratch(1), length, TRANSIENT);
  }

  bindBlob(index: number, value: Uint8Array): number {
    // A pointer of 0 would bind NULL, also for an empty blob.
    const length = this.#heap.writeBytes(value);
    return this.#raw._sqlite3_bind_blob(this.#pointer, index, this.#heap.scratch(1), length, TRANSIENT);
  }

  bindNull(index: number): number {
    return this.#raw._sqlite3_bind_blob(this.#pointer, index, 0, 0, 0);
  }

  step(): number {
    return this.#raw._sqlite3_step(this.#pointer);
  }

  reset(): void {
    this.#raw._sqlite3_reset(this.#pointer);
  }

  columnName(column: number): string {
    return this.#heap.readCString(this.#raw._sqlite3_column_name(this.#pointer, column));
  }

  columnType(column: number): number {
    return this.#raw._sqlite3_column_type(this.#pointer, column);
  }

  columnNumber(column: number): number {
    return this.#raw._sqlite3_column_double(this.#pointer, column);
  }

  columnText(column: number): string {
    const pointer = this.#raw._sqlite3_column_text(this.#pointer, column);
    return this.#heap.readText(pointer, this.#raw._sqlite3_column_bytes(this.#pointer, column));
  }

  columnBlob(column: number): Uint8Array<ArrayBuffer> {
    const pointer = this.#raw._sqlite3_column_blob(this.#pointer, column);
    const length = this.#raw._sqlite3_column_bytes(this.#pointer, column);
    const copy = new NativeUint8Array(length);
    typedArraySet(copy, typedArraySubarray(this.#heap.u8, pointer, pointer + length) as Uint8Array);
    return copy;
  }

  finalize(): void {
    if (!setDelete(this.#ledger.statements, this)) return;
    this.#ledger.read += this.rowsRead;
    this.#ledger.written += this.rowsWritten;
    this.#raw._sqlite3_finalize(this.#pointer);
  }
}
