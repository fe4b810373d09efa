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
  /** commits and bookmarks; then a restore is asked for, a few more commits, `abort()`, and the next session restores */
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

/** The count that the next commit makes. */
export function countAfter(count: number, { wipedAfter = Number.POSITIVE_INFINITY }: Order): number {
  return count >= wipedAfter ? 0 : count + 1;
}

export type Told = { readonly object: string } & (
  | { readonly state: 'opened' | 'restored'; readonly found: Judgement }
  | { readonly state: 'begun' }
  | { readonly state: 'done'; readonly count: number }
  | { readonly state: 'marked'; readonly marks: readonly Mark[] }
  | { readonly state: 'restore asked'; readonly to: number }
  | { readonly state: 'restore refused' | 'restore pending' | 'restoring' }
);
