/**
 * One encryption of `node:crypto` that goes by steps: what may be asked of it when, in the platform's words.
 *
 * Source: workerd 1.20260730; `node/crypto-ciphers` asks it.
 */
import type { SteppedCipher } from './crypto-aes.ts';
import { GcmCipher } from './crypto-gcm.ts';

export const TAG_BYTES = 16;
/** What NIST allows. */
export const TAG_SIZES = [4, 8, 12, 13, 14, 15, TAG_BYTES];

export interface CipherRequest {
  isDecipher: boolean;
  name: string;
  key: Uint8Array;
  iv: Uint8Array;
  /** that every tag must have */
  tagBytes: number | undefined;
}

/** @throws Error for what is finished, for what the mode has not, and for what does not fit */
export interface CipherHandle {
  update(data: Uint8Array): Uint8Array;
  final(): Uint8Array;
  setAutoPadding(isPadded: boolean): void;
  setAAD(extra: Uint8Array): void;
  getAuthTag(): Uint8Array;
  setAuthTag(tag: Uint8Array): void;
}

export function wrongTagLength(): Error {
  return new Error('Invalid authentication tag length');
}

export function noTag(): Error {
  return new Error('No auth tag provided');
}

export function tagIsSet(): Error {
  return new Error('Auth tag is already set');
}

export function tagTooEarly(): Error {
  return new Error('Auth tag is only available once cipher context has been finalized');
}

export function alreadyFinalized(): Error {
  return new Error('Cipher/decipher context has already been finalized');
}

export class SteppedHandle implements CipherHandle {
  readonly #cipher: SteppedCipher;
  readonly #gcm: GcmCipher | undefined;
  readonly #isDecipher: boolean;
  readonly #tagBytes: number | undefined;
  #isFinal = false;
  #given: Uint8Array | undefined;
  /** Asked for once, before the first bytes; one that comes later is never looked at. */
  #isTagAsked = false;

  constructor(cipher: SteppedCipher, { isDecipher, tagBytes }: CipherRequest) {
    this.#cipher = cipher;
    this.#gcm = cipher instanceof GcmCipher ? cipher : undefined;
    this.#isDecipher = isDecipher;
    this.#tagBytes = tagBytes;
  }

  update(data: Uint8Array): Uint8Array {
    this.#checkOpen();
    this.#askForTag();
    return this.#cipher.update(data);
  }

  final(): Uint8Array {
    this.#checkOpen();
    this.#askForTag();
    const rest = this.#cipher.final();
    if (!rest) throw new Error('Authentication failed');
    this.#isFinal = true;
    return rest;
  }

  setAutoPadding(isPadded: boolean): void {
    this.#checkOpen();
    this.#cipher.setPadding(isPadded);
  }

  setAAD(extra: Uint8Array): void {
    this.#checkOpen();
    if (!this.#authenticated().addExtra(extra)) throw new Error('Failed to set AAD');
  }

  /** Nothing, if the mode has none, and when it was given before. */
  getAuthTag(): Uint8Array {
    if (!this.#isFinal) throw tagTooEarly();
    return this.#gcm?.takeTag().slice(0, this.#tagBytes ?? TAG_BYTES) ?? new Uint8Array();
  }

  setAuthTag(tag: Uint8Array): void {
    this.#checkOpen();
    this.#authenticated();
    if (this.#given) throw tagIsSet();
    const isRight = this.#tagBytes === undefined ? TAG_SIZES.includes(tag.length) : tag.length === this.#tagBytes;
    if (!isRight) throw wrongTagLength();
    this.#given = tag.slice();
  }

  #checkOpen(): void {
    if (this.#isFinal) throw alreadyFinalized();
  }

  #authenticated(): GcmCipher {
    if (!this.#gcm) throw new Error('Cipher does not support authenticated mode');
    return this.#gcm;
  }

  #askForTag(): void {
    if (!this.#isDecipher || !this.#gcm || this.#isTagAsked) return;
    this.#isTagAsked = true;
    if (!this.#given) throw noTag();
    this.#gcm.expect(this.#given);
  }
}
