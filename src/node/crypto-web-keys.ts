/**
 * The keys of WebCrypto in `node:crypto`.
 *
 * The browser gives a key's bytes only later, and every call here answers at once: so the isolate remembers what each key was made
 * of, and it is read when it is first needed.
 *
 * Source: workerd 1.20260730; `node/crypto-web-keys` asks it.
 */

import { curveBy } from './crypto-curves.ts';
import { keyOfJwk } from './crypto-jwk.ts';
import { type HeldKey, keptKey, wrongKeyType } from './crypto-kept-keys.ts';
import { privateKeyOf, publicKeyOf } from './crypto-key-forms.ts';
import type { AsymmetricKey, OkpKey } from './crypto-keys.ts';
import { ecKeyOfPoint } from './crypto-keys.ts';
import { hooks } from './hooks.ts';

const HELD = new WeakMap<CryptoKey, HeldKey>();
/** What only other keys are derived from. */
const DERIVING = ['PBKDF2', 'HKDF'];

interface Algorithm {
  name: string;
  hash?: { name: string };
  length?: number;
  namedCurve?: string;
}

export function isCryptoKey(value: unknown): value is CryptoKey {
  return typeof CryptoKey === 'function' && value instanceof CryptoKey;
}

/** What a `KeyObject` or a key of WebCrypto holds; undefined for whatever is neither. */
export function heldKey(value: unknown): HeldKey | undefined {
  return isCryptoKey(value) ? heldByWebKey(value) : keptKey(value);
}

/** @throws Error for a key that came to this thread another way than by `crypto.subtle` */
export function heldByWebKey(web: CryptoKey): HeldKey {
  const known = HELD.get(web);
  if (known) return known;
  const material = hooks.keyMaterial(web);
  if (!material) throw new Error('Durabox did not see this CryptoKey being made.');
  const key = material.format === 'jwk' ? keyOfJson(web, material.jwk) : keyOfBytes(web, material);
  const held = { type: web.type, key, web } as HeldKey;
  HELD.set(web, held);
  return held;
}

function keyOfJson(web: CryptoKey, jwk: object): AsymmetricKey | Uint8Array {
  const it = jwk as Readonly<Record<string, unknown>>;
  if (web.type !== 'secret') return keyOfJwk(it, web.type);
  const text = String(it['k']).replaceAll('-', '+').replaceAll('_', '/');
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function keyOfBytes(
  web: CryptoKey,
  { format, bytes }: { format: 'raw' | 'pkcs8' | 'spki'; bytes: Uint8Array },
): AsymmetricKey | Uint8Array {
  if (format === 'pkcs8') return privateKeyOf(bytes);
  if (format === 'spki') return publicKeyOf(bytes);
  if (web.type === 'secret') return bytes;
  const { name, namedCurve } = web.algorithm as Algorithm;
  const curve = curveBy('jwk', namedCurve);
  return curve ? ecKeyOfPoint(curve.name, bytes) : ({ kind: name.toLowerCase(), point: bytes } as OkpKey);
}

/** The bytes of a secret key, or what was given when it is no key. @throws when it is half of a pair, or gives no bytes at all */
export function secretOr(value: unknown): unknown {
  const held = heldKey(value);
  if (!held) return value;
  if (held.type !== 'secret') throw wrongKeyType(held.type, 'secret');
  const { name = '' } = held.web?.algorithm ?? {};
  if (!DERIVING.includes(name)) return held.key;
  throw new DOMException(`Unrecognized or unsupported export of "${name}" requested.`, 'NotSupportedError');
}

/** @throws TypeError in the platform's words */
export function checkMayLeave({ web }: HeldKey): void {
  if (web && !web.extractable) throw new TypeError('Unable to export non-extractable key');
}

const AES_MODES: Record<string, string> = { 'AES-CBC': 'CBC', 'AES-CTR': 'CTR', 'AES-GCM': 'GCM', 'AES-KW': 'KW' };
const RSA_NAMES: Record<string, string> = { 'RSASSA-PKCS1-v1_5': 'RS', 'RSA-PSS': 'PS' };

/** What WebCrypto adds to the JSON of a key of its own. */
export function webMembers({ web }: HeldKey): Record<string, unknown> {
  if (!web) return {};
  const alg = jsonName(web.algorithm as Algorithm);
  return { key_ops: web.usages, ext: true, ...(alg ? { alg } : {}) };
}

function jsonName({ name, hash, length }: Algorithm): string | undefined {
  const size = hash?.name.slice('SHA-'.length);
  if (name === 'HMAC') return `HS${size}`;
  if (name === 'RSA-OAEP') return size === '1' ? name : `${name}-${size}`;
  if (RSA_NAMES[name]) return `${RSA_NAMES[name]}${size}`;
  return AES_MODES[name] && `A${length}${AES_MODES[name]}`;
}
