/**
 * Keys as DER: PKCS #1, PKCS #8, SPKI, SEC 1, and the key in a certificate.
 *
 * Promise: what is no such form, or of an algorithm that is not here, throws; nothing is taken for another form.
 *
 * Source: RFC 8017 (RSA), RFC 5208 and 5915 (private keys), RFC 5280 and 5480 (public ones), RFC 8410 (25519).
 */
import { CURVES, type Curve, curveBy } from './crypto-curves.ts';
import {
  bits,
  bitsOf,
  bytesOfNumber,
  contentOf,
  DerError,
  der,
  type Element,
  elementsOf,
  integer,
  integerOf,
  nothing,
  numbered,
  octets,
  oid,
  oidOf,
  sequence,
  sequenceOf,
  TAGS,
} from './crypto-der.ts';
import {
  type EcKey,
  ecKeyOfPoint,
  ecKeyOfSecret,
  type FormedKey,
  type OkpKey,
  okpKeyOfSecret,
  type RsaKey,
  type RsaSecret,
} from './crypto-keys.ts';

const RSA_OID = '1.2.840.113549.1.1.1';
const EC_OID = '1.2.840.10045.2.1';
const OKP_OIDS = { x25519: '1.3.101.110', ed25519: '1.3.101.112' } as const;
const OKP_BYTES = 32;

/** PKCS #1. */
export function rsaPublicKeyOf(bytes: Uint8Array): RsaKey {
  const [n, e] = sequenceOf(bytes);
  return { kind: 'rsa', n: integerOf(n), e: integerOf(e) };
}

/** PKCS #1. */
export function rsaPrivateKeyOf(bytes: Uint8Array): RsaKey {
  const numbers = sequenceOf(bytes).map(integerOf);
  const [version, n, e, d, p, q, dp, dq, qi] = numbers as [bigint, ...bigint[]];
  if (version !== 0n || numbers.length !== 9) throw new DerError('no RSA key of two primes');
  return { kind: 'rsa', n, e, secret: { d, p, q, dp, dq, qi } } as RsaKey;
}

/** SEC 1; the curve is named in it, or around it. */
export function ecPrivateKeyOf(bytes: Uint8Array, around?: Curve): EcKey {
  const [version, secret, ...rest] = sequenceOf(bytes);
  if (integerOf(version) !== 1n) throw new DerError('no EC key');
  const named = rest.find(({ tag }) => tag === 0xa0);
  const curve = around ?? (named && curveOf(elementsOf(named.content)[0]));
  if (!curve) throw new DerError('a key without a curve');
  return ecKeyOfSecret(curve.name, padded(contentOf(secret, TAGS.octets), curve.sizeBytes));
}

function padded(bytes: Uint8Array, length: number): Uint8Array {
  if (bytes.length > length) throw new DerError('too long');
  const whole = new Uint8Array(length);
  whole.set(bytes, length - bytes.length);
  return whole;
}

function curveOf(element: Element | undefined): Curve {
  const curve = curveBy('oid', oidOf(element));
  if (!curve) throw new DerError('an unknown curve');
  return curve;
}

/** PKCS #8. */
export function privateKeyOf(bytes: Uint8Array): FormedKey {
  const [version, algorithm, content] = sequenceOf(bytes);
  if (integerOf(version) > 1n) throw new DerError('no private key');
  const [name, parameters] = elementsOf(contentOf(algorithm, TAGS.sequence));
  const inside = contentOf(content, TAGS.octets);
  const method = oidOf(name);
  if (method === RSA_OID) return rsaPrivateKeyOf(inside);
  if (method === EC_OID) return ecPrivateKeyOf(inside, curveOf(parameters));
  const secret = contentOf(elementsOf(inside)[0], TAGS.octets);
  if (secret.length !== OKP_BYTES) throw new DerError('no secret of 32 bytes');
  return okpKeyOfSecret(okpKind(method), secret.slice());
}

/** SPKI. */
export function publicKeyOf(bytes: Uint8Array): FormedKey {
  return publicKeyIn(sequenceOf(bytes));
}

function publicKeyIn([algorithm, content]: readonly Element[]): FormedKey {
  const [name, parameters] = elementsOf(contentOf(algorithm, TAGS.sequence));
  const inside = bitsOf(content);
  const method = oidOf(name);
  if (method === RSA_OID) return rsaPublicKeyOf(inside);
  if (method === EC_OID) return ecKeyOfPoint(curveOf(parameters).name, inside);
  if (inside.length !== OKP_BYTES) throw new DerError('no point of 32 bytes');
  return { kind: okpKind(method), point: inside.slice() } as OkpKey;
}

function okpKind(method: string): OkpKey['kind'] {
  if (method === OKP_OIDS.ed25519) return 'ed25519';
  if (method === OKP_OIDS.x25519) return 'x25519';
  throw new DerError(`an unknown algorithm ${method}`);
}

/** X.509: version, number, signature, issuer, dates, subject, key. Who signed it is not asked. */
export function certifiedKeyOf(bytes: Uint8Array): FormedKey {
  const signed = elementsOf(contentOf(sequenceOf(bytes)[0], TAGS.sequence));
  const withoutVersion = signed[0]?.tag === 0xa0 ? signed.slice(1) : signed;
  return publicKeyIn(elementsOf(contentOf(withoutVersion[5], TAGS.sequence)));
}

/** Whichever form of a private key this is. */
export function anyPrivateKeyOf(bytes: Uint8Array): FormedKey {
  const [, second, third] = sequenceOf(bytes);
  if (second?.tag === TAGS.sequence) return privateKeyOf(bytes);
  return second?.tag === TAGS.octets && third?.tag !== TAGS.integer ? ecPrivateKeyOf(bytes) : rsaPrivateKeyOf(bytes);
}

export function toPkcs1(key: RsaKey): Uint8Array {
  const numbers = key.secret ? [0n, key.n, key.e, ...secretNumbers(key.secret)] : [key.n, key.e];
  return sequence(...numbers.map(integer));
}

function secretNumbers({ d, p, q, dp, dq, qi }: RsaSecret): bigint[] {
  return [d, p, q, dp, dq, qi];
}

/** @param isAlone  when nothing around it names the curve */
export function toSec1(key: EcKey & { secret: Uint8Array }, isAlone: boolean): Uint8Array {
  const curve = isAlone ? [numbered(0, oid(CURVES[key.curve].oid))] : [];
  return sequence(integer(1n), octets(key.secret), ...curve, numbered(1, bits(key.point)));
}

export function toPkcs8(key: FormedKey): Uint8Array {
  return sequence(integer(0n), algorithmOf(key), octets(secretPart(key)));
}

function secretPart(key: FormedKey): Uint8Array {
  if (key.kind === 'rsa') return toPkcs1(key);
  if (key.kind === 'ec') return toSec1(key as EcKey & { secret: Uint8Array }, false);
  return octets(key.secret as Uint8Array);
}

export function toSpki(key: FormedKey): Uint8Array {
  return sequence(
    algorithmOf(key),
    bits(key.kind === 'rsa' ? toPkcs1({ kind: 'rsa', n: key.n, e: key.e }) : key.point),
  );
}

function algorithmOf(key: FormedKey): Uint8Array {
  if (key.kind === 'rsa') return sequence(oid(RSA_OID), nothing());
  if (key.kind === 'ec') return sequence(oid(EC_OID), oid(CURVES[key.curve].oid));
  return sequence(oid(OKP_OIDS[key.kind]));
}

/** ECDSA's two numbers as one after the other. @throws DerError when they are not two, or do not fit */
export function plainSignature(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  const [r, s, more] = sequenceOf(bytes).map(integerOf);
  const plain = new Uint8Array(2 * sizeBytes);
  for (const [index, value] of [r, s].entries()) {
    if (value === undefined || more !== undefined || value >> BigInt(8 * sizeBytes)) throw new DerError('no signature');
    plain.set(bytesOfNumber(value, sizeBytes), index * sizeBytes);
  }
  const whole = der(TAGS.sequence, integer(r as bigint), integer(s as bigint));
  if (whole.length !== bytes.length) throw new DerError('more than a signature');
  return plain;
}
