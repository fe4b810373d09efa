/**
 * The whole browser is killed while objects are opened, written, folded, emptied and taken back in time. What was acknowledged is there
 * afterwards, nothing is there by half, and every database is whole.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { CrashLedger, mustBeFine } from '../support/crash-ledger.ts';
import { CRASH_PROGRAM } from '../support/crash-program.ts';
import type { Found, Order, Told } from '../support/crash-words.ts';
import { ready } from '../support/e2e-pages.ts';
import { type OwnBrowser, startBrowser } from '../support/own-browser.ts';
import { integrityOf, stockSqlite } from '../support/stock-sqlite.ts';

const LONG = process.env['DURABOX_LONG'] === '1';
const SEED = Number(process.env['DURABOX_SEED'] ?? 20_260_803);
const KILLS = Number(process.env['DURABOX_KILLS'] ?? (LONG ? 200 : 6));
const REPEAT = `DURABOX_SEED=${SEED} DURABOX_KILLS=${KILLS} npx vitest run --project 'e2e*' test/e2e/crash.test.ts`;
/** Where a kill falls: the state that an object has just told, or any time among answers, or while all are opened. */
type Moment = 'writing' | 'opening' | 'restore asked' | 'restore pending' | 'leaving' | 'restoring' | 'counted on';
/** An opening after a pending restore is one that restores, so they follow each other. */
const MOMENTS: readonly Moment[] = [
  'writing',
  'restore pending',
  'opening',
  'counted on',
  'leaving',
  'restoring',
  'writing',
  'opening',
  'restore asked',
  'restoring',
  'opening',
  'counted on',
  'leaving',
];
/** A kill falls so many answers into the work, and then this much later: anywhere between two answers. */
const ANSWERS_MAX = 60;
const LATER_MS_MAX: Readonly<Record<Moment, number>> = {
  writing: 60,
  opening: 120,
  'restore asked': 20,
  'restore pending': 60,
  leaving: 150,
  restoring: 250,
  'counted on': 20,
};
/** So long a page that may be gone is asked. */
const DESCRIBED_MS = 10_000;
/** A round takes about five seconds where nothing else runs. */
const TIMEOUT_MS = 60_000 + KILLS * 40_000;

const NAME = 'crash';
/** How many increments there are between two emptyings. */
const WIPED_AFTER = 3;
/** So rarely that there are states to go back to on both sides of an emptying. */
const RESTORED_WIPED_AFTER = 16;
const ORDERS: readonly Order[] = [
  { object: 'small', work: 'commits', lanes: 3 },
  { object: 'large', work: 'commits', lanes: 1, isLarge: true },
  { object: 'reopened', work: 'reopening', lanes: 1 },
  { object: 'emptied', work: 'commits', lanes: 1, wipedAfter: WIPED_AFTER },
  { object: 'restored', work: 'restoring', lanes: 1, wipedAfter: RESTORED_WIPED_AFTER },
  { object: 'restored large', work: 'restoring', lanes: 1, isLarge: true },
];
const ledger = new CrashLedger(ORDERS);

const sources = inject('sources');
let profile: string;
let isProfileKept = false;
let openFile: Awaited<ReturnType<typeof stockSqlite>>;

beforeAll(async () => {
  profile = await mkdtemp(path.join(os.tmpdir(), 'durabox-crash-'));
  openFile = await stockSqlite();
});

afterAll(async () => {
  if (!isProfileKept) await rm(profile, { recursive: true, force: true, maxRetries: 5 });
});

/** What a file says by itself. */
interface Insight {
  readonly integrity: string;
  /** the count of the newest row; undefined when it has none */
  readonly newest: number | undefined;
}

function lookInto(base64: string): Insight {
  return openFile(Buffer.from(base64, 'base64'), (database) => {
    const [table] = database.exec("SELECT name FROM sqlite_schema WHERE name = 'entries'");
    const newest = table && database.exec('SELECT max(n) FROM entries')[0]?.values[0]?.[0];
    return { integrity: integrityOf(database), newest: typeof newest === 'number' ? newest : undefined };
  });
}

/** What the killed browser left, before anything can mend it: the present, and what a restore waits for. */
function judgeLeft(found: Found): string[] {
  const complaints = ledger.missing(found);
  for (const { object, bytes, wanted, moments } of found.objects) {
    for (const database of [bytes, wanted]) {
      if (database === undefined) continue;
      const { integrity } = lookInto(database);
      if (integrity !== 'ok') complaints.push(`${object}: integrity_check says ${integrity}`);
      ledger.tally.databases++;
    }
    for (const { kind, id } of moments) ledger.count(`in the log: ${kind}`, id);
  }
  return complaints;
}

async function judgeAll(browser: OwnBrowser): Promise<string[]> {
  const complaints: string[] = [];
  for (const { object } of ORDERS) {
    await browser.page
      .evaluate((name) => globalThis.crash.judge(name), object)
      .then(
        (judgement) => complaints.push(...ledger.judge(object, judgement)),
        (error: unknown) => complaints.push(`${object}: cannot be judged, ${firstLine(error)}`),
      );
  }
  return complaints;
}

const firstLine = (error: unknown): string => String(error).replace(/\n.*/s, '');

/** Of every object, what was heard of it, what was left of it and what opening it gives: whatever failed, one sees what else did. */
async function describeAll(browser: OwnBrowser, found: Found | undefined): Promise<string> {
  const describe = async ({ object }: Order): Promise<string> => {
    const left = found?.objects.find((each) => each.object === object);
    const newest = left?.bytes === undefined ? undefined : lookInto(left.bytes).newest;
    const file = left?.bytes === undefined ? 'no pages' : `rows up to ${newest ?? 'none'}`;
    const was = left ? `record ${left.sequence ?? 'none'}, ${file}` : 'not listed';
    const judging = browser.page.evaluate((name) => globalThis.crash.judge(name), object);
    const tooLate = new Promise<string>((resolve) => setTimeout(resolve, DESCRIBED_MS, 'no answer'));
    const is = await Promise.race([judging.then(({ count }) => `${count}`, firstLine), tooLate]);
    return `${object}: ${ledger.describe(object)}; left with ${was}; now it opens with ${is}`;
  };
  const lines = await Promise.all(ORDERS.map(describe));
  return [...lines, `databases: ${found?.databases.join(', ') ?? 'not looked at'}`].join('\n');
}

/** Starts the work, and resolves at the moment of the kill. */
async function untilKilled(browser: OwnBrowser, unit: () => number, moment: Moment): Promise<void> {
  let answersLeft = 1 + Math.floor(unit() * ANSWERS_MAX);
  const laterMs = unit() * LATER_MS_MAX[moment];
  let [reached, failed] = [() => {}, (_error: unknown) => {}];
  const isReached = new Promise<void>((resolve, reject) => {
    [reached, failed] = [resolve, reject];
  });
  const opening = new Set(ORDERS.map(({ object }) => object));
  await browser.page.exposeBinding('told', (_source, told: Told) => {
    try {
      ledger.hear(told);
    } catch (error) {
      failed(error);
    }
    if (told.state === 'opened') opening.delete(told.object);
    // Among writes means: of all objects.
    if (opening.size > 0) return;
    if (told.state === moment) reached();
    if (moment === 'writing' && told.state === 'done' && --answersLeft === 0) reached();
  });
  // A call that fails is an error in the page, and this test waits no longer.
  browser.page.on('pageerror', (error) => failed(error));
  await browser.page.evaluate((orders) => globalThis.crash.start(orders), ledger.orders);
  // The end of the wait is the moment of the kill itself.
  const later = () => new Promise<void>((resolve) => setTimeout(resolve, laterMs));
  await (moment === 'opening' ? Promise.race([later(), isReached]) : isReached.then(later));
  ledger.killed(opening);
}

test(
  `${KILLS} browsers killed: every acknowledged write is there, nothing is half there, every file is whole`,
  async () => {
    const random = seededRandom(SEED);
    for (let round = 0; round <= KILLS; round++) {
      const browser = await startBrowser(profile);
      let found: Found | undefined;
      try {
        await ready(browser.page, sources);
        await browser.page.addScriptTag({ type: 'module', url: '/test/support/crash-page.ts' });
        await browser.page.waitForFunction(() => globalThis.crash !== undefined);
        if (round > 0) found = await browser.page.evaluate((name) => globalThis.crash.left(name), NAME);
        const complaints = found ? judgeLeft(found) : [];
        await browser.page.evaluate(([name, program]) => globalThis.crash.open(name, program), [
          NAME,
          CRASH_PROGRAM,
        ] as const);
        const moment = MOMENTS[round % MOMENTS.length] as Moment;
        // Judging opens every object: not before a kill that is to fall while they open.
        if (moment !== 'opening' || round === KILLS || complaints.length > 0)
          complaints.push(...(await judgeAll(browser)));
        mustBeFine(complaints);
        if (round === KILLS) continue;
        await untilKilled(browser, () => random.unit(), moment);
      } catch (cause) {
        isProfileKept = true;
        const all = await describeAll(browser, found);
        throw new Error(`In round ${round}; the profile is kept in ${profile}; again: ${REPEAT}\n${all}`, { cause });
      } finally {
        await browser.kill();
      }
    }
    const { kills, acknowledged, restores, restored, refused, ahead, databases } = ledger.tally;
    expect(kills).toBe(KILLS);
    expect(databases).toBeGreaterThan(KILLS);
    // Without a restore found, every claim about them would be empty.
    if (KILLS >= MOMENTS.length) expect(restored).toBeGreaterThan(0);
    console.log(
      `crash: ${kills} kills (${ledger.moments}), ${acknowledged} writes acknowledged and all there, ` +
        `${ahead} times one more was durable and not yet heard of; ${restores} restores acknowledged and ${restored} found done, ` +
        `${refused} refused as too old; integrity_check of ${databases} databases ok; seed ${SEED}`,
    );
  },
  TIMEOUT_MS,
);
