/**
 * `generatePrime` and `checkPrime` of `node:crypto`, and their synchronous forms.
 *
 * Source: workerd 1.20260730; `node/crypto-primes` asks it. It knows three pairs of `add` and `rem` only, and up to 8192 bits.
 */
import {
  checkBoolean,
  checkFunction,
  checkInteger,
  checkObject,
  INT32_MAX,
  isBytes,
  wrongType,
} from './crypto-checks.ts';
import { bytesOfNumber, numberOf } from './crypto-der.ts';
import { bytesOf } from './crypto-hash.ts';
import { bitLength } from './crypto-keys.ts';
import { isPrime, randomPrime } from './crypto-prime-search.ts';
import { outOfRange } from './errors.ts';

type Callback = (error: unknown, value?: unknown) => void;

const NUMBER = 'of type bigint or an instance of ArrayBuffer, TypedArray, Buffer, or DataView';
const BITS_MAX = 8192;
const CANDIDATE_BYTES_MAX = 1024;
const CHECKS_MAX = 64;
const REMAINDERS: Record<string, string> = { 12: '11', 24: '23', 60: '59' };

interface Wish {
  isSafe: boolean;
  isBigint: boolean;
  add: bigint | undefined;
  rem: bigint | undefined;
}

function wishOf(options: unknown): Wish {
  checkObject('options', options);
  const { safe = false, bigint = false } = options;
  checkBoolean('options.safe', safe);
  checkBoolean('options.bigint', bigint);
  const [add, rem] = [optional('options.add', options['add']), optional('options.rem', options['rem'])];
  return { isSafe: safe, isBigint: bigint, add, rem };
}

function optional(name: string, value: unknown): bigint | undefined {
  return value === undefined ? undefined : numberOf(numberBytes(name, value));
}

function numberBytes(name: string, value: unknown): Uint8Array {
  if (typeof value === 'bigint') {
    if (value < 0) throw outOfRange(name, '>= 0', `${value}n`);
    return bytesOfNumber(value);
  }
  if (typeof value === 'string' || !isBytes(value)) throw wrongType(name, NUMBER, value);
  return bytesOf(value, undefined);
}

function checkSize(size: unknown): asserts size is number {
  checkInteger('size', size, 1, INT32_MAX);
}

function made(bits: number, { isSafe, isBigint, add, rem }: Wish): unknown {
  if (bits > BITS_MAX) throw new RangeError(`generatePrime size exceeds maximum (${BITS_MAX} bits)`);
  if (add !== undefined) {
    if (REMAINDERS[String(add)] !== String(rem)) throw new RangeError('Invalid values for add and rem');
    if (bitLength(add) > bits) throw new RangeError('options.add must not be bigger than size of the requested prime');
  }
  const prime = randomPrime({
    bits,
    isSafe,
    topBits: add === undefined ? 2 : 1,
    ...(add === undefined ? oddOf(isSafe && bits > 3) : { add, rem: rem as bigint }),
  });
  if (bits === 1 || prime === undefined) throw new Error('Error while generating prime');
  return isBigint ? prime : bytesOfNumber(prime, Math.ceil(bits / 8)).buffer;
}

/** What all such primes leave; of safe ones the least two, 5 and 7, do not. */
function oddOf(isSafe: boolean): { add: bigint; rem: bigint } {
  return isSafe ? { add: 12n, rem: 11n } : { add: 2n, rem: 1n };
}

/** @param size  in bits */
export function generatePrimeSync(size: unknown, options: unknown = {}): unknown {
  checkSize(size);
  return made(size, wishOf(options));
}

export function generatePrime(size: unknown, options: unknown, callback?: unknown): void {
  checkSize(size);
  const isShort = typeof options === 'function';
  const tell = isShort ? options : callback;
  checkFunction('callback', tell);
  const wish = wishOf(isShort ? {} : options);
  later(() => made(size, wish), tell);
}

function checksOf(options: Record<string, unknown>): number {
  const { checks = 0 } = options;
  checkInteger('options.checks', checks, 0, INT32_MAX, `>= 0 && <= ${INT32_MAX}`);
  return checks;
}

function isPrimeIn(bytes: Uint8Array, checks: number): boolean {
  if (bytes.length > CANDIDATE_BYTES_MAX) throw new RangeError('checkPrime candidate exceeds maximum size');
  if (checks > CHECKS_MAX) throw new RangeError('Invalid number of checks');
  return isPrime(numberOf(bytes), checks === 0 ? undefined : checks);
}

export function checkPrimeSync(candidate: unknown, options: unknown = {}): boolean {
  const bytes = numberBytes('candidate', candidate);
  checkObject('options', options);
  return isPrimeIn(bytes, checksOf(options));
}

export function checkPrime(candidate: unknown, options: unknown, callback?: unknown): void {
  const bytes = numberBytes('candidate', candidate);
  const isShort = typeof options === 'function';
  const given = isShort ? {} : options;
  const tell = isShort ? options : callback;
  checkObject('options', given);
  checkFunction('callback', tell);
  const checks = checksOf(given);
  later(() => isPrimeIn(bytes, checks), tell as Callback);
}

/** The work is done at once, and told in a microtask: so are its failures. */
function later(make: () => unknown, tell: Callback): void {
  new Promise((resolve) => resolve(make())).then(
    (value) => tell(null, value),
    (error) => tell(error),
  );
}
