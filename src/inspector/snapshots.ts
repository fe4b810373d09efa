/**
 * Objects as they are stored, opened for reading.
 *
 * Promise: reading takes no lease, adds no record and writes nothing. One object is kept open at a time, so memory holds one
 * database at most; asked again, it reads only what was committed since. What a reader gets is one state: the one at the
 * head that was read first, or an earlier one that was asked for.
 */
import { SimulatorError } from '../base/errors.ts';
import type { InspectedHistory, PointInTime } from '../protocol/inspection.ts';
import { resolveLimits } from '../protocol/limits.ts';
import type { ObjectAddress } from '../protocol/names.ts';
import { bookmarkOf, findBookmark, type Point } from '../storage/bookmarks.ts';
import { Database } from '../storage/database.ts';
import type { Engine } from '../storage/engine.ts';
import { findSequence, type History, listMoments } from '../storage/log-history.ts';
import { fill, readSnapshot, readTail } from '../storage/log-state.ts';
import type { ObjectStore, StoreHead } from '../storage/object-store.ts';
import { PageFile } from '../storage/page-file.ts';

/** The store of an object to look at; undefined when it was never opened. */
export type FindStore = (object: ObjectAddress) => Promise<ObjectStore | undefined>;

interface Kept {
  readonly object: ObjectAddress;
  /** an earlier state, which does not change any more; undefined: the present one */
  readonly at: number | undefined;
  readonly store: ObjectStore;
  file: PageFile;
  head: StoreHead;
  database: Database | undefined;
}

export class Snapshots {
  readonly #find: FindStore;
  readonly #engine: Engine;
  #kept: Kept | undefined;

  constructor(options: { find: FindStore; engine: Engine }) {
    this.#find = options.find;
    this.#engine = options.engine;
  }

  /**
   * Reads one state of an object; an object that was never stored is an empty database.
   *
   * @param at  undefined: now
   * @throws SimulatorError `bookmark_expired` for what is not kept any more, or is still to come; TypeError for a string that
   * is no bookmark
   */
  async read<T>(object: ObjectAddress, at: PointInTime | undefined, use: (database: Database) => T): Promise<T> {
    const kept = await this.#open(object, at);
    if (!kept) {
      const nothing = this.#connect(new PageFile());
      try {
        return use(nothing);
      } finally {
        nothing.close();
      }
    }
    kept.database ??= this.#connect(kept.file);
    try {
      return use(kept.database);
    } finally {
      // Our own copy, and nothing but a bug writes to it; then it must not be shown to the next reader.
      if (kept.file.isDirty) await this.forget();
    }
  }

  /** Gives the memory back. */
  async forget(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    kept?.database?.close();
    await kept?.store.close();
  }

  /** The points that can be looked at: all of them up to `limit`, else so many, evenly spread. */
  async moments(object: ObjectAddress, limit: number): Promise<InspectedHistory | undefined> {
    const store = await this.#find(object);
    try {
      const history = store && (await listMoments(store, { limit }));
      return history && historyOf(history);
    } finally {
      await store?.close();
    }
  }

  async #open(object: ObjectAddress, at: PointInTime | undefined): Promise<Kept | undefined> {
    const kept = this.#kept;
    if (kept?.object === object && kept.at === at && (await this.#advance(kept))) return kept;
    await this.forget();
    const store = await this.#find(object);
    if (!store) return undefined;
    try {
      const point = await pointOf(store, at);
      const state = await readSnapshot(store, point === undefined ? {} : { at: point });
      if (state) {
        const file = new PageFile();
        fill(file, state);
        this.#kept = { object, at: point, store, file, head: state.head, database: undefined };
      }
      return this.#kept;
    } finally {
      if (!this.#kept) await store.close();
    }
  }

  /** Adds what was committed since. False when it must be read anew: it was deleted, or the records between were folded. */
  async #advance(kept: Kept): Promise<boolean> {
    if (kept.at !== undefined) return true;
    try {
      const head = await kept.store.readHead();
      if (!head || head.sequence < kept.head.sequence) return false;
      if (head.sequence === kept.head.sequence) return true;
      const records = await readTail(kept.store, { after: kept.head.sequence, upTo: head.sequence });
      if (!records) return false;
      // SQLite holds pages of its own, which these replace.
      kept.database?.close();
      kept.database = undefined;
      for (const record of records) {
        if (record.kind !== 'commit') continue;
        const { numbers, bytes, pageCount } = record;
        kept.file.apply({ pages: { numbers, bytes }, pageCount });
      }
      kept.head = head;
      return true;
    } catch (error) {
      // The store was deleted, or its records went while they were read: what is there now says more.
      if (error instanceof SimulatorError) return false;
      throw error;
    }
  }

  #connect(file: PageFile): Database {
    return new Database({ engine: this.#engine, file, limits: resolveLimits('workerd') });
  }
}

/** The sequence that is meant; undefined: the present one, or there is none. */
async function pointOf(store: ObjectStore, at: PointInTime | undefined): Promise<number | undefined> {
  if (typeof at === 'string') return findBookmark(store, at);
  return at instanceof Date ? findSequence(store, at.getTime()) : at;
}

function historyOf({ floor, head, moments }: History): InspectedHistory {
  return {
    oldest: { ...namesOf(floor), timeMs: floor.timeMs },
    now: { ...namesOf(head), timeMs: head.timeMs },
    moments: moments.map((moment) => ({ ...namesOf(moment), timeMs: moment.timeMs, pages: moment.pages })),
  };
}

function namesOf(point: Point): { readonly at: number; readonly bookmark: string } {
  return { at: point.sequence, bookmark: bookmarkOf(point) };
}
