/**
 * Rows of `_cf_KV`: keys and bytes, under both faces of the key-value storage.
 *
 * Promise: keys are ordered by their UTF-8 bytes; the table is made by the first write, with workerd's own text, so a file is
 * the same as workerd's. Knows nothing of values (they are bytes) and nothing of promises.
 */
import { compareBytes, encodeText, hasSurrogates } from '../base/bytes.ts';
import { typedArrayLength, typedArraySlice } from '../base/primordials.ts';
import type { Committer, WriteOptions } from './committer.ts';
import type { Database } from './database.ts';
import type { Statement } from './engine.ts';
import { decodeText } from './engine-raw.ts';
import { OwnTable } from './own-table.ts';

/** The text is visible in sqlite_master (workerd: util/sqlite-kv.h). */
const CREATE = `CREATE TABLE IF NOT EXISTS _cf_KV (
        key TEXT PRIMARY KEY,
        value BLOB
      ) WITHOUT ROWID`;
const GET = 'SELECT value FROM _cf_KV WHERE key = ?';
const PUT = 'INSERT INTO _cf_KV VALUES(?, ?) ON CONFLICT DO UPDATE SET value = excluded.value';
const DELETE = 'DELETE FROM _cf_KV WHERE key = ?';

/** Which keys, in which order. Bounds are keys; `before` excludes itself. */
export interface KeyRange {
  readonly from: string | undefined;
  readonly after: string | undefined;
  readonly before: string | undefined;
  readonly prefix: string | undefined;
  readonly limit: number | undefined;
  readonly reverse: boolean;
}

export interface Row {
  readonly key: string;
  readonly value: Uint8Array;
}

export class KvRows {
  readonly database: Database;
  readonly #committer: Committer;
  readonly #table: OwnTable;

  constructor(database: Database, committer: Committer) {
    this.database = database;
    this.#committer = committer;
    this.#table = new OwnTable(database, '_cf_KV', CREATE);
  }

  get(key: string): Uint8Array | undefined {
    if (!this.#table.isMade) return undefined;
    const { database } = this;
    const statement = database.internal(GET);
    try {
      database.checkBind(statement.bindText(1, key));
      return database.step(statement) ? statement.columnBlob(0) : undefined;
    } finally {
      statement.reset();
    }
  }

  /** @throws Error `string or blob too big: SQLITE_TOOBIG` */
  put(key: string, value: Uint8Array, options?: WriteOptions): void {
    this.begin(options);
    const { database } = this;
    const statement = database.internal(PUT);
    try {
      database.checkBind(statement.bindText(1, key));
      database.checkBind(statement.bindBlob(2, value));
      database.step(statement);
    } finally {
      statement.reset();
    }
  }

  /** All or none. */
  putAll(rows: readonly Row[], options?: WriteOptions): void {
    this.begin(options);
    if (rows.length < 2) {
      if (rows[0]) this.put(rows[0].key, rows[0].value, options);
      return;
    }
    const { database } = this;
    database.run('SAVEPOINT _cf_put_all');
    try {
      for (let i = 0; i < rows.length; i++) {
        const { key, value } = rows[i] as Row;
        this.put(key, value, options);
      }
    } catch (error) {
      database.run('ROLLBACK TO _cf_put_all');
      database.run('RELEASE _cf_put_all');
      throw error;
    }
    database.run('RELEASE _cf_put_all');
  }

  /** @returns whether the key existed */
  delete(key: string, options?: WriteOptions): boolean {
    this.begin(options);
    const { database } = this;
    const statement = database.internal(DELETE);
    try {
      database.checkBind(statement.bindText(1, key));
      database.step(statement);
      return database.connection.changes > 0;
    } finally {
      statement.reset();
    }
  }

  /** Begins to write: the turn's transaction, and the table if there is none. */
  begin(options?: WriteOptions): void {
    this.#committer.beforeWrite(options);
    this.#table.make();
  }

  /** All rows of a range, read at once. */
  list(range: KeyRange): Row[] {
    const statement = this.openList(range);
    if (!statement) return [];
    const rows: Row[] = [];
    try {
      while (this.database.step(statement)) rows[rows.length] = rowOf(statement);
    } finally {
      statement.reset();
    }
    return rows;
  }

  /**
   * A statement positioned before the first row of a range; whoever opens it steps and resets it. Undefined when the range or
   * the table is empty.
   *
   * @param isShared false gives a statement of its own, which the caller finalizes
   */
  openList(range: KeyRange, isShared = true): Statement | undefined {
    return this.#table.isMade ? listRange(this.database, 'key, value', range, isShared) : undefined;
  }
}

/** The statement of `openList`, for a database that has the table. @param columns  of it, as SQL */
export function listRange(
  database: Database,
  columns: string,
  range: KeyRange,
  isShared: boolean,
): Statement | undefined {
  const bounds = boundsOf(range);
  if (!bounds) return undefined;
  const { first, isFirstExcluded, end } = bounds;
  const conditions = `key ${isFirstExcluded ? '>' : '>='} ?${end ? ' AND key < ?' : ''}`;
  const limit = range.limit === undefined ? '' : ' LIMIT ?';
  const sql = `SELECT ${columns} FROM _cf_KV WHERE ${conditions} ORDER BY key${range.reverse ? ' DESC' : ''}${limit}`;
  const statement = isShared ? database.internal(sql) : database.prepareOwn(sql);
  // Bounds are bound as text of exact bytes: an end after a prefix need not be well-formed UTF-8.
  database.checkBind(statement.bindTextBytes(1, first));
  if (end) database.checkBind(statement.bindTextBytes(2, end));
  if (range.limit !== undefined) database.checkBind(statement.bindNumber(end ? 3 : 2, range.limit));
  return statement;
}

export function rowOf(statement: Statement): Row {
  return { key: statement.columnText(0), value: statement.columnBlob(1) };
}

/** The key as it will be read back: a lone surrogate is three bytes that are no character. */
export function storedKey(key: string): string {
  return hasSurrogates(key) ? decodeText(encodeText(key)) : key;
}

interface Bounds {
  readonly first: Uint8Array;
  readonly isFirstExcluded: boolean;
  readonly end: Uint8Array | undefined;
}

const EMPTY = new Uint8Array(0);

function boundsOf({ from, after, before, prefix }: KeyRange): Bounds | undefined {
  let first: Uint8Array = from === undefined && after === undefined ? EMPTY : encodeText(from ?? after ?? '');
  let isFirstExcluded = after !== undefined;
  let end: Uint8Array | undefined = before === undefined ? undefined : encodeText(before);
  if (prefix) {
    const start = encodeText(prefix);
    if (compareBytes(first, start) < 0) {
      first = start;
      isFirstExcluded = false;
    }
    const next = afterPrefix(start);
    if (next && (!end || compareBytes(next, end) < 0)) end = next;
  }
  if (end && compareBytes(first, end) >= 0) return undefined;
  return { first, isFirstExcluded, end };
}

/** The smallest bytes that are greater than everything with this prefix; UTF-8 has no byte 0xff, so there always are some. */
function afterPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let length = typedArrayLength(prefix);
  while (length > 0 && prefix[length - 1] === 0xff) length--;
  if (length === 0) return undefined;
  const next = typedArraySlice(prefix, 0, length);
  next[length - 1] = (next[length - 1] as number) + 1;
  return next;
}
