/**
 * npm packages that a scenario's program imports, as files for the simulator, which finds them as wrangler's bundler does.
 *
 * Knows nothing of what a program is.
 */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** What a project has in `node_modules` when it has installed these packages: code and `package.json`, by path. */
export function packageFiles(packages: readonly string[]): Record<string, string> {
  const files: Record<string, string> = {};
  for (const name of packages) collect(`node_modules/${name}`, files);
  return files;
}

function collect(folder: string, files: Record<string, string>): void {
  for (const entry of readdirSync(path.join(ROOT, folder), { withFileTypes: true })) {
    const at = `${folder}/${entry.name}`;
    if (entry.isDirectory()) collect(at, files);
    else if (/(\.[cm]?js|\/package\.json)$/.test(at)) files[at] = readFileSync(path.join(ROOT, at), 'utf8');
  }
}
