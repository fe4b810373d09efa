/**
 * The commits of one log, of whichever of its databases, on their way to it.
 *
 * Promise: they become durable in the order in which they were added; at most one append is in flight, and what is added
 * meanwhile merges into the next. Whoever added a commit hears of it once.
 *
 * Knows nothing of turns, of gates, or of the log's format.
 */
import { type Deferred, deferred } from '../base/async.ts';
import { promiseResolve, promiseThen, typedArrayLength } from '../base/primordials.ts';
import { MergedCommit } from './merged-commit.ts';
import { isLent, type LentCommit, type PageCommit } from './pages.ts';

/** What a commit says beside its pages. */
export interface CommitExtras {
  /** milliseconds since 1970, null clears it, left out leaves it */
  readonly alarm?: number | null;
  /** sequence of the state that the next session restores, null takes that back, left out leaves it */
  readonly restoreTo?: number | null;
}

/** What is handed to the log. */
export type StagedCommit = (PageCommit | LentCommit) & CommitExtras;

/** Whoever waits for a commit. */
export interface CommitHearer {
  stored(): void;
  failed(error: unknown): void;
}

export class CommitQueue {
  /** Makes a commit durable. After a rejection it rejects every further one. */
  readonly #append: (commit: StagedCommit) => Promise<unknown>;
  #isAppending = false;
  /** commits added while an append is in flight */
  readonly #waiting = new MergedCommit();
  #waitingExtras: CommitExtras = {};
  #hearers: CommitHearer[] = [];
  /** somebody waits for the last of them */
  #settled: Deferred<void> | undefined;

  constructor(append: (commit: StagedCommit) => Promise<unknown>) {
    this.#append = append;
  }

  /** What is added now is appended at once, and may be lent. */
  get isFree(): boolean {
    return !this.#isAppending;
  }

  /** Resolves when nothing is on its way any more: all of it is durable, or can never be. */
  settled(): Promise<void> {
    if (!this.#isAppending) return promiseResolve();
    this.#settled ??= deferred();
    return this.#settled.promise;
  }

  add(commit: StagedCommit, hearer: CommitHearer): void {
    if (!this.#isAppending) {
      this.#begin(commit, [hearer]);
      return;
    }
    const { pages, pageCount, ...extras } = whole(commit);
    this.#waiting.add({ pages, pageCount });
    this.#waitingExtras = { ...this.#waitingExtras, ...extras };
    this.#hearers[this.#hearers.length] = hearer;
  }

  #begin(commit: StagedCommit, hearers: readonly CommitHearer[]): void {
    this.#isAppending = true;
    promiseThen(
      this.#append(commit),
      () => {
        this.#isAppending = false;
        this.#beginNext();
        for (let i = 0; i < hearers.length; i++) (hearers[i] as CommitHearer).stored();
        this.#settleIfDone();
      },
      (error: unknown) => {
        this.#isAppending = false;
        const waiting = this.#hearers;
        this.#hearers = [];
        for (let i = 0; i < hearers.length; i++) (hearers[i] as CommitHearer).failed(error);
        for (let i = 0; i < waiting.length; i++) (waiting[i] as CommitHearer).failed(error);
        this.#settleIfDone();
      },
    );
  }

  #settleIfDone(): void {
    if (this.#isAppending) return;
    this.#settled?.resolve();
    this.#settled = undefined;
  }

  #beginNext(): void {
    const commit = this.#waiting.take();
    if (!commit) return;
    const hearers = this.#hearers;
    const extras = this.#waitingExtras;
    this.#hearers = [];
    this.#waitingExtras = {};
    this.#begin({ ...commit, ...extras }, hearers);
  }
}

/** A lent commit that has to wait is copied: what it was lent may change meanwhile. */
function whole(commit: StagedCommit): Exclude<StagedCommit, { lent: unknown }> {
  if (!isLent(commit)) return commit;
  const { lent, ...rest } = commit;
  const bytes = lent.read(0, typedArrayLength(lent.numbers));
  lent.end();
  return { ...rest, pages: { numbers: lent.numbers, bytes } };
}
