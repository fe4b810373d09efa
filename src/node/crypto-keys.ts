/**
 * What a key is, whatever it was made from; the objects that programs hold are in crypto-key-object.ts.
 */
import { CURVES, type CurveName, ed25519, x25519 } from './crypto-curves.ts';

/** The numbers of RFC 8017; they may contradict each other, and then what is made with them fails. */
export interface RsaSecret {
  d: bigint;
  p: bigint;
  q: bigint;
  dp: bigint;
  dq: bigint;
  qi: bigint;
}

export interface RsaKey {
  kind: 'rsa';
  n: bigint;
  e: bigint;
  secret?: RsaSecret;
}

export interface EcKey {
  kind: 'ec';
  curve: CurveName;
  /** uncompressed: 4, x, y */
  point: Uint8Array;
  secret?: Uint8Array;
}

interface Curve25519Key<Kind extends string> {
  kind: Kind;
  point: Uint8Array;
  secret?: Uint8Array;
}

export type OkpKey = Curve25519Key<'ed25519'> | Curve25519Key<'x25519'>;

/** It can be made, compared and agreed with, and has no form in which it could leave. */
export interface DhKey {
  kind: 'dh';
  p: bigint;
  g: bigint;
  open: bigint;
  secret?: bigint;
}

/** What has a form of its own in DER. */
export type FormedKey = RsaKey | EcKey | OkpKey;

export type AsymmetricKey = FormedKey | DhKey;

/** The same without its secret. */
export function publicPart(key: AsymmetricKey): AsymmetricKey {
  const { secret: _, ...rest } = key;
  return rest as AsymmetricKey;
}

/** @throws when the secret is none of the curve's */
export function ecKeyOfSecret(curve: CurveName, secret: Uint8Array): EcKey {
  return { kind: 'ec', curve, secret, point: CURVES[curve].engine().getPublicKey(secret, false) };
}

/** @throws when the point is not on the curve */
export function ecKeyOfPoint(curve: CurveName, bytes: Uint8Array): EcKey {
  return { kind: 'ec', curve, point: CURVES[curve].engine().Point.fromBytes(bytes).toBytes(false) };
}

/** @param secret  32 bytes */
export function okpKeyOfSecret(kind: OkpKey['kind'], secret: Uint8Array): OkpKey {
  return { kind, secret, point: (kind === 'ed25519' ? ed25519 : x25519).getPublicKey(secret) } as OkpKey;
}

export function bitLength(value: bigint): number {
  return value.toString(2).length;
}

export function sameBytes(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let i = 0; i < one.length; i++) difference |= (one[i] as number) ^ (other[i] ?? 0);
  return difference === 0;
}
