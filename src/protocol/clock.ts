/**
 * What is said about the account's clock: moves, and reports of threads that have come to rest.
 *
 * Promise: plain structured-cloneable data. Anchors are those of base/virtual-clock.ts.
 */
import type { ClockAnchors } from '../base/virtual-clock.ts';
import type { EndpointId, LinkId } from './names.ts';

export type { ClockAnchors } from '../base/virtual-clock.ts';

/** What a page asks of the clock. */
export type ClockMove =
  | { readonly m: 'pause' }
  | { readonly m: 'resume' }
  | { readonly m: 'rate'; readonly rate: number }
  | { readonly m: 'advance'; readonly ms: number }
  | { readonly m: 'next' };

/** Where a move led. */
export interface ClockMoved {
  readonly anchors: ClockAnchors;
  /** virtual ms */
  readonly nowMs: number;
  /** `next` found something to go to */
  readonly found: boolean;
}

/** One end of a link: what was posted and what came, counted in frames. */
export interface LinkTraffic {
  readonly link: LinkId;
  readonly peer: EndpointId;
  readonly sent: number;
  readonly taken: number;
}

/** What a thread says when it has come to rest. */
export interface StillReport {
  readonly endpoint: EndpointId;
  /** the latest time that its program was told */
  readonly lastMs: number;
  readonly nextDueMs: number | undefined;
  readonly links: readonly LinkTraffic[];
}

/** The same of a machine: its host, its page and its isolates. */
export interface MachineReport {
  readonly lastMs: number;
  readonly nextDueMs: number | undefined;
  readonly threads: readonly StillReport[];
}

/** Between the hosts of an account. */
export type ClockAnnouncement =
  | { readonly about: 'clock'; readonly anchors: ClockAnchors }
  /** a machine has joined: a walk that is under way asks it too */
  | { readonly about: 'clock-joined' }
  | { readonly about: 'clock-ask'; readonly id: string }
  | { readonly about: 'clock-still'; readonly id: string; readonly report: MachineReport };
