/**
 * AES of `node:crypto`, from noble's.
 *
 * `update` gives nothing and `final` all of it, so only who reads between the two sees a difference from Node.
 */
import { cbc, ctr, ecb, gcm } from '@noble/ciphers/aes.js';
import { Buffer } from './buffer.ts';
import { bytesOf, encoded } from './crypto-hash.ts';
import { heldKey, secretOr } from './crypto-web-keys.ts';
import { codeError } from './errors.ts';
import { Transform } from './stream.ts';

const TAG_BYTES = 16;
const MODES = { cbc, ctr, ecb, gcm };

interface Named {
  mode: keyof typeof MODES;
  keyBytes: number;
}

function named(algorithm: unknown): Named {
  const match = /^(?:aes-|aes|id-aes)(128|192|256)-(cbc|ctr|ecb|gcm)$/i.exec(String(algorithm));
  if (!match) throw codeError(Error, 'ERR_CRYPTO_UNKNOWN_CIPHER', 'Unknown cipher');
  return { mode: (match[2] as string).toLowerCase() as keyof typeof MODES, keyBytes: Number(match[1]) / 8 };
}

export function getCiphers(): string[] {
  return Object.keys(MODES).flatMap((mode) => [128, 192, 256].map((bits) => `aes-${bits}-${mode}`));
}

abstract class Cipher extends Transform {
  readonly #named: Named;
  readonly #key: Uint8Array;
  readonly #iv: Uint8Array | undefined;
  readonly #chunks: Uint8Array[] = [];
  #extra: Uint8Array | undefined;
  #isPadded = true;
  #isFinal = false;

  constructor(algorithm: unknown, key: unknown, iv: unknown) {
    super();
    this.#named = named(algorithm);
    this.#key = secretFor(key);
    this.#iv = iv === null || iv === undefined ? undefined : bytesOf(iv, 'utf8', 'iv');
    if (this.#key.length !== this.#named.keyBytes) {
      throw codeError(RangeError, 'ERR_CRYPTO_INVALID_KEYLEN', 'Invalid key length');
    }
    const needsIv = this.#named.mode !== 'ecb';
    const isWrong = this.#named.mode === 'gcm' ? !this.#iv?.length : this.#iv?.length !== 16;
    if (needsIv && isWrong) throw codeError(TypeError, 'ERR_CRYPTO_INVALID_IV', 'Invalid initialization vector');
  }

  protected get isAuthenticated(): boolean {
    return this.#named.mode === 'gcm';
  }

  update(data: unknown, inputEncoding?: unknown, outputEncoding?: unknown): unknown {
    this.#chunks.push(bytesOf(data, inputEncoding).slice());
    return encoded(new Uint8Array(), outputEncoding);
  }

  final(outputEncoding?: unknown): unknown {
    if (this.#isFinal) throw codeError(Error, 'ERR_CRYPTO_INVALID_STATE', 'Invalid state for operation final');
    this.#isFinal = true;
    return encoded(this.process(Buffer.concat(this.#chunks) as Uint8Array), outputEncoding);
  }

  setAAD(data: unknown): this {
    this.#extra = bytesOf(data, 'utf8', 'buffer').slice();
    return this;
  }

  setAutoPadding(isPadded = true): this {
    this.#isPadded = isPadded;
    return this;
  }

  protected abstract process(input: Uint8Array): Uint8Array;

  protected engine(): { encrypt(bytes: Uint8Array): Uint8Array; decrypt(bytes: Uint8Array): Uint8Array } {
    const iv = this.#iv ?? new Uint8Array();
    const options = { disablePadding: !this.#isPadded };
    switch (this.#named.mode) {
      case 'gcm':
        return gcm(this.#key, iv, this.#extra);
      case 'ctr':
        return ctr(this.#key, iv);
      case 'cbc':
        return cbc(this.#key, iv, options);
      case 'ecb':
        return ecb(this.#key, options);
      default:
        return this.#named.mode satisfies never;
    }
  }

  _transform(chunk: unknown, encoding: unknown, done: () => void): void {
    this.update(chunk, encoding);
    done();
  }

  _flush(done: (error?: unknown) => void): void {
    try {
      this.push(this.final());
      done();
    } catch (error) {
      done(error);
    }
  }
}

/** The platform's ciphers take none of WebCrypto's keys. */
function secretFor(key: unknown): Uint8Array {
  const secret = bytesOf(secretOr(key), 'utf8', 'key');
  if (heldKey(key)?.web) throw new Error('Failed to get raw secret key data');
  return secret;
}

export class Cipheriv extends Cipher {
  #tag: Uint8Array | undefined;

  getAuthTag(): unknown {
    if (!this.#tag) throw codeError(Error, 'ERR_CRYPTO_INVALID_STATE', 'Invalid state for operation getAuthTag');
    return Buffer.from(this.#tag);
  }

  protected override process(input: Uint8Array): Uint8Array {
    const output = this.engine().encrypt(input);
    if (!this.isAuthenticated) return output;
    this.#tag = output.slice(-TAG_BYTES);
    return output.slice(0, -TAG_BYTES);
  }
}

export class Decipheriv extends Cipher {
  #tag: Uint8Array | undefined;

  setAuthTag(tag: unknown, encoding?: unknown): this {
    this.#tag = bytesOf(tag, encoding, 'buffer').slice();
    return this;
  }

  protected override process(input: Uint8Array): Uint8Array {
    const whole = this.isAuthenticated ? (Buffer.concat([input, this.#tag ?? new Uint8Array()]) as Uint8Array) : input;
    try {
      return this.engine().decrypt(whole);
    } catch {
      throw new Error(this.isAuthenticated ? 'Unsupported state or unable to authenticate data' : 'bad decrypt');
    }
  }
}

export function createCipheriv(algorithm: unknown, key: unknown, iv: unknown): Cipheriv {
  return new Cipheriv(algorithm, key, iv);
}

export function createDecipheriv(algorithm: unknown, key: unknown, iv: unknown): Decipheriv {
  return new Decipheriv(algorithm, key, iv);
}
