/**
 * What the two halves of the crash test say to each other: what node orders, and what it is told of it.
 *
 * Promise: plain data; it says nothing of browsers.
 */

/** What a lane does, over and over. */
export type Work =
  | 'commits'
  /** a commit, then the object is evicted: the next call opens it */
  | 'reopening'
  /**
   * commits and bookmarks; then a restore is asked for, with a few more commits until `abort()`, or with one before and
   * `abort()` at once, in the same call; the next session restores and counts on
   */
  | 'restoring';

export interface Order {
  readonly object: string;
  readonly work: Work;
  readonly lanes: number;
  /** each commit has more than 1 MiB: several values, and a checkpoint after each */
  readonly isLarge?: boolean;
  /** at such a count the object is emptied, and not counted on */
  readonly wipedAfter?: number;
}

/** A bookmark, and the count of the state that it names. */
export interface Mark {
  readonly bookmark: string;
  readonly count: number;
}

export interface Judgement {
  readonly count: number;
  readonly wrong: readonly string[];
}

/** What the killed browser left, looked at before anything is opened that could mend it or make it anew. */
export interface Found {
  /** the names of all databases of the origin, as the browser tells them */
  readonly databases: readonly string[];
  /** what the browser says when it takes its own store for damaged; it drops it then */
  readonly damage: string | undefined;
  /** what the account's directory lists */
  readonly objects: readonly Left[];
}

/** One object as the killed browser left it. */
export interface Left {
  readonly object: string;
  /** the name of its database */
  readonly database: string;
  /** the number of its newest record; undefined when the database has none, or is not there */
  readonly sequence: number | undefined;
  /** its file, in base 64; undefined when it has no pages */
  readonly bytes: string | undefined;
  /** as `bytes`, of the state that a restore still waits for */
  readonly wanted: string | undefined;
  /** what the browser was killed in the middle of, as the log has it */
  readonly moments: readonly LeftMoment[];
}

/** `id` is the same when the same moment is found again after the next kill. */
export interface LeftMoment {
  readonly kind: 'fold' | 'collect' | 'restore pending' | 'restoring open, fenced' | 'restoring open, restored';
  readonly id: string;
}

/** The count that the next commit makes. */
export function countAfter(count: number, { wipedAfter = Number.POSITIVE_INFINITY }: Order): number {
  return count >= wipedAfter ? 0 : count + 1;
}

export type Told = { readonly object: string } & (
  | { readonly state: 'opened' | 'restored'; readonly found: Judgement }
  | { readonly state: 'begun' }
  | { readonly state: 'done'; readonly count: number }
  | { readonly state: 'marked'; readonly marks: readonly Mark[] }
  | { readonly state: 'restore asked' | 'leaving'; readonly to: number }
  | { readonly state: 'restore refused' | 'restore pending' | 'restoring' | 'counted on' }
);
