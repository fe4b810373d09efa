/**
 * `X509Certificate`.
 *
 * Source: workerd 1.20260730; `node/crypto-certificates` asks it. Its `checkPrivateKey` says no of every key, and its names with a
 * `*` are whole labels, whatever is asked for.
 */
import { Buffer } from './buffer.ts';
import {
  certificateOf,
  EXTENSIONS,
  extendedUsage,
  type Form,
  isAuthority,
  isIssuedBy,
} from './crypto-certificate-form.ts';
import { checkedIp, hostFound, mailFound, type SubjectRule, subjectRuleOf } from './crypto-certificate-match.ts';
import { accessObject, accessText, alternativeNames, nameObject, nameText } from './crypto-certificate-names.ts';
import { checkBoolean, checkObject, checkString, wrongType } from './crypto-checks.ts';
import { CURVES } from './crypto-curves.ts';
import { pemBlocks, pemText } from './crypto-der.ts';
import { digestNamed, digestOf } from './crypto-digests.ts';
import { bytesOf } from './crypto-hash.ts';
import { PrivateKeyObject, PublicKeyObject, publicKeyObject } from './crypto-key-object.ts';
import { bitLength } from './crypto-keys.ts';
import { isSignedBy } from './crypto-signed-forms.ts';
import { codeError } from './errors.ts';

const BYTES = 'of type string or an instance of Buffer, TypedArray, or DataView';
const PEM_LABELS = ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE'];
const SHOWN_BYTES = 50;
const BOOLEANS = ['multiLabelWildcards', 'partialWildcards', 'singleLabelSubdomains', 'wildcards'];

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex').toUpperCase();

export class X509Certificate {
  readonly #form: Form;
  readonly #seen = new Map<string, unknown>();

  constructor(buffer: unknown) {
    const given = typeof buffer === 'string' ? Buffer.from(buffer) : buffer;
    if (!ArrayBuffer.isView(given)) throw wrongType('buffer', BYTES, given);
    this.#form = formIn(bytesOf(given, undefined));
  }

  get subject(): string | undefined {
    return nameText(this.#form.subject) || undefined;
  }

  get subjectAltName(): string | undefined {
    return this.#extension(EXTENSIONS.alternative, alternativeNames);
  }

  get issuer(): string | undefined {
    return nameText(this.#form.issuer) || undefined;
  }

  /** Only a connection would know it. */
  get issuerCertificate(): undefined {
    return undefined;
  }

  get infoAccess(): string | undefined {
    return this.#extension(EXTENSIONS.access, accessText);
  }

  get validFrom(): string {
    return this.#form.from;
  }

  get validTo(): string {
    return this.#form.to;
  }

  get fingerprint(): string {
    return this.#digest('sha1');
  }

  get fingerprint256(): string {
    return this.#digest('sha256');
  }

  get fingerprint512(): string {
    return this.#digest('sha512');
  }

  get keyUsage(): string[] | undefined {
    return this.#once('keyUsage', () => extendedUsage(this.#form)) as string[] | undefined;
  }

  get serialNumber(): string {
    const { serial } = this.#form;
    return hex(serial[0] === 0 && serial.length > 1 ? serial.subarray(1) : serial);
  }

  get raw(): unknown {
    return this.#once('raw', () => Buffer.from(this.#form.raw));
  }

  get publicKey(): unknown {
    const { key } = this.#form;
    return key && this.#once('publicKey', () => publicKeyObject(key));
  }

  toString(): string {
    return pemText('CERTIFICATE', this.#form.raw);
  }

  toJSON(): string {
    return this.toString();
  }

  get ca(): boolean {
    return isAuthority(this.#form);
  }

  /** @returns the name in the certificate that is the host's */
  checkHost(name: unknown, options?: unknown): string | undefined {
    checkString('name', name);
    return hostFound(this.#form, name, ruleOf(options));
  }

  checkEmail(email: unknown, options?: unknown): string | undefined {
    checkString('email', email);
    return mailFound(this.#form, email, ruleOf(options)) ? email : undefined;
  }

  checkIP(ip: unknown, options?: unknown): string | undefined {
    checkString('ip', ip);
    ruleOf(options);
    return checkedIp(this.#form, ip) ? ip : undefined;
  }

  checkIssued(otherCert: unknown): boolean {
    if (!(otherCert instanceof X509Certificate))
      throw wrongType('otherCert', 'an instance of X509Certificate', otherCert);
    return isIssuedBy(this.#form, otherCert.#form);
  }

  checkPrivateKey(pkey: unknown): boolean {
    if (!(pkey instanceof PrivateKeyObject)) throw wrongType('pkey', 'an instance of KeyObject', pkey);
    return false;
  }

  verify(pkey: unknown): boolean {
    if (!(pkey instanceof PublicKeyObject)) throw wrongType('pkey', 'an instance of KeyObject', pkey);
    return isSignedBy(this.#form, pkey);
  }

  toLegacyObject(): unknown {
    return this.#once('legacy', () => ({
      subject: nameObject(this.#form.subject),
      subjectAltName: this.subjectAltName ?? '',
      infoAccess: accessObject(this.infoAccess ?? ''),
      issuer: nameObject(this.#form.issuer),
      ca: this.ca,
      ...legacyKey(this.#form),
      valid_from: this.validFrom,
      valid_to: this.validTo,
      fingerprint: this.fingerprint,
      fingerprint256: this.fingerprint256,
      fingerprint512: this.fingerprint512,
      serialNumber: this.serialNumber,
      ext_key_usage: this.keyUsage,
      raw: Buffer.from(this.#form.raw),
    }));
  }

  #extension(oid: string, read: (content: Uint8Array) => string): string | undefined {
    const content = this.#form.extensions.get(oid);
    return content && read(content);
  }

  #digest(name: string): string {
    const digest = digestNamed(name);
    const bytes = digest ? digestOf(digest, this.#form.raw) : new Uint8Array();
    return hex(bytes).match(/../g)?.join(':') ?? '';
  }

  #once(field: string, make: () => unknown): unknown {
    if (!this.#seen.has(field)) this.#seen.set(field, make());
    return this.#seen.get(field);
  }
}

function formIn(bytes: Uint8Array): Form {
  const block = pemBlocks(new TextDecoder().decode(bytes)).find(({ label }) => PEM_LABELS.includes(label));
  try {
    return certificateOf(block?.bytes ?? bytes);
  } catch {
    const message = `The argument 'buffer' is not a valid certificate. Received ${shown(bytes)}`;
    throw codeError(TypeError, 'ERR_INVALID_ARG_VALUE', message);
  }
}

/** As `inspect` shows a Buffer. */
function shown(bytes: Uint8Array): string {
  const digits = Array.from(bytes.subarray(0, SHOWN_BYTES), (byte) => ` ${byte.toString(16).padStart(2, '0')}`).join(
    '',
  );
  const more = bytes.length - SHOWN_BYTES;
  return `<Buffer${digits || ' '}${more > 0 ? ` ... ${more} more bytes` : ''}>`;
}

function ruleOf(options: unknown): SubjectRule {
  if (options === undefined || options === null) return subjectRuleOf({});
  checkObject('options', options);
  for (const name of BOOLEANS) if (options[name] !== undefined) checkBoolean(`options.${name}`, options[name]);
  if (options['subject'] !== undefined) checkString('options.subject', options['subject']);
  return subjectRuleOf(options);
}

/** What its key is, in the fields that Node has for it; those that it has not are undefined, in their order. */
function legacyKey({ key, spki }: Form): Record<string, unknown> {
  if (key?.kind === 'rsa') {
    const modulus = key.n.toString(16).toUpperCase();
    const exponent = `0x${key.e.toString(16)}`;
    return { modulus, bits: bitLength(key.n), exponent, pubkey: Buffer.from(spki) };
  }
  if (key?.kind !== 'ec') return {};
  const { jwk, order } = CURVES[key.curve];
  return { bits: bitLength(order), pubkey: Buffer.from(key.point), asn1Curve: key.curve, nistCurve: jwk };
}
