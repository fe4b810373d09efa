/**
 * `ctx.storage`, as user code sees it, on a SQLite-backed object.
 *
 * Promise: members, tag and texts as workerd 1.20260730; work is done when a call returns, and its promise settles in
 * microtasks. What later issues bring throws a sentence that names it.
 *
 * Knows nothing of the log: durability is the committer's.
 */
import { platformObject } from '../base/platform-objects.ts';
import type { Committer } from '../storage/committer.ts';
import type { Database } from '../storage/database.ts';
import { AsyncKv, SyncKvStorage, type ValueCodec } from '../storage/kv.ts';
import { KvRows } from '../storage/kv-rows.ts';
import { SqlStorage } from '../storage/sql.ts';
import { notYetError, shapeClass } from './native-shape.ts';

export interface StorageParts {
  database: Database;
  committer: Committer;
  codec: ValueCodec;
}

/** Only this module makes storages. */
const MAKE = Symbol('make');

export class DurableObjectStorage {
  readonly #kv: AsyncKv;
  readonly #committer: Committer;
  readonly #sync: SyncKvStorage;
  readonly #sql: SqlStorage;

  constructor(token: unknown, parts?: StorageParts) {
    if (token !== MAKE || !parts) throw new TypeError('Illegal constructor');
    const { database, committer, codec } = parts;
    const rows = new KvRows(database, committer);
    this.#committer = committer;
    this.#kv = new AsyncKv({ rows, codec });
    this.#sync = new SyncKvStorage({ rows, codec });
    this.#sql = new SqlStorage({
      database,
      beforeWrite: () => committer.beforeWrite(),
      onFailure: () => committer.checkTransaction(),
    });
    platformObject(this.#sync, 'SyncKvStorage');
    platformObject(this.#sql, 'SqlStorage');
    platformObject(this, 'DurableObjectStorage');
  }

  get(...args: unknown[]): Promise<unknown> {
    return this.#kv.get(...args);
  }

  list(...args: unknown[]): Promise<Map<string, unknown>> {
    return this.#kv.list(...args);
  }

  put(...args: unknown[]): Promise<void> {
    return this.#kv.put(...args);
  }

  delete(...args: unknown[]): Promise<boolean | number> {
    return this.#kv.delete(...args);
  }

  deleteAll(): never {
    throw notYetError('storage.deleteAll()');
  }

  transaction(): never {
    throw notYetError('storage.transaction()');
  }

  transactionSync(): never {
    throw notYetError('storage.transactionSync()');
  }

  getAlarm(): never {
    throw notYetError('storage.getAlarm()');
  }

  setAlarm(): never {
    throw notYetError('storage.setAlarm()');
  }

  deleteAlarm(): never {
    throw notYetError('storage.deleteAlarm()');
  }

  sync(): Promise<void> {
    return this.#committer.sync();
  }

  getCurrentBookmark(): never {
    throw notYetError('storage.getCurrentBookmark()');
  }

  getBookmarkForTime(): never {
    throw notYetError('storage.getBookmarkForTime()');
  }

  onNextSessionRestoreBookmark(): never {
    throw notYetError('storage.onNextSessionRestoreBookmark()');
  }

  get sql(): SqlStorage {
    return this.#sql;
  }

  get kv(): SyncKvStorage {
    return this.#sync;
  }
}
shapeClass(DurableObjectStorage, 'DurableObjectStorage');

export function makeStorage(parts: StorageParts): DurableObjectStorage {
  return new DurableObjectStorage(MAKE, parts);
}
