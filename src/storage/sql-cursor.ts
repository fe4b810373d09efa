/**
 * The cursors of `ctx.storage.sql` and their iterators, as user code sees them.
 *
 * Promise: members, tags and texts as workerd 1.20260730; a cursor, its rows and its raw iterators share one position.
 * Knows nothing of statements.
 */
import { illegalInvocation } from '../base/platform-objects.ts';
import { arrayAppend, objectDefineProperty } from '../base/primordials.ts';
import { iteratorPrototype, platformClass } from './platform-class.ts';
import type { SqlRow, SqlValue } from './sql-values.ts';

const NO_RESULT = 'Expected exactly one result from SQL query, but got no results.';
const MANY_RESULTS = 'Expected exactly one result from SQL query, but got multiple results.';

/** One execution of a statement, as a cursor reads it: positioned on the next row to give, or ended. */
export interface Rows {
  readonly hasRow: boolean;
  readonly columnNames: readonly string[];
  readonly rowsRead: number;
  readonly rowsWritten: number;
  /** @throws Error when the database was deleted or shut down meanwhile */
  check(): void;
  /** Gives the row and moves on. @throws Error with the platform's text, when it cannot move on */
  takeRow(): SqlRow;
  takeValues(): SqlValue[];
  end(): void;
}

export class Cursor {
  readonly #rows: Rows;
  /** as they were at the first look: always the same array */
  #columnNames: string[] | undefined;

  constructor(rows: Rows) {
    this.#rows = rows;
  }

  next(): IteratorResult<SqlRow, undefined> {
    const rows = Cursor.#openOf(this);
    return rows.hasRow ? { done: false, value: rows.takeRow() } : { done: true, value: undefined };
  }

  toArray(): SqlRow[] {
    const rows = Cursor.#openOf(this);
    const taken: SqlRow[] = [];
    while (rows.hasRow) taken[taken.length] = rows.takeRow();
    return taken;
  }

  /** @throws Error when there is not exactly one row left; the cursor is then at its end */
  one(): SqlRow {
    const rows = Cursor.#openOf(this);
    if (!rows.hasRow) throw new Error(NO_RESULT);
    const row = rows.takeRow();
    if (!rows.hasRow) return row;
    rows.end();
    throw new Error(MANY_RESULTS);
  }

  raw(): RawIterator {
    return new RawIterator(this, Cursor.#openOf(this));
  }

  get columnNames(): string[] {
    const { columnNames } = Cursor.#rowsOf(this);
    if (this.#columnNames) return this.#columnNames;
    const names: string[] = [];
    for (let i = 0; i < columnNames.length; i++) names[i] = columnNames[i] as string;
    this.#columnNames = names;
    return names;
  }

  /** @throws as `next` */
  get rowsRead(): number {
    return Cursor.#openOf(this).rowsRead;
  }

  /** @throws as `next` */
  get rowsWritten(): number {
    return Cursor.#openOf(this).rowsWritten;
  }

  [Symbol.iterator](): RowIterator {
    return new RowIterator(this, Cursor.#openOf(this));
  }

  /** What is left of it, for who is no program: nothing is looked for on a prototype. @throws as `next` */
  static rest(cursor: Cursor): { columns: readonly string[]; rows: SqlValue[][]; rowsWritten: number } {
    const rows = Cursor.#openOf(cursor);
    const taken: SqlValue[][] = [];
    while (rows.hasRow) arrayAppend(taken, rows.takeValues());
    return { columns: rows.columnNames, rows: taken, rowsWritten: rows.rowsWritten };
  }

  /** @throws TypeError for what is no cursor; Error when the database was deleted under it */
  static #openOf(cursor: unknown): Rows {
    const rows = Cursor.#rowsOf(cursor);
    rows.check();
    return rows;
  }

  /** @throws TypeError for what is no cursor */
  static #rowsOf(cursor: unknown): Rows {
    if (typeof cursor !== 'object' || cursor === null || !(#rows in cursor)) throw illegalInvocation();
    return cursor.#rows;
  }
}

class RowIterator implements IterableIterator<SqlRow, undefined> {
  readonly #rows: Rows;
  /** keeps the cursor reachable: its loss would end the statement */
  readonly #cursor: Cursor;

  constructor(cursor: Cursor, rows: Rows) {
    this.#cursor = cursor;
    this.#rows = rows;
  }

  next(): IteratorResult<SqlRow, undefined> {
    const rows = RowIterator.#rowsOf(this);
    return rows.hasRow ? { done: false, value: rows.takeRow() } : { done: true, value: undefined };
  }

  static #rowsOf(value: unknown): Rows {
    if (typeof value !== 'object' || value === null || !(#rows in value)) throw illegalInvocation();
    void value.#cursor;
    value.#rows.check();
    return value.#rows;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

class RawIterator implements IterableIterator<SqlValue[], undefined> {
  /** an iterator helper; see below */
  declare readonly toArray: () => SqlValue[][];
  readonly #rows: Rows;
  /** keeps the cursor reachable: its loss would end the statement */
  readonly #cursor: Cursor;

  constructor(cursor: Cursor, rows: Rows) {
    this.#cursor = cursor;
    this.#rows = rows;
  }

  next(): IteratorResult<SqlValue[], undefined> {
    const rows = RawIterator.#rowsOf(this);
    return rows.hasRow ? { done: false, value: rows.takeValues() } : { done: true, value: undefined };
  }

  static #rowsOf(value: unknown): Rows {
    if (typeof value !== 'object' || value === null || !(#rows in value)) throw illegalInvocation();
    void value.#cursor;
    value.#rows.check();
    return value.#rows;
  }

  [Symbol.iterator](): this {
    return this;
  }
}

/** Only its name is visible: `sql.prepare` is experimental on the platform. */
class SqlStatement {}

/** Makes a class look like the platform's `SqlStorage`, with the two constructors that user code sees on it. */
export function shapeSqlStorage(target: { readonly prototype: object }): void {
  for (const name of ['Cursor', 'Statement'] as const) {
    const value = constructors[name];
    objectDefineProperty(target.prototype, name, { value, enumerable: true, configurable: true, writable: true });
  }
  platformClass(target, { name: 'SqlStorage' });
}

const constructors = {
  Cursor: platformClass(Cursor, { name: 'Cursor' }),
  Statement: platformClass(SqlStatement, { name: 'Statement' }),
};

platformClass(RowIterator, { name: 'RowIterator', isIterator: true });
platformClass(RawIterator, { name: 'RawIterator', isIterator: true });
// An iterator helper, which many programs call; here for engines that have no helpers yet.
if (!('toArray' in iteratorPrototype)) {
  objectDefineProperty(RawIterator.prototype, 'toArray', {
    value(this: RawIterator): SqlValue[][] {
      const rows: SqlValue[][] = [];
      for (let result = this.next(); !result.done; result = this.next()) rows[rows.length] = result.value;
      return rows;
    },
    configurable: true,
    writable: true,
  });
}
