/**
 * `transaction()` and `transactionSync()`: explicit transactions as savepoints.
 *
 * Promise: what a callback wrote, by whatever face of the storage, is kept or undone as a whole; an inner transaction ends
 * before its outer one. An error that the platform has no words for breaks the committer, and the object is to be reset.
 *
 *     OPEN --commit()--> COMMITTED
 *       \--rollBack()--> ROLLED BACK
 *
 * Knows nothing of gates: that nobody else writes while `transaction()` runs is the caller's critical section.
 * @see workerd: io/actor-sqlite.c++ (ExplicitTxn), api/actor-state.c++ (transactionSync)
 */
import { assert } from '../base/assert.ts';
import type { Committer } from './committer.ts';
import type { Database } from './database.ts';

type TransactionState = 'open' | 'committed' | 'rolled back';

const CHILD_RUNS = 'Cannot roll back an outer transaction while a nested transaction is still running.';

/** The explicit transactions of one object: at most one at each depth. */
export class Transactions {
  readonly #database: Database;
  readonly #committer: Committer;
  #innermost: ExplicitTransaction | undefined;
  #syncDepth = 0;

  constructor({ database, committer }: { readonly database: Database; readonly committer: Committer }) {
    this.#database = database;
    this.#committer = committer;
  }

  /** Begins a transaction, inside the one that is open. @throws what broke the committer */
  begin(): ExplicitTransaction {
    this.#committer.beginExplicit();
    this.#innermost = new ExplicitTransaction(this.#committer, this.#innermost, (outer) => {
      this.#innermost = outer;
    });
    return this.#innermost;
  }

  /**
   * Runs a callback whose writes are undone when it throws; its result is given back as it is, a promise too.
   *
   * @throws what the callback threw; Error the platform's internal error when SQLite has given the transaction up meanwhile
   */
  runSync<T>(callback: () => T): T {
    const database = this.#database;
    this.#committer.beforeWrite();
    const savepoint = `_cf_sync_savepoint_${this.#syncDepth++}`;
    try {
      database.run(`SAVEPOINT ${savepoint}`);
      let result: T;
      try {
        result = callback();
      } catch (error) {
        this.#orInternalError(() => database.rollBackTo(savepoint));
        throw error;
      }
      this.#orInternalError(() => database.run(`RELEASE ${savepoint}`));
      return result;
    } finally {
      this.#syncDepth--;
    }
  }

  #orInternalError(end: () => void): void {
    try {
      end();
    } catch (error) {
      throw this.#database.internalError(error);
    }
  }
}

export class ExplicitTransaction {
  readonly #committer: Committer;
  readonly #outer: ExplicitTransaction | undefined;
  readonly #onEnded: (outer: ExplicitTransaction | undefined) => void;
  #hasChild = false;
  #state: TransactionState = 'open';

  constructor(
    committer: Committer,
    outer: ExplicitTransaction | undefined,
    onEnded: (outer: ExplicitTransaction | undefined) => void,
  ) {
    this.#committer = committer;
    this.#outer = outer;
    this.#onEnded = onEnded;
    if (outer) outer.#hasChild = true;
  }

  get state(): TransactionState {
    return this.#state;
  }

  /** @throws Error the platform's internal error: the object is to be reset with it */
  commit(): void {
    assert(this.#state === 'open', 'a transaction ends once');
    this.#end('committed', () => this.#committer.commitExplicit());
  }

  /** Again is nothing. @throws Error while an inner transaction runs */
  rollBack(): void {
    if (this.#state === 'rolled back') return;
    assert(this.#state === 'open', 'a committed transaction is not rolled back');
    if (this.#hasChild) throw new Error(CHILD_RUNS);
    this.#end('rolled back', () => this.#committer.rollBackExplicit());
  }

  #end(state: TransactionState, end: () => void): void {
    this.#state = state;
    if (this.#outer) this.#outer.#hasChild = false;
    this.#onEnded(this.#outer);
    end();
  }
}
