/**
 * The database of one object, as IndexedDB sees it: its stores, how it comes and goes, and what its errors mean.
 *
 * Promise: whoever wants to delete or upgrade a database never waits for a connection of ours that has a free thread.
 * Opening runs before user code loads, but in an isolate whose scope has lost the names of IndexedDB: so it uses no
 * library. Deleting runs in a host.
 */
import { deleteDB } from 'idb';
import { must } from '../base/assert.ts';
import { SimulatorError } from '../base/errors.ts';
import { errorName, factory } from './vault-natives.ts';

/**
 * Raised when a stored row changes its shape, together with that of the account (`vault-account.ts`). No older format was ever
 * released, so none is carried over: its stores are dropped when they are opened, and the object begins empty.
 */
const SCHEMA_VERSION = 4;
/** sequence -> record, as `vault-record` writes it; see `object-store.ts` for all of them */
export const RECORDS = 'records';
/** [sequence, part from 1] -> the bytes that continue a record */
export const PARTS = 'parts';
export const EXTENTS = 'extents';
export const BASE = 'base';
export const FENCES = 'fences';
export const BY_SEQUENCE = 'sequence';

/** @returns undefined when there is no such database and `create` is false */
export async function openDatabase(options: {
  readonly name: string;
  readonly create: boolean;
  /** writes what a new or emptied database begins with, in the transaction that makes it */
  readonly onCreated?: ((tx: IDBTransaction) => void) | undefined;
  /** the connection is of no use from now on; it must be closed at once */
  readonly onLost: (why: string) => void;
}): Promise<IDBDatabase | undefined> {
  const { name, create, onCreated, onLost } = options;
  const indexedDb = factory;
  if (!indexedDb) throw unavailable();
  let isAbsent = false;
  try {
    return await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDb.open(name, SCHEMA_VERSION);
      let upgrade: IDBTransaction | undefined;
      let refused: unknown;
      request.onupgradeneeded = ({ oldVersion }) => {
        const tx = must(request.transaction, 'the transaction of an upgrade');
        if (oldVersion === 0 && !create) {
          isAbsent = true;
          tx.abort();
          return;
        }
        upgrade = tx;
        try {
          dropStores(request.result);
          makeStores(request.result);
          onCreated?.(tx);
        } catch (error) {
          refused = error;
          tx.abort();
        }
      };
      request.onsuccess = () => {
        const database = request.result;
        database.onversionchange = () => onLost('it is being deleted or upgraded by another tab');
        database.onclose = () => onLost('the browser closed it');
        resolve(database);
      };
      // Of an upgrade that failed, the request says only that it was aborted.
      request.onerror = () => reject(refused ?? upgrade?.error ?? request.error);
    });
  } catch (error) {
    if (isAbsent) return undefined;
    throw storageError(error, name);
  }
}

/** Those of an older version; a new database has none. */
function dropStores(database: IDBDatabase): void {
  for (const store of Array.from(database.objectStoreNames)) database.deleteObjectStore(store);
}

function makeStores(database: IDBDatabase): void {
  database.createObjectStore(RECORDS);
  database.createObjectStore(PARTS);
  database.createObjectStore(EXTENTS, { keyPath: ['firstPage', 'sequence', 'pages'] });
  database.createObjectStore(BASE);
  database.createObjectStore(FENCES).createIndex(BY_SEQUENCE, BY_SEQUENCE);
}

/** @throws SimulatorError `storage_unavailable` */
export function mustHaveIndexedDb(): void {
  if (typeof indexedDB === 'undefined') throw unavailable();
}

function unavailable(): SimulatorError {
  return new SimulatorError('storage_unavailable', 'There is no IndexedDB here; use memory storage.');
}

/** Deletes a database, whoever has it open: every connection of ours closes when asked to. */
export async function deleteDatabase(name: string): Promise<void> {
  try {
    await deleteDB(name);
  } catch (error) {
    throw storageError(error, name);
  }
}

/** What IndexedDB says, as one of ours. An aborted transaction without an error means that its connection ended. */
export function storageError(error: unknown, name: string): SimulatorError {
  if (error instanceof SimulatorError) return error;
  const options = { cause: error };
  switch (errorName(error)) {
    case 'ConstraintError':
      return new SimulatorError('fenced', `A newer instance has opened "${name}"; this one writes no more.`, options);
    case 'QuotaExceededError':
      return new SimulatorError('quota', `The browser has no room left for "${name}"; delete something.`, options);
    case 'VersionError':
      return new SimulatorError('version_mismatch', `A newer version made "${name}"; reload the page.`, options);
    case 'SecurityError':
      return new SimulatorError('storage_unavailable', 'This page may not use IndexedDB; use memory storage.', options);
    default:
      return new SimulatorError('storage_failed', `IndexedDB failed on "${name}"; reload the page.`, options);
  }
}
