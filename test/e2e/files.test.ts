/**
 * A project's state on its way between `wrangler dev` and a tab: the folder that real workerd wrote goes on in the page, and
 * the one that the page wrote goes on in workerd. The program is the same, and it is the judge: it tells what it finds.
 */
import { unzipSync, zipSync } from 'fflate';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually, openPages, type Pages } from '../support/e2e-pages.ts';
import { type StateFolder, stateFolder } from '../support/workerd-state.ts';

const script = `
import { DurableObject } from 'cloudflare:workers';

const values = (n) => ({
  number: n + 0.5, small: n, negative: -n, big: 12345678901234567890n, text: 'grüße ' + n, wide: '\\u{1f600}', nothing: null,
  yes: true, date: new Date(86400000 * n), nested: { list: [1, [2, , 4]], map: new Map([['k', new Set([1n, 'x'])]]) },
  bytes: new Uint8Array([n, 255]).buffer, view: new Float64Array([n, NaN]), pattern: /a+/gi, error: new RangeError('no'),
});

/** Everything that can be told of a value, as text. */
function tell(value) {
  if (value instanceof Map) return ['Map', ...[...value].map(tell)];
  if (value instanceof Set) return ['Set', ...[...value].map(tell)];
  if (value instanceof Date) return ['Date', value.getTime()];
  if (value instanceof RegExp) return ['RegExp', String(value)];
  if (value instanceof Error) return [value.name, value.message];
  if (value instanceof ArrayBuffer) return ['ArrayBuffer', ...new Uint8Array(value)];
  if (ArrayBuffer.isView(value)) return [value.constructor.name, ...[...value].map(String)];
  if (Array.isArray(value)) return ['Array', ...Array.from(value, (one, i) => (i in value ? tell(one) : 'hole'))];
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([key, one]) => [key, tell(one)]);
  return typeof value + ' ' + String(value);
}

export class Store extends DurableObject {
  async fetch(request) {
    const url = new URL(request.url);
    const { storage } = this.ctx;
    if (url.searchParams.has('write')) {
      const n = ((await storage.get('n')) ?? 0) + 1;
      await storage.put({ n, ...values(n) });
      storage.sql.exec('CREATE TABLE IF NOT EXISTS rows (id INTEGER PRIMARY KEY, real REAL, text TEXT, blob BLOB, other)');
      storage.sql.exec('CREATE INDEX IF NOT EXISTS by_text ON rows (text)');
      for (let i = 0; i < 40; i++) {
        storage.sql.exec('INSERT INTO rows (real, text, blob, other) VALUES (?, ?, ?, ?)', n / 3, 'row ' + i, new Uint8Array(200).fill(n), null);
      }
    }
    if (url.searchParams.has('alarm')) await storage.setAlarm(Number(url.searchParams.get('alarm')));
    const { count, sum, blobs } = storage.sql.exec('SELECT count(*) AS count, sum(real) AS sum, group_concat(hex(blob)) AS blobs FROM (SELECT * FROM rows ORDER BY text, id)').one();
    return Response.json({
      id: String(this.ctx.id), alarm: await storage.getAlarm(), alarms: (await storage.get('alarms')) ?? 0,
      entries: tell(await storage.list({ prefix: '' })).filter(([, key]) => key !== 'string alarms'),
      count, sum, blobs, schema: storage.sql.exec("SELECT name, sql FROM sqlite_master WHERE name NOT LIKE '\\\\_cf%' ESCAPE '\\\\' ORDER BY name").toArray(),
    });
  }
  async alarm() {
    await this.ctx.storage.put('alarms', ((await this.ctx.storage.get('alarms')) ?? 0) + 1);
  }
}

export default {
  fetch(request, env) {
    const name = decodeURIComponent(new URL(request.url).pathname.slice(1));
    return env.OBJECTS.get(env.OBJECTS.idFromName(name)).fetch(request);
  },
};
`;
const PROGRAM = { worker: 'moving', className: 'Store', script };
const CONFIG = {
  name: 'moving',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'OBJECTS', class_name: 'Store' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Store'] }],
};
const NAMES = ['a', 'b', 'ünï/code'].map(encodeURIComponent);
const FAR_MS = 4_000_000_000_000;

let pages: Pages;
let page: Page;
const folders: StateFolder[] = [];

beforeAll(async () => {
  pages = await openPages();
  page = await pages.open();
});

afterAll(async () => {
  await pages.close();
  for (const folder of folders) folder.remove();
});

function newFolder(): StateFolder {
  const folder = stateFolder();
  folders.push(folder);
  return folder;
}

interface Told {
  id: string;
  alarm: number | null;
  alarms: number;
  count: number;
}

/** Removes the status that the page puts before a body. */
const fetchJson = async (name: string, path: string): Promise<Told> => {
  const text = await page.evaluate((given) => globalThis.e2e.fetchText(given.name, given.path), { name, path });
  return JSON.parse(text.slice('200 '.length));
};
const open = (name: string, storage: 'memory' | 'indexeddb') =>
  page.evaluate((order) => globalThis.e2e.open(order), { name, program: script, config: CONFIG, storage });
const importAll = (name: string, zip: Uint8Array) =>
  page.evaluate((given) => globalThis.e2e.importAll(given.name, given.zip), {
    name,
    zip: Buffer.from(zip).toString('base64'),
  });
const exportAll = async (name: string): Promise<Uint8Array> =>
  Buffer.from(await page.evaluate((given) => globalThis.e2e.exportAll(given), name), 'base64');
const close = (name: string) => page.evaluate((given) => globalThis.e2e.close(given, { delete: true }), name);

/** What somebody would do who zips `.wrangler/state`. */
const zipOf = (folder: StateFolder): Uint8Array =>
  zipSync(Object.fromEntries([...folder.files()].map(([path, bytes]) => [`v3/${path}`, bytes])));

describe.each(['indexeddb', 'memory'] as const)('state, %s', (storage) => {
  test('of workerd goes on in the tab, and from there in workerd again', async () => {
    const name = `moving ${storage}`;
    const before = newFolder();
    await before.run(
      PROGRAM,
      NAMES.map((one) => `/${one}?write`),
    );
    const there = (
      await before.run(
        PROGRAM,
        NAMES.map((one) => `/${one}?write&alarm=${FAR_MS}`),
      )
    ).map((told) => JSON.parse(told));
    expect(there.map(({ count, alarm }: Told) => [count, alarm])).toEqual(NAMES.map(() => [80, FAR_MS]));

    await open(name, storage);
    const imported = await importAll(name, zipOf(before));
    expect(imported).toMatchObject({ value: { skipped: [] } });
    const listed = await page.evaluate((given) => globalThis.e2e.inspect(given), name);
    expect(listed.map((object) => [object.id, object.name, object.state]).sort()).toEqual(
      there.map(({ id }: Told, i: number) => [id, decodeURIComponent(NAMES[i] ?? ''), 'sleeping']).sort(),
    );
    const here: Told[] = [];
    for (const one of NAMES) here.push(await fetchJson(name, `/${one}`));
    expect(here).toEqual(there);

    // It goes on: in the tab, with an alarm that workerd is to run.
    const [first = ''] = NAMES;
    const moved = await fetchJson(name, `/${first}?write&alarm=${Date.now() + 5_000}`);
    expect(moved.count).toBe(120);
    const zip = await exportAll(name);
    const after = newFolder();
    after.write(new Map(Object.entries(unzipSync(zip))));
    const back = (
      await after.run(
        PROGRAM,
        NAMES.map((one) => `/${one}`),
      )
    ).map((told) => JSON.parse(told));
    expect(back).toEqual([moved, ...there.slice(1)]);
    await close(name);
  });
});

test('an alarm that was set in the tab is run by workerd', async () => {
  const name = 'waking';
  await open(name, 'memory');
  const set = await fetchJson(name, `/a?write&alarm=${Date.now() + 4_000}`);
  expect(set.alarms).toBe(0);
  const folder = newFolder();
  folder.write(new Map(Object.entries(unzipSync(await exportAll(name)))));
  await close(name);
  let told: Told | undefined;
  await folder.serve(PROGRAM, async (ask) => {
    await eventually('workerd runs the alarm', async () => {
      told = JSON.parse(await ask('/a'));
      return told?.alarms === 1;
    });
  });
  expect(told).toMatchObject({ id: set.id, alarm: null, count: set.count });
});

test('a zip that is none changes nothing', async () => {
  const name = 'refused';
  await open(name, 'indexeddb');
  const before = await fetchJson(name, '/a?write');
  const zip = zipSync({ 'do/moving-Store/x.txt': new Uint8Array(3) });
  for (const bytes of [new Uint8Array(100), zip.slice(0, 60), zip]) {
    expect(await importAll(name, bytes)).toMatchObject({ failure: { name: 'SimulatorError', code: 'file_invalid' } });
  }
  expect(await fetchJson(name, '/a')).toEqual(before);
  await close(name);
});
