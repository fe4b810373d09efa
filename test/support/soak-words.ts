/**
 * What the two halves of the soak test say to each other: what a lane is to do, what it tells of it, what objects say at the end.
 *
 * Promise: plain data; it says nothing of browsers.
 */
import type { Failure } from './failure.ts';

/** The accounts that money moves between: few, so that everybody meets. */
export const OBJECTS = ['ann', 'ben', 'cyd', 'dee', 'eve'] as const;

/** One lane makes bursts of calls, one burst after the other, from one machine. */
export interface LaneOrder {
  /** names the lane for good; never used twice in a run */
  readonly lane: string;
  readonly seed: number;
}

/** A call as its caller knows it. */
export interface Call {
  /** `guarded` is an increment inside a critical section */
  readonly kind: 'increment' | 'guarded' | 'read' | 'transfer' | 'schedule';
  readonly object: string;
  /** the caller's stub, named for good, and the how manieth of its calls this is, from 1 */
  readonly stub: string;
  readonly number: number;
  /** of a transfer: the same again when it is repeated because nobody knows how it went */
  readonly id?: string;
  readonly payee?: string;
  readonly amount?: number;
  /** until an alarm is to ring */
  readonly delayMs?: number;
}

/** An entry of an object's journal: all that ever changes an object is one of these. `seq` counts from 1 without gaps. */
export interface Entry {
  readonly seq: number;
  readonly op: string;
  /** undefined for what no page asked for */
  readonly stub: string | null;
  readonly number: number | null;
  readonly amount: number;
  /** the instance that wrote it */
  readonly life: string;
}

/** What a call answers: its entry, or of a read the newest one (`seq` 0 and no `op` when there is none). */
export type Answer = Pick<Entry, 'seq' | 'life'> & { readonly op?: string };

export type Outcome = { readonly call: Call } & ({ readonly answer: Answer } | { readonly failure: Failure });

/** What came by a WebSocket since it was told last: every entry that the object makes while it is open. */
export interface Heard {
  /** named for good */
  readonly socket: string;
  readonly object: string;
  readonly entries: readonly Answer[];
  /** close events so far */
  readonly closes: number;
}

/** What a lane tells after each burst: outcomes in the order in which they came. */
export interface Told {
  readonly lane: string;
  readonly outcomes: readonly Outcome[];
  /** what it did to the object meanwhile, and how that failed */
  readonly act?: { readonly kind: 'evict' | 'evict all' | 'crash' | 'cut'; readonly failure?: Failure };
  readonly heard?: Heard;
  /** nothing more will come of this lane */
  readonly isOver?: true;
}

/** All that an object has. */
export interface Statement {
  readonly object: string;
  readonly entries: readonly Entry[];
  /** kept beside the journal, and changed with it */
  readonly balance: number;
  /** of increments of either kind; read and written with `await` between */
  readonly count: number;
  /** transfers whose payee is not known to have it */
  readonly unsettled: readonly string[];
  /** that are open, as far as the object knows */
  readonly sockets: number;
  readonly integrity: string;
}

/** One record of an object's log, as it lies on the disk. */
export interface LogMark {
  readonly object: string;
  readonly sequence: number;
  readonly epoch: number;
  readonly timeMs: number;
  readonly pages: number;
}
