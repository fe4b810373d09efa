/**
 * `ctx.storage.sql`, as user code sees it.
 *
 * Promise: texts, coercions, and what a cursor gives when, as workerd 1.20260730; the work of a call is done when `exec` returns, up
 * to the first row of the last statement, and a cursor holds one row ahead.
 *
 * DIFFERS: row counts are the steps of SQLite 3.54, which takes others than the 3.47 of that workerd for UNION, EXCEPT and
 * INTERSECT without ORDER BY, for OR with a subquery on its left, for EXISTS, for joins with a WITHOUT ROWID table, and where it
 * chooses another order of joined tables; all other recorded statements count alike. Later ones (1.20261117) have 3.54 too.
 *
 * Knows nothing of turns: `beforeWrite` is called before a statement that may write.
 */

import { illegalInvocation } from '../base/platform-objects.ts';
import { finalizationRegister } from '../base/weak-references.ts';
import type { Database, UserStatement } from './database.ts';
import type { Statement } from './engine.ts';
import { type RefusingConstructor, textOf } from './platform-class.ts';
import { Cursor, type Rows, shapeSqlStorage } from './sql-cursor.ts';
import { type Bound, bind, coerce, column, type SqlRow, type SqlValue } from './sql-values.ts';

const MULTI_PARAMETERS =
  'When executing multiple SQL statements in a single call, only the last statement can have parameters.';
const NO_STATEMENT = 'SQL code did not contain a statement.';
const WRONG_COUNT = 'Wrong number of parameter bindings for SQL query.';
const STILL_EXECUTED = 'A SQL prepared statement can only be executed once at a time.';
const DELETED = 'SQLite query was canceled because the database was deleted.';

export interface SqlStorageOptions {
  readonly database: Database;
  readonly beforeWrite: () => void;
  /** called after a statement failed: SQLite may have rolled the transaction back by itself */
  readonly onFailure: (error: unknown) => void;
}

export class SqlStorage {
  /** constructors, for `instanceof` */
  declare readonly Cursor: RefusingConstructor;
  declare readonly Statement: RefusingConstructor;
  readonly #options: SqlStorageOptions;
  /** the newest cursor with rows left; registering every one as it is made would cost half of a point select */
  #newest: { readonly cursor: Cursor; readonly run: Run } | undefined;

  constructor(options: SqlStorageOptions) {
    this.#options = options;
  }

  /** @throws Error, TypeError with the platform's text */
  exec(...args: unknown[]): Cursor {
    SqlStorage.#check(this);
    if (args.length === 0) {
      throw new TypeError("Failed to execute 'exec' on 'SqlStorage': parameter 1 is not of type 'JsString'.");
    }
    const sql = textOf(args[0]);
    const bindings: Bound[] = [];
    for (let i = 1; i < args.length; i++) bindings[i - 1] = coerce(args[i]);
    const run = new Run(this.#options, this.#takeCached(sql) ?? this.#prepare(sql), bindings);
    const cursor = new Cursor(run);
    if (run.hasRow) {
      this.#watchNewest();
      this.#newest = { cursor, run };
    }
    return cursor;
  }

  get databaseSize(): number {
    SqlStorage.#check(this);
    return this.#options.database.sizeBytes;
  }

  static #check(value: unknown): void {
    if (typeof value !== 'object' || value === null || !(#options in value)) throw illegalInvocation();
  }

  /** If the newest cursor was left unfinished, its statement is to end when nobody can reach the cursor any more. */
  #watchNewest(): void {
    if (this.#newest?.run.hasRow) finalizationRegister(abandoned, this.#newest.cursor, this.#newest.run);
    this.#newest = undefined;
  }

  /** The statement kept for this text, its earlier ones run again. */
  #takeCached(sql: string): UserStatement | undefined {
    const { database } = this.#options;
    const user = database.takeCached(sql);
    if (!user || user.earlier.length === 0) return user;
    try {
      for (let i = 0; i < user.earlier.length; i++) this.#runAgain(user.earlier[i] as UserStatement);
    } catch (error) {
      database.giveBack(user);
      throw error;
    }
    return user;
  }

  /** Prepares every statement of the text, and runs all but the last. */
  #prepare(sql: string): UserStatement {
    const { database } = this.#options;
    const text = database.connection.text(sql);
    const earlier: UserStatement[] = [];
    try {
      for (;;) {
        const user = database.prepareUser(text);
        if (!user) throw new Error(NO_STATEMENT);
        if (text.isAtEnd) return database.belongsTo(user, sql, earlier);
        earlier[earlier.length] = user;
        this.#runEarlier(user);
      }
    } catch (error) {
      for (let i = 0; i < earlier.length; i++) earlier[i]?.statement.finalize();
      throw error;
    } finally {
      text.free();
    }
  }

  /** Up to its first row: the platform reads no further, and leaves the statement so. */
  #runEarlier(user: UserStatement): void {
    const { database, beforeWrite, onFailure } = this.#options;
    if (user.statement.parameterCount > 0) throw new Error(MULTI_PARAMETERS);
    if (!user.statement.isReadOnly) beforeWrite();
    try {
      user.isInUse = database.stepUser(user);
    } catch (error) {
      onFailure(error);
      throw error;
    }
  }

  #runAgain(user: UserStatement): void {
    const wasInUse = user.isInUse;
    try {
      if (wasInUse) throw new Error(STILL_EXECUTED);
      this.#runEarlier(user);
    } finally {
      user.isInUse = false;
      user.statement.reset();
    }
  }
}

/** One execution of a statement: positioned on the next row to give, or ended. */
class Run implements Rows {
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
    try {
      this.advance();
    } catch (error) {
      this.end();
      throw error;
    }
    if (this.hasRow) options.database.trackRun(this);
  }

  /**
   * Moves to the next row; at the end the statement is given back. After a failure there seems to be a row still, of NULLs, and the
   * next step begins anew: so it is on the platform.
   */
  advance(): void {
    const user = this.#user;
    if (!user) return;
    const { database, onFailure } = this.#options;
    try {
      this.hasRow = database.stepUser(user);
    } catch (error) {
      onFailure(error);
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

  cancel(why: Error = new Error(DELETED)): void {
    this.end();
    this.#error = why;
  }

  /** @throws Error when the database was deleted or shut down meanwhile */
  check(): void {
    if (this.#error) throw this.#error;
  }

  get columnNames(): readonly string[] {
    const user = this.#user;
    if (!user) return this.#columnNames ?? [];
    user.columnNames ??= namesOf(user.statement);
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
    for (let i = 0; i < count; i++) values[i] = column(statement, i);
    this.advance();
    return values;
  }
}

/** Ends the statement of a cursor that nobody can reach any more, so that it blocks no DROP TABLE for ever. */
const abandoned = new FinalizationRegistry<Run>((run) => run.end());

function namesOf(statement: Statement): string[] {
  const names: string[] = [];
  const count = statement.columnCount;
  for (let i = 0; i < count; i++) names[i] = statement.columnName(i);
  return names;
}

shapeSqlStorage(SqlStorage);
