/** Hashes of `node:crypto`, from noble's. */
import { hmac } from '@noble/hashes/hmac.js';
import { Buffer } from './buffer.ts';
import { callable, checkInteger, checkString, UINT32_MAX } from './crypto-checks.ts';
import { type Digest, digestNamed, type NobleHash, type Sink } from './crypto-digests.ts';
import { secretOr } from './crypto-web-keys.ts';
import { codeError, invalidArgument, received } from './errors.ts';
import { Transform } from './stream.ts';

const BYTES = 'of type string or an instance of Buffer, TypedArray, or DataView';

/** As noble's own functions take it. @throws `refusal` for what has no name, and for two hashes at once */
export function algorithmOf(name: unknown, refusal: Error): NobleHash {
  const hash = digestNamed(String(name))?.hash;
  if (!hash) throw refusal;
  return hash;
}

function knownDigest(name: string): Digest {
  const digest = digestNamed(name);
  if (!digest) throw notSupported();
  return digest;
}

function notSupported(): Error {
  return new Error('Digest method not supported');
}

/** Text by its encoding, or what is bytes already. @throws what Node throws for anything else */
export function bytesOf(data: unknown, encoding: unknown, name = 'data'): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw invalidArgument(name, BYTES, data);
}

/** A Buffer, or its text in `encoding`. */
export function encoded(bytes: Uint8Array, encoding: unknown): unknown {
  const buffer = Buffer.from(bytes);
  return encoding === undefined || encoding === null || encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

/** What is hashed until it is told; then there is no more of it. */
type Running = { state: 'open'; sink: Sink } | { state: 'done' };

function finalized(): Error {
  return codeError(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
}

function added(running: Running, data: unknown, encoding: unknown): void {
  if (running.state === 'done') throw finalized();
  if (typeof data !== 'string' && !ArrayBuffer.isView(data)) throw invalidArgument('data', BYTES, data);
  running.sink.update(bytesOf(data, encoding ?? 'utf8'));
}

/** It and its twin below have the methods each of their own, as a program can see on the platform. */
class HashStream extends Transform {
  #running: Running;
  readonly #of: Digest;

  constructor(algorithm: unknown, options?: { outputLength?: unknown }) {
    const { outputLength: length } = typeof options === 'object' && options !== null ? options : {};
    if (length !== undefined)
      checkInteger('options.outputLength', length, 0, UINT32_MAX, `>= 0 && < ${UINT32_MAX + 1}`);
    const copied = algorithm instanceof HashStream ? algorithm : undefined;
    if (!copied) checkString('algorithm', algorithm);
    const digest = copied ? copied.#of : knownDigest(algorithm as string);
    if (length !== undefined && length !== digest.outputLen) throw new Error('invalid digest size');
    super(options);
    this.#of = digest;
    this.#running = { state: 'open', sink: copied ? copied.#open().clone() : digest.create() };
  }

  copy(options?: { outputLength?: unknown }): Hash {
    this.#open();
    return new Hash(this, options);
  }

  _transform(chunk: unknown, encoding: unknown, done: () => void): void {
    this.update(chunk, encoding);
    done();
  }

  _flush(done: () => void): void {
    this.push(this.digest());
    done();
  }

  update(data: unknown, encoding?: unknown): this {
    added(this.#running, data, encoding);
    return this;
  }

  digest(encoding?: unknown): unknown {
    const bytes = this.#open().digest();
    this.#running = { state: 'done' };
    return encoded(bytes, encoding);
  }

  #open(): Sink {
    if (this.#running.state === 'done') throw finalized();
    return this.#running.sink;
  }
}

/** Unlike the other, it gives no bytes when it is asked again. */
class HmacStream extends Transform {
  #running: Running;

  constructor(algorithm: unknown, key: unknown, options?: { encoding?: unknown }) {
    checkString('hmac', algorithm);
    const encoding = options?.encoding ?? undefined;
    if (encoding !== undefined) checkString('options.encoding', encoding);
    const secret = keyBytes(key, encoding);
    super(options);
    const sink = hmac.create(algorithmOf(algorithm, notSupported()) as never, secret) as unknown as Sink;
    this.#running = { state: 'open', sink };
  }

  update(data: unknown, encoding?: unknown): this {
    added(this.#running, data, encoding);
    return this;
  }

  digest(encoding?: unknown): unknown {
    const bytes = this.#running.state === 'done' ? new Uint8Array() : this.#running.sink.digest();
    this.#running = { state: 'done' };
    return encoded(bytes, encoding);
  }

  _flush(done: () => void): void {
    this.push(this.digest());
    done();
  }

  _transform(chunk: unknown, encoding: unknown, done: () => void): void {
    this.update(chunk, encoding);
    done();
  }
}

export const Hash = callable(HashStream, 'Hash');
export const Hmac = callable(HmacStream, 'Hmac');
export type Hash = HashStream;
export type Hmac = HmacStream;

function keyBytes(given: unknown, encoding: unknown): Uint8Array {
  const key = secretOr(given);
  if (typeof key === 'string' || ArrayBuffer.isView(key) || key instanceof ArrayBuffer)
    return bytesOf(key, encoding ?? 'utf8');
  throw codeError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "key" argument must be of type string or an instance of ArrayBuffer, Buffer, ArrayBufferView, KeyObject, or CryptoKey. ${received(key)}`,
  );
}

export function createHash(algorithm: unknown, options?: { outputLength?: unknown }): Hash {
  return new Hash(algorithm, options);
}

export function createHmac(algorithm: unknown, key: unknown, options?: { encoding?: unknown }): Hmac {
  return new Hmac(algorithm, key, options);
}

/** In one step; hex unless another encoding is named. */
export function hash(algorithm: unknown, data: unknown, encoding: unknown = 'hex'): unknown {
  checkString('algorithm', algorithm);
  checkString('outputEncoding', encoding);
  return createHash(algorithm).update(data).digest(encoding);
}
