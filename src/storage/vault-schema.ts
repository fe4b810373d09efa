/**
 * The database of one object, as IndexedDB sees it: its stores, how it comes and goes, and what its errors mean.
 *
 * Promise: whoever wants to delete or upgrade a database never waits for a connection of ours that has a free thread.
 * Runs before user code loads, or in a host; so it may use the idb library.
 */
import { deleteDB, openDB, unwrap } from 'idb';
import { SimulatorError } from '../base/errors.ts';
import { errorName } from './vault-natives.ts';

const SCHEMA_VERSION = 1;
/** sequence -> record; see `object-store.ts` for all of them */
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
  /** the connection is of no use from now on; it must be closed at once */
  readonly onLost: (why: string) => void;
}): Promise<IDBDatabase | undefined> {
  const { name, create, onLost } = options;
  mustHaveIndexedDb();
  let isAbsent = false;
  try {
    const database = await openDB(name, SCHEMA_VERSION, {
      upgrade(db, oldVersion, _newVersion, tx) {
        // If it fails, so does `openDB`, which is heard.
        tx.done.catch(() => undefined);
        if (oldVersion === 0 && !create) {
          isAbsent = true;
          tx.abort();
          return;
        }
        db.createObjectStore(RECORDS);
        db.createObjectStore(PARTS);
        db.createObjectStore(EXTENTS, { keyPath: ['firstPage', 'sequence', 'pages'] });
        db.createObjectStore(BASE);
        db.createObjectStore(FENCES).createIndex(BY_SEQUENCE, BY_SEQUENCE);
      },
      blocking: () => onLost('it is being deleted or upgraded by another tab'),
      terminated: () => onLost('the browser closed it'),
    });
    return unwrap(database);
  } catch (error) {
    if (isAbsent) return undefined;
    throw storageError(error, name);
  }
}

/** @throws SimulatorError `storage_unavailable` */
export function mustHaveIndexedDb(): void {
  if (typeof indexedDB !== 'undefined') return;
  throw new SimulatorError('storage_unavailable', 'There is no IndexedDB here; use memory storage.');
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
