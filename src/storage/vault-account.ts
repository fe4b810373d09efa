/**
 * The small database of one account: which code is deployed, which objects exist, which have an alarm, and single named values.
 *
 * Promise: a deployment's number is taken once; of two who deploy on the same predecessor one is told that it lost.
 * Runs in hosts only, where no user code is, so it calls IndexedDB through the idb library.
 * Knows nothing of what a deployment means.
 */
import { type DBSchema, type IDBPDatabase, type IDBPObjectStore, openDB, type StoreNames } from 'idb';
import { SimulatorError } from '../base/errors.ts';
import type { Account, ObjectAddress, UniqueKey } from '../protocol/names.ts';
import { databaseNames } from '../protocol/names.ts';
import {
  type AlarmEntry,
  type AlarmIndex,
  type AlarmNote,
  type AlarmRetry,
  entryAfterNote,
  entryAfterRetry,
} from './alarm-index.ts';
import type { Durability } from './object-store.ts';
import { errorName } from './vault-natives.ts';
import { renewBrowserLog } from './vault-renewal.ts';
import { mustHaveIndexedDb, storageError } from './vault-schema.ts';

/** One deployment as stored; `content` is the host's own, and structured-cloneable. */
export interface DeploymentRecord {
  /** from 1, one higher with each deployment */
  readonly number: number;
  /** of everything in `content` that makes a difference: equal hashes need no new deployment */
  readonly hash: string;
  readonly content: unknown;
}

/** One entry of the directory of objects. */
export interface ObjectRecord {
  readonly address: ObjectAddress;
  readonly uniqueKey: UniqueKey;
  /** 64 hex digits */
  readonly id: string;
  readonly className: string;
  /** left out when the object is only known by its id */
  readonly name?: string;
}

export interface AccountStore extends AlarmIndex {
  /**
   * @param known  as it was read before: given back, and not read again, while it is current. A deployment's code may be
   * megabytes, and every start of an object asks.
   */
  currentDeployment(known?: DeploymentRecord): Promise<DeploymentRecord | undefined>;
  /**
   * Makes `record` the current deployment if its predecessor, `record.number - 1`, still is; 0 stands for none.
   *
   * @returns false, and nothing is written, when another deployment came first
   */
  putDeployment(record: DeploymentRecord): Promise<boolean>;
  /** Remembers an object; the first record stays, but a name that was not known is added. */
  recordObject(record: ObjectRecord): Promise<void>;
  /** Every object ever opened for writing, by address; of one namespace if a key is given. */
  listObjects(uniqueKey?: UniqueKey): Promise<ObjectRecord[]>;
  /** And its alarm. */
  forgetObject(address: ObjectAddress): Promise<void>;
  /** A structured-cloneable value by name; undefined when it was never written. */
  readMeta(name: string): Promise<unknown>;
  writeMeta(name: string, value: unknown): Promise<void>;
  close(): void;
}

interface AccountSchema extends DBSchema {
  deployments: { key: number; value: DeploymentRecord };
  objects: { key: string; value: ObjectRecord; indexes: { uniqueKey: string } };
  alarms: { key: string; value: AlarmEntry; indexes: { dueMs: number } };
  meta: { key: string; value: unknown };
}

type Database = IDBPDatabase<AccountSchema>;
type Store = StoreNames<AccountSchema>;
type Readable<Name extends Store> = IDBPObjectStore<AccountSchema, [Name], Name, 'readonly'>;
type Writable<Name extends Store> = IDBPObjectStore<AccountSchema, [Name], Name, 'readwrite'>;

/** What is told by a transaction that the browser gave up, by a request that waited in it, and by one that came too late. */
const GIVEN_UP: readonly unknown[] = ['TimeoutError', 'AbortError', 'TransactionInactiveError'];

/** Raised with that of objects (`vault-schema.ts`): an account of an older version opens as a new one, and so do its objects. */
const SCHEMA_VERSION = 4;

/**
 * @param onLost  hears the browser's words if it has dropped all that the origin had stored
 * @throws SimulatorError `storage_unavailable`, `version_mismatch`, `quota`, `storage_failed`
 */
export async function openAccountDatabase(account: Account, onLost?: (why: string) => void): Promise<AccountStore> {
  const name = databaseNames.account(account);
  mustHaveIndexedDb();
  // Before anything of the account is written, in whatever database: nobody writes to one whose account is not open.
  const lost = await renewBrowserLog();
  if (lost !== undefined) onLost?.(lost);
  const holder: { store?: IndexedDbAccountStore } = {};
  try {
    const database = await openDB<AccountSchema>(name, SCHEMA_VERSION, {
      upgrade(db, _oldVersion, _newVersion, tx) {
        // If it fails, so does `openDB`, which is heard.
        tx.done.catch(() => undefined);
        for (const store of Array.from(db.objectStoreNames)) db.deleteObjectStore(store);
        db.createObjectStore('deployments', { keyPath: 'number' });
        db.createObjectStore('objects', { keyPath: 'address' }).createIndex('uniqueKey', 'uniqueKey');
        db.createObjectStore('alarms', { keyPath: 'address' }).createIndex('dueMs', 'dueMs');
        db.createObjectStore('meta');
      },
      blocking: () => holder.store?.lose('it is being deleted or upgraded by another tab'),
      terminated: () => holder.store?.lose('the browser closed it'),
    });
    holder.store = new IndexedDbAccountStore(name, database);
    return holder.store;
  } catch (error) {
    throw storageError(error, name);
  }
}

class IndexedDbAccountStore implements AccountStore {
  readonly #name: string;
  readonly #database: Database;
  #ended: SimulatorError | undefined;

  constructor(name: string, database: Database) {
    this.#name = name;
    this.#database = database;
  }

  currentDeployment(known?: DeploymentRecord): Promise<DeploymentRecord | undefined> {
    return this.#read('deployments', async (deployments) => {
      const newest = await deployments.openKeyCursor(null, 'prev');
      if (!newest || newest.key === known?.number) return newest ? known : undefined;
      return deployments.get(newest.key);
    });
  }

  putDeployment(record: DeploymentRecord): Promise<boolean> {
    return this.#write('deployments', async (deployments) => {
      const newest = await deployments.openKeyCursor(null, 'prev');
      if ((newest?.key ?? 0) !== record.number - 1) return false;
      const older = IDBKeyRange.upperBound(record.number - 1);
      await Promise.all([deployments.add(record), deployments.delete(older)]);
      return true;
    });
  }

  async recordObject(record: ObjectRecord): Promise<void> {
    const known = await this.#read('objects', (objects) => objects.get(record.address));
    if (known && (known.name !== undefined || record.name === undefined)) return;
    await this.#write('objects', (objects) => objects.put(record));
  }

  listObjects(uniqueKey?: UniqueKey): Promise<ObjectRecord[]> {
    return this.#read('objects', (objects) =>
      uniqueKey === undefined ? objects.getAll() : objects.index('uniqueKey').getAll(uniqueKey),
    );
  }

  forgetObject(address: ObjectAddress): Promise<void> {
    return this.#try(async (db) => {
      const tx = db.transaction(['objects', 'alarms'], 'readwrite');
      await Promise.all([tx.objectStore('objects').delete(address), tx.objectStore('alarms').delete(address), tx.done]);
    });
  }

  noteAlarm(note: AlarmNote, durability: Durability = 'relaxed'): Promise<void> {
    return this.#changeAlarm(note.address, durability, (entry) => entryAfterNote(entry, note));
  }

  noteRetry(seen: AlarmEntry, retry: AlarmRetry): Promise<void> {
    return this.#changeAlarm(seen.address, 'relaxed', (entry) => entryAfterRetry(entry, seen, retry));
  }

  dueAlarms(nowMs: number, count: number): Promise<AlarmEntry[]> {
    return this.#read('alarms', (alarms) => alarms.index('dueMs').getAll(IDBKeyRange.upperBound(nowMs), count));
  }

  async nextAlarm(nowMs: number): Promise<number | undefined> {
    const later = IDBKeyRange.lowerBound(nowMs, true);
    const [next] = await this.#read('alarms', (alarms) => alarms.index('dueMs').getAll(later, 1));
    return next?.dueMs;
  }

  #changeAlarm(
    address: ObjectAddress,
    durability: Durability,
    change: (entry: AlarmEntry | undefined) => AlarmEntry | undefined,
  ): Promise<void> {
    const write = async (alarms: Writable<'alarms'>) => {
      const entry = await alarms.get(address);
      const next = change(entry);
      if (next === entry) return;
      if (next) await alarms.put(next);
      else await alarms.delete(address);
    };
    return this.#write('alarms', write, durability);
  }

  readMeta(name: string): Promise<unknown> {
    return this.#read('meta', (meta) => meta.get(name));
  }

  async writeMeta(name: string, value: unknown): Promise<void> {
    await this.#write('meta', (meta) => meta.put(value, name));
  }

  close(): void {
    this.#ended ??= new SimulatorError('closed', `The account database "${this.#name}" is closed; open it again.`);
    this.#database.close();
  }

  lose(why: string): void {
    this.#ended ??= new SimulatorError('storage_failed', `The account database "${this.#name}" is lost: ${why}.`);
    this.#database.close();
  }

  /** What was read stays read, whatever becomes of its transaction; idb's shortcuts for one read leave its end to nobody. */
  #read<Name extends Store, T>(name: Name, use: (store: Readable<Name>) => Promise<T>): Promise<T> {
    return this.#try((db) => {
      const tx = db.transaction(name);
      tx.done.catch(() => {});
      return use(tx.store);
    });
  }

  /** @param use  awaits nothing but its own requests: with anything else the transaction would have ended */
  #write<Name extends Store, T>(
    name: Name,
    use: (store: Writable<Name>) => Promise<T>,
    durability: Durability = 'relaxed',
  ): Promise<T> {
    return this.#try(async (db) => {
      const tx = db.transaction(name, 'readwrite', { durability });
      const [result] = await Promise.all([use(tx.store), tx.done]);
      return result;
    });
  }

  /**
   * A transaction that came to nothing is made once more: browsers end the one that stands still for a minute while others
   * wait for it, as it does in a thread that is halted by a debugger.
   */
  async #try<T>(use: (database: Database) => Promise<T>): Promise<T> {
    if (this.#ended) throw this.#ended;
    try {
      return await use(this.#database).catch((error) => {
        if (this.#ended || !GIVEN_UP.includes(errorName(error))) throw error;
        return use(this.#database);
      });
    } catch (error) {
      throw this.#ended ?? storageError(error, this.#name);
    }
  }
}

/** The same in memory; copies in and out. */
export class MemoryAccountStore implements AccountStore {
  #deployment: DeploymentRecord | undefined;
  readonly #objects = new Map<ObjectAddress, ObjectRecord>();
  readonly #alarms = new Map<ObjectAddress, AlarmEntry>();
  readonly #meta = new Map<string, unknown>();
  #isClosed = false;

  async currentDeployment(known?: DeploymentRecord): Promise<DeploymentRecord | undefined> {
    this.#mustBeOpen();
    if (known && known.number === this.#deployment?.number) return known;
    return structuredClone(this.#deployment);
  }

  async putDeployment(record: DeploymentRecord): Promise<boolean> {
    this.#mustBeOpen();
    if ((this.#deployment?.number ?? 0) !== record.number - 1) return false;
    this.#deployment = structuredClone(record);
    return true;
  }

  async recordObject(record: ObjectRecord): Promise<void> {
    this.#mustBeOpen();
    const known = this.#objects.get(record.address);
    if (!known || (known.name === undefined && record.name !== undefined)) {
      this.#objects.set(record.address, { ...record });
    }
  }

  async listObjects(uniqueKey?: UniqueKey): Promise<ObjectRecord[]> {
    this.#mustBeOpen();
    return [...this.#objects.values()]
      .filter((record) => uniqueKey === undefined || record.uniqueKey === uniqueKey)
      .sort((a, b) => (a.address < b.address ? -1 : 1));
  }

  async forgetObject(address: ObjectAddress): Promise<void> {
    this.#mustBeOpen();
    this.#objects.delete(address);
    this.#alarms.delete(address);
  }

  async noteAlarm(note: AlarmNote): Promise<void> {
    this.#changeAlarm(note.address, (entry) => entryAfterNote(entry, note));
  }

  async noteRetry(seen: AlarmEntry, retry: AlarmRetry): Promise<void> {
    this.#changeAlarm(seen.address, (entry) => entryAfterRetry(entry, seen, retry));
  }

  async dueAlarms(nowMs: number, count: number): Promise<AlarmEntry[]> {
    this.#mustBeOpen();
    return this.#alarmsInOrder()
      .filter(({ dueMs }) => dueMs <= nowMs)
      .slice(0, count);
  }

  async nextAlarm(nowMs: number): Promise<number | undefined> {
    this.#mustBeOpen();
    return this.#alarmsInOrder().find(({ dueMs }) => dueMs > nowMs)?.dueMs;
  }

  #changeAlarm(address: ObjectAddress, change: (entry: AlarmEntry | undefined) => AlarmEntry | undefined): void {
    this.#mustBeOpen();
    const next = change(this.#alarms.get(address));
    if (next) this.#alarms.set(address, next);
    else this.#alarms.delete(address);
  }

  #alarmsInOrder(): AlarmEntry[] {
    return [...this.#alarms.values()].sort((a, b) => a.dueMs - b.dueMs || (a.address < b.address ? -1 : 1));
  }

  async readMeta(name: string): Promise<unknown> {
    this.#mustBeOpen();
    return structuredClone(this.#meta.get(name));
  }

  async writeMeta(name: string, value: unknown): Promise<void> {
    this.#mustBeOpen();
    this.#meta.set(name, structuredClone(value));
  }

  close(): void {
    this.#isClosed = true;
  }

  #mustBeOpen(): void {
    if (this.#isClosed) throw new SimulatorError('closed', 'The account is closed; open it again.');
  }
}
