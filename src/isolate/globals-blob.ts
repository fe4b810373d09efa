/**
 * `Blob` and `File` as the platform constructs them, and what a browser's have besides.
 *
 * Promise: parts are an array and nothing else, half of a surrogate pair in one is its three bytes, `endings` is refused, and a
 * file that is told no time has that of the program's clock. Texts and order of the checks: workerd 1.20260730, as observed.
 *
 * Knows nothing of reading: that stays the browser's.
 */
import { bytesIn, encodeText, sentText } from '../base/bytes.ts';
import {
  arrayIsArray,
  numberIsFinite,
  numberIsNaN,
  objectDefineProperty,
  reflectConstruct,
  reflectDeleteProperty,
  uncurryThis,
} from '../base/primordials.ts';
import { isObject } from '../base/shapes.ts';
import { type AnyConstructor, define, guardClass, named, parameterError } from './native-shape.ts';

const NativeBlob = Blob;

/** @param now  milliseconds since 1970 on the clock that the program observes */
export function shapeBlobs(scope: typeof globalThis, now: () => number): void {
  const { File } = scope;
  reflectDeleteProperty(NativeBlob.prototype, 'textStream');
  reflectDeleteProperty(File.prototype, 'lastModifiedDate');
  reflectDeleteProperty(File.prototype, 'webkitRelativePath');
  shapeSlice(NativeBlob.prototype);
  objectDefineProperty(File, 'length', { value: 0, configurable: true });
  guardClass(scope, 'Blob', (target, args, newTarget) => {
    const parts = partsOf(args[0], 'Blob');
    const { type } = optionsOf(args[1], 'Blob', 2);
    return make(target, [parts, { type }], newTarget);
  });
  guardClass(scope, 'File', (target, args, newTarget) => {
    const parts = partsOf(args[0], 'File');
    if (args[1] === undefined) throw parameterError('', 'File', 2, 'string', 'construct');
    const name = sentText(`${args[1] as string}`);
    const { type, lastModified } = optionsOf(args[2], 'File', 3);
    return make(target, [parts, name, { type, lastModified: lastModified ?? now() }], newTarget);
  });
}

/** Its ends are whole numbers of 32 bits. */
function shapeSlice(prototype: Blob): void {
  const native = uncurryThis(prototype.slice) as (blob: unknown, from?: number, to?: number, type?: unknown) => Blob;
  const own = {
    slice(this: unknown, ...args: unknown[]): Blob {
      return native(this, endOf(args[0]), endOf(args[1]), args[2] === undefined ? undefined : `${args[2] as string}`);
    },
  };
  define(prototype, 'slice', named('slice', own.slice));
}

function endOf(given: unknown): number | undefined {
  if (given === undefined) return undefined;
  const end = +(given as number);
  if (numberIsFinite(end) && (end < INT_MIN || end > INT_MAX)) {
    throw new TypeError(`Value out of range. Must be between ${INT_MIN} and ${INT_MAX} (inclusive).`);
  }
  return end | 0;
}

const INT_MIN = -2_147_483_648;
const INT_MAX = 2_147_483_647;

function make(target: AnyConstructor, args: unknown[], newTarget: AnyConstructor): object {
  return reflectConstruct(target as new () => object, args, newTarget as new () => object);
}

/** What the browser takes as it is. */
function partsOf(given: unknown, on: string): unknown[] {
  const parts: unknown[] = [];
  if (given === undefined) return parts;
  if (!arrayIsArray(given)) throw parameterError('', on, 1, 'Array', 'construct');
  for (let i = 0; i < given.length; i++) {
    const part: unknown = given[i];
    parts[i] = part instanceof NativeBlob ? part : (bytesIn(part) ?? encodeText(`${part as string}`));
  }
  return parts;
}

/** The members of a dictionary, in the platform's order. */
function optionsOf(given: unknown, on: string, position: number): { type: string; lastModified: number | undefined } {
  if (given === undefined || given === null) return { type: '', lastModified: undefined };
  if (!isObject(given)) throw parameterError('', on, position, 'Options', 'construct');
  const { type, lastModified } = read(given, on);
  if ((given as { endings?: unknown }).endings !== undefined) {
    throw new Error("The 'endings' field on 'Options' is not implemented.");
  }
  return { type, lastModified };
}

function read(given: object, on: string): { type: string; lastModified: number | undefined } {
  const said = (given as { type?: unknown }).type;
  const type = said === undefined ? '' : `${said as string}`;
  if (on === 'Blob') return { type, lastModified: undefined };
  const at = (given as { lastModified?: unknown }).lastModified;
  if (at === undefined) return { type, lastModified: undefined };
  const atMs = +(at as number);
  return { type, lastModified: numberIsNaN(atMs) ? 0 : atMs };
}
