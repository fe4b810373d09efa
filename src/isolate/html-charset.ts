/**
 * Documents that are not UTF-8: into it and back again, because the engine knows no other.
 *
 * Promise: what a handler reads and writes is text, what comes out is in the document's encoding; what that lacks becomes a
 * reference, as in a form. How a character is written comes from the browser's own decoder, asked once for each. Nothing that a
 * program may have changed since is called.
 *
 * DIFFERS: text that nobody touches is encoded anew, so where an encoding has two spellings of one character (a few hundred in
 * shift_jis and big5) the usual one comes out, and a character that is read only (JIS X 0212 in euc-jp) becomes a reference.
 */
import { each, hasAny, sumOf } from '../base/lists.ts';
import {
  arrayAppend,
  mapGet,
  mapHas,
  mapSet,
  mathFloor,
  NativeMap,
  NativeUint8Array,
  regExpExec,
  stringCharCodeAt,
  stringCodePointAt,
  stringIndexOf,
  stringSlice,
  textDecoderDecode,
  textEncoderEncode,
  typedArraySlice,
  uncurryGetter,
} from '../base/primordials.ts';

export interface Charset {
  toUtf8(bytes: Uint8Array | undefined): Uint8Array;
  fromUtf8(bytes: Uint8Array | undefined): Uint8Array;
}

const NativeDecoder = TextDecoder;
const NativeEncoder = TextEncoder;
const encodingName = uncurryGetter<string>(TextDecoder.prototype, 'encoding') as (decoder: unknown) => string;
const NOT_ASCII = ['utf-16le', 'utf-16be', 'iso-2022-jp'];
const MULTI_BYTE = ['gbk', 'gb18030', 'big5', 'euc-jp', 'euc-kr', 'shift_jis'];
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/** undefined for UTF-8. @throws TypeError in the platform's words, for what it does not know */
export function charsetOf(contentType: string | null): Charset | undefined {
  const label = contentType === null ? undefined : regExpExec(CHARSET, contentType)?.[1];
  if (label === undefined) return undefined;
  const encoding = encodingOf(label);
  const isOneOf = (names: readonly string[]) => hasAny(names, (name) => name === encoding);
  if (encoding === 'utf-8') return undefined;
  if (isOneOf(NOT_ASCII)) throw new TypeError('Parser error: Expected ASCII-compatible encoding.');
  return charsetIn(encoding, isOneOf(MULTI_BYTE) ? multiByteTable(encoding) : singleByteTable(encoding));
}

function encodingOf(label: string): string {
  try {
    return encodingName(new NativeDecoder(label));
  } catch {
    throw new TypeError('Parser error: Unknown character encoding has been provided.'); // its only error
  }
}

/** How characters are written; undefined: not at all. */
type Table = (character: string) => readonly number[] | undefined;

/** A reference to the last character there is: nothing is longer. */
const LONGEST = '&#1114111;'.length;

function charsetIn(encoding: string, bytesOf: Table): Charset {
  const from = new NativeDecoder(encoding);
  const back = new NativeDecoder();
  const encoder = new NativeEncoder();
  return {
    toUtf8: (bytes) => textEncoderEncode(encoder, decoding(from, bytes)),
    fromUtf8(bytes) {
      const text = decoding(back, bytes);
      const out = new NativeUint8Array(text.length * LONGEST);
      let count = 0;
      for (let at = 0; at < text.length; ) {
        const character = characterAt(text, at);
        at += character.length;
        // What the encoding lacks becomes a reference, as in a form.
        const written = bytesOf(character) ?? textEncoderEncode(encoder, `&#${stringCodePointAt(character, 0)};`);
        for (let i = 0; i < written.length; i++) out[count++] = written[i] as number;
      }
      return typedArraySlice(out, 0, count);
    },
  };
}

/** Of a document that goes on; undefined: it is over. */
function decoding(decoder: TextDecoder, bytes: Uint8Array | undefined): string {
  return bytes
    ? textDecoderDecode(decoder, bytes as Uint8Array<ArrayBuffer>, { stream: true })
    : textDecoderDecode(decoder);
}

function characterAt(text: string, at: number): string {
  const code = stringCodePointAt(text, at) as number;
  return stringSlice(text, at, at + (code > 0xffff ? 2 : 1));
}

function singleByteTable(encoding: string): Table {
  const bytesOf = new NativeMap<string, number[]>();
  for (let byte = 0; byte < 256; byte++) {
    mapSet(bytesOf, textDecoderDecode(new NativeDecoder(encoding), joinedBytes([[byte]])), [byte]);
  }
  return (character) => mapGet(bytesOf, character);
}

/** Made when the first character is written that is not ASCII: it takes some ten milliseconds. */
function multiByteTable(encoding: string): Table {
  let bytesOf: Map<string, readonly number[]> | undefined;
  return (character) => {
    const code = stringCodePointAt(character, 0) as number;
    if (code < 0x80) return [code];
    if (encoding === 'gb18030' && code >= 0x10000) return fourBytes(code - 0x10000 + GB18030_SUPPLEMENTARY);
    bytesOf ??= readTable(encoding);
    return mapGet(bytesOf, character);
  };
}

/** The place of U+10000 among the four-byte characters. */
const GB18030_SUPPLEMENTARY = 189_000;
/** Those that are no supplementary ones. */
const GB18030_FOUR_BYTE_COUNT = 39_420;

function fourBytes(place: number): number[] {
  const at = (size: number, count: number) => mathFloor(place / size) % count;
  return [0x81 + at(12_600, 126), 0x30 + at(1_260, 10), 0x81 + at(10, 126), 0x30 + at(1, 10)];
}

/** Of two spellings the first counts, but where the standard prefers the other. @see https://encoding.spec.whatwg.org */
function readTable(encoding: string): Map<string, readonly number[]> {
  const known = mapGet(TABLES, encoding);
  if (known) return known;
  const bytesOf = new NativeMap<string, readonly number[]>();
  const spellings = spellingsOf(encoding);
  // Decoded at once, a line for each: no spelling takes the end of its line along.
  const text = textDecoderDecode(new NativeDecoder(encoding), joinedBytes(spellings, LINE_END));
  for (let i = 0, at = 0; i < spellings.length; i++) {
    const start = at;
    while (at < text.length && stringCharCodeAt(text, at) !== LINE_END) at++;
    const character = stringSlice(text, start, at++);
    if (!isOneCharacter(character)) continue;
    const isLater = encoding === 'big5' && stringIndexOf(BIG5_LAST, character) >= 0;
    if (isLater || !mapHas(bytesOf, character)) mapSet(bytesOf, character, spellings[i] as number[]);
  }
  mapSet(TABLES, encoding, bytesOf);
  return bytesOf;
}

function isOneCharacter(text: string): boolean {
  return text !== '' && text !== '\ufffd' && characterAt(text, 0).length === text.length;
}

const LINE_END = 0x0a;
const TABLES = new NativeMap<string, Map<string, readonly number[]>>();

/** Whatever may be a character, in the order of the standard's table. */
function spellingsOf(encoding: string): number[][] {
  const all: number[][] = [];
  // Of gbk's one byte for the euro gb18030 knows when it reads.
  for (let byte = encoding === 'gb18030' ? 0x81 : 0x80; byte < 0x100; byte++) arrayAppend(all, [byte]);
  for (let lead = encoding === 'big5' ? BIG5_LEADS : 0x81; lead < 0xff; lead++) {
    // Rows of NEC's that IBM's say again, and the latter are written.
    if (encoding === 'shift_jis' && (lead === 0xed || lead === 0xee)) continue;
    for (let trail = 0x40; trail < 0xff; trail++) if (trail !== 0x7f) arrayAppend(all, [lead, trail]);
  }
  if (encoding === 'gb18030') {
    for (let place = 0; place < GB18030_FOUR_BYTE_COUNT; place++) arrayAppend(all, fourBytes(place));
  }
  return all;
}

/** The rows before are of Hong Kong, and are read only. */
const BIG5_LEADS = 0xa1;
const BIG5_LAST = '\u2550\u255e\u2561\u256a\u5341\u5345';

/** @param after what comes after each */
function joinedBytes(lists: readonly number[][], after?: number): Uint8Array<ArrayBuffer> {
  const joined = new NativeUint8Array(sumOf(lists, (list) => list.length + 1));
  let count = 0;
  each(lists, (list) => {
    for (let at = 0; at < list.length; at++) joined[count++] = list[at] as number;
    if (after !== undefined) joined[count++] = after;
  });
  return typedArraySlice(joined, 0, count);
}
