/**
 * Real pages of a real browser, for tests that are driven from node.
 *
 * Promise: one browser for a test file; each page has `e2e` (`e2e-page.ts`) as a global.
 * Nothing is downloaded; everything that was started is ended by `close`, by its own id.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { inject } from 'vitest';
import type { Sources } from './e2e-server.ts';
import { BROWSER_ARGS, findBrowser } from './find-browser.ts';

const MODULE = '/test/support/e2e-page.ts';

export interface Pages {
  readonly browser: Browser;
  readonly context: BrowserContext;
  readonly sources: Sources;
  /** A new page; what it complains of is in `complaints`. */
  open(prepare?: (page: Page) => Promise<void>): Promise<Page>;
  readonly complaints: string[];
  close(): Promise<void>;
}

export async function openPages(): Promise<Pages> {
  const sources = inject('sources');
  const executablePath = findBrowser();
  const browser = await chromium.launch({ args: BROWSER_ARGS, ...(executablePath ? { executablePath } : {}) });
  const context = await browser.newContext();
  const complaints: string[] = [];
  return {
    browser,
    context,
    sources,
    complaints,
    async open(prepare) {
      const page = await context.newPage();
      await prepare?.(page);
      await ready(page, sources, complaints);
      return page;
    },
    close: () => browser.close(),
  };
}

/** Brings a page to the empty document and its half of the tests into it. */
export async function ready(page: Page, sources: Sources, complaints: string[] = []): Promise<void> {
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await page.goto(sources.url);
  await page.addScriptTag({ type: 'module', url: MODULE });
  await page.waitForFunction(() => globalThis.e2e !== undefined);
}

/** Enough that no other page gains as many threads meanwhile. */
const MARKS = 40;

/**
 * The process that renders a page: the one that gains threads when the page starts workers. Linux only, as are the signals
 * that it is for.
 *
 * @throws Error when no process, or more than one, gained them
 */
export async function rendererOf(page: Page, browser: Browser): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => id);
  const before = new Map(renderers.map((id) => [id, threadCount(id)]));
  await page.evaluate((count) => globalThis.e2e.startMarks(count), MARKS);
  const found = renderers.filter((id) => threadCount(id) - (before.get(id) ?? 0) >= MARKS / 2);
  await page.evaluate(() => globalThis.e2e.endMarks());
  if (found.length !== 1) throw new Error(`The page's process is one of ${found.length}: ${found.join(', ')}.`);
  return found[0] as number;
}

/** Whether a process is there. One that has ended and that nobody has asked about since is not. */
export function isRunning(processId: number): boolean {
  const status = unlessGone(() => readFileSync(`/proc/${processId}/status`, 'utf8'));
  return status !== undefined && !/^State:\s+[ZX]/m.test(status);
}

/** 0: it is gone. The browser may name a process that has just ended. */
function threadCount(processId: number): number {
  return unlessGone(() => readdirSync(`/proc/${processId}/task`).length) ?? 0;
}

function unlessGone<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return undefined;
    throw error;
  }
}

/** Waits until `isSo` says true; what it last said otherwise is in the failure. */
export async function eventually(
  what: string,
  isSo: () => Promise<boolean> | boolean,
  withinMs = 30_000,
): Promise<void> {
  const untilMs = Date.now() + withinMs;
  while (!(await isSo())) {
    if (Date.now() > untilMs) throw new Error(`Not in ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Counts in storage, and says with each answer in whose memory it ran. `label` makes programs differ. */
export const counterProgram = (label = 'one'): string => `
import { DurableObject } from 'cloudflare:workers';

export class Counter extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.nonce = '${label} ' + crypto.randomUUID();
  }
  async increment() {
    const value = ((await this.ctx.storage.get('value')) ?? 0) + 1;
    await this.ctx.storage.put('value', value);
    return { nonce: this.nonce, value };
  }
  async read() {
    return { nonce: this.nonce, value: (await this.ctx.storage.get('value')) ?? 0 };
  }
}

export default {
  async fetch(request, env) {
    const { value } = await env.COUNTERS.getByName('a').increment();
    return new Response('${label} ' + value);
  },
};
`;

/**
 * Stops a process at a moment when it has no transaction open. A signal can fall between the making of a transaction and
 * its commit, as no freezing by a browser can; then the browser keeps the storage locked until it gives up (60 s, seen).
 */
export async function stopBetweenCommits(processId: number, isFree: () => Promise<boolean>): Promise<void> {
  for (;;) {
    process.kill(processId, 'SIGSTOP');
    if (await isFree()) return;
    process.kill(processId, 'SIGCONT');
  }
}
