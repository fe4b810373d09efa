/** IndexedDB fails at any of its requests, in every way it can: what was acknowledged is there, and nothing else. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { asAccount, databaseNames, objectAddress, uniqueKey } from '../../src/protocol/names.ts';
import { openVault } from '../../src/storage/vault.ts';
import { isLong } from '../support/is-long.ts';
import { commitOf, openLog, valuesOfLog } from '../support/log-model.ts';
import type { Fault, FaultOrder, FaultOutcome } from './vault-faults.worker.ts';

const account = asAccount(`vault-faults-${performance.timeOrigin}`);
const KEY = uniqueKey('worker', 'Counter');
let objects = 0;
const newObject = () => objectAddress(KEY, (++objects).toString(16).padStart(64, '0'));

let worker: Worker;

beforeAll(async () => {
  worker = new Worker(new URL('./vault-faults.worker.ts', import.meta.url), { type: 'module' });
  await new Promise((resolve, reject) => {
    worker.onmessage = resolve;
    worker.onerror = (event) => reject(new Error(event.message));
  });
});

afterAll(async () => {
  worker.terminate();
  const { vault } = await openVault({ mode: 'indexeddb', account });
  await vault.deleteAll();
});

function play(order: Omit<FaultOrder, 'account' | 'object'>): Promise<FaultOutcome> {
  return new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => (data.error ? reject(new Error(data.error)) : resolve(data.outcome));
    worker.postMessage({ account, object: newObject(), ...order } satisfies FaultOrder);
  });
}

const EXPECTED: Record<Fault, { readonly codes: readonly string[]; readonly says: RegExp }> = {
  abort: { codes: ['storage_failed'], says: /^IndexedDB failed on ".+"; reload the page\.$/ },
  throw: { codes: ['storage_failed'], says: /^IndexedDB failed on ".+"; reload the page\.$/ },
  quota: { codes: ['quota'], says: /^The browser has no room left for ".+"; delete something\.$/ },
  full: { codes: ['quota'], says: /^The browser has no room left for ".+"; delete something\.$/ },
  close: { codes: ['storage_failed'], says: /the browser closed it|^IndexedDB failed on/ },
};

const FAULTS = Object.keys(EXPECTED) as Fault[];
/** Every request fails in one way, and with `npm run test:long` in each. */
const STEP = isLong ? 1 : FAULTS.length;

describe('a failure at any request of opening, committing and folding', () => {
  test.each(FAULTS)('%s', async (fault) => {
    const whole = await play({});
    expect(whole.failure).toBeUndefined();
    expect(whole.found).toEqual(whole.acknowledged);
    expect(whole.requests).toBeGreaterThan(60);
    let failures = 0;
    let tried = 0;
    for (let at = 1 + (FAULTS.indexOf(fault) % STEP); at <= whole.requests; at += STEP) {
      tried++;
      const outcome = await play({ fault, at });
      expect(outcome.hasFailed, `request ${at}`).toBe(true);
      expect(outcome.found, `request ${at}`).toEqual(outcome.acknowledged);
      expect(outcome.afterwards, `request ${at}`).toEqual(outcome.expectedAfterwards);
      if (!outcome.failure) continue;
      failures++;
      expect(EXPECTED[fault].codes, `request ${at}: ${outcome.failure.message}`).toContain(outcome.failure.code);
      expect(outcome.failure.message).toMatch(EXPECTED[fault].says);
    }
    console.log(
      `${fault}: ${tried} of ${whole.requests} requests failed one by one, ${failures} of them ended the log`,
    );
    // One refusal for want of room is survived by a commit, which drops history first, and by a fold, which waits.
    if (fault === 'quota') expect(failures).toBeLessThan(tried / 2);
    else expect(failures).toBeGreaterThan(tried / 4);
  });
});

describe('another tab', () => {
  const open = async () => {
    const { vault } = await openVault({ mode: 'indexeddb', account });
    const object = newObject();
    const opened = await openLog(await vault.openObject(object));
    await opened.log.append(commitOf({ 1: 1 }, 1));
    return { vault, object, log: opened.log, name: databaseNames.object(account, object) };
  };

  test('that upgrades the database is not held up, and the writer learns why it lost it', async () => {
    const { name, log, vault } = await open();
    const events: string[] = [];
    await new Promise<void>((resolve, reject) => {
      const request = indexedDB.open(name, 99);
      request.onblocked = () => events.push('blocked');
      request.onerror = () => reject(request.error);
      request.onsuccess = () => {
        request.result.close();
        resolve();
      };
    });
    expect(events).toEqual([]);
    await expect(log.append(commitOf({ 1: 2 }, 1))).rejects.toMatchObject({
      code: 'storage_failed',
      message: `The storage "${name}" is lost: it is being deleted or upgraded by another tab.`,
    });
    await log.close();
    indexedDB.deleteDatabase(name);
    vault.close();
  });

  test('that will not let go of the database delays its deletion, and no longer', async () => {
    const { name, object, log, vault } = await open();
    await log.close();
    const stubborn = await new Promise<IDBDatabase>((resolve, reject) => {
      const request = indexedDB.open(name);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error);
    });
    const asked = new Promise((resolve) => {
      stubborn.onversionchange = resolve;
    });
    let isDone = false;
    const deleting = (await vault.openObject(object)).destroy().then(() => {
      isDone = true;
    });
    await asked;
    // Whoever opens it now waits behind the deletion, and then finds it empty.
    const opening = vault.openObject(object).then(openLog);
    expect(isDone).toBe(false);
    stubborn.close();
    await deleting;
    const next = await opening;
    expect(valuesOfLog(next)).toEqual([]);
    await next.log.append(commitOf({ 1: 3 }, 1));
    await next.log.close();
    vault.close();
  });
});
