/**
 * The ways out of an isolate against the library as it is shipped: minified files of a static server, and the same from
 * another origin, where every worker starts from a blob of its text.
 */
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { builtFolders } from '../support/built.ts';
import { BROWSER_ARGS, findBrowser } from '../support/find-browser.ts';
import { ISOLATION_CONFIG, ISOLATION_MODULES, OVER_CHANNELS } from '../support/isolation.ts';
import { type StaticServer, startStaticServer } from '../support/static-server.ts';

declare global {
  interface Window {
    ways: { WAYS_OF_PATCHING: string[]; WAYS_OF_ASKING: string[] };
  }
}

/** How many objects try at once: each has an isolate of its own. */
const TOGETHER = 8;

const PROGRAMS = path.resolve(import.meta.dirname, '../support/programs');

let library: string;
let browser: Browser;
let page: Page;
let servers: StaticServer[];

beforeAll(async () => {
  library = builtFolders().library;
  const executablePath = findBrowser();
  browser = await chromium.launch({ args: BROWSER_ARGS, ...(executablePath ? { executablePath } : {}) });
});

afterAll(() => browser?.close());

beforeEach(async () => {
  servers = [];
  page = await browser.newPage();
});

afterEach(async () => {
  await page.close();
  for (const server of servers) await server.close();
});

async function serve(...options: Parameters<typeof startStaticServer>): Promise<StaticServer> {
  const server = await startStaticServer(...options);
  servers.push(server);
  return server;
}

/** Opens a page that has imported the library from `folder`. */
async function openEmbedder(folder: string, elsewhere: { origin?: string } = {}): Promise<void> {
  const server = await serve({
    pages: {
      '/': `<!doctype html><script type="module">
        window.ways = await import('/programs/isolation-ways.js');
        window.durabox = await import('${elsewhere.origin ?? ''}${folder}index.js');
      </script>`,
    },
    folders: { '/programs/': PROGRAMS, ...(elsewhere.origin === undefined ? { [folder]: library } : {}) },
  });
  await page.goto(server.origin);
  await page.waitForFunction(() => 'durabox' in window);
}

/** Each way in an object of its own; what it got by name, those without anything left out, and how many were tried. */
function play(order: { network: 'auto' | 'channel'; only?: RegExp; folder: string }) {
  const names = readdirSync(library).filter((name) => /\.(js|wasm)$/.test(name));
  return page.evaluate(
    async ({ names, modules, config, together, network, only, folder }) => {
      const blobOf = (text: string) => URL.createObjectURL(new Blob([text], { type: 'text/javascript' }));
      const urls = names.map((name) => new URL(folder + name, location.href).href);
      const texts = await Promise.all(urls.map(async (url) => (await fetch(url)).text()));
      const files = [...urls, ...texts.map(blobOf)];
      const sim = await window.durabox.Simulator.open({ name: 'prison', modules, config, network });
      const waiting: string[] = [...window.ways.WAYS_OF_PATCHING, ...window.ways.WAYS_OF_ASKING].filter((name) =>
        new RegExp(only).test(name),
      );
      const count = waiting.length;
      const got: Record<string, unknown> = {};
      const lane = async () => {
        for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
          const told: unknown = await sim.env['PRISONERS']?.getByName(name)['tries']?.(name, files);
          if (!Array.isArray(told) || told.length > 0) got[name] = told;
        }
      };
      await Promise.all(Array.from({ length: together }, lane));
      await sim.close({ delete: true });
      return { got, count, files: files.length };
    },
    {
      ...{ names, modules: ISOLATION_MODULES, config: ISOLATION_CONFIG },
      ...{ together: TOGETHER, network: order.network, only: order.only?.source ?? '', folder: order.folder },
    },
  );
}

/** How many ways there are at least: a list that came out empty would show nothing. */
const MANY = 79;

test('a program gets nothing by any way when its workers start from their URLs', async () => {
  await openEmbedder('/lib/');
  const { got, count, files } = await play({ network: 'auto', folder: '/lib/' });
  expect(got).toEqual({});
  expect(count).toBeGreaterThanOrEqual(MANY);
  expect(files).toBeGreaterThanOrEqual(18);
});

/** What a start from blobs, and links over channels, could change. */
const BY_BLOBS_AND_CHANNELS = new RegExp(`${OVER_CHANNELS.source}|import|URL|stack|blob`);

test('a program gets nothing when its workers start from blobs, in a page of another origin, with links over channels', async () => {
  const { origin } = await serve({ folders: { '/lib/': library }, cors: true });
  await openEmbedder('/lib/', { origin });
  const { got, count } = await play({ network: 'channel', only: BY_BLOBS_AND_CHANNELS, folder: `${origin}/lib/` });
  expect(got).toEqual({});
  expect(count).toBeGreaterThanOrEqual(28);
});

test.each([
  { way: 'imports', statement: (url: string) => `import '${url}';` },
  { way: 'exports from', statement: (url: string) => `export * from '${url}';` },
  { way: 'imports later', statement: (url: string) => `export const later = () => import('${url}');` },
])('a program that $way the URL of a file of the library is refused before it runs', async ({ statement }) => {
  await openEmbedder('/lib/');
  const [server] = servers as [StaticServer];
  const failure = await page.evaluate(
    async ({ program }) => {
      const opening = window.durabox.Simulator.open({ name: 'literal', modules: { 'index.js': program } });
      return opening.then(
        async (sim) => {
          const text = await (await sim.fetch('/')).text();
          await sim.close({ delete: true });
          return text;
        },
        (error: Error) => `${error.name} ${error.message}`,
      );
    },
    {
      program: `${statement(`${server.origin}/lib/isolate.worker.js`)}\nexport default { fetch: () => new Response('it ran') };`,
    },
  );
  expect(failure).toContain('SimulatorError');
  expect(failure).toContain('/lib/isolate.worker.js');
});
