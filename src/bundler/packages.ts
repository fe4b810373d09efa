/**
 * npm packages among the project's files: what a bare specifier names in `node_modules`.
 *
 * Promise: a package is found as wrangler's bundler finds it: in the nearest `node_modules` above the importer, by the
 * `exports` of its package.json under the conditions workerd, worker and browser, else by `browser`, `module`, `main`.
 * Nothing is fetched: a package that is not among the files is undefined.
 * @see https://nodejs.org/api/packages.html#package-entry-points
 */
import { fileText, normalizePath } from './project.ts';

export interface Files {
  has(path: string): boolean;
  keys(): Iterable<string>;
  get(path: string): string | Uint8Array | undefined;
}

export type RequestKind = 'import' | 'require';

/** `file` is to be looked for with endings; `empty` is what `browser: false` leaves of a module. */
export type PackageTarget = { file: string } | { empty: true } | { fault: string };

/** Under which a package's `exports` are read, as wrangler does. */
export const CONDITIONS = ['workerd', 'worker', 'browser', 'default'];

/** `@scope/name` or `name` of a bare specifier. */
export function packageName(specifier: string): string {
  return specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
}

export function findPackage(
  specifier: string,
  from: string,
  files: Files,
  kind: RequestKind,
): PackageTarget | undefined {
  const own = ownerOf(from, files);
  if (specifier.startsWith('#')) return own && mapped(own, 'imports', specifier, kind);
  if (own && browserMap(own)[specifier] === false) return { empty: true };
  const name = packageName(specifier);
  const subpath = `.${specifier.slice(name.length).replace(/\/$/, '')}`;
  if (own && own.json['name'] === name && own.json['exports'] !== undefined)
    return mapped(own, 'exports', subpath, kind);
  const folder = folderOf(name, from, files);
  if (folder === undefined) return undefined;
  const found = readPackage(folder, files);
  if (found.json['exports'] !== undefined && found.json['exports'] !== null) {
    return mapped(found, 'exports', subpath, kind);
  }
  if (subpath !== '.') return { file: `${folder}/${subpath.slice(2)}` };
  return { file: `${folder}/${entryOf(found, kind)}` };
}

/** What stands for `path` in a browser, by the package.json of its package. */
export function inBrowser(path: string, files: Files): PackageTarget {
  const own = path.includes('node_modules/') ? ownerOf(path, files) : undefined;
  if (!own) return { file: path };
  const inside = `./${path.slice(own.folder.length + 1)}`;
  const map = browserMap(own);
  const instead = map[inside] ?? map[inside.replace(/\.[^./]+$/, '')];
  if (instead === false) return { empty: true };
  if (typeof instead !== 'string') return { file: path };
  return { file: normalizePath(`${own.folder}/${instead}`) ?? path };
}

interface Package {
  folder: string;
  json: Record<string, unknown>;
}

function readPackage(folder: string, files: Files): Package {
  const content = files.get(`${folder}/package.json`);
  if (content === undefined) return { folder, json: {} };
  const json: unknown = JSON.parse(fileText(content));
  return { folder, json: isRecord(json) ? json : {} };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The package that a file of `node_modules`, or of the project, belongs to. */
function ownerOf(path: string, files: Files): Package | undefined {
  for (let at = path.lastIndexOf('/'); at >= 0; at = path.lastIndexOf('/', at - 1)) {
    const folder = path.slice(0, at);
    if (files.has(`${folder}/package.json`)) return readPackage(folder, files);
    if (at === 0) break;
  }
  return files.has('package.json') ? readPackage('', files) : undefined;
}

function folderOf(name: string, from: string, files: Files): string | undefined {
  const parts = from.split('/').slice(0, -1);
  for (let depth = parts.length; depth >= 0; depth--) {
    const folder = [...parts.slice(0, depth), 'node_modules', name].join('/');
    if (files.has(`${folder}/package.json`)) return folder;
    for (const path of files.keys()) if (path.startsWith(`${folder}/`)) return folder;
  }
  return undefined;
}

function entryOf({ json }: Package, kind: RequestKind): string {
  const fields = kind === 'require' ? ['browser', 'main', 'module'] : ['browser', 'module', 'main'];
  for (const field of fields) if (typeof json[field] === 'string') return json[field];
  return 'index';
}

function browserMap({ json }: Package): Record<string, unknown> {
  return isRecord(json['browser']) ? json['browser'] : {};
}

function mapped(
  { folder, json }: Package,
  field: 'exports' | 'imports',
  subpath: string,
  kind: RequestKind,
): PackageTarget {
  const name = String(json['name'] ?? folder);
  const table = field === 'exports' && !isSubpathTable(json[field]) ? { '.': json[field] } : json[field];
  const target = isRecord(table) ? lookUp(table, subpath, [kind, ...CONDITIONS]) : undefined;
  if (typeof target !== 'string') {
    const what =
      field === 'exports' ? `"${subpath}" is not among the "exports"` : `"${subpath}" is not among the "imports"`;
    return { fault: `${what} of the package "${name}" (for workerd, worker, browser or default).` };
  }
  const path = normalizePath(`${folder}/${target}`);
  return path === undefined ? { fault: `the package "${name}" points outside of itself.` } : { file: path };
}

function isSubpathTable(value: unknown): boolean {
  return isRecord(value) && Object.keys(value).every((key) => key.startsWith('.'));
}

function lookUp(table: Record<string, unknown>, subpath: string, conditions: readonly string[]): string | undefined {
  if (Object.hasOwn(table, subpath)) return byCondition(table[subpath], conditions);
  let best: { key: string; rest: string } | undefined;
  for (const key of Object.keys(table)) {
    const star = key.indexOf('*');
    const isFolder = key.endsWith('/') && subpath.startsWith(key);
    if (star < 0 && !isFolder) continue;
    const [head, tail] = star < 0 ? [key, ''] : [key.slice(0, star), key.slice(star + 1)];
    const fits = subpath.startsWith(head) && subpath.endsWith(tail) && subpath.length >= head.length + tail.length;
    if (!fits || (best && best.key.length > key.length)) continue;
    best = { key, rest: subpath.slice(head.length, subpath.length - tail.length) };
  }
  if (!best) return undefined;
  const target = byCondition(table[best.key], conditions);
  return best.key.includes('*') ? target?.replaceAll('*', best.rest) : target && target + best.rest;
}

function byCondition(target: unknown, conditions: readonly string[]): string | undefined {
  if (typeof target === 'string') return target;
  if (Array.isArray(target)) return target.map((one) => byCondition(one, conditions)).find((one) => one !== undefined);
  if (!isRecord(target)) return undefined;
  for (const [condition, inner] of Object.entries(target)) {
    if (!conditions.includes(condition)) continue;
    const found = byCondition(inner, conditions);
    if (found !== undefined) return found;
  }
  return undefined;
}
