/**
 * Header values as a browser has them, whose classes hold one character for each byte: UTF-8, as the platform sends and reads.
 *
 * Promise: a text comes back as it was, but for half of a surrogate pair, which is three U+FFFD then. Values that are joined come
 * back joined.
 */
import { encodeText } from './bytes.ts';
import {
  NativeUint8Array,
  regExpExec,
  stringCharCodeAt,
  stringFromCharCode,
  textDecoderDecode,
  typedArrayLength,
} from './primordials.ts';

const BEYOND_ASCII = /[^\0-\x7f]/;
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** Those that are are the same in both forms. */
export function isAscii(value: string): boolean {
  return regExpExec(BEYOND_ASCII, value) === null;
}

export function toHeaderBytes(value: string): string {
  if (isAscii(value)) return value;
  const bytes = encodeText(value);
  let text = '';
  for (let i = 0; i < typedArrayLength(bytes); i++) text += stringFromCharCode(bytes[i] as number);
  return text;
}

export function fromHeaderBytes(value: string): string {
  if (isAscii(value)) return value;
  const bytes = new NativeUint8Array(value.length);
  for (let i = 0; i < value.length; i++) bytes[i] = stringCharCodeAt(value, i);
  return textDecoderDecode(decoder, bytes) as string;
}
