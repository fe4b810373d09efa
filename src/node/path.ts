/** `node:path`: paths as on Linux; `win32` is not here. */
import port from 'path-browserify';
import { invalidArgument } from './errors.ts';

type PathFunction = (...paths: unknown[]) => unknown;

/** Takes texts and nothing else, in Node's words. */
function ofTexts(name: string, count = Number.POSITIVE_INFINITY): PathFunction {
  const method = port[name] as PathFunction;
  const checked = (...paths: unknown[]) => {
    for (const path of paths.slice(0, count)) {
      if (typeof path !== 'string') throw invalidArgument('path', 'of type string', path);
    }
    return method(...paths);
  };
  return Object.defineProperty(checked, 'name', { value: name, configurable: true });
}

export const basename = ofTexts('basename', 1);
export const dirname = ofTexts('dirname', 1);
export const extname = ofTexts('extname', 1);
export const isAbsolute = ofTexts('isAbsolute', 1);
export const join = ofTexts('join');
export const normalize = ofTexts('normalize', 1);
export const parse = ofTexts('parse', 1);
export const relative = ofTexts('relative', 2);
export const resolve = ofTexts('resolve');
export const { delimiter, format, sep } = port;
export const toNamespacedPath = (path: unknown): unknown => path;

export const posix: Record<string, unknown> = {
  ...{ basename, dirname, extname, isAbsolute, join, normalize, parse, relative, resolve, delimiter, format, sep },
  toNamespacedPath,
};
posix['posix'] = posix;
export default posix;
