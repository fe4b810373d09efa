/**
 * Finding primes, and telling them from other numbers.
 *
 * Promise: what is called a prime is none in less than one of 2^40 cases (a sieve, and 20 rounds of Miller and Rabin).
 *
 * Knows nothing of who asks. A safe prime p, of which (p - 1) / 2 is one too, takes long: some seconds with 512 bits.
 */
import { randomBytes } from './crypto-curves.ts';
import { numberOf } from './crypto-der.ts';
import { bitLength } from './crypto-keys.ts';
import { modPow } from './crypto-rsa.ts';

const ROUNDS = 20;
const SMALL_BELOW = 2000;
/** Of so few bits all numbers are looked at; larger ones are above the sieve's primes, and so are their halves. */
const FEW_BITS = 12;
const STEPS_MAX = 20_000;

let small: readonly number[] | undefined;

/** All below the limit, but 2. */
function smallPrimes(): readonly number[] {
  if (small) return small;
  const isComposite = new Uint8Array(SMALL_BELOW);
  const found: number[] = [];
  for (let number = 3; number < SMALL_BELOW; number += 2) {
    if (isComposite[number]) continue;
    found.push(number);
    for (let at = number * number; at < SMALL_BELOW; at += number) isComposite[at] = 1;
  }
  small = found;
  return found;
}

export function isPrime(candidate: bigint, rounds = ROUNDS): boolean {
  if (candidate < 2n) return false;
  for (const prime of [2, ...smallPrimes()]) if (candidate % BigInt(prime) === 0n) return candidate === BigInt(prime);
  return candidate < BigInt(SMALL_BELOW) ** 2n || passes(candidate, rounds);
}

/** @param candidate  odd, and above 3 */
function passes(candidate: bigint, rounds: number): boolean {
  const less = candidate - 1n;
  let [odd, twos] = [less, 0];
  for (; odd % 2n === 0n; odd /= 2n) twos++;
  for (let round = 0; round < rounds; round++) {
    const base = 2n + (randomOfBits(bitLength(candidate)) % (candidate - 3n));
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

/** Any number of so many bits or fewer. */
export function randomOfBits(bits: number): bigint {
  const bytes = randomBytes(Math.ceil(bits / 8));
  return numberOf(bytes) >> BigInt(bytes.length * 8 - bits);
}

export interface PrimeWish {
  bits: number;
  /** how many of its highest bits are set */
  topBits: 1 | 2;
  /** divided by `add` it leaves `rem` */
  add: bigint;
  rem: bigint;
  isSafe: boolean;
  /** what else it must be; asked of numbers that may not be primes yet */
  isRight?: (candidate: bigint) => boolean;
}

/** Undefined when there is none. */
export function randomPrime(wish: PrimeWish): bigint | undefined {
  return wish.bits <= FEW_BITS ? smallPrime(wish) : largePrime(wish);
}

function smallPrime({ bits, topBits, add, rem, isSafe, isRight }: PrimeWish): bigint | undefined {
  const found: bigint[] = [];
  for (let one = BigInt(2 ** topBits - 1) << BigInt(Math.max(bits - topBits, 0)); one < 1n << BigInt(bits); one++) {
    const isWished = one % add === rem && isPrime(one) && (!isSafe || isPrime(one >> 1n)) && (isRight?.(one) ?? true);
    if (isWished) found.push(one);
  }
  return found.length === 0 ? undefined : found[Number(randomOfBits(32) % BigInt(found.length))];
}

function largePrime({ bits, topBits, add, rem, isSafe, isRight }: PrimeWish): bigint {
  const top = BigInt(2 ** topBits - 1) << BigInt(bits - topBits);
  for (;;) {
    const random = randomOfBits(bits) | top;
    const start = random - (random % add) + rem;
    const remainders = smallPrimes().map((prime) => [
      prime,
      Number(start % BigInt(prime)),
      Number(add % BigInt(prime)),
    ]);
    for (let step = 0; step < STEPS_MAX; step++) {
      const isDivided = remainders.some(([prime = 1, first = 0, stride = 0]) => {
        const left = (first + step * stride) % prime;
        return left === 0 || (isSafe && left === 1);
      });
      if (isDivided) continue;
      const candidate = start + BigInt(step) * add;
      if (candidate < top || !(isRight?.(candidate) ?? true)) continue;
      if (bitLength(candidate) > bits) break;
      // What is none is known after one round nearly always.
      const half = candidate >> 1n;
      const isFound = isSafe
        ? passes(half, 1) && passes(candidate, 1) && passes(half, ROUNDS) && passes(candidate, ROUNDS)
        : passes(candidate, ROUNDS);
      if (isFound) return candidate;
    }
  }
}

export function divisor(one: bigint, other: bigint): bigint {
  let [a, b] = [one, other];
  while (b !== 0n) [a, b] = [b, a % b];
  return a;
}

export function inverse(value: bigint, modulus: bigint): bigint {
  let [a, b, x, y] = [value % modulus, modulus, 1n, 0n];
  while (b !== 0n) {
    const times = a / b;
    [a, b, x, y] = [b, a - times * b, y, x - times * y];
  }
  return ((x % modulus) + modulus) % modulus;
}
