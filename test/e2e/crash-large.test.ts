/**
 * The whole browser is killed while one transaction of 100 MB is made, written or folded: all of it is there afterwards, or
 * nothing, and the file is whole.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { ready } from '../support/e2e-pages.ts';
import { type OwnBrowser, startBrowser } from '../support/own-browser.ts';
import { integrityOf, stockSqlite } from '../support/stock-sqlite.ts';

const LONG = process.env['DURABOX_LONG'] === '1';
const SEED = Number(process.env['DURABOX_SEED'] ?? 20_260_804);
const KILLS = Number(process.env['DURABOX_LARGE_KILLS'] ?? 8);
const REPEAT = `DURABOX_LONG=1 DURABOX_SEED=${SEED} npx vitest run --project 'e2e*' test/e2e/crash-large.test.ts`;
const TIMEOUT_MS = 120_000 + KILLS * 60_000;
const NAME = 'crash-large';
const PIECE_BYTES = 16 * 1024 * 1024;
/** 100 MB */
const ROWS = 1_600;
const ROW_BYTES = 62_500;

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

const bytes = (generation, i) => new Uint8Array(${ROW_BYTES}).fill((generation * 31 + i) % 251);
const isSame = (a, b) => a.length === b.length && a.every((byte, i) => byte === b[i]);

export class Large extends DurableObject {
  replaceAll(generation) {
    const { sql } = this.ctx.storage;
    this.ctx.storage.transactionSync(() => {
      sql.exec('CREATE TABLE IF NOT EXISTS parts (i INTEGER PRIMARY KEY, generation INTEGER, bytes BLOB)');
      for (let i = 0; i < ${ROWS}; i++) sql.exec('INSERT OR REPLACE INTO parts VALUES (?, ?, ?)', i, generation, bytes(generation, i));
    });
    return generation;
  }

  judge() {
    const { sql } = this.ctx.storage;
    if (sql.exec("SELECT name FROM sqlite_master WHERE name = 'parts'").toArray().length === 0) return { generation: 0, wrong: [] };
    const wrong = [];
    let [count, generation] = [0, 0];
    for (const row of sql.exec('SELECT * FROM parts ORDER BY i')) {
      if (count === 0) generation = row.generation;
      if (row.i !== count) wrong.push('row ' + row.i + ' where ' + count + ' must be');
      if (row.generation !== generation) wrong.push('row ' + row.i + ' is of ' + row.generation);
      if (!isSame(new Uint8Array(row.bytes), bytes(row.generation, row.i))) wrong.push('bytes of row ' + row.i);
      count++;
    }
    if (count !== ${ROWS}) wrong.push(count + ' rows');
    return { generation, wrong };
  }
}

export default { fetch: () => new Response('ok') };
`;

const sources = inject('sources');
let profile: string;
let openFile: Awaited<ReturnType<typeof stockSqlite>>;
let isProfileKept = false;

beforeAll(async () => {
  profile = await mkdtemp(path.join(os.tmpdir(), 'durabox-crash-large-'));
  openFile = await stockSqlite();
});

afterAll(async () => {
  if (!isProfileKept) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** The file as it was left, before the object is opened. */
async function leftFile({ page }: OwnBrowser): Promise<Buffer> {
  const size = await page.evaluate((name) => globalThis.crashLarge.left(name), NAME);
  const pieces: Buffer[] = [];
  for (let from = 0; from < size; from += PIECE_BYTES) {
    const piece = await page.evaluate(([at, count]) => globalThis.crashLarge.piece(at, count), [
      from,
      PIECE_BYTES,
    ] as const);
    pieces.push(Buffer.from(piece, 'base64'));
  }
  return Buffer.concat(pieces);
}

/** Asks for the next generation and kills the browser so much later. @returns whether the answer was heard before */
async function killWithin(browser: OwnBrowser, generation: number, afterMs: number): Promise<boolean> {
  let [isHeard, isKilled] = [false, false];
  const replacing = browser.page
    .evaluate((next) => globalThis.crashLarge.replaceAll(next), generation)
    .then(
      () => {
        isHeard = true;
      },
      (error: unknown) => {
        // A browser that was killed answers nothing.
        if (!isKilled) throw error;
      },
    );
  // The end of the wait is the moment of the kill itself.
  await new Promise<void>((resolve) => setTimeout(resolve, afterMs));
  isKilled = true;
  await browser.kill();
  await replacing;
  return isHeard;
}

test.runIf(LONG)(
  `${KILLS} browsers killed in a transaction of 100 MB: all of it is there, or nothing`,
  async () => {
    const random = seededRandom(SEED);
    const tally = { heard: 0, all: 0, nothing: 0, files: 0 };
    let [acknowledged, takesMs, isUnheard] = [0, 0, false];
    for (let round = 0; round <= KILLS; round++) {
      const browser = await startBrowser(profile);
      try {
        await ready(browser.page, sources);
        await browser.page.addScriptTag({ type: 'module', url: '/test/support/crash-large-page.ts' });
        await browser.page.waitForFunction(() => globalThis.crashLarge !== undefined);
        const file = round > 0 ? await leftFile(browser) : Buffer.alloc(0);
        if (file.length > 0) {
          expect(openFile(file, integrityOf)).toBe('ok');
          tally.files++;
        }
        await browser.page.evaluate(([name, program]) => globalThis.crashLarge.open(name, program), [
          NAME,
          PROGRAM,
        ] as const);
        const { generation, wrong } = await browser.page.evaluate(() => globalThis.crashLarge.judge());
        expect(wrong).toEqual([]);
        expect(isUnheard ? [acknowledged, acknowledged + 1] : [acknowledged]).toContain(generation);
        if (isUnheard) tally[generation > acknowledged ? 'all' : 'nothing']++;
        acknowledged = generation;
        if (round === KILLS) continue;
        if (round === 0) {
          const beganMs = performance.now();
          await browser.page.evaluate(() => globalThis.crashLarge.replaceAll(1));
          takesMs = performance.now() - beganMs;
          acknowledged = 1;
        }
        const isHeard = await killWithin(browser, acknowledged + 1, random.unit() * takesMs * 1.2);
        isUnheard = !isHeard;
        if (isHeard) acknowledged++;
        if (isHeard) tally.heard++;
      } catch (cause) {
        isProfileKept = true;
        throw new Error(`In round ${round}; the profile is kept in ${profile}; again: ${REPEAT}`, { cause });
      } finally {
        await browser.kill();
      }
    }
    // Kills that all fell after the answer would have tried nothing.
    expect(tally.nothing + tally.all).toBeGreaterThan(0);
    expect(tally.files).toBe(KILLS);
    console.log(
      `crash, large: ${KILLS} kills around a transaction of ${Math.round(takesMs)} ms: before its answer ${tally.nothing} times ` +
        `with nothing of it there and ${tally.all} times with all of it, after its answer ${tally.heard} times; ` +
        `integrity_check of ${tally.files} files ok; seed ${SEED}`,
    );
  },
  TIMEOUT_MS,
);
