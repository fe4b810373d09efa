/**
 * Plays scenarios on the simulator, in a page of a real browser.
 *
 * Promise: every scenario has an account of its own, which is gone afterwards. Scenarios may be played at once, each in a page
 * and a browser that play nothing else meanwhile. One that fails costs no other: its browser is thrown away. What the page
 * complained of is in the failure's text.
 *
 * Knows nothing of transcripts. `DURABOX_CONFORMANCE_STORAGE` chooses the storage; memory is the default.
 */
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import { createServer, type Plugin } from 'vite';
import { openProfile } from '../../support/profile.ts';
import { packageFiles } from '../packages.ts';
import { type Driver, play, type Target, type TargetSocket } from '../play.ts';
import { prelude } from '../prelude.ts';
import { completeConfig, mainOf, otherConfig, type Scenario } from '../scenario.ts';
import type { SimulatorPage } from './simulator-page.ts';

declare global {
  /** set by `simulator-page.ts` in the page */
  var simulatorPage: SimulatorPage | undefined;
}

const root = fileURLToPath(new URL('../../..', import.meta.url));
const pagePath = '/conformance-page';
const pageModule = '/test/conformance/drivers/simulator-page.ts';

/** Starts a server for the sources, a browser and a page. @throws Error when one of them does not start */
export async function openSimulator(): Promise<Driver> {
  const server = await createServer({
    root,
    configFile: `${root}vite.config.ts`,
    cacheDir: `${root}node_modules/.vite-conformance`,
    logLevel: 'error',
    clearScreen: false,
    plugins: [emptyPage()],
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
  });
  await server.listen();
  const origin = server.resolvedUrls?.local[0];
  if (!origin) throw new Error('The server of the sources has no address.');
  const stages: Stage[] = [];
  const free: Stage[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(stages.map((stage) => stage.close()));
    await server.close();
  };
  const open = async (): Promise<Stage> => {
    const stage = await openStage(new URL(pagePath, origin).href);
    stages.push(stage);
    return stage;
  };
  try {
    // What does not load at all is said once, and not by every scenario.
    free.push(await open());
  } catch (cause) {
    await close();
    throw cause;
  }
  return {
    name: 'simulator',
    close,
    async run(scenario) {
      const stage = free.pop() ?? (await open());
      const lines = await stage.run(scenario);
      free.push(stage);
      return lines;
    },
  };
}

/** A page that plays one scenario after the other. */
interface Stage {
  run(scenario: Scenario): Promise<string[]>;
  /** Also when it was thrown away. */
  close(): Promise<void>;
}

/** In a browser of its own, so that pages share no storage, and no process that one of them may keep busy. */
async function openStage(url: string): Promise<Stage> {
  const context = await openProfile();
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error.stack ?? error)));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  try {
    await page.goto(url);
    await page.waitForFunction(() => globalThis.simulatorPage !== undefined);
  } catch (cause) {
    await context.close();
    throw new Error(`The simulator did not load in the page.\n${complaints.join('\n')}`, { cause });
  }
  return {
    close: () => context.close(),
    async run(scenario) {
      complaints.length = 0;
      try {
        const target = await openTarget(page, scenario);
        const lines = await play(scenario, target);
        await page.evaluate((id) => globalThis.simulatorPage?.close(id), scenario.id);
        return lines;
      } catch (cause) {
        const heard = complaints.slice(-20).join('\n');
        await context.close();
        throw new Error(`${scenario.id}: ${cause instanceof Error ? cause.message : cause}\n${heard}`, { cause });
      }
    },
  };
}

/** Opens the scenario's account in the page and returns the way to its Worker. */
async function openTarget(page: Page, scenario: Scenario): Promise<Target> {
  const other = otherConfig(scenario);
  const modulesOf = (program: string, main = 'index.js') => ({ [main]: program, 'prelude.js': prelude });
  const origin = await page.evaluate((order) => globalThis.simulatorPage?.open(order), {
    id: scenario.id,
    workers: [
      {
        modules: {
          ...packageFiles(scenario.packages ?? []),
          ...modulesOf(scenario.program, mainOf(scenario)),
          ...scenario.modules,
        },
        config: completeConfig(scenario),
      },
      ...(other && scenario.other ? [{ modules: modulesOf(scenario.other.program), config: other }] : []),
    ],
    storage: process.env['DURABOX_CONFORMANCE_STORAGE'] ?? 'memory',
    advanceMs: scenario.advanceMs,
    outside: typeof scenario.outside === 'object' ? scenario.outside.module : undefined,
  });
  if (origin === undefined) throw new Error('The page has lost its simulator.');
  return {
    origin,
    async fetch(path, options) {
      const reply = await page.evaluate((order) => globalThis.simulatorPage?.fetch(order), {
        id: scenario.id,
        path,
        options,
      });
      if (!reply) throw new Error('The page has lost its simulator.');
      return reply;
    },
    async socket(path, options) {
      const opened = await page.evaluate((order) => globalThis.simulatorPage?.openSocket(order), {
        id: scenario.id,
        path,
        options,
      });
      if (!opened) throw new Error('The page has lost its simulator.');
      const { socket: number, ...rest } = opened;
      return { ...rest, socket: number === undefined ? undefined : socketOf(page, number) };
    },
    async scheduled(event) {
      const outcome = await page.evaluate((order) => globalThis.simulatorPage?.scheduled(order), {
        id: scenario.id,
        event,
      });
      if (!outcome) throw new Error('The page has lost its simulator.');
      return outcome;
    },
    async wait(ms) {
      await page.evaluate((order) => globalThis.simulatorPage?.wait(order), { id: scenario.id, ms });
    },
  };
}

function socketOf(page: Page, socket: number): TargetSocket {
  return {
    send: (data) => page.evaluate((order) => globalThis.simulatorPage?.sendOn(order), { socket, data }),
    close: (code, reason) =>
      page.evaluate((order) => globalThis.simulatorPage?.closeSocket(order), { socket, code, reason }),
    terminate: () => page.evaluate((order) => globalThis.simulatorPage?.terminate(order), { socket }),
    async next() {
      const heard = await page.evaluate((order) => globalThis.simulatorPage?.hear(order), { socket });
      if (!heard) throw new Error('The page has lost its simulator.');
      return heard;
    },
  };
}

/** Serves a document that does nothing but load the page's module. */
function emptyPage(): Plugin {
  return {
    name: 'conformance-page',
    configureServer(server) {
      server.middlewares.use(pagePath, (_request, response) => {
        response.setHeader('content-type', 'text/html');
        response.end(`<!doctype html><title>conformance</title><script type="module" src="${pageModule}"></script>`);
      });
    },
  };
}
