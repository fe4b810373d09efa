/**
 * Turns into commits: all writes of a turn are one transaction, and one record of the log.
 *
 *     IDLE --beforeWrite()--> OPEN --endTurn()--> IDLE         [BEGIN at the first write, COMMIT at the end of the turn]
 *       \------------------------\--failure-----> BROKEN       [a refused COMMIT, a lost transaction, a failed append]
 *
 * Promise: commits become durable in their order; at most one append is in flight, and what turns commit meanwhile merges into
 * the next. Every commit has a number (a generation); a promise for it is settled once, when it is durable or can never be.
 * After a failure nothing is begun, committed or appended any more: the object is to be reset.
 *
 * Knows nothing of gates, of the log's format, or of what a write is.
 */
import { assert } from '../base/assert.ts';
import { type Deferred, deferred } from '../base/async.ts';
import type { Database } from './database.ts';
import type { Engine } from './engine.ts';
import { PAGE_SIZE_BYTES, type PageCommit } from './pages.ts';

/** What is handed to the log. `alarm`: milliseconds since 1970, null clears it, left out leaves it. */
export interface StagedCommit extends PageCommit {
  readonly alarm?: number | null;
}

export interface CommitterOptions {
  readonly database: Database;
  /** Makes a commit durable. A rejection breaks the committer. */
  readonly append: (commit: StagedCommit) => Promise<unknown>;
  /** called at the first write of each turn: somebody must call `endTurn` when the turn is over */
  readonly onWriteBegan: () => void;
  /** called once for each commit that has a write that must be confirmed, with the promise of its durability */
  readonly hold: (durable: Promise<void>) => void;
  /** called once, with the error that user code is to see */
  readonly onFailed: (error: unknown) => void;
}

export interface WriteOptions {
  /** the write does not hold the output gate */
  readonly allowUnconfirmed?: boolean;
}

type State =
  | { readonly state: 'idle' }
  | { readonly state: 'open' } // a transaction is open, its generation is `#staged`
  | { readonly state: 'broken'; readonly error: unknown };

const IDLE: State = { state: 'idle' };
const OPEN: State = { state: 'open' };

const CONSTRAINTS =
  'Durable Object was reset and rolled back to its last known good state because the application left the database in a ' +
  'state where constraints were violated: ';

export class Committer {
  readonly #options: CommitterOptions;
  #state: State = IDLE;
  #staged = 0;
  #durable = 0;
  #isHeld = false;
  /** commits made while an append is in flight */
  readonly #waiting = new MergedCommit();
  #waitingAlarm: { readonly alarm: number | null } | undefined;
  #turnAlarm: { readonly alarm: number | null } | undefined;
  /** the newest generation that the append in flight carries */
  #inFlight: number | undefined;
  readonly #waiters = new Map<number, Deferred<void>>();

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** No transaction is open and everything written is durable. */
  get isIdle(): boolean {
    return this.#state.state !== 'open' && this.#inFlight === undefined && this.#durable === this.#staged;
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
    if (generation <= this.#durable) return Promise.resolve();
    if (this.#state.state === 'broken') return Promise.reject(this.#state.error);
    let waiter = this.#waiters.get(generation);
    if (!waiter) {
      waiter = deferred();
      // Whoever asked awaits it; a failure reaches `onFailed` in any case.
      waiter.promise.catch(() => {});
      this.#waiters.set(generation, waiter);
    }
    return waiter.promise;
  }

  /** Resolves when all writes so far are durable, unconfirmed ones too. */
  sync(): Promise<void> {
    return this.whenDurable(this.#staged);
  }

  /** Resolves when every turn that has ended is durable, or can never be; the open transaction is not waited for. */
  async flush(): Promise<void> {
    if (this.#state.state === 'broken') return;
    await this.whenDurable(this.#state.state === 'open' ? this.#staged - 1 : this.#staged).catch(() => {}); // told by onFailed
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
        break;
      default:
        this.#state satisfies never;
    }
    this.#confirm(allowUnconfirmed);
  }

  /** Puts an alarm into the turn's commit, beside its pages. */
  stageAlarm(alarm: number | null, options: WriteOptions = {}): void {
    this.beforeWrite(options);
    this.#turnAlarm = { alarm };
  }

  /**
   * Empties the database. What the turn wrote before is dropped with it; the emptiness is the turn's commit.
   *
   * @param engine the engine on which the empty database is opened
   */
  deleteAll(engine: Engine): void {
    const { database } = this.#options;
    this.beforeWrite();
    database.run('ROLLBACK');
    database.reset(engine);
    database.run('BEGIN IMMEDIATE');
  }

  /** Ends the turn: commits its transaction, if it wrote, and sends the pages on their way. */
  endTurn(): void {
    if (this.#state.state !== 'open') return;
    const { database } = this.#options;
    if (database.isAutocommit) {
      this.#lostTransaction();
      return;
    }
    try {
      database.run('COMMIT');
    } catch (error) {
      this.#refused(error);
      return;
    }
    this.#state = IDLE;
    this.#isHeld = false;
    const commit = database.file.takeDirty();
    const alarm = this.#turnAlarm;
    this.#turnAlarm = undefined;
    if (commit === undefined && alarm === undefined) {
      // It wrote nothing after all, so it is as durable as the commit before it.
      if (this.#inFlight === undefined) this.#advance(this.#staged);
      return;
    }
    if (this.#inFlight === undefined) {
      this.#append(commit ?? emptyCommit(database.file.pageCount), alarm);
      return;
    }
    this.#waiting.add(commit ?? emptyCommit(database.file.pageCount));
    this.#waitingAlarm = alarm ?? this.#waitingAlarm;
  }

  /** To be called after a statement failed: some failures make SQLite roll the whole transaction back. */
  checkTransaction(): void {
    if (this.#state.state === 'open' && this.#options.database.isAutocommit) this.#lostTransaction();
  }

  #begun(): void {
    this.#state = OPEN;
    this.#staged++;
    this.#options.onWriteBegan();
  }

  #confirm(allowUnconfirmed: boolean): void {
    if (this.#isHeld || allowUnconfirmed) return;
    this.#isHeld = true;
    this.#options.hold(this.whenDurable(this.#staged));
  }

  #append(commit: PageCommit, alarm: { readonly alarm: number | null } | undefined): void {
    const generation = this.#state.state === 'open' ? this.#staged - 1 : this.#staged;
    this.#inFlight = generation;
    this.#options.append(alarm ? { ...commit, ...alarm } : commit).then(
      () => this.#appended(generation),
      (error: unknown) => this.#fail(error),
    );
  }

  #appended(generation: number): void {
    if (this.#state.state === 'broken') return;
    this.#inFlight = undefined;
    const waiting = this.#waiting.take();
    if (waiting) {
      const alarm = this.#waitingAlarm;
      this.#waitingAlarm = undefined;
      this.#append(waiting, alarm);
      this.#advance(generation);
      return;
    }
    // Later commits that changed nothing are durable with this one.
    this.#advance(this.#state.state === 'open' ? this.#staged - 1 : this.#staged);
  }

  #advance(generation: number): void {
    this.#durable = generation;
    for (const [waited, waiter] of this.#waiters) {
      if (waited > generation) continue;
      this.#waiters.delete(waited);
      waiter.resolve();
    }
  }

  /** COMMIT failed. With a deferred constraint open, the platform has a text for it; anything else is its internal error. */
  #refused(error: unknown): void {
    const { database } = this.#options;
    if (!database.isAutocommit) database.run('ROLLBACK');
    const message = error instanceof Error ? error.message : String(error);
    this.#fail(
      /: SQLITE_CONSTRAINT\b/.test(message)
        ? new Error(CONSTRAINTS + message)
        : new Error('internal error', { cause: error }),
    );
  }

  /** `INSERT OR ROLLBACK`, a full disk: SQLite ended the transaction itself, and what the turn wrote before is gone. */
  #lostTransaction(): void {
    this.#fail(new Error('internal error'));
  }

  #fail(error: unknown): void {
    if (this.#state.state === 'broken') return;
    this.#state = { state: 'broken', error };
    this.#inFlight = undefined;
    for (const waiter of this.#waiters.values()) waiter.reject(error);
    this.#waiters.clear();
    this.#options.onFailed(error);
  }
}

function emptyCommit(pageCount: number): PageCommit {
  return { pages: { numbers: new Uint32Array(0), bytes: new Uint8Array(0) }, pageCount };
}

/** Several commits as one: of each page the newest bytes, pages beyond a later end left out. */
class MergedCommit {
  readonly #pages = new Map<number, Uint8Array>();
  #pageCount: number | undefined;
  /** the first commit alone needs no merging */
  #single: PageCommit | undefined;

  add(commit: PageCommit): void {
    if (this.#pageCount === undefined) {
      this.#single = commit;
      this.#pageCount = commit.pageCount;
      return;
    }
    if (this.#single) this.#merge(this.#single);
    this.#single = undefined;
    this.#merge(commit);
  }

  take(): PageCommit | undefined {
    const pageCount = this.#pageCount;
    if (pageCount === undefined) return undefined;
    const single = this.#single;
    this.#single = undefined;
    this.#pageCount = undefined;
    if (single) return single;
    const numbers = Uint32Array.from(this.#pages.keys()).sort();
    const bytes = new Uint8Array(numbers.length * PAGE_SIZE_BYTES);
    numbers.forEach((number, i) => {
      const page = this.#pages.get(number);
      if (page) bytes.set(page, i * PAGE_SIZE_BYTES);
    });
    this.#pages.clear();
    return { pages: { numbers, bytes }, pageCount };
  }

  #merge({ pages, pageCount }: PageCommit): void {
    if (this.#pageCount !== undefined && pageCount < this.#pageCount) {
      for (const number of this.#pages.keys()) if (number > pageCount) this.#pages.delete(number);
    }
    this.#pageCount = pageCount;
    pages.numbers.forEach((number, i) => {
      const bytes = pages.bytes.subarray(i * PAGE_SIZE_BYTES, (i + 1) * PAGE_SIZE_BYTES);
      const held = this.#pages.get(number);
      if (held) held.set(bytes);
      else this.#pages.set(number, bytes);
    });
  }
}
