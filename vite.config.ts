import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { BROWSER_ARGS, findBrowser } from './test/support/find-browser.ts';
import { realms } from './tools/realms.ts';

const browser = process.env['VITEST'] ? findBrowser() : undefined;
const long = process.env['DURABOX_LONG'] === '1';

export default defineConfig({
  plugins: [realms()],
  server: { port: 4242, host: '127.0.0.1', cors: true },
  optimizeDeps: { include: ['comlink', 'idb', '@noble/hashes/sha2.js', '@noble/hashes/hmac.js'] },
  test: {
    testTimeout: long ? 600_000 : 60_000,
    hookTimeout: 60_000,
    reporters: ['default'],
    projects: [
      {
        extends: true,
        test: { name: 'unit', environment: 'node', include: ['test/unit/**/*.test.ts', 'test/architecture.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'browser',
          include: ['test/browser/**/*.test.ts'],
          fileParallelism: false,
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
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          environment: 'node',
          include: ['test/e2e/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: long ? 900_000 : 120_000,
        },
      },
    ],
  },
});
