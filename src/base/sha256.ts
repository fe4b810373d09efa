/**
 * SHA-256 and its HMAC, for the ids of objects.
 *
 * Promise: it looks at numbers and at places of arrays, and at nothing that a program can change: a name is always that of the same
 * object.
 * @see FIPS 180-4, RFC 2104
 */
import { mathFloor, NativeUint8Array, NativeUint32Array, typedArrayLength, typedArraySet } from './primordials.ts';

const BLOCK_BYTES = 64;
const HASH_BYTES = 32;

/** Of the fractional parts of the square roots of the first primes the first 32 bits. */
const INITIAL = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];

/** The same of their cube roots. */
const ROUNDS = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
];

export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const length = typedArrayLength(bytes);
  // A bit of one, and the length in bits in the last eight bytes.
  const padded = new NativeUint8Array((mathFloor((length + 8) / BLOCK_BYTES) + 1) * BLOCK_BYTES);
  typedArraySet(padded, bytes);
  padded[length] = 0x80;
  const size = typedArrayLength(padded);
  for (let i = 0, bits = length * 8; i < 6; i++, bits = mathFloor(bits / 256)) padded[size - 1 - i] = bits % 256;
  const state = new NativeUint32Array(8);
  for (let i = 0; i < 8; i++) state[i] = INITIAL[i] as number;
  const words = new NativeUint32Array(ROUNDS.length);
  for (let at = 0; at < size; at += BLOCK_BYTES) compress(state, words, padded, at);
  const hash = new NativeUint8Array(HASH_BYTES);
  for (let i = 0; i < HASH_BYTES; i++) hash[i] = (state[i >> 2] as number) >>> (24 - 8 * (i & 3));
  return hash;
}

export function hmacSha256(key: Uint8Array, message: Uint8Array): Uint8Array<ArrayBuffer> {
  const short = typedArrayLength(key) > BLOCK_BYTES ? sha256(key) : key;
  return sha256(behind(short, 0x5c, sha256(behind(short, 0x36, message))));
}

/** The key, as long as a block and with each byte changed by `pad`, and the message behind it. */
function behind(key: Uint8Array, pad: number, message: Uint8Array): Uint8Array {
  const bytes = new NativeUint8Array(BLOCK_BYTES + typedArrayLength(message));
  typedArraySet(bytes, key);
  for (let i = 0; i < BLOCK_BYTES; i++) bytes[i] = (bytes[i] as number) ^ pad;
  typedArraySet(bytes, message, BLOCK_BYTES);
  return bytes;
}

const rotated = (word: number, by: number): number => (word >>> by) | (word << (32 - by));

function compress(state: Uint32Array, words: Uint32Array, bytes: Uint8Array, at: number): void {
  const byte = (i: number) => bytes[at + i] as number;
  const word = (i: number) => words[i] as number;
  for (let i = 0; i < 16; i++) {
    words[i] = (byte(4 * i) << 24) | (byte(4 * i + 1) << 16) | (byte(4 * i + 2) << 8) | byte(4 * i + 3);
  }
  for (let i = 16; i < ROUNDS.length; i++) {
    const early = rotated(word(i - 15), 7) ^ rotated(word(i - 15), 18) ^ (word(i - 15) >>> 3);
    const late = rotated(word(i - 2), 17) ^ rotated(word(i - 2), 19) ^ (word(i - 2) >>> 10);
    words[i] = word(i - 16) + early + word(i - 7) + late;
  }
  const was = (i: number) => state[i] as number;
  let a = was(0);
  let b = was(1);
  let c = was(2);
  let d = was(3);
  let e = was(4);
  let f = was(5);
  let g = was(6);
  let h = was(7);
  for (let i = 0; i < ROUNDS.length; i++) {
    const mixed = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const first = (h + mixed + ((e & f) ^ (~e & g)) + (ROUNDS[i] as number) + word(i)) | 0;
    const second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + second) | 0;
  }
  state[0] = was(0) + a;
  state[1] = was(1) + b;
  state[2] = was(2) + c;
  state[3] = was(3) + d;
  state[4] = was(4) + e;
  state[5] = was(5) + f;
  state[6] = was(6) + g;
  state[7] = was(7) + h;
}
