/**
 * RSA (RFC 8017) over the language's own large numbers.
 *
 * Promise: what does not fit, or is not padded as it must be, throws an `RsaError`, and it never says what was wrong. What is made
 * with a secret is checked with the public exponent before anybody sees it, so a key whose numbers contradict each other, or a
 * fault while computing, tells nothing.
 *
 * Takes as long as its numbers make it: whoever can measure a program's turns closely could learn of its secret.
 */
import { randomBytes } from './crypto-curves.ts';
import { bytesOfNumber, joined, nothing, numberOf, octets, oid, sequence } from './crypto-der.ts';
import { type Digest, digestOf } from './crypto-digests.ts';
import { bitLength, type RsaKey, sameBytes } from './crypto-keys.ts';

export class RsaError extends Error {}

const WINDOW_BITS = 4;

export function modPow(base: bigint, exponent: bigint, modulus: bigint): bigint {
  const powers = [1n % modulus];
  for (let i = 1; i < 2 ** WINDOW_BITS; i++) powers.push(((powers[i - 1] as bigint) * base) % modulus);
  let result = 1n % modulus;
  for (const digit of exponent.toString(2 ** WINDOW_BITS)) {
    for (let i = 0; i < WINDOW_BITS; i++) result = (result * result) % modulus;
    result = (result * (powers[Number.parseInt(digit, 16)] as bigint)) % modulus;
  }
  return result;
}

export function sizeBytes(key: RsaKey): number {
  return Math.ceil(bitLength(key.n) / 8);
}

/** With the public exponent. */
export function openly(key: RsaKey, input: Uint8Array): Uint8Array {
  const value = numberOf(input);
  if (input.length !== sizeBytes(key) || value >= key.n) throw new RsaError('out of range');
  return bytesOfNumber(modPow(value, key.e, key.n), sizeBytes(key));
}

/** With the secret, by way of its two primes. */
export function secretly(key: RsaKey, input: Uint8Array): Uint8Array {
  const value = numberOf(input);
  const { secret } = key;
  if (!secret || input.length !== sizeBytes(key) || value >= key.n) throw new RsaError('out of range');
  const { p, q, dp, dq, qi } = secret;
  if (p < 3n || q < 3n) throw new RsaError('no primes');
  const one = modPow(value % p, dp, p);
  const other = modPow(value % q, dq, q);
  const step = ((((one - other) * qi) % p) + p) % p;
  return checked(key, value, (other + q * step) % key.n);
}

function checked(key: RsaKey, value: bigint, result: bigint): Uint8Array {
  if (modPow(result, key.e, key.n) !== value) throw new RsaError('the numbers contradict each other');
  return bytesOfNumber(result, sizeBytes(key));
}

/** EMSA-PKCS1-v1_5: what is signed of a hash. */
export function plainlyPadded(key: RsaKey, digest: Digest, hash: Uint8Array): Uint8Array {
  if (digest.oid === undefined && !digest.isNameless) throw new RsaError('a hash without a name');
  const info = digest.oid === undefined ? hash : sequence(sequence(oid(digest.oid), nothing()), octets(hash));
  return padded(1, info, sizeBytes(key), (count) => new Uint8Array(count).fill(0xff));
}

const PADDING_BYTES_MIN = 8;

function padded(kind: 1 | 2, data: Uint8Array, size: number, filler: (count: number) => Uint8Array): Uint8Array {
  const count = size - data.length - 3;
  if (count < PADDING_BYTES_MIN) throw new RsaError('too long');
  return joined([Uint8Array.of(0, kind), filler(count), Uint8Array.of(0), data]);
}

/** As `privateEncrypt` pads. */
export function paddedForSecret(key: RsaKey, data: Uint8Array): Uint8Array {
  return padded(1, data, sizeBytes(key), (count) => new Uint8Array(count).fill(0xff));
}

/** As `publicEncrypt` pads by default: with random bytes, none of them zero. */
export function paddedForPublic(key: RsaKey, data: Uint8Array): Uint8Array {
  return padded(2, data, sizeBytes(key), (count) => {
    const filler = randomBytes(count);
    for (let i = 0; i < count; i++) while (filler[i] === 0) filler.set(randomBytes(1), i);
    return filler;
  });
}

export function unpadded(kind: 1 | 2, block: Uint8Array): Uint8Array {
  const end = block.indexOf(0, 2);
  const filler = block.subarray(2, end);
  const isRight = block[0] === 0 && block[1] === kind && end >= 2 + PADDING_BYTES_MIN;
  if (!isRight || (kind === 1 && !filler.every((byte) => byte === 0xff))) throw new RsaError('not padded');
  return block.slice(end + 1);
}

/** MGF1, over what is there already. */
function mask(target: Uint8Array, digest: Digest, seed: Uint8Array): void {
  for (let at = 0, count = 0; at < target.length; at += digest.outputLen, count++) {
    const block = digestOf(digest, seed, bytesOfNumber(BigInt(count), 4));
    for (let i = 0; i < block.length && at + i < target.length; i++) {
      target[at + i] = (target[at + i] as number) ^ (block[i] as number);
    }
  }
}

/** EMSA-PSS. @param saltBytes  -1: as many as the hash has; -2: as many as fit */
export function pssPadded(key: RsaKey, digest: Digest, hash: Uint8Array, saltBytes: number): Uint8Array {
  const bitCount = bitLength(key.n) - 1;
  const size = Math.ceil(bitCount / 8);
  const most = size - digest.outputLen - 2;
  const count = saltBytes === -1 ? digest.outputLen : saltBytes === -2 ? most : saltBytes;
  if (count < 0 || count > most) throw new RsaError('too long');
  const salt = randomBytes(count);
  const proof = digestOf(digest, new Uint8Array(8), hash, salt);
  const block = joined([new Uint8Array(most - count), Uint8Array.of(1), salt]);
  mask(block, digest, proof);
  block[0] = (block[0] as number) & (0xff >> (8 * size - bitCount));
  return joined([new Uint8Array(sizeBytes(key) - size), block, proof, Uint8Array.of(0xbc)]);
}

/** @param saltBytes  -1: as many as the hash has; -2: however many */
export function isPssPadded(
  key: RsaKey,
  digest: Digest,
  hash: Uint8Array,
  saltBytes: number,
  whole: Uint8Array,
): boolean {
  const bitCount = bitLength(key.n) - 1;
  const size = Math.ceil(bitCount / 8);
  const padding = whole.subarray(whole.length - size);
  const length = size - digest.outputLen - 1;
  if (length < 1 || whole.length > size + 1 || (whole.length > size && whole[0] !== 0)) return false;
  const block = padding.slice(0, length);
  const proof = padding.subarray(length, -1);
  const spare = 0xff & ~(0xff >> (8 * size - bitCount));
  if (padding[size - 1] !== 0xbc || ((block[0] as number) & spare) !== 0) return false;
  mask(block, digest, proof);
  block[0] = (block[0] as number) & ~spare;
  const mark = block.findIndex((byte) => byte !== 0);
  if (mark < 0 || block[mark] !== 1) return false;
  const salt = block.subarray(mark + 1);
  const wanted = saltBytes === -1 ? digest.outputLen : saltBytes;
  if (wanted !== -2 && salt.length !== wanted) return false;
  return sameBytes(proof, digestOf(digest, new Uint8Array(8), hash, salt));
}

export function oaepPadded(key: RsaKey, digest: Digest, label: Uint8Array, data: Uint8Array): Uint8Array {
  const size = sizeBytes(key);
  const fill = size - data.length - 2 * digest.outputLen - 2;
  if (fill < 0) throw new RsaError('too long');
  const block = joined([digestOf(digest, label), new Uint8Array(fill), Uint8Array.of(1), data]);
  const seed = randomBytes(digest.outputLen);
  mask(block, digest, seed);
  mask(seed, digest, block);
  return joined([Uint8Array.of(0), seed, block]);
}

export function oaepUnpadded(digest: Digest, label: Uint8Array, whole: Uint8Array): Uint8Array {
  const seed = whole.slice(1, 1 + digest.outputLen);
  const block = whole.slice(1 + digest.outputLen);
  mask(seed, digest, block);
  mask(block, digest, seed);
  const mark = block.findIndex((byte, index) => index >= digest.outputLen && byte !== 0);
  const isLabelled = sameBytes(block.subarray(0, digest.outputLen), digestOf(digest, label));
  if (whole[0] !== 0 || !isLabelled || block[mark] !== 1) throw new RsaError('not padded');
  return block.slice(mark + 1);
}
