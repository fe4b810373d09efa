import { afterEach, describe, expect, test, vi } from 'vitest';
import { ManualClock } from '../../src/base/clock.ts';
import { asAccount, databaseNames, objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { deleteAccount, openVault } from '../../src/storage/vault.ts';
import { alarmIndexContract } from '../contracts/alarm-index.ts';
import { historyContract } from '../contracts/history.ts';
import { vaultContract } from '../contracts/vault.ts';
import { commitOf, openLog, valuesOfLog } from '../support/log-model.ts';
import type { WriterOrder } from './vault-writer.worker.ts';

let accounts = 0;
const newAccount = () => asAccount(`vault-test-${++accounts}-${performance.timeOrigin}`);
const OBJECT = objectAddress(uniqueKey('worker', 'Counter'), 'a'.repeat(64));

async function databasesOf(account: string): Promise<string[]> {
  return (await indexedDB.databases()).map(({ name }) => name ?? '').filter((name) => name.includes(account));
}

const createVault = async () => {
  const { vault } = await openVault({ mode: 'indexeddb', account: newAccount() });
  expect(vault.mode).toBe('indexeddb');
  return vault;
};

vaultContract('indexeddb', createVault);
historyContract('indexeddb', createVault);
alarmIndexContract('indexeddb', createVault);

describe('an IndexedDB vault', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('leaves no database behind when its account is deleted, whoever has one open', async () => {
    const account = newAccount();
    const { vault } = await openVault({ mode: 'auto', account });
    const { log } = await openLog(await vault.openObject(OBJECT));
    await log.append(commitOf({ 1: 1 }, 1));
    // The directory knows nothing of this one: the browser does.
    const other = objectAddress(uniqueKey('worker', 'Counter'), 'b'.repeat(64));
    await (await vault.openObject(other)).close();
    const neighbour = await openVault({ mode: 'indexeddb', account: asAccount(`${account}:x`) });
    await (await neighbour.vault.openObject(OBJECT)).close();
    expect(await databasesOf(account)).toHaveLength(5);
    await deleteAccount(account);
    expect((await databasesOf(account)).every((name) => name.includes(`${account}:x`))).toBe(true);
    expect(await databasesOf(account)).toHaveLength(2);
    await expect(log.append(commitOf({ 1: 2 }, 1))).rejects.toMatchObject({ code: 'storage_failed' });
    await expect(vault.listObjects()).rejects.toMatchObject({ code: 'storage_failed' });
    await neighbour.vault.deleteAll();
    expect(await databasesOf(account)).toEqual([]);
  });

  test('says what it cannot delete when a thread that does not answer has it open, and lets it be tried again', async () => {
    const account = newAccount();
    const clock = new ManualClock();
    const { vault } = await openVault({ mode: 'indexeddb', account, clock });
    const other = objectAddress(uniqueKey('worker', 'Counter'), 'b'.repeat(64));
    for (const object of [OBJECT, other]) await (await vault.openObject(object)).close();
    const name = databaseNames.object(account, OBJECT);
    const held = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const deleting = vault.deleteAll();
    const failed = expect(deleting).rejects.toMatchObject({
      code: 'storage_failed',
      message: expect.stringContaining(`"${name}" could not be deleted`),
    });
    await vi.waitFor(async () => expect(await databasesOf(account)).toEqual([databaseNames.account(account), name]));
    await vi.waitFor(() => expect(clock.pending).toBe(1));
    clock.advance(10_000);
    await failed;
    expect(clock.pending).toBe(0);
    expect(await databasesOf(account)).toEqual([databaseNames.account(account), name]);
    held.close();
    await deleteAccount(account);
    expect(await databasesOf(account)).toEqual([]);
  });

  test('a look at an object that never was leaves no database', async () => {
    const account = newAccount();
    const { vault } = await openVault({ mode: 'indexeddb', account });
    expect(await vault.findObject(OBJECT)).toBeUndefined();
    expect(await databasesOf(account)).toEqual([databaseNames.account(account)]);
    await vault.deleteAll();
  });

  test('without IndexedDB `auto` comes to memory and says why; `indexeddb` rejects', async () => {
    vi.stubGlobal('indexedDB', undefined);
    const account = newAccount();
    const { vault, fallback } = await openVault({ mode: 'auto', account });
    expect(vault.mode).toBe('memory');
    expect(fallback?.code).toBe('storage_unavailable');
    await expect(openVault({ mode: 'indexeddb', account })).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  test('where the browser refuses IndexedDB, likewise', async () => {
    vi.stubGlobal('indexedDB', {
      open() {
        throw new DOMException('access is denied for this document', 'SecurityError');
      },
    });
    const account = newAccount();
    expect((await openVault({ mode: 'auto', account })).fallback?.code).toBe('storage_unavailable');
    await expect(openVault({ mode: 'indexeddb', account })).rejects.toMatchObject({ code: 'storage_unavailable' });
  });

  test('data of a newer version is neither opened nor hidden behind memory', async () => {
    const account = newAccount();
    const name = databaseNames.account(account);
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open(name, 99);
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
      request.onerror = () => reject(request.error);
    });
    for (const mode of ['auto', 'indexeddb'] as const) {
      await expect(openVault({ mode, account })).rejects.toMatchObject({ code: 'version_mismatch' });
    }
    indexedDB.deleteDatabase(name);
  });

  test('a transaction whose request cannot be made ends the log, and the commit is not there', async () => {
    const { vault } = await openVault({ mode: 'indexeddb', account: newAccount() });
    const opened = await openLog(await vault.openObject(OBJECT));
    await opened.log.append(commitOf({ 1: 1 }, 1));
    // What is no number cannot be written down, and ends the whole transaction.
    const refused = commitOf({ 1: 2 }, 1, Symbol('no number') as unknown as number);
    await expect(opened.log.append(refused)).rejects.toMatchObject({ code: 'storage_failed' });
    await expect(opened.log.append(commitOf({ 1: 3 }, 1))).rejects.toMatchObject({ code: 'storage_failed' });
    await opened.log.close();
    const next = await openLog(await vault.openObject(OBJECT));
    expect(valuesOfLog(next)).toEqual([1]);
    await next.log.close();
    await vault.deleteAll();
  });
});

describe('an account whose transactions the browser gives up', () => {
  const record = {
    address: OBJECT,
    uniqueKey: uniqueKey('worker', 'Counter'),
    id: 'a'.repeat(64),
    className: 'Counter',
  };

  /** How many requests from now on end their transactions: while they wait, or when they have been served. */
  let toGiveUp = 0;

  function giveUp(when: 'waiting' | 'served'): void {
    for (const method of ['get', 'put', 'openKeyCursor'] as const) {
      const real = IDBObjectStore.prototype[method] as (...args: unknown[]) => IDBRequest;
      const made = function (this: IDBObjectStore, ...args: unknown[]) {
        const request = real.apply(this, args);
        if (toGiveUp === 0) return request;
        toGiveUp--;
        if (when === 'waiting') this.transaction.abort();
        else request.addEventListener('success', () => this.transaction.abort());
        return request;
      };
      vi.spyOn(IDBObjectStore.prototype, method).mockImplementation(made as () => never);
    }
  }

  /** Does something whose first request is one of those. */
  async function once<T>(use: () => Promise<T>): Promise<T> {
    toGiveUp = 1;
    const result = await use();
    expect(toGiveUp).toBe(0);
    return result;
  }

  afterEach(() => vi.restoreAllMocks());

  // That nothing is thrown outside of the test is a part of it: a run with such an error fails.
  test.each(['waiting', 'served'] as const)('makes them once more: %s', async (when) => {
    const { vault } = await openVault({ mode: 'indexeddb', account: newAccount() });
    const { account } = vault;
    giveUp(when);
    await once(() => account.writeMeta('name', 1));
    expect(await once(() => account.readMeta('name'))).toBe(1);
    expect(await once(() => account.putDeployment({ number: 1, hash: 'one', content: 1 }))).toBe(true);
    expect(await once(() => account.currentDeployment())).toMatchObject({ number: 1, content: 1 });
    await once(() => account.recordObject(record));
    const { address, uniqueKey: namespace, id } = record;
    await once(() => account.noteAlarm({ address, namespace, id, alarm: 5, sequence: 1 }));
    vi.restoreAllMocks();
    expect(await account.listObjects()).toEqual([record]);
    expect(await account.nextAlarm(0)).toBe(5);
    await vault.deleteAll();
  });

  test('says so when they come to nothing again', async () => {
    const { vault } = await openVault({ mode: 'indexeddb', account: newAccount() });
    giveUp('waiting');
    toGiveUp = 2;
    await expect(vault.account.writeMeta('name', 1)).rejects.toMatchObject({ code: 'storage_failed' });
    expect(await vault.account.readMeta('name')).toBeUndefined();
    await vault.deleteAll();
  });
});

describe('a writer in a worker', () => {
  /** Starts one, and gives the last value it said it had committed when `until` was satisfied. */
  function write(order: WriterOrder, until: (message: unknown) => boolean): Promise<unknown> {
    const worker = new Worker(new URL('./vault-writer.worker.ts', import.meta.url), { type: 'module' });
    return new Promise((resolve, reject) => {
      worker.onerror = (event) => reject(new Error(event.message));
      worker.onmessage = ({ data }) => {
        if (data.error) reject(new Error(data.error));
        if (!until(data)) return;
        worker.terminate();
        resolve(data);
      };
      worker.postMessage(order);
    });
  }

  test('that is terminated anywhere leaves whole commits only, and every one it was told of', async () => {
    const account = newAccount();
    const { vault } = await openVault({ mode: 'indexeddb', account });
    for (const stopAt of [1, 2, 9, 27]) {
      const order = { account, object: OBJECT, count: 1e6, patch: false };
      const told = await write(order, (message) => message === stopAt);
      const opened = await openLog(await vault.openObject(OBJECT));
      const values = valuesOfLog(opened);
      expect(new Set(values).size).toBe(1);
      expect(values).toHaveLength(20);
      expect(values[0]).toBeGreaterThanOrEqual(Number(told));
      await opened.log.close();
    }
    await vault.deleteAll();
  });

  test('commits and folds on, whatever its program does to the prototypes of IndexedDB', async () => {
    const account = newAccount();
    const { vault } = await openVault({ mode: 'indexeddb', account });
    await write({ account, object: OBJECT, count: 40, patch: true }, (message) => message === 'done');
    const store = await vault.openObject(OBJECT);
    const opened = await openLog(store);
    expect(valuesOfLog(opened)).toEqual(new Array(20).fill(40));
    expect(opened.state.head.base.sequence).toBeGreaterThan(1);
    await opened.log.close();
    await vault.deleteAll();
  });

  test('that holds its thread does not hold up whoever takes the object over', async () => {
    const account = newAccount();
    const { vault } = await openVault({ mode: 'indexeddb', account });
    const first = await openLog(await vault.openObject(OBJECT));
    // A commit in flight whose thread is busy until well after it was submitted.
    const inFlight = first.log.append(commitOf({ 1: 1 }, 1));
    const takenOver = write({ account, object: OBJECT, count: 1, patch: false }, (message) => message === 'done');
    await inFlight;
    await takenOver;
    await expect(first.log.append(commitOf({ 1: 2 }, 1))).rejects.toMatchObject({ code: 'fenced' });
    await first.log.close();
    await vault.deleteAll();
  });
});
