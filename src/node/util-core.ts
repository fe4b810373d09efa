/**
 * What `node:util` is but for the comparison of values, which needs it: `inspect` and `format` are Node's own, taken out of it by `node-inspect-extracted`; the rest is small.
 */
import {
  format as nodeFormat,
  formatWithOptions as nodeFormatWithOptions,
  inspect as nodeInspect,
  stripVTControlCharacters as nodeStrip,
} from 'node-inspect-extracted';
import { codeError, invalidArgument } from './errors.ts';
import * as types from './util-types.ts';

export { MIMEParams, MIMEType } from './mime.ts';

export { types };
export const inspect = nodeInspect;
export const format = nodeFormat;
export const formatWithOptions = nodeFormatWithOptions;
export const stripVTControlCharacters = nodeStrip;
export const TextEncoder = globalThis.TextEncoder;
export const TextDecoder = globalThis.TextDecoder;

// biome-ignore lint/suspicious/noExplicitAny: whatever the program's function takes
type Call = (this: any, ...args: any[]) => any;

const customPromisify: symbol = Symbol.for('nodejs.util.promisify.custom');
/** Names of what a function calls back with, when it is more than one thing. */
const customArguments: symbol = Symbol.for('nodejs.util.promisify.custom.args');

/** Makes a function that takes a callback as its last argument return a promise instead. */
export function promisify(original: Call): Call {
  if (typeof original !== 'function') throw invalidArgument('original', 'of type function', original);
  const custom = (original as unknown as Record<symbol, unknown>)[customPromisify];
  if (custom !== undefined) {
    if (typeof custom !== 'function') throw invalidArgument('util.promisify.custom', 'of type function', custom);
    return Object.defineProperty(custom, customPromisify, { value: custom, configurable: true }) as Call;
  }
  const names = (original as unknown as Record<symbol, readonly string[] | undefined>)[customArguments];
  const promised = function (this: unknown, ...args: unknown[]): Promise<unknown> {
    return new Promise((resolve, reject) => {
      original.call(this, ...args, (error: unknown, ...values: unknown[]) => {
        if (error) reject(error);
        else resolve(names ? Object.fromEntries(names.map((name, index) => [name, values[index]])) : values[0]);
      });
    });
  };
  Object.setPrototypeOf(promised, Object.getPrototypeOf(original) as object);
  Object.defineProperty(promised, customPromisify, { value: promised, configurable: true });
  return Object.defineProperties(promised, Object.getOwnPropertyDescriptors(original));
}
promisify.custom = customPromisify;

export function callbackify(original: Call): Call {
  if (typeof original !== 'function') throw invalidArgument('original', 'of type function', original);
  const called = function (this: unknown, ...args: unknown[]): void {
    const callback = args.pop();
    if (typeof callback !== 'function') throw invalidArgument('last argument', 'of type function', callback);
    const done = callback as Call;
    (original.apply(this, args) as Promise<unknown>).then(
      (value) => queueMicrotask(() => done(null, value)),
      (reason: unknown) => queueMicrotask(() => done(reason ?? falsyRejection(reason))),
    );
  };
  return Object.defineProperty(called, 'name', { value: `${original.name}Callbackified`, configurable: true });
}

function falsyRejection(reason: unknown): Error {
  const error = codeError(Error, 'ERR_FALSY_VALUE_REJECTION', 'Promise was rejected with falsy value');
  return Object.assign(error, { reason });
}

export function inherits(child: Call & { super_?: unknown }, parent: Call): void {
  if (typeof child !== 'function') throw invalidArgument('ctor', 'of type function', child);
  if (typeof parent !== 'function') throw invalidArgument('superCtor', 'of type function', parent);
  Object.defineProperty(child, 'super_', { value: parent, writable: true, configurable: true });
  Object.setPrototypeOf(child.prototype, parent.prototype as object);
}

export function deprecate(call: Call, message: string, code?: string): Call {
  let isTold = false;
  const deprecated = function (this: unknown, ...args: unknown[]): unknown {
    if (!isTold) console.warn(`${code ? `[${code}] ` : ''}DeprecationWarning: ${message}`);
    isTold = true;
    return new.target ? (Reflect.construct(call, args, new.target) as unknown) : call.apply(this, args);
  };
  Object.setPrototypeOf(deprecated, call);
  if (call.prototype) deprecated.prototype = call.prototype as object;
  return deprecated;
}

/** Nobody can turn its section on. */
export function debuglog(): Call {
  const log = () => {};
  return Object.assign(log, { enabled: false });
}
export const debug = debuglog;

export function log(...args: unknown[]): void {
  console.log(format(...args));
}

export function toUSVString(text: unknown): string {
  return (String(text) as unknown as { toWellFormed(): string }).toWellFormed();
}

export function styleText(_styles: unknown, text: string): string {
  return text;
}

export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

export function _extend(target: object, source: unknown): object {
  return typeof source === 'object' && source !== null ? Object.assign(target, source) : target;
}

export const isArray = Array.isArray;
export const isBoolean = (value: unknown): boolean => typeof value === 'boolean';
export const isBuffer = (value: unknown): boolean =>
  value instanceof Uint8Array && (value as { _isBuffer?: boolean })._isBuffer === true;
export const isDate = types.isDate;
export const isError = types.isNativeError;
export const isFunction = (value: unknown): boolean => typeof value === 'function';
export const isNull = (value: unknown): boolean => value === null;
export const isNullOrUndefined = (value: unknown): boolean => value === null || value === undefined;
export const isNumber = (value: unknown): boolean => typeof value === 'number';
export const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;
export const isPrimitive = (value: unknown): boolean => !isObject(value) && !isFunction(value);
export const isRegExp = types.isRegExp;
export const isString = (value: unknown): boolean => typeof value === 'string';
export const isSymbol = (value: unknown): boolean => typeof value === 'symbol';
export const isUndefined = (value: unknown): boolean => value === undefined;
