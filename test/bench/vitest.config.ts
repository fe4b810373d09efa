/** Browser measurements that no default run includes: `npx vitest run --config test/bench/vitest.config.ts <file>`. */
import { playwright } from '@vitest/browser-playwright';
import { defineConfig } from 'vitest/config';
import { BROWSER_ARGS, findBrowser } from '../support/find-browser.ts';

const browser = findBrowser();

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  optimizeDeps: { include: ['idb'] },
  test: {
    include: ['test/bench/**/*.bench.test.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    fileParallelism: false,
    browser: {
      enabled: true,
      headless: true,
      screenshotFailures: false,
      provider: playwright({ launchOptions: { args: BROWSER_ARGS, ...(browser ? { executablePath: browser } : {}) } }),
      instances: [{ browser: 'chromium' }],
    },
  },
});
