/**
 * The whole browser is killed while objects write. What was acknowledged is there afterwards, and no turn is there by half.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { ready, type Sources, serveSources } from '../support/e2e-pages.ts';
import { type OwnBrowser, startBrowser } from '../support/own-browser.ts';

const LONG = process.env['DURABOX_LONG'] === '1';
const SEED = Number(process.env['DURABOX_SEED'] ?? 20_260_803);
const KILLS = Number(process.env['DURABOX_KILLS'] ?? (LONG ? 50 : 6));
const REPEAT = `DURABOX_SEED=${SEED} DURABOX_KILLS=${KILLS} npx vitest run --project e2e test/e2e/crash.test.ts`;

/** Each turn writes a row, a large value every now and then, and the count; what row `n` holds follows from `n`. */
const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

const text = (n) => String(n).repeat(1 + (n * 7919) % 400);
const blob = (n) => new Uint8Array((n * 104729) % 60000).fill(n % 251);

export class Counter extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.nonce = crypto.randomUUID();
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS entries (n INTEGER PRIMARY KEY, text TEXT NOT NULL)');
    ctx.storage.sql.exec('CREATE INDEX IF NOT EXISTS by_text ON entries (text)');
  }

  async increment() {
    const { storage } = this.ctx;
    const n = ((await storage.get('count')) ?? 0) + 1;
    storage.sql.exec('INSERT INTO entries VALUES (?, ?)', n, text(n));
    if (n % 5 === 0) storage.kv.put('blob ' + n, blob(n));
    if (n % 7 === 0) storage.sql.exec('DELETE FROM entries WHERE n = ?', n - 3);
    await storage.put('count', n);
    return { nonce: this.nonce, value: n };
  }

  async check() {
    const { storage } = this.ctx;
    const count = (await storage.get('count')) ?? 0;
    const wrong = [];
    for (const { quick_check } of storage.sql.exec('PRAGMA quick_check')) if (quick_check !== 'ok') wrong.push(quick_check);
    const rows = new Map(storage.sql.exec('SELECT n, text FROM entries').toArray().map((row) => [row.n, row.text]));
    const indexed = storage.sql.exec('SELECT count(*) AS n FROM entries INDEXED BY by_text WHERE text IS NOT NULL').one().n;
    if (indexed !== rows.size) wrong.push('the index has ' + indexed + ' of ' + rows.size);
    for (let n = 1; n <= count; n++) {
      const isDeleted = (n + 3) % 7 === 0 && n + 3 <= count;
      if (rows.get(n) !== (isDeleted ? undefined : text(n))) wrong.push('row ' + n);
      const stored = n % 5 === 0 ? storage.kv.get('blob ' + n) : undefined;
      if (n % 5 === 0 && (stored?.length !== blob(n).length || stored.some((byte) => byte !== n % 251))) wrong.push('blob ' + n);
      rows.delete(n);
    }
    for (const n of rows.keys()) wrong.push('row ' + n + ' that no turn finished');
    return { count, wrong };
  }
}

export default { fetch: () => new Response('ok') };
`;
const NAME = 'crash';
const OBJECTS = ['a', 'b'];

let sources: Sources;
let profile: string;

beforeAll(async () => {
  sources = await serveSources();
  profile = await mkdtemp(path.join(os.tmpdir(), 'durabox-crash-'));
});

afterAll(async () => {
  await sources.close();
  await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** What each object acknowledged, as node heard it before the browser died. */
const acknowledged = new Map(OBJECTS.map((object) => [object, 0]));

async function checkEverything(browser: OwnBrowser): Promise<{ rows: number; ahead: number }> {
  let [rows, ahead] = [0, 0];
  for (const object of OBJECTS) {
    const result = await browser.page.evaluate((given) => globalThis.e2e.call(given.name, given.object, 'check'), {
      name: NAME,
      object,
    });
    const { count, wrong } = ('value' in result ? result.value : { count: -1, wrong: [result.failure] }) as {
      count: number;
      wrong: string[];
    };
    expect(wrong, `what is wrong with ${object}`).toEqual([]);
    const known = acknowledged.get(object) ?? 0;
    expect(count, `acknowledged by ${object}`).toBeGreaterThanOrEqual(known);
    rows += count;
    ahead += count - known;
  }
  return { rows, ahead };
}

test(`${KILLS} browsers killed during writes: every acknowledged write is there, and nothing is half there`, async () => {
  const random = seededRandom(SEED);
  const report = { kills: 0, acknowledged: 0, ahead: 0 };
  for (let round = 0; round <= KILLS; round++) {
    const browser = await startBrowser(profile);
    try {
      const untilKilled = 5 + Math.floor(random.unit() * 120);
      let left = untilKilled;
      let die: () => void = () => {};
      const isTime = new Promise<void>((resolve) => {
        die = resolve;
      });
      await browser.page.exposeBinding(
        'acknowledge',
        (_source, { object, value }: { object: string; value: number }) => {
          acknowledged.set(object, Math.max(acknowledged.get(object) ?? 0, value));
          report.acknowledged++;
          if (--left === 0) die();
        },
      );
      await ready(browser.page, sources);
      await browser.page.evaluate((order) => globalThis.e2e.open(order), { name: NAME, program: PROGRAM });
      const { ahead } = await checkEverything(browser);
      report.ahead += ahead;
      if (round === KILLS) continue;
      for (const object of OBJECTS) {
        await browser.page.evaluate((order) => globalThis.e2e.start(order), {
          name: NAME,
          object,
          count: 1_000_000,
          lanes: 3,
          report: true,
        });
      }
      await isTime;
      report.kills++;
    } catch (cause) {
      throw new Error(`In round ${round}; again: ${REPEAT}`, { cause });
    } finally {
      await browser.kill();
    }
  }
  expect(report.kills).toBe(KILLS);
  console.log(
    `crash: ${report.kills} kills, ${report.acknowledged} writes acknowledged and all there, ${report.ahead} more were durable and not yet heard of`,
  );
});
