/**
 * One object's log in an IndexedDB database of its own.
 *
 * Promise: every write is submitted whole and committed at once, so no transaction stays open while the isolate's thread
 * is busy, and another tab's open never waits for one. Appends touch `records` (and `parts`), a checkpoint's steps the
 * other stores: neither locks the other out.
 *
 * The database is opened (by the idb library) before user code loads; all later calls use captured natives.
 * Knows nothing of when to checkpoint; see `ObjectStore` for the contract.
 */
import { AssertionError, assert } from '../base/assert.ts';
import { SimulatorError } from '../base/errors.ts';
import { each, joined, mapped, part } from '../base/lists.ts';
import {
  arrayAppend,
  mathMin,
  promiseThen,
  typedArrayLength,
  typedArraySet,
  typedArraySubarray,
} from '../base/primordials.ts';
import { type Sealed, seal, unseal } from '../base/sealed.ts';
import type { Epoch } from '../protocol/names.ts';
import { spread } from './log-geometry.ts';
import {
  type Base,
  type Durability,
  EMPTY_BASE,
  type Extent,
  type ExtentKey,
  FIRST_PAGES,
  type LogRecord,
  type Moment,
  type ObjectStore,
  type StoreHead,
} from './object-store.ts';
import { PAGE_SIZE_BYTES } from './pages.ts';
import * as native from './vault-natives.ts';
import { VALUE_BYTES_MAX } from './vault-record.ts';
import { addFence, addRecord, EMPTY_HEAD, exact, putParts, readRequests, requestHead } from './vault-rows.ts';
import {
  BASE,
  BY_SEQUENCE,
  deleteDatabase,
  EXTENTS,
  FENCES,
  openDatabase,
  PARTS,
  RECORDS,
  storageError,
} from './vault-schema.ts';
import {
  asKey,
  type ExtentTuple,
  MOMENTS_PER_TRANSACTION,
  PART_SLICES_PER_TRANSACTION,
  type PartSlice,
  partsAround,
  readDeciding,
  readMoments,
  readParts,
  readRows,
  type When,
  withoutParts,
} from './vault-slices.ts';

const DELETED_PARTS_PER_STEP = 32;
const DELETED_RECORDS_PER_STEP = 64;

/**
 * Opens the database of one object.
 *
 * @param create when there is none: true makes it, false gives undefined and leaves nothing behind; with a time, the first
 * fence is written in the transaction that makes it, and the first `openForWriting` needs none of its own
 * @throws SimulatorError `storage_unavailable` without IndexedDB, `version_mismatch` when a newer library made the database,
 * `quota`, `storage_failed`
 */
export async function openObjectDatabase(
  name: string,
  create: boolean | { readonly timeMs: number },
): Promise<IndexedDbObjectStore | undefined> {
  const holder: { store?: IndexedDbObjectStore; head?: StoreHead } = {};
  const database = await openDatabase({
    name,
    create: create !== false,
    onCreated: (tx) => {
      if (typeof create === 'object') holder.head = addFence(tx, EMPTY_HEAD, create.timeMs);
    },
    onLost: (why) => holder.store?.lose(why),
  });
  if (!database) return undefined;
  holder.store = new IndexedDbObjectStore(name, database, holder.head);
  return holder.store;
}

export class IndexedDbObjectStore implements ObjectStore {
  readonly #name: string;
  readonly #database: IDBDatabase;
  #durability: Durability = 'relaxed';
  /** why no transaction can begin any more */
  #ended: SimulatorError | undefined;
  /** the fence that was written when the database was made, until somebody opens the log under it */
  #firstHead: StoreHead | undefined;

  constructor(name: string, database: IDBDatabase, firstHead?: StoreHead) {
    this.#name = name;
    this.#database = database;
    this.#firstHead = firstHead;
  }

  async openForWriting(options: { timeMs: number; durability: Durability }): Promise<StoreHead> {
    this.#durability = options.durability;
    const first = this.#firstHead;
    this.#firstHead = undefined;
    if (first) return first;
    let opened: StoreHead | undefined;
    await this.#run([RECORDS, BASE, FENCES], 'readwrite', (tx, when) => {
      const requests = requestHead(tx);
      when(requests.fence, () => {
        opened = addFence(tx, readRequests(requests), options.timeMs);
        native.transactionCommit(tx);
      });
    });
    assert(opened, 'the head was read before the transaction ended');
    return opened;
  }

  async readHead(): Promise<StoreHead | undefined> {
    const requests = unseal(await this.#read([RECORDS, BASE, FENCES], requestHead));
    const head = readRequests(requests);
    return head.epoch === 0 ? undefined : head;
  }

  append(record: LogRecord): Promise<void> {
    // Those of a staged record are there already.
    const hasParts = typedArrayLength(record.bytes) > VALUE_BYTES_MAX;
    return this.#run(hasParts ? [RECORDS, PARTS] : [RECORDS], 'readwrite', (tx) => {
      addRecord(tx, record, !hasParts);
      native.transactionCommit(tx);
    });
  }

  stage(step: { epoch: Epoch; sequence: number; from: number; bytes: Uint8Array }): Promise<void> {
    return this.#guarded(step.epoch, PARTS, (_, tx) =>
      putParts(tx, step.sequence, { first: step.from / FIRST_PAGES, bytes: step.bytes }),
    );
  }

  async unstage({ epoch, sequence }: { epoch: Epoch; sequence: number }): Promise<void> {
    while (await this.#deleteParts(epoch, { first: sequence, last: sequence }));
  }

  async readRecords(range: {
    after: number;
    upTo: number;
    asOf: number;
    pagesMax?: number;
  }): Promise<LogRecord[] | undefined> {
    const { after, upTo, asOf, pagesMax = Infinity } = range;
    if (after >= upTo) return [];
    const rows = await this.#readAsOf(RECORDS, asOf, (tx, when) => readRows(tx, when, { after, upTo }));
    if (!rows) return undefined;
    const { records, slices } = withoutParts(rows, pagesMax);
    return (await this.#readParts(slices, asOf)) ? records : undefined;
  }

  async readPages(range: {
    sequence: number;
    from: number;
    until: number;
    asOf: number;
  }): Promise<Uint8Array | undefined> {
    const { sequence, from, until, asOf } = range;
    const { bytes, slices, isFirst } = partsAround(range);
    if (isFirst) {
      const rows = await this.#readAsOf(RECORDS, asOf, (tx, when) =>
        readRows(tx, when, { after: sequence - 1, upTo: sequence }),
      );
      if (!rows) return undefined;
      each(rows, (row) => typedArraySet(bytes, row.bytes));
    }
    if (!(await this.#readParts(slices, asOf))) return undefined;
    const start = (from % FIRST_PAGES) * PAGE_SIZE_BYTES;
    return typedArraySubarray(bytes, start, start + (until - from) * PAGE_SIZE_BYTES) as Uint8Array;
  }

  /** @returns false when rows of the state at `asOf` may be gone */
  async #readParts(slices: readonly PartSlice[], asOf: number): Promise<boolean> {
    // Apart from the records, so that a commit of a few pages need not wait for them.
    for (let at = 0; at < slices.length; at += PART_SLICES_PER_TRANSACTION) {
      const some = part(slices, at, at + PART_SLICES_PER_TRANSACTION);
      const read = await this.#readAsOf(PARTS, asOf, (tx, when) => {
        readParts(tx, when, some);
        return true;
      });
      if (!read) return false;
    }
    return true;
  }

  readExtents(range: { firstPage: number; untilPage: number; asOf: number }): Promise<Extent[] | undefined> {
    return this.#readAsOf(EXTENTS, range.asOf, (tx, when) => readDeciding(tx, when, range));
  }

  async extentKeys(range: {
    firstPage: number;
    untilPage: number;
  }): Promise<{ keys: ExtentKey[]; next: number | undefined }> {
    const read = await this.#read([EXTENTS], (tx) => {
      const store = native.transactionStore(tx, EXTENTS);
      return {
        keys: native.storeGetAllKeys(store, native.between([range.firstPage], [range.untilPage], false, true)),
        cursor: native.storeOpenKeyCursor(store, native.from([range.untilPage]), 'next'),
      };
    });
    const { keys, cursor } = unseal(read);
    const found = native.requestResult(keys) as ExtentTuple[];
    const after = native.requestResult(cursor);
    return {
      keys: mapped(found, asKey),
      next: after ? (native.cursorKey(after) as number[])[0] : undefined,
    };
  }

  async readMoments(range: { after: number; upTo: number; count: number }): Promise<Moment[]> {
    const asked = spread(range);
    const moments: Moment[] = [];
    for (let at = 0; at < asked.length; at += MOMENTS_PER_TRANSACTION) {
      const some = part(asked, at, at + MOMENTS_PER_TRANSACTION);
      const read = await this.#read([RECORDS], (tx, when) => readMoments(tx, when, some));
      each(unseal(read), (moment) => arrayAppend(moments, moment));
    }
    return moments;
  }

  async findFence(epoch: Epoch): Promise<number | undefined> {
    const fence = await this.#read([FENCES], (tx) => native.storeGet(native.transactionStore(tx, FENCES), epoch));
    return (native.requestResult(unseal(fence)) as { sequence: number } | undefined)?.sequence;
  }

  writeExtent({ epoch, extent }: { epoch: Epoch; extent: Extent }): Promise<void> {
    return this.#guarded(epoch, EXTENTS, (store) => {
      const { firstPage, sequence, pages } = extent;
      native.storePut(store, { firstPage, sequence, pages, bytes: exact(extent.bytes) });
    });
  }

  deleteExtents({ epoch, keys }: { epoch: Epoch; keys: readonly ExtentKey[] }): Promise<void> {
    return this.#guarded(epoch, EXTENTS, (store) => {
      each(keys, ({ firstPage, sequence, pages }) => native.storeDelete(store, [firstPage, sequence, pages]));
    });
  }

  writeBase({ epoch, base }: { epoch: Epoch; base: Base }): Promise<void> {
    return this.#guarded(epoch, BASE, (store) => {
      native.storePut(store, base, BASE);
    });
  }

  async deleteRecords(step: { epoch: Epoch; after: number; upTo: number }): Promise<number> {
    const { epoch, after } = step;
    const until = mathMin(step.upTo, after + DELETED_RECORDS_PER_STEP);
    if (until <= after) return until;
    if (await this.#deleteParts(epoch, { first: after + 1, last: until })) return after;
    const fences = await this.#read([FENCES], (tx) =>
      native.indexGetAll(
        native.storeIndex(native.transactionStore(tx, FENCES), BY_SEQUENCE),
        native.between(after, until, true),
      ),
    );
    const kept = mapped(native.requestResult(unseal(fences)) as { sequence: number }[], (fence) => fence.sequence);
    await this.#guarded(epoch, RECORDS, (store) => {
      let first = after + 1;
      each(joined(kept, [until + 1]), (fence) => {
        if (first < fence) native.storeDelete(store, native.between(first, fence - 1));
        first = fence + 1;
      });
    });
    return until;
  }

  /** Deletes some parts of these records. @returns false when there were none */
  async #deleteParts(epoch: Epoch, range: { readonly first: number; readonly last: number }): Promise<boolean> {
    const parts = await this.#read([PARTS], (tx) =>
      native.storeGetAllKeys(
        native.transactionStore(tx, PARTS),
        native.between([range.first], [range.last + 1], false, true),
        DELETED_PARTS_PER_STEP,
      ),
    );
    const keys = native.requestResult(unseal(parts)) as IDBValidKey[];
    if (keys.length === 0) return false;
    await this.#guarded(epoch, PARTS, (store) => {
      native.storeDelete(store, native.between(keys[0], keys[keys.length - 1]));
    });
    return true;
  }

  async close(): Promise<void> {
    this.#ended ??= new SimulatorError('closed', `The storage "${this.#name}" is closed; open it again.`);
    native.databaseClose(this.#database);
  }

  async destroy(): Promise<void> {
    await this.close();
    await deleteDatabase(this.#name);
  }

  /** Ends the connection because the environment wants it; commits then fail with `storage_failed`. */
  lose(why: string): void {
    this.#ended ??= new SimulatorError('storage_failed', `The storage "${this.#name}" is lost: ${why}.`);
    native.databaseClose(this.#database);
  }

  /** Writes to one store if no newer epoch exists: its row under `epoch + 1` makes our `add` fail, and all with it. */
  #guarded(epoch: Epoch, name: string, write: (store: IDBObjectStore, tx: IDBTransaction) => void): Promise<void> {
    return this.#run([FENCES, name], 'readwrite', (tx) => {
      const fences = native.transactionStore(tx, FENCES);
      native.storeAdd(fences, {}, epoch + 1);
      native.storeDelete(fences, epoch + 1);
      write(native.transactionStore(tx, name), tx);
      native.transactionCommit(tx);
    });
  }

  /** Reads one store in a transaction; undefined when rows of the state at `asOf` may be gone. */
  async #readAsOf<T>(name: string, asOf: number, read: (tx: IDBTransaction, when: When) => T): Promise<T | undefined> {
    const both = await this.#read([name, BASE], (tx, when) => ({
      found: read(tx, when),
      base: native.storeGet(native.transactionStore(tx, BASE), BASE),
    }));
    const { found, base } = unseal(both);
    const { floor } = (native.requestResult(base) as Base | undefined) ?? EMPTY_BASE;
    return floor > asOf ? undefined : found;
  }

  /** Resolves with what `issue` returned once it is complete: requests, which lead to the database. */
  async #read<T>(stores: string[], issue: (tx: IDBTransaction, when: When) => T): Promise<Sealed<T>> {
    let issued: { readonly result: T } | undefined;
    await this.#run(stores, 'readonly', (tx, when) => {
      issued = { result: issue(tx, when) };
    });
    return seal((issued as unknown as { readonly result: T }).result);
  }

  /**
   * One transaction: `issue` makes all its requests; resolves once it is complete.
   *
   * What follows from a request's result is given to `when`; if that throws, the transaction ends with its error.
   */
  async #run(
    stores: string[],
    mode: IDBTransactionMode,
    issue: (tx: IDBTransaction, when: When) => void,
  ): Promise<void> {
    if (this.#ended) throw this.#ended;
    let refusal: { readonly error: unknown } | undefined;
    try {
      const tx = native.databaseTransaction(this.#database, stores, mode, { durability: this.#durability });
      const done = native.finished(tx);
      const when: When = (request, go) =>
        native.setOnSuccess(request, () => {
          try {
            go();
          } catch (error) {
            refusal = { error };
            native.transactionAbort(tx);
          }
        });
      issueOrAbort(tx, () => issue(tx, when), done);
      await done;
    } catch (thrown) {
      const error = (refusal as { readonly error: unknown } | undefined)?.error ?? thrown;
      if (error instanceof AssertionError) throw error;
      throw this.#ended ?? storageError(error, this.#name);
    }
  }
}

/** A request that cannot be made takes the whole transaction with it. */
function issueOrAbort(tx: IDBTransaction, issue: () => void, done: Promise<void>): void {
  try {
    issue();
  } catch (error) {
    // The abort rejects `done` too; the error that counts is the one thrown here.
    void promiseThen(done, undefined, () => undefined);
    native.transactionAbort(tx);
    throw error;
  }
}
