/**
 * The server of the sources for all end-to-end tests of a run: started once before the first file, ended after the last.
 *
 * Promise: it serves the sources as they are when they are asked for. Nothing is discovered late, so no page is reloaded under
 * a test.
 */
import { fileURLToPath } from 'node:url';
import { createServer } from 'vite';
import type { TestProject } from 'vitest/node';

const root = fileURLToPath(new URL('../..', import.meta.url));
const BLANK = '/test/support/blank.html';

export interface Sources {
  /** of the empty page */
  readonly url: string;
  /** of the playground is its root */
  readonly origin: string;
}

declare module 'vitest' {
  interface ProvidedContext {
    sources: Sources;
  }
}

/** Vitest calls this, and what it returns at the end. */
export default async function serveSources(project: TestProject): Promise<() => Promise<void>> {
  const server = await createServer({
    root,
    configFile: `${root}vite.config.ts`,
    cacheDir: `${root}node_modules/.vite-${project.name}`,
    logLevel: 'error',
    clearScreen: false,
    optimizeDeps: { noDiscovery: true },
    server: { port: 0, host: '127.0.0.1', hmr: false, watch: null },
  });
  await server.listen();
  const address = server.resolvedUrls?.local[0];
  if (!address) throw new Error('The server of the sources has no address.');
  const { origin } = new URL(address);
  project.provide('sources', { origin, url: new URL(BLANK, origin).href });
  return () => server.close();
}
