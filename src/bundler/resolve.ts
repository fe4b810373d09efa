/**
 * What a specifier names: a file of the project, or something that the runtime brings.
 *
 * Promise: a relative specifier finds what TypeScript's and wrangler's bundler would find: the file itself, the file
 * with an ending put on, the `.ts` behind a written `.js`, the `index` of a folder. Everything else is a runtime module
 * (`cloudflare:*`, `node:*`), a file of an npm package that is among the modules, or a sentence that says why it cannot
 * be had.
 */
import { didYouMean, nearest } from './faults.ts';
import { type Files, findPackage, inBrowser, packageName, type RequestKind } from './packages.ts';
import { normalizePath } from './project.ts';

export type Resolution = { file: string } | { external: string } | { empty: true } | { fault: string };

export interface ResolveOptions {
  kind: RequestKind;
  /** Node's modules may be written without `node:`, and win over packages of the same names */
  hasNode: boolean;
}

const ENDINGS = ['.ts', '.tsx', '.mts', '.js', '.jsx', '.mjs', '.cjs', '.json'];
/** what may stand in the project where `.js` and its kin are written */
const WRITTEN_FOR: Record<string, string[]> = {
  '.js': ['.ts', '.tsx', '.jsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts'],
};

/** Modules of Node that may be written without `node:`. */
const NODE_MODULES = new Set([
  ...['assert', 'async_hooks', 'buffer', 'child_process', 'cluster', 'console', 'constants', 'crypto', 'dgram'],
  ...[
    'diagnostics_channel',
    'dns',
    'domain',
    'events',
    'fs',
    'http',
    'http2',
    'https',
    'inspector',
    'module',
    'net',
    'os',
  ],
  ...[
    'path',
    'perf_hooks',
    'process',
    'punycode',
    'querystring',
    'readline',
    'repl',
    'stream',
    'string_decoder',
    'sys',
  ],
  ...['timers', 'tls', 'trace_events', 'tty', 'url', 'util', 'v8', 'vm', 'wasi', 'worker_threads', 'zlib'],
]);

/** Resolves `specifier` as written in the file `from`; a `fault` is a whole sentence. */
export function resolveSpecifier(
  specifier: string,
  from: string,
  files: Files,
  { kind, hasNode }: ResolveOptions,
): Resolution {
  if (/^(?:cloudflare|node):/.test(specifier)) return { external: specifier };
  if (/^\.{0,2}\//.test(specifier) || specifier === '.' || specifier === '..')
    return resolveFile(specifier, from, files);
  const isOfNode = NODE_MODULES.has(specifier.split('/')[0] as string) && !specifier.endsWith('/');
  if (isOfNode && hasNode) return { external: `node:${specifier}` };
  if (/^[a-z][a-z0-9+.-]*:/i.test(specifier)) {
    return {
      fault: `cannot import "${specifier}" in ${from}: only files of the project, cloudflare:* and node:* modules can be imported.`,
    };
  }
  const found = findPackage(specifier, from, files, kind);
  if (found && 'file' in found) return packageFile(found.file, specifier, from, files);
  if (found) return 'fault' in found ? { fault: `${from} imports "${specifier}": ${found.fault}` } : found;
  if (isOfNode) return { external: `node:${specifier}` };
  const name = packageName(specifier);
  return {
    fault: `${from} imports "${specifier}", and the package "${name}" is not among the modules: add its files under "node_modules/${name}/".`,
  };
}

function packageFile(path: string, specifier: string, from: string, files: Files): Resolution {
  const plain = normalizePath(path) ?? path;
  const file = candidates(plain, path.endsWith('/')).find((candidate) => files.has(candidate));
  if (file !== undefined) return inBrowser(file, files);
  return {
    fault: `${from} imports "${specifier}", which is "${plain}" of its package, and that is not among the modules.`,
  };
}

function resolveFile(specifier: string, from: string, files: Files): Resolution {
  const folder = specifier.startsWith('/') ? '' : from.slice(0, from.lastIndexOf('/') + 1);
  const written = specifier.replace(/\?module$/, '');
  const path = normalizePath(folder + written);
  if (path === undefined) return { fault: `"${specifier}" in ${from} points outside the project.` };
  const isFolder = /(?:^|\/)\.{0,2}$/.test(written);
  const found = candidates(path, isFolder).find((candidate) => files.has(candidate));
  if (found !== undefined) return inBrowser(found, files);
  const meant = nearest(path, withoutEndings(files.keys()));
  const hint = didYouMean(meant === undefined ? undefined : relative(folder, meant));
  return { fault: `cannot find the module "${specifier}" that ${from} imports${hint}` };
}

function candidates(path: string, isFolder: boolean): string[] {
  const inside = ENDINGS.map((ending) => (path === '' ? `index${ending}` : `${path}/index${ending}`));
  if (isFolder) return inside;
  const ending = /\.[^./]+$/.exec(path)?.[0] ?? '';
  const instead = (WRITTEN_FOR[ending] ?? []).map((other) => path.slice(0, -ending.length) + other);
  return [path, ...instead, ...ENDINGS.map((other) => path + other), ...inside];
}

function* withoutEndings(paths: Iterable<string>): Iterable<string> {
  for (const path of paths) {
    yield path;
    if (/\.(?:ts|tsx|mts|js|jsx|mjs)$/.test(path)) yield path.slice(0, path.lastIndexOf('.'));
  }
}

/** `path` as a specifier would say it from inside `folder` (which ends in a slash, or is empty). */
function relative(folder: string, path: string): string {
  const here = folder.split('/').slice(0, -1);
  const there = path.split('/');
  let shared = 0;
  while (shared < here.length && shared < there.length - 1 && here[shared] === there[shared]) shared++;
  const up = '../'.repeat(here.length - shared);
  return (up || './') + there.slice(shared).join('/');
}
