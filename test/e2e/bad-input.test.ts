/**
 * What an embedder, another version or the browser can get wrong: one clear sentence each, and nothing half done.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { SimulatorOptions } from '../../src/index.ts';
import type { Account } from '../../src/protocol/names.ts';
import { lockNames, PROTOCOL_VERSION } from '../../src/protocol/names.ts';
import { counterProgram, eventually, openPages, type Pages, ready } from '../support/e2e-pages.ts';
import type { Failure } from '../support/failure.ts';
import { startBrowser } from '../support/own-browser.ts';

let pages: Pages;
let page: Page;
const extra: Page[] = [];

beforeAll(async () => {
  pages = await openPages();
  page = await pages.open();
});

afterAll(async () => {
  await pages.close();
});

afterEach(async () => {
  for (const one of extra.splice(0)) await one.close();
});

async function newPage(prepare?: (page: Page) => Promise<void>): Promise<Page> {
  const made = await pages.open(prepare);
  extra.push(made);
  return made;
}

const open = (on: Page, order: Parameters<typeof globalThis.e2e.open>[0]) =>
  on.evaluate((given) => globalThis.e2e.open(given), order);
const openFailure = (on: Page, options: Omit<SimulatorOptions, 'outbound'>) =>
  on.evaluate((given) => globalThis.e2e.openFailure(given), options);
const increment = (on: Page, name: string) => on.evaluate((given) => globalThis.e2e.increment(given, 'a'), name);
const heard = (on: Page, name: string, kind: string) =>
  on.evaluate(({ account, what }) => globalThis.e2e.heard(account, what), { account: name, what: kind });

const CONFIG = {
  name: 'worker',
  main: 'index.js',
  compatibility_date: '2026-07-01',
  durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Counter' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
};

describe('a project that cannot run is refused in one sentence', () => {
  const modules = { 'index.js': counterProgram() };
  const bound = CONFIG.durable_objects.bindings;
  const cases: [what: string, options: Omit<SimulatorOptions, 'name'>, code: string, sentence: string][] = [
    [
      'a missing import',
      { modules: { 'index.js': `import './lost.js';\n${counterProgram()}` }, config: CONFIG },
      'bundle_failed',
      'index.js:1:8: cannot find the module "./lost.js" that index.js imports.',
    ],
    [
      'a package that is not there',
      { modules: { 'index.js': `import 'left-pad';\n${counterProgram()}` }, config: CONFIG },
      'bundle_failed',
      'index.js:1:8: index.js imports "left-pad", and the package "left-pad" is not among the modules: add its files under "node_modules/left-pad/".',
    ],
    [
      'a binding of an unknown class',
      { modules, config: { ...CONFIG, durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Conuter' }] } } },
      'config_invalid',
      'binding "COUNTERS" names the class "Conuter", which index.js does not export, did you mean "Counter"?',
    ],
    [
      'a config that is no JSON',
      { modules, config: '{ "name": "worker", ' },
      'config_invalid',
      'config:1:21: Property name expected.',
    ],
    [
      'a config with a field of the wrong type',
      { modules, config: { ...CONFIG, durable_objects: { bindings: 'COUNTERS' } } },
      'config_invalid',
      'config: "durable_objects.bindings" must be a list.',
    ],
    [
      'an entry that is not there',
      { modules, main: 'src/main.js', config: CONFIG },
      'bundle_failed',
      'the entry "src/main.js" that "main" names is not among the modules (index.js).',
    ],
    [
      'no entry at all',
      { modules: { 'notes.txt': 'nothing' }, config: { name: 'worker', compatibility_date: '2026-07-01' } },
      'bundle_failed',
      'no entry was found: set "main" to one of the modules (there is no script among them).',
    ],
    [
      'a syntax error',
      { modules: { 'index.js': 'export default {' }, config: CONFIG },
      'bundle_failed',
      'index.js:1:17: Unexpected token.',
    ],
    [
      'a module that throws',
      { modules: { 'index.js': `${counterProgram()}\nthrow new TypeError('boom');` }, config: CONFIG },
      'bundle_failed',
      'index.js failed while it was loaded: TypeError: boom',
    ],
    [
      'an entry that exports a number',
      { modules: { 'index.js': `${counterProgram()}\nexport const LIMIT = 5;` }, config: CONFIG },
      'bundle_failed',
      `index.js exports "LIMIT", which is neither a function nor an object, and the platform starts no such Worker (Incorrect type for map entry 'LIMIT': the provided value is not of type 'function or ExportedHandler'.); move it to another module.`,
    ],
    [
      'an entry that exports null',
      { modules: { 'index.js': 'export default null;' }, config: { name: 'worker', compatibility_date: '2026-07-01' } },
      'bundle_failed',
      'index.js exports "default", which is neither a function nor an object, and the platform starts no such Worker (Cannot initialize ExportedHandler with required members from an undefined or null value.); move it to another module.',
    ],
    [
      'a binding of a script that is not there',
      {
        modules,
        config: {
          ...CONFIG,
          durable_objects: { bindings: [...bound, { name: 'FAR', class_name: 'Far', script_name: 'elsewhere' }] },
        },
      },
      'config_invalid',
      'The binding FAR of "worker" names the script "elsewhere", which is not among the Workers: worker.',
    ],
    [
      'modules and workers',
      { modules, workers: [{ modules }] },
      'config_invalid',
      'Give Simulator.open either modules or workers, not both.',
    ],
    [
      'an account that nothing was deployed to',
      {},
      'config_invalid',
      'Nothing was ever deployed to the account "an account that nothing was deployed to": open it with modules.',
    ],
  ];

  test.each(cases)('%s', async (name, options, code, message) => {
    expect(await openFailure(page, { name, ...options })).toEqual({ name: 'SimulatorError', code, message });
    // What failed to open holds nothing.
    expect((await page.evaluate((given) => globalThis.e2e.leftovers(given), name)).locks).toEqual([]);
  });

  test('an account without a name', async () => {
    expect(await openFailure(page, { name: '' })).toEqual({
      name: 'SimulatorError',
      code: 'config_invalid',
      message: 'Simulator.open needs a name: the account that it opens.',
    });
  });
});

describe('where IndexedDB does not work', () => {
  const ways = {
    'is missing': 'Object.defineProperty(globalThis, "indexedDB", { value: undefined });',
    'is forbidden': 'IDBFactory.prototype.open = () => { throw new DOMException("No.", "SecurityError"); };',
    'fails to open': `
      const open = IDBFactory.prototype.open;
      IDBFactory.prototype.open = function (name, version) {
        const request = open.call(this, 'doomed ' + name, version);
        request.addEventListener('upgradeneeded', (event) => {
          event.stopImmediatePropagation();
          request.transaction.abort();
        });
        return request;
      };`,
  };

  test.each(Object.entries(ways))(
    "storage 'auto' falls back to memory and says so once when it %s",
    async (what, code) => {
      const without = await newPage(async (fresh) => {
        await fresh.route('**/src/host.worker.js*', async (route) => {
          const response = await route.fetch();
          await route.fulfill({ response, body: `${code}\n${await response.text()}` });
        });
      });
      const name = `no IndexedDB: ${what}`;
      const { mode, reason } = await open(without, { name, program: counterProgram() });
      expect(mode).toBe('memory');
      expect(reason).toMatch(/IndexedDB.*\.$/);
      expect((await increment(without, name)).value).toBe(1);
      await without.evaluate((given) => globalThis.e2e.evict(given, 'a'), name);
      expect((await increment(without, name)).value, 'memory outlives an instance').toBe(2);
      expect(await heard(without, name, 'storage')).toEqual([{ mode, reason }]);
      const asked = { name: `${name}, asked for`, modules: { 'index.js': counterProgram() }, config: CONFIG };
      expect(await openFailure(without, { ...asked, storage: 'indexeddb' })).toEqual({
        name: 'SimulatorError',
        code: 'storage_unavailable',
        message: expect.stringMatching(/IndexedDB.*\.$/),
      });
    },
  );
});

describe('another version of the library in another tab', () => {
  test.each([
    [
      'older',
      PROTOCOL_VERSION - 1,
      'Another tab uses the account "older" with an older version of Durabox: reload that tab, then this one.',
    ],
    [
      'newer',
      PROTOCOL_VERSION + 1,
      'Another tab uses the account "newer" with a newer version of Durabox: reload this tab.',
    ],
  ] as const)('that is %s is named, with the tab to reload', async (name, version, message) => {
    const theirs = await newPage();
    await theirs.evaluate(
      (lock) =>
        new Promise<void>((held) => {
          void navigator.locks.request(lock, { mode: 'shared' }, () => {
            held();
            return new Promise(() => {});
          });
        }),
      lockNames.protocol(name as string as Account, version),
    );
    const options = { name, modules: { 'index.js': counterProgram() }, config: CONFIG };
    expect(await openFailure(page, options)).toEqual({ name: 'SimulatorError', code: 'version_mismatch', message });
    await theirs.close();
    await eventually('it opens once that tab is gone', async () => (await openFailure(page, options)).name === 'none');
  });
});

describe('a full disk', () => {
  /** Each turn writes a mebibyte and then the count; a value that is there without its count was written by half. */
  const FILLER = `
import { DurableObject } from 'cloudflare:workers';

export class Counter extends DurableObject {
  async fill() {
    const { kv } = this.ctx.storage;
    const count = (kv.get('count') ?? 0) + 1;
    for (let i = 0; i < 16; i++) kv.put('part ' + count + ' ' + i, crypto.getRandomValues(new Uint8Array(65536)));
    kv.put('count', count);
    return count;
  }
  async check() {
    const { kv } = this.ctx.storage;
    return { count: kv.get('count') ?? 0, parts: [...kv.list({ prefix: 'part ' })].length };
  }
}

export default { fetch: () => new Response('ok') };
`;

  test('fails the write that finds no room, and says so in the log; nothing is half-written, and room made it works again', async () => {
    const profile = await mkdtemp(path.join(os.tmpdir(), 'durabox-quota-'));
    // Quota can be set for a browser's own profile only.
    const browser = await startBrowser(profile);
    try {
      const { page: mine } = browser;
      await ready(mine, pages.sources);
      // Before anything is stored: the browser asks for the quota now and then only, and remembers what it was told.
      const session = await mine.context().newCDPSession(mine);
      const { origin } = pages.sources;
      await session.send('Storage.overrideQuotaForOrigin', { origin, quotaSize: 5_000_000 });
      const name = 'full';
      await open(mine, { name, program: FILLER });
      const call = (method: string) =>
        mine.evaluate((given) => globalThis.e2e.call(given.name, 'a', given.method), { name, method });
      expect(await call('fill')).toEqual({ value: 1 });
      let count = 1;
      let refused: Failure | undefined;
      for (let i = 0; i < 40 && refused === undefined; i++) {
        const result = await call('fill');
        if ('value' in result) count = result.value as number;
        else refused = result.failure;
      }
      // The program is told what the platform would tell it; what the browser said is for whoever runs it here.
      expect(refused).toEqual({
        name: 'Error',
        message: expect.stringMatching(
          /^Internal error in Durable Object storage write caused object to be reset; ref/,
        ),
      });
      expect(await heard(mine, name, 'log')).toContainEqual(
        expect.stringMatching(/The browser has no room left for ".*"; delete something\./),
      );
      // It was reset, and to open it again takes a few bytes too: there is room for them or there is not.
      const full = await call('check');
      if ('value' in full) expect(full.value).toEqual({ count, parts: 16 * count });
      else expect(full.failure.code).toBe('quota');
      await session.send('Storage.overrideQuotaForOrigin', { origin });
      expect(await call('check')).toEqual({ value: { count, parts: 16 * count } });
      expect(await call('fill')).toEqual({ value: count + 1 });
      expect(await call('check')).toEqual({ value: { count: count + 1, parts: 16 * (count + 1) } });
    } finally {
      await browser.kill();
      await rm(profile, { recursive: true, force: true, maxRetries: 5 });
    }
  });
});
