/**
 * One object's storage as a log of commits.
 *
 * Promise: a commit is all or nothing, and happens only under the epoch that this log opened. Two logs of one object may
 * exist for a moment (a tab that is dying, a tab that took over); the older one's next commit fails with `fenced` and it
 * never writes again. What a commit costs follows the pages it dirtied, never the size of the database.
 *
 *     open() --> OPEN --append()--> OPEN            [append, checkpointIfDue]
 *                 |  \--fenced, quota, storage_failed--> FAILED    [append, checkpointIfDue]
 *                 \--close()--> CLOSED              [close]
 *
 * FAILED is final: the same error again for each later append. The object resets and opens its log anew.
 * Knows nothing of SQL, and of turns only that their commits come one at a time: whoever commits merges later
 * turns into the next commit while one is in flight.
 */
import { assert, must } from '../base/assert.ts';
import { type Deferred, deferred } from '../base/async.ts';
import { isSimulatorError, SimulatorError } from '../base/errors.ts';
import { each, sumOf } from '../base/lists.ts';
import { mathMax, objectHasOwn, promiseResolve, promiseThen, typedArrayLength } from '../base/primordials.ts';
import type { Epoch } from '../protocol/names.ts';
import { type AlarmNotes, appendWithAlarm } from './alarm-index.ts';
import { type Breathe, collect, type FoldContext, fold, sizeOf } from './log-checkpoint.ts';
import { readDifference } from './log-restore.ts';
import { NO_HISTORY, RETENTION, type Retention, retain } from './log-retention.ts';
import { type CommitPages, pagesOf, stage } from './log-staging.ts';
import { readState, type StoredState } from './log-state.ts';
import { LogTail } from './log-tail.ts';
import {
  type Base,
  type Durability,
  FIRST_PAGES,
  type LogRecord,
  type ObjectStore,
  type StoreHead,
} from './object-store.ts';
import { isLent, type LentCommit, PAGE_SIZE_BYTES, type PageCommit, WHOLE_COMMIT_PAGES_MAX } from './pages.ts';

export interface LogOptions {
  readonly store: ObjectStore;
  /** milliseconds since 1970, of the account's clock: bookmarks are looked up by it */
  readonly now: () => number;
  /** default `relaxed` */
  readonly durability?: Durability;
  /** hears what the alarm will be or has become; nobody if left out */
  readonly alarms?: AlarmNotes;
  /** how much of the past stays readable; default `RETENTION` */
  readonly retention?: Retention;
  /** how long the tail may grow over a base of so many bytes; default `tailBytesMax` */
  readonly tailBytesMax?: (baseBytes: number) => number;
  /** a commit of more pages is staged; default `WHOLE_COMMIT_PAGES_MAX`, at least `FIRST_PAGES` */
  readonly wholePagesMax?: number;
}

export interface OpenedLog {
  readonly log: ObjectLog;
  /** all pages, to be put into an empty `PageFile` by `fill` */
  readonly state: StoredState;
  readonly pageCount: number;
  readonly alarm: number | null;
}

export type LogCommit = (PageCommit | LentCommit) & {
  /** milliseconds since 1970; null clears; left out: as before */
  readonly alarm?: number | null;
  /** sequence of the state that the next opening restores; null: none after all; left out: as before */
  readonly restoreTo?: number | null;
};

/**
 * When to fold. Below 1 MiB a fold costs more than reading the tail again at the next open; beyond, the tail may grow to an
 * eighth of the base, so that an open reads at most so much more than the database, and scattered one-page commits,
 * each of which folds a whole cell, share their cells.
 */
export function tailBytesMax(baseBytes: number): number {
  return mathMax(1024 * 1024, baseBytes / 8);
}

type State =
  | { readonly state: 'open' }
  | { readonly state: 'failed'; readonly error: unknown }
  | { readonly state: 'closed' };

export class ObjectLog {
  readonly epoch: Epoch;
  readonly #store: ObjectStore;
  readonly #now: () => number;
  readonly #alarms: AlarmNotes | undefined;
  readonly #tailBytesMax: (baseBytes: number) => number;
  readonly #wholePagesMax: number;
  #state: State = { state: 'open' };
  #head: number;
  #timeMs: number;
  #alarm: number | null;
  #restoreTo: number | null;
  #base: Base;
  readonly #retention: Retention;
  /** of the base that was last decided on, be it written or not */
  #floor: number;
  /** a state that must stay readable */
  #pinned: number | undefined;
  /** the base before this one: groups that it already had are cold now */
  #coolBefore = 0;
  /** where an earlier log may have staged a record that never came: our fence took its place */
  #leftover: number | undefined;
  /** the records after the base; while it is moved, those that come after the new one */
  #tail: LogTail;
  /** of all records after the base */
  #tailBytes = 0;
  /** a checkpoint that found no room waits until the tail is this long */
  #postponedToBytes = 0;
  #appending: Promise<unknown> | undefined;
  #checkpointing: Promise<void> | undefined;
  #isPaused = false;
  /** settles when a commit that found no room asks the checkpoint to stop; it waits for us, so we must not for it */
  #pauseAsked: Deferred<void> = deferred();

  /**
   * Opens the object's log under a new epoch, and so fences every older one. A restore that was asked for happens first.
   *
   * @throws SimulatorError `fenced` when a still newer log opened meanwhile; `quota`, `storage_failed`, `storage_damaged`
   */
  static async open(options: LogOptions): Promise<OpenedLog> {
    const { store, now, durability = 'relaxed' } = options;
    const opened = await store.openForWriting({ timeMs: now(), durability });
    const log = new ObjectLog(options, opened);
    const head = opened.restoreTo === null ? opened : await log.#restore(opened, opened.restoreTo);
    const state = head.epoch === log.epoch ? await readState(store, head) : undefined;
    if (!state) throw new SimulatorError('fenced', 'A newer instance of this object opened its storage.');
    log.#tail = new LogTail(head.base);
    each(state.records, (record) => log.#tail.add(record));
    if (state.last?.kind === 'fence') log.#tail.add(state.last);
    log.#tailBytes = sumOf(state.records, sizeOf);
    return { log, state, pageCount: head.pageCount, alarm: head.alarm };
  }

  private constructor(options: LogOptions, head: StoreHead) {
    this.epoch = head.epoch;
    this.#store = options.store;
    this.#now = options.now;
    this.#alarms = options.alarms;
    this.#tailBytesMax = options.tailBytesMax ?? tailBytesMax;
    this.#retention = options.retention ?? RETENTION;
    this.#wholePagesMax = options.wholePagesMax ?? WHOLE_COMMIT_PAGES_MAX;
    this.#leftover = head.sequence;
    this.#head = head.sequence;
    this.#timeMs = head.timeMs;
    this.#alarm = head.alarm;
    this.#restoreTo = head.restoreTo;
    this.#base = head.base;
    this.#tail = new LogTail(head.base);
    this.#floor = head.base.floor;
    this.#pinned = head.restoreTo ?? undefined;
  }

  /** Sequence of the newest record: the bookmark of the present. */
  get head(): number {
    return this.#head;
  }

  get alarm(): number | null {
    return this.#alarm;
  }

  /**
   * Keeps the state at `sequence` readable until this log ends, or another is pinned.
   *
   * @returns false when it is given up already
   */
  pin(sequence: number): boolean {
    if (sequence < this.#floor || sequence > this.#head) return false;
    this.#pinned = sequence;
    return true;
  }

  /**
   * Commits pages as one atomic, durable step. One at a time.
   *
   * A large one is staged first, in several transactions; it is there when its record is, as any other.
   *
   * @param commit pages are not kept, and must not change until the promise settles; lent ones are given back then
   * @throws SimulatorError `fenced` when a newer epoch exists; `quota` when the origin's storage is full even without
   * history; `storage_failed`; `closed`. Nothing was committed, and nothing ever will be by this log.
   */
  async append(commit: LogCommit): Promise<void> {
    this.#mustBeOpen();
    assert(!this.#appending, 'one append at a time: later turns merge into the next commit');
    const pages = pagesOf(commit);
    const { numbers } = pages;
    const count = typedArrayLength(numbers);
    const isStaged = count > this.#wholePagesMax;
    const record: LogRecord = {
      kind: 'commit',
      sequence: this.#head + 1,
      epoch: this.epoch,
      timeMs: mathMax(this.#timeMs, this.#now()),
      pageCount: commit.pageCount,
      alarm: said(commit, 'alarm', this.#alarm),
      restoreTo: said(commit, 'restoreTo', this.#restoreTo),
      numbers,
      bytes: pages.read(0, isStaged ? FIRST_PAGES : count),
    };
    const appending = this.#appendNoted(record, isStaged ? pages : undefined);
    this.#appending = appending;
    try {
      await appending;
    } catch (error) {
      throw this.#fail(error);
    } finally {
      this.#appending = undefined;
      if (isLent(commit)) commit.lent.end();
    }
    this.#head = record.sequence;
    this.#timeMs = record.timeMs;
    this.#alarm = record.alarm;
    this.#restoreTo = record.restoreTo;
    this.#tail.add(record);
    this.#tailBytes += sizeOf(record);
  }

  /** True when the tail is long enough to fold, or something folded waits to be deleted. */
  get isCheckpointDue(): boolean {
    return (
      this.#tailBytes >= mathMax(this.#dueBytes, this.#postponedToBytes) || this.#base.collectedTo < this.#base.floor
    );
  }

  /**
   * Folds the tail into the base if that is due, in small steps between which commits go first.
   *
   * Resolves when done, at once when nothing is due; joins a checkpoint that is under way. Finding no room is no failure:
   * the tail stays and the next attempt waits until it has doubled.
   *
   * @throws SimulatorError `fenced` (the log has then failed) or `storage_failed` (it has not: the tail still holds all)
   */
  checkpointIfDue(): Promise<void> {
    if (this.#state.state !== 'open' || this.#isPaused) return promiseResolve();
    if (!this.#checkpointing) {
      if (!this.isCheckpointDue) return promiseResolve();
      this.#checkpointing = this.#checkpoint();
    }
    return this.#checkpointing;
  }

  /** Lets a commit and a checkpoint's current step finish, then ends the log and its store. */
  async close(): Promise<void> {
    if (this.#state.state === 'closed') return;
    this.#state = { state: 'closed' };
    await settledOf(this.#appending);
    await settledOf(this.#checkpointing);
    await this.#store.close();
  }

  #appendNoted(record: LogRecord, rest: CommitPages | undefined): Promise<void> {
    const append = () => this.#appendOrMakeRoom(record, rest);
    const { alarm, sequence } = record;
    if (!this.#alarms) return append();
    return appendWithAlarm(this.#alarms, { before: this.#alarm, after: alarm, sequence }, append);
  }

  async #appendOrMakeRoom(record: LogRecord, rest: CommitPages | undefined): Promise<void> {
    const store = this.#store;
    const append = async () => {
      if (rest) await stage(store, record, rest);
      await store.append(record);
    };
    try {
      await append();
    } catch (error) {
      if (!isSimulatorError(error, 'quota')) throw error;
      await this.#dropHistory();
      try {
        await append();
      } catch (again) {
        // What was staged would fill the disk for good. If this fails too, the next log does it.
        if (rest) await promiseThen(store.unstage(record), undefined, ignoreOperating);
        throw again;
      }
    }
  }

  async #sweep(): Promise<void> {
    if (this.#leftover === undefined) return;
    await this.#store.unstage({ epoch: this.epoch, sequence: this.#leftover });
    this.#leftover = undefined;
  }

  /**
   * Makes the state at `target` the present one, by a commit like any other: so it is undone like any other, and until it is
   * written the restore is still to be done.
   */
  async #restore(head: StoreHead, target: number): Promise<StoreHead> {
    await this.append({ ...(await readDifference(this.#store, head, target)), restoreTo: null });
    this.#pinned = undefined;
    return must(await this.#store.readHead(), 'the head of an opened log');
  }

  /** Everything that is not the present state goes; a checkpoint under way is given up first. */
  async #dropHistory(): Promise<void> {
    this.#isPaused = true;
    this.#pauseAsked.resolve();
    try {
      const checkpointing = this.#checkpointing;
      if (checkpointing) await promiseThen(checkpointing, undefined, ignoreOperating);
      await this.#forget(async () => true);
    } catch (error) {
      // No room even to delete: the retry that follows says so.
      if (!isSimulatorError(error, 'quota')) throw error;
    } finally {
      this.#isPaused = false;
      this.#pauseAsked = deferred();
    }
  }

  /** Gives up every earlier state but a pinned one, and deletes what only they needed. */
  async #forget(breathe: Breathe): Promise<void> {
    const context = this.#foldContext(breathe, (base) => base);
    await this.#sweep();
    // What nobody reads goes first: on a full disk it makes the room in which to note what else may go.
    this.#base = await collect(context, this.#base, NEVER_COOL);
    const base = this.#retain(this.#base, NO_HISTORY);
    if (base.floor === this.#base.floor || !(await breathe())) return;
    await this.#store.writeBase({ epoch: this.epoch, base });
    this.#base = base;
    this.#base = await collect(context, this.#base, NEVER_COOL);
  }

  #foldContext(breathe: Breathe, retain: FoldContext['retain']): FoldContext {
    return { store: this.#store, epoch: this.epoch, breathe, wholePagesMax: this.#wholePagesMax, retain };
  }

  #retain(base: Base, retention: Retention): Base {
    const retained = retain(base, retention, this.#now(), this.#pinned);
    this.#floor = mathMax(this.#floor, retained.floor);
    return retained;
  }

  async #checkpoint(): Promise<void> {
    const context = this.#foldContext(
      () => this.#breathe(),
      (base) => this.#retain(base, this.#retention),
    );
    try {
      await this.#sweep();
      // A due collection alone does not fold.
      if (this.#base.collectedTo === this.#base.floor) {
        const previous = this.#base.sequence;
        if (!(await this.#fold(context))) return;
        this.#coolBefore = previous;
        this.#postponedToBytes = 0;
      }
      this.#base = await collect(context, this.#base, this.#coolBefore);
    } catch (error) {
      if (isSimulatorError(error, 'fenced')) throw this.#fail(error);
      if (!isSimulatorError(error, 'quota')) throw error;
      await this.#onCheckpointFull();
    } finally {
      this.#checkpointing = undefined;
    }
  }

  /** @returns false when asked to stop; then, and when it throws, everything is as before */
  async #fold(context: FoldContext): Promise<boolean> {
    const tail = this.#tail;
    const recordBytes = this.#tailBytes;
    this.#tail = new LogTail(tail.after);
    let base: Base | undefined;
    try {
      base = await fold(context, this.#base, { tail, recordBytes });
    } finally {
      if (!base) {
        tail.extend(this.#tail);
        this.#tail = tail;
      }
    }
    if (!base) return false;
    this.#base = base;
    this.#tailBytes -= recordBytes;
    return true;
  }

  /** History goes first: then the next attempt has its room. With none left the tail must wait. */
  async #onCheckpointFull(): Promise<void> {
    const { floor } = this.#base;
    try {
      await this.#forget(() => this.#breathe());
    } catch (error) {
      if (isSimulatorError(error, 'fenced')) throw this.#fail(error);
      if (!isSimulatorError(error, 'quota')) throw error;
    }
    if (this.#base.floor === floor) this.#postponedToBytes = 2 * this.#tailBytes;
  }

  get #dueBytes(): number {
    return this.#tailBytesMax(this.#base.pageCount * PAGE_SIZE_BYTES);
  }

  /**
   * Before each step of a checkpoint: the commit in flight goes first, but not the one after it, or an object that always
   * commits would never fold. Where the tail has grown twice too long nevertheless, steps no longer wait.
   */
  async #breathe(): Promise<boolean> {
    if (this.#appending && !this.#isPaused && this.#tailBytes < 2 * this.#dueBytes) {
      const mayGoOn = deferred();
      const goOn = () => mayGoOn.resolve();
      void promiseThen(this.#appending, goOn, goOn);
      void promiseThen(this.#pauseAsked.promise, goOn);
      await mayGoOn.promise;
    }
    return this.#state.state === 'open' && !this.#isPaused;
  }

  #fail(error: unknown): unknown {
    if (this.#state.state === 'open') this.#state = { state: 'failed', error };
    return error;
  }

  #mustBeOpen(): void {
    const state = this.#state;
    switch (state.state) {
      case 'open':
        return;
      case 'failed':
        throw state.error;
      case 'closed':
        throw new SimulatorError('closed', "The object's storage is closed; open it again.");
      default:
        state satisfies never;
    }
  }
}

const NEVER_COOL = -1;

/** What a commit says itself, not what a program has put on the prototype of all objects. */
function said(commit: LogCommit, what: 'alarm' | 'restoreTo', before: number | null): number | null {
  const own = objectHasOwn(commit, what) ? commit[what] : undefined;
  return own === undefined ? before : own;
}

/** Resolves when it is settled; who made it hears how. */
async function settledOf(promise: Promise<unknown> | undefined): Promise<void> {
  if (promise) await promiseThen(promise, undefined, () => {});
}

/** @throws what is a bug */
function ignoreOperating(error: unknown): void {
  if (!isSimulatorError(error)) throw error;
}
