/**
 * DER and PEM, as far as keys need them.
 *
 * Promise: lengths are definite and within the bytes that are there; whatever else is given throws a `DerError`.
 *
 * Knows nothing of keys.
 */

export class DerError extends Error {}

export interface Element {
  tag: number;
  content: Uint8Array;
}

export const TAGS = { integer: 2, bits: 3, octets: 4, nothing: 5, oid: 6, sequence: 0x30 } as const;

/** What one element holds, in order. */
export function elementsOf(bytes: Uint8Array): Element[] {
  const found: Element[] = [];
  let at = 0;
  while (at < bytes.length) {
    const { element, end } = elementAt(bytes, at);
    found.push(element);
    at = end;
  }
  return found;
}

/** The elements of the sequence with which the bytes begin; what comes after it is not looked at. */
export function sequenceOf(bytes: Uint8Array): Element[] {
  const { element } = elementAt(bytes, 0);
  return elementsOf(contentOf(element, TAGS.sequence));
}

/** @throws DerError when it is something else, or nothing */
export function contentOf(element: Element | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) throw new DerError(`no element ${tag}`);
  return element.content;
}

function elementAt(bytes: Uint8Array, start: number): { element: Element; end: number } {
  const tag = bytes[start];
  let length = bytes[start + 1];
  let at = start + 2;
  if (tag === undefined || length === undefined || (tag & 0x1f) === 0x1f) throw new DerError('no element');
  if (length & 0x80) {
    const count = length & 0x7f;
    if (count === 0 || count > 4) throw new DerError('no length');
    length = 0;
    for (const end = at + count; at < end; at++) length = length * 256 + (bytes[at] ?? Number.NaN);
  }
  if (!(at + length <= bytes.length)) throw new DerError('too short');
  return { element: { tag, content: bytes.subarray(at, at + length) }, end: at + length };
}

/** Of a number that is not negative. */
export function integerOf(element: Element | undefined): bigint {
  const content = contentOf(element, TAGS.integer);
  if (content.length === 0 || (content[0] as number) & 0x80) throw new DerError('no positive number');
  return numberOf(content);
}

/** As its dotted text. */
export function oidOf(element: Element | undefined): string {
  const parts: number[] = [];
  let value = 0;
  for (const byte of contentOf(element, TAGS.oid)) {
    value = value * 128 + (byte & 0x7f);
    if (byte & 0x80) continue;
    if (parts.length > 0) parts.push(value);
    else parts.push(Math.min(2, Math.floor(value / 40)), value - 40 * Math.min(2, Math.floor(value / 40)));
    value = 0;
  }
  return parts.join('.');
}

/** Of a string of whole bytes. */
export function bitsOf(element: Element | undefined): Uint8Array {
  const content = contentOf(element, TAGS.bits);
  if (content[0] !== 0) throw new DerError('no whole bytes');
  return content.subarray(1);
}

export function der(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const content = joined(parts);
  const head = [tag];
  if (content.length < 128) head.push(content.length);
  else {
    const length = bytesOfNumber(BigInt(content.length));
    head.push(0x80 | length.length, ...length);
  }
  return joined([Uint8Array.from(head), content]);
}

export const sequence = (...parts: readonly Uint8Array[]): Uint8Array => der(TAGS.sequence, ...parts);
export const octets = (...parts: readonly Uint8Array[]): Uint8Array => der(TAGS.octets, ...parts);
export const bits = (bytes: Uint8Array): Uint8Array => der(TAGS.bits, Uint8Array.of(0), bytes);
export const nothing = (): Uint8Array => der(TAGS.nothing);
/** In a wrapper of its own number, as what is optional is written. */
export const numbered = (number: number, part: Uint8Array): Uint8Array => der(0xa0 + number, part);

export function integer(value: bigint): Uint8Array {
  const bytes = value === 0n ? Uint8Array.of(0) : bytesOfNumber(value);
  return der(TAGS.integer, (bytes[0] as number) & 0x80 ? Uint8Array.of(0) : new Uint8Array(), bytes);
}

export function oid(text: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = text.split('.').map(Number);
  const bytes = [first * 40 + second, ...rest].flatMap((part) => {
    const groups = [part & 0x7f];
    for (let left = Math.floor(part / 128); left > 0; left = Math.floor(left / 128))
      groups.unshift(0x80 | (left & 0x7f));
    return groups;
  });
  return der(TAGS.oid, Uint8Array.from(bytes));
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Big-endian. */
export function numberOf(bytes: Uint8Array): bigint {
  let hex = '0x0';
  for (const byte of bytes) hex += byte.toString(16).padStart(2, '0');
  return BigInt(hex);
}

/** Big-endian, in as few bytes as it needs or in `length`. */
export function bytesOfNumber(value: bigint, length?: number): Uint8Array {
  const hex = value.toString(16);
  const count = length ?? Math.ceil(hex.length / 2);
  const digits = hex.padStart(count * 2, '0');
  return Uint8Array.from({ length: count }, (_, i) => Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16));
}

export interface PemBlock {
  label: string;
  headers: Record<string, string>;
  bytes: Uint8Array;
}

const BLOCK = /^-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n([\s\S]*?)^-----END \1-----/gm;
const HEADER = /^([A-Za-z-]+): *(.*)$/;

/** Every block whose lines are as they must be, in order. */
export function pemBlocks(text: string): PemBlock[] {
  const found: PemBlock[] = [];
  for (const [, label = '', body = ''] of text.matchAll(BLOCK)) {
    const lines = body.split('\n').map((line) => line.trimEnd());
    lines.pop();
    const headers: Record<string, string> = {};
    for (let header = HEADER.exec(lines[0] ?? ''); header; header = HEADER.exec(lines[0] ?? '')) {
      headers[header[1] as string] = header[2] as string;
      lines.shift();
    }
    if (lines[0] === '') lines.shift();
    const bytes = fromBase64(lines);
    if (bytes) found.push({ label, headers, bytes });
  }
  return found;
}

function fromBase64(lines: readonly string[]): Uint8Array | undefined {
  if (!lines.every((line) => /^[A-Za-z0-9+/]+={0,2}$/.test(line))) return undefined;
  const text = lines.join('');
  if (text.length % 4 !== 0 || /=[^=]/.test(text)) return undefined;
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

export function pemText(label: string, bytes: Uint8Array, headers: readonly string[] = []): string {
  const text = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  const lines = text.match(/.{1,64}/g) ?? [];
  const above = headers.length > 0 ? [...headers, ''] : [];
  return [`-----BEGIN ${label}-----`, ...above, ...lines, `-----END ${label}-----`, ''].join('\n');
}
