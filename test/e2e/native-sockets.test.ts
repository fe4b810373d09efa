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

test('the request for a socket says what a browser’s says', async () => {
  const seen = await page.evaluate((given) => globalThis.nativeSockets.headers(given), base);
  // What the platform's edge adds is not the browser's; where it comes from is looked at by itself.
  const handshake = (headers: readonly [string, string][]) =>
    Object.fromEntries(headers.filter(([name]) => !/^(cf-.*|x-.*|cookie|host|origin)$/.test(name)));
  const keyOf = (headers: readonly [string, string][]) => handshake(headers)['sec-websocket-key'] ?? '';
  const { native, ours, connected } = seen;
  const origin = await page.evaluate(() => globalThis.nativeSockets.origin());
  const expected = handshake(native);
  const where = (headers: readonly [string, string][], name: 'host' | 'origin') => Object.fromEntries(headers)[name];
  expect([where(native, 'host'), where(native, 'origin')]).toEqual([new URL(base).host, new URL(page.url()).origin]);
  for (const headers of [ours, connected]) {
    expect([where(headers, 'host'), where(headers, 'origin')]).toEqual([new URL(origin).host, origin]);
  }
  expect(Object.keys(expected)).toContain('sec-websocket-extensions');
  for (const headers of [ours, connected]) {
    expect(Buffer.from(keyOf(headers), 'base64').length).toBe(16);
    expect(keyOf(headers).length).toBe(keyOf(native).length);
    expect({ ...handshake(headers), 'sec-websocket-key': keyOf(native) }).toEqual(expected);
  }
  expect(keyOf(ours)).not.toBe(keyOf(connected));
  expect(Object.fromEntries(connected)['cookie']).toBe('a=b');
});
