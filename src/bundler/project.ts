/**
 * The user's files as the bundler sees them: paths in one form, the config found, the entry chosen.
 *
 * Promise: every path of a Project is relative to its root, without `./`, `..` or a leading slash, and two files never
 * have the same one. Reads no file's content but the config's and that of `.dev.vars`.
 */
import { fromUtf8 } from '../base/bytes.ts';
import type { ProjectInput } from '../protocol/deployment.ts';
import { type NormalConfig, readConfig } from './config.ts';
import { type ConfigSource, isRecord, objectSource, textSource } from './config-text.ts';
import { DEV_VARS, withDevVars } from './dev-vars.ts';
import { bundleFailed, configInvalid } from './faults.ts';

export interface Project {
  files: ReadonlyMap<string, string | Uint8Array>;
  config: NormalConfig;
  /** path of the entry; one of `files` */
  entry: string;
  /** where the config came from, for faults that only the code brings to light */
  configSource: ConfigSource;
  warnings: string[];
}

/** In wrangler's order of preference. */
const CONFIG_FILES = ['wrangler.json', 'wrangler.jsonc', 'wrangler.toml'];
const SCRIPT_ENDINGS = ['ts', 'mts', 'tsx', 'js', 'mjs', 'jsx'];

/** @throws SimulatorError `config_invalid` or `bundle_failed` (no entry, a file that is neither text nor bytes) */
export function openProject(input: ProjectInput): Project {
  const files = readFiles(input.modules);
  const { source, warnings } = findConfig(input.config, files);
  const { config: read, warnings: more } = readConfig(source);
  const secrets = files.get(DEV_VARS);
  const config = secrets === undefined ? read : { ...read, bindings: withDevVars(read.bindings, fileText(secrets)) };
  const entry = findEntry(files, input.main, config.main, source.label);
  return { files, config, entry, configSource: source, warnings: [...warnings, ...more] };
}

/** The text of a file, wherever it came from. */
export function fileText(content: string | Uint8Array): string {
  const text = typeof content === 'string' ? content : fromUtf8(content);
  return text.startsWith('\uFEFF') ? text.slice(1) : text;
}

/** Folds `.` and `..`; undefined when the path leaves the project. */
export function normalizePath(path: string): string | undefined {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part !== '..') parts.push(part);
    else if (parts.pop() === undefined) return undefined;
  }
  return parts.join('/');
}

function readFiles(modules: ProjectInput['modules']): Map<string, string | Uint8Array> {
  const files = new Map<string, string | Uint8Array>();
  for (const [key, content] of Object.entries(modules)) {
    const path = normalizePath(key);
    if (!path) throw bundleFailed(`"${key}" is not a path inside the project.`);
    if (files.has(path)) throw bundleFailed(`two modules have the path "${path}".`);
    files.set(path, readContent(path, content));
  }
  return files;
}

function readContent(path: string, content: unknown): string | Uint8Array {
  if (typeof content === 'string') return content;
  if (ArrayBuffer.isView(content)) return new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  // an ArrayBuffer of another realm is not an instance of ours
  if (Object.prototype.toString.call(content) === '[object ArrayBuffer]') return new Uint8Array(content as ArrayBuffer);
  throw bundleFailed(`module "${path}" must be a string, an ArrayBuffer or a view of one.`);
}

function findConfig(
  given: ProjectInput['config'],
  files: ReadonlyMap<string, string | Uint8Array>,
): { source: ConfigSource; warnings: string[] } {
  if (typeof given === 'string') return { source: textSource('config', given), warnings: [] };
  if (isRecord(given)) return { source: objectSource(given), warnings: [] };
  if (given !== undefined) throw configInvalid('config: a wrangler config must be an object or a text.');
  const found = CONFIG_FILES.filter((path) => files.has(path));
  const [path, ...others] = found;
  if (path === undefined) return { source: objectSource({}), warnings: [] };
  return {
    source: textSource(path, fileText(files.get(path) as string | Uint8Array)),
    warnings: others.map((other) => `${path} is used and ${other} is not: a project has one config.`),
  };
}

function findEntry(
  files: ReadonlyMap<string, string | Uint8Array>,
  asked: string | undefined,
  configured: string | undefined,
  label: string,
): string {
  const scripts = [...files.keys()].filter((path) => SCRIPT_ENDINGS.some((end) => path.endsWith(`.${end}`))).sort();
  const wanted = asked ?? configured;
  if (wanted !== undefined) {
    const path = normalizePath(wanted);
    if (path !== undefined && files.has(path)) return path;
    const by = asked === undefined ? `"main" in ${label} names` : '"main" names';
    const fault = `the entry "${wanted}" that ${by} is not among the modules${listing(scripts)}.`;
    throw asked === undefined ? configInvalid(fault) : bundleFailed(fault);
  }
  const usual = ['src/index', 'index', 'src/worker', 'worker'].flatMap((stem) =>
    SCRIPT_ENDINGS.map((end) => `${stem}.${end}`),
  );
  const found = usual.find((path) => files.has(path)) ?? (scripts.length === 1 ? scripts[0] : undefined);
  if (found !== undefined) return found;
  throw bundleFailed(`no entry was found: set "main" to one of the modules${listing(scripts)}.`);
}

function listing(scripts: readonly string[]): string {
  if (scripts.length === 0) return ' (there is no script among them)';
  return ` (${scripts.slice(0, 8).join(', ')}${scripts.length > 8 ? ` and ${scripts.length - 8} more` : ''})`;
}
