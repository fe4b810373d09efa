/**
 * Changes to an object's storage that come from outside its program.
 *
 * Promise: an edit is one delivery and its writes are one turn's, so it goes between the program's own events and never into
 * one of them; all of it is kept or nothing; its result is given when it is durable. SQL may do what the program's may.
 *
 * The program's instance is not asked, and not made: what it remembers it goes on remembering.
 */
import { deferred } from '../base/async.ts';
import { joined } from '../base/lists.ts';
import { promiseThen, reflectApply } from '../base/primordials.ts';
import type { CheckedFile, EditResult, ObjectEdit } from '../protocol/edits.ts';
import type { Committer } from '../storage/committer.ts';
import type { Database } from '../storage/database.ts';
import { refusingFaces } from '../storage/kv-backend.ts';
import { KvRows } from '../storage/kv-rows.ts';
import { checkKeySize, checkValueSize, type KvSizes } from '../storage/kv-sizes.ts';
import type { ObjectLog } from '../storage/log.ts';
import { PAGE_SIZE_BYTES } from '../storage/pages.ts';
import { SqlStorage } from '../storage/sql.ts';
import { Cursor } from '../storage/sql-cursor.ts';
import { Transactions } from '../storage/transactions.ts';

/** The program's own face is of the same class, and it may have changed what it finds there. */
const { exec } = SqlStorage.prototype;

export interface EditsOptions {
  database: Database;
  committer: Committer;
  log: ObjectLog;
  /** of an object whose class has key-value storage: there SQL is refused as the program's would be */
  sizes?: KvSizes | undefined;
  /** delivers an event when the input gate lets it through; never when the object ends before */
  arrive(run: () => void): void;
}

export class Edits {
  readonly #options: EditsOptions;
  readonly #rows: KvRows;
  readonly #sql: Pick<SqlStorage, 'exec'>;
  readonly #transactions: Transactions;

  constructor(options: EditsOptions) {
    const { database, committer, sizes } = options;
    this.#options = options;
    this.#rows = new KvRows(database, committer);
    this.#transactions = new Transactions({ database, committer });
    this.#sql = sizes
      ? refusingFaces().sql
      : new SqlStorage({
          database,
          beforeWrite: () => committer.beforeWrite(),
          onFailure: (error) => committer.checkTransaction(error),
        });
  }

  /**
   * Never settles when the object ends before it was looked at.
   *
   * @throws Error with the platform's text: nothing of it was kept
   */
  make(edit: ObjectEdit): Promise<EditResult> {
    if (edit.e === 'replace') return this.#replace(edit);
    const { arrive, committer } = this.#options;
    const { promise, resolve, reject } = deferred<EditResult>();
    arrive(() => {
      try {
        const result = this.#apply(edit);
        void promiseThen(committer.whenDurable(committer.stagedGeneration), () => resolve(result), reject);
      } catch (error) {
        reject(error);
      }
    });
    return promise;
  }

  /** Beside the database that is open, which is out of date after it: nobody has used it, and nobody will. */
  async #replace({ bytes, alarm }: CheckedFile): Promise<EditResult> {
    const pageCount = bytes.length / PAGE_SIZE_BYTES;
    const numbers = Uint32Array.from({ length: pageCount }, (_, i) => i + 1);
    await this.#options.log.append({ pages: { numbers, bytes }, pageCount, alarm });
    return { columns: [], rows: [], rowsWritten: 0 };
  }

  #apply(edit: Exclude<ObjectEdit, { e: 'replace' }>): EditResult {
    switch (edit.e) {
      case 'put':
        this.#checkSizes(edit.key, edit.value);
        this.#rows.put(edit.key, edit.value);
        return { columns: [], rows: [], rowsWritten: 1 };
      case 'delete':
        return { columns: [], rows: [], rowsWritten: this.#rows.delete(edit.key) ? 1 : 0 };
      case 'exec':
        return this.#exec(edit.sql, edit.bindings);
      default:
        return edit satisfies never;
    }
  }

  #checkSizes(key: string, value: Uint8Array): void {
    const { sizes } = this.#options;
    if (!sizes) return;
    checkKeySize(key, sizes);
    checkValueSize(value, sizes);
  }

  #exec(sql: string, bindings: readonly unknown[]): EditResult {
    return this.#transactions.runSync(() => {
      const execute = this.#options.sizes ? this.#sql.exec : exec;
      return Cursor.rest(reflectApply(execute, this.#sql, joined<unknown>([sql], bindings)) as Cursor);
    });
  }
}
