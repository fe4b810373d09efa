/**
 * Going back: what must be committed now so that the database is again what it was.
 *
 * Promise: applied to the present state, the commit gives exactly the pages of the earlier one; it holds only pages that differ.
 * Both states are read side by side, a group at a time, so memory holds the commit and the two tails, never two databases.
 * Knows nothing of SQL, and not when a restore is due.
 */
import { SimulatorError } from '../base/errors.ts';
import { typedArraySet, typedArraySubarray, wordsSlice } from '../base/primordials.ts';
import { overlay, summarise, type Tail } from './log-checkpoint.ts';
import { assemble, firstPageOfGroup, GROUP_PAGES, groupOf } from './log-geometry.ts';
import { headAt, readTail } from './log-state.ts';
import type { Base, ObjectStore, StoreHead } from './object-store.ts';
import { PAGE_SIZE_BYTES, type PageCommit } from './pages.ts';

/**
 * What turns the state at `head` into the one at `target`. The alarm lies in the pages, so the record says the same one.
 *
 * @throws SimulatorError `bookmark_expired` when `target` is not kept; `fenced` when a newer instance collected it meanwhile
 */
export async function readDifference(
  store: ObjectStore,
  head: StoreHead,
  target: number,
): Promise<PageCommit & { readonly alarm: number | null }> {
  const then = await StateReader.open(store, headAt(head, target));
  const now = await StateReader.open(store, head);
  const { pageCount } = then;
  const numbers = new Uint32Array(pageCount);
  // Memory that is never touched costs nothing, so there is room for a difference as large as the database.
  const bytes = new Uint8Array(pageCount * PAGE_SIZE_BYTES);
  let found = 0;
  for (let group = 0; pageCount > 0 && group <= groupOf(pageCount); group++) {
    const firstPage = firstPageOfGroup(group);
    const [wanted, present] = [await then.read(firstPage), await now.read(firstPage)];
    for (let at = 0; at < wanted.length; at += PAGE_SIZE_BYTES) {
      const page = typedArraySubarray(wanted, at, at + PAGE_SIZE_BYTES);
      if (isEqual(page, typedArraySubarray(present, at, at + PAGE_SIZE_BYTES))) continue;
      numbers[found] = firstPage + at / PAGE_SIZE_BYTES;
      typedArraySet(bytes, page, found * PAGE_SIZE_BYTES);
      found++;
    }
  }
  const pages = {
    numbers: wordsSlice(numbers, 0, found),
    bytes: typedArraySubarray(bytes, 0, found * PAGE_SIZE_BYTES),
  };
  return { pages, pageCount, alarm: then.alarm };
}

/** One state of a log, group by group. */
class StateReader {
  readonly pageCount: number;
  readonly alarm: number | null;
  readonly #store: ObjectStore;
  /** the base with what the tail cut off it */
  readonly #base: Base;
  readonly #asOf: number;
  readonly #tail: Tail;

  private constructor(store: ObjectStore, base: Base, tail: Tail) {
    const { sequence, pageCount, alarm } = tail.after;
    const cut = tail.cutTo === undefined ? [] : [{ sequence, pageCount: tail.cutTo }];
    this.pageCount = pageCount;
    this.alarm = alarm;
    this.#store = store;
    this.#base = { ...base, pageCount, truncations: [...base.truncations, ...cut] };
    this.#asOf = base.sequence;
    this.#tail = tail;
  }

  static async open(store: ObjectStore, head: StoreHead): Promise<StateReader> {
    const records = await readTail(store, { after: head.base.sequence, upTo: head.sequence });
    return new StateReader(store, head.base, summarise(head.base, records ?? overtaken()));
  }

  /** Whole pages of the group that begins at `firstPage`; fewer where the database ends. */
  async read(firstPage: number): Promise<Uint8Array> {
    const range = { firstPage, untilPage: firstPage + GROUP_PAGES, asOf: this.#asOf };
    const extents = (await this.#store.readExtents(range)) ?? overtaken();
    const bytes = assemble({ base: this.#base, extents, firstPage, pages: GROUP_PAGES });
    overlay(bytes, firstPage, this.#tail);
    return bytes;
  }
}

function overtaken(): never {
  throw new SimulatorError('fenced', 'A newer instance of this object has opened its storage.');
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}
