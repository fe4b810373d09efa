/**
 * Runs the benchmark: builds, serves, starts a browser and workerd, measures the rows one after the other.
 *
 * Promise: of each row the two sides alternate, in either order, until there are enough pairs and the row's time is used up;
 * nothing is asserted. What is measured is the library as `npm run build` makes it, from a plain static server.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Log, LogLevel, Miniflare } from 'miniflare';
import { type BrowserContext, chromium, type Page } from 'playwright-core';
import { build } from 'vite';
import { buildRealm, REALMS, type RealmFile } from '../../tools/realms.ts';
import { wovenSqlJs } from '../../tools/row-counts.ts';
import { BROWSER_ARGS, findBrowser } from '../support/find-browser.ts';
import { Meter, memoryRows } from './memory.ts';
import { COUNTS, config, program } from './program.ts';
import { judge, judgeMemory, type Pair, type Result, table } from './report.ts';
import type { Row, Side } from './row.ts';
import { rows } from './rows.ts';

export interface BenchOptions {
  /** only rows whose id begins with one of these; empty: all */
  readonly only: readonly string[];
  readonly long: boolean;
  readonly json: boolean;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const PAIRS_MIN = 15;
const PAIRS_MAX = 41;
/** A row stops when it has its pairs and has taken this long. */
const ROW_MS = 6_000;

export async function runBench({ only, long, json }: BenchOptions): Promise<void> {
  const isWanted = (row: { id: string; long?: true }) =>
    (long || !row.long) && (only.length === 0 || only.some((id) => row.id.startsWith(id)));
  const wanted = rows.filter(isWanted);
  const say = (text: string) => {
    if (!json) console.log(text);
  };
  const loadBefore = os.loadavg();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'durabox-bench-'));
  await buildAll(folder);
  const site = await serve(folder);
  const runtime = wanted.some((row) => row.other.at === 'workerd') ? startWorkerd() : undefined;
  const executablePath = findBrowser();
  // A profile of its own, on the disk: what a browser keeps for a page without one is kept in memory.
  const browser = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    args: BROWSER_ARGS,
    ...(executablePath ? { executablePath } : {}),
  });
  const results: Result[] = [];
  try {
    const version = browser.browser()?.version() ?? 'of unknown version';
    // A page of its own for each: no row sees the threads and databases of another.
    const onPage = async (take: (page: Page) => Promise<Result>) => {
      const page = await openPage(browser, site.origin);
      results.push(await take(page));
      say(table(results.slice(-1)).split('\n')[1] ?? '');
      await page.evaluate(() => globalThis.bench?.close());
      await page.close();
    };
    for (const row of wanted) {
      await onPage(async (page) => judge(row, await measure(row, (side) => sample(side, page, runtime))));
    }
    for (const row of memoryRows.filter(isWanted)) {
      await onPage(async (page) => judgeMemory(row, await row.measure(await Meter.of(page, browser))));
    }
    const load = { before: loadBefore, after: os.loadavg() };
    if (json) console.log(JSON.stringify({ browser: version, cores: os.cpus().length, load, results }, undefined, 2));
    else {
      say(`\n${table(results)}`);
      say(
        `\nChromium ${version}, ${os.cpus().length} cores, load ${loadText(load.before)} before, ${loadText(load.after)} after.`,
      );
      say('Ratios are of pairs measured one after the other. On a machine that does other work too, run it again.');
    }
  } finally {
    await browser.close();
    await runtime?.dispose();
    site.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function openPage(browser: BrowserContext, origin: string): Promise<Page> {
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') console.error(message.text());
  });
  await page.goto(`${origin}/`);
  await page.waitForFunction(() => globalThis.bench !== undefined);
  return page;
}

async function measure(row: Row, take: (side: Side) => Promise<number>): Promise<Pair[]> {
  // The first of each makes what the others use.
  await take(row.ours);
  await take(row.other);
  const pairs: Pair[] = [];
  const start = performance.now();
  const pairsMin = row.pairs ?? PAIRS_MIN;
  while (pairs.length < pairsMin || (performance.now() - start < ROW_MS && pairs.length < PAIRS_MAX)) {
    pairs.push(await measurePair(row, take, pairs.length % 2 === 0));
  }
  return pairs;
}

/** One pair: of several samples of either side in turns, their mean. */
async function measurePair(row: Row, take: (side: Side) => Promise<number>, isOursFirst: boolean): Promise<Pair> {
  const { turns = 1 } = row;
  let [oursMs, otherMs] = [0, 0];
  for (let turn = 0; turn < turns; turn++) {
    if (isOursFirst) oursMs += await take(row.ours);
    otherMs += await take(row.other);
    if (!isOursFirst) oursMs += await take(row.ours);
  }
  return { oursMs: oursMs / turns, otherMs: otherMs / turns };
}

async function sample(side: Side, page: Page, runtime: Miniflare | undefined): Promise<number> {
  switch (side.at) {
    case 'page': {
      const ms = await page.evaluate(({ subject, args }) => globalThis.bench?.sample(subject, args), {
        subject: side.subject,
        args: side.args ?? [],
      });
      if (ms === undefined) throw new Error('The page has lost the benchmark.');
      return ms;
    }
    case 'workerd': {
      const count = COUNTS[side.route];
      const response = await runtime?.dispatchFetch(`http://bench.test/${side.route}?count=${count}`);
      if (response?.status !== 200) throw new Error(`workerd: ${await response?.text()}`);
      return ((await response.json()) as number) / count;
    }
    default:
      return side satisfies never;
  }
}

function startWorkerd(): Miniflare {
  return new Miniflare({
    log: new Log(LogLevel.NONE),
    cf: false,
    name: config.name,
    modules: [{ type: 'ESModule', path: 'index.js', contents: program }],
    compatibilityDate: config.compatibility_date,
    durableObjects: { BENCH: { className: 'Bench', useSQLite: true } },
  });
}

/** Everything in one folder, as an embedder would serve it. */
async function buildAll(folder: string): Promise<void> {
  const realm = async (file: RealmFile): Promise<void> => {
    if (file === 'typescript.js') return;
    await writeFile(path.join(folder, file), (await buildRealm(file, { minify: true })).code);
  };
  await Promise.all([
    ...(Object.keys(REALMS) as RealmFile[]).map(realm),
    bundle(folder, 'page.js', 'test/bench/page.ts'),
    bundle(folder, 'spawn.worker.js', 'test/bench/spawn.worker.ts'),
    wovenSqlJs().then((wasm) => writeFile(path.join(folder, 'sql-wasm.wasm'), wasm)),
    writeFile(
      path.join(folder, 'index.html'),
      '<!doctype html><title>bench</title><link rel="icon" href="data:," /><script type="module" src="page.js"></script>',
    ),
  ]);
}

async function bundle(folder: string, file: string, entry: string): Promise<void> {
  await build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    base: './',
    worker: { format: 'es' },
    build: {
      outDir: folder,
      emptyOutDir: false,
      minify: true,
      target: 'es2022',
      modulePreload: false,
      reportCompressedSize: false,
      rolldownOptions: {
        input: path.join(root, entry),
        output: { format: 'es', entryFileNames: file, codeSplitting: false },
        onwarn(warning, warn) {
          if (warning.code !== 'EVAL') warn(warning);
        },
      },
    },
  });
}

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.wasm': 'application/wasm',
};

/** Longer than any run of all rows takes. */
const KEPT_S = 3600;

async function serve(folder: string): Promise<{ origin: string; close(): void }> {
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://localhost');
    const file = path.join(folder, path.normalize(pathname === '/' ? '/index.html' : pathname));
    readFile(file).then(
      (bytes) => {
        response.setHeader('content-type', TYPES[path.extname(file)] ?? 'application/octet-stream');
        // For a while a browser need not ask again, as with most hosts of static files; then it keeps what it has compiled, too.
        response.setHeader('cache-control', `max-age=${KEPT_S}`);
        response.end(bytes);
      },
      () => {
        response.statusCode = 404;
        response.end();
      },
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close: () => server.close() };
}

const loadText = (load: readonly number[]) => load.map((value) => value.toFixed(1)).join(' ');
