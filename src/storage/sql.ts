/**
 * `ctx.storage.sql`, as user code sees it.
 *
 * Promise: texts, coercions, and what a cursor gives when, as workerd 1.20260730; the work of a call is done when `exec` returns, up
 * to the first row of the last statement, and a cursor holds one row ahead.
 *
 * DIFFERS: row counts are the steps of SQLite 3.54, which takes others than workerd's 3.47 for UNION, EXCEPT and INTERSECT
 * without ORDER BY, and for OR with a subquery on its left; all other recorded statements count alike.
 *
 * Knows nothing of turns: `beforeWrite` is called before a statement that may write.
 */

import type { Database, UserStatement } from './database.ts';
import { SQLITE_OK, type Statement } from './engine.ts';
import { INTERNAL, PlatformIterator, textOf } from './platform-class.ts';

export type SqlValue = ArrayBuffer | string | number | null;
export type SqlRow = Record<string, SqlValue>;
/** A binding after coercion. */
type Bound = Uint8Array | string | number | null;

const MULTI_PARAMETERS =
  'When executing multiple SQL statements in a single call, only the last statement can have parameters.';
const NO_STATEMENT = 'SQL code did not contain a statement.';
const WRONG_COUNT = 'Wrong number of parameter bindings for SQL query.';
const NO_RESULT = 'Expected exactly one result from SQL query, but got no results.';
const MANY_RESULTS = 'Expected exactly one result from SQL query, but got multiple results.';
const DELETED = 'SQLite query was canceled because the database was deleted.';

export interface SqlStorageOptions {
  readonly database: Database;
  readonly beforeWrite: () => void;
  /** called after a statement failed: SQLite may have rolled the transaction back by itself */
  readonly onFailure: () => void;
}

export class SqlStorage {
  readonly #options: SqlStorageOptions;
  /** the newest cursor with rows left; registering every one as it is made would cost half of a point select */
  #newest: { readonly cursor: Cursor; readonly run: Run } | undefined;

  constructor(options: SqlStorageOptions) {
    this.#options = options;
  }

  get [Symbol.toStringTag](): string {
    return 'SqlStorage';
  }

  /** @throws Error, TypeError with the platform's text */
  exec(...args: unknown[]): Cursor {
    if (args.length === 0) {
      throw new TypeError("Failed to execute 'exec' on 'SqlStorage': parameter 1 is not of type 'JsString'.");
    }
    const sql = textOf(args[0]);
    const bindings: Bound[] = [];
    for (let i = 1; i < args.length; i++) bindings.push(coerce(args[i]));
    const user = this.#options.database.takeCached(sql) ?? this.#prepareLast(sql);
    const run = new Run(this.#options, user, bindings);
    const cursor = new Cursor(INTERNAL, run);
    if (run.hasRow) {
      this.#watchNewest();
      this.#newest = { cursor, run };
    }
    return cursor;
  }

  get databaseSize(): number {
    return this.#options.database.sizeBytes;
  }

  get Cursor(): typeof Cursor {
    return Cursor;
  }

  get Statement(): typeof SqlStatement {
    return SqlStatement;
  }

  /** If the newest cursor was left unfinished, its statement is to end when nobody can reach the cursor any more. */
  #watchNewest(): void {
    if (this.#newest?.run.hasRow) abandoned.register(this.#newest.cursor, this.#newest.run);
    this.#newest = undefined;
  }

  /** Runs every statement of the text but the last, and prepares that one. */
  #prepareLast(sql: string): UserStatement {
    const { database } = this.#options;
    const text = database.connection.text(sql);
    try {
      for (let isFirst = true; ; isFirst = false) {
        const user = database.prepareUser(text, () => (isFirst && text.isAtEnd ? sql : undefined));
        if (!user) throw new Error(NO_STATEMENT);
        if (text.isAtEnd) return user;
        this.#runWhole(user);
      }
    } finally {
      text.free();
    }
  }

  #runWhole(user: UserStatement): void {
    if (user.statement.parameterCount > 0) {
      user.statement.finalize();
      throw new Error(MULTI_PARAMETERS);
    }
    const run = new Run(this.#options, user, []);
    while (run.hasRow) run.advance();
  }
}

/** One execution of a statement: positioned on the next row to give, or ended. */
class Run {
  hasRow = false;
  readonly #options: SqlStorageOptions;
  #user: UserStatement | undefined;
  #error: Error | undefined;
  #columnNames: readonly string[] | undefined;
  #rowsRead = 0;
  #rowsWritten = 0;

  constructor(options: SqlStorageOptions, user: UserStatement, bindings: readonly Bound[]) {
    this.#options = options;
    this.#user = user;
    const { statement } = user;
    if (statement.parameterCount !== bindings.length) {
      options.database.giveBack(user);
      throw new Error(WRONG_COUNT);
    }
    try {
      for (let i = 0; i < bindings.length; i++) bind(options.database, statement, i + 1, bindings[i] as Bound);
      if (!statement.isReadOnly) options.beforeWrite();
    } catch (error) {
      options.database.giveBack(user);
      throw error;
    }
    statement.zeroRowCounts();
    this.advance();
    if (this.hasRow) options.database.trackRun(this);
  }

  /** Moves to the next row; at the end the statement is given back. */
  advance(): void {
    const user = this.#user;
    if (!user) return;
    const { database, onFailure } = this.#options;
    try {
      this.hasRow = database.stepUser(user);
    } catch (error) {
      this.end();
      onFailure();
      throw error;
    }
    if (this.hasRow) return;
    this.end();
  }

  end(): void {
    const user = this.#user;
    if (!user) return;
    this.#columnNames = this.columnNames;
    this.#rowsRead = user.statement.rowsRead;
    this.#rowsWritten = user.statement.rowsWritten;
    this.#user = undefined;
    this.hasRow = false;
    this.#options.database.untrackRun(this);
    this.#options.database.giveBack(user);
  }

  cancel(): void {
    this.end();
    this.#error = new Error(DELETED);
  }

  /** @throws Error when the database was deleted meanwhile */
  check(): void {
    if (this.#error) throw this.#error;
  }

  get columnNames(): readonly string[] {
    const user = this.#user;
    if (!user) return this.#columnNames ?? [];
    const { schema } = this.#options.database;
    if (!user.columnNames || user.schema !== schema) {
      user.columnNames = Array.from({ length: user.statement.columnCount }, (_, i) => user.statement.columnName(i));
      user.schema = schema;
    }
    return user.columnNames;
  }

  get rowsRead(): number {
    return this.#user?.statement.rowsRead ?? this.#rowsRead;
  }

  get rowsWritten(): number {
    return this.#user?.statement.rowsWritten ?? this.#rowsWritten;
  }

  takeRow(): SqlRow {
    const { statement } = this.#user as UserStatement;
    const names = this.columnNames;
    const row: SqlRow = {};
    for (let i = 0; i < names.length; i++) {
      const name = names[i] as string;
      // Assigning it would set the row's prototype.
      if (name !== '__proto__') row[name] = column(statement, i);
    }
    this.advance();
    return row;
  }

  takeValues(): SqlValue[] {
    const { statement } = this.#user as UserStatement;
    const count = this.columnNames.length;
    const values: SqlValue[] = [];
    for (let i = 0; i < count; i++) values.push(column(statement, i));
    this.advance();
    return values;
  }
}

/** Ends the statement of a cursor that nobody can reach any more, so that it blocks no DROP TABLE for ever. */
const abandoned = new FinalizationRegistry<Run>((run) => run.end());

export class Cursor {
  readonly #run: Run;

  constructor(internal: typeof INTERNAL, run: Run) {
    if (internal !== INTERNAL) throw new TypeError('Illegal constructor');
    this.#run = run;
  }

  get [Symbol.toStringTag](): string {
    return 'Cursor';
  }

  next(): IteratorResult<SqlRow, undefined> {
    this.#run.check();
    return this.#run.hasRow ? { done: false, value: this.#run.takeRow() } : { done: true, value: undefined };
  }

  toArray(): SqlRow[] {
    this.#run.check();
    const rows: SqlRow[] = [];
    while (this.#run.hasRow) rows.push(this.#run.takeRow());
    return rows;
  }

  /** @throws Error when there is not exactly one row left; the cursor is then at its end */
  one(): SqlRow {
    this.#run.check();
    if (!this.#run.hasRow) throw new Error(NO_RESULT);
    const row = this.#run.takeRow();
    if (!this.#run.hasRow) return row;
    this.#run.end();
    throw new Error(MANY_RESULTS);
  }

  raw(): RawIterator {
    return new RawIterator(INTERNAL, this, this.#run);
  }

  get columnNames(): string[] {
    return [...this.#run.columnNames];
  }

  /** @throws Error when the database was deleted meanwhile */
  get rowsRead(): number {
    this.#run.check();
    return this.#run.rowsRead;
  }

  /** @throws Error when the database was deleted meanwhile */
  get rowsWritten(): number {
    this.#run.check();
    return this.#run.rowsWritten;
  }

  [Symbol.iterator](): RowIterator {
    return new RowIterator(INTERNAL, this);
  }
}

export class RowIterator extends PlatformIterator implements Iterator<SqlRow, undefined> {
  readonly #cursor: Cursor;

  constructor(internal: typeof INTERNAL, cursor: Cursor) {
    super();
    if (internal !== INTERNAL) throw new TypeError('Illegal constructor');
    this.#cursor = cursor;
  }

  get [Symbol.toStringTag](): string {
    return 'RowIterator';
  }

  next(): IteratorResult<SqlRow, undefined> {
    return this.#cursor.next();
  }

  [Symbol.iterator](): this {
    return this;
  }
}

export class RawIterator extends PlatformIterator implements Iterator<SqlValue[], undefined> {
  readonly #run: Run;
  /** keeps the cursor reachable: its loss would end the run */
  readonly #cursor: Cursor;

  constructor(internal: typeof INTERNAL, cursor: Cursor, run: Run) {
    super();
    if (internal !== INTERNAL) throw new TypeError('Illegal constructor');
    this.#cursor = cursor;
    this.#run = run;
  }

  get [Symbol.toStringTag](): string {
    return 'RawIterator';
  }

  next(): IteratorResult<SqlValue[], undefined> {
    this.#run.check();
    void this.#cursor;
    return this.#run.hasRow ? { done: false, value: this.#run.takeValues() } : { done: true, value: undefined };
  }

  /** An iterator helper on the platform; its own method here, for engines that have no helpers yet. */
  toArray(): SqlValue[][] {
    const rows: SqlValue[][] = [];
    for (let result = this.next(); !result.done; result = this.next()) rows.push(result.value);
    return rows;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** Only its name is visible: `sql.prepare` is experimental on the platform. */
export class SqlStatement {
  constructor() {
    throw new TypeError('Illegal constructor');
  }
}

function coerce(value: unknown): Bound {
  if (value === null || value === undefined) return null;
  if (typeof value === 'number' || typeof value === 'string') return value;
  if (typeof value === 'bigint') throw new TypeError('Cannot convert a BigInt value to a number');
  if (value instanceof ArrayBuffer) return new Uint8Array(value);
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  return textOf(value);
}

function bind(database: Database, statement: Statement, index: number, value: Bound): void {
  const code =
    value === null
      ? statement.bindNull(index)
      : typeof value === 'number'
        ? statement.bindNumber(index, value)
        : typeof value === 'string'
          ? statement.bindText(index, value)
          : statement.bindBlob(index, value);
  if (code !== SQLITE_OK) throw database.userError();
}

function column(statement: Statement, index: number): SqlValue {
  switch (statement.columnType(index)) {
    case 1:
    case 2:
      return statement.columnNumber(index);
    case 3:
      return statement.columnText(index);
    case 4:
      return statement.columnBlob(index).buffer;
    default:
      return null;
  }
}
