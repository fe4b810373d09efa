/**
 * A writer that is terminated without warning: commits 20 pages of one value, the next value each time, and says so.
 * With `patch` it first does to IndexedDB's prototypes what a hostile program might.
 */
import { asAccount, type ObjectAddress } from '../../src/protocol/names.ts';
import type { LogCommit } from '../../src/storage/log.ts';
import { openObjectStore } from '../../src/storage/vault.ts';
import { commitOf, openLog } from '../support/log-model.ts';

const PAGES = 20;

export interface WriterOrder {
  readonly account: string;
  readonly object: ObjectAddress;
  readonly count: number;
  readonly patch: boolean;
}

self.onmessage = ({ data }: MessageEvent<WriterOrder>) => {
  write(data).catch((error: unknown) => self.postMessage({ error: String(error) }));
};

async function write(order: WriterOrder): Promise<void> {
  const store = await openObjectStore(asAccount(order.account), order.object);
  const { log } = await openLog(store, 512 * 1024);
  // The commits are made beforehand: the test's own tools need the prototypes that are patched.
  const commits = order.patch ? Array.from({ length: order.count }, (_, i) => commitOfOne(i + 1)) : [];
  if (order.patch) patchPrototypes();
  for (let value = 1; value <= order.count; value++) {
    await log.append(commits[value - 1] ?? commitOfOne(value));
    self.postMessage(value);
    await log.checkpointIfDue();
  }
  self.postMessage('done');
}

function commitOfOne(value: number): LogCommit {
  return commitOf(Object.fromEntries(Array.from({ length: PAGES }, (_, i) => [i + 1, value])), PAGES);
}

function patchPrototypes(): void {
  const refuse = (): never => {
    throw new Error('patched');
  };
  for (const type of [IDBDatabase, IDBTransaction, IDBObjectStore, IDBRequest, IDBIndex, IDBCursor]) {
    for (const key of Object.getOwnPropertyNames(type.prototype)) {
      const own = Object.getOwnPropertyDescriptor(type.prototype, key);
      if (!own?.configurable || key === 'constructor') continue;
      if (typeof own.value === 'function') Object.defineProperty(type.prototype, key, { value: refuse });
      else if (own.get) Object.defineProperty(type.prototype, key, { get: refuse, set: refuse });
    }
  }
  Object.assign(IDBKeyRange, { bound: refuse, lowerBound: refuse, only: refuse, upperBound: refuse });
  for (const key of ['fill', 'set', 'slice', 'subarray'] as const) Uint8Array.prototype[key] = refuse;
  Promise.prototype.finally = refuse;
}
