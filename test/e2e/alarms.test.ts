/**
 * Three tabs are one account with many alarms; the tab that runs them is killed or closed, twice, at random points. Every alarm
 * is delivered: once, or a second time when the kill fell between what its handler had begun and the commit of its end.
 */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { eventually, isRunning, openPages, type Pages, rendererOf } from '../support/e2e-pages.ts';

const LONG = process.env['DURABOX_LONG'] === '1';
const SEED = Number(process.env['DURABOX_SEED'] ?? 20_260_811);
const ROUNDS = Number(process.env['DURABOX_KILLS'] ?? (LONG ? 20 : 1));
const REPEAT = `DURABOX_SEED=${SEED} DURABOX_KILLS=${ROUNDS} npx vitest run --project 'e2e*' test/e2e/alarms.test.ts`;
const OBJECTS = 24;
/** The alarms of a round are spread over so many milliseconds, and so are its kills. */
const SPREAD_MS = 3_000;

/** What an object stored: when it was due, when each handler began, how many ended together with their alarm. */
interface Report {
  readonly dueMs: number;
  readonly begun: readonly number[];
  readonly ended: number;
  readonly alarm: number | null;
}

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

export class Counter extends DurableObject {
  async set(dueMs) {
    this.ctx.storage.kv.put('due', dueMs);
    await this.ctx.storage.setAlarm(dueMs);
  }
  async alarm() {
    const { kv } = this.ctx.storage;
    kv.put('begun', [...(kv.get('begun') ?? []), Date.now()]);
    await this.ctx.storage.sync();
    await scheduler.wait(100);
    // In the turn in which the handler ends: this is kept if and only if the alarm is gone.
    kv.put('ended', (kv.get('ended') ?? 0) + 1);
  }
  async report() {
    const { kv } = this.ctx.storage;
    return { dueMs: kv.get('due'), begun: kv.get('begun') ?? [], ended: kv.get('ended') ?? 0, alarm: await this.ctx.storage.getAlarm() };
  }
}
export default {};
`;

let pages: Pages;

beforeAll(async () => {
  pages = await openPages();
});

afterAll(async () => {
  await pages.close();
});

async function call<T>(page: Page, name: string, object: string, method: string, ...args: unknown[]): Promise<T> {
  const answer = await page.evaluate(
    (given) => globalThis.e2e.call(given.name, given.object, given.method, ...given.args),
    { name, object, method, args },
  );
  if ('failure' in answer) throw new Error(answer.failure.message);
  return answer.value as T;
}

const objects = Array.from({ length: OBJECTS }, (_, i) => `object ${i}`);

/**
 * The end of a tab, from before it was ordered until its process is gone. It is no moment: what was asked to close runs on for
 * some milliseconds, and so does what a signal is on its way to.
 */
interface TabEnd {
  readonly fromMs: number;
  readonly untilMs: number;
}

/** Whether an end of a tab can be why what began at `begunMs` began once more at `againMs`. */
function canInterrupt({ fromMs, untilMs }: TabEnd, begunMs: number, againMs: number): boolean {
  return begunMs <= untilMs && againMs >= fromMs;
}

/** A tab that is to be ended, and the process that renders it. */
interface Mortal {
  readonly page: Page;
  readonly processId: number;
}

async function end({ page, processId }: Mortal, how: 'killed' | 'closed'): Promise<TabEnd> {
  const fromMs = Date.now();
  if (how === 'closed') await page.close();
  else process.kill(processId, 'SIGKILL');
  await eventually('the process of the tab is gone', () => !isRunning(processId));
  return { fromMs, untilMs: Date.now() };
}

async function playRound(round: number, unit: () => number): Promise<{ ends: TabEnd[]; reports: Report[] }> {
  const name = `alarms ${round}`;
  const mortal: Mortal[] = [];
  for (let i = 0; i < 3; i++) {
    const page = await pages.open();
    await page.evaluate((order) => globalThis.e2e.open(order), i === 0 ? { name, program: PROGRAM } : { name });
    // Found out now: it takes as long as alarms do.
    mortal.push({ page, processId: await rendererOf(page, pages.browser) });
  }
  const survivor = (mortal[2] as Mortal).page;
  const begin = Date.now() + 1_000;
  const setters = mortal.map(({ page }) => page);
  await Promise.all(
    objects.map((object, i) =>
      call(setters[i % setters.length] as Page, name, object, 'set', begin + Math.floor(unit() * SPREAD_MS)),
    ),
  );
  const ends: TabEnd[] = [];
  for (const [i, how] of (['killed', 'closed'] as const).entries()) {
    // The end of the wait is the moment of the kill itself.
    const killAtMs = begin + SPREAD_MS * ((i + unit()) / 2);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, killAtMs - Date.now())));
    // The tab that has been there longest is the first in the line for the lease, so it is the one that runs alarms.
    ends.push(await end(mortal.shift() as Mortal, how));
  }
  const reports = () => Promise.all(objects.map((object) => call<Report>(survivor, name, object, 'report')));
  // While a handler runs its alarm reads as null too.
  const isOver = ({ alarm, ended }: Report) => alarm === null && ended > 0;
  await eventually('every alarm was run', async () => (await reports()).every(isOver), 40_000);
  const judged = await reports();
  await survivor.evaluate((given) => globalThis.e2e.close(given, { delete: true }), name);
  await survivor.close();
  return { ends, reports: judged };
}

test('an end of a tab is why a handler began again only if it was not over before, and had begun before the second time', () => {
  // It began a millisecond after the tab was told to close, and went with it.
  const close = { fromMs: 741, untilMs: 760 };
  expect(canInterrupt(close, 742, 867)).toBe(true);
  expect(canInterrupt(close, 700, 867)).toBe(true);
  expect(canInterrupt(close, 761, 867), 'begun after the end').toBe(false);
  expect(canInterrupt(close, 600, 740), 'again before the end').toBe(false);
});

test(
  `${2 * ROUNDS} tabs that run the alarms are ended: every alarm is run, and again only where a kill interrupted it`,
  async () => {
    const random = seededRandom(SEED);
    let [once, again] = [0, 0];
    for (let round = 0; round < ROUNDS; round++) {
      const { ends, reports } = await playRound(round, () => random.unit());
      for (const { dueMs, begun, ended } of reports) {
        expect(ended, `its end is one commit with its alarm's; again: ${REPEAT}`).toBe(1);
        expect(begun.length).toBeGreaterThan(0);
        for (const atMs of begun) expect(atMs, 'never early').toBeGreaterThanOrEqual(dueMs);
        for (const [i, atMs] of begun.slice(1).entries()) {
          const isInterrupted = ends.some((end) => canInterrupt(end, begun[i] as number, atMs));
          expect(isInterrupted, `begun at ${begun}, ends ${JSON.stringify(ends)}; again: ${REPEAT}`).toBe(true);
        }
        if (begun.length === 1) once++;
        else again++;
      }
    }
    expect(once + again).toBe(ROUNDS * OBJECTS);
    expect(once).toBeGreaterThan(again);
    console.log(`alarms: ${once} begun once, ${again} again after a kill; ${2 * ROUNDS} tabs ended; seed ${SEED}`);
  },
  60_000 * ROUNDS,
);
