/** The timeline of the playground, on the real simulator: walked by keys, and from its marks to what they came from. */
import type { Locator, Page } from 'playwright-core';
import { expect, test } from 'vitest';
import { at, playgroundPages } from '../support/playground-pages.ts';

const pages = playgroundPages();
const send = (page: Page, preset: string) => page.getByRole('button', { name: preset, exact: true }).click();
const grid = (page: Page) => at(page, 'timeline').getByRole('grid', { name: 'Events' });
const current = (page: Page) => grid(page).locator('[role=row][aria-selected=true]');
const details = (page: Page) => at(page, 'timeline').locator('.event-details');
/** The line of the code that has the selection, as the editor shows it. */
const shownCode = (page: Page) =>
  page.evaluate(() => getSelection()?.anchorNode?.parentElement?.closest('.cm-line')?.textContent);

/** Walks on to the next event of which `isIt` is so. */
async function walkTo(page: Page, isIt: (row: Locator) => Promise<boolean>): Promise<void> {
  for (let step = 0; step < 400; step++) {
    if (await isIt(current(page))) return;
    await page.keyboard.press('ArrowRight');
  }
  throw new Error('No such event in 400 steps.');
}

const says = (words: string) => async (row: Locator) =>
  ((await row.locator('.twin-what').textContent()) ?? '').includes(words);

test('the timeline shows who waited at the gates, and is walked by keys from a wait to what caused it', async () => {
  const page = await pages.openRunning('?example=gates');
  await page.getByRole('button', { name: '10 × /section?name=b', exact: true }).click();
  const timeline = at(page, 'timeline');
  await timeline
    .getByRole('status')
    .filter({ hasText: /^10 requests, \d+ waited, .*10 timers rang/ })
    .waitFor();
  const grid = timeline.getByRole('grid', { name: 'Events' });
  await grid.focus();
  await page.keyboard.press('Home');
  const current = grid.locator('[role=row][aria-selected=true]');
  await current.filter({ hasText: 'client' }).filter({ hasText: 'asks gates: GET' }).waitFor();
  for (const what of ['GET begins', 'asks Tally:b: section', 'section']) {
    await page.keyboard.press(']');
    await current.filter({ hasText: what }).waitFor();
  }
  for (let step = 0; step < 400; step++) {
    if ((await current.getAttribute('data-kind')) === 'wait') break;
    await page.keyboard.press('ArrowRight');
  }
  await current.filter({ hasText: 'waits at the input gate' }).waitFor();
  await page.keyboard.press('[');
  await current.filter({ hasText: /gates\s+asks Tally:b: section/ }).waitFor();
  await page.keyboard.press('Enter');
  await timeline.locator('.event-details').getByText('Caused by').waitFor();
  await page.keyboard.press('Escape');
  expect(await grid.evaluate((element) => element === document.activeElement)).toBe(true);
});

test('a mark leads to the code that it came from, beside the list or with the focus, and says so where there is none', async () => {
  const page = await pages.openRunning('?example=gates');
  await send(page, '10 × /section?name=b');
  await at(page, 'timeline')
    .getByRole('status')
    .filter({ hasText: /^10 requests, \d+ waited, .*10 timers rang/ })
    .waitFor();
  // The object is evicted at the end, by hand: it must not go to sleep by itself, however long the walk takes.
  await page.getByRole('button', { name: 'Pause the clock' }).click();
  const origin = details(page).locator('[data-origin]');
  await grid(page).focus();
  await page.keyboard.press('Home');
  await walkTo(page, says('asks Tally:b: section'));
  await page.keyboard.press('Enter');
  await origin.getByText(/^Tally\.section\(\), src\/index\.ts, line \d+$/).waitFor();
  await page.locator('.cm-selectionBackground').waitFor();
  expect(await details(page).evaluate((element) => element === document.activeElement)).toBe(true);
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect.poll(() => page.evaluate(() => document.activeElement?.className)).toContain('cm-content');
  await expect.poll(() => shownCode(page)).toContain('async section()');

  // What happens inside a critical section, and after it, belongs to the call that began it.
  await grid(page).focus();
  for (const words of [
    'sets setTimeout',
    'setTimeout begins',
    'input gate opens',
    'answers section',
    'answer to GET arrives',
  ]) {
    await page.keyboard.press('Home');
    await walkTo(page, says(words));
    await page.keyboard.press('Enter');
    const name = words === 'answer to GET arrives' ? 'fetch()' : 'Tally.section()';
    await origin.getByText(name).waitFor({ timeout: 5_000 });
    await page.keyboard.press('Escape');
  }

  await page.getByRole('button', { name: 'Evict Tally b' }).click();
  await at(page, 'objects').locator('.object[data-state=sleeping]').waitFor();
  await grid(page).focus();
  await page.keyboard.press('End');
  await current(page).filter({ hasText: 'goes to sleep' }).waitFor();
  await page.keyboard.press('Enter');
  await origin.getByText('Nowhere to go. No code sends an object to sleep').waitFor();
});

test('the mark of a commit leads to what the object had stored then, and the last one to now', async () => {
  const page = await pages.openRunning();
  for (const count of [1, 2, 3]) {
    await send(page, '/increment?name=home');
    await at(page, 'storage')
      .locator('.entry', { hasText: 'value' })
      .getByText(String(count), { exact: true })
      .waitFor();
  }
  await page.getByRole('button', { name: 'Evict Counter home' }).click();
  const sleeping = at(page, 'objects').locator('.object[data-state=sleeping]');
  await sleeping.waitFor();
  await grid(page).focus();
  await page.keyboard.press('Home');
  const storage = at(page, 'storage');
  for (const count of [1, 2]) {
    await walkTo(page, says('commit is on the disk'));
    await current(page).click();
    await storage.getByText('As of').waitFor();
    await storage.locator('.entry', { hasText: 'value' }).getByText(String(count), { exact: true }).waitFor();
    await grid(page).focus();
    await page.keyboard.press('ArrowRight');
  }
  await walkTo(page, says('commit is on the disk'));
  await page.keyboard.press('Enter');
  await storage.getByText('Now, from disk.').waitFor();
  await storage.locator('.entry', { hasText: 'value' }).getByText('3', { exact: true }).waitFor();
  await details(page).getByRole('button', { name: 'What Counter home had stored then' }).click();
  expect(await storage.evaluate((element) => element === document.activeElement)).toBe(true);
  await sleeping.waitFor();
});

test('on a phone time goes down, three lanes are drawn, and a swipe brings the others', async () => {
  await pages.renew({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true });
  const page = await pages.openRunning();
  const tab = (name: string) => page.getByRole('navigation').getByRole('button', { name }).click();
  await tab('Run');
  for (const name of ['one', 'two', 'three']) {
    await at(page, 'request').getByRole('textbox', { name: 'Path and query' }).fill(`/increment?name=${name}`);
    await at(page, 'request').getByRole('button', { name: 'Send' }).click();
    await at(page, 'response')
      .locator('.body', { hasText: `"name":${' '}"${name}"` })
      .waitFor();
  }
  await tab('Timeline');
  const lanes = at(page, 'timeline').locator('.lane-names');
  await lanes.getByText('client, counter, Counter:one', { exact: false }).waitFor();
  const box = await grid(page).boundingBox();
  if (!box) throw new Error('The list is not shown.');
  const touch = await page.context().newCDPSession(page);
  const swipe = async (fromX: number, toX: number) => {
    const y = box.y + 200;
    await touch.send('Input.dispatchTouchEvent', { type: 'touchStart', touchPoints: [{ x: fromX, y }] });
    for (const part of [0.25, 0.5, 0.75, 1]) {
      await touch.send('Input.dispatchTouchEvent', {
        type: 'touchMove',
        touchPoints: [{ x: fromX + (toX - fromX) * part, y }],
      });
    }
    await touch.send('Input.dispatchTouchEvent', { type: 'touchEnd', touchPoints: [] });
  };
  await swipe(300, 120);
  await lanes.getByText('counter, Counter:one, Counter:two', { exact: false }).waitFor();
  await at(page, 'timeline').getByRole('button', { name: 'The next lane' }).click();
  await lanes.getByText('Lanes 3 to 5 of 5: Counter:one, Counter:two, Counter:three').waitFor();
  await swipe(120, 300);
  await lanes.getByText('Lanes 2 to 4 of 5').waitFor();
  // An event that is selected is drawn.
  await grid(page).focus();
  await page.keyboard.press('Home');
  await lanes.getByText('Lanes 1 to 3 of 5').waitFor();
  await current(page).click();
  await details(page)
    .getByRole('button', { name: /^fetch\(\), src\/index\.ts/ })
    .click();
  expect(await at(page, 'editor').isVisible()).toBe(true);
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(390);
});
