/**
 * `node:crypto`: random values, hashes, key derivation, AES, and signatures, agreements and encryption with keys.
 *
 * DIFFERS: certificates are not here; nor are DSA, curves by their numbers, keys locked with DES, and MD4, which workerd has and
 * hardly anybody uses.
 */

import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { pbkdf2 as noblePbkdf2 } from '@noble/hashes/pbkdf2.js';
import { scrypt as nobleScrypt } from '@noble/hashes/scrypt.js';
import { Buffer } from './buffer.ts';
import { algorithmOf, bytesOf, encoded } from './crypto-hash.ts';
import { secretOr } from './crypto-kept-keys.ts';
import { invalidArgument, outOfRange } from './errors.ts';
import { hooks } from './hooks.ts';

export { createECDH, diffieHellman, ECDH, getCurves } from './crypto-agreement.ts';
export { Cipheriv, createCipheriv, createDecipheriv, Decipheriv, getCiphers } from './crypto-cipher.ts';
export {
  createDiffieHellman,
  createDiffieHellmanGroup,
  DiffieHellman,
  DiffieHellmanGroup,
  getDiffieHellman,
} from './crypto-diffie-hellman.ts';
export { privateDecrypt, privateEncrypt, publicDecrypt, publicEncrypt } from './crypto-encryption.ts';
export { generateKey, generateKeyPair, generateKeyPairSync, generateKeySync } from './crypto-generate.ts';
export { createHash, createHmac, getHashes, Hash, Hmac, hash } from './crypto-hash.ts';
export {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  KeyObject,
  PrivateKeyObject,
  PublicKeyObject,
  SecretKeyObject,
} from './crypto-key-object.ts';
export { checkPrime, checkPrimeSync, generatePrime, generatePrimeSync } from './crypto-primes.ts';
export { createSign, createVerify, Sign, sign, Verify, verify } from './crypto-sign.ts';

type Callback = (error: unknown, value?: unknown) => void;

const RANDOM_BYTES_MAX = 65_536;
const SIZE_MAX = 2_147_483_647;
const INT_RANGE_MAX = 2 ** 48 - 1;

export const webcrypto = globalThis.crypto;
export const subtle = globalThis.crypto?.subtle;
export const CryptoKey = globalThis.CryptoKey;
export const getRandomValues = <T extends ArrayBufferView>(view: T): T =>
  webcrypto.getRandomValues(view as never) as never;
export const randomUUID = (): string => webcrypto.randomUUID();
export const getFips = (): boolean => true;
export const constants = {};

export function randomFillSync<T extends ArrayBufferView>(view: T, offset = 0, size?: number): T {
  const whole = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
  const bytes = whole.subarray(offset, size === undefined ? undefined : offset + size);
  for (let at = 0; at < bytes.length; at += RANDOM_BYTES_MAX) hooks.random(bytes.subarray(at, at + RANDOM_BYTES_MAX));
  return view;
}

export function randomFill(view: ArrayBufferView, ...rest: unknown[]): void {
  const callback = rest.pop() as Callback;
  later(() => randomFillSync(view, ...(rest as [number?, number?])), callback);
}

export function randomBytes(size: number, callback?: Callback): unknown {
  if (typeof size !== 'number') throw invalidArgument('size', 'of type number', size);
  if (!(size >= 0 && size <= SIZE_MAX)) throw outOfRange('size', `>= 0 && <= ${SIZE_MAX}`, size);
  const make = () => randomFillSync(Buffer.alloc(size) as Uint8Array);
  return callback ? later(make, callback) : make();
}
export const pseudoRandomBytes = randomBytes;

/** From `min`, inclusive, to `max`, exclusive. */
export function randomInt(...all: unknown[]): number | undefined {
  const callback = typeof all.at(-1) === 'function' ? (all.pop() as Callback) : undefined;
  const [min, max] = (all.length > 1 ? all : [0, ...all]) as [number, number];
  for (const [name, value] of Object.entries({ min, max })) {
    if (!Number.isSafeInteger(value)) throw invalidArgument(name, 'a safe integer', value);
  }
  const range = max - min;
  if (range <= 0) throw outOfRange('min', 'min < max', min);
  if (range > INT_RANGE_MAX) throw outOfRange('max - min', `<= ${INT_RANGE_MAX}`, range);
  const make = () => {
    const limit = 2 ** 48 - (2 ** 48 % range);
    for (;;) {
      const bytes = randomFillSync(new Uint8Array(6));
      const value = bytes.reduce((sum, byte) => sum * 256 + byte, 0);
      if (value < limit) return min + (value % range);
    }
  };
  if (!callback) return make();
  later(make, callback);
  return undefined;
}

export function timingSafeEqual(one: unknown, other: unknown): boolean {
  const expected = 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView.';
  for (const [name, value] of Object.entries({ buf1: one, buf2: other })) {
    if (!ArrayBuffer.isView(value) && !(value instanceof ArrayBuffer)) throw invalidArgument(name, expected, value);
  }
  const [left, right] = [bytesOf(one, undefined), bytesOf(other, undefined)];
  if (left.length !== right.length) throw new TypeError('Input buffers must have the same byte length.');
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= (left[i] as number) ^ (right[i] as number);
  return difference === 0;
}

const DIGEST_REFUSED = (digest: unknown) => `Invalid digest: ${String(digest)}`;

export function pbkdf2Sync(password: unknown, salt: unknown, rounds: number, length: number, digest: unknown): unknown {
  const key = noblePbkdf2(
    algorithmOf(digest, DIGEST_REFUSED(digest)),
    bytesOf(password, 'utf8', 'password'),
    bytesOf(salt, 'utf8', 'salt'),
    { c: rounds, dkLen: length },
  );
  return encoded(key, undefined);
}

export function pbkdf2(...all: unknown[]): void {
  const callback = all.pop() as Callback;
  later(() => pbkdf2Sync(...(all as Parameters<typeof pbkdf2Sync>)), callback);
}

export function hkdfSync(digest: unknown, key: unknown, salt: unknown, info: unknown, length: number): ArrayBuffer {
  const bytes = nobleHkdf(
    algorithmOf(digest, DIGEST_REFUSED(digest)),
    bytesOf(secretOr(key), 'utf8', 'key'),
    bytesOf(salt, 'utf8', 'salt'),
    bytesOf(info, 'utf8', 'info'),
    length,
  );
  return bytes.slice().buffer as ArrayBuffer;
}

export function hkdf(...all: unknown[]): void {
  const callback = all.pop() as Callback;
  later(() => hkdfSync(...(all as Parameters<typeof hkdfSync>)), callback);
}

interface ScryptOptions {
  N?: number;
  r?: number;
  p?: number;
  cost?: number;
  blockSize?: number;
  parallelization?: number;
}

export function scryptSync(password: unknown, salt: unknown, length: number, options: ScryptOptions = {}): unknown {
  const N = options.N ?? options.cost ?? 16_384;
  const r = options.r ?? options.blockSize ?? 8;
  const p = options.p ?? options.parallelization ?? 1;
  const key = nobleScrypt(bytesOf(password, 'utf8', 'password'), bytesOf(salt, 'utf8', 'salt'), {
    ...{ N, r, p },
    dkLen: length,
  });
  return encoded(key, undefined);
}

export function scrypt(...all: unknown[]): void {
  const callback = all.pop() as Callback;
  later(() => scryptSync(...(all as Parameters<typeof scryptSync>)), callback);
}

/** Node's own form: the work is done at once, and told later. */
function later(make: () => unknown, callback: Callback): void {
  if (typeof callback !== 'function') throw invalidArgument('callback', 'of type function', callback);
  let result: { value: unknown } | { error: unknown };
  try {
    result = { value: make() };
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) throw error;
    result = { error };
  }
  queueMicrotask(() => ('error' in result ? callback(result.error) : callback(null, result.value)));
}
