/**
 * What is shipped under a Content-Security-Policy: the README's policies are enough, each source of them is needed, what they do not
 * list is out of reach of programs, and the playground's own page keeps within its own.
 */
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { builtFolders } from '../support/built.ts';
import { documentedPolicies, weakened } from '../support/csp.ts';
import { BROWSER_ARGS, findBrowser } from '../support/find-browser.ts';
import { type StaticServer, startStaticServer } from '../support/static-server.ts';

/** Needs the full compiler, the modules of Node, a wasm of its own, a second module, and a reset. */
const PROGRAM = {
  'index.ts': `
import { DurableObject } from 'cloudflare:workers';
import { join } from 'node:path';
import wasm from './empty.wasm';

const named = (_: unknown, context: ClassMethodDecoratorContext) => void names.push(String(context.name));
const names: string[] = [];
export class Obj extends DurableObject {
  @named count() {
    const count = (this.ctx.storage.kv.get<number>('count') ?? 0) + 1;
    this.ctx.storage.kv.put('count', count);
    return count;
  }
  async abort() {
    await this.ctx.storage.sync();
    this.ctx.abort('as asked');
  }
}
const reach = (url: string) => fetch(url).then((response) => 'reached ' + response.status, (error) => error.name + ': ' + error.message);
const openSocket = (url: string) => new Promise((resolve) => {
  const socket = new WebSocket(url);
  socket.addEventListener('open', () => resolve('opened'));
  socket.addEventListener('error', () => resolve('failed'));
});
export default {
  async fetch(request: Request, env) {
    const to = new URL(request.url).searchParams.get('to');
    if (to) return Response.json([await reach(to), await openSocket(to.replace('http', 'ws'))]);
    const object = env.OBJ.getByName('a');
    await object.count();
    await object.abort().catch(() => {});
    const count = await env.OBJ.getByName('a').count();
    new WebAssembly.Instance(wasm);
    return Response.json([names, join('a', 'b'), count, (await import('./later.ts')).later]);
  },
};
`,
  'later.ts': `export const later = 'later';`,
  'empty.wasm': [0, 97, 115, 109, 1, 0, 0, 0],
};
const CONFIG = {
  name: 'csp',
  main: 'index.ts',
  compatibility_date: '2026-07-01',
  compatibility_flags: ['nodejs_compat'],
  durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
};
const ANSWER = '[["count"],"a/b",2,"later"]';
/** What a page that keeps within its policy says of the program's answer and of an object that it looks into. */
const WELL = { answer: ANSWER, seen: 2, violations: [] };

const [SAME_ORIGIN = '', OTHER_ORIGIN = '', WITH_PREVIEW = ''] = documentedPolicies();

let library: string;
let site: string;
let browser: Browser;
let context: BrowserContext;
let servers: StaticServer[];

beforeAll(async () => {
  ({ library, site } = builtFolders());
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

/** The library, and a script that imports it. */
const filesOfLibrary = () => ({
  scripts: { '/app.js': `window.durabox = await import('./lib/index.js');` },
  folders: { '/lib/': library },
});

/** Opens an embedder's page; `complaints` fills with what the browser refuses there and in its workers and frames. */
async function openEmbedder(order: { policy: string; by: 'header' | 'meta'; library?: string }) {
  const meta = order.by === 'meta' ? `<meta http-equiv="Content-Security-Policy" content="${order.policy}">` : '';
  const server = await serve({
    pages: { '/': `<!doctype html>${meta}<script type="module" src="${order.library ?? ''}/app.js"></script>` },
    ...(order.library === undefined ? filesOfLibrary() : {}),
    ...(order.by === 'header' ? { policy: order.policy } : {}),
  });
  const { page, complaints } = await openPage();
  await page.goto(server.origin);
  return { page, complaints, origin: server.origin };
}

async function openPage(): Promise<{ page: Page; complaints: string[] }> {
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.addInitScript(() => {
    addEventListener('securitypolicyviolation', ({ effectiveDirective, blockedURI }) =>
      console.error(`violation: ${effectiveDirective} ${blockedURI}`),
    );
  });
  return { page, complaints };
}

/** Runs the program once and closes its account. */
async function run(
  { page, complaints }: { page: Page; complaints: string[] },
  options: { path?: string; asText?: boolean } = {},
): Promise<{ answer: string; seen: unknown; violations: string[] }> {
  await page.waitForFunction(() => 'durabox' in window, undefined, { timeout: 2000 }).catch(() => {});
  const told = await page.evaluate(
    async ({ program, config, path, asText }) => {
      try {
        const { Simulator, loadRealms } = window.durabox;
        const files = Object.entries(program).map(([name, one]) => [
          name,
          typeof one === 'string' ? one : new Uint8Array(one),
        ]);
        const modules = Object.fromEntries(files) as Record<string, string | Uint8Array>;
        const realms = await loadRealms(asText ? { asText: true, withTypeScript: true, withNodeModules: true } : {});
        const sim = await Simulator.open({ name: 'csp', modules, config, realms });
        const answer = await (await sim.fetch(path)).text();
        const stub = sim.env['OBJ']?.getByName('a');
        const seen = stub && (await sim.inspect.entries(stub))[0]?.value;
        await sim.close({ delete: true });
        return { answer, seen };
      } catch (error) {
        return { answer: String(error), seen: undefined };
      }
    },
    { program: PROGRAM, config: CONFIG, path: options.path ?? '/', asText: options.asText ?? false },
  );
  return { ...told, violations: complaints };
}

describe("an embedder with a policy of the README's", () => {
  test('that is sent with page and library, runs everything that a program needs', async () => {
    expect(await run(await openEmbedder({ policy: SAME_ORIGIN, by: 'header' }))).toEqual(WELL);
  });

  test.each(weakened(SAME_ORIGIN))('is refused something without $without', async ({ policy }) => {
    expect(await run(await openEmbedder({ policy, by: 'header' }))).not.toEqual(WELL);
  });

  test('for a library of another origin runs it too, and needs each source', async () => {
    const files = await serve({ ...filesOfLibrary(), cors: true });
    const policy = OTHER_ORIGIN.replaceAll('https://files.example', files.origin);
    const { origin } = files;
    expect(await run(await openEmbedder({ policy: policy, by: 'meta', library: origin }))).toEqual(WELL);
    for (const weak of weakened(policy)) {
      const told = await run(await openEmbedder({ policy: weak.policy, by: 'meta', library: origin }));
      expect(told, weak.without).not.toEqual(WELL);
    }
  });
});

describe('what connect-src does not list', () => {
  const REFUSED = /^\["SimulatorError: The browser refused the request to .*\(connect-src\)\.","failed"\]$/;
  const reach = async (order: { policy: string; by: 'header' | 'meta'; asText?: boolean }) => {
    const elsewhere = await serve({ pages: { '/secret': 'secret' }, cors: true });
    const to = `/?to=${encodeURIComponent(`${elsewhere.origin}/secret`)}`;
    const { answer } = await run(await openEmbedder(order), { path: to, asText: order.asText ?? false });
    return { answer, asked: elsewhere.requests };
  };

  test('is out of reach of a program when the policy is sent with the library', async () => {
    const { answer, asked } = await reach({ policy: SAME_ORIGIN, by: 'header' });
    expect(answer).toMatch(REFUSED);
    expect(asked).toEqual([]);
  });

  test('is out of reach of a program in a worker that started from its text under a page with a policy', async () => {
    const policy = OTHER_ORIGIN.replaceAll('https://files.example', "'self'");
    const { answer, asked } = await reach({ policy, by: 'meta', asText: true });
    expect(answer).toMatch(REFUSED);
    expect(asked).toEqual([]);
  });

  test("is within reach in a worker that started from a URL without a policy, whatever the page's says", async () => {
    const { answer, asked } = await reach({ policy: SAME_ORIGIN, by: 'meta' });
    expect(answer).toBe('["reached 200","failed"]');
    expect(asked).toEqual(['/secret', '/secret']);
  });
});

/** A page with everything that a policy could refuse it: what it loads comes from the Worker. */
const PAGE = `<!doctype html><link rel="stylesheet" href="/style.css"><style>p { color: red }</style>
  <p style="margin: 0" onclick="this.textContent = 'handled'">text</p><img src="/dot.svg"><audio src="/sound.wav" preload="auto"></audio>
  <script src="/classic.js"></script>
  <script type="module">
    import { word } from './module.js';
    const p = document.querySelector('p');
    p.click();
    const image = document.querySelector('img');
    if (!image.complete) await new Promise((resolve) => { image.onload = image.onerror = resolve; });
    await document.fonts.load('12px mine').catch(() => {});
    const { color, margin } = getComputedStyle(p);
    const { backgroundColor } = getComputedStyle(document.body);
    const data = await (await fetch('/data')).text();
    document.body.append([word, classic, p.textContent, color, margin, backgroundColor, image.naturalWidth, data].join(' '));
  </script>`;
const FILES: Readonly<Record<string, [type: string, text: string]>> = {
  '/': ['text/html', PAGE],
  '/style.css': ['text/css', '@font-face { font-family: mine; src: url(font.woff2) } body { background: lime }'],
  '/font.woff2': ['font/woff2', 'no font'],
  '/sound.wav': ['audio/wav', 'no sound'],
  '/dot.svg': ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>'],
  '/classic.js': ['text/javascript', 'var classic = "classic";'],
  '/module.js': ['text/javascript', 'export const word = "module";'],
  '/data': ['text/plain', 'data'],
};
const SHOWN = 'module classic handled rgb(255, 0, 0) 0px rgb(0, 255, 0) 7 data';

describe('a preview', () => {
  /** Opens the page in a preview. */
  const open = async (policy: string) => {
    const { page, complaints } = await openEmbedder({ policy, by: 'header' });
    await page.waitForFunction(() => 'durabox' in window);
    await page.evaluate(
      async ({ files }) => {
        const program = `const files = ${JSON.stringify(files)};
          export default { fetch(request) {
            const [type, text] = files[new URL(request.url).pathname] ?? ['text/plain', ''];
            return new Response(text, { headers: { 'content-type': type } });
          } };`;
        const sim = await window.durabox.Simulator.open({ name: 'preview', modules: { 'index.js': program } });
        const frame = document.createElement('iframe');
        document.body.append(frame);
        await sim
          .preview(frame, { url: '/' })
          .navigate('/')
          .catch(() => {});
      },
      { files: FILES },
    );
    return { page, complaints };
  };

  test("shows a whole page under the README's policy, and is refused something without each source that is added for it", async () => {
    const { page, complaints } = await open(WITH_PREVIEW);
    await page.frameLocator('iframe').getByText(SHOWN).waitFor();
    expect(complaints).toEqual([]);
    const known = weakened(SAME_ORIGIN).map(({ without }) => without);
    const added = weakened(WITH_PREVIEW).filter(({ without }) => !known.includes(without));
    expect(added.map(({ without }) => without)).toEqual([
      "script-src 'unsafe-inline'",
      ...["style-src 'unsafe-inline'", 'style-src blob:', 'img-src blob:', 'font-src blob:', 'media-src blob:'],
      'base-uri http://localhost:8787',
    ]);
    for (const { without, policy } of added) {
      const weaker = await open(policy);
      await expect.poll(() => weaker.complaints, { message: without, timeout: 10_000 }).not.toEqual([]);
      await weaker.page.close();
    }
  });
});

describe("the playground's page", () => {
  test('keeps within its policy while it runs an example, shows its page and what is stored', async () => {
    const { origin } = await serve({ folders: { '/site/': site } });
    const { page, complaints } = await openPage();
    await page.goto(`${origin}/site/?example=sessions`);
    await page.locator('.deployment[data-state=running]').waitFor();
    await page.locator('.cm-content').waitFor();
    const shown = page.frameLocator('iframe[title="Page in browser 1"]');
    await shown.getByRole('textbox', { name: 'Your name' }).fill('Ada');
    await shown.getByRole('button', { name: 'Sign in' }).click();
    await shown.getByText('You are Ada. Visit 1').waitFor();
    expect(complaints).toEqual([]);

    // And it is in force.
    const refused = await page.evaluate(async () => {
      const directives: string[] = [];
      addEventListener('securitypolicyviolation', ({ effectiveDirective }) => directives.push(effectiveDirective));
      await fetch('http://plain.example/').catch(() => {});
      new Worker(URL.createObjectURL(new Blob([''])));
      const frame = document.body.appendChild(document.createElement('iframe'));
      frame.src = '/site/';
      const plugin = document.body.appendChild(document.createElement('object'));
      plugin.data = '/site/';
      const form = document.body.appendChild(document.createElement('form'));
      form.action = '/elsewhere';
      form.submit();
      const deadlineMs = performance.now() + 5000;
      while (directives.length < 5 && performance.now() < deadlineMs) await new Promise(requestAnimationFrame);
      return directives.sort();
    });
    expect(refused).toEqual(['connect-src', 'form-action', 'frame-src', 'object-src', 'worker-src']);
  });
});
