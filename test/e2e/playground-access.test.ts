/**
 * The playground for everybody: what axe-core finds in each view, and a visit by keys alone.
 */
import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { at, playgroundPages } from '../support/playground-pages.ts';

const pages = playgroundPages();

/** What axe finds wrong now, as sentences. */
async function violations(page: Page): Promise<string[]> {
  await page.evaluate(`${axe.source}; undefined`);
  return page.evaluate(async () => {
    const { violations: found } = await (globalThis as unknown as { axe: typeof axe }).axe.run(document, {
      resultTypes: ['violations'],
    });
    return found.flatMap(({ id, nodes }) =>
      nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`),
    );
  });
}

/** Every view that the page has, with something in it. Where there is room for all panes, all are open. */
async function* views(page: Page, isNarrow: boolean): AsyncGenerator<string> {
  const tab = async (name: string) => {
    if (isNarrow) await page.getByRole('navigation').getByRole('button', { name }).click();
  };
  const storage = at(page, 'storage');
  yield 'at the start';
  await tab('Run');
  await page.getByRole('button', { name: 'Ada pays Ben 30', exact: true }).click();
  await at(page, 'response').locator('.body').waitFor();
  if (isNarrow) yield 'after a request';
  await at(page, 'response').getByRole('tab', { name: 'Frames' }).click();
  yield 'no frames';
  await at(page, 'frames').getByRole('tab', { name: 'Page' }).click();
  yield 'no page';
  await at(page, 'page').getByRole('button', { name: 'Open one' }).click();
  await page.getByRole('button', { name: 'Another browser' }).click();
  await at(page, 'page').locator('.cookies').first().click();
  yield 'two pages';
  await at(page, 'page').getByRole('tab', { name: 'Response' }).click();
  await tab('Inspect');
  await storage.getByRole('tab', { name: 'SQL' }).click();
  yield 'SQL';
  await storage.getByRole('tab', { name: 'Tables' }).click();
  await storage.getByRole('button', { name: /^accounts/ }).click();
  await storage.getByRole('slider', { name: 'Moment' }).press('ArrowLeft');
  await storage.getByText('As of').waitFor();
  if (isNarrow) yield 'tables at an earlier moment';
  await tab('Timeline');
  await at(page, 'timeline').locator('.twin-rows [role=row]').first().click();
  await at(page, 'timeline').getByText('Came from').waitFor();
  yield 'an event';
  await page.getByRole('button', { name: 'Keys', exact: true }).click();
  yield 'the help';
}

test.each([
  [1400, 900],
  [1000, 800],
  [390, 844],
])('axe finds nothing at %i × %i, in any view, light or dark', async (width, height) => {
  await pages.renew({ viewport: { width, height }, hasTouch: width < 500, reducedMotion: 'reduce' });
  const page = await pages.openRunning('?example=bank');
  for await (const view of views(page, width < 820)) {
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.locator(`html[data-theme=${colorScheme}]`).waitFor();
      expect(await violations(page), `${view}, ${colorScheme}`).toEqual([]);
    }
  }
});

test('axe is heard: it finds a button without a name', async () => {
  const page = await pages.openRunning();
  await page.evaluate(() => document.querySelector('.bar-row')?.append(document.createElement('button')));
  expect((await violations(page)).join()).toContain('button-name');
});

const focused = (page: Page) =>
  page.evaluate(() => document.activeElement?.ariaLabel ?? document.activeElement?.textContent);
const tabTo = async (page: Page, label: string): Promise<void> => {
  for (let step = 0; step < 40; step++) {
    if ((await focused(page))?.trim() === label) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`"${label}" is not among the next 40 things that Tab reaches.`);
};

test('by keys alone: an example is run, the clock paused and stepped, the list of events opened', async () => {
  const page = await pages.openRunning();
  const said = (words: RegExp) => page.locator('#playground > [role=status]').filter({ hasText: words }).waitFor();
  const pause = page.getByRole('button', { name: 'Pause the clock' });
  await tabTo(page, 'Pause the clock');
  await page.keyboard.press('Enter');
  await said(/^The clock is paused\.$/);
  expect(await focused(page)).toBe('Pause the clock');
  await page.keyboard.press('Enter');
  await said(/^The clock goes on\.$/);

  await tabTo(page, '/increment?name=home');
  await page.keyboard.press('Enter');
  await said(/^GET \/increment\?name=home: 200/);
  await page.keyboard.press('F6');
  await page.keyboard.press(' ');
  await said(/^The clock is paused\.$/);
  expect(await pause.getAttribute('aria-pressed')).toBe('true');
  // The object is idle, so sooner or later its eviction is what is due.
  const sleeping = at(page, 'objects').locator('.object[data-state=sleeping]');
  for (const key of ['.', 'n', '.', 'n', '.', 'n', '.', 'n']) {
    if ((await sleeping.count()) > 0) break;
    await page.keyboard.press(key);
    await said(/^(?:It is \d\d:\d\d:\d\d\.\d{3} now|Nothing is due)\.$/);
    await page.locator('.clock button[aria-disabled=false]').first().waitFor();
  }
  await sleeping.waitFor();
  await page.keyboard.press('e');
  await said(/^Counter home has no instance in this tab to evict\.$/);
  await page.keyboard.press(' ');
  await said(/^The clock goes on\.$/);

  await page.keyboard.press('Shift+F6');
  for (
    let pane = 0;
    pane < 9 && (await page.evaluate(() => document.activeElement?.getAttribute('data-pane'))) !== 'timeline';
    pane++
  ) {
    await page.keyboard.press('F6');
  }
  await tabTo(page, 'Events');
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  await at(page, 'timeline').locator('.event-details').getByText('Came from').waitFor();
  await page.keyboard.press('Escape');
  expect(await focused(page)).toBe('Events');
  await page.keyboard.press('?');
  await page.getByRole('dialog', { name: 'Keys' }).getByText('Step to the next event').waitFor();
  await page.keyboard.press('Escape');
  expect(await focused(page)).toBe('Events');
});

test('single keys do nothing where somebody types, and nothing at all once they are turned off', async () => {
  const page = await pages.openRunning();
  const pause = page.getByRole('button', { name: 'Pause the clock' });
  const isPaused = () => pause.getAttribute('aria-pressed');
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type('// n. e? \n');
  expect(await page.locator('.cm-line').first().textContent()).toMatch(/^\/\/ n\. e\? /);
  await at(page, 'request').getByRole('textbox', { name: 'Path and query' }).fill('');
  await page.keyboard.type('a b?e.n');
  expect(await at(page, 'request').getByRole('textbox', { name: 'Path and query' }).inputValue()).toBe('a b?e.n');
  expect([await isPaused(), await page.getByRole('dialog').count()]).toEqual(['false', 0]);

  await at(page, 'files').focus();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await help.getByRole('checkbox', { name: 'Single keys' }).uncheck();
  await page.keyboard.press('Escape');
  await page.reload();
  await page.locator('.deployment[data-state=running]').waitFor();
  await at(page, 'files').focus();
  await page.keyboard.press('?');
  await page.keyboard.press(' ');
  // Said after whatever the keys would have done.
  await page.getByRole('button', { name: 'Keys', exact: true }).click();
  expect(await help.getByRole('checkbox', { name: 'Single keys' }).isChecked()).toBe(false);
  expect(await help.getByText('Step to the next event').count()).toBe(0);
  expect([await isPaused(), await pause.getAttribute('aria-keyshortcuts')]).toEqual(['false', null]);
});
