/**
 * `sim.WebSocket` beside the browser's own: the same scripts in one page, against the same program, which workerd runs for the
 * browser's class and the simulator for ours. Line for line.
 */
import { Log, LogLevel, Miniflare } from 'miniflare';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPages, type Pages } from '../support/e2e-pages.ts';
import { PROGRAM, SOCKET_CONFIG } from '../support/native-sockets-program.ts';
import { SCRIPT_NAMES } from '../support/native-sockets-scripts.ts';

const MODULE = '/test/support/native-sockets-page.ts';

let pages: Pages;
let page: Page;
let workerd: Miniflare;
let base: string;

beforeAll(async () => {
  workerd = new Miniflare({
    log: new Log(LogLevel.NONE),
    cf: false,
    name: SOCKET_CONFIG.name,
    modules: [{ type: 'ESModule', path: 'index.js', contents: PROGRAM }],
    compatibilityDate: SOCKET_CONFIG.compatibility_date,
    durableObjects: { OBJ: { className: 'Obj', useSQLite: true } },
  });
  base = (await workerd.ready).origin.replace('http', 'ws');
  pages = await openPages();
  page = await pages.open();
  await page.addScriptTag({ type: 'module', url: MODULE });
  await page.waitForFunction(() => globalThis.nativeSockets !== undefined);
  await page.evaluate(() => globalThis.nativeSockets.open());
});

afterAll(async () => {
  await page?.evaluate(() => globalThis.nativeSockets.close());
  await pages?.close();
  await workerd?.dispose();
});

describe('a page cannot tell sim.WebSocket from the browser’s', () => {
  for (const name of SCRIPT_NAMES) {
    test(name, async () => {
      const native = await page.evaluate((given) => globalThis.nativeSockets.native(given), { name, base });
      const ours = await page.evaluate((given) => globalThis.nativeSockets.ours(given), name);
      expect(native.length).toBeGreaterThan(0);
      expect(ours.join('\n')).toBe(native.join('\n'));
    });
  }
});
