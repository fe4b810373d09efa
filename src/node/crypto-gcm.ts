/**
 * AES-GCM of `node:crypto` piece by piece, from noble's block function and GHASH.
 *
 * BoringSSL takes bytes that are nowhere (a view of an empty buffer, and not an empty view of another) for the end of the message,
 * and the platform hands them on: what then fails here, fails there.
 */
import { GHASH } from '@noble/ciphers/_polyval.js';
import { unsafe } from '@noble/ciphers/aes.js';
import { BLOCK_BYTES, counted, inBlocks, isSame, type SteppedCipher, type StreamWork } from './crypto-aes.ts';

/** How large a table noble makes beforehand: this one is made in 20 µs, and a larger one pays from some hundred KB. */
const EXPECTED_BYTES = 4096;

/**
 *   open --(the end; right, if it deciphers)--> spent
 *   open --(additional data too late, if it enciphers)--> spent
 *   open --(another tag than expected)--> marred, which deciphers on and is never right
 */
type State = 'open' | 'spent' | 'marred';

export class GcmCipher implements SteppedCipher {
  readonly #isDecipher: boolean;
  readonly #work: StreamWork;
  readonly #hash: Segments;
  /** Of the first counter, which hides the tag. */
  readonly #mask: Uint8Array;
  #state: State = 'open';
  #extraBytes = 0;
  #dataBytes = 0;
  #expected: Uint8Array | undefined;
  #made: Uint8Array | undefined;

  /** @param iv  one byte or more */
  constructor(key: Uint8Array, iv: Uint8Array, isDecipher: boolean) {
    const expanded = unsafe.expandKeyLE(key);
    const hashKey = unsafe.encryptBlock(expanded, new Uint8Array(BLOCK_BYTES));
    const first = firstCounter(hashKey, iv);
    const counter = first.slice();
    // Its last four bytes count alone; a block of nothing moves it on.
    unsafe.ctr32(expanded, false, counter, new Uint8Array(BLOCK_BYTES));
    this.#isDecipher = isDecipher;
    this.#work = counted((bytes) => unsafe.ctr32(expanded, false, counter, bytes, bytes));
    this.#hash = new Segments(hashKey);
    this.#mask = unsafe.encryptBlock(expanded, first);
  }

  /** All 16 bytes, once they have been made; given once, as on the platform. */
  takeTag(): Uint8Array {
    const tag = this.#made ?? new Uint8Array();
    this.#made = undefined;
    return tag;
  }

  expect(tag: Uint8Array): void {
    this.#expected = tag;
  }

  /** There is none. */
  setPadding(): void {}

  /** False when it is too late for that. */
  addExtra(extra: Uint8Array): boolean {
    if (isNowhere(extra)) return this.#end();
    if (this.#state === 'spent') return false;
    if (this.#dataBytes > 0) {
      if (!this.#isDecipher) this.#state = 'spent';
      return false;
    }
    this.#extraBytes += extra.length;
    this.#hash.add(extra);
    return true;
  }

  update(data: Uint8Array): Uint8Array {
    if (isNowhere(data)) return this.#end() ? new Uint8Array() : this.#refused(data);
    if (this.#state === 'spent') return this.#refused(data);
    if (this.#dataBytes === 0) this.#hash.endSegment();
    this.#dataBytes += data.length;
    const out = this.#work(data);
    this.#hash.add(this.#isDecipher ? data : out);
    return out;
  }

  /** The room that the platform had made for the answer, which nobody wrote to. */
  #refused(data: Uint8Array): Uint8Array {
    return new Uint8Array(this.#isDecipher ? 0 : data.length + 1);
  }

  final(): Uint8Array | undefined {
    return this.#end() ? new Uint8Array() : undefined;
  }

  #end(): boolean {
    if (this.#state !== 'open') return false;
    const expected = this.#expected;
    if (this.#isDecipher && !expected) return false;
    const tag = this.#hash.digest(this.#extraBytes, this.#dataBytes).map((byte, i) => byte ^ (this.#mask[i] as number));
    const isRight = !expected || isSame(expected, tag.subarray(0, expected.length));
    this.#made = tag;
    this.#state = isRight ? 'spent' : 'marred';
    return isRight;
  }
}

function isNowhere(bytes: Uint8Array): boolean {
  return bytes.buffer.byteLength === 0;
}

function firstCounter(hashKey: Uint8Array, iv: Uint8Array): Uint8Array {
  if (iv.length !== 12) return new Segments(hashKey).add(iv).digest(0, iv.length);
  const counter = new Uint8Array(BLOCK_BYTES);
  counter.set(iv);
  counter[BLOCK_BYTES - 1] = 1;
  return counter;
}

/** GHASH over segments that come in pieces; noble's fills every piece up to a whole block. */
class Segments {
  readonly #hash: GHASH;
  #waiting: Uint8Array = new Uint8Array();
  #isOpen = true;

  constructor(hashKey: Uint8Array) {
    this.#hash = new GHASH(hashKey, EXPECTED_BYTES);
  }

  add(bytes: Uint8Array): this {
    if (!this.#isOpen) return this;
    const { blocks, rest } = inBlocks(this.#waiting, bytes);
    this.#hash.update(blocks);
    this.#waiting = rest;
    return this;
  }

  endSegment(): void {
    if (!this.#isOpen) return;
    this.#hash.update(this.#waiting);
    this.#waiting = new Uint8Array();
  }

  /** What is added afterwards is not heard. */
  digest(...segmentBytes: [number, number]): Uint8Array {
    this.endSegment();
    this.#isOpen = false;
    const lengths = new DataView(new ArrayBuffer(BLOCK_BYTES));
    for (const [index, bytes] of segmentBytes.entries()) lengths.setBigUint64(index * 8, BigInt(bytes) * 8n);
    return this.#hash.update(new Uint8Array(lengths.buffer)).digest();
  }
}
