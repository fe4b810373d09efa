/**
 * New keys: `generateKeyPair`, `generateKey`, and their synchronous forms. All of it happens at once; who gave a callback is told
 * later.
 *
 * A prime passed a sieve and 20 rounds of Miller and Rabin: it is none in less than one of 2^40 cases.
 *
 * Source: workerd 1.20260730; `node/crypto-key-pairs` asks it.
 */
import { checkFunction, checkInteger, checkObject, checkOneOf, checkString } from './crypto-checks.ts';
import { CURVES, curveBy, randomBytes } from './crypto-curves.ts';
import { numberOf } from './crypto-der.ts';
import {
  checkExportOptions,
  createSecretKey,
  type KeyObject,
  privateKeyObject,
  publicKeyObject,
} from './crypto-key-object.ts';
import { type AsymmetricKey, bitLength, ecKeyOfSecret, okpKeyOfSecret, type RsaKey } from './crypto-keys.ts';
import { modPow } from './crypto-rsa.ts';

const TYPES = ['rsa', 'ec', 'ed25519', 'x25519', 'dh'];
const UINT32_MAX = 2 ** 32 - 1;
/** BoringSSL's least, and the step of its sizes. */
const RSA_BITS_MIN = 512;
const RSA_BITS_STEP = 128;
const RSA_BITS_REFUSED_BELOW = 256;
const ROUNDS = 20;

type Options = Record<string, unknown>;

export function generateKeyPairSync(
  type?: unknown,
  options: unknown = {},
): { publicKey: unknown; privateKey: unknown } {
  checkOneOf('type', type, TYPES);
  checkObject('options', options);
  const { publicKeyEncoding: open, privateKeyEncoding: secret } = options;
  if (open !== undefined) checkExportOptions(open, 'public', 'options.publicKeyEncoding');
  if (secret !== undefined) checkExportOptions(secret, 'private', 'options.privateKeyEncoding');
  const key = made(type as string, options);
  const exported = (it: KeyObject, as: unknown) => (as === undefined ? it : it.export(as));
  return { publicKey: exported(publicKeyObject(key), open), privateKey: exported(privateKeyObject(key), secret) };
}

function made(type: string, options: Options): AsymmetricKey {
  switch (type) {
    case 'rsa':
      return rsaKey(options);
    case 'ec':
      return ecKey(options);
    case 'dh':
      throw new Error("Durabox does not support generateKeyPair('dh') of node:crypto yet.");
    default:
      return okpKeyOfSecret(type as 'ed25519' | 'x25519', randomBytes(32));
  }
}

function ecKey({ namedCurve, paramEncoding = 'named' }: Options): AsymmetricKey {
  checkString('options.namedCurve', namedCurve);
  checkOneOf('options.paramEncoding', paramEncoding, ['named', 'explicit']);
  if (namedCurve === 'secp256k1') throw new Error('Failed to initialize key');
  const curve = curveBy('name', namedCurve) ?? curveBy('jwk', namedCurve);
  if (!curve) throw new Error('Invalid or unsupported curve');
  return ecKeyOfSecret(curve.name, CURVES[curve.name].engine().utils.randomSecretKey());
}

function checkUint32(name: string, value: unknown): asserts value is number {
  checkInteger(name, value, 0, UINT32_MAX, `>= 0 && < ${UINT32_MAX + 1}`);
}

function rsaKey({ modulusLength, publicExponent = 0x10001 }: Options): RsaKey {
  checkUint32('options.modulusLength', modulusLength);
  checkUint32('options.publicExponent', publicExponent);
  if (modulusLength < RSA_BITS_REFUSED_BELOW) throw new Error('Failed to set modulus length');
  const bits = modulusLength - (modulusLength % RSA_BITS_STEP);
  const e = BigInt(publicExponent);
  if (bits < RSA_BITS_MIN || e < 3n || e % 2n === 0n) throw new Error('Failed to generate key');
  for (;;) {
    const one = primeFor(bits / 2, e);
    const other = primeFor(bits / 2, e);
    if (one === other || bitLength(one * other) !== bits) continue;
    const [p, q] = one > other ? [one, other] : [other, one];
    const d = inverse(e, ((p - 1n) * (q - 1n)) / divisor(p - 1n, q - 1n));
    return { kind: 'rsa', n: p * q, e, secret: { d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) } };
  }
}

/** One less than it shares nothing with `e`, and its two highest bits are set, so that two of them have all the bits they should. */
function primeFor(bits: number, e: bigint): bigint {
  for (;;) {
    const random = numberOf(randomBytes(bits / 8));
    const start = random | (3n << BigInt(bits - 2)) | 1n;
    for (
      let candidate = start;
      candidate < start + BigInt(bits * 8) && bitLength(candidate) === bits;
      candidate += 2n
    ) {
      if (divisor(candidate - 1n, e) === 1n && isPrime(candidate)) return candidate;
    }
  }
}

const SMALL_BELOW = 2000;
let sieve: bigint | undefined;

/** The product of the small primes, but 2. */
function smallProduct(): bigint {
  sieve ??= smallPrimes(SMALL_BELOW).reduce((product, prime) => product * prime, 1n);
  return sieve;
}

function smallPrimes(limit: number): bigint[] {
  const isComposite = new Uint8Array(limit);
  const found: bigint[] = [];
  for (let number = 3; number < limit; number += 2) {
    if (isComposite[number]) continue;
    found.push(BigInt(number));
    for (let at = number * number; at < limit; at += number) isComposite[at] = 1;
  }
  return found;
}

/** @param candidate  odd, and larger than the primes of the sieve */
function isPrime(candidate: bigint): boolean {
  if (divisor(smallProduct() % candidate, candidate) !== 1n) return false;
  const less = candidate - 1n;
  let [odd, twos] = [less, 0];
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  for (let round = 0; round < ROUNDS; round++) {
    const base = 2n + (numberOf(randomBytes(Math.ceil(bitLength(candidate) / 8))) % (candidate - 3n));
    if (!isWitnessed(modPow(base, odd, candidate), twos, candidate)) return false;
  }
  return true;
}

function isWitnessed(start: bigint, twos: number, candidate: bigint): boolean {
  let power = start;
  if (power === 1n || power === candidate - 1n) return true;
  for (let i = 1; i < twos; i++) {
    power = (power * power) % candidate;
    if (power === candidate - 1n) return true;
  }
  return false;
}

function divisor(one: bigint, other: bigint): bigint {
  let [a, b] = [one, other];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b !== 0n) {
    const times = a / b;
    [a, b, x, y] = [b, a - times * b, y, x - times * y];
  }
  return ((x % modulus) + modulus) % modulus;
}

type PairCallback = (error: unknown, publicKey?: unknown, privateKey?: unknown) => void;

export function generateKeyPair(type?: unknown, options?: unknown, callback?: unknown): void {
  checkFunction('callback', callback);
  const tell = callback as PairCallback;
  try {
    const { publicKey, privateKey } = generateKeyPairSync(type, options);
    queueMicrotask(() => tell(null, publicKey, privateKey));
  } catch (error) {
    queueMicrotask(() => tell(error));
  }
}

/** By which `promisify` names the two results. */
Object.defineProperty(generateKeyPair, Symbol.for('nodejs.util.promisify.custom.args'), {
  value: ['publicKey', 'privateKey'],
});

export function generateKeySync(type?: unknown, options?: unknown): KeyObject {
  checkOneOf('type', type, ['hmac', 'aes']);
  checkObject('options', options);
  const { length } = options;
  if (type === 'hmac') checkInteger('options.length', length, 8, 65_536);
  else checkOneOf('options.length', length, [128, 192, 256]);
  return createSecretKey(randomBytes(Math.floor((length as number) / 8)));
}

export function generateKey(type: unknown, options: unknown, callback: (error: unknown, key?: unknown) => void): void {
  try {
    const key = generateKeySync(type, options);
    queueMicrotask(() => callback(null, key));
  } catch (error) {
    queueMicrotask(() => callback(error));
  }
}
