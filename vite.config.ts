import os from 'node:os';
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { BROWSER_ARGS, findBrowser } from './test/support/find-browser.ts';
import { realms } from './tools/realms.ts';

const isTest = Boolean(process.env['VITEST']);
const browser = isTest ? findBrowser() : undefined;
const long = process.env['DURABOX_LONG'] === '1';

/** Vitest leaves a core free, of two as well: then one file is played after the other, and half of the machine looks on. */
const cores = os.availableParallelism();
const FILES_AT_ONCE = Math.max(2, cores - 1);
/** One page of tests with its simulators uses more than one core while it computes, and none while it waits. */
const PAGES_AT_ONCE = Math.max(2, cores >> 1);

const BUNDLED = [
  '@codemirror/autocomplete',
  '@codemirror/commands',
  '@codemirror/lang-javascript',
  '@codemirror/lang-json',
  '@codemirror/language',
  '@codemirror/lint',
  '@codemirror/search',
  '@codemirror/state',
  '@codemirror/view',
  '@lezer/highlight',
  '@noble/hashes/hmac.js',
  '@noble/hashes/legacy.js',
  '@noble/hashes/sha2.js',
  '@preact/signals-core',
  'comlink',
  'idb',
  'lit/directives/live.js',
  'lit/directives/ref.js',
  'lit/directives/repeat.js',
  'lit/html.js',
];

/** Hundreds of threads at once, or a transaction of 100 MB: these use all that there is. The others mostly wait, and are played two at once. */
const ALONE = ['crash-large', 'pool'].map((name) => `test/e2e/${name}.test.ts`);

const endToEnd = {
  environment: 'node',
  globalSetup: 'test/support/e2e-server.ts',
  testTimeout: long ? 900_000 : 120_000,
} as const;

export default defineConfig({
  // Whoever edits has the page loaded again at once; tests open simulators one after the other.
  plugins: [realms({ cachedS: isTest ? 2 : 0 })],
  server: { port: 4242, host: '127.0.0.1', cors: true },
  // Everything that is imported anywhere: what the dev server finds only later makes it reload the page.
  optimizeDeps: { include: BUNDLED },
  test: {
    testTimeout: long ? 600_000 : 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
    maxWorkers: FILES_AT_ONCE,
    projects: [
      {
        extends: true,
        test: { name: 'unit', environment: 'node', include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          provide: { isLong: long },
          include: ['test/browser/**/*.test.ts'],
          maxWorkers: PAGES_AT_ONCE,
          browser: {
            enabled: true,
            headless: true,
            screenshotFailures: false,
            provider: playwright({
              launchOptions: { args: BROWSER_ARGS, ...(browser ? { executablePath: browser } : {}) },
            }),
            instances: [{ browser: 'chromium' }],
          },
        },
      },
      {
        extends: true,
        test: {
          name: 'conformance',
          environment: 'node',
          include: ['test/conformance/**/*.test.ts'],
          testTimeout: 180_000,
          maxConcurrency: PAGES_AT_ONCE,
        },
      },
      {
        extends: true,
        test: {
          ...endToEnd,
          name: 'e2e-beside',
          include: ['test/e2e/**/*.test.ts'],
          exclude: ALONE,
          maxWorkers: PAGES_AT_ONCE,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: { ...endToEnd, name: 'e2e', include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } },
      },
    ],
  },
});
