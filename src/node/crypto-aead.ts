/**
 * Authenticated ciphers of `node:crypto` that take their message in one piece, from noble's: ChaCha20-Poly1305 and AES-GCM-SIV.
 *
 * Source: workerd 1.20260730; `node/crypto-ciphers` asks it.
 */
import { gcmsiv } from '@noble/ciphers/aes.js';
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { isSame, joined } from './crypto-aes.ts';
import {
  alreadyFinalized,
  type CipherHandle,
  type CipherRequest,
  noTag,
  TAG_BYTES,
  tagIsSet,
  tagTooEarly,
  wrongTagLength,
} from './crypto-cipher-handle.ts';

interface Sealing {
  key: Uint8Array;
  iv: Uint8Array;
  extra: Uint8Array | undefined;
}

/** @property open  undefined for a tag that is not that of the rest */
export interface Aead {
  shortestTag: number;
  /** The message, hidden, and 16 bytes. */
  seal(by: Sealing, data: Uint8Array): Uint8Array;
  open(by: Sealing, data: Uint8Array, tag: Uint8Array): Uint8Array | undefined;
}

const chacha: Aead = {
  shortestTag: 1,
  seal: ({ key, iv, extra }, data) => chacha20poly1305(key, iv, extra).encrypt(data),
  /** It is the same in both directions, so a tag that is cut can be compared with the whole one. */
  open(by, data, tag) {
    const shown = chacha.seal(by, data).slice(0, data.length);
    const whole = chacha.seal(by, shown).subarray(data.length);
    return isSame(tag, whole.subarray(0, tag.length)) ? shown : undefined;
  },
};

const siv: Aead = {
  shortestTag: TAG_BYTES,
  seal: ({ key, iv, extra }, data) => gcmsiv(key, iv, extra).encrypt(data),
  open({ key, iv, extra }, data, tag) {
    try {
      return gcmsiv(key, iv, extra).decrypt(joined(data, tag));
    } catch {
      // Lengths are right: it has nothing else to say.
      return undefined;
    }
  },
};

export const AEADS: Readonly<Record<string, Aead>> = {
  'chacha20-poly1305': chacha,
  'aes-128-gcm-siv': siv,
  'aes-256-gcm-siv': siv,
};

export class WholeHandle implements CipherHandle {
  readonly #aead: Aead;
  readonly #request: CipherRequest;
  readonly #tagBytes: number;
  #extra: Uint8Array | undefined;
  #tag: Uint8Array | undefined;
  #isUpdated = false;
  #isFinal = false;

  constructor(aead: Aead, request: CipherRequest) {
    this.#aead = aead;
    this.#request = request;
    this.#tagBytes = request.tagBytes ?? TAG_BYTES;
  }

  update(data: Uint8Array): Uint8Array {
    if (this.#isUpdated) throw new Error('update() can only be invoked once on an AEAD');
    if (this.#isFinal) throw alreadyFinalized();
    const out = this.#request.isDecipher ? this.#opened(data) : this.#sealed(data);
    this.#isUpdated = true;
    return out;
  }

  #sealed(data: Uint8Array): Uint8Array {
    const sealed = this.#aead.seal({ ...this.#request, extra: this.#extra }, new Uint8Array(data));
    this.#tag = sealed.slice(data.length, data.length + this.#tagBytes);
    return sealed.slice(0, data.length);
  }

  #opened(data: Uint8Array): Uint8Array {
    if (!this.#tag) throw noTag();
    const shown = this.#aead.open({ ...this.#request, extra: this.#extra }, new Uint8Array(data), this.#tag);
    if (shown) return shown;
    const reason = 'Incorrect key/IV or corrupted ciphertext/authentication tag provided.';
    throw new DOMException(`Decryption failed: ${reason}`, 'OperationError');
  }

  final(): Uint8Array {
    if (this.#isFinal) throw alreadyFinalized();
    this.#isFinal = true;
    return new Uint8Array();
  }

  setAutoPadding(): void {
    if (this.#isFinal) throw alreadyFinalized();
    throw new Error('Setting autopadding is not supported on AEADs');
  }

  /** Only the last counts, and not after the message. */
  setAAD(extra: Uint8Array): void {
    if (this.#isFinal) throw alreadyFinalized();
    this.#extra = new Uint8Array(extra);
  }

  /** Given once. */
  getAuthTag(): Uint8Array {
    if (!this.#isFinal) throw tagTooEarly();
    const tag = this.#tag ?? new Uint8Array();
    this.#tag = undefined;
    return tag;
  }

  setAuthTag(tag: Uint8Array): void {
    if (this.#isFinal) throw alreadyFinalized();
    if (this.#tag) throw tagIsSet();
    if (tag.length !== this.#tagBytes) throw wrongTagLength();
    this.#tag = new Uint8Array(tag);
  }
}
