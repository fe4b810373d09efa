/**
 * `_cf_METADATA`: what the platform keeps beside a program's data in the same file. Of its rows only the alarm is used here.
 *
 * Promise: table and rows are those that workerd reads and writes (util/sqlite-metadata.c++): the alarm under key 1, in
 * nanoseconds since 1970 as a 64-bit integer; a row with NULL, no row and no table all mean that there is none.
 * Knows nothing of turns: the caller has begun to write.
 */
import type { Database } from './database.ts';
import { OwnTable } from './own-table.ts';

const CREATE = `CREATE TABLE IF NOT EXISTS _cf_METADATA (
        key INTEGER PRIMARY KEY,
        value BLOB
      )`;
/** Divided and multiplied in SQL: nanoseconds do not fit into a JavaScript number. */
const GET_ALARM = 'SELECT value / 1000000 FROM _cf_METADATA WHERE key = 1 AND value IS NOT NULL';
const SET_ALARM =
  'INSERT INTO _cf_METADATA VALUES(1, CAST(? AS INTEGER) * 1000000) ON CONFLICT DO UPDATE SET value = excluded.value';

export class Metadata {
  readonly #database: Database;
  readonly #table: OwnTable;

  constructor(database: Database) {
    this.#database = database;
    this.#table = new OwnTable(database, '_cf_METADATA', CREATE);
  }

  /** milliseconds since 1970 */
  get alarm(): number | null {
    if (!this.#table.isMade) return null;
    const database = this.#database;
    const statement = database.internal(GET_ALARM);
    try {
      return database.step(statement) ? statement.columnNumber(0) : null;
    } finally {
      statement.reset();
    }
  }

  /** @param alarm whole milliseconds since 1970; null leaves a row that says that there is none */
  writeAlarm(alarm: number | null): void {
    this.#table.make();
    const database = this.#database;
    const statement = database.internal(SET_ALARM);
    try {
      database.checkBind(alarm === null ? statement.bindNull(1) : statement.bindNumber(1, alarm));
      database.step(statement);
    } finally {
      statement.reset();
    }
  }
}
