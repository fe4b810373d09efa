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
import { typedArrayFill, typedArraySet, typedArraySubarray } from '../base/primordials.ts';
import type { Base, Extent, ExtentKey, StateSummary, Truncation } from './object-store.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

/** 32 KiB: Chromium stores values beyond 64 KiB in files of their own, and a commit pays for it. */
export const CELL_PAGES = 8;
/** 256 KiB: reads twice as fast per byte, once nobody rewrites it. */
export const GROUP_PAGES = 64;

export const cellOf = (page: number): number => Math.floor((page - 1) / CELL_PAGES);
export const groupOf = (page: number): number => Math.floor((page - 1) / GROUP_PAGES);
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
  until = Number.POSITIVE_INFINITY,
): number {
  let reach = pageCount;
  for (const cut of truncations) {
    if (cut.sequence > sequence && cut.sequence <= until) reach = Math.min(reach, cut.pageCount);
  }
  return reach;
}

/** Leaves out cuts that say nothing: each readable state lies after a later cut that left no more. */
export function standingCuts(truncations: readonly Truncation[], floor: number): Truncation[] {
  return truncations.filter(
    (cut) =>
      !truncations.some(
        (later) => later.sequence > cut.sequence && later.sequence <= floor && later.pageCount <= cut.pageCount,
      ),
  );
}

/** The states from which others are replayed, ascending; the base is the last. */
export function statesOf(base: Base): readonly StateSummary[] {
  return [...base.earlier, base];
}

/** The base as it was at the newest of its states at or before `sequence`; undefined when that is no longer readable. */
export function baseAt(base: Base, sequence: number): Base | undefined {
  if (sequence >= base.sequence) return base;
  const state = base.earlier.findLast((earlier) => earlier.sequence <= sequence);
  if (!state) return undefined;
  const { sequence: at, epoch, timeMs, pageCount, alarm } = state;
  const truncations = base.truncations.filter((cut) => cut.sequence <= at);
  return { ...base, sequence: at, epoch, timeMs, pageCount, alarm, restoreTo: null, truncations };
}

/** Of the keys of whole groups, those that decide for some page at `asOf`, in the order given. */
export function deciding(keys: readonly ExtentKey[], asOf: number): ExtentKey[] {
  const newest = new Map<number, ExtentKey>();
  for (const key of keys) {
    if (key.sequence > asOf) continue;
    for (let page = key.firstPage; page < key.firstPage + key.pages; page += CELL_PAGES) {
      const found = newest.get(page);
      if (!found || compareAge(found, key) < 0) newest.set(page, key);
    }
  }
  const chosen = new Set(newest.values());
  return keys.filter((key) => chosen.has(key));
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
  const pages = Math.max(0, Math.min(options.pages, base.pageCount - firstPage + 1));
  const valid = options.extents.filter((extent) => extent.sequence <= base.sequence).sort(compareAge);
  const only = valid.length === 1 ? valid[0] : undefined;
  if (only?.firstPage === firstPage && only.bytes.length === pages * PAGE_SIZE_BYTES) {
    if (reachOf(only.sequence, base.truncations, base.pageCount) >= firstPage + pages - 1) return only.bytes;
  }
  const bytes = new Uint8Array(pages * PAGE_SIZE_BYTES);
  for (const extent of valid) {
    const reach = Math.min(
      reachOf(extent.sequence, base.truncations, base.pageCount),
      extent.firstPage + extent.bytes.length / PAGE_SIZE_BYTES - 1,
      firstPage + pages - 1,
    );
    // What a newer extent does not hold did not exist at its time, so it clears what older ones say.
    const from = Math.max(firstPage, extent.firstPage);
    const covered = Math.min(firstPage + pages, extent.firstPage + extent.pages);
    if (covered > from)
      typedArrayFill(bytes, 0, (from - firstPage) * PAGE_SIZE_BYTES, (covered - firstPage) * PAGE_SIZE_BYTES);
    if (reach < from) continue;
    const start = (from - extent.firstPage) * PAGE_SIZE_BYTES;
    const end = (reach - extent.firstPage + 1) * PAGE_SIZE_BYTES;
    typedArraySet(bytes, typedArraySubarray(extent.bytes, start, end), (from - firstPage) * PAGE_SIZE_BYTES);
  }
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
  const chosen = new Set(deciding(keys, asOf));
  const runs: { first: ExtentKey; last: ExtentKey }[] = [];
  let run: { first: ExtentKey; last: ExtentKey } | undefined;
  for (const key of keys) {
    if (!chosen.has(key)) run = undefined;
    else if (run && groupOf(run.first.firstPage) === groupOf(key.firstPage)) run.last = key;
    else {
      run = { first: key, last: key };
      runs.push(run);
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
  const current = keys.filter((key) => key.sequence <= base.sequence).sort(compareAge);
  /** per key the last state that reads it */
  const lastReader = new Map<ExtentKey, number>();
  const group = groupOf(must(keys[0], 'a key of the group').firstPage);
  for (let cell = 0; cell < GROUP_PAGES / CELL_PAGES; cell++) {
    const page = firstPageOfGroup(group) + cell * CELL_PAGES;
    const covering = current.filter((key) => key.firstPage <= page && page < key.firstPage + key.pages);
    let next = 0;
    for (const [i, { sequence }] of states.entries()) {
      while (next < covering.length && must(covering[next], 'a key').sequence <= sequence) next++;
      const key = covering[next - 1];
      // A key that was cut off here hides none that was not: the older ones were cut off with it.
      if (!key || page > reachOf(key.sequence, base.truncations, Number.POSITIVE_INFINITY, sequence)) continue;
      lastReader.set(key, Math.max(lastReader.get(key) ?? 0, i));
    }
  }
  const pastPages: number[] = new Array(base.earlier.length).fill(0);
  for (const [key, reader] of lastReader)
    if (reader < pastPages.length) pastPages[reader] = (pastPages[reader] ?? 0) + key.pages;
  return {
    present: current.filter((key) => lastReader.get(key) === states.length - 1),
    superfluous: current.filter((key) => !lastReader.has(key)),
    pastPages,
  };
}

/** `count` of the numbers after `after` up to `upTo`, the last one among them; all of them when they are so few. */
export function spread(range: { readonly after: number; readonly upTo: number; readonly count: number }): number[] {
  const total = Math.max(0, range.upTo - range.after);
  const count = Math.min(total, range.count);
  return Array.from({ length: count }, (_, i) => range.after + Math.ceil((total * (i + 1)) / count));
}

/** True when joining the group's live extents, of those that the base reads, into one cold one is worth its cost. */
export function shouldCool(present: readonly ExtentKey[], untouchedSince: number): boolean {
  const live = present.filter((key) => key.pages === CELL_PAGES);
  // Half of the group at least: so the bytes written are at most twice those folded since it was last cold.
  return live.length >= GROUP_PAGES / CELL_PAGES / 2 && live.every((key) => key.sequence <= untouchedSince);
}
