/**
 * Objects as they are stored, opened for reading.
 *
 * Promise: reading takes no lease, adds no record and writes nothing. One object is kept open at a time, so memory holds one
 * database at most; asked again, it reads only what was committed since. What a reader gets is one state: the one at the
 * head that was read first, or an earlier one that was asked for.
 */
import { SimulatorError } from '../base/errors.ts';
import type { AtMoment, FacetPath, InspectedFacet, InspectedHistory, PointInTime } from '../protocol/inspection.ts';
import { resolveLimits } from '../protocol/limits.ts';
import type { ObjectAddress } from '../protocol/names.ts';
import { bookmarkOf, findBookmark, type Point } from '../storage/bookmarks.ts';
import { Database } from '../storage/database.ts';
import type { Engine } from '../storage/engine.ts';
import { findSequence, type History, listMoments } from '../storage/log-history.ts';
import { fill, readSnapshot, readTail } from '../storage/log-state.ts';
import type { ObjectStore, StoreHead } from '../storage/object-store.ts';
import { PageFile } from '../storage/page-file.ts';
import { ROOT, Volume, type VolumeFile } from '../storage/volume.ts';

/** The store of an object to look at; undefined when it was never opened. */
export type FindStore = (object: ObjectAddress) => Promise<ObjectStore | undefined>;

interface Kept {
  readonly object: ObjectAddress;
  /** an earlier state, which does not change any more; undefined: the present one */
  readonly at: number | undefined;
  readonly store: ObjectStore;
  /** as the log has them */
  readonly pages: PageFile;
  head: StoreHead;
  /** made of the pages when it is asked for */
  volume: Volume | undefined;
  /** the one that was read last, of the object itself or of a facet */
  open: { readonly path: string; readonly database: Database } | undefined;
}

/** Which database of an object, and when. */
export type Where = Pick<AtMoment, 'at' | 'facet'>;

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
   * @param where  left out: the object's own, now
   * @throws SimulatorError `bookmark_expired` for what is not kept any more, or is still to come; TypeError for a string that
   * is no bookmark
   */
  async read<T>(object: ObjectAddress, { at, facet = [] }: Where, use: (database: Database) => T): Promise<T> {
    const kept = await this.#open(object, at);
    const file = kept && findFile(volumeOf(kept), facet);
    if (!kept || !file) {
      const nothing = this.#connect(new PageFile());
      try {
        return use(nothing);
      } finally {
        nothing.close();
      }
    }
    const path = JSON.stringify(facet);
    if (kept.open?.path !== path) {
      kept.open?.database.close();
      kept.open = { path, database: this.#connect(file) };
    }
    try {
      return use(kept.open.database);
    } finally {
      // Our own copy, and nothing but a bug writes to it; then it must not be shown to the next reader.
      if (file.isDirty) await this.forget();
    }
  }

  /** The facets of one state of an object, parents first. @throws as `read` */
  async facets(object: ObjectAddress, at: PointInTime | undefined): Promise<InspectedFacet[]> {
    const kept = await this.#open(object, at);
    const found: InspectedFacet[] = [];
    const volume = kept && volumeOf(kept);
    const add = (parent: number, above: FacetPath) => {
      for (const { id, name, file } of volume?.under(parent) ?? []) {
        const facet = [...above, name];
        found.push({ facet, sizeBytes: file.sizeBytes });
        add(id, facet);
      }
    };
    add(ROOT, []);
    return found;
  }

  /** Gives the memory back. */
  async forget(): Promise<void> {
    const kept = this.#kept;
    this.#kept = undefined;
    kept?.open?.database.close();
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
        const pages = new PageFile();
        fill(pages, state);
        this.#kept = { object, at: point, store, pages, head: state.head, volume: undefined, open: undefined };
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
      kept.open?.database.close();
      kept.open = undefined;
      kept.volume = undefined;
      for (const record of records) {
        if (record.kind !== 'commit') continue;
        const { numbers, bytes, pageCount } = record;
        kept.pages.apply({ pages: { numbers, bytes }, pageCount });
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

function volumeOf(kept: Kept): Volume {
  kept.volume ??= new Volume(kept.pages);
  return kept.volume;
}

function findFile(volume: Volume, path: FacetPath): PageFile | undefined {
  let file: VolumeFile | undefined = volume.root;
  for (const name of path) file = file && volume.find(file.id, name);
  return file?.file;
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
