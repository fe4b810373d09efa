/**
 * `node:crypto`: random values and primes, hashes, key derivation, ciphers, signatures, agreements and encryption with keys, and
 * certificates.
 *
 * DIFFERS: DSA, curves by their numbers, keys locked with DES, DES and RC2 and RC4 and rare authenticated ciphers, MD4, HMAC of
 * md5-sha1, and certificates signed with RSA-PSS are not here, which workerd has and hardly anybody uses.
 */

import { Buffer } from './buffer.ts';
import { checkBoolean, checkInteger, checkObject, INT32_MAX, isBytes, noBytes } from './crypto-checks.ts';
import { bytesOf } from './crypto-hash.ts';
import { getFips, setFips } from './crypto-names.ts';
import { invalidArgument, outOfRange } from './errors.ts';
import { hooks } from './hooks.ts';

export { createECDH, diffieHellman, ECDH, getCurves } from './crypto-agreement.ts';
export { X509Certificate } from './crypto-certificate.ts';
export { Certificate } from './crypto-challenge.ts';
export { Cipheriv, createCipheriv, createDecipheriv, Decipheriv, getCipherInfo, getCiphers } from './crypto-cipher.ts';
export { hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from './crypto-derivation.ts';
export {
  createDiffieHellman,
  createDiffieHellmanGroup,
  DiffieHellman,
  DiffieHellmanGroup,
  getDiffieHellman,
} from './crypto-diffie-hellman.ts';
export { getHashes } from './crypto-digests.ts';
export { privateDecrypt, privateEncrypt, publicDecrypt, publicEncrypt } from './crypto-encryption.ts';
export { generateKey, generateKeyPair, generateKeyPairSync, generateKeySync } from './crypto-generate.ts';
export { createHash, createHmac, Hash, Hmac, hash } from './crypto-hash.ts';
export {
  createPrivateKey,
  createPublicKey,
  createSecretKey,
  KeyObject,
  PrivateKeyObject,
  PublicKeyObject,
  SecretKeyObject,
} from './crypto-key-object.ts';
export {
  Cipher,
  constants,
  createCipher,
  createDecipher,
  Decipher,
  fips,
  getFips,
  secureHeapUsed,
  setEngine,
  setFips,
} from './crypto-names.ts';
export { checkPrime, checkPrimeSync, generatePrime, generatePrimeSync } from './crypto-primes.ts';
export { createSign, createVerify, Sign, sign, Verify, verify } from './crypto-sign.ts';

/** What stands in the default export otherwise than by its name. */
export default {
  get fips(): boolean {
    return getFips();
  },
  set fips(isOn: unknown) {
    setFips(isOn);
  },
};

type Callback = (error: unknown, value?: unknown) => void;

const RANDOM_BYTES_MAX = 65_536;
const INT_RANGE_MAX = 2 ** 48 - 1;

export const webcrypto = globalThis.crypto;
export const subtle = globalThis.crypto?.subtle;
export const CryptoKey = globalThis.CryptoKey;
export const getRandomValues = <T extends ArrayBufferView>(view: T): T =>
  webcrypto.getRandomValues(view as never) as never;
export function randomUUID(options?: unknown): string {
  if (options !== undefined) {
    checkObject('options', options);
    const { disableEntropyCache } = options;
    if (disableEntropyCache !== undefined) checkBoolean('options.disableEntropyCache', disableEntropyCache);
  }
  return webcrypto.randomUUID();
}

export function randomFillSync<T>(buffer: T, offset: unknown = 0, size?: unknown): T {
  const { byteLength } = checkedBuffer(buffer);
  checkInteger('offset', offset, 0, INT32_MAX);
  if (size !== undefined) checkInteger('size', size, 0, byteLength - offset);
  const bytes = bytesOf(buffer, undefined).subarray(offset, size === undefined ? undefined : offset + size);
  for (let at = 0; at < bytes.length; at += RANDOM_BYTES_MAX) hooks.random(bytes.subarray(at, at + RANDOM_BYTES_MAX));
  return buffer;
}

function checkedBuffer(buffer: unknown): ArrayBuffer | ArrayBufferView {
  if (ArrayBuffer.isView(buffer) || buffer instanceof ArrayBuffer) return buffer;
  throw invalidArgument('buffer', 'an instance of TypedArray, DataView, ArrayBuffer, or SharedArrayBuffer', buffer);
}

export function randomFill(view: ArrayBufferView, ...rest: unknown[]): void {
  const callback = rest.pop() as Callback;
  later(() => randomFillSync(view, ...(rest as [unknown?, unknown?])), callback);
}

export function randomBytes(size: unknown, callback?: Callback): unknown {
  checkInteger('size', size, 0, INT32_MAX);
  const make = () => randomFillSync(Buffer.alloc(size) as Uint8Array);
  return callback ? later(make, callback) : make();
}
export const pseudoRandomBytes = randomBytes;

/** From `min`, inclusive, to `max`, exclusive. */
export function randomInt(...all: unknown[]): number | undefined {
  const at = all.findIndex((one) => typeof one === 'function');
  const callback = at > 0 ? (all.splice(at)[0] as Callback) : undefined;
  const [min, max] = all.length > 1 ? all : [0, all[0]];
  if (all.length > 1) checkInteger('min', min, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  checkInteger('max', max, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  return randomBetween(min as number, max, callback);
}

function randomBetween(min: number, max: number, callback: Callback | undefined): number | undefined {
  const range = max - min;
  if (range <= 0) throw outOfRange('min', 'min < max', min);
  if (range > INT_RANGE_MAX) checkInteger('max', range, 1, INT_RANGE_MAX, `<= ${INT_RANGE_MAX}`);
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
  for (const [index, value] of [one, other].entries())
    if (typeof value === 'string' || !isBytes(value)) throw noBytes('timingSafeEqual', 'SubtleCrypto', index + 1);
  const [left, right] = [bytesOf(one, undefined), bytesOf(other, undefined)];
  if (left.length !== right.length) throw new TypeError('Input buffers must have the same byte length.');
  let difference = 0;
  for (let i = 0; i < left.length; i++) difference |= (left[i] as number) ^ (right[i] as number);
  return difference === 0;
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
