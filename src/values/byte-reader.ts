/**
 * The cursor under the deserializer.
 *
 * Promise: never reads outside of its bytes and never allocates for a claimed length before it has compared it with what
 * is left; everything wrong is a DamagedValueError that says where.
 */
import {
  bigintOf,
  NativeUint8Array,
  NativeUint16Array,
  stringFromCharCode,
  stringIndexOf,
  textDecoderDecode,
  typedArrayBuffer,
  typedArrayByteOffset,
  typedArrayLength,
  typedArraySet,
} from '../base/primordials.ts';

/** Bytes that are no value of this format. `offset` counts from the first byte; `reason` is a clause without a full stop. */
export class DamagedValueError extends Error {
  override readonly name = 'DamagedValueError';
  readonly offset: number;
  readonly reason: string;

  constructor(offset: number, reason: string) {
    super(`The serialized value is damaged at byte ${offset}: ${reason}.`);
    this.offset = offset;
    this.reason = reason;
  }
}

// A byte order mark is a character of the string like any other.
const utf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true });
const strictUtf8Decoder = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });
const utf16Decoder = new TextDecoder('utf-16le', { ignoreBOM: true });
const REPLACEMENT = '\ufffd';
const double = new Float64Array(1);
const doubleBytes = new Uint8Array(double.buffer);
/** Below this length a loop beats the decoder's call. */
const DECODER_CHARS_MIN = 32;

export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#end = typedArrayLength(bytes);
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#end - this.#at;
  }

  /** Goes back to an offset it has been at. */
  rewind(offset: number): void {
    this.#at = offset;
  }

  fail(reason: string): never {
    throw new DamagedValueError(this.#at, reason);
  }

  byte(): number {
    if (this.#at >= this.#end) this.fail('it ends too early');
    return this.#bytes[this.#at++] as number;
  }

  /** The next byte, not taken; -1 at the end. */
  peek(): number {
    return this.#at < this.#end ? (this.#bytes[this.#at] as number) : -1;
  }

  varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.byte();
      // The fifth byte has room for four bits.
      if (shift === 28 && byte > 0x0f) this.fail('a number is longer than 32 bits');
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }

  bigVarint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      if (shift === 63n && byte > 1) this.fail('a number is longer than 64 bits');
      value |= bigintOf(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  /** A length of what follows in bytes, or in things of at least one byte. */
  length(what: string): number {
    const length = this.varint();
    if (length > this.#end - this.#at) this.fail(`${what} claims to be longer than the rest`);
    return length;
  }

  double(): number {
    if (this.#end - this.#at < 8) this.fail('it ends inside a number');
    for (let i = 0; i < 8; i++) doubleBytes[i] = this.#bytes[this.#at + i] as number;
    this.#at += 8;
    return double[0] as number;
  }

  bigint(): bigint {
    const header = this.varint();
    const size = header >>> 1;
    if (size > this.#end - this.#at) this.fail('a bigint claims to be longer than the rest');
    if (size === 0) return 0n;
    let hex = '';
    for (let i = this.#at + size - 1; i >= this.#at; i--) hex += HEX[this.#bytes[i] as number];
    this.#at += size;
    const value = bigintOf(`0x${hex}`);
    return header & 1 ? -value : value;
  }

  /** A copy. */
  raw(length: number): Uint8Array<ArrayBuffer> {
    if (length > this.#end - this.#at) this.fail('it ends inside binary data');
    const copy = new NativeUint8Array(length);
    this.copyTo(copy);
    return copy;
  }

  /** Fills `target`; the caller has compared its length with `remaining`. */
  copyTo(target: Uint8Array): void {
    const length = typedArrayLength(target);
    typedArraySet(target, this.#view(length));
    this.#at += length;
  }

  utf8(): string {
    const length = this.length('a text');
    const text = textDecoderDecode(utf8Decoder, this.#view(length)) as string;
    this.#at += length;
    return text;
  }

  oneByteString(): string {
    const length = this.length('a string');
    const start = this.#at;
    if (length < DECODER_CHARS_MIN) {
      this.#at += length;
      return fromCodes(this.#bytes, start, length);
    }
    const view = this.#view(length);
    this.#at += length;
    return (
      (isAsciiAtFirst(view) ? asciiText(view) : undefined) ??
      (textDecoderDecode(utf16Decoder, new NativeUint16Array(view)) as string)
    );
  }

  twoByteString(): string {
    const size = this.length('a string');
    if (size % 2 !== 0) this.fail('a two-byte string has an odd length');
    const length = size / 2;
    if (length >= DECODER_CHARS_MIN) {
      const text = textDecoderDecode(utf16Decoder, this.#view(size)) as string;
      if (stringIndexOf(text, REPLACEMENT) < 0) {
        this.#at += size;
        return text;
      }
      // A lone surrogate was replaced, or U+FFFD itself is in it.
    }
    // A copy lies at an even offset, where the bytes themselves may not.
    return fromCodes(new NativeUint16Array(typedArrayBuffer(this.raw(size))), 0, length);
  }

  #view(length: number): Uint8Array {
    const bytes = this.#bytes;
    return new NativeUint8Array(typedArrayBuffer(bytes), typedArrayByteOffset(bytes) + this.#at, length);
  }
}

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** A look at the beginning spares most texts with wide characters a failed attempt. */
function isAsciiAtFirst(bytes: Uint8Array): boolean {
  for (let i = 0; i < DECODER_CHARS_MIN; i++) if ((bytes[i] as number) > 0x7f) return false;
  return true;
}

/** Undefined unless all is ASCII: as UTF-8 any other byte is an error, or joins its neighbours to fewer characters. */
function asciiText(bytes: Uint8Array): string | undefined {
  try {
    const text = textDecoderDecode(strictUtf8Decoder, bytes) as string;
    return text.length === typedArrayLength(bytes) ? text : undefined;
  } catch {
    return undefined; // a TypeError: not UTF-8
  }
}

function fromCodes(codes: Uint8Array | Uint16Array, start: number, length: number): string {
  const at = (i: number) => codes[start + i] as number;
  let text = '';
  let i = 0;
  for (; i + 8 <= length; i += 8) {
    text += stringFromCharCode(at(i), at(i + 1), at(i + 2), at(i + 3), at(i + 4), at(i + 5), at(i + 6), at(i + 7));
  }
  for (; i + 4 <= length; i += 4) text += stringFromCharCode(at(i), at(i + 1), at(i + 2), at(i + 3));
  for (; i < length; i++) text += stringFromCharCode(at(i));
  return text;
}
