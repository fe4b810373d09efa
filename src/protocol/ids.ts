/**
 * Object ids, derived exactly as workerd and miniflare derive them, so that files and names are interchangeable.
 *
 *     key  = SHA-256(unique key)
 *     base = first 16 bytes of HMAC-SHA256(key, name), or 16 random bytes
 *     mac  = first 16 bytes of HMAC-SHA256(key, base)
 *     id   = base, mac
 *
 * Pure and synchronous: opaque contexts have no `crypto.subtle`.
 * @see workerd: server/actor-id-impl.c++; miniflare: do/namespaces.ts
 */
import { concat, encodeText, fromHex, toHex } from '../base/bytes.ts';
import { typedArraySubarray } from '../base/primordials.ts';
import { hmacSha256, sha256 } from '../base/sha256.ts';
import type { UniqueKey } from './names.ts';

const HALF_BYTES = 16;

export class IdFactory {
  readonly #key: Uint8Array;

  constructor(key: UniqueKey) {
    this.#key = sha256(encodeText(key));
  }

  /** 64 lower-case hex digits. */
  fromName(name: string): string {
    return this.#withMac(typedArraySubarray(hmacSha256(this.#key, encodeText(name)), 0, HALF_BYTES));
  }

  /** @param random 16 bytes */
  fromRandom(random: Uint8Array): string {
    return this.#withMac(typedArraySubarray(random, 0, HALF_BYTES));
  }

  /** Reads hex of either case. @throws TypeError with the platform's text for what is no id, or not one of this namespace */
  fromString(text: string): string {
    const bytes = text.length === 4 * HALF_BYTES ? fromHex(text) : undefined;
    if (!bytes) throw new TypeError('Invalid Durable Object ID: must be 64 hex digits');
    const id = toHex(bytes);
    if (this.#withMac(typedArraySubarray(bytes, 0, HALF_BYTES)) !== id) {
      throw new TypeError('Durable Object ID is not valid for this namespace.');
    }
    return id;
  }

  #withMac(base: Uint8Array): string {
    return toHex(concat([base, typedArraySubarray(hmacSha256(this.#key, base), 0, HALF_BYTES)]));
  }
}
