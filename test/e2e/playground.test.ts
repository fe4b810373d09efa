/**
 * The playground in a real browser, on the real simulator: what a newcomer does in the first minutes.
 *
 * Each test has a browser context of its own, so accounts, edits and sizes begin anew. Anything the page throws or
 * writes to the console as an error fails the test that was under way.
 */
import { fileURLToPath } from 'node:url';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { createServer, type ViteDevServer } from 'vite';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { BROWSER_ARGS, findBrowser } from '../support/find-browser.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

let server: ViteDevServer;
let browser: Browser;
let context: BrowserContext;
let complaints: string[];

beforeAll(async () => {
  server = await createServer({
    root,
    configFile: `${root}vite.config.ts`,
    cacheDir: `${root}node_modules/.vite-playground`,
    logLevel: 'error',
    clearScreen: false,
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
  });
  await server.listen();
  const executablePath = findBrowser();
  browser = await chromium.launch({ args: BROWSER_ARGS, ...(executablePath ? { executablePath } : {}) });
  // The server learns here what the page imports, so that no test sees it reload for that.
  context = await browser.newContext();
  await (await openPage()).locator('.cm-content').waitFor();
  await context.close();
});

afterAll(async () => {
  await browser?.close();
  await server?.close();
});

beforeEach(async () => {
  complaints = [];
  context = await browser.newContext();
});

afterEach(async () => {
  await context.close();
  expect(complaints).toEqual([]);
});

async function openPage(query = ''): Promise<Page> {
  const page = await context.newPage();
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(`${server.resolvedUrls?.local[0]}${query}`);
  return page;
}

async function openRunning(query = ''): Promise<Page> {
  const page = await openPage(query);
  await page.locator('.deployment[data-state=running]').waitFor();
  await page.locator('.cm-content').waitFor();
  return page;
}

const at = (page: Page, pane: string) => page.locator(`[data-pane=${pane}]`);
const deployment = (page: Page, text: string) => page.locator('.deployment', { hasText: text });
const chip = (page: Page, name: string) => page.getByRole('button', { name, exact: true });

/** Sends by a chip and waits for the answer that it brought. */
async function expectAnswer(page: Page, preset: string, answer: unknown): Promise<void> {
  await page.bringToFront(); // a page behind another draws, and so can be clicked, once a second
  const sent = await at(page, 'sent').locator('.sent').count();
  await chip(page, preset).click();
  await at(page, 'sent').locator('.sent').nth(sent).waitFor();
  await at(page, 'sent')
    .locator('li')
    .first()
    .filter({ hasText: /\d m?s/ })
    .waitFor();
  expect(JSON.parse((await at(page, 'response').locator('.body').textContent()) ?? '')).toEqual(answer);
}

/** Puts `text` at the very start of the file that is shown. */
async function typeAtStart(page: Page, text: string): Promise<void> {
  await page.locator('.cm-content').click();
  await page.keyboard.press('Control+Home');
  await page.keyboard.type(text);
}

describe('the playground', () => {
  test('runs the counter at once; a reload and a second tab go on counting', async () => {
    const page = await openRunning();
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 1 });
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 2 });

    await page.reload();
    await page.locator('.deployment[data-state=running]').waitFor();
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 3 });

    const second = await openRunning();
    await expectAnswer(second, '/?name=home', { name: 'home', value: 3 });
    await expectAnswer(second, '/increment?name=home', { name: 'home', value: 4 });
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 5 });
    await expectAnswer(second, '/?name=home', { name: 'home', value: 5 });
  });

  test('shows an object that is called, its keys without waking it, and what eviction leaves', async () => {
    const page = await openRunning();
    await at(page, 'objects').getByText('No objects yet').waitFor();
    await at(page, 'objects').getByRole('button', { name: 'Call one' }).click();
    await at(page, 'objects').locator('.object[data-state=live]', { hasText: 'home' }).waitFor();
    await at(page, 'storage').locator('.entry', { hasText: 'value' }).getByText('1', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Evict Counter home' }).click();
    await at(page, 'objects').locator('.object[data-state=sleeping]', { hasText: 'home' }).waitFor();

    await page.reload();
    await at(page, 'storage').locator('.entry', { hasText: 'value' }).getByText('1', { exact: true }).waitFor();
    await at(page, 'storage').getByText('The object was not woken.').waitFor();
    await at(page, 'objects').locator('.object[data-state=sleeping]', { hasText: 'home' }).waitFor();

    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 2 });
    await at(page, 'storage').locator('.entry', { hasText: 'value' }).getByText('2', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Crash Counter home' }).click();
    await at(page, 'objects').locator('.object[data-state=sleeping]', { hasText: 'home' }).waitFor();
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 3 });
  });

  test('shows where code is at fault while the previous deployment keeps answering', async () => {
    const page = await openRunning();
    await typeAtStart(page, '\nconst = 1;\n');
    await deployment(page, 'without your last edits').waitFor();
    await page.getByRole('button', { name: 'Run', exact: true }).click();

    await deployment(page, 'Deployment 1 keeps running.').waitFor();
    await at(page, 'editor').getByRole('button', { name: 'src/index.ts, line 2, column 7' }).waitFor();
    expect(await page.locator('.cm-line', { has: page.locator('.cm-lintRange-error') }).textContent()).toBe(
      'const = 1;',
    );
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 1 });

    await page.reload();
    await page.locator('.deployment[data-state=failed]').waitFor();
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 2 });

    await page.getByRole('button', { name: 'Reset' }).click();
    await page.getByRole('button', { name: 'Run', exact: true }).click();
    await page.locator('.deployment[data-state=running]').waitFor();
    expect(await page.locator('.fault').count()).toBe(0);
  });

  test('deploys an edit: data stay, the new code answers, both tabs see it', async () => {
    const page = await openRunning();
    const second = await openRunning();
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 1 });
    await page.bringToFront();
    await typeAtStart(page, "console.warn('new code');\n");
    await page.keyboard.press('Control+Enter');
    await deployment(page, 'Deployment 2 runs.').waitFor();
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 2 });
    await at(page, 'log').locator('.line[data-level=warn]', { hasText: 'new code' }).first().waitFor();

    await deployment(second, 'Deployment 2 runs.').waitFor();
    await expectAnswer(second, '/?name=home', { name: 'home', value: 2 });
    await at(page, 'log').getByRole('combobox', { name: 'Levels' }).selectOption('error');
    await at(page, 'log').getByText('No line matches the filter.').waitFor();
  });

  test('is run by keys alone', async () => {
    const page = await openRunning();
    await page.keyboard.press('F6');
    await page.keyboard.press('F6');
    await page.keyboard.press('Tab');
    expect(await page.evaluate(() => document.activeElement?.ariaLabel)).toBe(
      'Code editor, src/index.ts. Enter to edit, Escape to leave.',
    );
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Home');
    await page.keyboard.type('// mine');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Control+Enter');
    await deployment(page, 'Deployment 2 runs.').waitFor();
    await page.keyboard.press('Escape');
    expect(await page.evaluate(() => document.activeElement?.className)).toBe('code');

    for (const pane of ['objects', 'storage', 'request']) {
      await page.keyboard.press('F6');
      expect(await page.evaluate(() => document.activeElement?.getAttribute('data-pane'))).toBe(pane);
    }
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('/increment?name=keys');
    await page.keyboard.press('Enter');
    await page.locator('[role=status]', { hasText: 'GET /increment?name=keys: 200' }).waitFor();
    await at(page, 'objects').locator('.object[data-state=live]', { hasText: 'keys' }).waitFor();
  });

  test('ten requests at once are counted by ones', async () => {
    const page = await openRunning();
    await chip(page, '10 × /increment?name=home').click();
    await page.locator('.several tbody tr', { hasText: '200' }).nth(9).waitFor();
    const bodies = await page.locator('.several .one-line').allTextContents();
    expect(bodies.map((body) => JSON.parse(body).value).sort((one, other) => one - other)).toEqual([
      ...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
    ]);
  });

  test('the guestbook: several files, a body, values with parts', async () => {
    const page = await openRunning('?example=guestbook');
    await chip(page, 'Sign').click();
    await at(page, 'response').getByText('201 Created').waitFor();
    const entry = at(page, 'storage').locator('.entry', { hasText: 'entry:000001' });
    await entry.locator('summary').click();
    await entry.getByText('"What a quiet place."', { exact: true }).waitFor();
    await at(page, 'log').getByText('Ada signed as number 1').waitFor();
    await chip(page, 'Help').click();
    await at(page, 'response').getByText('the ten newest entries').waitFor();
  });

  test('the gates: storage and sections count to ten, a timer in between forgets nine', async () => {
    const page = await openRunning('?example=gates');
    await expectAnswer(page, 'Compare all three', {
      storage: '1 2 3 4 5 6 7 8 9 10',
      timer: '1 1 1 1 1 1 1 1 1 1',
      section: '1 2 3 4 5 6 7 8 9 10',
    });
  });

  test('files are added, renamed, deleted and brought back', async () => {
    const page = await openRunning();
    const files = at(page, 'files');
    await files.getByRole('button', { name: 'New file' }).click();
    await page.keyboard.type('wrong//name.ts');
    await page.keyboard.press('Enter');
    await files.getByText('Write the path from the top').waitFor();
    await files.getByRole('textbox', { name: 'Path of the new file' }).fill('src/room.ts');
    await page.keyboard.press('Enter');
    await files.getByRole('button', { name: 'Rename src/room.ts' }).click();
    await files.getByRole('textbox', { name: 'New path of src/room.ts' }).fill('src/hall.ts');
    await page.keyboard.press('Enter');
    await files.getByRole('button', { name: 'Delete src/hall.ts' }).click();
    await files.getByText('src/hall.ts was deleted.').waitFor();
    await files.getByRole('button', { name: 'Undo' }).click();
    await page.reload();
    await files.getByRole('button', { name: 'Delete src/hall.ts' }).waitFor();
  });

  test('on a phone there is one column, three tabs, and nothing to scroll sideways', async () => {
    await context.close();
    context = await browser.newContext({ viewport: { width: 320, height: 640 }, hasTouch: true });
    const page = await openPage();
    await page.locator('.deployment[data-state=running]').waitFor();
    const tab = (name: string) => page.getByRole('navigation').getByRole('button', { name }).click();
    const isTooWide = () => page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    expect(await isTooWide()).toBe(false);
    await tab('Run');
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 1 });
    expect(await isTooWide()).toBe(false);
    await tab('Inspect');
    await at(page, 'objects').locator('.object', { hasText: 'home' }).waitFor();
    expect(await at(page, 'editor').isVisible()).toBe(false);
    expect(await isTooWide()).toBe(false);
  });
});
