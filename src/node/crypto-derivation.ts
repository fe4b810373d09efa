/**
 * Keys of passwords and of other keys: PBKDF2, HKDF and scrypt, from noble's.
 *
 * Source: workerd 1.20260730; `node/crypto-derivations` asks it.
 */
import { hkdf as nobleHkdf } from '@noble/hashes/hkdf.js';
import { pbkdf2 as noblePbkdf2 } from '@noble/hashes/pbkdf2.js';
import { scrypt as nobleScrypt } from '@noble/hashes/scrypt.js';
import { Buffer } from './buffer.ts';
import {
  checkFunction,
  checkInteger,
  checkString,
  INT32_MAX,
  isBytes,
  UINT32_MAX,
  wrongType,
  wrongValue,
} from './crypto-checks.ts';
import { algorithmOf, bytesOf } from './crypto-hash.ts';
import { keptKey } from './crypto-kept-keys.ts';
import { checkMayLeave, secretOr } from './crypto-web-keys.ts';
import { outOfRange } from './errors.ts';

type Callback = (error: unknown, value?: unknown) => void;

const BYTES = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
const FEW_BYTES = 'of type string or an instance of ArrayBuffer, TypedArray, DataView, or Buffer';
const KEY = 'of type string or an instance of SecretKeyObject, ArrayBuffer, TypedArray, DataView, or Buffer';
const INFO_BYTES_MAX = 1024;
/** Of HKDF, in hashes. */
const BLOCKS_MAX = 255;
const SCRYPT_COST_MAX = 2 ** 20;
const SCRYPT_MEMORY_BYTES = 32 * 2 ** 20;

function bytesFor(name: string, value: unknown, expected: string): Uint8Array {
  if (!isBytes(value)) throw wrongType(name, expected, value);
  return bytesOf(value, 'utf8');
}

function checkInt32(name: string, value: unknown, min: number): asserts value is number {
  checkInteger(name, value, min, INT32_MAX);
}

function preparedPbkdf2(password: unknown, salt: unknown, rounds: unknown, length: unknown, digest: unknown) {
  checkString('digest', digest);
  const [secret, salted] = [bytesFor('password', password, BYTES), bytesFor('salt', salt, BYTES)];
  checkInt32('iterations', rounds, 1);
  checkInt32('keylen', length, 0);
  return () => {
    const hash = algorithmOf(digest, new TypeError(`Invalid Pbkdf2 digest: ${digest}.`));
    // The least that noble gives is a byte.
    const key = noblePbkdf2(hash, secret, salted, { c: rounds, dkLen: Math.max(length, 1) });
    return Buffer.from(key.subarray(0, length));
  };
}

export function pbkdf2Sync(
  password: unknown,
  salt: unknown,
  rounds: unknown,
  length: unknown,
  digest: unknown,
): unknown {
  return preparedPbkdf2(password, salt, rounds, length, digest)();
}

export function pbkdf2(
  password: unknown,
  salt: unknown,
  rounds: unknown,
  length: unknown,
  digest: unknown,
  callback?: unknown,
): void {
  // Whoever leaves the hash out is told of the hash.
  const isShort = typeof digest === 'function';
  const make = preparedPbkdf2(password, salt, rounds, length, isShort ? undefined : digest);
  later(make, isShort ? digest : callback);
}

function preparedHkdf(digest: unknown, key: unknown, salt: unknown, info: unknown, length: unknown) {
  checkString('digest', digest);
  const secret = bytesFor('ikm', keptSecretOr(key), KEY);
  const [salted, about] = [bytesFor('salt', salt, FEW_BYTES), bytesFor('info', info, FEW_BYTES)];
  checkInt32('length', length, 0);
  if (about.length > INFO_BYTES_MAX)
    throw outOfRange('info', `must not contain more than ${INFO_BYTES_MAX} bytes`, about.length);
  return () => {
    const hash = algorithmOf(digest, new TypeError(`Invalid Hkdf digest: ${digest}`));
    if (length > BLOCKS_MAX * hash.outputLen) throw new RangeError('Invalid Hkdf key length');
    return nobleHkdf(hash, secret, salted, about, length).slice().buffer;
  };
}

/** A key of WebCrypto must be made a `KeyObject` first. */
function keptSecretOr(key: unknown): unknown {
  const held = keptKey(key);
  if (!held) return key;
  checkMayLeave(held);
  return secretOr(key);
}

export function hkdfSync(digest: unknown, key: unknown, salt: unknown, info: unknown, length: unknown): unknown {
  return preparedHkdf(digest, key, salt, info, length)();
}

export function hkdf(
  digest: unknown,
  key: unknown,
  salt: unknown,
  info: unknown,
  length: unknown,
  callback?: unknown,
): void {
  later(preparedHkdf(digest, key, salt, info, length), callback);
}

type ScryptOptions = Readonly<Record<string, unknown>>;

/** A number under one of its two names; none, and zero, is the default. */
function scryptNumber(options: ScryptOptions, name: string, alias: string, standard: number): number {
  const [short, long] = [options[name], options[alias]];
  if (short !== undefined && long !== undefined) throw wrongValue(alias, long);
  const value = short ?? long;
  if (value === undefined) return standard;
  checkInteger(short === undefined ? alias : name, value, 0, UINT32_MAX, `>= 0 && < ${UINT32_MAX + 1}`);
  return value || standard;
}

function preparedScrypt(password: unknown, salt: unknown, length: unknown, given: unknown) {
  const options = (given ?? {}) as ScryptOptions;
  const N = scryptNumber(options, 'N', 'cost', 16_384);
  const r = scryptNumber(options, 'r', 'blockSize', 8);
  const p = scryptNumber(options, 'p', 'parallelization', 1);
  const [secret, salted] = [bytesFor('password', password, BYTES), bytesFor('salt', salt, BYTES)];
  checkInt32('keylen', length, 0);
  const memory = (options['maxmem'] as number | undefined) || SCRYPT_MEMORY_BYTES;
  return () => {
    if (N >= SCRYPT_COST_MAX) throw new RangeError(`Scrypt failed: cost exceeds maximum (${SCRYPT_COST_MAX}).`);
    const isRight = N > 1 && Number.isInteger(Math.log2(N)) && 128 * r * (N + p + 2) <= memory;
    if (!isRight) throw new Error('Scrypt failed');
    return Buffer.from(nobleScrypt(secret, salted, { N, r, p, dkLen: Math.max(length, 1) }).subarray(0, length));
  };
}

export function scryptSync(password: unknown, salt: unknown, length: unknown, options?: unknown): unknown {
  return preparedScrypt(password, salt, length, options)();
}

export function scrypt(password: unknown, salt: unknown, length: unknown, options: unknown, callback?: unknown): void {
  const isShort = typeof options === 'function';
  later(preparedScrypt(password, salt, length, isShort ? undefined : options), isShort ? options : callback);
}

/** What is wrong with an argument is thrown; the work is done at once, and told in a microtask, with its failures. */
function later(make: () => unknown, callback: unknown): void {
  checkFunction('callback', callback);
  const tell = callback as Callback;
  new Promise((resolve) => resolve(make())).then(
    (value) => tell(null, value),
    (error) => tell(error),
  );
}
