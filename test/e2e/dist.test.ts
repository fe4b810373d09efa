/**
 * What `npm run build` writes, where people will put it: under some path of a plain static server, on another origin,
 * and inside a frame that may neither fetch nor keep anything.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { builtFolders, ROOT } from '../support/built.ts';
import { BROWSER_ARGS, findBrowser } from '../support/find-browser.ts';
import { type StaticServer, startStaticServer } from '../support/static-server.ts';

declare global {
  interface Window {
    /** what a test's page has imported */
    durabox: typeof import('../../src/index.ts');
  }
}

const COUNTER = `
import { DurableObject } from 'cloudflare:workers';

export class Counter extends DurableObject {
  async increment() {
    const value = ((await this.ctx.storage.get('value')) ?? 0) + 1;
    await this.ctx.storage.put('value', value);
    return value;
  }
}

export default {
  async fetch(request, env) {
    return Response.json({ value: await env.COUNTERS.getByName('home').increment() });
  },
};
`;

const CONFIG = {
  name: 'counter',
  main: 'index.js',
  compatibility_date: '2026-07-01',
  durable_objects: { bindings: [{ name: 'COUNTERS', class_name: 'Counter' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Counter'] }],
};

/** A decorator is beyond the fast compiler, so this file needs the full one. */
const DECORATED = `
function named(_target: unknown, context: ClassMethodDecoratorContext) { names.push(String(context.name)); }
const names: string[] = [];
class Greeter { @named hello() {} }
export default { fetch: () => new Response(new Greeter() && names.join()) };
`;

let built: { library: string; site: string };
let browser: Browser;
let context: BrowserContext;
let servers: StaticServer[];

beforeAll(async () => {
  built = builtFolders();
  const executablePath = findBrowser();
  browser = await chromium.launch({ args: BROWSER_ARGS, ...(executablePath ? { executablePath } : {}) });
});

afterAll(() => browser?.close());

beforeEach(async () => {
  servers = [];
  context = await browser.newContext();
});

afterEach(async () => {
  await context.close();
  for (const server of servers) await server.close();
});

async function serve(...options: Parameters<typeof startStaticServer>): Promise<StaticServer> {
  const server = await startStaticServer(...options);
  servers.push(server);
  return server;
}

/** A page that imports the library as any page would; `window.durabox` is what it got. */
const importing = (library: string) =>
  `<!doctype html><title>embedder</title><script type="module">
    import * as durabox from '${library}';
    window.durabox = durabox;
  </script>`;

async function openPage(url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(url);
  await page.waitForFunction(() => 'durabox' in window);
  return page;
}

/** Opens the counter in the page, counts twice, closes; says what came of it. */
function countTwice(page: Page, options: { base?: string } = {}) {
  return page.evaluate(
    async ({ program, config, base }) => {
      const { Simulator, loadRealms } = window.durabox;
      const realms = base === undefined ? {} : { realms: await loadRealms({ base }) };
      const sim = await Simulator.open({ name: 'dist', modules: { 'index.js': program }, config, ...realms });
      const { mode } = sim.storage;
      const fetched = await (await sim.fetch('/')).json();
      const stub = sim.env['COUNTERS']?.getByName('home');
      const called: unknown = await stub?.['increment']?.();
      const [seen] = stub ? await sim.inspect.entries(stub) : [];
      await sim.close({ delete: true });
      return { mode, fetched, called, seen: seen?.value };
    },
    { program: COUNTER, config: CONFIG, ...options },
  );
}

describe('the built library', () => {
  test('runs under any path of a static server, even one that does not know what wasm is', async () => {
    const server = await serve({
      pages: { '/': importing('/some/deep/path/index.js') },
      folders: { '/some/deep/path/': built.library },
    });
    const page = await openPage(server.origin);
    expect(await countTwice(page)).toEqual({
      mode: 'indexeddb',
      fetched: { value: 1 },
      called: 2,
      seen: 2,
    });
    expect(server.requests.filter((one) => one.endsWith('typescript.js'))).toEqual([]);
  });

  test('fetches the full compiler only for a file that needs it', async () => {
    const server = await serve({ pages: { '/': importing('/lib/index.js') }, folders: { '/lib/': built.library } });
    const page = await openPage(server.origin);
    const body = await page.evaluate(
      async ({ program }) => {
        const { Simulator } = window.durabox;
        const sim = await Simulator.open({ name: 'ts', modules: { 'index.ts': program }, main: 'index.ts' });
        const text = await (await sim.fetch('/')).text();
        await sim.close({ delete: true });
        return text;
      },
      { program: DECORATED },
    );
    expect(body).toBe('hello');
    expect(server.requests.filter((one) => one.endsWith('typescript.js'))).toEqual(['/lib/typescript.js']);
    expect(server.requests, 'nobody looked into an object').not.toContain('/lib/inspector.worker.js');
  });

  test('runs in a page of another origin, which then starts its workers from their text', async () => {
    const theirs = await serve({ folders: { '/lib/': built.library }, cors: true });
    const ours = await serve({ pages: { '/': importing(`${theirs.origin}/lib/index.js`) } });
    const page = await openPage(ours.origin);
    expect(await countTwice(page)).toEqual({
      mode: 'indexeddb',
      fetched: { value: 1 },
      called: 2,
      seen: 2,
    });
  });

  test('names the file that it could not fetch', async () => {
    const server = await serve({ pages: { '/': importing('/lib/index.js') }, folders: { '/lib/': built.library } });
    const page = await openPage(server.origin);
    const failure = await page.evaluate(async () => {
      const { loadRealms } = window.durabox;
      return loadRealms({ base: '/nowhere' }).catch((error: Error) => String(error));
    });
    expect(failure).toContain(`${server.origin}/nowhere/`);
    expect(failure).toContain('HTTP 404');
  });

  test('finds its files in the folder that it is told of, when a bundler has moved the module', async () => {
    const moved = mkdtempSync(path.join(os.tmpdir(), 'durabox-moved-'));
    try {
      writeFileSync(path.join(moved, 'app-4711.js'), readFileSync(path.join(built.library, 'index.js')));
      const server = await serve({
        pages: { '/': importing('/assets/app-4711.js') },
        folders: { '/assets/': moved, '/public/': built.library },
      });
      const page = await openPage(server.origin);
      expect(await countTwice(page, { base: 'public' })).toMatchObject({ called: 2 });
    } finally {
      rmSync(moved, { recursive: true });
    }
  });
});

describe("the README's example", () => {
  test('counts the visits of a page on a static server', async () => {
    const [, example] = /```html\n(.*?)```/s.exec(readFileSync(path.join(ROOT, 'README.md'), 'utf8')) ?? [];
    if (example === undefined) throw new Error('README.md has lost its example.');
    const server = await serve({ pages: { '/page.html': example }, folders: { '/durabox/': built.library } });
    const page = await context.newPage();
    await page.goto(`${server.origin}/page.html`);
    await page.getByText('Visit 1. Hello from a Worker.').waitFor();
    await page.reload();
    await page.getByText('Visit 2. Hello from a Worker.').waitFor();
  });
});

/** What untrusted code gets: scripts and workers from blobs, wasm; no `eval`, no network at all. */
const SEALED_CSP =
  "default-src 'none'; script-src 'unsafe-inline' blob: 'wasm-unsafe-eval'; worker-src blob:; connect-src 'none'";

/** The frame takes the library's text and the realms from its embedder and says what it measured. */
const SEALED_FRAME = `<!doctype html><meta http-equiv="content-security-policy" content="CSP"><script type="module">
  const say = (name, value) => parent.postMessage({ name, value }, '*');
  onmessageerror = () => say('failed', 'a message could not be read');
  onmessage = async ({ data: { library, realms, program, config } }) => {
    try {
      const url = URL.createObjectURL(new Blob([library], { type: 'text/javascript' }));
      const { Simulator } = await import(url);
      const withoutRealms = await Simulator.open({ name: 'x' }).catch((error) => error.message);
      const sim = await Simulator.open({ name: 'sealed', modules: program, config, realms });
      const fetched = await (await sim.fetch('/')).json();
      const called = await sim.env.COUNTERS.getByName('home').increment();
      await sim.objects.evictAll();
      const afterEviction = await sim.env.COUNTERS.getByName('home').increment();
      const [seen] = await sim.inspect.entries(sim.env.COUNTERS.getByName('home'));
      const moved = await sim.objects.importAll(await sim.objects.exportAll());
      const reached = await (await sim.fetch('/outside')).json();
      const frameFetch = await fetch(document.referrer || 'http://127.0.0.1/').then(() => 'reached', (e) => e.name);
      const kept = (() => { try { return typeof localStorage } catch (e) { return e.name } })();
      const storage = sim.storage;
      await sim.close();
      const files = [seen.value, moved.objects.length];
      say('done', { withoutRealms, storage, fetched, called, afterEviction, files, reached, frameFetch, kept, origin });
    } catch (error) {
      say('failed', String(error?.stack ?? error));
    }
  };
  say('ready');
</script>`;

describe('the built library in a sealed frame', () => {
  test('counts in memory, keeps nothing, and reaches nothing', async () => {
    const server = await serve({
      pages: { '/': importing('/lib/index.js'), '/secret': 'secret' },
      folders: { '/lib/': built.library },
    });
    const page = await openPage(server.origin);
    const outside = COUNTER.replace(
      'return Response.json(',
      `if (request.url.endsWith('/outside')) {
        return Response.json(await fetch('${server.origin}/secret').then(() => 'reached', (error) => error.name));
      }
      return Response.json(`,
    );
    const answer = await page.evaluate(
      async ({ srcdoc, program, config }) => {
        const { loadRealms } = window.durabox;
        const realms = await loadRealms({ asText: true });
        const library = await (await fetch('/lib/index.js')).text();
        const frame = document.createElement('iframe');
        frame.setAttribute('sandbox', 'allow-scripts');
        frame.srcdoc = srcdoc;
        const answer = new Promise<{ name: string; value: unknown }>((resolve) => {
          addEventListener('message', ({ source, data }) => {
            if (source !== frame.contentWindow) return;
            if (data.name === 'ready') {
              frame.contentWindow?.postMessage({ library, realms, program: { 'index.js': program }, config }, '*');
            } else {
              resolve(data);
            }
          });
        });
        document.body.append(frame);
        return answer;
      },
      { srcdoc: SEALED_FRAME.replace('CSP', SEALED_CSP), program: outside, config: CONFIG },
    );
    expect(answer).toEqual({
      name: 'done',
      value: {
        withoutRealms: expect.stringContaining('pass `realms`'),
        storage: { mode: 'memory', reason: expect.stringContaining('opaque origin') },
        fetched: { value: 1 },
        called: 2,
        afterEviction: 3,
        files: [3, 1],
        reached: 'SimulatorError',
        frameFetch: 'TypeError',
        kept: 'SecurityError',
        origin: 'null',
      },
    });
    expect(server.requests).not.toContain('/secret');
  });
});

describe('the built site', () => {
  test('runs its first example under any path', async () => {
    const server = await serve({ folders: { '/sites/durabox/': built.site } });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on('pageerror', (error) => complaints.push(String(error)));
    await page.goto(`${server.origin}/sites/durabox/`);
    await page.locator('.deployment[data-state=running]').waitFor();
    await page.locator('.cm-content').waitFor();
    expect(complaints).toEqual([]);
    expect(server.requests.filter((one) => !one.startsWith('/sites/durabox/'))).toEqual([]);
  });
});

describe('the package', () => {
  const consumer = `
    import { Simulator, SimulatorError, loadRealms, type DurableObjectNamespace } from 'durabox';
    class Counter { increment(): number { return 1; } }
    interface Env { COUNTERS: DurableObjectNamespace<Counter> }
    const sim = await Simulator.open<Env>({ name: 'types', realms: await loadRealms({ base: '/durabox/' }) });
    const value: number = await sim.env.COUNTERS.getByName('a').increment();
    // @ts-expect-error: there is no such method
    await sim.env.COUNTERS.getByName('a').decrement();
    const untyped = await Simulator.open({ name: 'untyped', modules: { 'index.js': '' } });
    const anything: string = await untyped.env.COUNTERS.getByName('a').anything(1, 'two');
    sim.on('log', ({ text }) => text.trim());
    export const code = value > anything.length ? new SimulatorError('closed', '').code : undefined;
  `;

  test.each(['bundler', 'node16'])('has types that compile with moduleResolution %s', (moduleResolution) => {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'durabox-types-'));
    try {
      mkdirSync(path.join(folder, 'node_modules'));
      symlinkSync(ROOT, path.join(folder, 'node_modules/durabox'), 'junction');
      writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
      writeFileSync(path.join(folder, 'consumer.ts'), consumer);
      const compilerOptions = {
        target: 'ES2022',
        module: moduleResolution === 'node16' ? 'node16' : 'ESNext',
        moduleResolution,
        lib: ['ES2022', 'ESNext.Disposable', 'DOM', 'DOM.Iterable'],
        strict: true,
        skipLibCheck: false,
        noEmit: true,
        types: [],
      };
      writeFileSync(path.join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }));
      const tsc = path.join(ROOT, 'node_modules/typescript/bin/tsc');
      const output = (() => {
        try {
          return execFileSync(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { encoding: 'utf8' });
        } catch (error) {
          return (error as { stdout: string }).stdout;
        }
      })();
      expect(output).toBe('');
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
