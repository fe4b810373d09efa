/** Keys as JSON (RFC 7517, 7518, 8037), with workerd's words for what is wrong with them. */
import { CURVES, curveBy } from './crypto-curves.ts';
import { bytesOfNumber, joined, numberOf } from './crypto-der.ts';
import { type AsymmetricKey, ecKeyOfPoint, ecKeyOfSecret, okpKeyOfSecret, type RsaKey } from './crypto-keys.ts';

type Jwk = Readonly<Record<string, unknown>>;

const OKP_CURVES = { Ed25519: 'ed25519', X25519: 'x25519' } as const;
const NAMES = [
  'kty',
  'use',
  'key_ops',
  'alg',
  'ext',
  'crv',
  'x',
  'y',
  'd',
  'n',
  'e',
  'p',
  'q',
  'dp',
  'dq',
  'qi',
  'oth',
  'k',
];

/** @throws Error that names the field */
export function keyOfJwk(jwk: Jwk, wanted: 'public' | 'private'): AsymmetricKey {
  switch (jwk['kty']) {
    case 'RSA':
      return rsaKey(jwk, wanted);
    case 'EC':
      return ecKey(jwk, wanted);
    case 'OKP':
      return okpKey(jwk, wanted);
    default:
      throw notImplemented(wanted);
  }
}

function notImplemented(wanted: string): Error {
  return new Error(`JWK ${wanted} key import is not implemented for this key type`);
}

function field(jwk: Jwk, name: string): Uint8Array {
  const value = jwk[name];
  if (value === undefined) throw new Error(`${jwk['kty']} JWK missing ${name} parameter`);
  const text = String(value);
  if (!/^[A-Za-z0-9_-]+$/.test(text) || text.length % 4 === 1)
    throw new Error(`${jwk['kty']} JWK invalid ${name} parameter`);
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (letter) => letter.charCodeAt(0));
}

function rsaKey(jwk: Jwk, wanted: string): RsaKey {
  const number = (name: string) => numberOf(field(jwk, name));
  const key: RsaKey = { kind: 'rsa', n: number('n'), e: number('e') };
  if (wanted === 'public') return key;
  const [d, p, q] = [number('d'), number('p'), number('q')];
  return { ...key, secret: { d, p, q, dp: number('dp'), dq: number('dq'), qi: number('qi') } };
}

function ecKey(jwk: Jwk, wanted: string): AsymmetricKey {
  if (jwk['crv'] === undefined) throw new Error('EC JWK missing crv parameter');
  if (jwk['crv'] === 'secp256k1') throw new Error('EC JWK unsupported curve');
  const curve = curveBy('jwk', jwk['crv']);
  if (!curve) throw new Error('EC JWK unsupported crv parameter');
  const [x, y] = [field(jwk, 'x'), field(jwk, 'y')];
  const key = orElse('EC JWK invalid public key', () => {
    const [wholeX, wholeY] = [x, y].map((part) => bytesOfNumber(numberOf(part), curve.sizeBytes)) as [
      Uint8Array,
      Uint8Array,
    ];
    if (numberOf(wholeX) !== numberOf(x) || numberOf(wholeY) !== numberOf(y)) throw new RangeError('too long');
    return ecKeyOfPoint(curve.name, joined([Uint8Array.of(4), wholeX, wholeY]));
  });
  if (wanted === 'public') return key;
  const d = field(jwk, 'd');
  const secret = bytesOfNumber(numberOf(d), curve.sizeBytes);
  return orElse('EC JWK invalid private key', () => ({ ...ecKeyOfSecret(curve.name, secret), point: key.point }));
}

function okpKey(jwk: Jwk, wanted: 'public' | 'private'): AsymmetricKey {
  const name = jwk['crv'];
  if (name === undefined) throw new Error('OKP JWK missing crv parameter');
  const kind = Object.hasOwn(OKP_CURVES, String(name)) ? OKP_CURVES[name as keyof typeof OKP_CURVES] : undefined;
  if (!kind) throw new Error('OKP JWK unsupported crv parameter');
  const bytes = field(jwk, wanted === 'private' ? 'd' : 'x');
  if (bytes.length !== 32) throw notImplemented(wanted);
  return wanted === 'private' ? okpKeyOfSecret(kind, bytes) : ({ kind, point: bytes } as AsymmetricKey);
}

function orElse<T>(message: string, make: () => T): T {
  try {
    return make();
  } catch {
    // The platform's has no cause, and a program may show all that an error has.
    throw new Error(message);
  }
}

/** Every name is there, as in workerd; those that the key has no use for are undefined. */
function jwkOf(fields: Readonly<Record<string, unknown>>): Jwk {
  return Object.fromEntries(NAMES.map((name) => [name, fields[name]]));
}

export function secretJwk(bytes: Uint8Array): Jwk {
  return jwkOf({ kty: 'oct', ext: true, k: text(bytes) });
}

export function jwkOfKey(key: AsymmetricKey): Jwk {
  switch (key.kind) {
    case 'rsa': {
      const { kind: _, secret, ...open } = key;
      const numbers = Object.entries({ ...open, ...secret }).map(([name, value]) => [name, text(bytesOfNumber(value))]);
      return jwkOf({ kty: 'RSA', ...Object.fromEntries(numbers) });
    }
    case 'ec': {
      const { jwk: crv, sizeBytes } = CURVES[key.curve];
      const [x, y] = [key.point.subarray(1, 1 + sizeBytes), key.point.subarray(1 + sizeBytes)];
      const d = key.secret && text(key.secret);
      return jwkOf({ kty: 'EC', crv: key.curve === 'secp224r1' ? '' : crv, x: text(x), y: text(y), d });
    }
    case 'ed25519':
    case 'x25519': {
      const names = key.kind === 'ed25519' ? { alg: 'EdDSA', crv: 'Ed25519' } : { crv: 'X25519' };
      return jwkOf({ kty: 'OKP', ...names, x: text(key.point), d: key.secret && text(key.secret) });
    }
    case 'dh':
      throw new Error('Key type is invalid for JWK export');
    default:
      return key satisfies never;
  }
}

function text(bytes: Uint8Array): string {
  const plain = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  return plain.replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
}
