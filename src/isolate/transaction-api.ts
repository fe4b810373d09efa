/**
 * What the callback of `transaction()` gets, as user code sees it.
 *
 * Promise: members and texts as workerd 1.20260730. With SQLite storage it is decoration: what it does, `ctx.storage` does as
 * well while the callback runs; only `rollback()` is its own. After its end it refuses everything.
 */
import { platformObject } from '../base/platform-objects.ts';
import { callWith } from '../base/primordials.ts';
import type { AlarmStorage } from '../storage/alarm.ts';
import type { AsyncKv } from '../storage/kv.ts';
import type { ExplicitTransaction } from '../storage/transactions.ts';
import { shapeClass } from './native-shape.ts';

export interface TransactionParts {
  transaction: ExplicitTransaction;
  kv: AsyncKv;
  alarms: AlarmStorage;
}

/** Only this module makes transactions. */
const MAKE = Symbol('make');

export class DurableObjectTransaction {
  readonly #transaction: ExplicitTransaction;
  readonly #kv: AsyncKv;
  readonly #alarms: AlarmStorage;

  constructor(token: unknown, parts?: TransactionParts) {
    if (token !== MAKE || !parts) throw new TypeError('Illegal constructor');
    this.#transaction = parts.transaction;
    this.#kv = parts.kv;
    this.#alarms = parts.alarms;
    platformObject(this, 'DurableObjectTransaction');
  }

  async get(...args: unknown[]): Promise<unknown> {
    this.#mustBeOpen('get');
    return callWith(this.#kv.get, this.#kv, args);
  }

  async list(...args: unknown[]): Promise<Map<string, unknown>> {
    this.#mustBeOpen('list');
    return callWith(this.#kv.list, this.#kv, args);
  }

  async put(...args: unknown[]): Promise<void> {
    this.#mustBeOpen('put');
    return callWith(this.#kv.put, this.#kv, args);
  }

  delete(...args: unknown[]): Promise<boolean | number> {
    this.#mustBeOpen('delete');
    return callWith(this.#kv.delete, this.#kv, args);
  }

  deleteAll(): never {
    throw new Error('Cannot call deleteAll() within a transaction');
  }

  rollback(): void {
    if (this.#transaction.state === 'committed') throw committedError('rollback');
    this.#transaction.rollBack();
  }

  async getAlarm(...args: unknown[]): Promise<number | null> {
    this.#mustBeOpen('getAlarm');
    return callWith(this.#alarms.get, this.#alarms, args);
  }

  async setAlarm(...args: unknown[]): Promise<void> {
    this.#mustBeOpen('setAlarm');
    return callWith(this.#alarms.set, this.#alarms, args);
  }

  async deleteAlarm(...args: unknown[]): Promise<void> {
    this.#mustBeOpen('deleteAlarm');
    return callWith(this.#alarms.delete, this.#alarms, args);
  }

  #mustBeOpen(method: string): void {
    const { state } = this.#transaction;
    switch (state) {
      case 'open':
        return;
      case 'committed':
        throw committedError(method);
      case 'rolled back':
        throw new Error(`Cannot ${method}() on rolled back transaction`);
      default:
        state satisfies never;
    }
  }
}
shapeClass(DurableObjectTransaction, 'DurableObjectTransaction');

export function makeTransaction(parts: TransactionParts): DurableObjectTransaction {
  return new DurableObjectTransaction(MAKE, parts);
}

function committedError(method: string): Error {
  return new Error(
    `Cannot call ${method}() on transaction that has already committed: did you move \`txn\` outside of the closure?`,
  );
}
