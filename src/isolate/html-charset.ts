/**
 * Documents that are not UTF-8: into it and back again, because the engine knows no other.
 *
 * DIFFERS: the encodings in which a character may take several bytes (gbk, big5, euc-jp …) are refused with a sentence.
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
  if (MULTI_BYTE.includes(encoding)) {
    throw new Error(`Durabox does not support HTMLRewriter on documents in ${encoding} yet.`);
  }
  return singleByte(encoding);
}

function encodingOf(label: string): string {
  try {
    return new NativeDecoder(label).encoding;
  } catch {
    throw new TypeError('Parser error: Unknown character encoding has been provided.'); // its only error
  }
}

function singleByte(encoding: string): Charset {
  const from = new NativeDecoder(encoding);
  const back = new NativeDecoder();
  const encoder = new NativeEncoder();
  const byteOf = new NativeMap<string, number>();
  for (let byte = 0; byte < 256; byte++) byteOf.set(new NativeDecoder(encoding).decode(new NativeBytes([byte])), byte);
  return {
    toUtf8: (bytes) => encoder.encode(bytes ? from.decode(bytes, { stream: true }) : from.decode()),
    fromUtf8(bytes) {
      const out: number[] = [];
      for (const character of bytes ? back.decode(bytes, { stream: true }) : back.decode()) {
        const byte = byteOf.get(character);
        // What the encoding lacks becomes a reference, as in a form.
        if (byte === undefined) out.push(...encoder.encode(`&#${character.codePointAt(0)};`));
        else out.push(byte);
      }
      return new NativeBytes(out);
    },
  };
}
