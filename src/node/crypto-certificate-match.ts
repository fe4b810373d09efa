/**
 * Whether a certificate is for a host, a mailbox or an address, as BoringSSL decides it: a `*` is the whole first label, with two
 * labels after it, and the subject is asked only where no alternative name of the kind is there.
 */
import { EXTENSIONS, type Form } from './crypto-certificate-form.ts';
import { KINDS, kindOf, latin, nameParts } from './crypto-certificate-names.ts';
import { contentOf, elementsOf, TAGS } from './crypto-der.ts';

const RULES = ['default', 'always', 'never'];
const HOST = /^(?:\*\.)?(?:[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?\.)*[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?$/i;

export interface SubjectRule {
  isSubjectAsked: boolean;
  hasWildcards: boolean;
}

export function subjectRuleOf(options: Readonly<Record<string, unknown>>): SubjectRule {
  const { subject = 'default', wildcards = true } = options;
  if (!RULES.includes(subject as string)) throw new Error('Invalid subject option');
  return { isSubjectAsked: subject !== 'never', hasWildcards: wildcards === true };
}

function alternatives({ extensions }: Form, kind: number): Uint8Array[] {
  const content = extensions.get(EXTENSIONS.alternative);
  const all = content ? elementsOf(contentOf(elementsOf(content)[0], TAGS.sequence)) : [];
  return all.filter((one) => kindOf(one) === kind).map((one) => one.content);
}

function candidates(form: Form, kind: number, field: string, { isSubjectAsked }: SubjectRule): string[] {
  const named = alternatives(form, kind).map(latin);
  if (named.length > 0 || !isSubjectAsked) return named;
  const parts = nameParts(form.subject).flat();
  return parts.filter(({ name }) => name === field).map(({ text }) => text);
}

export function hostFound(form: Form, host: string, rule: SubjectRule): string | undefined {
  return candidates(form, KINDS.dns, 'CN', rule).find((pattern) => isHost(pattern, host, rule.hasWildcards));
}

function isHost(pattern: string, host: string, hasWildcards: boolean): boolean {
  if (!HOST.test(pattern) || host === '') return false;
  const [wanted, given] = [pattern.toLowerCase(), host.toLowerCase()];
  if (!wanted.startsWith('*.')) return wanted === given;
  const rest = wanted.slice(1);
  const first = given.slice(0, given.length - rest.length);
  return hasWildcards && rest.split('.').length > 2 && given.endsWith(rest) && /^[a-z0-9-]+$/.test(first);
}

/** What stands before the `@` may differ in nothing, what stands behind it in the size of its letters. */
export function mailFound(form: Form, email: string, rule: SubjectRule): boolean {
  const [box, host] = halves(email);
  return candidates(form, KINDS.email, 'emailAddress', rule).some((one) => {
    const [ownBox, ownHost] = halves(one);
    return email !== '' && box === ownBox && host.toLowerCase() === ownHost.toLowerCase();
  });
}

function halves(email: string): [string, string] {
  const at = email.lastIndexOf('@');
  return [email.slice(0, at), email.slice(at)];
}

/** @throws Error when it is no address */
export function checkedIp(form: Form, ip: string): boolean {
  const bytes = addressOf(ip);
  if (!bytes) throw new Error('Invalid IP');
  return alternatives(form, KINDS.ip).some((one) => one.join() === bytes.join());
}

function addressOf(text: string): number[] | undefined {
  if (!text.includes(':')) return fourBytes(text);
  const [head = '', tail, more] = text.split('::');
  if (more !== undefined) return undefined;
  const [before, after] = [wordBytes(head), wordBytes(tail ?? '')];
  if (!before || !after) return undefined;
  const missing = 16 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 2) return undefined;
  return [...before, ...Array<number>(missing).fill(0), ...after];
}

function fourBytes(text: string): number[] | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) < 256)) return undefined;
  return parts.map(Number);
}

/** Words of two bytes; the last may be four bytes in the older form. */
function wordBytes(text: string): number[] | undefined {
  if (text === '') return [];
  const found: number[] = [];
  for (const word of text.split(':')) {
    const old = word.includes('.') ? fourBytes(word) : undefined;
    if (old) found.push(...old);
    else if (/^[0-9a-f]{1,4}$/i.test(word)) found.push(Number.parseInt(word, 16) >> 8, Number.parseInt(word, 16) & 255);
    else return undefined;
  }
  return found;
}
