/**
 * What a payload holds by reference: which values those are, and the tables that keep the things behind them.
 *
 *     ExportTable   what this end keeps for the peer, by number: 0 is what the link leads to and stays
 *     ImportTable   what the peer keeps for this end, and how often it sent each, so that a release tells the count
 *
 * Promise: a thing stays exported until the peer released it as often as it was sent; a release that crosses another
 * sending of the same thing therefore loses nothing. All kinds are known to the codec through one registry, passed in,
 * so neither the codec nor the session imports the modules that make them.
 *
 * No kind can travel yet: the registry names what a value is, so that the refusal can say so.
 */
import { assert } from '../base/assert.ts';
import type { ExportId } from '../protocol/messages.ts';
import type { StubHook } from './hook.ts';

/** One kind of thing that goes by reference. */
export interface ExternalKind {
  /** as in the sentence "Durabox does not support passing a … over RPC yet." */
  readonly name: string;
  /** functions are asked about too */
  matches(value: object): boolean;
  /** the platform's own text, for what it refuses as well */
  refusal?(value: object): string;
}

export class ExternalRegistry {
  readonly #kinds: readonly ExternalKind[];

  /** The first kind that matches wins. */
  constructor(kinds: readonly ExternalKind[]) {
    this.#kinds = kinds;
  }

  kindOf(value: object): ExternalKind | undefined {
    for (let i = 0; i < this.#kinds.length; i++) {
      const kind = this.#kinds[i] as ExternalKind;
      if (kind.matches(value)) return kind;
    }
    return undefined;
  }

  /** The platform's own refusal of a thing, if it has one. */
  refusalOf(value: object): string | undefined {
    return this.kindOf(value)?.refusal?.(value);
  }

  /** Refuses a thing by reference. @throws TypeError that names its kind, if it has one */
  refuse(value: object): void {
    const kind = this.kindOf(value);
    if (kind) throw new TypeError(`Durabox does not support passing ${kind.name} over RPC yet.`);
  }
}

/** The number of what a link leads to. */
export const MAIN_EXPORT: ExportId = 0;

interface Export {
  readonly hook: StubHook;
  /** how often it was sent and not yet released */
  count: number;
}

export class ExportTable {
  readonly #byId = new Map<ExportId, Export>();
  readonly #idOf = new Map<StubHook, ExportId>();
  #lastId: ExportId = MAIN_EXPORT;

  /** What the peer still holds, besides the main one. */
  get size(): number {
    return this.#byId.size;
  }

  /** Counts one sending of `hook`; the table owns it until the last release. The same hook keeps its number. */
  send(hook: StubHook): ExportId {
    const known = this.#idOf.get(hook);
    if (known !== undefined) {
      this.#entry(known).count++;
      return known;
    }
    const id = ++this.#lastId;
    this.#byId.set(id, { hook, count: 1 });
    this.#idOf.set(hook, id);
    return id;
  }

  get(id: ExportId): StubHook | undefined {
    return this.#byId.get(id)?.hook;
  }

  /** Takes back `count` sendings and disposes of the hook with the last. False when the peer never had that many. */
  release(id: ExportId, count: number): boolean {
    const entry = this.#byId.get(id);
    if (!entry || count < 1 || count > entry.count) return false;
    entry.count -= count;
    if (entry.count === 0) this.#drop(id, entry.hook);
    return true;
  }

  /** The link is gone, and the peer with it. */
  releaseAll(): void {
    for (const [id, { hook }] of [...this.#byId]) this.#drop(id, hook);
  }

  #entry(id: ExportId): Export {
    const entry = this.#byId.get(id);
    assert(entry, `export ${id} is in one table and not in the other`);
    return entry;
  }

  #drop(id: ExportId, hook: StubHook): void {
    this.#byId.delete(id);
    this.#idOf.delete(hook);
    hook.dispose();
  }
}

export class ImportTable {
  readonly #counts = new Map<ExportId, number>();

  get size(): number {
    return this.#counts.size;
  }

  /** Counts one arrival of the peer's export `id`. */
  receive(id: ExportId): void {
    this.#counts.set(id, (this.#counts.get(id) ?? 0) + 1);
  }

  /** Forgets `id` and gives how often it came: what the release message has to say. 0 when there is nothing to release. */
  release(id: ExportId): number {
    const count = this.#counts.get(id) ?? 0;
    this.#counts.delete(id);
    return count;
  }
}
