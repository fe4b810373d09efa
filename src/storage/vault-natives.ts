/**
 * IndexedDB's methods, taken before user code can change them, and the two shapes in which a store uses them.
 *
 * Promise: nothing here looks a method up on a prototype when it is called, so a program that patches
 * `IDBObjectStore.prototype.add` changes nothing of ours. Loads where there is no IndexedDB too; calling then is a bug.
 */
import { domExceptionName, objectGetOwnPropertyDescriptor, uncurryThis } from '../base/primordials.ts';
import { listen } from '../base/schedule.ts';

type Uncurry = <F>(method: unknown) => F;
const uncurry = uncurryThis as unknown as Uncurry;

function prototypeOf(name: string): Record<string, unknown> {
  const platform = (globalThis as unknown as Record<string, { prototype: Record<string, unknown> } | undefined>)[name];
  return platform?.prototype ?? {};
}

function method<F>(prototype: object, name: string): F {
  return uncurry<F>((prototype as Record<string, unknown>)[name]);
}

function getter<R>(prototype: object, name: string): (self: unknown) => R {
  return uncurry(objectGetOwnPropertyDescriptor(prototype, name)?.get);
}

function setter<V>(prototype: object, name: string): (self: unknown, value: V) => void {
  return uncurry(objectGetOwnPropertyDescriptor(prototype, name)?.set);
}

const database = prototypeOf('IDBDatabase');
const transaction = prototypeOf('IDBTransaction');
const store = prototypeOf('IDBObjectStore');
const index = prototypeOf('IDBIndex');
const request = prototypeOf('IDBRequest');
const cursor = prototypeOf('IDBCursor');
const keyRange = (globalThis as { IDBKeyRange?: typeof IDBKeyRange }).IDBKeyRange;

type Range = IDBKeyRange | IDBValidKey;

/** undefined where there is no IndexedDB */
export const factory = (globalThis as { indexedDB?: IDBFactory }).indexedDB;

export const databaseTransaction = method<
  (db: IDBDatabase, stores: string[], mode: IDBTransactionMode, options?: IDBTransactionOptions) => IDBTransaction
>(database, 'transaction');
export const databaseClose = method<(db: IDBDatabase) => void>(database, 'close');
export const transactionStore = method<(tx: IDBTransaction, name: string) => IDBObjectStore>(
  transaction,
  'objectStore',
);
export const transactionCommit = method<(tx: IDBTransaction) => void>(transaction, 'commit');
export const transactionAbort = method<(tx: IDBTransaction) => void>(transaction, 'abort');
export const storeAdd = method<(store: IDBObjectStore, value: unknown, key?: IDBValidKey) => IDBRequest>(store, 'add');
export const storePut = method<(store: IDBObjectStore, value: unknown, key?: IDBValidKey) => IDBRequest>(store, 'put');
export const storeDelete = method<(store: IDBObjectStore, key: Range) => IDBRequest>(store, 'delete');
export const storeGet = method<(store: IDBObjectStore, key: Range) => IDBRequest>(store, 'get');
export const storeGetAll = method<(store: IDBObjectStore, range: Range | null, count?: number) => IDBRequest>(
  store,
  'getAll',
);
export const storeGetAllKeys = method<(store: IDBObjectStore, range: Range | null, count?: number) => IDBRequest>(
  store,
  'getAllKeys',
);
export const storeOpenCursor = method<
  (store: IDBObjectStore, range: Range | null, direction: IDBCursorDirection) => IDBRequest
>(store, 'openCursor');
export const storeOpenKeyCursor = method<
  (store: IDBObjectStore, range: Range | null, direction: IDBCursorDirection) => IDBRequest
>(store, 'openKeyCursor');
export const storeIndex = method<(store: IDBObjectStore, name: string) => IDBIndex>(store, 'index');
export const indexGetAll = method<(index: IDBIndex, range: Range | null) => IDBRequest>(index, 'getAll');
export const cursorKey = getter<IDBValidKey>(cursor, 'key');
export const cursorValue = getter<unknown>(prototypeOf('IDBCursorWithValue'), 'value');
export const requestResult = getter<unknown>(request, 'result');
export const setOnSuccess = setter<(() => void) | null>(request, 'onsuccess');
const setOnAbort = setter<() => void>(transaction, 'onabort');
const transactionError = getter<DOMException | null>(transaction, 'error');
const bound = keyRange?.bound as (
  lower: unknown,
  upper: unknown,
  lowerOpen?: boolean,
  upperOpen?: boolean,
) => IDBKeyRange;
const lowerBound = keyRange?.lowerBound as (lower: unknown, open?: boolean) => IDBKeyRange;
const CapturedPromise = Promise;

/** The turn that goes on with a commit, and what that leaves behind. */
const SERVED_BY_A_COMMIT = 3;

/** Keys from `lower` to `upper`; each end belongs to the range unless it is said to be open. */
export const between = (lower: unknown, upper: unknown, lowerOpen = false, upperOpen = false): IDBKeyRange =>
  bound(lower, upper, lowerOpen, upperOpen);

export const from = (lower: unknown): IDBKeyRange => lowerBound(lower);

/** Resolves when the transaction is complete; rejects with its error, null if it was aborted without one. */
export function finished(tx: IDBTransaction): Promise<void> {
  return new CapturedPromise((resolve, reject) => {
    listen(tx, 'complete', () => resolve(), SERVED_BY_A_COMMIT);
    setOnAbort(tx, () => reject(transactionError(tx)));
  });
}

/** The name of a DOMException; undefined for anything else. */
export function errorName(error: unknown): string | undefined {
  return error instanceof DOMException ? domExceptionName(error) : undefined;
}
