/**
 * One object's open database: a connection, the statements prepared on it, and what is common to SQL and KV.
 *
 * Promise: our own statements run unguarded and user statements guarded, also when SQLite prepares them again in the middle
 * of a step. The connection may be given up between turns (`suspend`) and made again on another engine (`resume`): the
 * pages, and the pragmas that user code has set, stay.
 *
 * Knows nothing of turns: who may begin and commit is the committer's business.
 */
import { assert } from '../base/assert.ts';
import { internalError } from '../base/internal-error.ts';
import { type Random, systemRandom } from '../base/random.ts';
import {
  type Connection,
  type Engine,
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

const COUNT_OWN_NAMES = "SELECT count(*) FROM sqlite_master WHERE lower(substr(name, 1, 4)) = '_cf_'";

/** Something that reads on, and must end when the database is deleted under it. */
export interface Cancellable {
  cancel(): void;
}

/** One user statement that is being run, or is ready to be. */
export interface UserStatement {
  readonly statement: Statement;
  /** the text under which it goes back to the cache; undefined = never cached */
  readonly text: string | undefined;
  readonly isAlter: boolean;
  isInUse: boolean;
  columnNames: readonly string[] | undefined;
  /** the schema for which the names were read */
  schema: number;
}

export interface DatabaseOptions {
  readonly engine: Engine;
  readonly file: PageFile;
  readonly limits: StorageLimits;
  /** for the references of internal errors; default: the platform's */
  readonly random?: Random;
}

export class Database {
  readonly file: PageFile;
  readonly limits: StorageLimits;
  readonly #random: Random;
  #engine: Engine;
  #connection: Connection | undefined;
  #guard: Guard | undefined;
  #internal = new Map<string, Statement>();
  /** user statements by text, oldest first; one that is in use is never evicted */
  #cached = new Map<string, UserStatement>();
  /** what must be done when the database is deleted under open cursors */
  readonly #openRuns = new Set<Cancellable>();
  /** the newest of them: most end before the next begins, and never enter the set */
  #newestRun: Cancellable | undefined;
  #schema = 0;
  #sticky: string[] = [];

  constructor({ engine, file, limits, random = systemRandom() }: DatabaseOptions) {
    this.file = file;
    this.limits = limits;
    this.#random = random;
    this.#engine = engine;
    this.#connect();
  }

  /** True when `suspend` may be called: no cursor is open and no transaction. */
  get canSuspend(): boolean {
    return this.#connection?.isAutocommit === true && !this.#newestRun && this.#openRuns.size === 0;
  }

  get isSuspended(): boolean {
    return this.#connection === undefined;
  }

  /** Changes whenever tables or columns may have changed. */
  get schema(): number {
    return this.#schema;
  }

  get isAutocommit(): boolean {
    return this.connection.isAutocommit;
  }

  get connection(): Connection {
    assert(this.#connection, 'the database is suspended');
    return this.#connection;
  }

  /** Gives the engine up; the pages stay. */
  suspend(): void {
    assert(this.canSuspend, 'a cursor or a transaction is open');
    this.#sticky = STICKY_PRAGMAS.map((name) => `PRAGMA ${name} = ${this.#readNumber(`PRAGMA ${name}`)}`);
    this.#disconnect();
  }

  resume(engine: Engine): void {
    assert(this.#connection === undefined, 'the database is open');
    this.#engine = engine;
    this.#connect();
    for (const sql of this.#sticky) this.run(sql);
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
    let statement = this.#internal.get(sql);
    if (!statement) {
      statement = this.prepareOwn(sql);
      this.#internal.set(sql, statement);
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
    const cached = this.#cached.get(text);
    if (!cached || cached.isInUse) return undefined;
    cached.isInUse = true;
    return cached;
  }

  /** Takes a user statement back: reset and kept for its text, or finalized. Its bindings stay until the next are bound. */
  giveBack(user: UserStatement): void {
    user.statement.reset();
    user.isInUse = false;
    if (user.text === undefined) {
      user.statement.finalize();
      return;
    }
    const cached = this.#cached.get(user.text);
    if (cached === user) return;
    if (cached) user.statement.finalize();
    else this.#keep(user.text, user);
  }

  #keep(text: string, user: UserStatement): void {
    this.#cached.set(text, user);
    if (this.#cached.size <= CACHED_STATEMENTS_MAX) return;
    for (const [oldText, old] of this.#cached) {
      if (old.isInUse) continue;
      this.#cached.delete(oldText);
      old.statement.finalize();
      return;
    }
  }

  /**
   * Prepares the next statement of a user's text under guard; undefined when only white space and comments are left.
   *
   * @param cacheAs the text under which the statement is kept after use; undefined when it must not be
   * @throws Error with the platform's text
   */
  prepareUser(text: SqlText, cacheAs: () => string | undefined): UserStatement | undefined {
    const { connection } = this;
    connection.isGuarded = true;
    const { code, statement } = connection.prepare(text);
    connection.isGuarded = false;
    const isAlter = this.#guard?.takeAlter() ?? false;
    if (code !== SQLITE_OK) throw this.userError();
    return statement && { statement, isAlter, text: cacheAs(), isInUse: true, columnNames: undefined, schema: 0 };
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
    if (this.#newestRun) this.#openRuns.add(this.#newestRun);
    this.#newestRun = run;
  }

  untrackRun(run: Cancellable): void {
    if (this.#newestRun === run) this.#newestRun = undefined;
    else this.#openRuns.delete(run);
  }

  #cancelRuns(): void {
    this.#newestRun?.cancel();
    for (const run of [...this.#openRuns]) run.cancel();
  }

  /** Bytes in use, free pages left out; a database without any table is one page. */
  get sizeBytes(): number {
    const pages = this.#readNumber('PRAGMA page_count') - this.#readNumber('PRAGMA freelist_count');
    return Math.max(1, pages) * PAGE_SIZE_BYTES;
  }

  #readNumber(sql: string): number {
    const statement = this.internal(sql);
    try {
      return this.step(statement) ? statement.columnNumber(0) : 0;
    } finally {
      statement.reset();
    }
  }

  #connect(): void {
    this.#connection = this.#engine.open(this.file);
    this.#guard = new Guard(this.#connection, this.limits);
  }

  #disconnect(): void {
    this.connection.close();
    this.#connection = undefined;
    this.#guard = undefined;
    this.#internal = new Map();
    this.#cached = new Map();
  }
}
