/**
 * Folding: how a log's records become its base, one small step at a time.
 *
 *     fold     read the tail -> write each cell it touched -> move the base        [nothing is visible before the last step]
 *     collect  delete records and extents that no readable state needs, then note how far
 *     cool     join a group's live extents into a cold one once nobody touches them
 *
 * Promise: stopping after any step, for whatever reason, loses and changes nothing: until the base moves, the new extents
 * are younger than the base and not read; after it, what is left over is older than what replaced it. Work follows
 * work: a fold writes only cells that the tail touched.
 *
 * Knows nothing of SQL, and not when it is due.
 */
import { assert, must } from '../base/assert.ts';
import { giveBack } from '../base/bytes.ts';
import { SimulatorError } from '../base/errors.ts';
import { each, filtered, hasAny, indexOfFirst, joined, mapped, part, repeated } from '../base/lists.ts';
import {
  arrayAppend,
  arraySort,
  mapForEach,
  mapGet,
  mapSet,
  mathMax,
  NativeMap,
  NativeSet,
  setAdd,
  setForEach,
  setHas,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
} from '../base/primordials.ts';
import type { Epoch } from '../protocol/names.ts';
import {
  assemble,
  baseAt,
  CELL_PAGES,
  cellOf,
  firstPageOfCell,
  firstPageOfGroup,
  GROUP_PAGES,
  groupOf,
  shouldCool,
  sift,
  standingCuts,
  statesOf,
} from './log-geometry.ts';
import { isPlace, LogTail, type PlaceInRecord, readNewest, type TailPages } from './log-tail.ts';
import type { Base, EarlierBase, Extent, ExtentKey, LogRecord, ObjectStore } from './object-store.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';

/** Lets a commit go first; false asks to stop here. Called before every step that writes. */
export type Breathe = () => Promise<boolean>;

export interface FoldContext {
  readonly store: ObjectStore;
  readonly epoch: Epoch;
  readonly breathe: Breathe;
  /** records of more pages are not read whole */
  readonly wholePagesMax: number;
  /** drops the earlier states that need not be kept; called at once before the base is written */
  readonly retain: (base: Base) => Base;
}

const GROUPS_PER_SLICE = 128;
const DELETES_PER_STEP = 32;

/** What a record costs beside its pages; keeps a log of empty commits from growing for ever. */
const RECORD_OVERHEAD_BYTES = 256;

export const sizeOf = (record: LogRecord): number =>
  record.kind === 'fence' ? 0 : typedArrayLength(record.numbers) * PAGE_SIZE_BYTES + RECORD_OVERHEAD_BYTES;

/**
 * Moves the base to the end of `tail`.
 *
 * @param tail  all that came after the base
 * @param recordBytes  what that is, in bytes
 * @returns the new base, or undefined when asked to stop
 * @throws SimulatorError `fenced` when a newer epoch exists; `quota` when there is no room: the old base still holds
 */
export async function fold(
  context: FoldContext,
  base: Base,
  { tail, recordBytes }: { readonly tail: LogTail; readonly recordBytes: number },
): Promise<Base | undefined> {
  const { store, epoch } = context;
  assert(tail.from === base.sequence, 'the tail begins at the base');
  // A large record would be a second database in memory; its pages are read when their group is folded.
  const newest = await readNewest(store, tail, { asOf: base.sequence, pagesMax: context.wholePagesMax });
  const pages = tail.pagesFrom(newest ?? movedByOther());
  const groups = groupsTouched(pages);
  const { sequence, epoch: madeBy, timeMs, pageCount, alarm } = base;
  const upTo = tail.after.sequence;
  const cut = tail.cutTo === undefined ? [] : [{ sequence: upTo, pageCount: tail.cutTo }];
  const next: Base = {
    ...tail.after,
    truncations: joined(base.truncations, cut),
    earlier: base.earlier,
    floor: base.floor,
    collectedTo: base.collectedTo,
  };
  // The old extents as the new base sees them: cut, but without the tail's pages.
  const before: Base = { ...next, sequence: base.sequence };
  let extentBytes = 0;
  for (let at = 0; at < groups.length; at++) {
    const { firstPage, cells } = groups[at] as Group;
    if (!(await context.breathe())) return undefined;
    const extents = await readGroup(store, firstPage, base.sequence);
    const old = filtered(cells, (cell) => covers(extents, firstPageOfCell(cell)));
    extentBytes += old.length * CELL_PAGES * PAGE_SIZE_BYTES;
    const spent = new NativeSet<Uint8Array>();
    each(extents, (extent) => setAdd(spent, extent.bytes));
    const pieces = piecesOf(firstPage, cells);
    for (let i = 0; i < pieces.length; i++) {
      const piece = must(pieces[i], 'a piece');
      if (!(await context.breathe())) return undefined;
      const bytes = assemble({ base: before, extents, ...piece });
      const read = await loaded(store, pages, { ...piece, asOf: base.sequence });
      overlay(bytes, piece.firstPage, read);
      await store.writeExtent({ epoch, extent: { ...piece, sequence: upTo, bytes } });
      setAdd(spent, bytes);
      each(read.buffers, (one) => setAdd(spent, one));
    }
    // A group is read and written in half a millisecond: garbage of it would gather faster than it is collected.
    setForEach(spent, giveBack);
  }
  if (!(await context.breathe())) return undefined;
  const folded: EarlierBase = { sequence, epoch: madeBy, timeMs, pageCount, alarm, recordBytes, extentBytes };
  const retained = context.retain({ ...next, earlier: joined(base.earlier, [folded]) });
  await store.writeBase({ epoch, base: retained });
  return retained;
}

const covers = (extents: readonly Extent[], page: number): boolean =>
  hasAny(extents, (extent) => extent.firstPage <= page && page < extent.firstPage + extent.pages);

/** What some records make of the base before them. */
export interface Tail {
  readonly pages: TailPages;
  readonly after: LogTail['after'];
  readonly cutTo: number | undefined;
}

export function summarise(base: Base, records: readonly LogRecord[]): Tail {
  const tail = new LogTail(base);
  each(records, (record) => tail.add(record));
  return { pages: tail.pagesFrom(records), after: tail.after, cutTo: tail.cutTo };
}

/** Puts the tail's pages over `bytes`, which begin at `firstPage`; they were read, or are what `loaded` gave. */
export function overlay(bytes: Uint8Array, firstPage: number, { pages }: Pick<Tail, 'pages'>): void {
  const count = typedArrayLength(bytes) / PAGE_SIZE_BYTES;
  for (let i = 0; i < count; i++) {
    const page = mapGet(pages as Map<number, Uint8Array | PlaceInRecord>, firstPage + i);
    if (page === undefined) continue;
    assert(!isPlace(page), 'the page was read');
    typedArraySet(bytes, page, i * PAGE_SIZE_BYTES);
  }
}

/**
 * The tail's pages in [firstPage, firstPage + pages), those that were not read with it too: a read for each of their records,
 * into `buffers` that nobody else holds.
 */
async function loaded(
  store: ObjectStore,
  tail: TailPages,
  { firstPage, pages, asOf }: { readonly firstPage: number; readonly pages: number; readonly asOf: number },
): Promise<Pick<Tail, 'pages'> & { readonly buffers: readonly Uint8Array[] }> {
  const buffers: Uint8Array[] = [];
  const found = new NativeMap<number, Uint8Array>();
  /** what is read of each record: places in it, ascending, as the pages are */
  const runs: { readonly sequence: number; readonly places: { readonly number: number; readonly at: number }[] }[] = [];
  for (let number = firstPage; number < firstPage + pages; number++) {
    const page = mapGet(tail as Map<number, Uint8Array | PlaceInRecord>, number);
    if (page === undefined) continue;
    if (!isPlace(page)) {
      mapSet(found, number, page);
      continue;
    }
    let run = runs[indexOfFirst(runs, ({ sequence }) => sequence === page.sequence)];
    if (!run) {
      run = { sequence: page.sequence, places: [] };
      arrayAppend(runs, run);
    }
    arrayAppend(run.places, { number, at: page.at });
  }
  for (let i = 0; i < runs.length; i++) {
    const { sequence, places } = must(runs[i], 'a run');
    const from = must(places[0], 'a place').at;
    const last = must(places[places.length - 1], 'a place').at;
    const bytes = (await store.readPages({ sequence, from, until: last + 1, asOf })) ?? movedByOther();
    arrayAppend(buffers, bytes);
    each(places, ({ number, at }) => {
      const start = (at - from) * PAGE_SIZE_BYTES;
      mapSet(found, number, typedArraySubarray(bytes, start, start + PAGE_SIZE_BYTES));
    });
  }
  return { pages: found, buffers };
}

/** A group that the tail touched, and which of its cells, ascending. */
interface Group {
  readonly firstPage: number;
  readonly cells: readonly number[];
}

function groupsTouched(pages: ReadonlyMap<number, unknown>): readonly Group[] {
  const touched = new NativeSet<number>();
  mapForEach(pages as Map<number, unknown>, (_, page) => setAdd(touched, cellOf(page as number)));
  const cells: number[] = [];
  setForEach(touched, (cell) => arrayAppend(cells, cell));
  arraySort(cells, (a, b) => a - b);
  const groups: { firstPage: number; cells: number[] }[] = [];
  each(cells, (cell) => {
    const firstPage = firstPageOfGroup(groupOf(firstPageOfCell(cell)));
    const group = groups[groups.length - 1];
    if (group?.firstPage === firstPage) arrayAppend(group.cells, cell);
    else arrayAppend(groups, { firstPage, cells: [cell] });
  });
  return groups;
}

/** What a fold writes of a group: the cells that were touched, or the group at once when that is the same pages. */
function piecesOf(firstPage: number, cells: readonly number[]): { firstPage: number; pages: number }[] {
  if (cells.length === GROUP_PAGES / CELL_PAGES) return [{ firstPage, pages: GROUP_PAGES }];
  return mapped(cells, (cell) => ({ firstPage: firstPageOfCell(cell), pages: CELL_PAGES }));
}

/**
 * Deletes what no readable state needs, a few rows at a time, and joins groups untouched since `coolBefore`.
 *
 * Must not run beside a fold of the same log: extents younger than the base count as left over.
 *
 * @returns the base with its note of how far it was collected, and what its history costs; as it was when asked to stop
 */
export async function collect(context: FoldContext, base: Base, coolBefore: number): Promise<Base> {
  const { store, epoch } = context;
  let after = base.collectedTo;
  while (after < base.floor) {
    if (!(await context.breathe())) return base;
    after = await store.deleteRecords({ epoch, after, upTo: base.floor });
  }
  let remaining: ExtentKey[] = [];
  const pastPages = repeated(0, base.earlier.length);
  const isWhole = await eachGroup(store, async (keys) => {
    const kept = await collectGroup(context, base, keys, coolBefore);
    if (!kept) return false;
    if (base.truncations.length > 0) remaining = joined(remaining, kept);
    if (kept.length > 0) {
      each(sift(base, kept).pastPages, (pages, i) => {
        pastPages[i] = (pastPages[i] ?? 0) + pages;
      });
    }
    return true;
  });
  if (!isWhole) return base;
  const truncations = filtered(standingCuts(base.truncations, base.floor), (cut) =>
    hasAny(remaining, (key) => key.sequence < cut.sequence && key.firstPage + key.pages - 1 > cut.pageCount),
  );
  const earlier = mapped(base.earlier, (state, i) => ({
    ...state,
    extentBytes: (pastPages[i] ?? 0) * PAGE_SIZE_BYTES,
  }));
  const isKnown = !hasAny(
    mapped(earlier, ({ extentBytes }, i) => extentBytes === base.earlier[i]?.extentBytes),
    (isSame) => !isSame,
  );
  if (isKnown && base.collectedTo === base.floor && truncations.length === base.truncations.length) return base;
  if (!(await context.breathe())) return base;
  const collected: Base = { ...base, truncations, earlier, collectedTo: base.floor };
  await store.writeBase({ epoch, base: collected });
  return collected;
}

/** @returns the keys that are left, or undefined when asked to stop */
async function collectGroup(
  context: FoldContext,
  base: Base,
  keys: readonly ExtentKey[],
  coolBefore: number,
): Promise<readonly ExtentKey[] | undefined> {
  const { present, superfluous } = sift(base, keys);
  const dropped = joined(
    superfluous,
    filtered(keys, (key) => key.sequence > base.sequence),
  );
  if (!(await deleteInSteps(context, dropped))) return undefined;
  const kept = without(keys, dropped);
  if (!shouldCool(present, coolBefore)) return kept;
  return coolGroup(context, base, { kept, present });
}

/** Joins what the base reads of a group, if no earlier state needs the pieces: history is not kept twice. */
async function coolGroup(
  context: FoldContext,
  base: Base,
  group: { readonly kept: readonly ExtentKey[]; readonly present: readonly ExtentKey[] },
): Promise<readonly ExtentKey[] | undefined> {
  const { store, epoch } = context;
  const { kept, present } = group;
  let newest = 0;
  each(present, (key) => {
    newest = mathMax(newest, key.sequence);
  });
  const states = statesOf(base);
  const { sequence } = must(states[indexOfFirst(states, (state) => state.sequence >= newest)], 'a state');
  const firstPage = firstPageOfGroup(groupOf(must(present[0], 'a key').firstPage));
  const cold: ExtentKey = { firstPage, sequence, pages: GROUP_PAGES };
  const all = joined(kept, [cold]);
  const replaced = sift(base, all).superfluous;
  if (without(present, replaced).length > 0) return kept;
  if (!(await context.breathe())) return undefined;
  const extents = await readGroup(store, firstPage, sequence);
  const bytes = assemble({ base: must(baseAt(base, sequence), 'a state'), extents, firstPage, pages: GROUP_PAGES });
  await store.writeExtent({ epoch, extent: { ...cold, bytes } });
  if (!(await deleteInSteps(context, replaced))) return undefined;
  return without(all, replaced);
}

async function readGroup(store: ObjectStore, firstPage: number, asOf: number): Promise<Extent[]> {
  const extents = await store.readExtents({ firstPage, untilPage: firstPage + GROUP_PAGES, asOf });
  if (!extents) movedByOther();
  return extents;
}

function movedByOther(): never {
  throw new SimulatorError('fenced', 'A newer instance of this object has moved its base; this one writes no more.');
}

async function deleteInSteps(context: FoldContext, keys: readonly ExtentKey[]): Promise<boolean> {
  for (let i = 0; i < keys.length; i += DELETES_PER_STEP) {
    if (!(await context.breathe())) return false;
    await context.store.deleteExtents({ epoch: context.epoch, keys: part(keys, i, i + DELETES_PER_STEP) });
  }
  return true;
}

function without(keys: readonly ExtentKey[], dropped: readonly ExtentKey[]): ExtentKey[] {
  const those = new NativeSet<ExtentKey>();
  each(dropped, (key) => setAdd(those, key));
  return filtered(keys, (key) => !setHas(those, key));
}

/**
 * Visits the keys of each group that has any, whole, ascending; they are read in slices.
 *
 * @returns false when a visit asked to stop
 */
async function eachGroup(store: ObjectStore, visit: (keys: ExtentKey[]) => Promise<boolean>): Promise<boolean> {
  let members: ExtentKey[] = [];
  let firstPage = 1;
  for (;;) {
    // Both ends of a slice lie between groups, so no key is read twice and none is split off.
    const untilPage = firstPage + GROUPS_PER_SLICE * GROUP_PAGES;
    const { keys, next } = await store.extentKeys({ firstPage, untilPage });
    for (let at = 0; at < keys.length; at++) {
      const key = keys[at] as ExtentKey;
      const first = members[0];
      if (first && groupOf(first.firstPage) !== groupOf(key.firstPage)) {
        if (!(await visit(members))) return false;
        members = [];
      }
      arrayAppend(members, key);
    }
    if (next === undefined) break;
    firstPage = firstPageOfGroup(groupOf(next));
  }
  return members.length === 0 || visit(members);
}
