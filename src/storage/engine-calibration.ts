/**
 * Where things lie inside SQLite's own structures, found by watching them change.
 *
 * sql.js exports neither `sqlite3_limit`, `sqlite3_set_authorizer`, `sqlite3_error_offset`, `sqlite3_stmt_readonly` nor
 * `sqlite3_stmt_status`; what they read or write are fields of the connection and of the statement. So are the row counts that
 * the build weaves into sql.js. Promise: every offset is the only one that behaved as that field must (a provoked error, a
 * statement with a known number of parameters, a scan of known length, a denied ATTACH); where none or several do, or where
 * rows are not counted, loading fails with `engine_mismatch` and no database is touched.
 *
 * `calibrate` runs once per page; its result is plain data, posted with the compiled module; others run only `checkCanary`.
 */
import { SimulatorError } from '../base/errors.ts';
import { dataViewGetInt16 } from '../base/primordials.ts';
import type { Heap, Pointer } from './engine-raw.ts';

/** Offsets in bytes. Plain data, structured-cloneable. */
export interface Calibration {
  readonly connection: {
    /** extended result code of the last call, 32 bit */
    readonly errorCode: number;
    /** byte offset of the last error in its SQL text, 32 bit, -1 when there is none */
    readonly errorOffset: number;
    /** one byte: 1 outside a transaction */
    readonly autocommit: number;
    /** the first of the run-time limits, 32 bit each, in the order of SQLITE_LIMIT_* */
    readonly limits: number;
    /** the authorizer; its argument follows */
    readonly authorizer: number;
    /** one byte: significant digits of a REAL that becomes text (SQLITE_DBCONFIG_FP_DIGITS) */
    readonly realDigits: number;
  };
  readonly statement: {
    /** number of parameters, 16 bit */
    readonly parameterCount: number;
    /** the byte with the two flags below */
    readonly flags: number;
    readonly readOnlyMask: number;
    readonly countsChangesMask: number;
    /** the rows read since the counts were last zeroed, 32 bit; the rows written follow */
    readonly rowCounts: number;
  };
}

/** What calibration may do to the throw-away connection. */
export interface Probe {
  readonly heap: Heap;
  readonly connection: Pointer;
  /** Prepares one statement, hands it to `use`, finalizes it; a failed prepare gives undefined. */
  withStatement<T>(sql: string, use: (statement: Pointer) => T): T | undefined;
  /** Steps to the end. @returns the last result code */
  run(statement: Pointer): number;
  /** function pointer of an authorizer that refuses ATTACH and counts its calls under the argument `PROBE_ARGUMENT` */
  readonly authorizer: Pointer;
  authorizerCalls(): number;
}

export const PROBE_ARGUMENT = 0x5ca1ab1e;

/** Run-time limits of SQLite as sql.js 1.16.0 ships them, in the order of SQLITE_LIMIT_LENGTH … SQLITE_LIMIT_WORKER_THREADS. */
const STOCK_LIMITS = [1_000_000_000, 1_000_000_000, 2000, 1000, 500, 250_000_000, 1000, 10, 50_000, 32_766, 1000, 0];

const CONNECTION_BYTES = 520;
const STATEMENT_BYTES = 208;
const SCAN_ROWS = 37;
const CONSTRAINT_UNIQUE = 2067;
const CONSTRAINT_NOTNULL = 1299;
const SQLITE_ERROR = 1;
const SQLITE_AUTH = 23;
const SQLITE_DONE = 101;
const STOCK_REAL_DIGITS = 17;

/** @throws SimulatorError `engine_mismatch` */
export function calibrate(probe: Probe): Calibration {
  run(probe, 'CREATE TABLE probe(a INTEGER PRIMARY KEY, b UNIQUE, c NOT NULL)');
  run(
    probe,
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${SCAN_ROWS}) INSERT INTO probe SELECT i, i, i FROM n`,
  );
  const errorCode = findErrorCode(probe);
  const limits = findLimits(probe);
  const calibration: Calibration = {
    connection: {
      errorCode,
      errorOffset: findErrorOffset(probe),
      autocommit: findAutocommit(probe),
      limits,
      authorizer: findAuthorizer(probe, limits, errorCode),
      realDigits: findRealDigits(probe),
    },
    statement: { parameterCount: findParameterCount(probe), ...findFlags(probe), rowCounts: findRowCounts(probe) },
  };
  checkCanary(probe, calibration);
  return calibration;
}

/**
 * Tries what a calibration says on a fresh connection, in a few dozen microseconds.
 *
 * @throws SimulatorError `engine_mismatch`
 */
export function checkCanary(probe: Probe, { connection, statement }: Calibration): void {
  const { heap } = probe;
  const at = (offset: number) => heap.word(probe.connection + offset);
  const expect = (holds: boolean, what: string) => {
    if (!holds) throw mismatch(`${what} is not where it was calibrated`);
  };
  for (let i = 0; i < STOCK_LIMITS.length; i++) {
    expect(at(connection.limits + 4 * i) === STOCK_LIMITS[i], 'the limits table');
  }
  const autocommit = () => heap.u8[probe.connection + connection.autocommit];
  expect(autocommit() === 1, 'the autocommit flag');
  expect(heap.u8[probe.connection + connection.realDigits] === STOCK_REAL_DIGITS, 'the digits of a REAL');
  probe.withStatement('SELECT canary', () => undefined);
  expect(at(connection.errorCode) === SQLITE_ERROR && at(connection.errorOffset) === 7, 'the error code or offset');
  const read = probe.withStatement('SELECT ?, ?, ?', (pointer) => {
    const flags = heap.u8[pointer + statement.flags] as number;
    return (
      dataViewGetInt16(heap.view, pointer + statement.parameterCount, true) === 3 &&
      (flags & statement.readOnlyMask) !== 0
    );
  });
  let rowsRead = 0;
  let rowsWritten = 0;
  const written = probe.withStatement('CREATE TABLE canary(a)', (pointer) => {
    const flags = heap.u8[pointer + statement.flags] as number;
    probe.run(pointer);
    rowsRead = heap.word(pointer + statement.rowCounts);
    rowsWritten = heap.word(pointer + statement.rowCounts + 4);
    return (
      dataViewGetInt16(heap.view, pointer + statement.parameterCount, true) === 0 &&
      (flags & statement.readOnlyMask) === 0
    );
  });
  expect(read === true && written === true, 'the flags of a statement');
  // As on the platform.
  expect(rowsRead === 1 && rowsWritten === 2, 'the number of rows read or written');
  expect(authorizerAnswers(probe, connection.authorizer, connection.errorCode), 'the authorizer');
}

function findErrorCode(probe: Probe): number {
  const codes = [
    () => run(probe, 'INSERT INTO probe VALUES(100, 1, 1)'),
    () => run(probe, 'INSERT INTO probe VALUES(100, 100, NULL)'),
    () => run(probe, 'SELECT 1'),
  ].map((provoke) => {
    provoke();
    return words(probe);
  });
  return only('error code', wordOffsets(CONNECTION_BYTES), (offset) => {
    const [unique, notNull, done] = codes.map((snapshot) => snapshot[offset >> 2] as number);
    return unique === CONSTRAINT_UNIQUE && notNull === CONSTRAINT_NOTNULL && (done === 0 || done === 101);
  });
}

function findErrorOffset(probe: Probe): number {
  const snapshots = ['SELECT nosuch', 'SELECT 1, nosuch', 'SELECT 1, 2, nosuch'].map((sql) => {
    probe.withStatement(sql, () => undefined);
    return words(probe);
  });
  return only('error offset', wordOffsets(CONNECTION_BYTES), (offset) => {
    const [first, second, third] = snapshots.map((snapshot) => snapshot[offset >> 2]);
    return first === 7 && second === 10 && third === 13;
  });
}

function findAutocommit(probe: Probe): number {
  const snapshot = () => probe.heap.u8.slice(probe.connection, probe.connection + CONNECTION_BYTES);
  const states = [snapshot()];
  for (const sql of ['BEGIN', 'COMMIT', 'BEGIN', 'ROLLBACK']) {
    run(probe, sql);
    states.push(snapshot());
  }
  const offsets = Array.from({ length: CONNECTION_BYTES }, (_, offset) => offset);
  return only('autocommit flag', offsets, (offset) =>
    states.every((state, i) => state[offset] === (i % 2 === 0 ? 1 : 0)),
  );
}

function findLimits(probe: Probe): number {
  const snapshot = words(probe);
  return only('limits table', wordOffsets(CONNECTION_BYTES), (offset) =>
    STOCK_LIMITS.every((limit, i) => snapshot[(offset >> 2) + i] === limit),
  );
}

/**
 * The authorizer's two fields are empty words right behind the lookaside allocator, whose last four words are
 * addresses `middle`, `start` <= `middle`, `end`, `end` again: a shape that occurs once. Only there is one tried.
 */
function findAuthorizer(probe: Probe, limits: number, errorCode: number): number {
  const snapshot = words(probe);
  const candidates = wordOffsets(CONNECTION_BYTES - 8).filter((offset) => {
    const word = (i: number) => snapshot[(offset >> 2) + i] as number;
    const [middle, start, end] = [word(-4), word(-3), word(-2)];
    return (
      offset > limits &&
      word(0) === 0 &&
      word(1) === 0 &&
      end === word(-1) &&
      start > 0 &&
      start <= middle &&
      middle < end
    );
  });
  return only('authorizer', candidates, (offset) => authorizerAnswers(probe, offset, errorCode));
}

/** Installs the probe's authorizer, sees it called and its refusal obeyed, and takes it out again. */
function authorizerAnswers(probe: Probe, offset: number, errorCode: number): boolean {
  const field = probe.connection + offset;
  if (probe.heap.word(field) !== 0 || probe.heap.word(field + 4) !== 0) return false;
  const before = probe.authorizerCalls();
  probe.heap.setWord(field, probe.authorizer);
  probe.heap.setWord(field + 4, PROBE_ARGUMENT);
  let code: number;
  try {
    probe.withStatement("ATTACH ':memory:' AS other", () => undefined);
    code = probe.heap.word(probe.connection + errorCode);
  } finally {
    probe.heap.setWord(field, 0);
    probe.heap.setWord(field + 4, 0);
  }
  return code === SQLITE_AUTH && probe.authorizerCalls() === before + 1;
}

/** With 15 digits 0.1 + 0.2 is 0.3, and the row of that key is there already. */
function findRealDigits(probe: Probe): number {
  const { heap, connection } = probe;
  const isShort = () =>
    probe.withStatement("INSERT INTO probe SELECT 1, 1, 1 WHERE CAST(0.1 + 0.2 AS TEXT) = '0.3'", probe.run) !==
    SQLITE_DONE;
  const offsets = Array.from({ length: CONNECTION_BYTES }, (_, offset) => offset);
  const candidates = offsets.filter((offset) => heap.u8[connection + offset] === STOCK_REAL_DIGITS);
  return only('digits of a REAL', candidates, (offset) => {
    heap.u8[connection + offset] = 15;
    const isIt = isShort();
    heap.u8[connection + offset] = STOCK_REAL_DIGITS;
    return isIt && !isShort();
  });
}

function findParameterCount(probe: Probe): number {
  const snapshots = [0, 3, 7, 11].map((count) => ({
    count,
    bytes: bytesOf(
      probe,
      `INSERT INTO probe(a) VALUES(${Array(Math.max(1, count))
        .fill(count ? '?' : '1')
        .join('+')})`,
    ),
  }));
  const offsets = Array.from({ length: STATEMENT_BYTES / 2 }, (_, i) => i * 2);
  const fits = offsets.filter((offset) =>
    snapshots.every(({ count, bytes }) => new DataView(bytes.buffer).getInt16(offset, true) === count),
  );
  // Registers and cursors come later in the structure and count more than parameters; the first field that fits is it.
  return only('parameter count', fits, () => true);
}

type Flags = Pick<Calibration['statement'], 'flags' | 'readOnlyMask' | 'countsChangesMask'>;

function findFlags(probe: Probe): Flags {
  const reading = ['SELECT 1', 'SELECT * FROM probe', 'BEGIN', 'SAVEPOINT s', 'PRAGMA foreign_keys'];
  const changing = ['INSERT INTO probe VALUES(?, ?, ?)', 'UPDATE probe SET c = 1', 'DELETE FROM probe'];
  const defining = ['CREATE TABLE other(a)', 'DROP TABLE probe', 'PRAGMA user_version = 3', 'BEGIN IMMEDIATE'];
  const of = (texts: string[]) => texts.map((sql) => bytesOf(probe, sql));
  const [readers, changers, definers] = [of(reading), of(changing), of(defining)];
  const bits = Array.from({ length: STATEMENT_BYTES * 8 }, (_, bit) => bit);
  const isSet = (bytes: Uint8Array, bit: number) => ((bytes[bit >> 3] as number) & (1 << (bit & 7))) !== 0;
  const readOnly = only('read-only flag', bits, (bit) => {
    return readers.every((s) => isSet(s, bit)) && ![...changers, ...definers].some((s) => isSet(s, bit));
  });
  const countsChanges = only('count-changes flag', bits, (bit) => {
    if (bit >> 3 !== readOnly >> 3) return false;
    return changers.every((s) => isSet(s, bit)) && ![...readers, ...definers].some((s) => isSet(s, bit));
  });
  const mask = (bit: number) => 1 << (bit & 7);
  return {
    flags: readOnly >> 3,
    readOnlyMask: mask(readOnly),
    countsChangesMask: mask(countsChanges),
  };
}

function findRowCounts(probe: Probe): number {
  const counts = (sql: string) => {
    const bytes = probe.withStatement(sql, (statement) => {
      probe.run(statement);
      return probe.heap.u8.slice(statement, statement + STATEMENT_BYTES);
    });
    return new Int32Array(must(bytes).buffer);
  };
  const expected = [
    { words: counts('SELECT * FROM probe'), read: SCAN_ROWS, written: 0 },
    { words: counts('SELECT * FROM probe WHERE a > 2'), read: SCAN_ROWS - 2, written: 0 },
    { words: counts('SELECT * FROM probe WHERE a = 3'), read: 1, written: 0 },
    // The row, and its entry in the index.
    { words: counts(`INSERT INTO probe(b, c) VALUES(${SCAN_ROWS + 1}, 1)`), read: 0, written: 2 },
  ];
  return only('row counts', wordOffsets(STATEMENT_BYTES - 4), (offset) =>
    expected.every(({ words, read, written }) => words[offset >> 2] === read && words[(offset >> 2) + 1] === written),
  );
}

function run(probe: Probe, sql: string): void {
  probe.withStatement(sql, (statement) => probe.run(statement));
}

function words(probe: Probe): Int32Array {
  return new Int32Array(probe.heap.u8.slice(probe.connection, probe.connection + CONNECTION_BYTES).buffer);
}

function bytesOf(probe: Probe, sql: string): Uint8Array {
  return must(probe.withStatement(sql, (statement) => probe.heap.u8.slice(statement, statement + STATEMENT_BYTES)));
}

function wordOffsets(sizeBytes: number): number[] {
  return Array.from({ length: sizeBytes / 4 }, (_, i) => i * 4);
}

function only(what: string, candidates: readonly number[], fits: (offset: number) => boolean): number {
  const found = candidates.filter(fits);
  const [first] = found;
  if (found.length !== 1 || first === undefined) throw mismatch(`${found.length} places look like the ${what}`);
  return first;
}

function must<T>(value: T | undefined): T {
  if (value === undefined) throw mismatch('a statement of the calibration was refused');
  return value;
}

function mismatch(what: string): SimulatorError {
  return new SimulatorError(
    'engine_mismatch',
    `This is not the SQLite build that the engine knows: ${what}. Use the sql-wasm.wasm that is shipped with it.`,
  );
}
