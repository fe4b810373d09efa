/**
 * What the callback of `transaction()` gets, as user code sees it.
 *
 * Promise: members and texts as workerd 1.20260730. With SQLite storage it is decoration: what it does, `ctx.storage` does as
 * well while the callback runs; only `rollback()` is its own. After its end it refuses everything.
 */
import { platformObject } from '../base/platform-objects.ts';
import { callWith, promiseReject } from '../base/primordials.ts';
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

  get(...args: unknown[]): Promise<unknown> {
    return this.#refusal('get') ?? callWith(this.#kv.get, this.#kv, args);
  }

  list(...args: unknown[]): Promise<Map<string, unknown>> {
    return this.#refusal('list') ?? callWith(this.#kv.list, this.#kv, args);
  }

  put(...args: unknown[]): Promise<void> {
    return this.#refusal('put') ?? callWith(this.#kv.put, this.#kv, args);
  }

  delete(...args: unknown[]): Promise<boolean | number> {
    const error = this.#closedError('delete');
    if (error) throw error;
    return callWith(this.#kv.delete, this.#kv, args);
  }

  deleteAll(): never {
    throw new Error('Cannot call deleteAll() within a transaction');
  }

  rollback(): void {
    if (this.#transaction.state === 'committed') throw committedError('rollback');
    this.#transaction.rollBack();
  }

  getAlarm(...args: unknown[]): Promise<number | null> {
    return this.#refusal('getAlarm') ?? callWith(this.#alarms.get, this.#alarms, args);
  }

  setAlarm(...args: unknown[]): Promise<void> {
    return this.#refusal('setAlarm') ?? callWith(this.#alarms.set, this.#alarms, args);
  }

  deleteAlarm(...args: unknown[]): Promise<void> {
    return this.#refusal('deleteAlarm') ?? callWith(this.#alarms.delete, this.#alarms, args);
  }

  /** Why the method may not be called any more. All but `delete` tell it by their promise. */
  #refusal(method: string): Promise<never> | undefined {
    const error = this.#closedError(method);
    return error && promiseReject(error);
  }

  #closedError(method: string): Error | undefined {
    const { state } = this.#transaction;
    switch (state) {
      case 'open':
        return undefined;
      case 'committed':
        return committedError(method);
      case 'rolled back':
        return new Error(`Cannot ${method}() on rolled back transaction`);
      default:
        state satisfies never;
        return undefined;
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
