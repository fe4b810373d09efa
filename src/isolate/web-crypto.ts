/**
 * `crypto.subtle` as the platform has it, where a browser's has less or says it otherwise: MD5, the members of a JWK, and what is
 * refused, in the platform's words.
 *
 * Promise: what works, the browser does. A failure of the browser's keeps its kind where the platform's words for it are not known.
 *
 * Source of every text: workerd 1.20260730, as observed. Knows nothing of who asks.
 */
import { md5 } from '@noble/hashes/legacy.js';
import { bytesIn } from '../base/bytes.ts';
import {
  domExceptionName,
  objectDefineProperty,
  reflectApply,
  reflectDeleteProperty,
  regExpExec,
  stringOf,
  stringToLowerCase,
  typedArrayBuffer,
  typedArrayLength,
  typedArraySlice,
  uncurryGetter,
} from '../base/primordials.ts';
import { define, named, parameterError } from './native-shape.ts';
import { KEY_MAKERS, type KeyMaker, materialKept } from './web-crypto-material.ts';

type Method = (self: unknown, args: readonly unknown[]) => Promise<unknown>;

/** What a method's arguments are for whoever words its failure. */
interface Asked {
  readonly args: readonly unknown[];
  /** the usage that its key must have */
  readonly usage: string;
  readonly key: CryptoKey | undefined;
}

const JWK_MEMBERS = 'kty use key_ops alg ext crv x y d n e p q dp dq qi oth k'.split(' ');
const JWK_TAG = 'jwk';
const TAG_BITS = 128;

/**
 * Gives a key, or those of a pair, its fields as its own, in the platform's order; the browser's are on the prototype. What an
 * algorithm shows depends on the program's date, so it is read by the accessor that is there.
 */
export function shapeKeys(made: unknown): void {
  if (!keyOf(made)) {
    const { publicKey, privateKey } = made as CryptoKeyPair;
    shapeKeys(publicKey);
    shapeKeys(privateKey);
    reflectDeleteProperty(made as object, 'privateKey');
    objectDefineProperty(made, 'privateKey', {
      value: privateKey,
      enumerable: true,
      writable: true,
      configurable: true,
    });
    return;
  }
  const field = { enumerable: true, writable: false, configurable: true };
  objectDefineProperty(made, 'usages', { ...field, value: keyUsagesOf?.(made) });
  objectDefineProperty(made, 'algorithm', { ...field, value: inNamesOrder((made as CryptoKey).algorithm) });
  objectDefineProperty(made, 'extractable', { ...field, value: isExtractableOf?.(made) });
  objectDefineProperty(made, 'type', { ...field, value: keyTypeOf?.(made) });
}

/** The members of an algorithm in the platform's order. */
function inNamesOrder(algorithm: object): object {
  const ordered: Record<string, unknown> = {};
  for (let i = 0; i < ALGORITHM_MEMBERS.length; i++) {
    const name = ALGORITHM_MEMBERS[i] as string;
    const value = (algorithm as Record<string, unknown>)[name];
    if (value !== undefined) ordered[name] = value;
  }
  return ordered;
}

const ALGORITHM_MEMBERS = ['name', 'modulusLength', 'publicExponent', 'hash', 'length', 'namedCurve'];

export function shapeSubtleMethods(prototype: SubtleCrypto): void {
  const native = { exportKey: prototype.exportKey, importKey: prototype.importKey };
  for (let i = 0; i < KEY_MAKERS.length; i++) {
    const name = KEY_MAKERS[i] as KeyMaker;
    replace(prototype, name, (made) => materialKept(native, name, made));
  }
  replace(prototype, 'digest', (native) => async (self, args) => {
    const data = bytesIn(args[1]);
    if (!data) throw parameterError('digest', 'SubtleCrypto', 2, 'JsBufferSource');
    const name = nameOf(args[0]);
    if (name !== undefined && stringToLowerCase(name) === 'md5') return typedArrayBuffer(typedArraySlice(md5(data)));
    return worded(native(self, args), 'NotSupportedError', UNKNOWN_DIGEST);
  });
  replace(prototype, 'exportKey', (native) => async (self, args) => {
    const exported = await wordedBy(native(self, args), { args, usage: '', key: keyOf(args[1]) }, notExported);
    return args[0] === JWK_TAG ? inOrder(exported as Record<string, unknown>) : exported;
  });
  replace(
    prototype,
    'importKey',
    (native) => async (self, args) => wordedBy(native(self, args), { args, usage: '', key: undefined }, notImported),
  );
  const withKey = { encrypt: 1, decrypt: 1, sign: 1, verify: 1, deriveBits: 1 } as const;
  for (const usage of Object.keys(withKey) as (keyof typeof withKey)[]) {
    const at = withKey[usage];
    replace(
      prototype,
      usage,
      (native) => async (self, args) => wordedBy(native(self, args), { args, usage, key: keyOf(args[at]) }, notDone),
    );
  }
}

const UNKNOWN_DIGEST = 'Unrecognized or unimplemented digest algorithm requested.';

function replace(prototype: SubtleCrypto, name: keyof SubtleCrypto, make: (native: Method) => Method): void {
  const native = prototype[name] as (...args: never[]) => Promise<unknown>;
  const method = make((self, args) => reflectApply(native, self, args) as Promise<unknown>);
  const own = {
    method(...args: unknown[]) {
      return method(this, args);
    },
  };
  define(prototype, name, named(name, own.method, native.length));
}

async function worded(promise: Promise<unknown>, kind: string, text: string): Promise<unknown> {
  return wordedBy(promise, { args: [], usage: '', key: undefined }, (name) => (name === kind ? text : undefined));
}

/** @param say  the platform's words for a failure of this kind; undefined where they are not known */
async function wordedBy(
  promise: Promise<unknown>,
  asked: Asked,
  say: (name: string, asked: Asked) => string | undefined,
): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    const name = error instanceof NativeException ? domExceptionName(error) : undefined;
    const text = name === undefined ? undefined : say(name, asked);
    throw text === undefined ? error : new NativeException(text, name);
  }
}

function notExported(name: string, { key }: Asked): string | undefined {
  return name === 'InvalidAccessError' && key && !isExtractable(key)
    ? `Attempt to export non-extractable ${algorithmOf(key)} key.`
    : undefined;
}

function notImported(name: string, { args }: Asked): string | undefined {
  const format = args[0];
  const isAes = regExpExec(/^AES-/i, nameOf(args[2]) ?? '') !== null;
  const data = bytesIn(args[1]);
  if (name === 'DataError' && format === 'raw' && isAes && data) {
    return `Imported AES key length must be 128, 192, or 256 bits but provided ${typedArrayLength(data) * 8}.`;
  }
  const usages = args[4] as { length?: unknown } | undefined;
  return name === 'SyntaxError' && usages?.length === 0
    ? 'Secret/private CryptoKeys must have at least one usage.'
    : undefined;
}

/** What the key does not allow comes first, as on the platform. */
function notDone(name: string, { args, usage, key }: Asked): string | undefined {
  if (!key) return undefined;
  const asked = nameOf(args[0]) ?? '';
  const own = algorithmOf(key);
  if (name === 'InvalidAccessError') {
    if (stringToLowerCase(asked) !== stringToLowerCase(own)) {
      return `Requested algorithm "${asked}" does not match this CryptoKey's algorithm "${own}".`;
    }
    return `Requested key usage "${usage}" does not match any usage listed in this CryptoKey.`;
  }
  if (name !== 'OperationError') return undefined;
  const { iv } = args[0] as { iv?: unknown };
  const vector = bytesIn(iv);
  if (own === 'AES-CBC' && vector && typedArrayLength(vector) !== 16) {
    return `AES-CBC IV must be 16 bytes long (provided ${typedArrayLength(vector)} bytes).`;
  }
  const data = bytesIn(args[2]);
  return usage === 'decrypt' && data ? notDecrypted(own, args[0], typedArrayLength(data)) : undefined;
}

function notDecrypted(name: string, algorithm: unknown, sizeBytes: number): string | undefined {
  const { tagLength = TAG_BITS } = algorithm as { tagLength?: number };
  if (name === 'AES-GCM' && sizeBytes * 8 < tagLength) {
    return `Ciphertext length of ${sizeBytes * 8} bits must be greater than or equal to the size of the AES-GCM tag length of ${tagLength} bits.`;
  }
  const input = name === 'AES-GCM' ? sizeBytes - tagLength / 8 : sizeBytes;
  // What it could have been: the last block of AES-CBC is padding.
  const output = name === 'AES-GCM' ? input : input - (input % 16 || 16);
  return name === 'AES-GCM' || name === 'AES-CBC'
    ? 'Decryption failed. This could be due to a ciphertext authentication failure, bad padding, incorrect CryptoKey, or another ' +
        `algorithm-specific reason. Input length was ${input}, output length expected to be ${output} for ${name}`
    : undefined;
}

/** All members, those that this key has not as undefined, in the platform's order. */
function inOrder(jwk: Record<string, unknown>): Record<string, unknown> {
  const ordered: Record<string, unknown> = {};
  for (let i = 0; i < JWK_MEMBERS.length; i++) {
    const name = JWK_MEMBERS[i] as string;
    ordered[name] = name === 'alg' && jwk['crv'] === 'Ed25519' ? 'EdDSA' : jwk[name];
  }
  return ordered;
}

const NativeException = DOMException;
const Key = globalThis.CryptoKey as typeof CryptoKey | undefined;
const isExtractableOf = Key && uncurryGetter<boolean>(Key.prototype, 'extractable');
const keyAlgorithmOf = Key && uncurryGetter<{ name: string }>(Key.prototype, 'algorithm');
const keyUsagesOf = Key && uncurryGetter<string[]>(Key.prototype, 'usages');
const keyTypeOf = Key && uncurryGetter<string>(Key.prototype, 'type');

const keyOf = (value: unknown): CryptoKey | undefined => (Key && value instanceof Key ? value : undefined);
const isExtractable = (key: CryptoKey): boolean => isExtractableOf?.(key) === true;
const algorithmOf = (key: CryptoKey): string => keyAlgorithmOf?.(key).name ?? '';

function nameOf(algorithm: unknown): string | undefined {
  if (typeof algorithm === 'string') return algorithm;
  if (typeof algorithm !== 'object' || algorithm === null) return undefined;
  return stringOf((algorithm as { name?: unknown }).name);
}
