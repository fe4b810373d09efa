/**
 * The playground in a real browser, on the real simulator: what a newcomer does in the first minutes.
 *
 * Each test has a browser context of its own, so accounts, edits and sizes begin anew. Anything the page throws or
 * writes to the console as an error fails the test that was under way.
 */
import { readFile } from 'node:fs/promises';
import type { Locator, Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { at, playgroundPages } from '../support/playground-pages.ts';

const pages = playgroundPages();
const { open: openPage, openRunning } = pages;

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

/** The cells of the one table of rows that is shown. */
async function expectCells(storage: Locator, cells: string[]): Promise<void> {
  const read = async () =>
    (await storage.locator('[role=tabpanel]:not([hidden]) .grid td').allTextContents()).map((cell) =>
      cell.replaceAll(/\s+/g, ' ').trim(),
    );
  await expect.poll(read, { timeout: 10_000 }).toEqual(cells);
}

/** Files that no object can go on with, and what is said of each. */
function badFiles(good: Buffer): [name: string, content: Buffer, sentence: string][] {
  const otherPages = Buffer.from(good);
  otherPages.writeUInt16BE(8192, 16);
  const encrypted = Buffer.from(good.map((byte) => byte ^ 0x5a));
  return [
    ['photo.png', Buffer.from('\x89PNG\r\n\x1a\n'.repeat(100), 'latin1'), 'not an SQLite database, or it is encrypted'],
    ['secret.sqlite', encrypted, 'not an SQLite database, or it is encrypted'],
    ['pages.sqlite', otherPages, 'The database has pages of 8192 bytes'],
    ['short.sqlite', good.subarray(0, good.length - 4096), 'The file is cut off'],
    ['torn.sqlite', good.subarray(0, good.length - 100), 'The file is cut off'],
    ['empty.sqlite', Buffer.alloc(0), 'The file is empty'],
  ];
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

    await page.keyboard.press('Shift+F6');
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowLeft');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('SQL');
    await at(page, 'storage').getByRole('textbox', { name: 'SQL' }).waitFor();
    for (const _ of ['copy', 'download', 'upload', 'panel', 'text']) await page.keyboard.press('Tab');
    await page.keyboard.type('SELECT key FROM _cf_KV');
    await page.keyboard.press('Control+Enter');
    await expectCells(at(page, 'storage'), ['value']);
    await deployment(page, 'Deployment 2 runs.').waitFor();
    for (const _ of ['panel', 'upload', 'download', 'copy', 'tabs']) await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Home');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Keys');
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

  test('the bank: a transfer that fails halfway leaves no trace; its tables are shown with schema and rows', async () => {
    const page = await openRunning('?example=bank');
    const before = [
      { owner: 'Ada', euros: 100, transfers: 0 },
      { owner: 'Ben', euros: 25, transfers: 0 },
      { owner: 'Cleo', euros: 0, transfers: 0 },
    ];
    await expectAnswer(page, 'Statements', before);
    await expectAnswer(page, 'Cleo pays what she lacks', {
      error: 'Error: CHECK constraint failed: balance >= 0: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_CHECK)',
    });
    await expectAnswer(page, 'Statements', before);
    await expectAnswer(page, 'Ada pays Ben 30', { transfer: 1 });

    const storage = at(page, 'storage');
    await storage.getByRole('button', { name: 'Look at its 4 tables' }).click();
    await storage.getByRole('button', { name: 'accounts 3 rows' }).click();
    await expectCells(storage, ['Ada', '7000', 'Ben', '5500', 'Cleo', '0']);
    await storage.locator('.schema summary').click();
    await storage.getByText('CHECK (balance >= 0)').waitFor();
    await storage.getByRole('button', { name: 'statements view 3 rows' }).click();
    await expectCells(storage, ['Ada', '70', '1', 'Ben', '55', '1', 'Cleo', '0', '0']);
  });

  test('the bank returns to the moment that it remembered, by a bookmark of its own', async () => {
    const page = await openRunning('?example=bank');
    const storage = at(page, 'storage');
    await expectAnswer(page, 'Ada pays Ben 30', { transfer: 1 });
    await chip(page, 'Remember this moment').click();
    await storage.locator('.entry', { hasText: 'bookmark' }).waitFor();
    await expectAnswer(page, 'Ada pays Ben 30', { transfer: 2 });
    await chip(page, 'Return to it').click();
    await at(page, 'response').locator('.body', { hasText: '"undo": "' }).waitFor();
    await storage.getByText('village has stored no keys').waitFor();
    await expectAnswer(page, 'Statements', [
      { owner: 'Ada', euros: 70, transfers: 1 },
      { owner: 'Ben', euros: 55, transfers: 1 },
      { owner: 'Cleo', euros: 0, transfers: 0 },
    ]);
    await expectAnswer(page, 'Return to it', { error: 'Error: No moment was remembered.' });
  });

  test('SQL reads a sleeping object without waking it, and writes through it only when armed', async () => {
    const page = await openRunning('?example=bank');
    const storage = at(page, 'storage');
    await chip(page, 'Statements').click();
    await page.getByRole('button', { name: 'Evict Bank village' }).click();
    const sleeping = at(page, 'objects').locator('.object[data-state=sleeping]', { hasText: 'village' });
    await sleeping.waitFor();

    await storage.getByRole('tab', { name: 'SQL' }).click();
    const sql = storage.getByRole('textbox', { name: 'SQL' });
    await sql.fill(
      "SELECT owner, 9007199254740993 AS big, NULL AS none, x'01ff' AS bytes FROM accounts WHERE balance > 5000",
    );
    await sql.press('Control+Enter');
    await expectCells(storage, ['Ada', '9007199254740993', 'NULL', "x'01ff' 2 B"]);
    await sql.fill('UPDATE accounts SET balance = 1');
    await sql.press('Control+Enter');
    await storage.getByText('this statement would write').waitFor();
    await sleeping.waitFor();

    await storage.getByRole('checkbox', { name: 'May write' }).check();
    await storage.getByRole('button', { name: 'Run, may write' }).click();
    await storage.getByText('3 written').waitFor();
    await sql.fill('UPDATE accounts SET balance = -1');
    await sql.press('Control+Enter');
    await storage.getByText('CHECK constraint failed: balance >= 0: SQLITE_CONSTRAINT').waitFor();
    await sleeping.waitFor();
    await expectAnswer(page, 'Statements', [
      { owner: 'Ada', euros: 0.01, transfers: 0 },
      { owner: 'Ben', euros: 0.01, transfers: 0 },
      { owner: 'Cleo', euros: 0.01, transfers: 0 },
    ]);
  });

  test('keys are changed, deleted and brought back; the program finds them so', async () => {
    const page = await openRunning();
    const storage = at(page, 'storage');
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 1 });
    await page.getByRole('button', { name: 'Evict Counter home' }).click();
    await at(page, 'objects').locator('.object[data-state=sleeping]').waitFor();
    await storage.locator('.entry').hover();
    await storage.getByRole('button', { name: 'Edit value' }).click();
    await page.keyboard.press('Control+A');
    await page.keyboard.type('41');
    await page.keyboard.press('Control+Enter');
    await storage.locator('.entry', { hasText: '41' }).waitFor();
    await at(page, 'objects').locator('.object[data-state=sleeping]').waitFor();
    await expectAnswer(page, '/increment?name=home', { name: 'home', value: 42 });

    await storage.getByRole('button', { name: 'Delete value' }).click();
    await storage.getByText('what it remembers may be the old value').waitFor();
    await expectAnswer(page, '/?name=home', { name: 'home', value: 0 });
    await storage.getByRole('button', { name: 'Undo' }).click();
    await storage.locator('.entry', { hasText: '42' }).waitFor();
    await expectAnswer(page, '/?name=home', { name: 'home', value: 42 });
  });

  test('time: an earlier moment is shown in every view, downloaded, and restored; the object sleeps on', async () => {
    const page = await openRunning('?example=bank');
    const storage = at(page, 'storage');
    await expectAnswer(page, 'Ada pays Ben 30', { transfer: 1 });
    await expectAnswer(page, 'Ada pays Ben 30', { transfer: 2 });
    await page.getByRole('button', { name: 'Evict Bank village' }).click();
    const sleeping = at(page, 'objects').locator('.object[data-state=sleeping]', { hasText: 'village' });
    await sleeping.waitFor();
    await storage.getByRole('tab', { name: 'Tables' }).click();
    await storage.getByRole('button', { name: /^accounts/ }).click();
    await expectCells(storage, ['Ada', '4000', 'Ben', '8500', 'Cleo', '0']);

    const slider = storage.getByRole('slider', { name: 'Moment' });
    await slider.press('ArrowLeft');
    await expectCells(storage, ['Ada', '7000', 'Ben', '5500', 'Cleo', '0']);
    expect(await slider.getAttribute('aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d\.\d\d\d · 1 change ago$/);
    await storage.getByRole('tab', { name: 'SQL' }).click();
    await storage.getByRole('textbox', { name: 'SQL' }).fill('SELECT count(*) FROM transfers');
    await storage.getByRole('textbox', { name: 'SQL' }).press('Control+Enter');
    await expectCells(storage, ['1']);
    await storage.getByText('Go back to now to change something.').waitFor();
    const saving = page.waitForEvent('download');
    await storage.getByRole('button', { name: 'Download the .sqlite file of this moment' }).click();
    expect((await saving).suggestedFilename()).toMatch(/^Bank-village-2[\dT.-]+Z\.sqlite$/);

    await slider.press('Home');
    await storage.getByText('As of the beginning').waitFor();
    await storage.getByRole('tab', { name: 'Tables' }).click();
    await storage.getByText('village has no tables').waitFor();
    await slider.press('End');
    await slider.press('ArrowLeft');
    await storage.getByRole('button', { name: 'Restore' }).click();
    await storage.getByText('It stores again what it stored then.').waitFor();
    await storage.getByRole('button', { name: /^transfers 1 row/ }).waitFor();
    await sleeping.waitFor();
    await storage.getByRole('button', { name: 'Undo' }).click();
    await storage.getByRole('button', { name: /^transfers 2 rows/ }).waitFor();
    await sleeping.waitFor();
    await expectAnswer(page, 'Ada pays Ben 30', { transfer: 3 });
  });

  test('storage goes out as a file and comes back into another object; what is no database changes nothing', async () => {
    const page = await openRunning('?example=bank');
    const storage = at(page, 'storage');
    await expectAnswer(page, 'Ada pays Ben 30', { transfer: 1 });
    const saving = page.waitForEvent('download');
    await storage.getByRole('button', { name: 'Download the .sqlite file' }).click();
    const saved = await saving;
    expect(saved.suggestedFilename()).toBe('Bank-village.sqlite');
    const bytes = await readFile(await saved.path());
    expect(bytes.subarray(0, 16).toString('latin1')).toBe('SQLite format 3\0');

    await at(page, 'request')
      .getByRole('textbox', { name: 'Path and query' })
      .fill('/transfer?bank=town&from=Ada&to=Cleo&euros=99');
    await at(page, 'request').getByRole('button', { name: 'Send' }).click();
    await at(page, 'objects').getByText('town').click();
    await storage.getByRole('tab', { name: 'Tables' }).click();
    await storage.getByRole('button', { name: /^accounts/ }).click();
    await expectCells(storage, ['Ada', '100', 'Ben', '2500', 'Cleo', '9900']);

    const upload = async (name: string, buffer: Buffer) => {
      const choosing = page.waitForEvent('filechooser');
      await storage.getByRole('button', { name: 'Upload a .sqlite file' }).click();
      await (await choosing).setFiles({ name, mimeType: 'application/octet-stream', buffer });
      await storage.getByRole('button', { name: 'Replace' }).click();
    };
    for (const [name, bad, sentence] of badFiles(bytes)) {
      await upload(name, bad);
      await storage.getByRole('alert').filter({ hasText: name }).filter({ hasText: sentence }).waitFor();
      await storage.getByRole('button', { name: 'Understood' }).click();
    }
    await expectCells(storage, ['Ada', '100', 'Ben', '2500', 'Cleo', '9900']);

    await upload('village.sqlite', bytes);
    await storage.getByText('It stores what was in village.sqlite now.').waitFor();
    await expectCells(storage, ['Ada', '7000', 'Ben', '5500', 'Cleo', '0']);
    await at(page, 'request').getByRole('textbox', { name: 'Path and query' }).fill('/?bank=town');
    await at(page, 'request').getByRole('combobox', { name: 'Method' }).selectOption('GET');
    await at(page, 'request').getByRole('button', { name: 'Send' }).click();
    await at(page, 'response').locator('.body', { hasText: '"euros": 70' }).waitFor();
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
    await pages.renew({ viewport: { width: 320, height: 640 }, hasTouch: true });
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
