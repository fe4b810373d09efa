/**
 * The Worker's pages in the playground: a newcomer who opens an example sees its page, signs in, and is two people.
 */
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { at, playgroundPages } from '../support/playground-pages.ts';

const pages = playgroundPages();
const inBrowser = (page: Page, number: number) => page.frameLocator(`iframe[title="Page in browser ${number}"]`);

/** Opens an example whose files are these instead. */
async function openWith(files: Record<string, string>): Promise<Page> {
  const page = await pages.open('?example=sessions');
  await page.locator('.deployment[data-state=running]').waitFor({ state: 'attached' });
  await page.evaluate((kept) => localStorage.setItem('durabox:playground:files:sessions', JSON.stringify(kept)), files);
  await page.reload();
  await page.locator('.deployment[data-state=running]').waitFor({ state: 'attached' });
  return page;
}

const config = JSON.stringify({ name: 'pages', main: 'src/index.js', compatibility_date: '2026-07-01' });

describe('a page in the playground', () => {
  test('is there at once; a form and cookies sign one browser in and not the other; a reload keeps it', async () => {
    const page = await pages.openRunning('?example=sessions');
    const [one, two] = [inBrowser(page, 1), inBrowser(page, 2)];
    await one.getByText('You are not signed in.').waitFor();
    await one.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await one.getByRole('button', { name: 'Sign in' }).click();
    await one.getByText('You are Ada. Visit 1').waitFor();
    await at(page, 'page').locator('.cookies', { hasText: '1 cookie' }).click();
    await at(page, 'page').getByText('HttpOnly').waitFor();

    await page.getByRole('button', { name: 'Another browser' }).click();
    await two.getByText('You are not signed in.').waitFor();
    await two.getByRole('textbox', { name: 'Your name' }).fill('Ben');
    await two.getByRole('button', { name: 'Sign in' }).click();
    await two.getByText('You are Ben. Visit 1').waitFor();

    await page.getByRole('group', { name: 'Browser 1' }).getByRole('button', { name: 'Reload' }).click();
    await one.getByText('You are Ada. Visit 2').waitFor();
    await one.getByRole('button', { name: 'Sign out' }).click();
    await one.getByText('You are not signed in.').waitFor();
    await two.getByRole('button', { name: 'Ask again' }).click();
    await two.getByText('You are Ben. Visit 2').waitFor();
    await page.getByRole('button', { name: 'Close browser 2' }).click();
    expect(await page.locator('.browser').count()).toBe(1);
    // The pages took no steps in the history of the playground.
    expect(await page.evaluate(() => history.length)).toBe(2);
  });

  test('imports modules, knows its host, follows links and the address bar, back and forward; new code loads it again', async () => {
    const page = await openWith({
      'src/index.js': `export default { fetch(request) {
        const { pathname, host } = new URL(request.url);
        if (pathname === '/lib.js') return new Response('export const hello = (to) => "Hello " + to;', { headers: { 'content-type': 'text/javascript' } });
        if (pathname === '/data') return Response.json({ plain: true });
        return new Response('<title>At ' + pathname + '</title><h1>' + pathname + '</h1><p></p><a href="/two">to two</a><script type="module">' +
          'import { hello } from "./lib.js"; document.querySelector("p").textContent = hello(location.host + " " + (location.host === "' + host + '"));<' + '/script>',
          { headers: { 'content-type': 'text/html' } });
      } };`,
      'wrangler.jsonc': config,
    });
    const one = inBrowser(page, 1);
    const address = page.getByRole('textbox', { name: 'Address of browser 1' });
    const act = (name: string) =>
      page.getByRole('group', { name: 'Browser 1' }).getByRole('button', { name, exact: true });
    await one.getByText('Hello localhost:8787 true').waitFor();
    await one.getByRole('link', { name: 'to two' }).click();
    await one.getByRole('heading', { name: '/two' }).waitFor();
    await expect.poll(() => address.inputValue()).toBe('/two');
    await address.fill('/data');
    await address.press('Enter');
    await one.getByText('"plain": true').waitFor();
    await act('Back').click();
    await one.getByRole('heading', { name: '/two' }).waitFor();
    await act('Back').click();
    await one.getByRole('heading', { name: '/', exact: true }).waitFor();
    await act('Forward').click();
    await one.getByRole('heading', { name: '/two' }).waitFor();

    await page.locator('.cm-content').click();
    await page.keyboard.press('Control+A');
    await page.keyboard.insertText(
      "export default { fetch: () => new Response('<h1>New</h1>', { headers: { 'content-type': 'text/html' } }) };",
    );
    await page.keyboard.press('Control+Enter');
    await one.getByRole('heading', { name: 'New' }).waitFor();
  });

  test('an error of the Worker is told in the page, what the preview cannot do below it', async () => {
    const page = await openWith({
      'wrangler.jsonc': config,
      'src/index.js': `export default { fetch(request) {
        if (new URL(request.url).pathname === '/fails') throw new RangeError('too far');
        return new Response('<meta http-equiv="content-security-policy" content="default-src none"><p>here</p>', { headers: { 'content-type': 'text/html' } });
      } };`,
    });
    await at(page, 'page').locator('.browser-note', { hasText: 'The page has a Content-Security-Policy' }).waitFor();
    const address = page.getByRole('textbox', { name: 'Address of browser 1' });
    await address.fill('/fails');
    await address.press('Enter');
    await inBrowser(page, 1).getByText('RangeError: too far').waitFor();
  });

  test('two browsers talk over WebSockets; their frames are shown, filtered, held still and sent again', async () => {
    const page = await pages.openRunning('?example=chat');
    const [one, two] = [inBrowser(page, 1), inBrowser(page, 2)];
    const enter = async (browser: typeof one, name: string): Promise<void> => {
      await browser.getByRole('textbox', { name: 'Your name' }).fill(name);
      await browser.getByRole('button', { name: 'Enter' }).click();
    };
    await enter(one, 'Ada');
    await page.getByRole('button', { name: 'Another browser' }).click();
    await enter(two, 'Ben');
    await one.getByText('Here: Ada, Ben').waitFor();
    await two.getByRole('textbox', { name: 'Message' }).fill('Hello Ada');
    await two.getByRole('button', { name: 'Send' }).click();
    await one.getByRole('listitem').filter({ hasText: 'Hello Ada' }).waitFor();

    const frames = at(page, 'frames');
    await at(page, 'page').getByRole('tab', { name: 'Page' }).press('ArrowRight');
    await frames.locator('tr[data-direction=sent]', { hasText: 'Hello Ada' }).waitFor();
    await frames.getByRole('searchbox', { name: 'Filter the frames' }).fill('hello');
    await expect.poll(() => frames.locator('tr[data-direction]').count()).toBe(2);
    const indented = await frames.locator('tr[data-direction=received] pre').textContent();
    expect(indented).toContain('\n');
    expect(JSON.stringify(JSON.parse(indented ?? ''))).toContain('Hello Ada');
    await frames.getByRole('combobox', { name: 'Show as' }).selectOption('Hex');
    const sent = frames.locator('tr[data-direction=sent]', { hasText: '48 65 6c 6c 6f 20 41 64 61' });
    await sent.waitFor();
    const [way, time, size, hex] = await sent.locator('td').allTextContents();
    expect([way, time]).toEqual([expect.stringMatching(/sent$/), expect.stringMatching(/^\d\d:\d\d:\d\d/)]);
    expect(size).toBe(`${hex?.trim().split(/\s+/).length} B`);
    await frames.getByRole('button', { name: 'Hold still' }).click();
    await frames.getByRole('button', { name: 'Send again' }).click();
    await page.locator('#playground > [role=status]', { hasText: 'Sent again.' }).waitFor({ state: 'attached' });
    await expect.poll(() => one.locator('li', { hasText: 'Hello Ada' }).count()).toBe(2);
    expect(await frames.locator('tr[data-direction]').count()).toBe(2);
    await frames.getByRole('button', { name: 'Hold still' }).click();
    await expect.poll(() => frames.locator('tr[data-direction]').count()).toBe(4);
  });
});
