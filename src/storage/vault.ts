/**
 * One account's databases: where objects and the account itself are kept.
 *
 * Promise: IndexedDB and memory behave alike, so nothing above asks which it is. Each object has a database of its own (see
 * src/README.md for the measurement), the account a small one with the directory; deleting the account leaves none of them.
 * Knows nothing of what is in a log.
 */
import { must } from '../base/assert.ts';
import { deferred } from '../base/async.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import { type Account, databaseNames, type ObjectAddress } from '../protocol/names.ts';
import type { ObjectStore } from './object-store.ts';
import { type AccountStore, MemoryAccountStore, type ObjectRecord, openAccountDatabase } from './vault-account.ts';
import { openObjectDatabase } from './vault-indexeddb.ts';
import { MemoryObject, MemoryObjectStore } from './vault-memory.ts';
import { deleteDatabase, storageError } from './vault-schema.ts';

export interface Vault {
  readonly mode: 'indexeddb' | 'memory';
  readonly account: AccountStore;
  /** The store of an object that will be written; with a record, the directory knows it from now on. */
  openObject(object: ObjectAddress, record?: ObjectRecord): Promise<ObjectStore>;
  /** The store of an object to look at; undefined, and nothing is made, when it was never opened. */
  findObject(object: ObjectAddress): Promise<ObjectStore | undefined>;
  listObjects(): Promise<ObjectRecord[]>;
  /**
   * Deletes every database of the account and closes the vault. Connections elsewhere close by themselves; a thread
   * that is busy delays this until it pauses or is terminated.
   *
   * @throws SimulatorError `storage_failed` that names what is left when the browser has deleted nothing for a while, because a
   * thread that does not end has it open; the account's own database is left too, so that the account can be deleted again
   */
  deleteAll(): Promise<void>;
  /** Closes the account's database; object stores are closed by those who opened them. */
  close(): void;
}

export interface VaultOptions {
  readonly mode: 'auto' | 'indexeddb' | 'memory';
  readonly account: Account;
  /** how long is waited for a deletion */
  readonly clock?: Clock;
}

export interface OpenedVault {
  readonly vault: Vault;
  /** why `auto` came to memory: worth telling the person once */
  readonly fallback?: SimulatorError;
  /** the browser's words, if it has dropped all that the origin had stored */
  readonly lost?: string;
}

/**
 * @throws SimulatorError with mode `indexeddb`: `storage_unavailable` when it cannot be used at all, else why it failed;
 * with `auto`: `version_mismatch`, since the person's data exists and hiding it behind an empty memory would be worse
 */
export async function openVault({ mode, account, clock = systemClock() }: VaultOptions): Promise<OpenedVault> {
  if (mode === 'memory') return { vault: new MemoryVault() };
  let lost: string | undefined;
  try {
    const store = await openAccountDatabase(account, (why) => {
      lost = why;
    });
    return { vault: new IndexedDbVault({ account, store, clock }), ...(lost === undefined ? {} : { lost }) };
  } catch (error) {
    const reason = storageError(error, databaseNames.account(account));
    if (mode === 'auto' && reason.code !== 'version_mismatch') return { vault: new MemoryVault(), fallback: reason };
    if (reason.code === 'version_mismatch' || reason.code === 'storage_unavailable') throw reason;
    throw new SimulatorError('storage_unavailable', `IndexedDB cannot be used here: ${reason.message}`, {
      cause: reason,
    });
  }
}

/** One object's store by itself, for an isolate: it needs no account database. */
export async function openObjectStore(
  account: Account,
  object: ObjectAddress,
  /** now, when the log is opened next: a new database gets its first fence with this time */
  timeMs?: number,
): Promise<ObjectStore> {
  const create = timeMs === undefined ? true : { timeMs };
  return must(await openObjectDatabase(databaseNames.object(account, object), create), 'the database just made');
}

/** The same to look at only; undefined, and nothing is made, when it was never opened. */
export function findObjectStore(account: Account, object: ObjectAddress): Promise<ObjectStore | undefined> {
  return openObjectDatabase(databaseNames.object(account, object), false);
}

/** Deletes an account that need not be open here; nothing happens when there is none. */
export async function deleteAccount(account: Account): Promise<void> {
  const store = await openAccountDatabase(account);
  await new IndexedDbVault({ account, store, clock: systemClock() }).deleteAll();
}

/** Names of the accounts that have a database in this origin, sorted; none where the browser does not tell. */
export async function listAccounts(): Promise<string[]> {
  if (typeof indexedDB === 'undefined' || typeof indexedDB.databases !== 'function') return [];
  const prefix = databaseNames.account('' as Account);
  const names = (await indexedDB.databases()).map(({ name }) => name ?? '');
  return names
    .filter((name) => name.startsWith(prefix) && !OBJECT_NAME.test(name))
    .map((name) => name.slice(prefix.length))
    .sort();
}

class IndexedDbVault implements Vault {
  readonly mode = 'indexeddb';
  readonly account: AccountStore;
  readonly #account: Account;
  readonly #clock: Clock;

  constructor({ account, store, clock }: { account: Account; store: AccountStore; clock: Clock }) {
    this.#account = account;
    this.account = store;
    this.#clock = clock;
  }

  async openObject(object: ObjectAddress, record?: ObjectRecord): Promise<ObjectStore> {
    const recording = record ? this.account.recordObject(record) : Promise.resolve();
    const [opened, recorded] = await Promise.allSettled([openObjectStore(this.#account, object), recording]);
    if (opened.status === 'rejected') throw opened.reason;
    if (recorded.status === 'fulfilled') return opened.value;
    await opened.value.close();
    throw recorded.reason;
  }

  findObject(object: ObjectAddress): Promise<ObjectStore | undefined> {
    return findObjectStore(this.#account, object);
  }

  listObjects(): Promise<ObjectRecord[]> {
    return this.account.listObjects();
  }

  /** The account's own database goes last, so that what an interruption left behind is still in the directory. */
  async deleteAll(): Promise<void> {
    const listed = (await this.listObjects()).map(({ address }) => databaseNames.object(this.#account, address));
    const names = new Set([...listed, ...((await databasesOf(this.#account)) ?? [])]);
    try {
      await this.#deleteEach(names);
    } finally {
      this.close();
    }
    await this.#deleteEach([databaseNames.account(this.#account)]);
  }

  /** All at once. Each that goes is a sign that the others will. */
  async #deleteEach(names: Iterable<string>): Promise<void> {
    const left = new Set(names);
    const stuck = deferred<never>();
    const watch = () => this.#clock.after(DELETION_PATIENCE_MS, () => stuck.reject(notDeleted(left)));
    let timer = watch();
    const deleteOne = async (name: string) => {
      await deleteDatabase(name);
      left.delete(name);
      timer.cancel();
      if (left.size > 0) timer = watch();
    };
    try {
      await Promise.race([Promise.all([...left].map(deleteOne)), stuck.promise]);
    } finally {
      timer.cancel();
    }
  }

  close(): void {
    this.account.close();
  }
}

/** Real ms. A thread that computes gets its 2 s from Chromium when it is terminated, and its databases are free after that. */
const DELETION_PATIENCE_MS = 10_000;

function notDeleted(left: ReadonlySet<string>): SimulatorError {
  const [first] = left;
  const others = left.size > 1 ? ` and ${left.size - 1} more` : '';
  return new SimulatorError(
    'storage_failed',
    `The database "${first}"${others} could not be deleted: a thread that does not end has it open. Close the tabs that use ` +
      'the account, or reload them, and delete it again.',
  );
}

/** Names of the account's object databases as the browser knows them; undefined where it does not say. */
async function databasesOf(account: Account): Promise<string[] | undefined> {
  if (typeof indexedDB.databases !== 'function') return undefined;
  const prefix = databaseNames.objectPrefix(account);
  const all = await indexedDB.databases();
  // An account whose name continues ours after a colon is another one: object addresses hold no colon.
  return all
    .map(({ name }) => name ?? '')
    .filter((name) => name.startsWith(prefix) && OBJECT_NAME.test(name) && !name.slice(prefix.length).includes(':'));
}

/** How the name of an object's database ends: its address. */
const OBJECT_NAME = /:[^:]+\/[0-9a-f]{64}$/;

class MemoryVault implements Vault {
  readonly mode = 'memory';
  readonly account = new MemoryAccountStore();
  readonly #objects = new Map<ObjectAddress, MemoryObject>();

  async openObject(object: ObjectAddress, record?: ObjectRecord): Promise<ObjectStore> {
    if (record) await this.account.recordObject(record);
    const stored = this.#objects.get(object) ?? new MemoryObject();
    this.#objects.set(object, stored);
    return this.#storeOf(object, stored);
  }

  async findObject(object: ObjectAddress): Promise<ObjectStore | undefined> {
    const stored = this.#objects.get(object);
    return stored && this.#storeOf(object, stored);
  }

  listObjects(): Promise<ObjectRecord[]> {
    return this.account.listObjects();
  }

  async deleteAll(): Promise<void> {
    for (const object of this.#objects.values()) object.isDestroyed = true;
    this.#objects.clear();
    this.close();
  }

  close(): void {
    this.account.close();
  }

  #storeOf(address: ObjectAddress, object: MemoryObject): ObjectStore {
    return new MemoryObjectStore({ address, object, onDestroy: () => this.#objects.delete(address) });
  }
}
