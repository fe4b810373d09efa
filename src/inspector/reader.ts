/**
 * Questions to a stored database: its keys, its tables, any SQL that only reads.
 *
 * Promise: SQLite's own authorizer and its own verdict on the prepared statement decide what only reads, never the text; what
 * comes back is bounded in rows and bytes. How long a query may take is not known here: a statement cannot be stopped in the
 * thread that it runs in, so whoever asks ends the thread.
 */
import { SimulatorError } from '../base/errors.ts';
import type { SqlBinding } from '../protocol/edits.ts';
import type {
  EntryRange,
  InspectedColumn,
  InspectedTable,
  InspectedValue,
  QueryOrder,
  QueryResult,
  StoredRow,
} from '../protocol/inspection.ts';
import type { Database } from '../storage/database.ts';
import type { Authorizer, Statement } from '../storage/engine.ts';
import { listRange, rowOf } from '../storage/kv-rows.ts';

const ENTRIES_MAX = 1_000;
/** What a page can show at once and more; the next ones are asked for. */
const RESULT_BYTES_MAX = 16 * 1024 * 1024;

/** Keys with their values as stored, in key order; as many as asked for, or as fit. */
export function entriesOf(database: Database, range: EntryRange): StoredRow[] {
  const rows: StoredRow[] = [];
  let bytes = 0;
  for (const row of rowsOf(database, 'key, value', range, rowOf)) {
    rows.push(row);
    bytes += row.key.length + row.value.length;
    if (bytes > RESULT_BYTES_MAX) break;
  }
  return rows;
}

export function keysOf(database: Database, range: EntryRange): string[] {
  return [...rowsOf(database, 'key', range, (statement) => statement.columnText(0))];
}

function* rowsOf<T>(
  database: Database,
  columns: string,
  { prefix, after, limit = ENTRIES_MAX }: EntryRange,
  read: (statement: Statement) => T,
): Generator<T> {
  const isKept = textsOf(database, "SELECT 1 FROM sqlite_master WHERE name = '_cf_KV'").length > 0;
  const range = { from: undefined, after, before: undefined, prefix, limit, reverse: false };
  const statement = isKept ? listRange(database, columns, range, false) : undefined;
  if (!statement) return;
  try {
    while (database.step(statement)) yield read(statement);
  } finally {
    statement.finalize();
  }
}

const TABLES = `SELECT name, type, coalesce(sql, '') FROM sqlite_master
  WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`;
const PARTS = `SELECT type, name, coalesce(sql, '') FROM sqlite_master
  WHERE tbl_name = ? AND type IN ('index', 'trigger') ORDER BY name`;
const COLUMNS = `SELECT name, type, pk > 0, "notnull" = 0, dflt_value FROM pragma_table_xinfo(?) WHERE hidden <> 1`;

/** Tables and views by name, those of the platform too. @param counts  count the rows, which reads every table */
export function tablesOf(database: Database, counts: boolean): InspectedTable[] {
  return rowsOfText(database, TABLES).map(([name = '', type, sql = '']) => ({
    name,
    kind: type === 'view' ? 'view' : /^\s*CREATE\s+VIRTUAL/i.test(sql) ? 'virtual' : 'table',
    isPlatform: /^_cf_/i.test(name),
    sql,
    columns: attempt(() => rowsOfText(database, COLUMNS, name).map(columnOf)) ?? [],
    parts: rowsOfText(database, PARTS, name).map(([kind, part = '', text = '']) => ({
      kind: kind === 'trigger' ? ('trigger' as const) : ('index' as const),
      name: part,
      sql: text,
    })),
    rowCount: counts ? attempt(() => countOf(database, name)) : undefined,
  }));
}

function columnOf([name = '', type = '', isPrimaryKey, isNullable, fallback]: (string | undefined)[]): InspectedColumn {
  return { name, type, isPrimaryKey: isPrimaryKey === '1', isNullable: isNullable === '1', default: fallback };
}

function countOf(database: Database, table: string): number {
  const [count] = textsOf(database, `SELECT count(*) FROM "${table.replaceAll('"', '""')}"`);
  return Number(count);
}

/** Undefined for a view that names what is gone, or a table whose module this build of SQLite lacks. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && / SQLITE_/.test(error.message)) return undefined;
    throw error;
  }
}

/**
 * Runs one statement that only reads. It may read the platform's tables too.
 *
 * @throws SimulatorError `query_refused` for what would write
 * @throws Error with SQLite's words
 */
export function queryOf(database: Database, { sql, bindings, limit }: QueryOrder): QueryResult {
  const { connection } = database;
  const text = connection.text(sql);
  const guard = connection.authorizer;
  let refused = false;
  connection.authorizer = (...action) => {
    const verdict = onlyReads(...action);
    refused ||= verdict !== 0;
    return verdict;
  };
  connection.isGuarded = true;
  try {
    const { code, statement } = connection.prepare(text);
    if (code !== 0) throw refused ? refusal() : database.userError();
    if (!statement) throw new SimulatorError('query_refused', 'There is no statement in this query.');
    try {
      if (!statement.isReadOnly) throw refusal();
      if (!text.isAtEnd)
        throw new SimulatorError('query_refused', 'A query is one statement: give the next one by itself.');
      bindAll(database, statement, bindings);
      return resultOf(database, statement, limit);
    } finally {
      statement.finalize();
    }
  } finally {
    connection.isGuarded = false;
    connection.authorizer = guard;
    text.free();
  }
}

function refusal(): SimulatorError {
  return new SimulatorError(
    'query_refused',
    'The inspector only reads: this statement would write. Use sim.objects.exec to change what an object has stored.',
  );
}

/** Action codes of https://www.sqlite.org/c3ref/c_alter_table.html */
const READS = new Set([20, 21, 31, 33]); // READ, SELECT, FUNCTION, RECURSIVE
const PRAGMA = 19;
/** Pragmas that tell, given no argument; those in `WITH_ARGUMENT` also when given one. */
const PRAGMAS = new Set(
  `application_id collation_list compile_options data_version database_list encoding foreign_keys freelist_count
  function_list module_list page_count page_size pragma_list schema_version user_version`.split(/\s+/),
);
const WITH_ARGUMENT = new Set(
  `foreign_key_check foreign_key_list index_info index_list index_xinfo integrity_check quick_check table_info table_list
  table_xinfo`.split(/\s+/),
);

const onlyReads: Authorizer = (action, first, second) => {
  if (READS.has(action)) return second?.toLowerCase() === 'load_extension' ? 1 : 0;
  if (action !== PRAGMA) return 1;
  const name = first?.toLowerCase() ?? '';
  return WITH_ARGUMENT.has(name) || (PRAGMAS.has(name) && second === undefined) ? 0 : 1;
};

function bindAll(database: Database, statement: Statement, bindings: readonly SqlBinding[]): void {
  if (statement.parameterCount !== bindings.length) {
    throw new SimulatorError(
      'query_refused',
      `The query has ${statement.parameterCount} parameters, and ${bindings.length} values were given for them.`,
    );
  }
  bindings.forEach((value, i) => {
    if (value === null) database.checkBind(statement.bindNull(i + 1));
    else if (typeof value === 'number') database.checkBind(statement.bindNumber(i + 1, value));
    else if (typeof value === 'string') database.checkBind(statement.bindText(i + 1, value));
    else database.checkBind(statement.bindBlob(i + 1, value));
  });
}

function resultOf(database: Database, statement: Statement, limit: number): QueryResult {
  const count = statement.columnCount;
  const columns = Array.from({ length: count }, (_, i) => statement.columnName(i));
  const rows: InspectedValue[][] = [];
  let bytes = 0;
  while (database.step(statement)) {
    if (rows.length >= limit || bytes > RESULT_BYTES_MAX) return { columns, rows, isComplete: false };
    const row = Array.from({ length: count }, (_, i) => cellOf(statement, i));
    for (const value of row) bytes += sizeOf(value);
    rows.push(row);
  }
  return { columns, rows, isComplete: true };
}

function cellOf(statement: Statement, column: number): InspectedValue {
  switch (statement.columnType(column)) {
    case 1: {
      const value = statement.columnNumber(column);
      return Number.isSafeInteger(value) ? value : BigInt(statement.columnText(column));
    }
    case 2:
      return statement.columnNumber(column);
    case 3:
      return statement.columnText(column);
    case 4:
      return statement.columnBlob(column);
    default:
      return null;
  }
}

function sizeOf(value: InspectedValue): number {
  return typeof value === 'string' ? 2 * value.length : value instanceof Uint8Array ? value.length : 8;
}

function textsOf(database: Database, sql: string): string[] {
  return rowsOfText(database, sql).map(([text = '']) => text);
}

/** Every column as text; undefined for NULL. */
function rowsOfText(database: Database, sql: string, binding?: string): (string | undefined)[][] {
  const statement = database.prepareOwn(sql);
  const rows: (string | undefined)[][] = [];
  try {
    if (binding !== undefined) database.checkBind(statement.bindText(1, binding));
    const count = statement.columnCount;
    while (database.step(statement)) {
      rows.push(
        Array.from({ length: count }, (_, i) => (statement.columnType(i) === 5 ? undefined : statement.columnText(i))),
      );
    }
  } finally {
    statement.finalize();
  }
  return rows;
}
