/**
 * `node:module`: which modules there are. Nothing is loaded by a name that is made while a program runs, so the `require` that
 * it makes refuses; so does what is about files.
 */
import { invalidArgument } from './errors.ts';
import { NODE_MODULES } from './names.ts';

export const builtinModules: string[] = Object.keys(NODE_MODULES).sort();

/** Whatever begins with `node:` passes for one, as in workerd. */
export function isBuiltin(name: unknown): boolean {
  return typeof name === 'string' && (name.startsWith('node:') || builtinModules.includes(name));
}

export function createRequire(path: unknown): (name: string) => never {
  const isPlace = path instanceof URL || (typeof path === 'string' && /^(?:file:|\/)/.test(path));
  if (!isPlace) throw invalidArgument('path', 'a file URL object, a file URL string, or an absolute path string', path);
  return (name) => {
    throw new Error(`Durabox does not support require(${JSON.stringify(name)}) of node:module yet.`);
  };
}

const nothing = (): void => {};
export const enableCompileCache = nothing;
export const flushCompileCache = nothing;
export const getCompileCacheDir = nothing;
