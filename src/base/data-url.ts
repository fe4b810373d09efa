/**
 * `data:` addresses, read as the platform reads them.
 *
 * Promise: what a browser refuses in base64 is passed over; a type that is none is plain text in ASCII.
 * @see workerd: api/data-url.c++; every case was seen in workerd 1.20260730
 */
import { utf8 } from './bytes.ts';
import { mimeText, parseMime } from './mime.ts';
import {
  arrayAppend,
  NativeUint8Array,
  regExpExec,
  stringCharCodeAt,
  stringFromCharCode,
  stringIndexOf,
} from './primordials.ts';

export interface DataUrl {
  /** as a `content-type` */
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const HEAD = /^data:([^,#]*),([^#]*)/;
const BASE64 = /^([\s\S]*); *base64 *$/i;
const PLAIN = 'text/plain;charset=US-ASCII';

/** @param href  as URL gives it @returns undefined for what is no address of data, or has no comma */
export function readDataUrl(href: string): DataUrl | undefined {
  const found = regExpExec(HEAD, href);
  if (!found) return undefined;
  const described = found[1] as string;
  const encoded = regExpExec(BASE64, described)?.[1];
  const decoded = percentDecoded(found[2] as string);
  return { type: typeOf(encoded ?? described), bytes: encoded === undefined ? decoded : base64Decoded(decoded) };
}

/** An address without what it loses anyway; browsers keep it in one of data. */
export function withoutBreaks(href: string): string {
  if (regExpExec(/[\t\n\r]/, href) === null) return href;
  let text = '';
  for (let i = 0; i < href.length; i++) {
    const code = stringCharCodeAt(href, i);
    if (code !== 9 && code !== 10 && code !== 13) text += href[i];
  }
  return text;
}

function typeOf(described: string): string {
  const parsed = parseMime(stringIndexOf(described, ';') === 0 ? `text/plain${described}` : described);
  return parsed ? mimeText(parsed) : PLAIN;
}

function percentDecoded(text: string): Uint8Array<ArrayBuffer> {
  const given = utf8(text);
  const bytes: number[] = [];
  for (let i = 0; i < given.length; i++) {
    const high = given[i] === 37 ? hexOf(given[i + 1]) : -1;
    const low = high < 0 ? -1 : hexOf(given[i + 2]);
    if (low < 0) {
      arrayAppend(bytes, given[i] as number);
    } else {
      arrayAppend(bytes, high * 16 + low);
      i += 2;
    }
  }
  return new NativeUint8Array(bytes);
}

function hexOf(code: number | undefined): number {
  if (code === undefined) return -1;
  if (code >= 48 && code <= 57) return code - 48;
  const small = code | 32;
  return small >= 97 && small <= 102 ? small - 87 : -1;
}

const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';

/** What is no letter of base64 is passed over, padding too; bits that make no byte are dropped. */
function base64Decoded(given: Uint8Array): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  let bits = 0;
  let count = 0;
  for (let i = 0; i < given.length; i++) {
    const value = sextetOf(given[i] as number);
    if (value < 0) continue;
    bits = ((bits << 6) | value) & 0xffff;
    count += 6;
    if (count < 8) continue;
    count -= 8;
    arrayAppend(bytes, (bits >> count) & 0xff);
  }
  return new NativeUint8Array(bytes);
}

function sextetOf(code: number): number {
  return code < 128 ? stringIndexOf(LETTERS, stringFromCharCode(code)) : -1;
}
