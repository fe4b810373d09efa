/**
 * What the two ends of a link keep for each other, by number.
 *
 *     ExportTable   what this end keeps for the peer; 0 is what the link leads to and stays
 *     ImportTable   what the peer keeps for this end, how often it sent each, and how many handles there are on it
 *
 * Promise: a thing stays exported until the peer released it as often as it was sent; a release that crosses another
 * sending of the same thing therefore loses nothing. Knows neither messages nor values.
 */
import { mapDelete, mapForEach, mapGet, mapSet, mapSize } from '../base/primordials.ts';
import type { ExportId } from '../protocol/messages.ts';
import type { StubHook } from './hook.ts';

/** The number of what a link leads to. */
export const MAIN_EXPORT: ExportId = 0;

interface Export {
  hook: StubHook;
  /** how often it was sent and not yet released */
  count: number;
}

export class ExportTable {
  readonly #byId = new Map<ExportId, Export>();
  readonly #idOf = new Map<StubHook, ExportId>();
  #lastId: ExportId = MAIN_EXPORT;

  /** What the peer still holds, besides the main one. */
  get size(): number {
    return mapSize(this.#byId);
  }

  /** Counts one sending of `hook`; the table owns it until the last release. The same hook keeps its number. */
  send(hook: StubHook): ExportId {
    const known = mapGet(this.#idOf, hook);
    const entry = known === undefined ? undefined : mapGet(this.#byId, known);
    if (known !== undefined && entry) {
      entry.count++;
      return known;
    }
    const id = ++this.#lastId;
    mapSet(this.#byId, id, { hook, count: 1 });
    mapSet(this.#idOf, hook, id);
    return id;
  }

  get(id: ExportId): StubHook | undefined {
    return mapGet(this.#byId, id)?.hook;
  }

  /** Takes back `count` sendings and disposes of the hook with the last. False when the peer never had that many. */
  release(id: ExportId, count: number): boolean {
    const entry = mapGet(this.#byId, id);
    if (!entry || count < 1 || count > entry.count) return false;
    entry.count -= count;
    if (entry.count === 0) this.#drop(id, entry.hook);
    return true;
  }

  /** Puts `instead` in the place of everything whose maker is over, until the peer releases it; gives their numbers. */
  replaceOver(instead: StubHook): ExportId[] {
    const over: ExportId[] = [];
    mapForEach(this.#byId, (entry: Export, id: ExportId) => {
      if (!entry.hook.isOver) return;
      mapDelete(this.#idOf, entry.hook);
      entry.hook.dispose();
      entry.hook = instead;
      over[over.length] = id;
    });
    return over;
  }

  /** The link is gone, and the peer with it. */
  releaseAll(): void {
    mapForEach(this.#byId, ({ hook }: Export, id: ExportId) => this.#drop(id, hook));
  }

  #drop(id: ExportId, hook: StubHook): void {
    mapDelete(this.#byId, id);
    mapDelete(this.#idOf, hook);
    hook.letGo();
  }
}

export class Import {
  readonly id: ExportId;
  /** how often the peer sent it: what the release message has to say */
  sentCount = 0;
  /** whoever made it is over */
  isGone = false;
  /** handles on it, and questions to it that are not answered yet */
  #holdCount = 0;
  readonly #onUnheld: (entry: Import) => void;

  constructor(id: ExportId, onUnheld: (entry: Import) => void) {
    this.id = id;
    this.#onUnheld = onUnheld;
  }

  hold(): void {
    this.#holdCount++;
  }

  drop(): void {
    if (--this.#holdCount === 0) this.#onUnheld(this);
  }
}

export class ImportTable {
  readonly #byId = new Map<ExportId, Import>();
  readonly #release: (id: ExportId, count: number) => void;

  /** @param release  tells the peer that nobody here needs its export any more */
  constructor(release: (id: ExportId, count: number) => void) {
    this.#release = release;
  }

  get size(): number {
    return mapSize(this.#byId);
  }

  /** Counts one arrival of the peer's export `id`; held once for whoever gets it. */
  receive(id: ExportId): Import {
    let entry = mapGet(this.#byId, id);
    if (!entry) {
      entry = new Import(id, (unheld) => {
        if (mapGet(this.#byId, id) !== unheld) return;
        mapDelete(this.#byId, id);
        this.#release(id, unheld.sentCount);
      });
      mapSet(this.#byId, id, entry);
    }
    entry.sentCount++;
    entry.hold();
    return entry;
  }

  /** It fails from now on, and is released at once; one that was released before crossed this. */
  gone(id: ExportId): void {
    const entry = mapGet(this.#byId, id);
    if (!entry) return;
    entry.isGone = true;
    mapDelete(this.#byId, id);
    this.#release(id, entry.sentCount);
  }

  /** The link is gone: there is nobody to release anything to. */
  forgetAll(): void {
    mapForEach(this.#byId, (_entry: Import, id: ExportId) => mapDelete(this.#byId, id));
  }
}
