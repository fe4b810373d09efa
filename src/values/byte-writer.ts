/**
 * The growing buffer under the serializer.
 *
 * Promise: what is written is exactly what V8 would write for it; binary data moves as memory copies. The result is a
 * buffer of its own with no spare room, for it may be posted or stored, and both copy the whole buffer under a view. What
 * is put beside is counted as if it lay among the bytes.
 *
 * Knows tags of strings and bigints, nothing of objects.
 */
import {
  arrayAppend,
  bigintToString,
  mathMax,
  numberIsNaN,
  stringCharCodeAt,
  textEncoderEncode,
  textEncoderEncodeInto,
  typedArrayBuffer,
  typedArrayLength,
  typedArraySet,
} from '../base/primordials.ts';
import { FORMAT_VERSION, Tag, VERSION_TAG } from './tags.ts';

// A program may put something else in their places.
const Bytes = Uint8Array;
const Words = Uint16Array;

const SCRATCH_BYTES = 16 * 1024;
/** A post copies the whole buffer under a view: as much as a part of so many may be copied in vain. */
const SPARE_PART = 16;
/** Below this length a loop over the characters beats the encoder's call. */
const ENCODER_CHARS_MIN = 48;
/** Below this length a loop over the bytes beats making a view. */
const COPY_LOOP_BYTES_MAX = 48;

const encoder = new TextEncoder();
const double = new Float64Array(1);
const doubleBytes = new Bytes(double.buffer);
const NAN_BYTES = [0, 0, 0, 0, 0, 0, 0xf8, 0x7f] as const;

/** One buffer is kept between calls; a nested call (a getter that serializes) takes a fresh one. */
let spare: Uint8Array | undefined = new Bytes(SCRATCH_BYTES);

export class ByteWriter {
  #bytes: Uint8Array;
  /** how many bytes there is room for: their `length` is a getter that a program can replace */
  #size = SCRATCH_BYTES;
  #at = 2;
  readonly #besideMin: number;
  #buffers: ArrayBuffer[] | undefined;
  /** by how much everything would be longer in one piece */
  #savedBytes = 0;

  /** @param besideMin  from this length on binary data goes beside the bytes */
  constructor(besideMin = Infinity) {
    this.#besideMin = besideMin;
    this.#bytes = spare ?? new Bytes(SCRATCH_BYTES);
    spare = undefined;
    this.#bytes[0] = VERSION_TAG;
    this.#bytes[1] = FORMAT_VERSION;
  }

  /** What was put beside, by number; undefined: nothing. */
  get buffers(): readonly ArrayBuffer[] | undefined {
    return this.#buffers;
  }

  /** How long it would be in one piece. */
  get wholeLength(): number {
    return this.#at + this.#savedBytes;
  }

  /**
   * All that was written, without what is beside, in a buffer of exactly that size.
   *
   * @param spare  it may be larger by a little: for what is posted and not kept, where a second copy of much costs more
   */
  toBytes(spare = false): Uint8Array {
    const length = this.#at;
    const most = spare ? length + length / SPARE_PART : length;
    if (length > SCRATCH_BYTES && this.#size <= most) {
      const whole = new Bytes(typedArrayBuffer(this.#bytes), 0, length);
      this.#bytes = new Bytes(0);
      this.#size = 0;
      return whole;
    }
    const result = new Bytes(length);
    this.#copy(this.#bytes, 0, length, result, 0);
    return result;
  }

  /** Gives the buffer back; the writer is not used after this. */
  release(): void {
    if (this.#size === SCRATCH_BYTES) spare = this.#bytes;
  }

  byte(value: number): void {
    if (this.#at === this.#size) this.#grow(1);
    this.#bytes[this.#at++] = value;
  }

  /** An unsigned 32-bit integer, seven bits a byte, lowest first. */
  varint(value: number): void {
    if (this.#at + 5 > this.#size) this.#grow(5);
    const bytes = this.#bytes;
    let at = this.#at;
    let rest = value >>> 0;
    while (rest > 0x7f) {
      bytes[at++] = rest | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#at = at;
  }

  /** A small integer with its tag. */
  int32(value: number): void {
    if (this.#at + 6 > this.#size) this.#grow(6);
    const bytes = this.#bytes;
    let at = this.#at;
    bytes[at++] = Tag.int32;
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 0x7f) {
      bytes[at++] = rest | 0x80;
      rest >>>= 7;
    }
    bytes[at++] = rest;
    this.#at = at;
  }

  /** Every NaN becomes the one that V8 itself makes. */
  double(value: number): void {
    if (this.#at + 8 > this.#size) this.#grow(8);
    const bytes = this.#bytes;
    const at = this.#at;
    let from: ArrayLike<number> = NAN_BYTES;
    if (!numberIsNaN(value)) {
      double[0] = value;
      from = doubleBytes;
    }
    for (let i = 0; i < 8; i++) bytes[at + i] = from[i] as number;
    this.#at = at + 8;
  }

  /** Sign and length, then 64-bit digits, lowest first. The tag, if one is wanted, stands before it. */
  bigint(value: bigint): void {
    const negative = value < 0n;
    const hex = bigintToString(negative ? -value : value, 16) as string;
    const digits = value === 0n ? 0 : ((hex.length + 15) / 16) | 0;
    this.varint((digits << 4) | (negative ? 1 : 0));
    const size = digits * 8;
    if (this.#at + size > this.#size) this.#grow(size);
    const bytes = this.#bytes;
    let end = hex.length;
    for (let i = 0; i < size; i++, end -= 2) {
      const low = end > 0 ? hexDigit(stringCharCodeAt(hex, end - 1)) : 0;
      const high = end > 1 ? hexDigit(stringCharCodeAt(hex, end - 2)) : 0;
      bytes[this.#at++] = (high << 4) | low;
    }
  }

  raw(source: Uint8Array): void {
    const length = typedArrayLength(source);
    if (this.#at + length > this.#size) this.#grow(length);
    if (length > 0) typedArraySet(this.#bytes, source, this.#at);
    this.#at += length;
  }

  goesBeside(source: Uint8Array): boolean {
    return typedArrayLength(source) >= this.#besideMin;
  }

  /** Copies it beside the bytes, which get its number in the place of its length and itself. */
  beside(source: Uint8Array): void {
    this.#buffers ??= [];
    const number = this.#buffers.length;
    const length = typedArrayLength(source);
    const copy = new Bytes(length);
    typedArraySet(copy, source);
    arrayAppend(this.#buffers, typedArrayBuffer(copy));
    this.varint(number);
    this.#savedBytes += varintLength(length) + length - varintLength(number);
  }

  /** UTF-8 behind its length in bytes, as workerd's host objects have it. Lone surrogates become U+FFFD. */
  utf8(text: string): void {
    const bytes = textEncoderEncode(encoder, text) as Uint8Array;
    this.varint(typedArrayLength(bytes));
    this.raw(bytes);
  }

  /** One byte a character when every character fits, else two, padded so that they lie at an even offset. */
  string(text: string): void {
    const length = text.length;
    if (this.#at + length + 6 > this.#size) this.#grow(length + 6);
    const start = this.#at;
    this.#bytes[this.#at++] = Tag.oneByteString;
    this.varint(length);
    const bytes = this.#bytes;
    const at = this.#at;
    if (length >= ENCODER_CHARS_MIN && isAsciiAtFirst(text)) {
      const target = new Bytes(typedArrayBuffer(bytes), at, length);
      const { read } = textEncoderEncodeInto(encoder, text, target) as { read: number };
      if (read === length) {
        this.#at = at + length;
        return;
      }
    }
    for (let i = 0; i < length; i++) {
      const code = stringCharCodeAt(text, i);
      if (code > 0xff) {
        this.#at = start;
        this.#twoByteString(text);
        return;
      }
      bytes[at + i] = code;
    }
    this.#at = at + length;
  }

  #twoByteString(text: string): void {
    const size = text.length * 2;
    if (this.#at + size + 7 > this.#size) this.#grow(size + 7);
    const start = this.#at + 1 + varintLength(size);
    if ((start + this.#savedBytes) & 1) this.#savedBytes++;
    if (start & 1) {
      this.#bytes[this.#at++] = Tag.padding;
      this.#savedBytes--;
    }
    this.#bytes[this.#at++] = Tag.twoByteString;
    this.varint(size);
    const codes = new Words(typedArrayBuffer(this.#bytes), this.#at, text.length);
    for (let i = 0; i < text.length; i++) codes[i] = stringCharCodeAt(text, i);
    this.#at += size;
  }

  #grow(more: number): void {
    const old = this.#bytes;
    const needed = this.#at + more;
    // A big payload is usually most of its value: room for it and a little, rather than doubling past it.
    const oldSize = this.#size;
    const size = mathMax(needed + 1024, oldSize * 2);
    const grown = new Bytes(size);
    this.#copy(old, 0, this.#at, grown, 0);
    this.#bytes = grown;
    this.#size = size;
    if (oldSize === SCRATCH_BYTES) spare ??= old;
  }

  #copy(from: Uint8Array, start: number, length: number, to: Uint8Array, at: number): void {
    if (length <= COPY_LOOP_BYTES_MAX) {
      for (let i = 0; i < length; i++) to[at + i] = from[start + i] as number;
    } else {
      // A view made by its constructor: `subarray` would ask a constructor that user code may have changed.
      typedArraySet(to, new Bytes(typedArrayBuffer(from), start, length), at);
    }
  }
}

/** A look at the beginning spares most texts with wide characters a failed attempt. */
function isAsciiAtFirst(text: string): boolean {
  for (let i = 0; i < ENCODER_CHARS_MIN; i++) if (stringCharCodeAt(text, i) > 0x7f) return false;
  return true;
}

function varintLength(value: number): number {
  return value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x200000 ? 3 : value < 0x10000000 ? 4 : 5;
}

function hexDigit(code: number): number {
  return code < 0x3a ? code - 0x30 : code - 0x57;
}
