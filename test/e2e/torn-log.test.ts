/**
 * A browser that was killed inside a write and started again keeps what it has stored, also at the start after that; if it has lost
 * all nevertheless, whoever opens an account is told.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { StorageInfo } from '../../src/index.ts';
import { counterProgram, ready } from '../support/e2e-pages.ts';
import { startBrowser } from '../support/own-browser.ts';
import { tearLog } from '../support/torn-log.ts';

const NAME = 'torn';
const sources = inject('sources');
let profile: string;

beforeEach(async () => {
  profile = await mkdtemp(path.join(os.tmpdir(), 'durabox-torn-'));
});

afterEach(() => rm(profile, { recursive: true, force: true, maxRetries: 5 }));

/** One session of a browser that ends by a kill. */
async function session<T>(work: (page: Page) => Promise<T>): Promise<T> {
  const browser = await startBrowser(profile);
  try {
    return await work(browser.page);
  } finally {
    await browser.kill();
  }
}

interface Counted {
  /** the values that were acknowledged */
  readonly values: number[];
  readonly storage: StorageInfo;
  /** what `sim.on('storage')` said */
  readonly heard: unknown[];
}

/** Opens the account and increments so many times. */
const counted = (increments: number): Promise<Counted> =>
  session(async (page) => {
    await ready(page, sources);
    const order = { name: NAME, program: counterProgram(), storage: 'indexeddb' as const };
    const storage = await page.evaluate((given) => globalThis.e2e.open(given), order);
    const values: number[] = [];
    for (let i = 0; i < increments; i++) {
      const { value } = await page.evaluate((name) => globalThis.e2e.increment(name, 'a'), NAME);
      values.push(value);
    }
    return { values, storage, heard: await page.evaluate((name) => globalThis.e2e.heard(name, 'storage'), NAME) };
  });

/** A page of the origin that writes to a database of its own, and knows nothing of us. */
const stranger = (): Promise<void> =>
  session(async (page) => {
    await page.goto(sources.url);
    await page.evaluate(
      () =>
        new Promise<void>((resolve, reject) => {
          const request = indexedDB.open('stranger', 1);
          // Longer than what is missing of the torn entry: else the next start takes it for its rest, cut off.
          request.onupgradeneeded = () => request.result.createObjectStore('rows').put('x'.repeat(20_000), 1);
          request.onerror = () => reject(request.error);
          request.onsuccess = () => resolve();
        }),
    );
  });

test('what is written behind a torn log is there at the next start, and what was written before it', async () => {
  expect((await counted(5)).values).toEqual([1, 2, 3, 4, 5]);
  await tearLog(profile, sources.origin);
  expect((await counted(1)).values).toEqual([6]);
  expect((await counted(1)).values).toEqual([7]);
  expect(await counted(1)).toEqual({
    values: [8],
    storage: { mode: 'indexeddb', reason: undefined, lost: undefined },
    heard: [],
  });
});

test('a browser that dropped all that the origin had stored says so to the first that opens an account, once', async () => {
  expect((await counted(3)).values).toEqual([1, 2, 3]);
  await tearLog(profile, sources.origin);
  // Who writes behind the tear without beginning a new log makes the start after that find damage.
  await stranger();
  const { values, storage, heard } = await counted(1);
  expect(values).toEqual([1]);
  expect(storage).toEqual({ mode: 'indexeddb', reason: undefined, lost: expect.stringMatching(/\w/) });
  expect(heard).toEqual([storage]);
  console.log(`what the browser says: ${storage.lost}`);
  expect((await counted(1)).storage.lost).toBe(undefined);
});
