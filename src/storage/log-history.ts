/**
 * Finding points in a log's history, without reading pages.
 *
 * Promise: what is found was readable when the call began; a checkpoint may give it up afterwards. Nothing here writes or fences.
 * Knows nothing of how a point is written down for a program; see `bookmarks.ts`.
 */
import { indexOfFirst, indexOfLast } from '../base/lists.ts';
import { isoTime } from '../base/primordials.ts';
import type { Epoch } from '../protocol/names.ts';
import { statesOf } from './log-geometry.ts';
import { expired } from './log-state.ts';
import { type Base, EMPTY_BASE, type Moment, type ObjectStore, type StateSummary } from './object-store.ts';

export interface History {
  /** the oldest state that can be read; `timeMs` is undefined for the empty state before the first record */
  readonly floor: { readonly sequence: number; readonly epoch: Epoch; readonly timeMs: number | undefined };
  readonly head: { readonly sequence: number; readonly epoch: Epoch; readonly timeMs: number };
  /** ascending, from after the floor to the head; each can be given to `readSnapshot`. Openings are among them, with no pages. */
  readonly moments: readonly Moment[];
}

/** How many keys one step of a search reads: it then takes four steps where bisecting takes sixteen. */
const SEARCH_KEYS = 16;

/**
 * Lists the moments that can be read: all of them up to `limit`, else that many, evenly spread over the commits.
 *
 * @returns undefined for an object that was never opened for writing
 */
export async function listMoments(
  store: ObjectStore,
  options: { readonly limit: number },
): Promise<History | undefined> {
  const head = await store.readHead();
  if (!head) return undefined;
  const floor = oldestOf(head.base);
  const moments = await store.readMoments({ after: floor.sequence, upTo: head.sequence, count: options.limit });
  return {
    floor: { sequence: floor.sequence, epoch: floor.epoch, timeMs: floor.sequence === 0 ? undefined : floor.timeMs },
    head: { sequence: head.sequence, epoch: head.epoch, timeMs: head.timeMs },
    moments,
  };
}

/**
 * The newest point whose time is not after `timeMs`; before the first record, the empty state at 0; from now on, the present.
 *
 * @returns undefined for an object that was never opened for writing
 * @throws SimulatorError `bookmark_expired`
 */
export async function findSequence(store: ObjectStore, timeMs: number): Promise<number | undefined> {
  const head = await store.readHead();
  if (!head) return undefined;
  if (timeMs >= head.timeMs) return head.sequence;
  const oldest = oldestOf(head.base);
  // Before the first record there was nothing, whenever that was.
  if (oldest.sequence > 0 && timeMs < oldest.timeMs) throw tooOld(head.base, timeMs);
  let low = oldest.sequence;
  let high = head.sequence;
  while (low < high) {
    const moments = await store.readMoments({ after: low, upTo: high, count: SEARCH_KEYS });
    const later = moments[indexOfFirst(moments, (moment) => moment.timeMs > timeMs)];
    if (moments.length === 0) throw tooOld((await store.readHead())?.base ?? head.base, timeMs);
    low = moments[indexOfLast(moments, (moment) => moment.timeMs <= timeMs)]?.sequence ?? low;
    high = later ? later.sequence - 1 : low;
  }
  return low;
}

/** The epoch that made the state at `sequence`, a point that can be read. @throws SimulatorError `bookmark_expired` */
export async function epochAt(store: ObjectStore, sequence: number): Promise<Epoch> {
  const moment = (await store.readMoments({ after: sequence - 1, upTo: sequence, count: 1 }))[0];
  if (moment) return moment.epoch;
  const head = await store.readHead();
  const states = head ? statesOf(head.base) : [];
  const state = states[indexOfFirst(states, (each) => each.sequence === sequence)];
  if (state) return state.epoch;
  throw expired(head?.base ?? EMPTY_BASE, `point ${sequence} of this object's history`);
}

function oldestOf(base: Base): StateSummary {
  return base.earlier[0] ?? base;
}

const tooOld = (base: Base, timeMs: number) => expired(base, `state of ${isoTime(timeMs)} any more`);
