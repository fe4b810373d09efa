/**
 * Names in certificates: of whom they speak, and where more is found, as text.
 *
 * Promise: a name that could be taken for two, or for another kind, is shown so that it cannot (CVE-2021-44532).
 *
 * Source: RFC 5280, RFC 2253; Node's own printing of alternative names, which workerd has.
 */
import { contentOf, type Element, elementsOf, oidOf, TAGS } from './crypto-der.ts';

const SHORT_NAMES: Record<string, string> = {
  ...{ '2.5.4.3': 'CN', '2.5.4.4': 'SN', '2.5.4.5': 'serialNumber', '2.5.4.6': 'C', '2.5.4.7': 'L', '2.5.4.8': 'ST' },
  ...{ '2.5.4.9': 'street', '2.5.4.10': 'O', '2.5.4.11': 'OU', '2.5.4.12': 'title', '2.5.4.13': 'description' },
  ...{
    '2.5.4.17': 'postalCode',
    '2.5.4.41': 'name',
    '2.5.4.42': 'GN',
    '2.5.4.43': 'initials',
    '2.5.4.46': 'dnQualifier',
  },
  ...{ '0.9.2342.19200300.100.1.1': 'UID', '0.9.2342.19200300.100.1.25': 'DC', '1.2.840.113549.1.9.1': 'emailAddress' },
};
const ACCESS_NAMES: Record<string, string> = { '1.3.6.1.5.5.7.48.1': 'OCSP', '1.3.6.1.5.5.7.48.2': 'CA Issuers' };
const STRINGS = { latin: 0x14, wide: 0x1c, double: 0x1e };
const UNREADABLE = '<unsupported>';

export interface NamePart {
  name: string;
  text: string;
}

/** Each inner list is what was said together. */
export function nameParts(content: Uint8Array): NamePart[][] {
  return elementsOf(content).map((group) => elementsOf(group.content).map(namePart));
}

function namePart({ content }: Element): NamePart {
  const [type, value] = elementsOf(content);
  const oid = oidOf(type);
  return { name: SHORT_NAMES[oid] ?? oid, text: value ? textOf(value) : '' };
}

export function textOf({ tag, content }: Element): string {
  if (tag === STRINGS.latin) return String.fromCharCode(...content);
  const width = tag === STRINGS.wide ? 4 : tag === STRINGS.double ? 2 : 0;
  if (width === 0) return new TextDecoder().decode(content);
  let text = '';
  for (let at = 0; at + width <= content.length; at += width) {
    let code = 0;
    for (let i = 0; i < width; i++) code = code * 256 + (content[at + i] as number);
    text += String.fromCodePoint(code);
  }
  return text;
}

function escaped(text: string): string {
  return text
    .replace(/[,+"\\<>;]|^[# ]| $/g, (letter) => `\\${letter}`)
    .replace(
      /[^ -~\u0080-\uffff]/g,
      (letter) => `\\${letter.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    );
}

function groupText(group: readonly NamePart[], between: string): string {
  return group.map(({ name, text }) => `${name}=${escaped(text)}`).join(between);
}

/** A line for each part. */
export function nameText(content: Uint8Array): string {
  return nameParts(content)
    .map((group) => groupText(group, ' + '))
    .join('\n');
}

/** What stands twice is a list. */
export function nameObject(content: Uint8Array): Record<string, string | string[]> {
  const found: Record<string, string | string[]> = Object.create(null);
  for (const { name, text } of nameParts(content).flat()) {
    const before = found[name];
    found[name] = before === undefined ? text : [...(Array.isArray(before) ? before : [before]), text];
  }
  return found;
}

/** Which alternative names there are, by the number of their tag. */
export const KINDS = { other: 0, email: 1, dns: 2, x400: 3, directory: 4, party: 5, uri: 6, ip: 7, registered: 8 };

export function kindOf({ tag }: Element): number {
  return tag & 0x1f;
}

export function alternativeNames(content: Uint8Array): string {
  return elementsOf(contentOf(elementsOf(content)[0], TAGS.sequence))
    .map(generalName)
    .join(', ');
}

function generalName(element: Element): string {
  const { content } = element;
  switch (kindOf(element)) {
    case KINDS.email:
      return `email:${safe(latin(content))}`;
    case KINDS.dns:
      return `DNS:${safe(latin(content))}`;
    case KINDS.uri:
      return `URI:${safe(latin(content))}`;
    case KINDS.directory:
      return `DirName:${safe(directoryText(content))}`;
    case KINDS.ip:
      return `IP Address:${addressText(content)}`;
    case KINDS.registered:
      return `Registered ID:${oidOf({ tag: TAGS.oid, content })}`;
    case KINDS.x400:
      return `X400Name:${UNREADABLE}`;
    case KINDS.party:
      return `EdiPartyName:${UNREADABLE}`;
    default:
      return `othername:${UNREADABLE}`;
  }
}

export function latin(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}

/** The last part first, as RFC 2253 has it. */
function directoryText(content: Uint8Array): string {
  const parts = nameParts(contentOf(elementsOf(content)[0], TAGS.sequence));
  return parts
    .reverse()
    .map((group) => groupText(group, '+'))
    .join(',');
}

/** As it is where it cannot be misread, else in quotes with what could be written by its number. */
function safe(text: string): string {
  if (!/[^ -~]|["\\,']/.test(text)) return text;
  const inside = text
    .replace(/["\\]/g, (letter) => `\\${letter}`)
    .replace(/[^ -~]|[,']/g, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`);
  return `"${inside}"`;
}

function addressText(bytes: Uint8Array): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.length !== 16) return `<invalid length=${bytes.length}>`;
  const words = Array.from({ length: 8 }, (_, i) => (bytes[2 * i] as number) * 256 + (bytes[2 * i + 1] as number));
  return words.map((word) => word.toString(16).toUpperCase()).join(':');
}

/** A line for each place. */
export function accessText(content: Uint8Array): string {
  const places = elementsOf(contentOf(elementsOf(content)[0], TAGS.sequence));
  const lines = places.map((place) => {
    const [method, where] = elementsOf(place.content);
    const oid = oidOf(method);
    return `${ACCESS_NAMES[oid] ?? oid} - ${where ? generalName(where) : ''}\n`;
  });
  return lines.join('');
}

export function accessObject(text: string): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [, key = '', shown = ''] of text.matchAll(/([^\n:]*):([^\n]*)(?:\n|$)/g)) {
    const value = shown.startsWith('"') ? (JSON.parse(shown) as string) : shown;
    found[key] = [...(found[key] ?? []), value];
  }
  return found;
}
