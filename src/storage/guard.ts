/**
 * What user SQL may do: SQLite's own authorizer with the platform's allow-lists, SQLite's own limits, and the text of errors.
 *
 * Promise: it judges what SQLite has parsed, never the text; a statement that workerd 1.20260730 refuses is refused here with the
 * same words. Our own statements are not guarded. Knows nothing of cursors and transactions.
 *
 * Lists as run against workerd 1.20260730.1 (its source: workerd util/sqlite.c++, `isAuthorized`).
 */
import { mapGet, regExpExec, setHas, stringToLowerCase } from '../base/primordials.ts';
import type { Limits } from '../protocol/limits.ts';
import type { Authorizer, Connection, Failure } from './engine.ts';

/** The part of the limits that storage enforces. */
export type StorageLimits = Pick<Limits, 'sqliteRowBytes' | 'sqlFunctionArgs' | 'kvBatchCount'>;

export const TRANSACTION_TEXT =
  'To execute a transaction, please use the state.storage.transaction() or state.storage.transactionSync() APIs instead of ' +
  'the SQL BEGIN TRANSACTION or SAVEPOINT statements. The JavaScript API is safer because it will automatically roll back ' +
  "on exceptions, and because it interacts correctly with Durable Objects' automatic atomic write coalescing.";

/** Sets the authorizer and the limits of a connection. `isGuarded` decides for each statement whether they judge it. */
export class Guard {
  /** set by a refused BEGIN, COMMIT or SAVEPOINT: the platform answers those with a text of its own */
  #sawTransaction = false;
  #sawAlter = false;

  constructor(connection: Connection, limits: StorageLimits) {
    connection.authorizer = this.#authorize;
    // LENGTH, SQL_LENGTH, COLUMN, EXPR_DEPTH, COMPOUND_SELECT, VDBE_OP, FUNCTION_ARG, ATTACHED, LIKE_PATTERN, VARIABLE, TRIGGER_DEPTH
    connection.setLimits([limits.sqliteRowBytes, 100_000, 100, 100, 5, 25_000, limits.sqlFunctionArgs, 0, 50, 100, 10]);
  }

  /** True once after an ALTER TABLE was prepared: SQLite does not ask about its new name, so somebody must look afterwards. */
  takeAlter(): boolean {
    const sawAlter = this.#sawAlter;
    this.#sawAlter = false;
    return sawAlter;
  }

  /** The error for a statement that just failed, as user code is to see it. */
  errorOf(failure: Failure): Error {
    const sawTransaction = this.#sawTransaction;
    this.#sawTransaction = false;
    return sawTransaction && failure.extendedCode === SQLITE_AUTH ? new Error(TRANSACTION_TEXT) : sqliteError(failure);
  }

  readonly #authorize: Authorizer = (action, first, second, database) => {
    if (action === TRANSACTION || action === SAVEPOINT) {
      this.#sawTransaction = true;
      return REFUSE;
    }
    if (action === ALTER_TABLE) this.#sawAlter = true;
    return isAllowed(action, first, second, database) ? ALLOW : REFUSE;
  };
}

/** `<errmsg>[ at offset N]: SQLITE_X[ (extended: SQLITE_X_Y)]` (workerd: util/sqlite.c++, dbErrorMessage) */
export function sqliteError({ message, offset, extendedCode }: Failure): Error {
  // workerd's build has the function, switched off; sql.js is built without it.
  if (message === 'no such function: load_extension') return new Error('not authorized: SQLITE_ERROR');
  if (message === 'triggers nested too deep') return new Error('too many levels of trigger recursion: SQLITE_ERROR');
  const primary = extendedCode & 0xff;
  const name = PRIMARY_NAMES[primary] ?? `SQLITE_ERROR_${primary}`;
  const extended = extendedCode === primary ? '' : ` (extended: ${EXTENDED_NAMES[extendedCode] ?? extendedCode})`;
  return new Error(`${withoutAbsent(message)}${offset >= 0 ? ` at offset ${offset}` : ''}: ${name}${extended}`);
}

/** Functions that sql.js has and workerd's build lacks are refused like the rest, but must read as unknown. */
function withoutAbsent(message: string): string {
  const refused = regExpExec(REFUSED, message)?.[1];
  return refused === undefined || setHas(REFUSED_FUNCTIONS, stringToLowerCase(refused))
    ? message
    : `no such function: ${refused}`;
}

const SQLITE_AUTH = 23;
const REFUSED = /^not authorized to use function: (.*)$/s;
const OWN_NAME = /^_cf_/i;
const BOOLEAN = /^(true|false|yes|no|on|off|1|0)$/i;
const INTEGER = /^-?(\d+|0x[0-9a-f]+)$/i;

const ALLOW = 0;
const REFUSE = 1;

/** Action codes of https://www.sqlite.org/c3ref/c_alter_table.html */
const CREATE_INDEX = 1;
const CREATE_TABLE = 2;
const CREATE_TRIGGER = 7;
const CREATE_VIEW = 8;
const DELETE = 9;
const DROP_INDEX = 10;
const DROP_TABLE = 11;
const DROP_TRIGGER = 16;
const DROP_VIEW = 17;
const INSERT = 18;
const PRAGMA = 19;
const READ = 20;
const SELECT = 21;
const TRANSACTION = 22;
const UPDATE = 23;
const ALTER_TABLE = 26;
const REINDEX = 27;
const ANALYZE = 28;
const CREATE_VTABLE = 29;
const DROP_VTABLE = 30;
const FUNCTION = 31;
const SAVEPOINT = 32;
const RECURSIVE = 33;

function isAllowed(
  action: number,
  first: string | undefined,
  second: string | undefined,
  database: string | undefined,
): boolean {
  switch (action) {
    case SELECT:
    case RECURSIVE:
    case ANALYZE:
      return true;
    case READ:
    case INSERT:
    case UPDATE:
    case DELETE:
      // SQLite itself touches the temp schema when it renames; user tables cannot exist there.
      return isFree(first) && (database !== 'temp' || first === 'sqlite_temp_master' || first === 'sqlite_temp_schema');
    case CREATE_TABLE:
    case CREATE_VIEW:
    case DROP_TABLE:
    case DROP_VIEW:
    case REINDEX:
      return database !== 'temp' && isFree(first);
    case CREATE_INDEX:
    case CREATE_TRIGGER:
    case DROP_INDEX:
    case DROP_TRIGGER:
      return database !== 'temp' && isFree(first) && isFree(second);
    case ALTER_TABLE:
      // In place of a database's name, that of the column that is to be dropped.
      return first !== 'temp' && isFree(second) && isFree(database);
    case CREATE_VTABLE:
    case DROP_VTABLE:
      return isFree(first) && setHas(VIRTUAL_TABLES, stringToLowerCase(second ?? ''));
    case PRAGMA:
      return database !== 'temp' && isPragmaAllowed(first ?? '', second);
    case FUNCTION:
      return isFunctionAllowed(stringToLowerCase(second ?? ''));
    default:
      // ATTACH, DETACH, everything temporary, and whatever a later SQLite adds.
      return false;
  }
}

/** Names beginning with `_cf_`, in any case, are the platform's own. */
function isFree(name: string | undefined): boolean {
  return name === undefined || regExpExec(OWN_NAME, name) === null;
}

function isPragmaAllowed(name: string, argument: string | undefined): boolean {
  switch (mapGet(PRAGMAS, name)) {
    case 'no-argument':
      return argument === undefined;
    case 'boolean':
      return argument === undefined || regExpExec(BOOLEAN, argument) !== null;
    case 'name':
      return argument !== undefined && isFree(argument);
    case 'optional-name':
      return isFree(argument);
    case 'optional-number':
      return argument === undefined || isInteger(argument);
    case 'number-or-name':
      return isFree(argument);
    case undefined:
      return false;
  }
}

function isInteger(text: string): boolean {
  return regExpExec(INTEGER, text) !== null;
}

type PragmaArgument = 'no-argument' | 'boolean' | 'name' | 'optional-name' | 'optional-number' | 'number-or-name';

const PRAGMAS = new Map<string, PragmaArgument>(
  Object.entries({
    data_version: 'no-argument',
    case_sensitive_like: 'boolean',
    foreign_keys: 'boolean',
    defer_foreign_keys: 'boolean',
    ignore_check_constraints: 'boolean',
    legacy_alter_table: 'boolean',
    recursive_triggers: 'boolean',
    reverse_unordered_selects: 'boolean',
    foreign_key_check: 'optional-name',
    foreign_key_list: 'name',
    index_info: 'name',
    index_list: 'name',
    index_xinfo: 'name',
    table_info: 'name',
    table_xinfo: 'name',
    table_list: 'optional-name',
    quick_check: 'number-or-name',
    optimize: 'optional-number',
  } as const),
);

/** Modules of workerd's build. sql.js has neither, so creating one fails with `no such module`; its FTS3 is refused. */
const VIRTUAL_TABLES = new Set(['fts5', 'fts5vocab']);

function isFunctionAllowed(name: string): boolean {
  return setHas(ALLOWED_FUNCTIONS, name) || setHas(OWN_FUNCTIONS, name);
}

/** What SQLite calls while it runs ALTER and ANALYZE; user SQL cannot call these. */
const OWN_FUNCTIONS = new Set(
  `sqlite_drop_column sqlite_rename_column sqlite_rename_quotefix sqlite_rename_table sqlite_rename_test sqlite_fail
  sqlite_find_constraint sqlite_drop_constraint sqlite_add_constraint stat_get stat_init stat_push`.split(/\s+/),
);

const ALLOWED_FUNCTIONS = new Set(
  `-> ->> abs acos acosh asin asinh atan atan2 atanh avg bm25 ceil changes char coalesce concat concat_ws cos cosh count
  cume_dist current_date current_time current_timestamp date datetime degrees dense_rank exp first_value floor format glob
  group_concat hex highlight ifnull iif instr json json_array json_array_length json_each json_extract json_group_array
  json_group_object json_insert json_object json_patch json_quote json_remove json_replace json_set json_tree json_type
  json_valid jsonb jsonb_array jsonb_extract jsonb_group_array jsonb_group_object jsonb_insert jsonb_object jsonb_patch
  jsonb_remove jsonb_replace jsonb_set julianday lag last_insert_rowid last_value lead length like likelihood likely ln
  load_extension log log2 lower ltrim match max min mod nth_value ntile nullif octet_length percent_rank pi pow printf quote
  radians random randomblob rank replace round row_number rtrim sign sin sinh snippet sqrt strftime string_agg substr
  substring sum tan tanh time timediff total total_changes trim trunc typeof unhex unicode unixepoch unlikely upper
  zeroblob`.split(/\s+/),
);

const REFUSED_FUNCTIONS = new Set(
  `ceiling fts5 json_error_position json_pretty log10 power sqlite_compileoption_get sqlite_compileoption_used sqlite_log
  sqlite_source_id sqlite_version subtype`.split(/\s+/),
);

const PRIMARY_NAMES = [
  ...['SQLITE_OK', 'SQLITE_ERROR', 'SQLITE_INTERNAL', 'SQLITE_PERM', 'SQLITE_ABORT', 'SQLITE_BUSY', 'SQLITE_LOCKED'],
  ...['SQLITE_NOMEM', 'SQLITE_READONLY', 'SQLITE_INTERRUPT', 'SQLITE_IOERR', 'SQLITE_CORRUPT', 'SQLITE_NOTFOUND'],
  ...['SQLITE_FULL', 'SQLITE_CANTOPEN', 'SQLITE_PROTOCOL', 'SQLITE_EMPTY', 'SQLITE_SCHEMA', 'SQLITE_TOOBIG'],
  ...['SQLITE_CONSTRAINT', 'SQLITE_MISMATCH', 'SQLITE_MISUSE', 'SQLITE_NOLFS', 'SQLITE_AUTH', 'SQLITE_FORMAT'],
  ...['SQLITE_RANGE', 'SQLITE_NOTADB'],
];

/** Extended codes that this engine can raise; the number is `primary | n << 8`. */
const EXTENDED_NAMES: Partial<Record<number, string>> = {
  257: 'SQLITE_ERROR_MISSING_COLLSEQ',
  513: 'SQLITE_ERROR_RETRY',
  769: 'SQLITE_ERROR_SNAPSHOT',
  262: 'SQLITE_LOCKED_SHAREDCACHE',
  518: 'SQLITE_LOCKED_VTAB',
  266: 'SQLITE_IOERR_READ',
  522: 'SQLITE_IOERR_SHORT_READ',
  778: 'SQLITE_IOERR_WRITE',
  267: 'SQLITE_CORRUPT_VTAB',
  523: 'SQLITE_CORRUPT_SEQUENCE',
  779: 'SQLITE_CORRUPT_INDEX',
  516: 'SQLITE_ABORT_ROLLBACK',
  275: 'SQLITE_CONSTRAINT_CHECK',
  531: 'SQLITE_CONSTRAINT_COMMITHOOK',
  787: 'SQLITE_CONSTRAINT_FOREIGNKEY',
  1043: 'SQLITE_CONSTRAINT_FUNCTION',
  1299: 'SQLITE_CONSTRAINT_NOTNULL',
  1555: 'SQLITE_CONSTRAINT_PRIMARYKEY',
  1811: 'SQLITE_CONSTRAINT_TRIGGER',
  2067: 'SQLITE_CONSTRAINT_UNIQUE',
  2323: 'SQLITE_CONSTRAINT_VTAB',
  2579: 'SQLITE_CONSTRAINT_ROWID',
  2835: 'SQLITE_CONSTRAINT_PINNED',
  3091: 'SQLITE_CONSTRAINT_DATATYPE',
};
