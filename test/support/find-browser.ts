/**
 * Finds a Chromium-family browser that is already installed.
 *
 * Promise: never downloads anything. `undefined` means that none was found, and Playwright's own is tried next.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';

/** As root there is no sandbox to be had; the others keep a test browser from talking to anyone but the page. */
export const BROWSER_ARGS = [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-gpu',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--js-flags=--expose-gc',
];

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge', 'msedge'];

const FIXED: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [process.env['PROGRAMFILES'], process.env['PROGRAMFILES(X86)'], process.env['LOCALAPPDATA']].flatMap((base) =>
    base
      ? [
          path.join(base, 'Google/Chrome/Application/chrome.exe'),
          path.join(base, 'Microsoft/Edge/Application/msedge.exe'),
          path.join(base, 'Chromium/Application/chrome.exe'),
        ]
      : [],
  ),
};

/** Path of an installed Chrome, Chromium or Edge; `DURABOX_BROWSER` overrides the search. */
export function findBrowser(): string | undefined {
  const asked = process.env['DURABOX_BROWSER'];
  if (asked) return asked;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  const onPath = NAMES.flatMap((name) => folders.map((folder) => path.join(folder, name)));
  return [...onPath, ...(FIXED[process.platform] ?? [])].find((file) => existsSync(file));
}

/** Path of an installed Firefox, for the cross-browser run. */
export function findFirefox(): string | undefined {
  const asked = process.env['DURABOX_FIREFOX'];
  if (asked) return asked;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return ['firefox', 'firefox-esr']
    .flatMap((name) => folders.map((folder) => path.join(folder, name)))
    .concat('/Applications/Firefox.app/Contents/MacOS/firefox')
    .find((file) => existsSync(file));
}
