/**
 * A browser with a profile of its own, for tests that are driven from node.
 *
 * Promise: nothing is downloaded. The profile is new, and gone when the context is closed, the browser with it.
 *
 * Why: Chromium keeps what it has compiled of a script only where there is a profile on the disk, and Playwright's other contexts
 * have none. A simulator starts half a dozen threads, most from one script; without that, half of what a test takes is reading it.
 */
import { type BrowserContext, chromium, type LaunchOptions } from 'playwright-core';
import { BROWSER_ARGS, findBrowser } from './find-browser.ts';

/** A browser that is installed, if there is one, and how it is started. */
export function launchOptions(): LaunchOptions {
  const executablePath = findBrowser();
  return { args: BROWSER_ARGS, ...(executablePath ? { executablePath } : {}) };
}

export function openProfile(): Promise<BrowserContext> {
  // No folder is named: Playwright makes one, and throws it away.
  return chromium.launchPersistentContext('', launchOptions());
}
