/**
 * The playground in a real browser, for tests that are driven from node: a browser, a context for each test.
 *
 * Promise: anything that a page throws or writes to the console as an error is in `complaints`.
 */
import { type Browser, type BrowserContext, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject } from 'vitest';
import { BROWSER_ARGS, findBrowser } from './find-browser.ts';

export interface PlaygroundPages {
  readonly context: BrowserContext;
  /** @param query  what follows the address, with its question mark */
  open(query?: string): Promise<Page>;
  /** The same, when the code runs and the editor is there. */
  openRunning(query?: string): Promise<Page>;
  /** Another context for this test: of a phone, in dark. What was kept is gone. */
  renew(options: BrowserContextOptions): Promise<void>;
}

/** Registers what starts and ends it around the tests of the file that calls this. */
export function playgroundPages(): PlaygroundPages {
  const { origin } = inject('sources');
  let browser: Browser;
  let context: BrowserContext;
  let complaints: string[];

  const open = async (query = ''): Promise<Page> => {
    const page = await context.newPage();
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
    await page.goto(`${origin}/${query}`);
    return page;
  };

  beforeAll(async () => {
    const executablePath = findBrowser();
    browser = await chromium.launch({ args: BROWSER_ARGS, ...(executablePath ? { executablePath } : {}) });
  });

  afterAll(async () => {
    await browser?.close();
  });

  beforeEach(async () => {
    complaints = [];
    context = await browser.newContext();
  });

  afterEach(async () => {
    await context.close();
    expect(complaints).toEqual([]);
  });

  return {
    get context() {
      return context;
    },
    open,
    async openRunning(query) {
      const page = await open(query);
      await page.locator('.deployment[data-state=running]').waitFor({ state: 'attached' });
      await page.locator('.cm-content').waitFor({ state: 'attached' });
      return page;
    },
    async renew(options) {
      await context.close();
      context = await browser.newContext(options);
    },
  };
}

/** The pane of that name. */
export const at = (page: Page, pane: string) => page.locator(`[data-pane=${pane}]`);
