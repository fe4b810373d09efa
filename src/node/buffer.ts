/**
 * `node:buffer`: the port that browsers' bundlers use, with the encoding `base64url` and what stands beside Buffer.
 */
import { Buffer as Ported, SlowBuffer } from 'buffer/';
import { codeError } from './errors.ts';

export { SlowBuffer };
export const kMaxLength = 2_147_483_647;
export const kStringMaxLength = 536_870_888;
export const INSPECT_MAX_BYTES = 50;
export const constants = { MAX_LENGTH: kMaxLength, MAX_STRING_LENGTH: kStringMaxLength };
export const Blob = globalThis.Blob;
export const File = globalThis.File;
export const atob = globalThis.atob;
export const btoa = globalThis.btoa;

// biome-ignore lint/suspicious/noExplicitAny: a port without types
export const Buffer: any = Ported;

const isUrlSafe = (encoding: unknown) => typeof encoding === 'string' && encoding.toLowerCase() === 'base64url';
/** The port reads the alphabet of URLs as it reads the other; only what it writes differs. */
const readable = (encoding: unknown) => (isUrlSafe(encoding) ? 'base64' : encoding);

Buffer.poolSize = 0;
const { from, isEncoding, byteLength, alloc } = Buffer;
const { toString: toText, write, fill, indexOf, lastIndexOf, includes } = Buffer.prototype;

function define(on: object, name: string, value: unknown): void {
  Object.defineProperty(on, name, { value, writable: true, configurable: true, enumerable: true });
}

define(Buffer, 'isEncoding', (encoding: unknown) => isUrlSafe(encoding) || isEncoding(encoding));
define(Buffer, 'from', function fromValue(value: unknown, encoding?: unknown, length?: unknown) {
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null) {
    throw invalidSource(value);
  }
  if (typeof value === 'string' && typeof encoding === 'string' && !Buffer.isEncoding(encoding)) {
    throw codeError(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${encoding}`);
  }
  return from(value, readable(encoding), length);
});
define(Buffer, 'alloc', (size: unknown, filling?: unknown, encoding?: unknown) => {
  if (typeof size === 'number' && size < 0) throw new RangeError(`Invalid typed array length: ${size}`);
  return alloc(size, filling, readable(encoding));
});
define(Buffer, 'byteLength', (value: unknown, encoding?: unknown) => byteLength(value, readable(encoding)));

const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
const meansUtf8 = (encoding: unknown) => !encoding || (typeof encoding === 'string' && /^utf-?8$/i.test(encoding));
/** The port puts one mark for each byte of a letter that is cut, where the platform puts one for the letter. */
function utf8Text(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const from = start > 0 ? start : 0;
  return end > from ? utf8.decode(bytes.subarray(from, end)) : '';
}

define(
  Buffer.prototype,
  'toString',
  function toEncodedText(this: Uint8Array, encoding?: unknown, start?: number, end?: number) {
    if (meansUtf8(encoding)) return utf8Text(this, start, end);
    if (!isUrlSafe(encoding)) return toText.call(this, encoding, start, end);
    return toText.call(this, 'base64', start, end).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
  },
);
for (const [name, method] of Object.entries({ write, fill, indexOf, lastIndexOf, includes })) {
  define(Buffer.prototype, name, function withEncoding(this: unknown, ...args: unknown[]) {
    const last = args.length - 1;
    if (last > 0 && isUrlSafe(args[last])) args[last] = 'base64';
    return (method as (...args: unknown[]) => unknown).apply(this, args);
  });
}
interface Slicing {
  toString(encoding: string, start?: number, end?: number): string;
  write(text: string, offset: number, length: number, encoding: string): number;
  readonly length: number;
}
// Nobody documents these, and libraries call them.
for (const encoding of ['ascii', 'base64', 'base64url', 'hex', 'latin1', 'ucs2', 'utf8']) {
  define(Buffer.prototype, `${encoding}Slice`, function slice(this: Slicing, start?: number, end?: number) {
    return this.toString(encoding, start, end);
  });
  define(
    Buffer.prototype,
    `${encoding}Write`,
    function writeText(this: Slicing, text: string, offset = 0, length = this.length - offset) {
      const whole = encoding === 'ucs2' ? length - (length % 2) : length;
      return this.write(text, offset, whole, encoding);
    },
  );
}
for (const name of ['readBigUInt64BE', 'readBigUInt64LE', 'writeBigUInt64BE', 'writeBigUInt64LE']) {
  define(Buffer.prototype, name.replace('UInt', 'Uint'), Buffer.prototype[name]);
}

function invalidSource(value: unknown): TypeError {
  const received = value === undefined || value === null ? String(value) : `type ${typeof value} (${value})`;
  return codeError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The first argument must be of type string or an instance of Buffer, TypedArray, ArrayBuffer, SharedArrayBuffer, or Array or an Array-like Object. Received ${received}`,
  );
}

const bytesOf = (input: ArrayBufferView | ArrayBuffer): Uint8Array =>
  ArrayBuffer.isView(input) ? new Uint8Array(input.buffer, input.byteOffset, input.byteLength) : new Uint8Array(input);

export function isAscii(input: ArrayBufferView | ArrayBuffer): boolean {
  return bytesOf(input).every((byte) => byte < 128);
}

export function isUtf8(input: ArrayBufferView | ArrayBuffer): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(bytesOf(input) as Uint8Array<ArrayBuffer>);
    return true;
  } catch {
    return false; // the decoder's one error is that it is not
  }
}

export function transcode(source: Uint8Array, fromEncoding: string, toEncoding: string): unknown {
  return Buffer.from(Buffer.from(source).toString(fromEncoding), toEncoding);
}

export function resolveObjectURL(): undefined {
  return undefined;
}
