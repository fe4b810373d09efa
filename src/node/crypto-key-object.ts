/**
 * `KeyObject` and its kin: keys as programs hold them, from PEM, DER or JWK, and back.
 *
 * Promise: a key that is made is whole (its point is on its curve, its secret in range), and is its maker's own copy.
 *
 * Source: workerd 1.20260730; `node/crypto-keys` and `node/crypto-key-refusals` ask it.
 */
import { Buffer } from './buffer.ts';
import { checkObject, checkOneOf, checkString, wrongType } from './crypto-checks.ts';
import { pemText } from './crypto-der.ts';
import { encryptedBlock, encryptedPkcs8 } from './crypto-encrypted-keys.ts';
import { bytesOf } from './crypto-hash.ts';
import { jwkOfKey, keyOfJwk, secretJwk } from './crypto-jwk.ts';
import { type HeldKey, keepKey, keptKey } from './crypto-kept-keys.ts';
import { toPkcs1, toPkcs8, toSec1, toSpki } from './crypto-key-forms.ts';
import { type EncodedKey, privateKeyIn, publicKeyIn } from './crypto-key-input.ts';
import { type AsymmetricKey, bitLength, type EcKey, publicPart, sameBytes } from './crypto-keys.ts';
import { checkMayLeave, heldByWebKey, isCryptoKey, webMembers } from './crypto-web-keys.ts';
import { codeError } from './errors.ts';

const INSPECT = Symbol.for('nodejs.util.inspect.custom');
const KEY_FORMS = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, DataView, or Object';

type Inspect = (value: unknown, options: unknown) => string;

export class KeyObject {
  constructor() {
    throw new Error('Illegal constructor');
  }

  static from(key: unknown): KeyObject {
    if (!isCryptoKey(key)) throw wrongType('key', 'an instance of CryptoKey', key);
    return keyObject(heldByWebKey(key));
  }

  export(options: unknown = {}): unknown {
    checkObject('options', options);
    const held = heldBy(this);
    const { type, key } = held;
    checkExportOptions(options, type, 'options');
    checkMayLeave(held);
    if (options['passphrase'] !== undefined && !ArrayBuffer.isView(options['passphrase'])) throw noPassphrase();
    const exported = type === 'secret' ? exportedSecret(held, key as Uint8Array, options) : exportedKey(this, options);
    return exported instanceof Uint8Array ? Buffer.from(exported) : exported;
  }

  equals(other: unknown): boolean {
    if (this === other) return true;
    const own = heldBy(this);
    const { type, key } = own;
    if (type !== (other as KeyObject & { type: string }).type) return false;
    const held = keptKey(other);
    if (!held) throw wrongType('otherKeyObject', 'an instance of KeyObject', other);
    if (isUnlikeWebKey(own, held)) return false;
    // A bug of workerd's, kept: BoringSSL says of keys of two kinds that it cannot compare them, and that is taken for a yes.
    if (kindOf(key) !== kindOf(held.key)) return true;
    return sameBytes(comparable(type, key), comparable(held.type, held.key));
  }

  get [Symbol.toStringTag](): string {
    return 'KeyObject';
  }
}

/** A key of WebCrypto's equals none of the others, but a secret that may leave one that it is asked about. */
function isUnlikeWebKey({ type, web }: HeldKey, { web: other }: HeldKey): boolean {
  if (web === other) return false;
  return type === 'secret' ? !web?.extractable || other?.extractable === false : !web || !other;
}

function kindOf(key: HeldKey['key']): string | undefined {
  return key instanceof Uint8Array ? undefined : key.kind;
}

function comparable(type: string, key: HeldKey['key']): Uint8Array {
  if (key instanceof Uint8Array) return key;
  if (key.kind === 'dh') return new TextEncoder().encode([key.p, key.g, key.open].join());
  return type === 'private' ? toPkcs8(key) : toSpki(key);
}

class AsymmetricKeyObject extends KeyObject {
  get asymmetricKeyDetails(): Record<string, unknown> {
    const key = asymmetric(this);
    return {
      modulusLength: key.kind === 'rsa' ? bitLength(key.n) : undefined,
      publicExponent: key.kind === 'rsa' ? key.e : undefined,
      divisorLength: undefined,
      namedCurve: key.kind === 'ec' ? key.curve : undefined,
    };
  }

  get asymmetricKeyType(): string {
    return asymmetric(this).kind;
  }

  toCryptoKey(): never {
    throw codeError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', 'The toCryptoKey method is not implemented');
  }

  [INSPECT](depth: number, options: { depth?: number | null }, inspect: Inspect): unknown {
    return shown(this, { type: this.asymmetricKeyType, details: this.asymmetricKeyDetails }, depth, options, inspect);
  }
}

export class PublicKeyObject extends AsymmetricKeyObject {
  override export(options?: unknown): unknown {
    return super.export(options);
  }

  get type(): string {
    return 'public';
  }
}

export class PrivateKeyObject extends AsymmetricKeyObject {
  override export(options?: unknown): unknown {
    return super.export(options);
  }

  get type(): string {
    return 'private';
  }
}

export class SecretKeyObject extends KeyObject {
  get symmetricKeySize(): number {
    const { key, web } = heldBy(this);
    // A bug of workerd's, kept: of a key of WebCrypto it is in bits.
    return web ? ((web.algorithm as { length?: number }).length ?? 0) : (key as Uint8Array).length;
  }

  override export(options?: unknown): unknown {
    return super.export(options);
  }

  get type(): string {
    return 'secret';
  }

  [INSPECT](depth: number, options: { depth?: number | null }, inspect: Inspect): unknown {
    return shown(this, { size: this.symmetricKeySize }, depth, options, inspect);
  }
}

function shown(
  it: KeyObject,
  what: object,
  depth: number,
  options: { depth?: number | null },
  inspect: Inspect,
): unknown {
  if (depth < 0) return it;
  const within = { ...options, depth: options.depth == null ? null : options.depth - 1 };
  return `${it.constructor.name} ${inspect(what, within)}`;
}

const CLASSES = { public: PublicKeyObject, private: PrivateKeyObject, secret: SecretKeyObject };

function keyObject(held: HeldKey): KeyObject {
  const made = Object.create(CLASSES[held.type].prototype) as KeyObject;
  keepKey(made, held);
  return made;
}

export function publicKeyObject(key: AsymmetricKey): KeyObject {
  return keyObject({ type: 'public', key: publicPart(key) });
}

export function privateKeyObject(key: AsymmetricKey): KeyObject {
  return keyObject({ type: 'private', key });
}

function heldBy(it: KeyObject): HeldKey {
  const held = keptKey(it);
  if (!held) throw new TypeError('Illegal invocation');
  return held;
}

/** @throws when it holds a secret alone */
function asymmetric(it: KeyObject): AsymmetricKey {
  return heldBy(it).key as AsymmetricKey;
}

/** The platform's own layer wants bytes, and text becomes bytes only where it is needed. */
function noPassphrase(): TypeError {
  return new TypeError(
    "Incorrect type for the 'passphrase' field on 'KeyExportOptions': the provided value is not of type 'JsBufferSource'.",
  );
}

/** @param options  its format becomes `buffer` when it has none, in the caller's own object, as in workerd */
export function checkExportOptions(options: unknown, type: HeldKey['type'], name: string): void {
  checkObject(name, options);
  if (options['format'] === undefined) options['format'] = 'buffer';
  else checkString(`${name}.format`, options['format']);
  if (options['type'] !== undefined) checkString(`${name}.type`, options['type']);
  if (type !== 'private' || options['cipher'] === undefined) return;
  checkString(`${name}.cipher`, options['cipher']);
  if (typeof options['passphrase'] === 'string')
    options['passphrase'] = Buffer.from(options['passphrase'], options['encoding']);
  if (!(options['passphrase'] instanceof Uint8Array))
    throw wrongType(`${name}.passphrase`, 'of type string or an instance of Uint8Array', options['passphrase']);
}

function exportedSecret(held: HeldKey, bytes: Uint8Array, { format }: Record<string, unknown>): unknown {
  if (format === 'jwk') return Object.assign(secretJwk(bytes), webMembers(held));
  if (format !== 'buffer') throw new TypeError(`Invalid format for secret key export: ${format}`);
  return bytes;
}

function exportedKey(it: KeyObject, options: Record<string, unknown>): unknown {
  const held = heldBy(it);
  const key = asymmetric(it);
  const { format, type, cipher, passphrase } = options;
  if (format === 'jwk') return Object.assign(jwkOfKey(key), webMembers(held));
  if (type === undefined) throw new TypeError('Missing type option');
  const isPrivate = held.type === 'private';
  const protection =
    isPrivate && typeof cipher === 'string' ? { cipher, passphrase: passphrase as Uint8Array } : undefined;
  const form = exportForm(key, type, isPrivate);
  if (format === 'der' && form.label !== 'PRIVATE KEY') return form.bytes;
  if (format !== 'der' && format !== 'pem') throw new Error('Invalid key format');
  if (!protection) return format === 'der' ? form.bytes : pemText(form.label, form.bytes);
  if (form.label === 'PRIVATE KEY') {
    const bytes = encryptedPkcs8(form.bytes, protection.passphrase, protection.cipher);
    return format === 'der' ? bytes : pemText('ENCRYPTED PRIVATE KEY', bytes);
  }
  const [bytes, headers] = encryptedBlock(form.bytes, protection.passphrase, protection.cipher);
  return pemText(form.label, bytes, headers);
}

/** A public key is SPKI whichever form is named, but for RSA's own. */
function exportForm(key: AsymmetricKey, type: unknown, isPrivate: boolean): { label: string; bytes: Uint8Array } {
  switch (type) {
    case 'pkcs1':
      if (key.kind !== 'rsa') throw new Error('PKCS1 can only be used for RSA keys');
      return { label: isPrivate ? 'RSA PRIVATE KEY' : 'RSA PUBLIC KEY', bytes: toPkcs1(key) };
    case 'sec1':
      if (key.kind !== 'ec') throw new Error('SEC1 can only be used for EC keys');
      if (!isPrivate) break;
      return { label: 'EC PRIVATE KEY', bytes: toSec1(key as EcKey & { secret: Uint8Array }, true) };
    case 'pkcs8':
      if (!isPrivate) break;
      if (key.kind === 'dh') throw new Error('Failed to export key');
      return { label: 'PRIVATE KEY', bytes: toPkcs8(key) };
    case 'spki':
      if (isPrivate) throw new Error('Failed to export key');
      break;
    default:
      throw new Error('Invalid key encoding');
  }
  if (key.kind === 'dh') throw new Error('Failed to export key');
  return { label: 'PUBLIC KEY', bytes: toSpki(key) };
}

export function createSecretKey(key: unknown, encoding?: unknown): KeyObject {
  if (key === undefined || key === null)
    throw wrongType('key', 'of type string or an instance of ArrayBuffer, TypedArray, or DataView', key);
  const isBytes = typeof key === 'string' || ArrayBuffer.isView(key) || key instanceof ArrayBuffer;
  if (!isBytes) {
    throw new TypeError(
      "Failed to execute 'createSecretKey' on 'CryptoImpl': parameter 1 is not of type 'JsBufferSource'.",
    );
  }
  return keyObject({ type: 'secret', key: bytesOf(key, encoding).slice() });
}

export function createPrivateKey(key: unknown): KeyObject {
  const input = prepared(key, ['pkcs1', 'pkcs8', 'sec1']);
  return privateKeyObject('jwk' in input ? keyOfJwk(input.jwk, 'private') : privateKeyIn(input));
}

export function createPublicKey(key: unknown): KeyObject {
  const held = isCryptoKey(key) ? { type: key.type, key: undefined, web: key } : keptKey(key);
  if (held) {
    if (held.type !== 'private') throw wrongType('key', 'an instance of PrivateKeyObject', key);
    if (held.web) throw new Error('Failed to derive public key from private key');
    return publicKeyObject(held.key as AsymmetricKey);
  }
  const input = prepared(key, ['pkcs1', 'spki']);
  return publicKeyObject('jwk' in input ? keyOfJwk(input.jwk, 'public') : publicKeyIn(input));
}

/** What a key is to be made from; its type is checked when it says something. */
type KeyInput = { jwk: Record<string, unknown> } | EncodedKey;

function prepared(key: unknown, types: readonly string[]): KeyInput {
  if (key === undefined || key === null) throw wrongType('key', KEY_FORMS, key);
  const options = (isText(key) ? { key } : key) as Record<string, unknown>;
  const { key: data, encoding = 'utf8', format = 'pem', type, passphrase } = options;
  if (data === undefined || data === null || keptKey(data) || isCryptoKey(data))
    throw wrongType('options.key', KEY_FORMS, data);
  if (!isText(data)) {
    if (typeof data !== 'object') throw wrongType('key', KEY_FORMS, key);
    return { jwk: data as Record<string, unknown> };
  }
  checkOneOf('format', format, ['pem', 'der']);
  if (type !== undefined) checkOneOf('type', type, types);
  return {
    bytes: bytesOf(data, encoding),
    format: format as 'pem' | 'der',
    type: type as string | undefined,
    passphrase: passphrase === undefined || passphrase === null ? undefined : passphraseOf(passphrase, encoding),
  };
}

function isText(value: unknown): boolean {
  return typeof value === 'string' || ArrayBuffer.isView(value) || value instanceof ArrayBuffer;
}

function passphraseOf(value: unknown, encoding: unknown): Uint8Array {
  if (isText(value)) return bytesOf(value, encoding);
  const expected = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
  throw wrongType('passphrase', expected, value);
}
