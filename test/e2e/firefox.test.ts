/**
 * The counter of two pages in Firefox, over WebDriver BiDi: other locks, other channels, another IndexedDB.
 *
 * Skipped, with the reason, where no Firefox is installed.
 */
import { type Browser, launch, type Page } from 'puppeteer-core';
import { expect, inject, test } from 'vitest';
import { must } from '../../src/base/assert.ts';
import { counterProgram, eventually } from '../support/e2e-pages.ts';
import { findFirefox } from '../support/find-browser.ts';
import { expectDisconnects, expectNothingLost, expectOneInstanceAtATime } from '../support/witness.ts';

const executablePath = findFirefox();
if (!executablePath) console.log('Skipped: no Firefox is installed; install one, or name it in DURABOX_FIREFOX.');

const sources = inject('sources');

const OPENS_MS = 5_000;
const ATTEMPTS = 4;

/**
 * A page with the account open in it.
 *
 * While Firefox (153) is driven over WebDriver BiDi it blocks, in about one of ten pages, the thread that starts a worker
 * from a worker, for good and inside `new Worker`; of 60 that were not driven none was blocked. Such a page is given up.
 */
async function openPage(browser: Browser, order: Parameters<typeof globalThis.e2e.open>[0]): Promise<Page> {
  for (let attempt = 1; ; attempt++) {
    const page = await browser.newPage();
    await page.goto(sources.url);
    await page.addScriptTag({ type: 'module', url: '/test/support/e2e-page.ts' });
    await page.waitForFunction(() => globalThis.e2e !== undefined);
    const isOpen = await page.evaluate(
      (given, withinMs) =>
        Promise.race([
          globalThis.e2e.open(given).then(() => true),
          new Promise<false>((resolve) => setTimeout(resolve, withinMs, false)),
        ]),
      order,
      OPENS_MS,
    );
    if (isOpen) return page;
    if (attempt === ATTEMPTS) throw new Error(`${ATTEMPTS} pages in a row did not open the account.`);
    console.log('Firefox blocked a worker that starts workers; trying another page.');
    await page.close();
  }
}

/** `retry`: the same may happen to a page later, when it starts its next isolate. */
test.skipIf(!executablePath)(
  'two pages in Firefox increment one counter, and one takes over from the other',
  { retry: 2, timeout: 45_000 },
  async ({ onTestFinished }) => {
    const name = 'count in firefox';
    const path = must(executablePath, 'the Firefox that was found');
    const browser = await launch({
      browser: 'firefox',
      protocol: 'webDriverBiDi',
      headless: true,
      executablePath: path,
    });
    onTestFinished(() => browser.close());
    const holder = await openPage(browser, { name, program: counterProgram() });
    const other = await openPage(browser, { name });
    for (const page of [holder, other]) {
      await page.evaluate((order) => globalThis.e2e.start(order), {
        name,
        object: 'a',
        count: 200,
        lanes: 4,
        go: name,
      });
    }
    await holder.evaluate((channel) => globalThis.e2e.go(channel), name);
    const traffics = await Promise.all(
      [holder, other].map((page) => page.evaluate((account) => globalThis.e2e.finish(account), name)),
    );
    expect(traffics.map(({ answers, failures }) => [answers.length, failures])).toEqual([
      [200, []],
      [200, []],
    ]);
    expect(expectOneInstanceAtATime(traffics.flatMap(({ answers }) => answers)).map(({ count }) => count)).toEqual([
      400,
    ]);

    await other.evaluate((order) => globalThis.e2e.start(order), { name, object: 'a', count: 100_000, lanes: 4 });
    const progress = () => other.evaluate((account) => globalThis.e2e.progress(account).answers, name);
    await eventually('traffic flows', async () => (await progress()) > 30);
    await holder.close();
    const before = await progress();
    await eventually('traffic flows again', async () => (await progress()) > before + 100);
    await other.evaluate((account) => globalThis.e2e.stop(account), name);
    const after = await other.evaluate((account) => globalThis.e2e.finish(account), name);
    expectDisconnects(after);
    expectOneInstanceAtATime([...traffics.flatMap(({ answers }) => answers), ...after.answers]);
    const { value } = await other.evaluate((account) => globalThis.e2e.read(account, 'a'), name);
    expectNothingLost(value, [...traffics, after]);
    await other.evaluate((account) => globalThis.e2e.close(account, { delete: true }), name);
    expect(await other.evaluate((account) => globalThis.e2e.leftovers(account), name)).toEqual({
      databases: [],
      locks: [],
    });
  },
);
