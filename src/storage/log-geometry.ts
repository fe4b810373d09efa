/**
 * Which extent holds which page: the arithmetic of a base.
 *
 * A database is cut into *cells* of 8 pages (32 KiB) and *groups* of 64 (256 KiB). A live extent covers one cell, a cold
 * one a whole group; both begin at a multiple of their size, so a group can be read and judged by itself.
 *
 * Promise: pure functions; for every page the newest extent that covers it decides, and nothing is called superfluous
 * that still decides for some page of some state from `floor` on.
 */
import { must } from '../base/assert.ts';
import { typedArrayFill, typedArraySet, typedArraySubarray } from '../base/primordials.ts';
import type { Base, Extent, ExtentKey, Truncation } from './object-store.ts';
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

/** How many pages, counted from page 1, a row of `sequence` may still speak for. */
export function reachOf(sequence: number, truncations: readonly Truncation[], pageCount: number): number {
  let reach = pageCount;
  for (const cut of truncations) if (cut.sequence > sequence) reach = Math.min(reach, cut.pageCount);
  return reach;
}

/** Adds a cut; earlier ones that kept at least as much say nothing more. */
export function withTruncation(truncations: readonly Truncation[], cut: Truncation): Truncation[] {
  return [...truncations.filter((earlier) => earlier.pageCount < cut.pageCount), cut];
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

/** The keys, all of one group, that no state from `base.floor` on reads. */
export function superfluous(base: Base, keys: readonly ExtentKey[]): ExtentKey[] {
  const current = keys.filter((key) => key.sequence <= base.sequence).sort(compareAge);
  const needed = new Set<ExtentKey>();
  const group = groupOf(must(keys[0], 'a key of the group').firstPage);
  for (let cell = 0; cell < GROUP_PAGES / CELL_PAGES; cell++) {
    const page = firstPageOfGroup(group) + cell * CELL_PAGES;
    const covering = current.filter((key) => key.firstPage <= page && page < key.firstPage + key.pages);
    const atFloor = covering.findLast((key) => key.sequence <= base.floor);
    for (const key of covering) if (key === atFloor || key.sequence > base.floor) needed.add(key);
  }
  const cuts = base.truncations.filter((cut) => cut.sequence <= base.floor);
  return current.filter((key) => !needed.has(key) || key.firstPage > reachOf(key.sequence, cuts, Infinity));
}

/** True when joining the group's live extents into one cold one is worth its cost. */
export function shouldCool(base: Base, keys: readonly ExtentKey[], untouchedSince: number): boolean {
  const live = keys.filter((key) => key.pages === CELL_PAGES && key.sequence <= base.sequence);
  const cells = new Set(live.map((key) => key.firstPage));
  // Half of the group at least: so the bytes written are at most twice those folded since it was last cold.
  return cells.size >= GROUP_PAGES / CELL_PAGES / 2 && live.every((key) => key.sequence <= untouchedSince);
}
