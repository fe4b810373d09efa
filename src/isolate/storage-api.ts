/**
 * `ctx.storage`, as user code sees it.
 *
 * Promise: members, tag and texts as workerd 1.20260730; work is done when a call returns, and its promise settles in
 * microtasks. What is not there yet throws a sentence that names it.
 *
 * Knows nothing of the log: durability is the committer's.
 */
import { platformObject } from '../base/platform-objects.ts';
import { callWith, NativePromise, promiseThen, reflectApply } from '../base/primordials.ts';
import type { ClassStorage } from '../protocol/deployment.ts';
import type { Limits } from '../protocol/limits.ts';
import { AlarmStorage } from '../storage/alarm.ts';
import type { Committer } from '../storage/committer.ts';
import type { Database } from '../storage/database.ts';
import { AsyncKv, SyncKvStorage, type ValueCodec } from '../storage/kv.ts';
import { checkOptions, settled } from '../storage/kv-arguments.ts';
import { refuseSyncTransaction, refusingFaces } from '../storage/kv-backend.ts';
import { KvRows } from '../storage/kv-rows.ts';
import type { Metadata } from '../storage/metadata.ts';
import { SqlStorage } from '../storage/sql.ts';
import { Transactions } from '../storage/transactions.ts';
import { BookmarkApi, type History } from './bookmark-api.ts';
import { parameterError, shapeClass } from './native-shape.ts';
import { makeTransaction } from './transaction-api.ts';

export interface StorageParts {
  /** what the object's class was created with */
  backend: ClassStorage;
  /** those of an object without SQLite */
  limits: Pick<Limits, 'kvKeyBytes' | 'kvValueBytes' | 'kvTransactionSync'>;
  database: Database;
  committer: Committer;
  metadata: Metadata;
  codec: ValueCodec;
  /** the program's clock, milliseconds since 1970 */
  now: () => number;
  /** whether the class has an `alarm()`; undefined while it is being constructed */
  hasAlarmHandler: () => boolean | undefined;
  /** the alarm as the program sees it */
  visibleAlarm: () => number | null;
  /** the program set the alarm to that time */
  onAlarmSet: (timeMs: number) => void;
  /** `deleteAll` takes the alarm away too (compatibility date 2026-02-24) */
  deleteAllDeletesAlarm: boolean;
  /** taken when something begins that ends later; delivers the end through the input gate */
  capture: () => (deliver: () => void) => void;
  /** the same for what has nothing to wait for */
  comeBack: (deliver: () => void) => void;
  criticalSection: <T>(callback: () => Promise<T>) => Promise<T>;
  /** left out where there is no going back: in classes without SQLite */
  history?: History;
}

/** The members of a class, without what is private to it. */
type Face<T> = Pick<T, keyof T>;

type Outcome = { readonly isError: boolean; readonly value: unknown };

const OWNER = 'DurableObjectStorage';
const TXN_OWNER = 'DurableObjectTransaction';

/** Only this module makes storages. */
const MAKE = Symbol('make');

export class DurableObjectStorage {
  /** own and replaceable, as the platform's are */
  readonly kv: Face<SyncKvStorage>;
  readonly sql: Face<SqlStorage>;
  readonly #parts: StorageParts;
  readonly #kv: AsyncKv;
  readonly #alarms: AlarmStorage;
  readonly #transactions: Transactions;
  readonly #bookmarks: BookmarkApi;
  /** what every transaction's methods do */
  readonly #inTransaction: { readonly kv: AsyncKv; readonly alarms: AlarmStorage };

  constructor(token: unknown, parts?: StorageParts) {
    if (token !== MAKE || !parts) throw new TypeError('Illegal constructor');
    const { database, committer, metadata, codec, now, hasAlarmHandler, visibleAlarm, onAlarmSet } = parts;
    const { backend, limits } = parts;
    const sizes = backend === 'sqlite' ? undefined : limits;
    const rows = new KvRows(database, committer);
    const alarms = { metadata, committer, now, hasHandler: hasAlarmHandler, visible: visibleAlarm, onSet: onAlarmSet };
    this.#parts = parts;
    this.#kv = new AsyncKv({ rows, codec, owner: OWNER, sizes });
    const { sql, sync } = backend === 'sqlite' ? sqliteFaces(parts, rows) : refusingFaces();
    this.kv = sync;
    this.sql = sql;
    this.#alarms = new AlarmStorage(alarms, OWNER);
    this.#transactions = new Transactions({ database, committer });
    this.#bookmarks = new BookmarkApi(parts.history, () => database.assertOpen());
    this.#inTransaction = {
      kv: new AsyncKv({ rows, codec, owner: TXN_OWNER, sizes }),
      alarms: new AlarmStorage(alarms, TXN_OWNER),
    };
    platformObject(sync, 'SyncKvStorage');
    platformObject(sql, 'SqlStorage');
    platformObject(this, OWNER);
  }

  get(...args: unknown[]): Promise<unknown> {
    return callWith(this.#kv.get, this.#kv, args);
  }

  list(...args: unknown[]): Promise<Map<string, unknown>> {
    return callWith(this.#kv.list, this.#kv, args);
  }

  put(...args: unknown[]): Promise<void> {
    return callWith(this.#kv.put, this.#kv, args);
  }

  delete(...args: unknown[]): Promise<boolean | number> {
    return callWith(this.#kv.delete, this.#kv, args);
  }

  /** Done when it returns: not even `abort()` in the same turn brings anything back. */
  deleteAll(...args: unknown[]): Promise<void> {
    return settled(() => {
      checkOptions('deleteAll', 1, args[0], 'PutOptions', OWNER);
      const { committer, metadata, deleteAllDeletesAlarm } = this.#parts;
      const alarm = deleteAllDeletesAlarm ? null : metadata.alarm;
      committer.deleteAll({ writeAlarm: () => alarm !== null && metadata.writeAlarm(alarm) });
    });
  }

  /** A critical section: nothing that did not begin in it is delivered before its end. */
  async transaction(...args: unknown[]): Promise<unknown> {
    const callback = args[0];
    if (typeof callback !== 'function') throw parameterError('transaction', OWNER, 1, 'function');
    this.#parts.database.assertOpen();
    const { isError, value } = await this.#parts.criticalSection(() => this.#transact(callback));
    if (isError) throw value;
    return value;
  }

  getAlarm(...args: unknown[]): Promise<number | null> {
    return callWith(this.#alarms.get, this.#alarms, args);
  }

  setAlarm(...args: unknown[]): Promise<void> {
    return callWith(this.#alarms.set, this.#alarms, args);
  }

  deleteAlarm(...args: unknown[]): Promise<void> {
    return callWith(this.#alarms.delete, this.#alarms, args);
  }

  /** It comes back through the input gate, also when there is nothing to wait for: others may have been delivered meanwhile. */
  sync(): Promise<void> {
    const { committer, capture, comeBack, database } = this.#parts;
    if (database.isShutDown) return settled(() => database.assertOpen());
    const generation = committer.stagedGeneration;
    if (generation <= committer.durableGeneration) return new NativePromise((resolve) => comeBack(resolve));
    const arrive = capture();
    return new NativePromise((resolve, reject) => {
      promiseThen(
        committer.whenDurable(generation),
        () => arrive(resolve),
        (error) => arrive(() => reject(error)),
      );
    });
  }

  transactionSync(...args: unknown[]): unknown {
    const callback = args[0];
    if (typeof callback !== 'function') throw parameterError('transactionSync', OWNER, 1, 'function');
    const { backend, limits } = this.#parts;
    if (backend !== 'sqlite' && !limits.kvTransactionSync) refuseSyncTransaction();
    return this.#transactions.runSync(() => reflectApply(callback, globalThis, []));
  }

  getCurrentBookmark(): Promise<string> {
    return this.#bookmarks.current();
  }

  getBookmarkForTime(...args: unknown[]): Promise<string> {
    return this.#bookmarks.forTime(args);
  }

  onNextSessionRestoreBookmark(...args: unknown[]): Promise<string> {
    return this.#bookmarks.onNextSessionRestore(args);
  }

  /** What the callback throws is an outcome; what is thrown here fails the critical section, and so resets the object. */
  async #transact(callback: object): Promise<Outcome> {
    const transaction = this.#transactions.begin();
    try {
      const txn = makeTransaction({ transaction, ...this.#inTransaction });
      const value = await settledLate(() => reflectApply(callback, globalThis, [txn]));
      if (transaction.state === 'open') transaction.commit();
      return { isError: false, value };
    } catch (error) {
      if (transaction.state === 'committed') throw error;
      transaction.rollBack();
      return { isError: true, value: error };
    }
  }
}
shapeClass(DurableObjectStorage, 'DurableObjectStorage');

/**
 * What `run` gives, as late as workerd looks at it (measured): two microtasks after its promise settled, one after it threw. Until
 * then, whatever it began and did not await still writes in its transaction.
 */
async function settledLate(run: () => unknown): Promise<unknown> {
  const given = run();
  try {
    return await given;
  } finally {
    await undefined;
  }
}

function sqliteFaces({ database, committer, codec }: StorageParts, rows: KvRows) {
  const sync = new SyncKvStorage({ rows, codec });
  const sql = new SqlStorage({
    database,
    beforeWrite: () => committer.beforeWrite(),
    onFailure: (error) => committer.checkTransaction(error),
  });
  return { sync, sql };
}

export function makeStorage(parts: StorageParts): DurableObjectStorage {
  return new DurableObjectStorage(MAKE, parts);
}
