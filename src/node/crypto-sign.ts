/**
 * Signatures: `sign`, `verify`, and the streams that `createSign` and `createVerify` give.
 *
 * Promise: what workerd signs is signed, with its bytes where they are fixed (RSA without a salt, Ed25519), and what it refuses is
 * refused in its words. So `sign` and `verify` take no notice of an RSA padding, and give no bytes at all, without an
 * error, when the key is too short for the hash.
 *
 * Source: workerd 1.20260730; `node/crypto-signatures` asks it.
 */
import { Buffer } from './buffer.ts';
import { BYTES, callable, checkString, noBytes, wrongType, wrongValue } from './crypto-checks.ts';
import { CURVES, ed25519, randomBytes } from './crypto-curves.ts';
import { der, integer, joined, numberOf, TAGS } from './crypto-der.ts';
import { type Digest, digestNamed, digestOf, type Sink } from './crypto-digests.ts';
import { bytesOf, encoded } from './crypto-hash.ts';
import { type HeldKey, keptKey, wrongKeyType } from './crypto-kept-keys.ts';
import { plainSignature } from './crypto-key-forms.ts';
import { createPrivateKey, createPublicKey } from './crypto-key-object.ts';
import { type AsymmetricKey, type EcKey, type OkpKey, type RsaKey, sameBytes } from './crypto-keys.ts';
import { isPssPadded, openly, plainlyPadded, pssPadded, secretly } from './crypto-rsa.ts';
import { heldByWebKey, heldKey, isCryptoKey } from './crypto-web-keys.ts';
import { codeError } from './errors.ts';
import { Writable } from './stream.ts';

const PADDINGS = { plain: 1, none: 3, salted: 6 };
const VIEWS = 'an instance of Buffer, TypedArray, or DataView';
const SALT_AS_HASH = -1;
const SALT_OF_ANY_LENGTH = -2;

type Callback = (error: unknown, value?: unknown) => void;

interface Options {
  padding: number | undefined;
  saltLength: number | undefined;
  isPlain: boolean;
}

function optionsOf(given: unknown): Options {
  const options = given as Record<string, unknown>;
  return {
    padding: integerOption('padding', options),
    saltLength: integerOption('saltLength', options),
    isPlain: isPlainSignature(options),
  };
}

function integerOption(name: string, options: Record<string, unknown>): number | undefined {
  const value = options[name];
  if (value === undefined || value === ((value as number) | 0)) return value as number | undefined;
  throw wrongValue(`options.${name}`, value);
}

/** Whether the two numbers of ECDSA are to stand one after the other, instead of as DER. */
function isPlainSignature(options: Record<string, unknown>): boolean {
  const { dsaEncoding = 'der' } = typeof options === 'object' ? options : {};
  if (dsaEncoding !== 'der' && dsaEncoding !== 'ieee-p1363') throw wrongValue('options.dsaEncoding', dsaEncoding);
  return dsaEncoding === 'ieee-p1363';
}

function keyRequired(): Error {
  return codeError(Error, 'ERR_CRYPTO_SIGN_KEY_REQUIRED', 'No key provided to sign');
}

function privateKeyFor(options: unknown): AsymmetricKey {
  if (!options) throw keyRequired();
  if (isCryptoKey(options)) return signerOf(heldByWebKey(options));
  const held = keptKey(options) ?? keptKey(createPrivateKey(options));
  if (held?.type === 'private') return held.key;
  if (held?.type === 'public') throw wrongKeyType('public', 'private');
  throw wrongType('options', 'an instance of PublicKeyObject, PrivateKeyObject, CryptoKey, or Object', 'secret');
}

/** Of a key of WebCrypto's the half is not asked for: a public one signs nothing. */
function signerOf({ key }: HeldKey): AsymmetricKey {
  if (key instanceof Uint8Array) throw new Error('Invalid key for sign operation');
  return key;
}

/** Undefined for a secret key, which each caller refuses in its own words. */
function publicKeyFor(options: unknown): AsymmetricKey | undefined {
  if (!options) throw keyRequired();
  const held = heldKey(options) ?? keptKey(createPublicKey(options));
  return held?.type === 'secret' ? undefined : held?.key;
}

/** @throws Error as workerd does for a hash that it has not */
function knownDigest(name: string): Digest {
  const digest = digestNamed(name);
  if (!digest) throw new Error(`Unknown digest: ${name}`);
  return digest;
}

/** What is hashed until it is signed or verified; then there is no more of it. */
type Open = { state: 'open'; sink: Sink } | { state: 'done' };

class Hashing {
  readonly digest: Digest;
  readonly #ended: string;
  #open: Open;

  /** @param ended  what is said to whoever comes too late */
  constructor(digest: Digest, ended: string) {
    this.digest = digest;
    this.#ended = ended;
    this.#open = { state: 'open', sink: digest.create() };
  }

  update(data: unknown, encoding: unknown): void {
    const bytes = typeof data === 'string' ? Buffer.from(data, encoding) : data;
    if (!ArrayBuffer.isView(bytes)) throw wrongType('data', BYTES, data);
    this.#sink().update(bytesOf(bytes, undefined));
  }

  finish(): Uint8Array {
    const sink = this.#sink();
    this.#open = { state: 'done' };
    return sink.digest();
  }

  #sink(): Sink {
    if (this.#open.state === 'done') throw new Error(this.#ended);
    return this.#open.sink;
  }
}

/** It and its twin below have `_write` and `update` each of their own, as a program can see on the platform. */
class SignStream extends Writable {
  readonly #hashing: Hashing;

  constructor(algorithm: unknown, options?: unknown) {
    checkString('algorithm', algorithm);
    const digest = knownDigest(algorithm);
    super(options);
    this.#hashing = new Hashing(digest, 'Signing context has already been finalized');
  }

  _write(chunk: unknown, encoding: unknown, done: () => void): void {
    this.update(chunk, encoding);
    done();
  }

  update(data: unknown, encoding?: unknown): this {
    this.#hashing.update(data, encoding);
    return this;
  }

  sign(options: unknown, encoding?: unknown): unknown {
    const key = privateKeyFor(options);
    const { padding, saltLength = SALT_AS_HASH, isPlain } = optionsOf(options);
    const hash = this.#hashing.finish();
    const { digest } = this.#hashing;
    if (key.kind === 'x25519' || key.kind === 'dh') throw new Error('Failed to initialize signing context');
    const cannot = 'Failed to set signature digest';
    if (key.kind === 'ed25519' || !isTaken(key, digest, padding)) throw new Error(cannot);
    if (!key.secret) throw new Error('Failed to generate signature');
    if (key.kind === 'ec') return encoded(signedByCurve(key, hash, isPlain), encoding);
    checkParameters(padding, saltLength);
    try {
      const isSalted = padding === PADDINGS.salted;
      const block = isSalted ? pssPadded(key, digest, hash, saltLength) : plainlyPadded(key, digest, hash);
      return encoded(secretly(key, block), encoding);
    } catch {
      throw new Error('Failed to generate signature');
    }
  }
}

class VerifyStream extends Writable {
  readonly #hashing: Hashing;

  constructor(algorithm: unknown, options?: unknown) {
    checkString('algorithm', algorithm);
    const digest = knownDigest(algorithm);
    super(options);
    this.#hashing = new Hashing(digest, 'Verification context has already been finalized');
  }

  _write(chunk: unknown, encoding: unknown, done: () => void): void {
    this.update(chunk, encoding);
    done();
  }

  update(data: unknown, encoding?: unknown): this {
    this.#hashing.update(data, encoding);
    return this;
  }

  verify(options: unknown, signature: unknown, encoding: unknown = 'utf8'): boolean {
    const key = publicKeyFor(options);
    const { padding, saltLength = SALT_AS_HASH, isPlain } = optionsOf(options);
    const isBytes = typeof signature === 'string' || ArrayBuffer.isView(signature) || signature instanceof ArrayBuffer;
    if (!isBytes) throw noBytes('verify', 'VerifyHandle', 2);
    const bytes = bytesOf(signature, encoding);
    const hash = this.#hashing.finish();
    const { digest } = this.#hashing;
    if (!key) throw new Error('Invalid key for verify operation');
    if (key.kind === 'ed25519') throw new Error('Unsupported operation for this key');
    const cannot = 'Failed to set digest context for signature verification';
    if (key.kind === 'x25519' || key.kind === 'dh' || !isTaken(key, digest, padding)) throw new Error(cannot);
    if (key.kind === 'ec') return isSignedByCurve(key, hash, bytes, isPlain);
    checkParameters(padding, saltLength);
    if (padding !== PADDINGS.salted) return isPlainlySigned(key, digest, hash, bytes);
    return orFalse(() => isPssPadded(key, digest, hash, saltLength, openly(key, bytes)));
  }
}

function isTaken(key: RsaKey | EcKey, digest: Digest, padding: number | undefined): boolean {
  return key.kind === 'ec' ? digest.isForCurves === true : padding !== PADDINGS.none;
}

/** Of RSA. */
function checkParameters(padding: number | undefined, saltLength: number): void {
  const isKnown = padding === undefined || padding === PADDINGS.plain || padding === PADDINGS.salted;
  if (isKnown && (padding !== PADDINGS.salted || saltLength >= SALT_OF_ANY_LENGTH)) return;
  throw new Error('Failed to set RSA parameters for signature');
}

function signedByCurve(key: EcKey, hash: Uint8Array, isPlain: boolean): Uint8Array {
  const { engine, sizeBytes } = CURVES[key.curve];
  const options = { prehash: false, lowS: false, extraEntropy: randomBytes(), format: 'compact' } as const;
  const plain = engine().sign(hash, key.secret as Uint8Array, options);
  if (isPlain) return plain;
  const [r, s] = [plain.subarray(0, sizeBytes), plain.subarray(sizeBytes)].map((part) => integer(numberOf(part)));
  return der(TAGS.sequence, joined([r as Uint8Array, s as Uint8Array]));
}

function isSignedByCurve(key: EcKey, hash: Uint8Array, signature: Uint8Array, isPlain: boolean): boolean {
  const { engine, sizeBytes } = CURVES[key.curve];
  return orFalse(() => {
    const plain = isPlain ? signature : plainSignature(signature, sizeBytes);
    return engine().verify(plain, hash, key.point, { prehash: false, lowS: false, format: 'compact' });
  });
}

function isPlainlySigned(key: RsaKey, digest: Digest, hash: Uint8Array, signature: Uint8Array): boolean {
  return orFalse(() => sameBytes(openly(key, signature), plainlyPadded(key, digest, hash)));
}

/** Whatever is no signature at all is none of this key's. */
function orFalse(ask: () => boolean): boolean {
  try {
    return ask();
  } catch {
    return false;
  }
}

export const Sign = callable(SignStream, 'Sign');
export const Verify = callable(VerifyStream, 'Verify');
export type Sign = SignStream;
export type Verify = VerifyStream;

export function createSign(algorithm: unknown, options?: unknown): Sign {
  return new Sign(algorithm, options);
}

export function createVerify(algorithm: unknown, options?: unknown): Verify {
  return new Verify(algorithm, options);
}

/** The hash that is named, for keys that sign one; nothing for Ed25519, which hashes by itself. */
function oneShotDigest(algorithm: unknown, key: AsymmetricKey, way: 'signing' | 'verification'): Digest | undefined {
  const digest = algorithm === undefined || algorithm === null ? undefined : knownDigest(algorithm as string);
  const isRight =
    key.kind === 'ed25519' ? !digest : key.kind === 'rsa' ? digest : key.kind === 'ec' && digest?.isForCurves;
  if (!isRight) throw new Error(`Failed to initialize ${way} context`);
  return digest;
}

function checkOneShot(algorithm: unknown, data: unknown): void {
  if (algorithm !== undefined && algorithm !== null) checkString('algorithm', algorithm);
  if (!ArrayBuffer.isView(data)) throw wrongType('data', VIEWS, data);
}

export function sign(algorithm: unknown, data: unknown, options: unknown, callback?: Callback): unknown {
  checkOneShot(algorithm, data);
  const key = privateKeyFor(options);
  const { isPlain } = optionsOf(options);
  const make = () => Buffer.from(signature(algorithm, bytesOf(data, undefined), key, isPlain));
  if (callback === undefined) return make();
  try {
    const made = make();
    queueMicrotask(() => callback(null, made));
  } catch (error) {
    queueMicrotask(() => callback(error));
  }
  return undefined;
}

function signature(algorithm: unknown, data: Uint8Array, key: AsymmetricKey, isPlain: boolean): Uint8Array {
  const digest = oneShotDigest(algorithm, key, 'signing');
  if (!key.secret) return new Uint8Array();
  if (!digest) return ed25519.sign(data, key.secret as Uint8Array);
  const hash = digestOf(digest, data);
  if (key.kind !== 'rsa') return signedByCurve(key as EcKey, hash, isPlain);
  try {
    return secretly(key, plainlyPadded(key, digest, hash));
  } catch {
    return new Uint8Array();
  }
}

export function verify(
  algorithm: unknown,
  data: unknown,
  options: unknown,
  signed: unknown,
  callback?: Callback,
): unknown {
  checkOneShot(algorithm, data);
  if (!ArrayBuffer.isView(signed)) throw wrongType('signature', VIEWS, signed);
  const key = publicKeyFor(options);
  const { isPlain } = optionsOf(options);
  const ask = () => isSigned(algorithm, bytesOf(data, undefined), key, bytesOf(signed, undefined), isPlain);
  if (callback === undefined) return ask();
  try {
    callback(null, ask());
  } catch (error) {
    queueMicrotask(() => callback(error));
  }
  return undefined;
}

function isSigned(
  algorithm: unknown,
  data: Uint8Array,
  key: AsymmetricKey | undefined,
  signed: Uint8Array,
  isPlain: boolean,
): boolean {
  if (!key) throw new Error('Invalid key for verification operation');
  const digest = oneShotDigest(algorithm, key, 'verification');
  if (!digest) return orFalse(() => ed25519.verify(signed, data, (key as OkpKey).point, { zip215: false }));
  const hash = digestOf(digest, data);
  return key.kind === 'rsa'
    ? isPlainlySigned(key, digest, hash, signed)
    : isSignedByCurve(key as EcKey, hash, signed, isPlain);
}
