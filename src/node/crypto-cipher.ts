/**
 * Ciphers of `node:crypto` as streams, and what may be given to them.
 *
 * The length of tags is read under the name that the platform reads it under, which is not Node's.
 *
 * Source: workerd 1.20260730; `node/crypto-ciphers` asks it.
 */
import { Buffer } from './buffer.ts';
import {
  BYTES,
  checkInteger,
  checkObject,
  checkString,
  isBytes,
  noBytes,
  UINT32_MAX,
  wrongType,
  wrongValue,
} from './crypto-checks.ts';
import type { CipherHandle } from './crypto-cipher-handle.ts';
import { openCipher } from './crypto-cipher-kinds.ts';
import { bytesOf } from './crypto-hash.ts';
import { heldKey, secretOr } from './crypto-web-keys.ts';
import { codeError } from './errors.ts';
import { Transform } from './stream.ts';

export { getCipherInfo, getCiphers } from './crypto-ciphers.ts';

interface CipherOptions {
  authLengthTag?: unknown;
}

const UINT32_RANGE = `>= 0 && < ${UINT32_MAX + 1}`;
const KEYS = 'of type string or an instance of Buffer, TypedArray, DataView, KeyObject, or CryptoKey';

function opened(
  isDecipher: boolean,
  algorithm: unknown,
  key: unknown,
  iv: unknown,
  options: CipherOptions,
): CipherHandle {
  checkString('algorithm', algorithm);
  const secret = secretOr(key);
  if (!isBytes(secret)) throw wrongType('key', KEYS, secret);
  if (!isBytes(iv)) throw wrongType('iv', `${BYTES} or null`, iv);
  const tagBytes = options.authLengthTag;
  if (tagBytes !== undefined) checkInteger('options.authLengthTag', tagBytes, 0, UINT32_MAX, UINT32_RANGE);
  // The platform's ciphers take none of WebCrypto's keys.
  if (heldKey(key)?.web) throw new Error('Failed to get raw secret key data');
  return openCipher({ isDecipher, name: algorithm, key: copied(secret), iv: copied(iv), tagBytes });
}

function copied(value: unknown): Uint8Array {
  return new Uint8Array(bytesOf(value, 'utf8'));
}

function inputOf(data: unknown, encoding: unknown): Uint8Array {
  if (!isBytes(data)) throw wrongType('data', BYTES, data);
  if (typeof data !== 'string') return bytesOf(data, undefined);
  if (encoding !== undefined) return Buffer.from(data, encoding || 'utf8');
  const reason = 'If inputEncoding is not provided then the data must be a Buffer';
  throw wrongValue('inputEncoding', encoding, reason);
}

/** Each piece for itself: a letter that is cut is not put together again. */
function outputOf(bytes: Uint8Array, encoding: unknown): unknown {
  const buffer = Buffer.from(bytes);
  if (encoding === undefined) return buffer;
  if (bytes.length > 0 && encoding !== '' && !Buffer.isEncoding(encoding))
    throw codeError(TypeError, 'ERR_UNKNOWN_ENCODING', `Unknown encoding: ${String(encoding)}`);
  return buffer.toString(encoding);
}

function chunkOf(chunk: unknown, encoding: unknown): Uint8Array {
  if (!isBytes(chunk)) throw noBytes('update', 'CipherHandle', 1);
  return typeof chunk === 'string' ? Buffer.from(chunk, encoding) : bytesOf(chunk, undefined);
}

function addExtra(handle: CipherHandle, extra: unknown, options: unknown): void {
  checkObject('options', options);
  const { plaintextLength, encoding } = options;
  if (plaintextLength !== undefined)
    checkInteger('options.plaintextLength', plaintextLength, 0, UINT32_MAX, UINT32_RANGE);
  if (encoding !== undefined) checkString('options.encoding', encoding);
  // Whatever else is given is no data, and nobody says so.
  if (isBytes(extra))
    handle.setAAD(typeof extra === 'string' ? Buffer.from(extra, encoding) : bytesOf(extra, undefined));
}

/** It and its twin below have the methods each of their own, as a program can see on the platform. */
export class Cipheriv extends Transform {
  readonly #handle: CipherHandle;

  constructor(algorithm: unknown, key: unknown, iv: unknown, options: CipherOptions = {}) {
    const handle = opened(false, algorithm, key, iv, options);
    super(options);
    this.#handle = handle;
  }

  update(data: unknown, inputEncoding: unknown, outputEncoding: unknown): unknown {
    return outputOf(this.#handle.update(inputOf(data, inputEncoding)), outputEncoding);
  }

  final(outputEncoding: unknown): unknown {
    return outputOf(this.#handle.final(), outputEncoding);
  }

  setAAD(extra: unknown, options: unknown = {}): this {
    addExtra(this.#handle, extra, options);
    return this;
  }

  setAutoPadding(isPadded: unknown): this {
    this.#handle.setAutoPadding(Boolean(isPadded));
    return this;
  }

  getAuthTag(): unknown {
    return Buffer.from(this.#handle.getAuthTag());
  }

  _transform(chunk: unknown, encoding: unknown, done: () => void): void {
    this.push(Buffer.from(this.#handle.update(chunkOf(chunk, encoding))));
    done();
  }

  _flush(done: () => void): void {
    this.push(Buffer.from(this.#handle.final()));
    done();
  }
}

export class Decipheriv extends Transform {
  readonly #handle: CipherHandle;

  constructor(algorithm: unknown, key: unknown, iv: unknown, options: CipherOptions = {}) {
    const handle = opened(true, algorithm, key, iv, options);
    super(options);
    this.#handle = handle;
  }

  update(data: unknown, inputEncoding: unknown, outputEncoding: unknown): unknown {
    return outputOf(this.#handle.update(inputOf(data, inputEncoding)), outputEncoding);
  }

  final(outputEncoding: unknown): unknown {
    return outputOf(this.#handle.final(), outputEncoding);
  }

  setAAD(extra: unknown, options: unknown = {}): this {
    addExtra(this.#handle, extra, options);
    return this;
  }

  setAutoPadding(isPadded: unknown): this {
    this.#handle.setAutoPadding(Boolean(isPadded));
    return this;
  }

  setAuthTag(tag: unknown): this {
    if (typeof tag === 'string' || !isBytes(tag)) throw noBytes('setAuthTag', 'CipherHandle', 1);
    this.#handle.setAuthTag(bytesOf(tag, undefined));
    return this;
  }

  _transform(chunk: unknown, encoding: unknown, done: () => void): void {
    this.push(Buffer.from(this.#handle.update(chunkOf(chunk, encoding))));
    done();
  }

  _flush(done: () => void): void {
    this.push(Buffer.from(this.#handle.final()));
    done();
  }
}

export function createCipheriv(algorithm: unknown, key: unknown, iv: unknown, options: CipherOptions = {}): Cipheriv {
  return new Cipheriv(algorithm, key, iv, options);
}

export function createDecipheriv(
  algorithm: unknown,
  key: unknown,
  iv: unknown,
  options: CipherOptions = {},
): Decipheriv {
  return new Decipheriv(algorithm, key, iv, options);
}
