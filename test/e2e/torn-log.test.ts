/** A browser that was killed inside a write and started again keeps what it has stored, also at the start after that. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { counterProgram, ready, type Sources, serveSources } from '../support/e2e-pages.ts';
import { startBrowser } from '../support/own-browser.ts';
import { tearLog } from '../support/torn-log.ts';

const NAME = 'torn';
let sources: Sources;
let profile: string;

beforeAll(async () => {
  sources = await serveSources();
  profile = await mkdtemp(path.join(os.tmpdir(), 'durabox-torn-'));
});

afterAll(async () => {
  await sources.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** One session of a browser that ends by a kill: increments so many times. @returns the values that were acknowledged */
async function session(increments: number): Promise<number[]> {
  const browser = await startBrowser(profile);
  try {
    await ready(browser.page, sources);
    const order = { name: NAME, program: counterProgram(), storage: 'indexeddb' as const };
    await browser.page.evaluate((given) => globalThis.e2e.open(given), order);
    const values: number[] = [];
    for (let i = 0; i < increments; i++) {
      const { value } = await browser.page.evaluate((name) => globalThis.e2e.increment(name, 'a'), NAME);
      values.push(value);
    }
    return values;
  } finally {
    await browser.kill();
  }
}

test('what is written behind a torn log is there at the next start, and what was written before it', async () => {
  expect(await session(5)).toEqual([1, 2, 3, 4, 5]);
  await tearLog(profile, sources.origin);
  expect(await session(1)).toEqual([6]);
  expect(await session(1)).toEqual([7]);
  expect(await session(1)).toEqual([8]);
});
