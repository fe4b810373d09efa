/**
 * Turns into commits: all writes of a turn are one transaction, and one record of the log.
 *
 *     IDLE --beforeWrite()--> OPEN --endTurn()--> IDLE         [BEGIN at the first write, COMMIT at the end of the turn]
 *     IDLE --beginExplicit()--> EXPLICIT --commitExplicit(), rollBackExplicit()--> IDLE      [savepoints; turns come and go]
 *       \------------------------\--failure-----> BROKEN       [a refused COMMIT, a lost transaction, a failed append]
 *
 * Promise: commits become durable in their order. Every commit has a number (a generation); a promise for it is settled once, when it is durable or can never be.
 * After a failure nothing is begun or committed any more: the object is to be reset. What was committed before a refused
 * COMMIT becomes durable all the same.
 *
 * Knows nothing of gates, of the log's format, or of what a write is.
 */
import { assert } from '../base/assert.ts';
import { type Deferred, deferred } from '../base/async.ts';
import {
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  NativeMap,
  promiseReject,
  promiseResolve,
  promiseThen,
  regExpExec,
  stringOf,
} from '../base/primordials.ts';
import type { CommitExtras, CommitQueue, StagedCommit } from './commit-queue.ts';
import type { Database } from './database.ts';
import { emptyCommit } from './merged-commit.ts';
import { type LentCommit, type PageCommit, WHOLE_COMMIT_PAGES_MAX } from './pages.ts';

export type { CommitExtras, StagedCommit } from './commit-queue.ts';

export interface CommitterOptions {
  readonly database: Database;
  /** Makes commits durable, in their order; shared by the committers of one log. A rejection breaks the committer. */
  readonly queue: CommitQueue;
  /** The commit as the log has it: called for each, in order. Left out: as it is. */
  readonly place?: (commit: PageCommit | LentCommit) => PageCommit | LentCommit;
  /** called by `deleteAll` when the database is empty, before that is committed */
  readonly onDeleteAll?: () => void;
  /** called at the first write of each turn: somebody must call `endTurn` when the turn is over */
  readonly onWriteBegan: () => void;
  /** called once for each commit that has a write that must be confirmed, with the promise of its durability */
  readonly hold: (durable: Promise<void>) => void;
  /** called once, with the error that user code is to see */
  readonly onFailed: (error: unknown) => void;
  /** The alarm as the database has it; asked at a commit after `touchAlarm`. Left out: what the log says of it is not this database's. */
  readonly readAlarm?: () => number | null;
  /** Why a turn that touched the alarm must not be committed; undefined: it may. Left out: it always may. */
  readonly refuseAlarm?: () => Error | undefined;
}

export interface WriteOptions {
  /** the write does not hold the output gate */
  readonly allowUnconfirmed?: boolean;
}

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'open' } // a transaction is open, its generation is `#staged`
  | { readonly state: 'explicit'; readonly depth: number } // so many savepoints are open; no generation before the commit
  | { readonly state: 'broken'; readonly error: unknown; readonly lastMeant: number }; // commits up to it may yet be durable

const IDLE: State = { state: 'idle' };
const OPEN: State = { state: 'open' };

const CONSTRAINTS =
  'Durable Object was reset and rolled back to its last known good state because the application left the database in a ' +
  'state where constraints were violated: ';
const DELETE_IN_TRANSACTION = 'Cannot call deleteAll() within a transaction';

export class Committer {
  readonly #options: CommitterOptions;
  #state: State = IDLE;
  #staged = 0;
  #durable = 0;
  /** the open transaction has a write that must be confirmed; if it has a generation, the gate holds that already */
  #mustConfirm = false;
  #isAlarmTouched = false;
  #restore: Pick<CommitExtras, 'restoreTo'> | undefined;
  /** commits of ours that are in the queue */
  #queuedCount = 0;
  readonly #waiters = new NativeMap<number, Deferred<void>>();

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** No transaction is open and everything written is durable. */
  get isIdle(): boolean {
    return this.#state.state !== 'explicit' && this.isStored;
  }

  /** Nothing waits to be stored: what an open `transaction()` wrote waits for the program, and not for us. */
  get isStored(): boolean {
    return this.#state.state !== 'open' && this.#queuedCount === 0 && this.#durable === this.#staged;
  }

  /** The turn's transaction is open: what it wrote may still be refused. */
  get isOpen(): boolean {
    return this.#state.state === 'open';
  }

  get isBroken(): boolean {
    return this.#state.state === 'broken';
  }

  /**
   * The number of the newest commit: the one that the open transaction will be, else the last one that was made; 0 before
   * the first write. A message sent now depends on all commits up to this number and on none after.
   */
  get stagedGeneration(): number {
    return this.#staged;
  }

  /** Every commit up to this number is durable; never greater than `stagedGeneration`. */
  get durableGeneration(): number {
    return this.#durable;
  }

  /**
   * Resolves when commit `generation` and all before it are durable; at once when they are.
   * Rejects with what `onFailed` was given when they never will be.
   */
  whenDurable(generation: number): Promise<void> {
    assert(generation <= this.#staged, `commit ${generation} was never begun`);
    if (generation <= this.#durable) return promiseResolve();
    if (this.#state.state === 'broken' && generation > this.#state.lastMeant) return promiseReject(this.#state.error);
    let waiter = mapGet(this.#waiters, generation);
    if (!waiter) {
      waiter = deferred();
      // Whoever asked awaits it; a failure reaches `onFailed` in any case.
      promiseThen(waiter.promise, undefined, () => {});
      mapSet(this.#waiters, generation, waiter);
    }
    return waiter.promise;
  }

  /** Resolves when all writes so far are durable, unconfirmed ones too. */
  sync(): Promise<void> {
    return this.whenDurable(this.#staged);
  }

  /** Resolves when every turn that has ended is durable, or can never be; the open transaction is not waited for. */
  async flush(): Promise<void> {
    // The turn that broke it may have been refused while those before it were still on their way.
    if (this.#state.state === 'broken') await this.#options.queue.settled();
    else await promiseThen(this.whenDurable(this.#finished), undefined, () => {}); // told by onFailed
  }

  /**
   * To be called before each statement that may write: begins the turn's transaction if it has none.
   *
   * @throws what broke the committer, once it is broken
   */
  beforeWrite({ allowUnconfirmed = false }: WriteOptions = {}): void {
    switch (this.#state.state) {
      case 'broken':
        throw this.#state.error;
      case 'idle':
        this.#options.database.run('BEGIN IMMEDIATE');
        this.#begun();
        break;
      case 'open':
      case 'explicit':
        break;
      default:
        this.#state satisfies never;
    }
    this.#confirm(allowUnconfirmed);
  }

  /** To be called after the alarm was written, inside the transaction: the commit will say what it has become. */
  touchAlarm(): void {
    this.#isAlarmTouched = true;
  }

  /** Puts into the commit which state the next session restores; null: none. A roll-back takes it back. */
  stageRestore(restoreTo: number | null): void {
    this.beforeWrite();
    this.#restore = { restoreTo };
  }

  /**
   * Empties the database, at once and for good: what the turn wrote before is dropped, and the emptiness is a commit of
   * its own, which even an `abort()` in the same turn does not take back (as on workerd, measured).
   *
   * @param writeAlarm  writes the alarm that is to stay, if any, into the new database
   * @throws Error inside `transaction()`, with the platform's text
   */
  deleteAll({ writeAlarm }: { readonly writeAlarm: () => void }): void {
    const { database } = this.#options;
    if (this.#state.state === 'explicit') throw new Error(DELETE_IN_TRANSACTION);
    this.beforeWrite();
    database.run('ROLLBACK');
    database.reset();
    this.#options.onDeleteAll?.();
    writeAlarm();
    this.touchAlarm();
    this.#state = IDLE;
    this.#commitPages();
  }

  /**
   * Opens a savepoint that outlives the turn. What the turn wrote before it is committed first, unless the savepoint is
   * inside another one.
   *
   * @throws what broke the committer, once it is broken
   */
  beginExplicit(): void {
    if (this.#state.state === 'open') this.endTurn();
    const state = this.#state;
    if (state.state === 'broken') throw state.error;
    const depth = state.state === 'explicit' ? state.depth : 0;
    this.#options.database.run(`SAVEPOINT ${savepointOf(depth)}`);
    this.#state = { state: 'explicit', depth: depth + 1 };
  }

  /**
   * Ends the innermost savepoint; the outermost one is a commit.
   *
   * @throws Error the platform's internal error when the commit is refused or SQLite has given the transaction up: the
   * committer is broken then, and the object is to be reset with that error
   */
  commitExplicit(): void {
    const depth = this.#mustBeExplicit();
    const { database } = this.#options;
    const refusal = depth === 1 ? this.#refusal : undefined;
    if (refusal) throw this.#break(refusal);
    try {
      database.run(`RELEASE ${savepointOf(depth - 1)}`);
    } catch (error) {
      throw this.#break(database.internalError(error));
    }
    this.#state = depth > 1 ? { state: 'explicit', depth: depth - 1 } : IDLE;
    if (depth === 1) this.#commitExplicitPages();
  }

  /** Undoes what was written since the innermost savepoint, and ends it. @throws as `commitExplicit` */
  rollBackExplicit(): void {
    const depth = this.#mustBeExplicit();
    const { database } = this.#options;
    try {
      database.rollBackTo(savepointOf(depth - 1));
    } catch (error) {
      throw this.#break(database.internalError(error));
    }
    if (depth > 1) {
      this.#state = { state: 'explicit', depth: depth - 1 };
      return;
    }
    this.#state = IDLE;
    this.#mustConfirm = false;
    this.#isAlarmTouched = false;
    this.#restore = undefined;
  }

  /** Ends the turn: commits its transaction, if it wrote, and sends the pages on their way. */
  endTurn(): void {
    if (this.#state.state !== 'open') return;
    const { database } = this.#options;
    if (database.isAutocommit) {
      this.#lostTransaction();
      return;
    }
    const refusal = this.#refusal;
    if (refusal) {
      database.run('ROLLBACK');
      this.#fail(refusal);
      return;
    }
    try {
      database.run('COMMIT');
    } catch (error) {
      this.#refused(error);
      return;
    }
    this.#state = IDLE;
    this.#commitPages();
  }

  /** To be called after a statement failed with `error`: some failures make SQLite roll the whole transaction back. */
  checkTransaction(error: unknown): void {
    const { state } = this.#state;
    // What else ends an explicit transaction is found at its end.
    const isOver = state === 'open' || (state === 'explicit' && isDatabaseFull(error));
    if (isOver && this.#options.database.isAutocommit) this.#lostTransaction(error);
  }

  #begun(): void {
    this.#state = OPEN;
    this.#staged++;
    this.#options.onWriteBegan();
  }

  #confirm(allowUnconfirmed: boolean): void {
    if (this.#mustConfirm || allowUnconfirmed) return;
    this.#mustConfirm = true;
    if (this.#state.state === 'open') this.#options.hold(this.whenDurable(this.#staged));
  }

  /** The generation `#staged` is finished: its pages go to the log, or wait for the append in flight. */
  #commitPages(): void {
    this.#mustConfirm = false;
    const { database, queue, place = asItIs } = this.#options;
    const { file } = database;
    const extras = this.#takeExtras();
    const isLent = queue.isFree && file.dirtyPages > WHOLE_COMMIT_PAGES_MAX;
    const commit = isLent ? file.lendDirty() : file.takeDirty();
    if (commit === undefined && extras === undefined) {
      // It wrote nothing after all, so it is as durable as the commit before it.
      if (this.#queuedCount === 0) this.#advance(this.#staged);
      return;
    }
    this.#enqueue({ ...place(commit ?? emptyCommit(file.pageCount)), ...extras });
  }

  /** An explicit transaction gets its generation now. */
  #commitExplicitPages(): void {
    const mustConfirm = this.#mustConfirm;
    if (!this.#options.database.file.isDirty && !this.#isAlarmTouched && !this.#restore) {
      this.#mustConfirm = false;
      return;
    }
    this.#staged++;
    if (mustConfirm) this.#options.hold(this.whenDurable(this.#staged));
    this.#commitPages();
  }

  get #refusal(): Error | undefined {
    return this.#isAlarmTouched ? this.#options.refuseAlarm?.() : undefined;
  }

  #takeExtras(): CommitExtras | undefined {
    const restore = this.#restore;
    this.#restore = undefined;
    if (!this.#isAlarmTouched) return restore;
    this.#isAlarmTouched = false;
    const { readAlarm } = this.#options;
    return readAlarm ? { ...restore, alarm: readAlarm() } : restore;
  }

  #enqueue(commit: StagedCommit): void {
    const generation = this.#finished;
    this.#queuedCount++;
    this.#options.queue.add(commit, {
      stored: () => this.#stored(generation),
      failed: (error) => this.#fail(error, 0),
    });
  }

  #stored(generation: number): void {
    this.#queuedCount--;
    // Later commits that changed nothing are durable with the last one.
    this.#advance(this.#queuedCount === 0 ? this.#finished : generation);
  }

  /** The newest generation whose transaction has ended. */
  get #finished(): number {
    if (this.#state.state === 'broken') return this.#state.lastMeant;
    return this.#state.state === 'open' ? this.#staged - 1 : this.#staged;
  }

  #advance(generation: number): void {
    this.#durable = generation;
    mapForEach(this.#waiters, (waiter, waited) => {
      if (waited > generation) return;
      mapDelete(this.#waiters, waited);
      waiter.resolve();
    });
  }

  /** COMMIT failed. With a deferred constraint open, the platform has a text for it; anything else is its internal error. */
  #refused(error: unknown): void {
    const { database } = this.#options;
    if (!database.isAutocommit) database.run('ROLLBACK');
    const message = error instanceof Error ? error.message : stringOf(error);
    this.#fail(
      regExpExec(/: SQLITE_CONSTRAINT\b/, message) ? new Error(CONSTRAINTS + message) : database.internalError(error),
    );
  }

  /** `INSERT OR ROLLBACK`, a full disk: SQLite ended the transaction itself, and what the turn wrote before is gone. */
  #lostTransaction(error?: unknown): void {
    // Of a database that is full, by its last row id too, the platform tells the program; anything else is its internal error.
    this.#fail(isDatabaseFull(error) ? error : this.#options.database.internalError(error));
  }

  #fail(error: unknown, lastMeant = this.#finished): void {
    const isFirst = this.#state.state !== 'broken';
    this.#break(error, lastMeant);
    if (isFirst) this.#options.onFailed(error);
  }

  #break<E>(error: E, lastMeant = this.#finished): E {
    this.#state = { state: 'broken', error, lastMeant };
    mapForEach(this.#waiters, (waiter, waited) => {
      if (waited <= lastMeant) return;
      mapDelete(this.#waiters, waited);
      waiter.reject(error);
    });
    return error;
  }

  #mustBeExplicit(): number {
    const state = this.#state;
    if (state.state === 'broken') throw state.error;
    assert(state.state === 'explicit', 'an explicit transaction is open');
    return state.depth;
  }
}

/** A statement's error that ends the object, and is told as it is. */
export function isDatabaseFull(error: unknown): error is Error {
  return error instanceof Error && regExpExec(/: SQLITE_FULL\b/, error.message) !== null;
}

const asItIs = <T>(commit: T): T => commit;

const savepointOf = (depth: number): string => `_cf_savepoint_${depth}`;
