/**
 * The built library and site, for tests of what is shipped.
 *
 * Promise: what is handed out is not older than its sources; it is built when there is none, and once however many ask for it:
 * files of tests run at once, each in a process of its own.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** `dist/` and `dist-playground/`, built now unless they are fresh. */
export function builtFolders(): { library: string; site: string } {
  return alone(path.join(ROOT, 'node_modules/.durabox-build-lock'), freshFolders);
}

function freshFolders(): { library: string; site: string } {
  const library = path.join(ROOT, 'dist');
  const site = path.join(ROOT, 'dist-playground');
  const sources = ['src', 'tools', 'playground', 'index.html', 'package-lock.json'].map((name) =>
    path.join(ROOT, name),
  );
  const written = Math.min(modifiedMs(path.join(library, 'index.js')), modifiedMs(path.join(site, 'index.html')));
  if (Math.max(...sources.map(newestMs)) > written) {
    const build = path.join(ROOT, 'tools/build.mjs');
    execFileSync(process.execPath, [build, '--quiet'], { cwd: ROOT, stdio: 'inherit' });
  }
  return { library, site };
}

const LOOK_AGAIN_MS = 100;

/** Does `work` while no other process does anything under the same lock, a file that says whose it is. */
function alone<T>(lock: string, work: () => T): T {
  while (!isTaken(lock)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_AGAIN_MS);
  try {
    return work();
  } finally {
    rmSync(lock);
  }
}

/** Whether it is ours now. One that was left by a process that is gone is thrown away. */
function isTaken(lock: string): boolean {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  if (!isOwned(lock)) rmSync(lock, { force: true });
  return false;
}

function isOwned(lock: string): boolean {
  try {
    const owner = readFileSync(lock, 'utf8');
    // Empty: it is being written.
    if (owner !== '') process.kill(Number(owner), 0);
    return true;
  } catch (error) {
    // Anything else says that it was given back just now, or that the owner is another user's.
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

function modifiedMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestMs(place: string): number {
  if (!statSync(place).isDirectory()) return modifiedMs(place);
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => modifiedMs(path.join(entry.parentPath, entry.name))));
}
