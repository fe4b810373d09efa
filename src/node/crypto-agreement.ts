/**
 * Agreements over curves: `createECDH`; and `diffieHellman`, with keys of any kind.
 *
 * Source: workerd 1.20260730; `node/crypto-agreements` asks it. Its curves have OpenSSL's names only, and points are never written
 * in the hybrid form.
 *
 * DIFFERS: local workerd agrees with a public key of x25519 only when it has made it itself.
 */
import { Buffer } from './buffer.ts';
import { BYTES, callable, checkObject, checkOneOf, checkString, wrongType, wrongValue } from './crypto-checks.ts';
import { CURVES, type Curve, curveBy, x25519 } from './crypto-curves.ts';
import { bytesOfNumber, numberOf } from './crypto-der.ts';
import { sharedInGroup } from './crypto-diffie-hellman.ts';
import { bytesOf } from './crypto-hash.ts';
import { keptKey } from './crypto-kept-keys.ts';
import type { AsymmetricKey, DhKey } from './crypto-keys.ts';

const FORMATS = ['compressed', 'uncompressed', 'hybrid'];
/** workerd knows of it, and has no arithmetic for it. */
const KNOWN_BUT_MISSING = 'secp256k1';

type Pair = { state: 'none' } | { state: 'made'; secret: Uint8Array; point: Uint8Array };

class EllipticCurve {
  readonly #curve: Curve;
  #pair: Pair = { state: 'none' };

  constructor(curveName: unknown) {
    checkString('curveName', curveName);
    this.#curve = curveNamed(curveName);
  }

  computeSecret(other: unknown, inputEncoding?: unknown, outputEncoding?: unknown): unknown {
    const bytes = viewOf('otherPublicKey', other, inputEncoding);
    checkEncodings({ inputEncoding, outputEncoding });
    const pair = this.#pair;
    if (pair.state === 'none') throw new Error('Invalid keypair');
    const point = pointOf(this.#curve, bytes);
    return written(sharedOnCurve(this.#curve, pair.secret, point), outputEncoding);
  }

  generateKeys(encoding?: unknown, format?: unknown): unknown {
    checkEncodings({ encoding });
    if (format !== undefined && format !== null) checkOneOf('format', format, FORMATS);
    this.#hold(this.#curve.engine().utils.randomSecretKey());
    return this.getPublicKey(encoding, format ?? undefined);
  }

  getPrivateKey(encoding?: unknown): unknown {
    checkEncodings({ encoding });
    if (this.#pair.state === 'none') throw new Error('Failed to get ECDH private key');
    return written(bytesOfNumber(numberOf(this.#pair.secret)), encoding);
  }

  getPublicKey(encoding?: unknown, format: unknown = 'uncompressed'): unknown {
    checkEncodings({ encoding });
    checkOneOf('format', format, FORMATS);
    if (this.#pair.state === 'none') throw new Error('Failed to get ECDH public key');
    return written(pointAs(this.#curve, this.#pair.point, format), encoding);
  }

  setPrivateKey(key: unknown, encoding?: unknown): void {
    checkEncodings({ encoding });
    const secret = numberOf(viewOf('key', key, encoding));
    const isRight = secret > 0n && secret < this.#curve.order;
    if (!isRight) throw new Error('Private key is not valid for specified curve.');
    this.#hold(bytesOfNumber(secret, this.#curve.sizeBytes));
  }

  #hold(secret: Uint8Array): void {
    this.#pair = { state: 'made', secret, point: this.#curve.engine().getPublicKey(secret, false) };
  }
}

function convertKey(
  key: unknown,
  curve: unknown,
  inputEncoding?: unknown,
  outputEncoding?: unknown,
  format: unknown = 'uncompressed',
): unknown {
  const bytes = viewOf('key', key, inputEncoding);
  checkString('curve', curve);
  checkEncodings({ inputEncoding, outputEncoding });
  checkOneOf('format', format, FORMATS);
  const found = curveNamed(curve);
  return written(pointAs(found, pointOf(found, bytes), format), outputEncoding);
}

export const ECDH = Object.assign(callable(EllipticCurve), { convertKey });
Object.defineProperty(ECDH, 'name', { value: 'ECDH' });
export type ECDH = EllipticCurve;

export function createECDH(curveName: unknown): ECDH {
  return new ECDH(curveName);
}

export function getCurves(): string[] {
  return Object.keys(CURVES);
}

function curveNamed(name: string): Curve {
  if (name === KNOWN_BUT_MISSING) throw new Error('Failed to create key using named curve');
  const found = curveBy('name', name);
  if (!found) throw new Error('Invalid curve');
  return found;
}

function checkEncodings(all: Readonly<Record<string, unknown>>): void {
  for (const [name, value] of Object.entries(all)) if (value !== undefined && value !== null) checkString(name, value);
}

function viewOf(name: string, value: unknown, encoding: unknown): Uint8Array {
  if (typeof value === 'string') return Buffer.from(value, encoding);
  if (!ArrayBuffer.isView(value)) throw wrongType(name, BYTES, value);
  return bytesOf(value, undefined);
}

function written(bytes: Uint8Array, encoding: unknown): unknown {
  const buffer = Buffer.from(bytes);
  return typeof encoding === 'string' ? buffer.toString(encoding) : buffer;
}

function pointOf({ engine }: Curve, bytes: Uint8Array): Uint8Array {
  try {
    return engine().Point.fromBytes(bytes).toBytes(false);
  } catch {
    throw new Error('Failed to set point');
  }
}

function pointAs({ engine }: Curve, point: Uint8Array, format: unknown): Uint8Array {
  if (format === 'hybrid') throw new Error('Failed to get public key length');
  return format === 'compressed' ? engine().Point.fromBytes(point).toBytes(true) : point;
}

/** The other's point times one's secret: its first coordinate. */
function sharedOnCurve({ engine, sizeBytes }: Curve, secret: Uint8Array, point: Uint8Array): Uint8Array {
  return engine()
    .getSharedSecret(secret, point, false)
    .slice(1, 1 + sizeBytes);
}

export function diffieHellman(options?: unknown): unknown {
  checkObject('options', options);
  const { publicKey, privateKey } = options as { publicKey: unknown; privateKey: unknown };
  const [open, secret] = [keptKey(publicKey), keptKey(privateKey)];
  if (!open) throw wrongType('options.publicKey', 'an instance of KeyObject', publicKey);
  if (!secret) throw wrongType('options.privateKey', 'an instance of KeyObject', privateKey);
  if (open.type !== 'public') throw wrongType('options.publicKey', 'public key', publicKey);
  if (secret.type !== 'private') throw wrongType('options.privateKey', 'private key', privateKey);
  if (open.key.kind !== secret.key.kind) {
    const reason = 'must equal privateKey.asymmetricKeyType';
    throw wrongValue('options.publicKey.asymmetricKeyType', open.key.kind, reason);
  }
  return Buffer.from(agreed(secret.key, open.key));
}

/** Points of NIST's curves are refused by workerd too, whatever is asked. */
function agreed(secret: AsymmetricKey, open: AsymmetricKey): Uint8Array {
  try {
    if (secret.kind === 'dh' && open.kind === 'dh') return agreedInGroup(secret, open);
    if (secret.kind === 'x25519' && open.kind === 'x25519')
      return x25519.getSharedSecret(secret.secret as Uint8Array, open.point);
  } catch {
    // A point of small order, or a number of another group, of which nothing can be said but what is said below.
  }
  throw new Error('Failed to derive shared diffie-hellman secret');
}

function agreedInGroup({ p, g, secret }: DhKey, other: DhKey): Uint8Array {
  if (p !== other.p || g !== other.g) throw new RangeError('two groups');
  return sharedInGroup({ p, g }, secret as bigint, other.open);
}
