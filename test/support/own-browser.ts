/**
 * A browser process of one's own, that can be killed as a power button would, and started again on the same profile.
 *
 * Promise: everything that was started is ended by `kill`, as one process group and nothing else.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { type Browser, chromium, type Page } from 'playwright-core';
import { BROWSER_ARGS, findBrowser } from './find-browser.ts';

export interface OwnBrowser {
  readonly page: Page;
  /** SIGKILL to all its processes at once; resolves when they are gone. */
  kill(): Promise<void>;
}

const STARTS_MS = 30_000;

export async function startBrowser(profile: string): Promise<OwnBrowser> {
  const child = spawn(
    findBrowser() ?? chromium.executablePath(),
    [...BROWSER_ARGS, '--headless=new', '--remote-debugging-port=0', `--user-data-dir=${profile}`, 'about:blank'],
    // The leader of a group that its children inherit.
    { detached: true, stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const exited = once(child, 'exit');
  let browser: Browser | undefined;
  const kill = async () => {
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, 'SIGKILL');
    await exited;
    await browser?.close();
  };
  try {
    browser = await chromium.connectOverCDP(await addressOf(child));
    const context = browser.contexts()[0];
    if (!context) throw new Error('The browser has no context of its own.');
    return { page: await context.newPage(), kill };
  } catch (error) {
    await kill();
    throw error;
  }
}

/** The browser says where it listens. */
function addressOf(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`The browser did not start:\n${said}`)), STARTS_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      said += chunk.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (!address) return;
      clearTimeout(timer);
      resolve(address);
    });
    child.once('exit', () => {
      clearTimeout(timer);
      reject(new Error(`The browser ended at once:\n${said}`));
    });
  });
}
