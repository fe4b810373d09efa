/**
 * A certificate's own form: what is in its bytes, and who signed them.
 *
 * Promise: it is read whole when it is made, as far as its fields are known here; what is no certificate throws.
 *
 * Source: RFC 5280.
 */
import { contentOf, DerError, der, type Element, elementsOf, numberOf, oidOf, sequenceOf, TAGS } from './crypto-der.ts';
import { publicKeyOf } from './crypto-key-forms.ts';
import type { FormedKey } from './crypto-keys.ts';

export interface Form {
  /** as it came, without what stands after it */
  raw: Uint8Array;
  /** what is signed */
  signed: Uint8Array;
  /** the dotted name of how */
  method: string;
  signature: Uint8Array;
  version: number;
  serial: Uint8Array;
  issuer: Uint8Array;
  subject: Uint8Array;
  from: string;
  to: string;
  /** of the key, as SPKI */
  spki: Uint8Array;
  /** undefined for an algorithm that is not here */
  key: FormedKey | undefined;
  extensions: ReadonlyMap<string, Uint8Array>;
}

export const EXTENSIONS = {
  ...{ subjectKey: '2.5.29.14', keyUsage: '2.5.29.15', alternative: '2.5.29.17', constraints: '2.5.29.19' },
  ...{ authorityKey: '2.5.29.35', extendedUsage: '2.5.29.37', access: '1.3.6.1.5.5.7.1.1' },
};
const VERSION_TAG = 0xa0;
const EXTENSIONS_TAG = 0xa3;
const DATE_TAGS = { short: 0x17, long: 0x18 };
const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ');

/** @throws DerError */
export function certificateOf(bytes: Uint8Array): Form {
  const [signed, algorithm, signature] = sequenceOf(bytes);
  const content = contentOf(signed, TAGS.sequence);
  const fields = elementsOf(content);
  const named = fields[0]?.tag === VERSION_TAG ? fields.shift() : undefined;
  const [serial, , issuer, dates, subject, key] = fields;
  const [from, to] = elementsOf(contentOf(dates, TAGS.sequence));
  const signatureBits = contentOf(signature, TAGS.bits);
  const spki = der(TAGS.sequence, contentOf(key, TAGS.sequence));
  const all = [content, contentOf(algorithm, TAGS.sequence)].map((part) => der(TAGS.sequence, part));
  return {
    raw: der(TAGS.sequence, ...all, der(TAGS.bits, signatureBits)),
    signed: all[0] as Uint8Array,
    method: oidOf(elementsOf(contentOf(algorithm, TAGS.sequence))[0]),
    signature: signatureBits.subarray(1),
    version: named ? Number(numberOf(contentOf(elementsOf(named.content)[0], TAGS.integer))) : 0,
    serial: contentOf(serial, TAGS.integer),
    issuer: contentOf(issuer, TAGS.sequence),
    subject: contentOf(subject, TAGS.sequence),
    from: dateText(from),
    to: dateText(to),
    spki,
    key: knownKey(spki),
    extensions: extensionsOf(fields.find(({ tag }) => tag === EXTENSIONS_TAG)),
  };
}

function knownKey(spki: Uint8Array): FormedKey | undefined {
  try {
    return publicKeyOf(spki);
  } catch (error) {
    if (error instanceof DerError) return undefined;
    throw error;
  }
}

function extensionsOf(element: Element | undefined): ReadonlyMap<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const list = element ? elementsOf(contentOf(elementsOf(element.content)[0], TAGS.sequence)) : [];
  for (const one of list) {
    const parts = elementsOf(contentOf(one, TAGS.sequence));
    found.set(oidOf(parts[0]), contentOf(parts.at(-1), TAGS.octets));
  }
  return found;
}

/** As OpenSSL prints it: `Nov  3 09:03:59 2026 GMT`. */
function dateText(element: Element | undefined): string {
  const isShort = element?.tag === DATE_TAGS.short;
  const text = new TextDecoder().decode(contentOf(element, isShort ? DATE_TAGS.short : DATE_TAGS.long));
  const match = /^(\d{2}|\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  const [, year = '', month, day, hours, minutes, seconds] = match ?? [];
  if (!match || (year.length === 2) !== isShort) throw new DerError('no date');
  const whole = isShort ? (Number(year) < 50 ? '20' : '19') + year : year;
  const name = MONTHS[Number(month) - 1];
  if (!name) throw new DerError('no month');
  return `${name} ${String(Number(day)).padStart(2)} ${hours}:${minutes}:${seconds} ${whole} GMT`;
}

const SIGN_CERTIFICATES = 0x04;

function maySign({ extensions }: Form): boolean {
  const usage = extensions.get(EXTENSIONS.keyUsage);
  if (!usage) return true;
  return ((contentOf(elementsOf(usage)[0], TAGS.bits)[1] ?? 0) & SIGN_CERTIFICATES) !== 0;
}

/** Of the oldest version one that names itself its issuer is one too. */
export function isAuthority(form: Form): boolean {
  const constraints = form.extensions.get(EXTENSIONS.constraints);
  if (!maySign(form)) return false;
  if (!constraints) return form.version === 0 && sameText(form.issuer, form.subject);
  const [first] = sequenceOf(constraints);
  return first?.tag === 1 && first.content[0] !== 0;
}

const sameText = (one: Uint8Array, other: Uint8Array): boolean => one.join() === other.join();

/** By their names, and by the key that it says it is signed with. Whether it is, `verify` says. */
export function isIssuedBy(form: Form, issuer: Form): boolean {
  if (!sameText(form.issuer, issuer.subject) || !maySign(issuer)) return false;
  const asked = form.extensions.get(EXTENSIONS.authorityKey);
  const own = issuer.extensions.get(EXTENSIONS.subjectKey);
  const wanted = asked && sequenceOf(asked).find(({ tag }) => tag === 0x80);
  return !wanted || !own || sameText(wanted.content, contentOf(elementsOf(own)[0], TAGS.octets));
}

/** The dotted names of what it is for; undefined when it does not say. */
export function extendedUsage({ extensions }: Form): string[] | undefined {
  const usage = extensions.get(EXTENSIONS.extendedUsage);
  return usage && sequenceOf(usage).map(oidOf);
}
