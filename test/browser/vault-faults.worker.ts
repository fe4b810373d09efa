/**
 * A realm in which IndexedDB fails on demand: its prototypes are replaced before any of our modules takes its methods.
 *
 * Promise: `run` plays one history on an object of its own and fails the request it was told to; then it plays on without
 * faults and says what was acknowledged, what is stored, and what the failure was called.
 */
import type { SimulatorError } from '../../src/base/errors.ts';
import type { ObjectAddress } from '../../src/protocol/names.ts';

/** How a request fails. */
export type Fault =
  /** the browser ends the whole transaction, without a reason */
  | 'abort'
  /** there is no room: the transaction is aborted with `QuotaExceededError` */
  | 'quota'
  /** as `quota`, and there is none for anybody afterwards, until the history has ended */
  | 'full'
  /** the request itself is refused */
  | 'throw'
  /** the browser closes the connection, as it does when site data are cleared */
  | 'close';

export interface FaultOrder {
  readonly account: string;
  readonly object: ObjectAddress;
  readonly fault?: Fault;
  /** which request fails, from 1 */
  readonly at?: number;
}

export interface FaultOutcome {
  /** requests that were made before the history ended */
  readonly requests: number;
  readonly hasFailed: boolean;
  /** the error that ended the history */
  readonly failure: { readonly code: string | undefined; readonly message: string } | undefined;
  /** what was acknowledged last, and what the next opening found */
  readonly acknowledged: readonly number[];
  readonly found: readonly number[];
  /** after one commit more */
  readonly afterwards: readonly number[];
  readonly expectedAfterwards: readonly number[];
}

const plan: { fault: Fault | undefined; at: number; count: number; isArmed: boolean; hasFailed: boolean } = {
  fault: undefined,
  at: 0,
  count: 0,
  isArmed: false,
  hasFailed: false,
};
/** transactions that the browser is about to end: none of their later requests is refused for it, as in truth */
const doomed = new WeakSet<IDBTransaction>();
/** of those, the ones for which there is no room */
const refused = new WeakSet<IDBTransaction>();

/** Called before each request; true when its transaction is to be aborted. */
function strike(transaction: IDBTransaction): boolean {
  if (!plan.isArmed) return false;
  plan.count++;
  const isHit = plan.count === plan.at;
  const isFull = plan.fault === 'full' && plan.hasFailed && transaction.mode !== 'readonly';
  if (!isHit && !isFull) return false;
  plan.hasFailed = true;
  switch (plan.fault) {
    case 'throw':
      throw new DOMException('injected', 'UnknownError');
    case 'close': {
      const { db } = transaction;
      queueMicrotask(() => db.dispatchEvent(new Event('close')));
      return true;
    }
    case 'quota':
    case 'full':
      refused.add(transaction);
      return true;
    case 'abort':
      return true;
    case undefined:
      return false;
    default:
      return plan.fault satisfies never;
  }
}

/** Ends it when its requests are made, that is at its commit, or after the callback that makes them. */
function doom(transaction: IDBTransaction): void {
  doomed.add(transaction);
  queueMicrotask(() => end(transaction));
}

function end(transaction: IDBTransaction): void {
  if (doomed.delete(transaction)) transaction.abort();
}

function patch(prototype: IDBObjectStore | IDBIndex, transactionOf: (self: never) => IDBTransaction): void {
  const methods = prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  for (const name of ['add', 'put', 'delete', 'get', 'getAll', 'getAllKeys', 'openCursor', 'openKeyCursor']) {
    const original = methods[name];
    if (!original) continue;
    methods[name] = function (this: unknown, ...args: unknown[]) {
      const transaction = transactionOf(this as never);
      const isStruck = strike(transaction);
      const request = original.apply(this, args);
      if (isStruck) doom(transaction);
      return request;
    };
  }
}

patch(IDBObjectStore.prototype, (store: IDBObjectStore) => store.transaction);
patch(IDBIndex.prototype, (index: IDBIndex) => index.objectStore.transaction);
const commit = IDBTransaction.prototype.commit;
IDBTransaction.prototype.commit = function (this: IDBTransaction) {
  if (doomed.has(this)) end(this);
  else commit.call(this);
};
const error = Object.getOwnPropertyDescriptor(IDBTransaction.prototype, 'error')?.get;
Object.defineProperty(IDBTransaction.prototype, 'error', {
  configurable: true,
  get(this: IDBTransaction) {
    return refused.has(this) ? new DOMException('injected', 'QuotaExceededError') : error?.call(this);
  },
});

// Only now: they take their methods when they load.
const { asAccount } = await import('../../src/protocol/names.ts');
const { openObjectStore } = await import('../../src/storage/vault.ts');
const model = await import('../support/log-model.ts');

/** Commits of every size, each followed by its checkpoint; a cut; a tail that is read again. */
const COMMITS: readonly [Record<number, number>, number][] = [
  [Object.fromEntries(Array.from({ length: 100 }, (_, i) => [i + 1, i + 1])), 104],
  [{ 1: 201, 70: 270 }, 104],
  [{ 2: 302 }, 104],
  [Object.fromEntries(Array.from({ length: 20 }, (_, i) => [i + 30, 400 + i])), 90],
  [{ 3: 503 }, 90],
];

async function run({ account, object, fault, at }: FaultOrder): Promise<FaultOutcome> {
  Object.assign(plan, { fault, at: at ?? 0, count: 0, isArmed: true, hasFailed: false });
  const acknowledged = new model.Model();
  const open = async (tailBytes = 1) =>
    model.openLog(await openObjectStore(asAccount(account), object, model.tick()), tailBytes);
  let failure: FaultOutcome['failure'];
  let log: Awaited<ReturnType<typeof open>>['log'] | undefined;
  try {
    for (const [pages, pageCount] of COMMITS) {
      log ??= (await open()).log;
      await log.append(model.commitOf(pages, pageCount));
      acknowledged.commit(pages, pageCount);
      await log.checkpointIfDue();
      if (pages[2] === undefined) continue;
      // The next one opens the log in the middle, with a tail.
      await log.close();
      log = (await open(Number.MAX_SAFE_INTEGER)).log;
    }
  } catch (caught) {
    const { code, message } = caught as SimulatorError;
    failure = { code, message };
  }
  await log?.close();
  plan.isArmed = false;
  const next = await open();
  const found = model.valuesOfLog(next);
  const expected = new model.Model();
  expected.values = [...acknowledged.values];
  expected.commit({ 1: 9001 }, Math.max(1, expected.values.length));
  await next.log.append(model.commitOf({ 1: 9001 }, Math.max(1, found.length)));
  while (next.log.isCheckpointDue) await next.log.checkpointIfDue();
  await next.log.close();
  const last = await open();
  const afterwards = model.valuesOfLog(last);
  await last.log.close();
  return {
    requests: plan.count,
    hasFailed: plan.hasFailed,
    failure,
    acknowledged: acknowledged.values,
    found,
    afterwards,
    expectedAfterwards: expected.values,
  };
}

self.onmessage = ({ data }: MessageEvent<FaultOrder>) => {
  run(data).then(
    (outcome) => self.postMessage({ outcome }),
    (caught: unknown) => self.postMessage({ error: String((caught as Error).stack ?? caught) }),
  );
};
self.postMessage('ready');
