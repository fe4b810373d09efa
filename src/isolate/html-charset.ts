/**
 * Documents that are not UTF-8: into it and back again, because the engine knows no other.
 *
 * Promise: what a handler reads and writes is text, what comes out is in the document's encoding; what that lacks becomes a
 * reference, as in a form. How a character is written comes from the browser's own decoder, asked once for each.
 *
 * DIFFERS: text that nobody touches is encoded anew, so where an encoding has two spellings of one character (a few hundred in
 * shift_jis and big5) the usual one comes out, and a character that is read only (JIS X 0212 in euc-jp) becomes a reference.
 */
export interface Charset {
  toUtf8(bytes: Uint8Array | undefined): Uint8Array;
  fromUtf8(bytes: Uint8Array | undefined): Uint8Array;
}

const NativeDecoder = TextDecoder;
const NativeEncoder = TextEncoder;
const NativeBytes = Uint8Array;
const NativeMap = Map;
const NOT_ASCII = ['utf-16le', 'utf-16be', 'iso-2022-jp'];
const MULTI_BYTE = ['gbk', 'gb18030', 'big5', 'euc-jp', 'euc-kr', 'shift_jis'];
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;

/** undefined for UTF-8. @throws TypeError in the platform's words, for what it does not know */
export function charsetOf(contentType: string | null): Charset | undefined {
  const label = contentType === null ? undefined : CHARSET.exec(contentType)?.[1];
  if (label === undefined) return undefined;
  const encoding = encodingOf(label);
  if (encoding === 'utf-8') return undefined;
  if (NOT_ASCII.includes(encoding)) throw new TypeError('Parser error: Expected ASCII-compatible encoding.');
  return charsetIn(encoding, MULTI_BYTE.includes(encoding) ? multiByteTable(encoding) : singleByteTable(encoding));
}

function encodingOf(label: string): string {
  try {
    return new NativeDecoder(label).encoding;
  } catch {
    throw new TypeError('Parser error: Unknown character encoding has been provided.'); // its only error
  }
}

/** How characters are written; undefined: not at all. */
type Table = (character: string) => readonly number[] | undefined;

function charsetIn(encoding: string, bytesOf: Table): Charset {
  const from = new NativeDecoder(encoding);
  const back = new NativeDecoder();
  const encoder = new NativeEncoder();
  return {
    toUtf8: (bytes) => encoder.encode(bytes ? from.decode(bytes, { stream: true }) : from.decode()),
    fromUtf8(bytes) {
      const out: number[] = [];
      for (const character of bytes ? back.decode(bytes, { stream: true }) : back.decode()) {
        const written = bytesOf(character);
        // What the encoding lacks becomes a reference, as in a form.
        out.push(...(written ?? encoder.encode(`&#${character.codePointAt(0)};`)));
      }
      return new NativeBytes(out);
    },
  };
}

function singleByteTable(encoding: string): Table {
  const bytesOf = new NativeMap<string, number[]>();
  for (let byte = 0; byte < 256; byte++) bytesOf.set(decoded(new NativeDecoder(encoding), [byte]), [byte]);
  return (character) => bytesOf.get(character);
}

/** Made when the first character is written that is not ASCII: it takes some ten milliseconds. */
function multiByteTable(encoding: string): Table {
  let bytesOf: Map<string, readonly number[]> | undefined;
  return (character) => {
    const code = character.codePointAt(0) as number;
    if (code < 0x80) return [code];
    if (encoding === 'gb18030' && code >= 0x10000) return fourBytes(code - 0x10000 + GB18030_SUPPLEMENTARY);
    bytesOf ??= readTable(encoding);
    return bytesOf.get(character);
  };
}

/** The place of U+10000 among the four-byte characters. */
const GB18030_SUPPLEMENTARY = 189_000;
/** Those that are no supplementary ones. */
const GB18030_FOUR_BYTE_COUNT = 39_420;

function fourBytes(place: number): number[] {
  const at = (size: number, count: number) => Math.floor(place / size) % count;
  return [0x81 + at(12_600, 126), 0x30 + at(1_260, 10), 0x81 + at(10, 126), 0x30 + at(1, 10)];
}

/** Of two spellings the first counts, but where the standard prefers the other. @see https://encoding.spec.whatwg.org */
function readTable(encoding: string): Map<string, readonly number[]> {
  const known = TABLES.get(encoding);
  if (known) return known;
  const bytesOf = new NativeMap<string, readonly number[]>();
  const spellings = spellingsOf(encoding);
  // Decoded at once, a line for each: no spelling takes the end of its line along.
  const lines = decoded(
    new NativeDecoder(encoding),
    spellings.flatMap((bytes) => [...bytes, LINE_END]),
  ).split('\n');
  for (const [at, bytes] of spellings.entries()) {
    const character = lines[at] ?? '';
    if ([...character].length !== 1 || character === '\ufffd') continue;
    if (!bytesOf.has(character) || (encoding === 'big5' && BIG5_LAST.includes(character)))
      bytesOf.set(character, bytes);
  }
  TABLES.set(encoding, bytesOf);
  return bytesOf;
}

const LINE_END = 0x0a;
const TABLES = new NativeMap<string, Map<string, readonly number[]>>();

/** Whatever may be a character, in the order of the standard's table. */
function spellingsOf(encoding: string): number[][] {
  const all: number[][] = [];
  // Of gbk's one byte for the euro gb18030 knows when it reads.
  for (let byte = encoding === 'gb18030' ? 0x81 : 0x80; byte < 0x100; byte++) all.push([byte]);
  for (let lead = encoding === 'big5' ? BIG5_LEADS : 0x81; lead < 0xff; lead++) {
    // Rows of NEC's that IBM's say again, and the latter are written.
    if (encoding === 'shift_jis' && (lead === 0xed || lead === 0xee)) continue;
    for (let trail = 0x40; trail < 0xff; trail++) if (trail !== 0x7f) all.push([lead, trail]);
  }
  if (encoding === 'gb18030') {
    for (let place = 0; place < GB18030_FOUR_BYTE_COUNT; place++) all.push(fourBytes(place));
  }
  return all;
}

/** The rows before are of Hong Kong, and are read only. */
const BIG5_LEADS = 0xa1;
const BIG5_LAST = '\u2550\u255e\u2561\u256a\u5341\u5345';

const decoded = (decoder: TextDecoder, bytes: readonly number[]): string => decoder.decode(new NativeBytes(bytes));
