/**
 * AES of `node:crypto` piece by piece, without authentication, from noble's.
 *
 * Promise: what can be enciphered of a piece is given at once, each byte is gone through once, and an end that was refused leaves
 * everything as it was, as in BoringSSL.
 */
import { cbc, ecb, unsafe } from '@noble/ciphers/aes.js';

export const BLOCK_BYTES = 16;

/** What `update` gives is nobody else's. */
export interface SteppedCipher {
  update(data: Uint8Array): Uint8Array;
  /** What is left; undefined when there is no right end here. */
  final(): Uint8Array | undefined;
  setPadding(isPadded: boolean): void;
}

export function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const all = new Uint8Array(one.length + other.length);
  all.set(one);
  all.set(other, one.length);
  return all;
}

/** Of one length; in a time that does not say where they differ. */
export function isSame(one: Uint8Array, other: Uint8Array): boolean {
  let difference = 0;
  for (let i = 0; i < one.length; i++) difference |= (one[i] as number) ^ (other[i] as number);
  return difference === 0;
}

/** What waits for more, and the whole blocks before it. */
export function inBlocks(waiting: Uint8Array, data: Uint8Array): { blocks: Uint8Array; rest: Uint8Array } {
  const all = joined(waiting, data);
  const end = all.length - (all.length % BLOCK_BYTES);
  return { blocks: all.subarray(0, end), rest: all.slice(end) };
}

/** Whole blocks, one or more, in their order. */
export type BlockWork = (blocks: Uint8Array) => Uint8Array;

const NO_PADDING = { disablePadding: true };

export function ecbWork(key: Uint8Array, isDecipher: boolean): BlockWork {
  return (blocks) => {
    const engine = ecb(key, NO_PADDING);
    return isDecipher ? engine.decrypt(blocks) : engine.encrypt(blocks);
  };
}

export function cbcWork(key: Uint8Array, iv: Uint8Array, isDecipher: boolean): BlockWork {
  let before = iv;
  return (blocks) => {
    const engine = cbc(key, before, NO_PADDING);
    const out = isDecipher ? engine.decrypt(blocks) : engine.encrypt(blocks);
    before = (isDecipher ? blocks : out).slice(-BLOCK_BYTES);
    return out;
  };
}

/** A decipher that expects padding holds its last whole block back, since that may be some. */
export class BlockCipher implements SteppedCipher {
  readonly #work: BlockWork;
  readonly #isDecipher: boolean;
  #isPadded = true;
  #waiting: Uint8Array = new Uint8Array();
  #heldBack: Uint8Array | undefined;

  constructor(work: BlockWork, isDecipher: boolean) {
    this.#work = work;
    this.#isDecipher = isDecipher;
  }

  setPadding(isPadded: boolean): void {
    this.#isPadded = isPadded;
  }

  update(data: Uint8Array): Uint8Array {
    if (data.length === 0) return new Uint8Array();
    const { blocks, rest } = inBlocks(this.#waiting, data);
    this.#waiting = rest;
    const out = blocks.length === 0 ? blocks : this.#work(blocks);
    return this.#isDecipher && this.#isPadded ? this.#afterHeldBack(out) : out;
  }

  #afterHeldBack(out: Uint8Array): Uint8Array {
    const before = this.#heldBack ?? new Uint8Array();
    const isWhole = this.#waiting.length === 0;
    this.#heldBack = isWhole ? out.slice(-BLOCK_BYTES) : undefined;
    return joined(before, isWhole ? out.subarray(0, -BLOCK_BYTES) : out);
  }

  final(): Uint8Array | undefined {
    if (!this.#isPadded) return this.#waiting.length === 0 ? new Uint8Array() : undefined;
    return this.#isDecipher ? this.#withoutPadding() : this.#work(padded(this.#waiting));
  }

  #withoutPadding(): Uint8Array | undefined {
    const last = this.#heldBack;
    if (!last || this.#waiting.length > 0) return undefined;
    const count = last[BLOCK_BYTES - 1] as number;
    if (count === 0 || count > BLOCK_BYTES) return undefined;
    const end = BLOCK_BYTES - count;
    return last.subarray(end).every((byte) => byte === count) ? last.slice(0, end) : undefined;
  }
}

function padded(rest: Uint8Array): Uint8Array {
  const block = new Uint8Array(BLOCK_BYTES).fill(BLOCK_BYTES - rest.length);
  block.set(rest);
  return block;
}

/** The same in both directions: as many bytes as came. */
export type StreamWork = (data: Uint8Array) => Uint8Array;

/**
 * @param work  goes over bytes in place, and moves its counter on by whole blocks only: so what was used of a block is gone
 *   over again with the next piece
 */
export function counted(work: (bytes: Uint8Array) => void): StreamWork {
  let used = 0;
  return (data) => {
    const bytes = new Uint8Array(used + data.length);
    bytes.set(data, used);
    work(bytes);
    const out = used === 0 ? bytes : bytes.slice(used);
    used = bytes.length % BLOCK_BYTES;
    return out;
  };
}

export function ctrWork(key: Uint8Array, iv: Uint8Array): StreamWork {
  const [expanded, counter] = [unsafe.expandKeyLE(key), iv.slice()];
  return counted((bytes) => unsafe.ctrCounter(expanded, counter, bytes, bytes));
}

export function ofbWork(key: Uint8Array, iv: Uint8Array): StreamWork {
  const [expanded, feedback] = [unsafe.expandKeyLE(key), iv.slice()];
  let used = BLOCK_BYTES;
  return (data) => {
    const out = new Uint8Array(data.length);
    for (let i = 0; i < data.length; i++) {
      if (used === BLOCK_BYTES) {
        unsafe.encryptBlock(expanded, feedback);
        used = 0;
      }
      out[i] = (data[i] as number) ^ (feedback[used++] as number);
    }
    return out;
  };
}

export class StreamCipher implements SteppedCipher {
  readonly update: StreamWork;

  constructor(work: StreamWork) {
    this.update = work;
  }

  /** There is none. */
  setPadding(): void {}

  final(): Uint8Array {
    return new Uint8Array();
  }
}
