/**
 * New keys: `generateKeyPair`, `generateKey`, and their synchronous forms. All of it happens at once; who gave a callback is told
 * later.
 *
 * Source: workerd 1.20260730; `node/crypto-key-pairs` asks it.
 */
import { must } from '../base/assert.ts';
import {
  checkFunction,
  checkInteger,
  checkObject,
  checkOneOf,
  checkString,
  INT32_MAX,
  isBytes,
  UINT32_MAX,
  wrongType,
} from './crypto-checks.ts';
import { CURVES, curveBy, randomBytes } from './crypto-curves.ts';
import { numberOf } from './crypto-der.ts';
import { randomSecret } from './crypto-diffie-hellman.ts';
import { type Group, groupNamed } from './crypto-groups.ts';
import { bytesOf } from './crypto-hash.ts';
import {
  checkExportOptions,
  createSecretKey,
  type KeyObject,
  privateKeyObject,
  publicKeyObject,
} from './crypto-key-object.ts';
import { type AsymmetricKey, bitLength, ecKeyOfSecret, okpKeyOfSecret, type RsaKey } from './crypto-keys.ts';
import { divisor, inverse, randomPrime } from './crypto-prime-search.ts';
import { modPow } from './crypto-rsa.ts';
import { codeError } from './errors.ts';

const TYPES = ['rsa', 'ec', 'ed25519', 'x25519', 'dh'];
/** BoringSSL's least, and the step of its sizes. */
const DH_PRIME_BYTES_MAX = 1024;
const RSA_BITS_MIN = 512;
const RSA_BITS_STEP = 128;
const RSA_BITS_REFUSED_BELOW = 256;

type Options = Record<string, unknown>;

export function generateKeyPairSync(
  type?: unknown,
  options: unknown = {},
): { publicKey: unknown; privateKey: unknown } {
  checkOneOf('type', type, TYPES);
  checkObject('options', options);
  const { publicKeyEncoding: open, privateKeyEncoding: secret } = options;
  if (open !== undefined) checkExportOptions(open, 'public', 'options.publicKeyEncoding');
  if (secret !== undefined) checkExportOptions(secret, 'private', 'options.privateKeyEncoding');
  const key = made(type as string, options);
  const exported = (it: KeyObject, as: unknown) => (as === undefined ? it : it.export(as));
  return { publicKey: exported(publicKeyObject(key), open), privateKey: exported(privateKeyObject(key), secret) };
}

function made(type: string, options: Options): AsymmetricKey {
  switch (type) {
    case 'rsa':
      return rsaKey(options);
    case 'ec':
      return ecKey(options);
    case 'dh':
      return dhKey(options);
    default:
      return okpKeyOfSecret(type as 'ed25519' | 'x25519', randomBytes(32));
  }
}

function ecKey({ namedCurve, paramEncoding = 'named' }: Options): AsymmetricKey {
  checkString('options.namedCurve', namedCurve);
  checkOneOf('options.paramEncoding', paramEncoding, ['named', 'explicit']);
  if (namedCurve === 'secp256k1') throw new Error('Failed to initialize key');
  const curve = curveBy('name', namedCurve) ?? curveBy('jwk', namedCurve);
  if (!curve) throw new Error('Invalid or unsupported curve');
  return ecKeyOfSecret(curve.name, CURVES[curve.name].engine().utils.randomSecretKey());
}

function dhKey(options: Options): AsymmetricKey {
  const generator = options['generator'] ?? undefined;
  if (generator !== undefined) checkInteger('options.generator', generator, 0, INT32_MAX);
  const group = groupFor(options, generator);
  const { p, g } = group;
  if (p % 2n === 0n || p < 5n || g < 1n || g >= p) throw new Error('Failed to generate key');
  const secret = randomSecret(group);
  return { kind: 'dh', p, g, secret, open: modPow(g, secret, p) };
}

/** The group that is named, or one over the prime that is given. */
function groupFor(options: Options, generator: number | undefined): Group {
  const { prime, primeLength } = options;
  const isGiven = (name: string) => options[name] !== undefined && options[name] !== null;
  if (isGiven('group') || isGiven('groupName')) {
    for (const name of ['prime', 'primeLength', 'generator']) if (isGiven(name)) throw exclusive('group', name);
    const name = options['group'] || options['groupName'];
    checkString('options.group', name);
    const group = groupNamed(name);
    if (!group) throw new Error('Invalid or unsupported group');
    return group;
  }
  if (!isGiven('prime')) {
    if (!isGiven('primeLength'))
      throw codeError(Error, 'ERR_MISSING_OPTION', 'At least one of the group, prime, or primeLength options');
    checkInteger('options.primeLength', primeLength, 0, INT32_MAX);
    throw new Error('Generating DH keys from a prime length is not yet implemented');
  }
  if (isGiven('primeLength')) throw exclusive('prime', 'primeLength');
  if (typeof prime === 'string' || !isBytes(prime))
    throw wrongType('options.prime', 'an instance of Buffer, TypedArray, or ArrayBuffer', prime);
  const bytes = bytesOf(prime, undefined);
  if (bytes.length > DH_PRIME_BYTES_MAX) throw new RangeError('DH prime exceeds maximum size');
  return { p: numberOf(bytes), g: BigInt(generator ?? 2) };
}

function exclusive(one: string, other: string): Error {
  const message = `The options "${one}" and "${other}" are mutually exclusive.`;
  return codeError(Error, 'ERR_INCOMPATIBLE_OPTION_PAIR', message);
}

function checkUint32(name: string, value: unknown): asserts value is number {
  checkInteger(name, value, 0, UINT32_MAX, `>= 0 && < ${UINT32_MAX + 1}`);
}

function rsaKey({ modulusLength, publicExponent = 0x10001 }: Options): RsaKey {
  checkUint32('options.modulusLength', modulusLength);
  checkUint32('options.publicExponent', publicExponent);
  if (modulusLength < RSA_BITS_REFUSED_BELOW) throw new Error('Failed to set modulus length');
  const bits = modulusLength - (modulusLength % RSA_BITS_STEP);
  const e = BigInt(publicExponent);
  if (bits < RSA_BITS_MIN || e < 3n || e % 2n === 0n) throw new Error('Failed to generate key');
  for (;;) {
    const one = primeFor(bits / 2, e);
    const other = primeFor(bits / 2, e);
    if (one === other || bitLength(one * other) !== bits) continue;
    const [p, q] = one > other ? [one, other] : [other, one];
    const d = inverse(e, ((p - 1n) * (q - 1n)) / divisor(p - 1n, q - 1n));
    return { kind: 'rsa', n: p * q, e, secret: { d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) } };
  }
}

/** One less than it shares nothing with `e`, and its two highest bits are set, so that two of them have all the bits they should. */
function primeFor(bits: number, e: bigint): bigint {
  const isRight = (candidate: bigint) => divisor(candidate - 1n, e) === 1n;
  return must(randomPrime({ bits, topBits: 2, add: 2n, rem: 1n, isSafe: false, isRight }), 'a prime of that size');
}

type PairCallback = (error: unknown, publicKey?: unknown, privateKey?: unknown) => void;

export function generateKeyPair(type?: unknown, options?: unknown, callback?: unknown): void {
  checkFunction('callback', callback);
  const tell = callback as PairCallback;
  try {
    const { publicKey, privateKey } = generateKeyPairSync(type, options);
    queueMicrotask(() => tell(null, publicKey, privateKey));
  } catch (error) {
    queueMicrotask(() => tell(error));
  }
}

/** By which `promisify` names the two results. */
Object.defineProperty(generateKeyPair, Symbol.for('nodejs.util.promisify.custom.args'), {
  value: ['publicKey', 'privateKey'],
});

export function generateKeySync(type?: unknown, options?: unknown): KeyObject {
  checkOneOf('type', type, ['hmac', 'aes']);
  checkObject('options', options);
  const { length } = options;
  if (type === 'hmac') checkInteger('options.length', length, 8, 65_536);
  else checkOneOf('options.length', length, [128, 192, 256]);
  return createSecretKey(randomBytes(Math.floor((length as number) / 8)));
}

export function generateKey(type: unknown, options: unknown, callback: (error: unknown, key?: unknown) => void): void {
  try {
    const key = generateKeySync(type, options);
    queueMicrotask(() => callback(null, key));
  } catch (error) {
    queueMicrotask(() => callback(error));
  }
}
