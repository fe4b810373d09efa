/** Hashes of `node:crypto`, from noble's. */
import { hmac } from '@noble/hashes/hmac.js';
import { md5, ripemd160, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512, sha512_256 } from '@noble/hashes/sha2.js';
import { sha3_256, sha3_384, sha3_512 } from '@noble/hashes/sha3.js';
import { Buffer } from './buffer.ts';
import { secretOr } from './crypto-kept-keys.ts';
import { codeError, invalidArgument, received } from './errors.ts';
import { Transform } from './stream.ts';

type Algorithm = typeof sha256;
type Sink = ReturnType<Algorithm['create']>;

const ALGORITHMS: Record<string, unknown> = {
  ...{ md5, sha1, sha224, sha256, sha384, sha512, ripemd160, rmd160: ripemd160 },
  ...{ 'sha512-256': sha512_256, 'sha3-256': sha3_256, 'sha3-384': sha3_384, 'sha3-512': sha3_512 },
};

/** As `createHash` takes it: any case, with or without `RSA-` before it. */
export function algorithmOf(name: unknown, refusal = 'Digest method not supported'): Algorithm {
  const plain = String(name).toLowerCase().replace(/^rsa-/, '').replace(/^sha-/, 'sha');
  const found = Object.hasOwn(ALGORITHMS, plain) ? ALGORITHMS[plain] : undefined;
  if (!found) throw new Error(refusal);
  return found as Algorithm;
}

export function getHashes(): string[] {
  return Object.keys(ALGORITHMS);
}

/** Text by its encoding, or what is bytes already. @throws what Node throws for anything else */
export function bytesOf(data: unknown, encoding: unknown, name = 'data'): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, encoding === 'buffer' ? 'utf8' : encoding);
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  throw invalidArgument(name, 'of type string or an instance of Buffer, TypedArray, or DataView', data);
}

/** A Buffer, or its text in `encoding`. */
export function encoded(bytes: Uint8Array, encoding: unknown): unknown {
  const buffer = Buffer.from(bytes);
  return encoding === undefined || encoding === null || encoding === 'buffer' ? buffer : buffer.toString(encoding);
}

class Digest extends Transform {
  #sink: Sink | undefined;
  readonly #again: (sink: Sink) => unknown;

  constructor(sink: Sink, again: (sink: Sink) => unknown) {
    super();
    this.#sink = sink;
    this.#again = again;
  }

  update(data: unknown, encoding?: unknown): this {
    this.#live().update(bytesOf(data, encoding));
    return this;
  }

  digest(encoding?: unknown): unknown {
    const bytes = this.#live().digest();
    this.#sink = undefined;
    return encoded(bytes, encoding);
  }

  copy(): unknown {
    return this.#again(this.#live().clone());
  }

  _transform(chunk: unknown, encoding: unknown, done: () => void): void {
    this.update(chunk, encoding);
    done();
  }

  _flush(done: () => void): void {
    this.push(this.digest());
    done();
  }

  #live(): Sink {
    if (!this.#sink) throw codeError(Error, 'ERR_CRYPTO_HASH_FINALIZED', 'Digest already called');
    return this.#sink;
  }
}

export class Hash extends Digest {
  constructor(algorithm: unknown, sink?: Sink) {
    super(sink ?? algorithmOf(algorithm).create(), (copy) => new Hash(algorithm, copy));
  }
}

export class Hmac extends Digest {
  constructor(algorithm: unknown, key: unknown, sink?: unknown) {
    const made = (sink ?? hmac.create(algorithmOf(algorithm) as never, keyBytes(key))) as Sink;
    super(made, (copy) => new Hmac(algorithm, key, copy));
  }
}

function keyBytes(given: unknown): Uint8Array {
  const key = secretOr(given);
  if (typeof key === 'string' || ArrayBuffer.isView(key) || key instanceof ArrayBuffer) return bytesOf(key, 'utf8');
  throw codeError(
    TypeError,
    'ERR_INVALID_ARG_TYPE',
    `The "key" argument must be of type string or an instance of ArrayBuffer, Buffer, ArrayBufferView, KeyObject, or CryptoKey. ${received(key)}`,
  );
}

export function createHash(algorithm: unknown): Hash {
  if (typeof algorithm !== 'string') throw invalidArgument('algorithm', 'of type string', algorithm);
  return new Hash(algorithm);
}

export function createHmac(algorithm: unknown, key: unknown): Hmac {
  if (typeof algorithm !== 'string') throw invalidArgument('hmac', 'of type string', algorithm);
  return new Hmac(algorithm, key);
}

/** In one step; hex unless another encoding is named. */
export function hash(algorithm: string, data: unknown, encoding: unknown = 'hex'): unknown {
  return createHash(algorithm).update(data).digest(encoding);
}
