/**
 * Reads what an object has stored, without its owner.
 *
 * Promise: it adds no event to the object, does not wake it, takes no lease and writes nothing: it reads the log once, at
 * one head, into an engine of its own.
 */
import type { Leases } from '../network/lease.ts';
import type { EngineParts, ObjectInfo } from '../protocol/control.ts';
import { resolveLimits } from '../protocol/limits.ts';
import { type Account, lockNames, type ObjectAddress, type UniqueKey } from '../protocol/names.ts';
import { Database } from '../storage/database.ts';
import { type Engine, type EngineSource, loadEngine } from '../storage/engine.ts';
import { fill, readSnapshot } from '../storage/log-state.ts';
import { PageFile } from '../storage/page-file.ts';
import type { Vault } from '../storage/vault.ts';

const HAS_ENTRIES = "SELECT 1 FROM sqlite_master WHERE name = '_cf_KV'";
const ENTRIES = 'SELECT key, value FROM _cf_KV ORDER BY key';

export interface InspectorOptions {
  vault: Vault;
  engine: EngineParts;
  leases: Leases;
  account: Account;
}

export class Inspector {
  readonly #options: InspectorOptions;
  readonly #vault: Vault;
  #engine: Promise<Engine> | undefined;

  constructor(options: InspectorOptions) {
    this.#options = options;
    this.#vault = options.vault;
  }

  /** Every object that was ever started in the account, by class and then by name or id. */
  async listObjects(know: {
    /** the class that a namespace belongs to now; undefined: as it was recorded */
    classOf(namespace: UniqueKey): string | undefined;
    isLive(object: ObjectAddress): boolean;
  }): Promise<ObjectInfo[]> {
    const held = await this.#heldAnywhere();
    const records = await this.#vault.listObjects();
    const state = (object: ObjectAddress): ObjectInfo['state'] =>
      know.isLive(object) ? 'live' : held.has(object) ? 'remote' : 'sleeping';
    return records
      .map(({ address, uniqueKey, id, name, className }) => ({
        className: know.classOf(uniqueKey) ?? className,
        namespace: uniqueKey,
        id,
        name,
        state: state(address),
      }))
      .sort((a, b) => compareText(a.className, b.className) || compareText(a.name ?? a.id, b.name ?? b.id));
  }

  /** Keys with their serialised values, in key order; none for an object that was never stored. */
  async readEntries(object: ObjectAddress): Promise<{ key: string; value: Uint8Array }[]> {
    const database = await this.#open(object);
    if (!database) return [];
    const rows: { key: string; value: Uint8Array }[] = [];
    try {
      if (!database.step(database.internal(HAS_ENTRIES))) return [];
      const entries = database.internal(ENTRIES);
      while (database.step(entries)) rows.push({ key: entries.columnText(0), value: entries.columnBlob(1) });
    } finally {
      database.close();
    }
    return rows;
  }

  close(): void {
    void this.#engine?.then((engine) => engine.close());
  }

  /** Objects that some machine of the account runs. */
  async #heldAnywhere(): Promise<Set<string>> {
    const { leases, account } = this.#options;
    const prefix = lockNames.object(account, '' as ObjectAddress);
    return new Set((await leases.held(prefix)).map((name) => name.slice(prefix.length)));
  }

  async #open(object: ObjectAddress): Promise<Database | undefined> {
    const store = await this.#vault.findObject(object);
    if (!store) return undefined;
    try {
      const state = await readSnapshot(store);
      if (!state) return undefined;
      const file = new PageFile();
      fill(file, state);
      this.#engine ??= loadEngine(this.#options.engine as EngineSource);
      return new Database({ engine: await this.#engine, file, limits: resolveLimits('workerd') });
    } finally {
      await store.close();
    }
  }
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
