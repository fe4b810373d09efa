/**
 * The built library and site, for tests of what is shipped.
 *
 * Promise: what is handed out is not older than its sources; it is built when there is none.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(import.meta.dirname, '../..');

/** `dist/` and `dist-playground/`, built now unless they are fresh. */
export function builtFolders(): { library: string; site: string } {
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

function modifiedMs(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

function newestMs(place: string): number {
  if (!statSync(place).isDirectory()) return modifiedMs(place);
  const files = readdirSync(place, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Math.max(...files.map((entry) => modifiedMs(path.join(entry.parentPath, entry.name))));
}
