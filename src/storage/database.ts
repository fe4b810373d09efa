/**
 * One object's open database: a connection, the statements prepared on it, and what is common to SQL and KV.
 *
 * Promise: our own statements run unguarded and user statements guarded, also when SQLite prepares them again in the middle
 * of a step. The connection may be given up between turns (`suspend`) and made again on another engine (`resume`): the
 * pages, the pragmas that user code has set and `last_insert_rowid()` stay. DIFFERS: `changes()` and `total_changes()` begin anew.
 *
 * Knows nothing of turns: who may begin and commit is the committer's business.
 */
import { assert } from '../base/assert.ts';
import { internalError } from '../base/internal-error.ts';
import {
  mapDelete,
  mapEntries,
  mapGet,
  mapIteratorNext,
  mapSet,
  mapSize,
  mathMax,
  NativeMap,
  NativeSet,
  setAdd,
  setDelete,
  setForEach,
  setSize,
} from '../base/primordials.ts';
import { type Random, systemRandom } from '../base/random.ts';
import {
  type Connection,
  type Engine,
  type RowCounts,
  SQLITE_DONE,
  SQLITE_OK,
  SQLITE_ROW,
  type SqlText,
  type Statement,
} from './engine.ts';
import { Guard, type StorageLimits, sqliteError } from './guard.ts';
import type { PageFile } from './page-file.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

const CACHED_STATEMENTS_MAX = 200;
/** Pragmas that belong to a connection and can be read back. */
const STICKY_PRAGMAS = [
  'foreign_keys',
  'ignore_check_constraints',
  'legacy_alter_table',
  'recursive_triggers',
  'reverse_unordered_selects',
] as const;

/** SQLite has no call in sql.js that sets the last rowid; a row of a table that is gone at once does. */
const LAST_ROWID = '_cf_last_rowid';

const COUNT_OWN_NAMES = "SELECT count(*) FROM sqlite_master WHERE lower(substr(name, 1, 4)) = '_cf_'";

/** Something that reads on, and must end when the database is deleted under it. */
export interface Cancellable {
  /** @param why what whoever reads on is told; left out: that the database was deleted */
  cancel(why?: Error): void;
}

/** One user statement that is being run, or is ready to be. */
export interface UserStatement {
  readonly statement: Statement;
  /** the text that it is the last statement of, under which it is kept; undefined for the earlier ones of a text */
  text: string | undefined;
  /** the statements before it in the same text, which are kept with it */
  earlier: readonly UserStatement[];
  readonly isAlter: boolean;
  isInUse: boolean;
  /** of the execution that goes on, or was the last */
  columnNames: readonly string[] | undefined;
  /** the schema at the last execution's begin */
  schema: number;
}

const NONE: readonly UserStatement[] = [];

export interface DatabaseOptions {
  readonly engine: Engine;
  readonly file: PageFile;
  readonly limits: StorageLimits;
  /** for the references of internal errors; default: the platform's */
  readonly random?: Random;
  /** it is suspended and somebody needs it: `resume` must have been called when this returns */
  readonly onNeeded?: () => void;
}

export class Database {
  readonly file: PageFile;
  readonly limits: StorageLimits;
  readonly #random: Random;
  /** undefined while it is suspended: then nothing of the engine must be held here */
  #engine: Engine | undefined;
  #connection: Connection | undefined;
  #guard: Guard | undefined;
  #internal = new NativeMap<string, Statement>();
  /** user statements by text, oldest first; one that is in use is never evicted */
  #cached = new NativeMap<string, UserStatement>();
  /** what must be done when the database is deleted under open cursors */
  readonly #openRuns = new NativeSet<Cancellable>();
  /** the newest of them: most end before the next begins, and never enter the set */
  #newestRun: Cancellable | undefined;
  #schema = 0;
  /** of the connections that were given up */
  #rowCountsBefore: RowCounts = { read: 0, written: 0 };
  /** What makes the next connection go on where the last one was given up. */
  #sticky: string[] = [];
  readonly #onNeeded: () => void;
  /** why nobody may read or write any more */
  #refusal: (() => Error) | undefined;

  constructor({ engine, file, limits, random = systemRandom(), onNeeded = () => {} }: DatabaseOptions) {
    this.file = file;
    this.limits = limits;
    this.#random = random;
    this.#engine = engine;
    this.#onNeeded = onNeeded;
    this.#connect();
  }

  /** True when `suspend` may be called: no cursor is open and no transaction, and it was not shut down. */
  get canSuspend(): boolean {
    return (
      !this.#refusal && this.#connection?.isAutocommit === true && !this.#newestRun && setSize(this.#openRuns) === 0
    );
  }

  get isSuspended(): boolean {
    return this.#connection === undefined;
  }

  /** Changes whenever tables or columns may have changed. */
  get schema(): number {
    return this.#schema;
  }

  /** All that was read and written since the database was opened, by user statements and by ours, KV's among them. */
  get rowCounts(): RowCounts {
    const before = this.#rowCountsBefore;
    if (!this.#connection) return before;
    const { read, written } = this.#connection.rowCounts;
    return { read: before.read + read, written: before.written + written };
  }

  get isAutocommit(): boolean {
    return this.connection.isAutocommit;
  }

  get connection(): Connection {
    this.assertOpen();
    return this.#connection ?? this.#needed();
  }

  /** what it is open on, for others that are open beside it; taken anew if it is suspended */
  get engine(): Engine {
    assert(this.connection && this.#engine, 'an open database has an engine');
    return this.#engine;
  }

  #needed(): Connection {
    this.#onNeeded();
    assert(this.#connection, 'the database is suspended');
    return this.#connection;
  }

  /** Gives the engine up; the pages stay. */
  suspend(): void {
    assert(this.canSuspend, 'a cursor or a transaction is open');
    const sticky: string[] = [];
    // As text: it may be larger than a JavaScript number holds.
    const rowid = this.#read('SELECT last_insert_rowid()', (row) => row.columnText(0));
    if (rowid !== '0') {
      sticky[0] = `CREATE TEMP TABLE ${LAST_ROWID}(a)`;
      sticky[1] = `INSERT INTO temp.${LAST_ROWID}(rowid) VALUES (${rowid})`;
      sticky[2] = `DROP TABLE temp.${LAST_ROWID}`;
    }
    for (let i = 0; i < STICKY_PRAGMAS.length; i++) {
      const name = STICKY_PRAGMAS[i] as string;
      sticky[sticky.length] = `PRAGMA ${name} = ${this.#readNumber(`PRAGMA ${name}`)}`;
    }
    this.#sticky = sticky;
    this.#disconnect();
    this.#engine = undefined;
  }

  /** What was shut down meanwhile stays as it is: nobody will read it. */
  resume(engine: Engine): void {
    assert(this.#connection === undefined, 'the database is open');
    if (this.#refusal) return;
    this.#engine = engine;
    this.#connect();
    for (let i = 0; i < this.#sticky.length; i++) this.#runOnce(this.#sticky[i] as string);
  }

  /**
   * For code that outlives its object: from now on everything that reads or writes throws `refusal()`, open cursors too. A
   * transaction that is open stays so, and is never committed.
   */
  shutDown(refusal: () => Error): void {
    if (this.#refusal) return;
    this.#cancelRuns(refusal());
    this.#refusal = refusal;
  }

  get isShutDown(): boolean {
    return this.#refusal !== undefined;
  }

  /** @throws what `shutDown` was given */
  assertOpen(): void {
    if (this.#refusal) throw this.#refusal();
  }

  close(): void {
    this.#cancelRuns();
    if (this.#connection) this.#disconnect();
  }

  /** Makes the file empty, as a new object's. Open cursors end; the caller has ended the transaction. */
  reset(): void {
    this.#cancelRuns();
    this.#disconnect();
    this.file.truncate(0);
    this.#schema++;
    this.#connect();
  }

  /** Undoes what was written since the savepoint, and ends it. Tables made since are gone. */
  rollBackTo(savepoint: string): void {
    this.run(`ROLLBACK TO ${savepoint}`);
    this.#schema++;
    this.run(`RELEASE ${savepoint}`);
  }

  /** What user code is told of a failure that the platform has no words for. */
  internalError(cause?: unknown, text?: string): Error {
    return internalError(this.#random, cause, text);
  }

  /** One of our own statements, prepared once for each connection. */
  internal(sql: string): Statement {
    this.assertOpen();
    let statement = mapGet(this.#internal, sql);
    if (!statement) {
      statement = this.prepareOwn(sql);
      mapSet(this.#internal, sql, statement);
    }
    return statement;
  }

  /** One of our own statements, prepared for one use; the caller finalizes it. */
  prepareOwn(sql: string): Statement {
    const text = this.connection.text(sql);
    const { statement } = this.connection.prepare(text);
    text.free();
    if (!statement) throw sqliteError(this.connection.failure());
    return statement;
  }

  /** Runs one of our own statements without parameters. @throws Error with the platform's text */
  run(sql: string): void {
    const statement = this.internal(sql);
    try {
      while (this.step(statement));
    } finally {
      statement.reset();
    }
  }

  #runOnce(sql: string): void {
    const statement = this.prepareOwn(sql);
    this.step(statement);
    statement.finalize();
  }

  /** Steps one of our own statements. @returns true when there is a row. @throws Error with the platform's text */
  step(statement: Statement): boolean {
    const code = statement.step();
    if (code === SQLITE_ROW) return true;
    if (code === SQLITE_DONE) return false;
    throw sqliteError(this.connection.failure());
  }

  /** Throws if a bind was refused, as one too big is. @throws Error with the platform's text */
  checkBind(code: number): void {
    if (code !== 0) throw sqliteError(this.connection.failure());
  }

  /** A statement of this very text that nobody is using; it is in use from now on. */
  takeCached(text: string): UserStatement | undefined {
    this.assertOpen();
    const cached = mapGet(this.#cached, text);
    if (!cached || cached.isInUse) return undefined;
    cached.isInUse = true;
    if (cached.schema !== this.#schema) {
      cached.schema = this.#schema;
      cached.columnNames = undefined;
    }
    return cached;
  }

  /** Takes a user statement back: reset and kept for its text, or finalized. Its bindings stay until the next are bound. */
  giveBack(user: UserStatement): void {
    user.statement.reset();
    user.isInUse = false;
    assert(user.text !== undefined, 'the last statement of a text');
    const cached = mapGet(this.#cached, user.text);
    if (cached === user) return;
    if (cached) finalize(user);
    else this.#keep(user.text, user);
  }

  /** Makes `user` the last statement of a text. */
  belongsTo(user: UserStatement, text: string, earlier: readonly UserStatement[]): UserStatement {
    user.text = text;
    if (earlier.length > 0) user.earlier = earlier;
    return user;
  }

  #keep(text: string, user: UserStatement): void {
    mapSet(this.#cached, text, user);
    if (mapSize(this.#cached) <= CACHED_STATEMENTS_MAX) return;
    const entries = mapEntries(this.#cached);
    for (let next = mapIteratorNext(entries); !next.done; next = mapIteratorNext(entries)) {
      const old = next.value[1];
      if (old.isInUse) continue;
      mapDelete(this.#cached, next.value[0]);
      finalize(old);
      return;
    }
  }

  /**
   * Prepares the next statement of a user's text under guard; undefined when only white space and comments are left.
   *
   * @throws Error with the platform's text
   */
  prepareUser(text: SqlText): UserStatement | undefined {
    const { connection } = this;
    connection.isGuarded = true;
    const { code, statement } = connection.prepare(text);
    connection.isGuarded = false;
    const isAlter = this.#guard?.takeAlter() ?? false;
    if (code !== SQLITE_OK) throw this.userError();
    if (!statement) return undefined;
    const schema = this.#schema;
    return { statement, isAlter, text: undefined, earlier: NONE, isInUse: true, columnNames: undefined, schema };
  }

  /** Steps a user statement under guard. @returns true when there is a row. @throws Error with the platform's text */
  stepUser(user: UserStatement): boolean {
    if (user.isAlter) return this.#stepAlter(user);
    return this.#stepGuarded(user);
  }

  #stepGuarded(user: UserStatement): boolean {
    const connection = this.connection;
    connection.isGuarded = true;
    const code = user.statement.step();
    connection.isGuarded = false;
    if (code === SQLITE_ROW) return true;
    if (!user.statement.isReadOnly && !user.statement.countsChanges) this.#schema++;
    if (code === SQLITE_DONE) return false;
    throw this.userError();
  }

  /** An ALTER TABLE must not give a table one of the platform's names. */
  #stepAlter(user: UserStatement): boolean {
    const before = this.#readNumber(COUNT_OWN_NAMES);
    this.run('SAVEPOINT _cf_alter');
    try {
      this.#stepGuarded(user);
      if (this.#readNumber(COUNT_OWN_NAMES) === before) return false;
      user.statement.reset();
      this.run('ROLLBACK TO _cf_alter');
      throw new Error('not authorized: SQLITE_AUTH');
    } finally {
      this.run('RELEASE _cf_alter');
    }
  }

  /** The error of a user statement that just failed to prepare, bind or step. */
  userError(): Error {
    const failure = this.connection.failure();
    return this.#guard ? this.#guard.errorOf(failure) : sqliteError(failure);
  }

  trackRun(run: Cancellable): void {
    if (this.#newestRun) setAdd(this.#openRuns, this.#newestRun);
    this.#newestRun = run;
  }

  untrackRun(run: Cancellable): void {
    if (this.#newestRun === run) this.#newestRun = undefined;
    else setDelete(this.#openRuns, run);
  }

  #cancelRuns(why?: Error): void {
    this.#newestRun?.cancel(why);
    setForEach(this.#openRuns, (run) => (run as Cancellable).cancel(why));
  }

  /** Bytes in use, free pages left out; a database without any table is one page. */
  get sizeBytes(): number {
    const pages = this.#readNumber('PRAGMA page_count') - this.#readNumber('PRAGMA freelist_count');
    return mathMax(1, pages) * PAGE_SIZE_BYTES;
  }

  #readNumber(sql: string): number {
    return this.#read(sql, (row) => row.columnNumber(0)) ?? 0;
  }

  /** The first row of one of our own statements. */
  #read<T>(sql: string, take: (row: Statement) => T): T | undefined {
    const statement = this.internal(sql);
    try {
      return this.step(statement) ? take(statement) : undefined;
    } finally {
      statement.reset();
    }
  }

  #connect(): void {
    assert(this.#engine, 'a database is opened with an engine');
    this.#connection = this.#engine.open(this.file);
    this.#guard = new Guard(this.#connection, this.limits);
  }

  #disconnect(): void {
    this.#rowCountsBefore = this.rowCounts;
    this.#connection?.close();
    this.#connection = undefined;
    this.#guard = undefined;
    this.#internal = new NativeMap();
    this.#cached = new NativeMap();
  }
}

function finalize(user: UserStatement): void {
  for (let i = 0; i < user.earlier.length; i++) user.earlier[i]?.statement.finalize();
  user.statement.finalize();
}
