/**
 * Which extent holds which page: the arithmetic of a base.
 *
 * A database is cut into *cells* of 8 pages (32 KiB) and *groups* of 64 (256 KiB). A live extent covers one cell, a cold
 * one a whole group; both begin at a multiple of their size, so a group can be read and judged by itself.
 *
 * Promise: pure functions; for every page the newest extent that covers it decides, and nothing is called superfluous
 * that still decides for some page of some state from `floor` on: the base, its earlier states, and what is replayed from them.
 */
import { must } from '../base/assert.ts';
import { areAll, each, filtered, hasAny, indexOfLast, joined, repeated } from '../base/lists.ts';
import {
  arrayAppend,
  arraySort,
  mapForEach,
  mapGet,
  mapHas,
  mapSet,
  mathCeil,
  mathFloor,
  mathMax,
  mathMin,
  setAdd,
  setHas,
  typedArrayFill,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
} from '../base/primordials.ts';
import type { Base, Extent, ExtentKey, StateSummary, Truncation } from './object-store.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

// A program may put something else in their places.
const NativeMap = Map;
const NativeSet = Set;
const Bytes = Uint8Array;

/** 32 KiB: Chromium stores values beyond 64 KiB in files of their own, and a commit pays for it. */
export const CELL_PAGES = 8;
/** 256 KiB: reads twice as fast per byte, once nobody rewrites it. */
export const GROUP_PAGES = 64;

export const cellOf = (page: number): number => mathFloor((page - 1) / CELL_PAGES);
export const groupOf = (page: number): number => mathFloor((page - 1) / GROUP_PAGES);
export const firstPageOfCell = (cell: number): number => cell * CELL_PAGES + 1;
export const firstPageOfGroup = (group: number): number => group * GROUP_PAGES + 1;

/** Orders by age: the later one wins where both cover a page. */
export function compareAge(a: ExtentKey, b: ExtentKey): number {
  return a.sequence - b.sequence || a.pages - b.pages;
}

/** How many pages, counted from page 1, a row of `sequence` may still speak for in the state at `until`. */
export function reachOf(
  sequence: number,
  truncations: readonly Truncation[],
  pageCount: number,
  until = Infinity,
): number {
  let reach = pageCount;
  each(truncations, (cut) => {
    if (cut.sequence > sequence && cut.sequence <= until) reach = mathMin(reach, cut.pageCount);
  });
  return reach;
}

/** Leaves out cuts that say nothing: each readable state lies after a later cut that left no more. */
export function standingCuts(truncations: readonly Truncation[], floor: number): Truncation[] {
  return filtered(
    truncations,
    (cut) =>
      !hasAny(
        truncations,
        (later) => later.sequence > cut.sequence && later.sequence <= floor && later.pageCount <= cut.pageCount,
      ),
  );
}

/** The states from which others are replayed, ascending; the base is the last. */
export function statesOf(base: Base): readonly StateSummary[] {
  return joined<StateSummary>(base.earlier, [base]);
}

/** The base as it was at the newest of its states at or before `sequence`; undefined when that is no longer readable. */
export function baseAt(base: Base, sequence: number): Base | undefined {
  if (sequence >= base.sequence) return base;
  const state = base.earlier[indexOfLast(base.earlier, (earlier) => earlier.sequence <= sequence)];
  if (!state) return undefined;
  const { sequence: at, epoch, timeMs, pageCount, alarm } = state;
  const truncations = filtered(base.truncations, (cut) => cut.sequence <= at);
  return { ...base, sequence: at, epoch, timeMs, pageCount, alarm, restoreTo: null, truncations };
}

/** Of the keys of whole groups, those that decide for some page at `asOf`, in the order given. */
export function deciding(keys: readonly ExtentKey[], asOf: number): ExtentKey[] {
  const chosen = decidingSet(keys, asOf);
  return filtered(keys, (key) => setHas(chosen, key));
}

function decidingSet(keys: readonly ExtentKey[], asOf: number): Set<ExtentKey> {
  const newest = new NativeMap<number, ExtentKey>();
  each(keys, (key) => {
    if (key.sequence > asOf) return;
    for (let page = key.firstPage; page < key.firstPage + key.pages; page += CELL_PAGES) {
      const found = mapGet(newest, page);
      if (!found || compareAge(found, key) < 0) mapSet(newest, page, key);
    }
  });
  const chosen = new NativeSet<ExtentKey>();
  mapForEach(newest, (key) => setAdd(chosen, key));
  return chosen;
}

/**
 * The pages [firstPage, firstPage + pages) of a base, put together from the extents that reach into them.
 *
 * @returns whole pages, fewer than asked where the database ends; pages that no extent holds are zeros
 */
export function assemble(options: {
  readonly base: Base;
  readonly extents: readonly Extent[];
  readonly firstPage: number;
  readonly pages: number;
}): Uint8Array {
  const { base, firstPage } = options;
  const pages = mathMax(0, mathMin(options.pages, base.pageCount - firstPage + 1));
  const valid = arraySort(
    filtered(options.extents, (extent) => extent.sequence <= base.sequence),
    compareAge,
  );
  const only = valid.length === 1 ? valid[0] : undefined;
  if (only?.firstPage === firstPage && typedArrayLength(only.bytes) === pages * PAGE_SIZE_BYTES) {
    if (reachOf(only.sequence, base.truncations, base.pageCount) >= firstPage + pages - 1) return only.bytes;
  }
  const bytes = new Bytes(pages * PAGE_SIZE_BYTES);
  each(valid, (extent) => {
    const reach = mathMin(
      reachOf(extent.sequence, base.truncations, base.pageCount),
      extent.firstPage + typedArrayLength(extent.bytes) / PAGE_SIZE_BYTES - 1,
      firstPage + pages - 1,
    );
    // What a newer extent does not hold did not exist at its time, so it clears what older ones say.
    const from = mathMax(firstPage, extent.firstPage);
    const covered = mathMin(firstPage + pages, extent.firstPage + extent.pages);
    if (covered > from)
      typedArrayFill(bytes, 0, (from - firstPage) * PAGE_SIZE_BYTES, (covered - firstPage) * PAGE_SIZE_BYTES);
    if (reach < from) return;
    const start = (from - extent.firstPage) * PAGE_SIZE_BYTES;
    const end = (reach - extent.firstPage + 1) * PAGE_SIZE_BYTES;
    typedArraySet(bytes, typedArraySubarray(extent.bytes, start, end), (from - firstPage) * PAGE_SIZE_BYTES);
  });
  return bytes;
}

/**
 * The same as runs without any other key between them, each within one group: so each run is one read, and none is long.
 *
 * @param keys ascending, as stored
 */
export function decidingRuns(
  keys: readonly ExtentKey[],
  asOf: number,
): { readonly first: ExtentKey; readonly last: ExtentKey }[] {
  const chosen = decidingSet(keys, asOf);
  const runs: { first: ExtentKey; last: ExtentKey }[] = [];
  let run: { first: ExtentKey; last: ExtentKey } | undefined;
  for (let at = 0; at < keys.length; at++) {
    const key = keys[at] as ExtentKey;
    if (!setHas(chosen, key)) run = undefined;
    else if (run && groupOf(run.first.firstPage) === groupOf(key.firstPage)) run.last = key;
    else {
      run = { first: key, last: key };
      arrayAppend(runs, run);
    }
  }
  return runs;
}

export interface Sifted {
  /** what the base itself reads */
  readonly present: readonly ExtentKey[];
  /** what no readable state reads; keys younger than the base are not judged */
  readonly superfluous: readonly ExtentKey[];
  /** for each of `base.earlier`: pages of the extents that it reads and no later state does */
  readonly pastPages: readonly number[];
}

/** Judges all keys of one group. */
export function sift(base: Base, keys: readonly ExtentKey[]): Sifted {
  const states = statesOf(base);
  const current = arraySort(
    filtered(keys, (key) => key.sequence <= base.sequence),
    compareAge,
  );
  /** per key the last state that reads it */
  const lastReader = new NativeMap<ExtentKey, number>();
  const group = groupOf(must(keys[0], 'a key of the group').firstPage);
  for (let cell = 0; cell < GROUP_PAGES / CELL_PAGES; cell++) {
    const page = firstPageOfGroup(group) + cell * CELL_PAGES;
    const covering = filtered(current, (key) => key.firstPage <= page && page < key.firstPage + key.pages);
    let next = 0;
    each(states, ({ sequence }, i) => {
      while (next < covering.length && must(covering[next], 'a key').sequence <= sequence) next++;
      const key = covering[next - 1];
      // A key that was cut off here hides none that was not: the older ones were cut off with it.
      if (!key || page > reachOf(key.sequence, base.truncations, Infinity, sequence)) return;
      mapSet(lastReader, key, mathMax(mapGet(lastReader, key) ?? 0, i));
    });
  }
  const pastPages = repeated(0, base.earlier.length);
  mapForEach(lastReader, (reader, key) => {
    if (reader < pastPages.length) pastPages[reader] = (pastPages[reader] ?? 0) + key.pages;
  });
  return {
    present: filtered(current, (key) => mapGet(lastReader, key) === states.length - 1),
    superfluous: filtered(current, (key) => !mapHas(lastReader, key)),
    pastPages,
  };
}

/** `count` of the numbers after `after` up to `upTo`, the last one among them; all of them when they are so few. */
export function spread(range: { readonly after: number; readonly upTo: number; readonly count: number }): number[] {
  const total = mathMax(0, range.upTo - range.after);
  const count = mathMin(total, range.count);
  const numbers: number[] = [];
  for (let i = 1; i <= count; i++) arrayAppend(numbers, range.after + mathCeil((total * i) / count));
  return numbers;
}

/** True when joining the group's live extents, of those that the base reads, into one cold one is worth its cost. */
export function shouldCool(present: readonly ExtentKey[], untouchedSince: number): boolean {
  const live = filtered(present, (key) => key.pages === CELL_PAGES);
  // Half of the group at least: so the bytes written are at most twice those folded since it was last cold.
  return live.length >= GROUP_PAGES / CELL_PAGES / 2 && areAll(live, (key) => key.sequence <= untouchedSince);
}
