/**
 * The examples of the playground as somebody in a browser meets them, on workerd and on Durabox.
 *
 * Promise: a tab speaks HTTP and WebSocket with one Worker and knows nothing of what runs it; two tabs of Durabox are two
 * pages, and so two machines of one account.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Miniflare, type Response as MiniflareResponse } from 'miniflare';
import type { BrowserContext, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { eventually } from './e2e-pages.ts';

export interface Answer {
  readonly status: number;
  readonly text: string;
  /** what it sets */
  readonly cookie: string;
}

/** One end of a WebSocket. */
export interface Line {
  send(data: string | readonly number[]): Promise<void>;
  close(): Promise<void>;
  /** What came in so far: texts, and `closed <code>`. */
  heard(): Promise<string[]>;
  /** The first that came in with `part` in it, now or later. */
  until(part: string): Promise<string>;
}

export interface Tab {
  get(path: string, init?: { method?: string; headers?: Record<string, string>; body?: string }): Promise<Answer>;
  connect(path: string): Promise<Line>;
}

export interface Tabs {
  readonly one: Tab;
  readonly other: Tab;
  close(): Promise<void>;
}

const EXAMPLES = path.resolve(import.meta.dirname, '../../playground/examples');
const ORIGIN = 'https://example.test';

/** The project of an example: path -> text. */
export function exampleFiles(name: string): Record<string, string> {
  const folder = path.join(EXAMPLES, name);
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    files.map((entry) => {
      const file = path.join(entry.parentPath, entry.name);
      return [path.relative(folder, file), readFileSync(file, 'utf8')];
    }),
  );
}

function untilHeard(heard: () => Promise<string[]>): (part: string) => Promise<string> {
  return async (part) => {
    let found: string | undefined;
    await eventually(`a message with "${part}"`, async () => {
      found = (await heard()).find((text) => text.includes(part));
      return found !== undefined;
    });
    return found as string;
  };
}

/** Both tabs are clients of one workerd. */
export async function workerdTabs(name: string): Promise<Tabs> {
  const folder = path.join(EXAMPLES, name);
  const config = JSON.parse(exampleFiles(name)['wrangler.jsonc'] as string);
  const bundle = await rolldown({
    input: path.join(folder, config.main),
    external: /^cloudflare:/,
    moduleTypes: { '.html': 'text', '.txt': 'text' },
  });
  const { output } = await bundle.generate({ format: 'esm' });
  const runtime = new Miniflare({
    name: config.name,
    modules: true,
    script: output[0].code,
    compatibilityDate: config.compatibility_date,
    durableObjects: Object.fromEntries(
      config.durable_objects.bindings.map(({ name, class_name }: Record<string, string>) => [
        name,
        { className: class_name, useSQLite: true },
      ]),
    ),
    cf: false,
  });
  const tab: Tab = {
    async get(where, init) {
      const response = await runtime.dispatchFetch(`${ORIGIN}${where}`, { redirect: 'manual', ...init });
      return { status: response.status, text: await response.text(), cookie: cookieOf(response) };
    },
    async connect(where) {
      const response = await runtime.dispatchFetch(`${ORIGIN}${where}`, { headers: { upgrade: 'websocket' } });
      const socket = response.webSocket;
      if (!socket) throw new Error(`${where} answered ${response.status} and no WebSocket`);
      const all: string[] = [];
      socket.addEventListener('message', ({ data }) => void all.push(String(data)));
      socket.addEventListener('close', ({ code }) => void all.push(`closed ${code}`));
      socket.accept();
      const heard = async () => [...all];
      return {
        send: async (data) => socket.send(typeof data === 'string' ? data : Uint16Array.from(data).buffer),
        close: async () => socket.close(1000),
        heard,
        until: untilHeard(heard),
      };
    },
  };
  return { one: tab, other: tab, close: () => runtime.dispose() };
}

const cookieOf = (response: MiniflareResponse): string => response.headers.getSetCookie().join('\n');

/** Two pages of one browser. @param url  of an empty page that has the library as `durabox` */
export async function pageTabs(name: string, context: BrowserContext, url: string): Promise<Tabs> {
  const pages = [await context.newPage(), await context.newPage()] as const;
  for (const page of pages) {
    await page.goto(url);
    await page.waitForFunction(() => 'durabox' in globalThis);
    await page.evaluate(openExample, { name, files: exampleFiles(name) });
  }
  return {
    one: tabOf(pages[0]),
    other: tabOf(pages[1]),
    async close() {
      await pages[0].evaluate(() => globalThis.example.close());
      for (const page of pages) await page.close();
    },
  };
}

interface ExamplePage {
  get(path: string, init: RequestInit | undefined): Promise<Answer>;
  connect(path: string): Promise<number>;
  send(line: number, data: string | readonly number[]): void;
  hangUp(line: number): void;
  heard(line: number): string[];
  close(): Promise<void>;
}

declare global {
  var example: ExamplePage;
}

/** Runs in the page. */
async function openExample({ name, files }: { name: string; files: Record<string, string> }): Promise<void> {
  const { Simulator } = (globalThis as unknown as { durabox: typeof import('../../src/index.ts') }).durabox;
  const { 'wrangler.jsonc': config = '{}', 'example.json': _, ...modules } = files;
  const sim = await Simulator.open({ name: `example ${name}`, modules, config });
  const lines: { socket: WebSocket; heard: string[] }[] = [];
  const at = (line: number) => lines[line] as (typeof lines)[number];
  globalThis.example = {
    async get(where, init) {
      const response = await sim.fetch(where, { redirect: 'manual', ...init });
      return {
        status: response.status,
        text: await response.text(),
        cookie: response.headers.getSetCookie().join('\n'),
      };
    },
    connect(where) {
      const socket = new sim.WebSocket(new URL(where, sim.origin.replace('http', 'ws')));
      const heard: string[] = [];
      socket.addEventListener('message', ({ data }) => void heard.push(String(data)));
      socket.addEventListener('close', ({ code }) => void heard.push(`closed ${code}`));
      const opened = new Promise<void>((resolve, reject) => {
        socket.addEventListener('open', () => resolve());
        socket.addEventListener('error', () => reject(new Error(`no WebSocket at ${where}`)));
      });
      return opened.then(() => lines.push({ socket, heard }) - 1);
    },
    send: (line, data) => at(line).socket.send(typeof data === 'string' ? data : Uint16Array.from(data)),
    hangUp: (line) => at(line).socket.close(1000),
    heard: (line) => at(line).heard,
    close: () => sim.close({ delete: true }),
  };
}

function tabOf(page: Page): Tab {
  return {
    get: (where, init) => page.evaluate((given) => globalThis.example.get(given.where, given.init), { where, init }),
    async connect(where) {
      const line = await page.evaluate((given) => globalThis.example.connect(given), where);
      const heard = () => page.evaluate((given) => globalThis.example.heard(given), line);
      return {
        send: (data) => page.evaluate((given) => globalThis.example.send(given.line, given.data), { line, data }),
        close: () => page.evaluate((given) => globalThis.example.hangUp(given), line),
        heard,
        until: untilHeard(heard),
      };
    },
  };
}
