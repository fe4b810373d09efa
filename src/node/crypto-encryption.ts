/**
 * Encryption with RSA: `publicEncrypt` and `privateDecrypt`, `privateEncrypt` and `publicDecrypt`.
 *
 * Source: workerd 1.20260730; `node/crypto-encryption` asks it. Unlike Node's, PKCS #1's padding is the default and SHA-256 that of
 * OAEP, and why a decryption failed is never said.
 */
import { Buffer } from './buffer.ts';
import { checkString, missingArgument, noBytes, wrongType } from './crypto-checks.ts';
import { type Digest, digestNamed } from './crypto-digests.ts';
import { bytesOf } from './crypto-hash.ts';
import { keptKey, wrongKeyType } from './crypto-kept-keys.ts';
import { createPrivateKey, createPublicKey } from './crypto-key-object.ts';
import type { AsymmetricKey, RsaKey } from './crypto-keys.ts';
import {
  oaepPadded,
  oaepUnpadded,
  openly,
  paddedForPublic,
  paddedForSecret,
  RsaError,
  secretly,
  unpadded,
} from './crypto-rsa.ts';
import { heldKey } from './crypto-web-keys.ts';

const LABEL = 'of type string or an instance of Buffer, TypedArray, DataView, or ArrayBuffer';
const PADDINGS = { plain: 1, none: 3, oaep: 4, salted: 6 };

interface Way {
  half: 'public' | 'private';
  paddings: readonly number[];
  run(key: RsaKey, bytes: Uint8Array, how: Padding): Uint8Array;
}

interface Padding {
  padding: number;
  digestName: string;
  label: Uint8Array;
}

const WAYS = {
  publicEncrypt: {
    half: 'public',
    paddings: [PADDINGS.plain, PADDINGS.none, PADDINGS.oaep],
    run: (key, bytes, how) => openly(key, hidden(key, bytes, how)),
  },
  privateDecrypt: {
    half: 'private',
    paddings: [PADDINGS.plain, PADDINGS.none, PADDINGS.oaep],
    run: (key, bytes, how) => found(secretly(key, bytes), how),
  },
  privateEncrypt: {
    half: 'private',
    paddings: [PADDINGS.plain, PADDINGS.none, PADDINGS.salted],
    run: (key, bytes, { padding }) => secretly(key, padding === PADDINGS.plain ? paddedForSecret(key, bytes) : bytes),
  },
  publicDecrypt: {
    half: 'public',
    paddings: [PADDINGS.plain, PADDINGS.none],
    run: (key, bytes, { padding }) =>
      padding === PADDINGS.plain ? unpadded(1, openly(key, bytes)) : openly(key, bytes),
  },
} satisfies Record<string, Way> as Record<string, Way>;

export const publicEncrypt = method('publicEncrypt');
export const privateDecrypt = method('privateDecrypt');
export const privateEncrypt = method('privateEncrypt');
export const publicDecrypt = method('publicDecrypt');

function method(name: string): (key?: unknown, buffer?: unknown) => unknown {
  const way = WAYS[name] as Way;
  const call = (given?: unknown, buffer?: unknown) => {
    if (given === undefined) throw missingArgument(way.half === 'public' ? 'key' : 'privateKey');
    if (buffer === undefined) throw missingArgument('buffer');
    const key = keyFor(way.half, given);
    const options = given as Record<string, unknown>;
    const how = paddingOf(options);
    const isBytes = typeof buffer === 'string' || ArrayBuffer.isView(buffer) || buffer instanceof ArrayBuffer;
    if (!isBytes) throw noBytes(name, 'CryptoImpl', 2);
    return ciphered(way, key, bytesOf(buffer, options['encoding'] ?? 'utf8'), how);
  };
  return Object.defineProperty(call, 'name', { value: name });
}

function keyFor(half: Way['half'], given: unknown): AsymmetricKey {
  const held = heldKey(given) ?? keptKey(half === 'public' ? createPublicKey(given) : createPrivateKey(given));
  if (held?.type === half) return held.key;
  throw wrongKeyType(held?.type ?? 'none', half);
}

function paddingOf(options: Record<string, unknown>): Padding {
  const { padding = PADDINGS.plain, oaepHash = 'sha256', oaepLabel = new Uint8Array(), encoding = 'utf8' } = options;
  if (typeof padding !== 'number') throw wrongType('options.padding', 'of type number', padding);
  checkString('options.oaepHash', oaepHash);
  const isBytes = typeof oaepLabel === 'string' || ArrayBuffer.isView(oaepLabel) || oaepLabel instanceof ArrayBuffer;
  if (!isBytes) throw wrongType('options.oaepLabel', LABEL, oaepLabel);
  return { padding, digestName: oaepHash, label: bytesOf(oaepLabel, encoding) };
}

function ciphered(way: Way, key: AsymmetricKey, bytes: Uint8Array, how: Padding): unknown {
  if (key.kind !== 'rsa') throw new Error('publicEncrypt() currently only supports RSA keys');
  if (!way.paddings.includes(how.padding)) throw new Error('Failed to set the padding');
  if (way.paddings.includes(PADDINGS.oaep)) digestFor(how);
  try {
    if (how.padding === PADDINGS.salted) throw new RsaError('a padding for signatures');
    return Buffer.from(way.run(key, bytes, how));
  } catch (error) {
    if (error instanceof RsaError) throw new Error('Failed to cipher/decipher');
    throw error;
  }
}

function digestFor({ digestName }: Padding): Digest {
  const digest = digestNamed(digestName);
  if (!digest) throw new Error('Unsupported hash digest');
  return digest;
}

function hidden(key: RsaKey, bytes: Uint8Array, how: Padding): Uint8Array {
  if (how.padding === PADDINGS.none) return bytes;
  return how.padding === PADDINGS.plain
    ? paddedForPublic(key, bytes)
    : oaepPadded(key, digestFor(how), how.label, bytes);
}

function found(bytes: Uint8Array, how: Padding): Uint8Array {
  if (how.padding === PADDINGS.none) return bytes;
  return how.padding === PADDINGS.plain ? unpadded(2, bytes) : oaepUnpadded(digestFor(how), how.label, bytes);
}
