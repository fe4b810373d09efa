/**
 * How much of the past a log keeps.
 *
 * Promise: pure functions. States are given up from the oldest on, a whole base at a time, so nothing is rewritten to forget;
 * a state that a restore waits for is kept whatever it costs.
 *
 * Knows nothing of rows: collecting what became superfluous is the checkpoint's.
 */
import { must } from '../base/assert.ts';
import { indexOfLast, part, sumOf } from '../base/lists.ts';
import { mathMax, mathMin } from '../base/primordials.ts';
import { standingCuts, statesOf } from './log-geometry.ts';
import type { Base, EarlierBase } from './object-store.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

export interface Retention {
  /** states so old may be given up */
  readonly ageMs: number;
  /** of records and extents that the present does not read, over a database of so many bytes */
  readonly bytesMax: (databaseBytes: number) => number;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** 30 days, as the platform; in a browser the origin's quota asks for a bound of size too. */
export const RETENTION: Retention = {
  ageMs: 30 * DAY_MS,
  bytesMax: (databaseBytes) => mathMax(16 * 1024 * 1024, 2 * databaseBytes),
};

/** Nothing but the present is kept. */
export const NO_HISTORY: Retention = { ageMs: -Infinity, bytesMax: () => 0 };

/**
 * The base without the earlier states that need not be kept.
 *
 * @param pinned sequence of a state that must stay readable
 */
export function retain(base: Base, retention: Retention, nowMs: number, pinned: number | undefined): Base {
  const states = statesOf(base);
  // The newest state before the window stays: what lies in the window is replayed from it.
  let from = mathMax(
    0,
    indexOfLast(states, (state) => state.timeMs <= nowMs - retention.ageMs),
  );
  const bytesMax = retention.bytesMax(base.pageCount * PAGE_SIZE_BYTES);
  let bytes = sumOf(part(base.earlier, from), bytesOf);
  for (; from < base.earlier.length && bytes > bytesMax; from++) bytes -= bytesOf(base.earlier[from] as EarlierBase);
  if (pinned !== undefined) {
    from = mathMin(
      from,
      indexOfLast(states, (state) => state.sequence <= pinned),
    );
  }
  from = mathMax(0, from);
  const { sequence: floor } = must(states[from], 'a state that stays');
  return {
    ...base,
    earlier: part(base.earlier, from),
    truncations: standingCuts(base.truncations, floor),
    floor,
  };
}

const bytesOf = (state: EarlierBase): number => state.recordBytes + state.extentBytes;
