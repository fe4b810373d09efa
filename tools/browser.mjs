/**
 * Makes sure that there is a browser to test in.
 *
 * An installed Chrome, Chromium or Edge is used as it is. Without one: Debian's package where we may install it (root
 * on Debian), else Playwright's own download, else one sentence that says what to install.
 */
import { existsSync } from 'node:fs';
import { chromium } from 'playwright-core';
import { createServer } from 'vite';
import { npx, root, run } from './run.mjs';

async function find(name = 'findBrowser') {
  const server = await createServer({ root, configFile: false, server: { middlewareMode: true }, logLevel: 'error' });
  try {
    const finders = await server.ssrLoadModule('/test/support/find-browser.ts');
    return finders[name]();
  } finally {
    await server.close();
  }
}

/** Root on Debian: a container of its own, most likely. Nobody else's machine is changed. */
const mayInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');

async function install(name) {
  await run('apt-get', ['update', '-qq']);
  await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', name], {
    env: { DEBIAN_FRONTEND: 'noninteractive' },
  });
}

/** Path of a Firefox, or undefined: then the tests that need one are skipped, and say so. */
export async function findOrInstallFirefox() {
  const found = await find('findFirefox');
  if (found || !mayInstall) return found;
  console.log('No Firefox found: installing Debian’s firefox-esr.');
  await install('firefox-esr');
  return find('findFirefox');
}

/** Path of a browser. Installs one if none is found and ends the process if none can be had. */
export async function ensureBrowser() {
  const found = await find();
  if (found) return found;
  if (mayInstall) {
    console.log('No Chrome, Chromium or Edge found: installing Debian’s chromium.');
    await install('chromium');
    const installed = await find();
    if (installed) return installed;
  }
  const own = chromium.executablePath();
  if (existsSync(own)) return own;
  console.log('No Chrome, Chromium or Edge found: asking Playwright for its own.');
  await npx('playwright', ['install', 'chromium']);
  if (existsSync(own)) return own;
  console.error('The tests need a browser: install Chrome, Chromium or Edge, or set DURABOX_BROWSER to its path.');
  process.exit(1);
}
