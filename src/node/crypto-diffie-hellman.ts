/**
 * `DiffieHellman` and `DiffieHellmanGroup`: agreements over the numbers below a prime.
 *
 * Source: workerd 1.20260730, which has BoringSSL's checks; `node/crypto-diffie-hellman` asks it. Its groups begin with 2048 bits.
 * A prime of more than 512 bits takes long to make here.
 */
import { Buffer } from './buffer.ts';
import { callable, checkInteger, INT32_MAX, INT32_MIN, isBytes, wrongType } from './crypto-checks.ts';
import { bytesOfNumber, numberOf } from './crypto-der.ts';
import { type Group, groupNamed } from './crypto-groups.ts';
import { bytesOf } from './crypto-hash.ts';
import { bitLength } from './crypto-keys.ts';
import { isPrime, randomOfBits, randomPrime } from './crypto-prime-search.ts';
import { modPow } from './crypto-rsa.ts';

const BYTES = 'an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
const SIZE_OR_BYTES = `one of type number or string or ${BYTES}`;
const TEXT_OR_BYTES = `of type string or ${BYTES}`;
const GENERATOR = 2n;
const PRIME_BYTES_MAX = 1024;
const PRIME_BITS_MAX = 10_000;
/** BoringSSL's search ends with 7523 for all that is shorter. */
const SHORT = { bits: 13, prime: 7523n };
const FAULTS = { notPrime: 1, notSafe: 2, unknownGenerator: 4, badGenerator: 8 };
const SMALLEST_GROUP = 14;

interface Half {
  group: Group;
  secret: bigint | undefined;
  open: bigint | undefined;
}

const HALVES = new WeakMap<object, Half>();

function halfOf(it: object): Half {
  const half = HALVES.get(it);
  if (!half) throw new TypeError('Illegal invocation');
  return half;
}

function encoded(value: bigint, encoding: unknown): unknown {
  return textOf(value === 0n ? new Uint8Array() : bytesOfNumber(value), encoding);
}

function textOf(bytes: Uint8Array, encoding: unknown): unknown {
  const buffer = Buffer.from(bytes);
  return encoding && encoding !== 'buffer' ? buffer.toString(encoding) : buffer;
}

function keyBytes(key: unknown, encoding: unknown): Uint8Array {
  if (!isBytes(key)) throw wrongType('key', TEXT_OR_BYTES, key);
  return bytesOf(key, encoding);
}

/** Two and the last but one are the least and the largest that tell nothing. */
function sizeFault(value: bigint, { p }: Group): 'small' | 'large' | undefined {
  if (value <= 1n) return 'small';
  return value >= p - 1n ? 'large' : undefined;
}

function sharedBy(this: object, key: unknown, inputEncoding?: unknown, outputEncoding?: unknown): unknown {
  const { group, secret } = halfOf(this);
  const bytes = keyBytes(key, inputEncoding);
  const failed = 'DiffieHellman computeSecret() failed:';
  if (bytes.length === 0) throw new Error(`${failed} invalid key`);
  const other = numberOf(bytes);
  const fault = sizeFault(other, group);
  if (fault) throw new RangeError(`${failed} Supplied key is too ${fault}`);
  if (secret === undefined) throw new Error(`${failed} error computing shared secret`);
  return textOf(sharedInGroup(group, secret, other), outputEncoding);
}

/** As many bytes as the prime has. */
export function sharedInGroup({ p }: Group, secret: bigint, open: bigint): Uint8Array {
  return bytesOfNumber(modPow(open, secret, p), Math.ceil(bitLength(p) / 8));
}

/** As many bits as the prime has, but one. */
export function randomSecret({ p }: Group): bigint {
  for (;;) {
    const secret = randomOfBits(bitLength(p) - 1);
    if (secret > 0n) return secret;
  }
}

function verifyError({ p, g }: Group): number {
  const primeFault = !isPrime(p) ? FAULTS.notPrime : isPrime(p >> 1n) ? 0 : FAULTS.notSafe;
  return primeFault | generatorFault(p, g);
}

function generatorFault(p: bigint, g: bigint): number {
  if (g === 2n) return p % 24n === 11n ? 0 : FAULTS.badGenerator;
  if (g === 5n) return [3n, 7n].includes(p % 10n) ? 0 : FAULTS.badGenerator;
  return FAULTS.unknownGenerator;
}

/** Each class has the methods of its own, and `verifyError` from the first object on, as a program can see on the platform. */
class Groups {
  constructor(name: unknown) {
    const group = groupNamed(String(name));
    if (!group || Number(String(name).slice('modp'.length)) < SMALLEST_GROUP) {
      const groups = 'Only groups {modp14, modp15, modp16, modp17, modp18} are supported.';
      throw new Error(`Failed to init DiffieHellmanGroup: invalid group. ${groups}`);
    }
    hold(this, group);
  }
}

class Primes {
  constructor(sizeOrKey?: unknown, keyEncoding?: unknown, generator?: unknown, generatorEncoding?: unknown) {
    if (typeof sizeOrKey !== 'number' && !isBytes(sizeOrKey)) throw wrongType('sizeOrKey', SIZE_OR_BYTES, sizeOrKey);
    if (typeof sizeOrKey === 'number') checkInteger('sizeOrKey', sizeOrKey, INT32_MIN, INT32_MAX);
    const isEncoding = !keyEncoding || keyEncoding === 'buffer' || Buffer.isEncoding(keyEncoding);
    const [encoding, g, gEncoding] = isEncoding
      ? [keyEncoding || 'utf8', generator, generatorEncoding]
      : ['utf8', keyEncoding, generator];
    const made = generatorOf(g, gEncoding ?? 'utf8');
    hold(
      this,
      typeof sizeOrKey === 'number' ? newGroup(sizeOrKey, made) : givenGroup(bytesOf(sizeOrKey, encoding), made),
    );
  }
}

function hold(it: Groups | Primes, group: Group): void {
  HALVES.set(it, { group, secret: undefined, open: undefined });
  Object.defineProperty(it instanceof Groups ? Groups.prototype : Primes.prototype, 'verifyError', {
    get(this: object) {
      return verifyError(halfOf(this).group);
    },
    configurable: true,
    enumerable: true,
  });
}

function generatorOf(generator: unknown, encoding: unknown): number | Uint8Array {
  if (!generator) return Number(GENERATOR);
  if (typeof generator === 'number') {
    checkInteger('generator', generator, INT32_MIN, INT32_MAX);
    return generator;
  }
  if (!isBytes(generator)) throw wrongType('generator', SIZE_OR_BYTES, generator);
  return bytesOf(generator, encoding);
}

function failed(Class: ErrorConstructor | RangeErrorConstructor, why: string): Error {
  return new Class(`DiffieHellman init failed: ${why}`);
}

function newGroup(bits: number, generator: number | Uint8Array): Group {
  if (bits > PRIME_BITS_MAX) throw failed(RangeError, 'requested prime size too large');
  if (typeof generator !== 'number') throw failed(Error, 'invalid parameters');
  if (bits < 3 || generator < 2) throw failed(Error, 'could not generate parameters');
  const g = BigInt(generator);
  const [add, rem] = g === 2n ? [24n, 11n] : g === 5n ? [10n, 3n] : [2n, 1n];
  if (bits <= SHORT.bits && g === GENERATOR) return { p: SHORT.prime, g };
  const p = randomPrime({ bits: Math.max(bits, SHORT.bits), topBits: 1, add, rem, isSafe: true });
  return { p: p as bigint, g };
}

function givenGroup(prime: Uint8Array, generator: number | Uint8Array): Group {
  if (prime.length > PRIME_BYTES_MAX) throw failed(RangeError, 'key is too large');
  if (prime.length === 0) throw failed(Error, 'invalid key');
  if (typeof generator === 'number' && generator < 2) throw failed(RangeError, 'generator too small');
  const [p, g] = [numberOf(prime), typeof generator === 'number' ? BigInt(generator) : numberOf(generator)];
  if (g < 2n) throw failed(Error, 'invalid generator');
  if (p % 2n === 0n || g >= p) throw failed(Error, 'Invalid DH prime generated');
  return { p, g };
}

const METHODS = {
  generateKeys(this: object, encoding?: unknown): unknown {
    const half = halfOf(this);
    half.secret ??= randomSecret(half.group);
    half.open = modPow(half.group.g, half.secret, half.group.p);
    return encoded(half.open, encoding);
  },
  computeSecret: sharedBy,
  getPrime(this: object, encoding?: unknown): unknown {
    return encoded(halfOf(this).group.p, encoding);
  },
  getGenerator(this: object, encoding?: unknown): unknown {
    return encoded(halfOf(this).group.g, encoding);
  },
  getPublicKey(this: object, encoding?: unknown): unknown {
    const { open } = halfOf(this);
    if (open === undefined) throw new Error('No public key');
    return encoded(open, encoding);
  },
  getPrivateKey(this: object, encoding?: unknown): unknown {
    const { secret } = halfOf(this);
    if (secret === undefined) throw new Error('No private key');
    return encoded(secret, encoding);
  },
};

const SETTERS = {
  setPublicKey(this: object, key: unknown, encoding?: unknown): unknown {
    const half = halfOf(this);
    const open = numberOf(keyBytes(key, encoding));
    const fault = sizeFault(open, half.group);
    if (fault) throw new RangeError(`DiffieHellman setPublicKey() failed: key is too ${fault}`);
    half.open = open;
    return this;
  },
  setPrivateKey(this: object, key: unknown, encoding?: unknown): unknown {
    halfOf(this).secret = numberOf(keyBytes(key, encoding));
    return this;
  },
};

Object.assign(Groups.prototype, METHODS);
Object.assign(Primes.prototype, METHODS, SETTERS);

export const DiffieHellman = named('DiffieHellman', 4, Primes);
export const DiffieHellmanGroup = named('DiffieHellmanGroup', 1, Groups);
export type DiffieHellman = Primes;
export type DiffieHellmanGroup = Groups;

function named<C extends new (...args: never[]) => object>(name: string, length: number, Class: C): C {
  return Object.defineProperties(callable(Class), {
    name: { value: name, configurable: true },
    length: { value: length, configurable: true },
  });
}

export function createDiffieHellman(
  sizeOrKey: unknown,
  keyEncoding: unknown,
  generator: unknown,
  generatorEncoding: unknown,
): DiffieHellman {
  return new DiffieHellman(sizeOrKey, keyEncoding, generator, generatorEncoding);
}

export function createDiffieHellmanGroup(name: unknown): DiffieHellmanGroup {
  return new DiffieHellmanGroup(name);
}

export function getDiffieHellman(name: unknown): DiffieHellmanGroup {
  return new DiffieHellmanGroup(name);
}
