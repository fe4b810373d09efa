/** Bytes: hex, UTF-8, joining and comparing. Knows no format. */
import {
  arrayBufferByteLength,
  arrayBufferIsView,
  arrayBufferTransfer,
  dataViewBuffer,
  dataViewByteLength,
  dataViewByteOffset,
  NativeUint8Array,
  numberParseInt,
  regExpExec,
  stringCharCodeAt,
  stringCodePointAt,
  stringIsWellFormed,
  stringSlice,
  stringToUpperCase,
  textDecoderDecode,
  textEncoderEncode,
  typedArrayBuffer,
  typedArrayByteLength,
  typedArrayByteOffset,
  typedArrayLength,
  typedArraySet,
  typedArraySlice,
  typedArrayTag,
} from './primordials.ts';

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
const encoder = new TextEncoder();
const decoder = new TextDecoder();
const markingDecoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Lower-case hexadecimal, two digits a byte. */
export function toHex(bytes: Uint8Array): string {
  let text = '';
  const length = typedArrayLength(bytes);
  for (let i = 0; i < length; i++) text += HEX[bytes[i] as number];
  return text;
}

/** Reads an even number of hex digits, either case; anything else gives undefined. */
export function fromHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || regExpExec(/^[0-9a-fA-F]*$/, text) === null) return undefined;
  const length = text.length / 2;
  const bytes = new NativeUint8Array(length);
  for (let i = 0; i < length; i++) {
    bytes[i] = numberParseInt((text[2 * i] as string) + (text[2 * i + 1] as string), 16);
  }
  return bytes;
}

/** Lone surrogates become U+FFFD, as in workerd. */
export function utf8(text: string): Uint8Array {
  return textEncoderEncode(encoder, text);
}

/** How many bytes a text is in UTF-8. */
export function utf8Size(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) {
    const unit = stringCharCodeAt(text, i);
    if (unit > 0x7f) bytes += unit > 0x7ff ? 2 : 1;
    // The two halves of a character outside the plane are four bytes together.
    if (unit >= 0xd800 && unit <= 0xdfff) bytes--;
  }
  return bytes;
}

const SURROGATE = /[\ud800-\udfff]/;
/** with this flag a pair is one character */
const LONE = /[\ud800-\udfff]/u;

/** UTF-8, but a lone surrogate becomes its own three bytes and so survives comparison; workerd writes strings this way. */
export function encodeText(text: string): Uint8Array<ArrayBuffer> {
  return isWellFormed(text) ? (textEncoderEncode(encoder, text) as Uint8Array<ArrayBuffer>) : encodeSurrogates(text);
}

/** What is read of a text that was sent so: three U+FFFD for each lone surrogate. */
export function sentText(text: string): string {
  return isWellFormed(text) ? text : textDecoderDecode(markingDecoder, encodeSurrogates(text));
}

/** A text for the parser of addresses, which escapes all else: each lone surrogate as its three bytes, escaped. */
export function escapeSurrogates(text: string): string {
  if (isWellFormed(text)) return text;
  let escaped = '';
  for (let i = 0; i < text.length; i++) {
    const code = stringCodePointAt(text, i) as number;
    const units = code >= 0x10000 ? 2 : 1;
    const part = stringSlice(text, i, i + units);
    i += units - 1;
    if (code < 0xd800 || code > 0xdfff) escaped += part;
    else {
      const bytes = encodeSurrogates(part);
      for (let at = 0; at < 3; at++) escaped += `%${stringToUpperCase(HEX[bytes[at] as number] as string)}`;
    }
  }
  return escaped;
}

/** Without lone surrogates. Of texts of one byte a character it is known at once. */
function isWellFormed(text: string): boolean {
  return stringIsWellFormed ? stringIsWellFormed(text) : regExpExec(LONE, text) === null;
}

/** Pairs and lone ones. */
export function hasSurrogates(text: string): boolean {
  return regExpExec(SURROGATE, text) !== null;
}

function encodeSurrogates(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new NativeUint8Array(text.length * 3);
  let end = 0;
  for (let i = 0; i < text.length; i++) {
    const code = stringCodePointAt(text, i) as number;
    if (code >= 0x10000) i++; // two units
    if (code < 0x80) bytes[end++] = code;
    else {
      if (code < 0x800) bytes[end++] = 0xc0 | (code >> 6);
      else {
        if (code < 0x10000) bytes[end++] = 0xe0 | (code >> 12);
        else {
          bytes[end++] = 0xf0 | (code >> 18);
          bytes[end++] = 0x80 | ((code >> 12) & 63);
        }
        bytes[end++] = 0x80 | ((code >> 6) & 63);
      }
      bytes[end++] = 0x80 | (code & 63);
    }
  }
  return typedArraySlice(bytes, 0, end) as Uint8Array<ArrayBuffer>;
}

export function fromUtf8(bytes: Uint8Array): string {
  return textDecoderDecode(decoder, bytes);
}

/** The bytes of a buffer, or those that a view shows: not copied. Undefined for anything else. */
export function bytesIn(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  if (!arrayBufferIsView(value)) return isArrayBuffer(value) ? new NativeUint8Array(value) : undefined;
  if (typedArrayTag(value) === undefined) {
    return new NativeUint8Array(dataViewBuffer(value), dataViewByteOffset(value), dataViewByteLength(value));
  }
  return new NativeUint8Array(typedArrayBuffer(value), typedArrayByteOffset(value), typedArrayByteLength(value));
}

/** As `bytesIn`; a text is encoded. */
export function bytesOrText(value: unknown): Uint8Array<ArrayBuffer> | undefined {
  return typeof value === 'string' ? (utf8(value) as Uint8Array<ArrayBuffer>) : bytesIn(value);
}

export function isArrayBuffer(value: unknown): value is ArrayBuffer {
  try {
    arrayBufferByteLength(value);
    return true;
  } catch {
    return false; // the getter's one error is that it is none
  }
}

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (let i = 0; i < parts.length; i++) length += typedArrayLength(parts[i]);
  const joined = new NativeUint8Array(length);
  let at = 0;
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as Uint8Array;
    typedArraySet(joined, part, at);
    at += typedArrayLength(part);
  }
  return joined;
}

/** Negative, zero or positive, byte by byte; a prefix comes before what it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const lengthOfA = typedArrayLength(a);
  const lengthOfB = typedArrayLength(b);
  const shared = lengthOfA < lengthOfB ? lengthOfA : lengthOfB;
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return lengthOfA - lengthOfB;
}

/**
 * Gives the memory behind `bytes` back now, where the browser can (not before Chromium 114, Firefox 122, Safari 17.4): a
 * collection of garbage comes when tens of megabytes have gathered. Nobody may read them, or what shares their buffer, again.
 */
export function giveBack(bytes: Uint8Array): void {
  if (typedArrayByteLength(bytes) > 0) arrayBufferTransfer?.(typedArrayBuffer(bytes), 0);
}
