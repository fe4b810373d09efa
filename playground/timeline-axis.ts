/**
 * Time as a length: where each event stands from left to right.
 *
 * Promise: order is kept and no two events stand on each other, though they happen in one millisecond: between two there is what their
 * time apart takes at this scale, and never less than `STEP`. With `isFolded` whatever is longer than `FOLD_MS` takes
 * `FOLD_WIDTH`. Lengths are CSS pixels, times the program's.
 */
import type { TraceEvent } from '../src/index.ts';
import { elapsed } from './timeline-words.ts';

export interface Fold {
  /** where the folded time begins */
  readonly at: number;
  readonly text: string;
}

export interface Tick {
  readonly at: number;
  /** since the first event */
  readonly text: string;
}

export interface Axis {
  /** of the event at the same place, not falling */
  readonly positions: Float64Array;
  readonly folds: readonly Fold[];
  readonly ticks: readonly Tick[];
  readonly width: number;
}

export interface AxisOptions {
  readonly isFolded: boolean;
  /** pixels a millisecond */
  readonly scale: number;
}

export const FOLD_MS = 2_000;
export const FOLD_WIDTH = 72;
const STEP = 12;
const TICK_STEP = 88;
const MARGIN = 16;
/** Browsers lay out no element that is much longer. What does not fit is drawn at a smaller scale. */
const TIME_WIDTH_MAX = 4_000_000;

export function axisOf(events: readonly Pick<TraceEvent, 'atMs'>[], { isFolded, scale }: AxisOptions): Axis {
  const positions = new Float64Array(events.length);
  const folds: Fold[] = [];
  const ticks: Tick[] = [];
  const firstMs = events[0]?.atMs ?? 0;
  const wholeMs = (events.at(-1)?.atMs ?? 0) - firstMs;
  const pixels = isFolded ? scale : Math.min(scale, TIME_WIDTH_MAX / Math.max(1, wholeMs));
  let at = MARGIN;
  let beforeMs = firstMs;
  for (const [place, { atMs }] of events.entries()) {
    const gapMs = atMs - beforeMs;
    beforeMs = atMs;
    if (place > 0) {
      const isFold = isFolded && gapMs > FOLD_MS;
      if (isFold) folds.push({ at: at + STEP / 2, text: `‖ ${elapsed(gapMs, 'short')} ‖` });
      at += isFold ? FOLD_WIDTH + STEP : Math.max(STEP, gapMs * pixels);
    }
    positions[place] = at;
    if (at - (ticks.at(-1)?.at ?? Number.NEGATIVE_INFINITY) >= TICK_STEP)
      ticks.push({ at, text: elapsed(atMs - firstMs) });
  }
  return { positions, folds, ticks, width: at + MARGIN };
}

/** The place of the first that stands at `x` or after it; their number when there is none. */
export function firstFrom(sorted: Float64Array, x: number): number {
  return firstThat(sorted.length, (place) => (sorted[place] as number) >= x);
}

/** Those of a sorted list that stand from `from` to `to`. */
export function standingIn<T extends { readonly at: number }>(list: readonly T[], from: number, to: number): T[] {
  const first = firstThat(list.length, (place) => (list[place] as T).at >= from);
  return list.slice(
    first,
    firstThat(list.length, (place) => (list[place] as T).at > to),
  );
}

/** @param isSo  false for the first of `length` places, true for the others */
function firstThat(length: number, isSo: (place: number) => boolean): number {
  let [low, high] = [0, length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isSo(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
