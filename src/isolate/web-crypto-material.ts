/**
 * What each CryptoKey was made of, for `node:crypto`: it must answer at once where the browser gives a key's bytes only later.
 *
 * Promise: nothing is kept, and nothing takes longer, until a script with `node:crypto` is loaded. Whether a key may leave, its
 * usages and its algorithm are as asked for: a key that may not leave is made as one that may, and imported anew.
 *
 * Knows nothing of what is done with it.
 */
import { bytesIn } from '../base/bytes.ts';
import { each, part } from '../base/lists.ts';
import {
  NativeUint8Array,
  objectDefineProperty,
  objectKeys,
  reflectApply,
  regExpExec,
  stringOf,
  typedArraySlice,
  weakMapGet,
  weakMapSet,
} from '../base/primordials.ts';
import type { KeyMaterial } from '../protocol/node-hooks.ts';

type Method = (self: unknown, args: readonly unknown[]) => Promise<unknown>;

const MATERIAL = new WeakMap<object, KeyMaterial>();
const keeping = { isOn: false };

/** From now on. */
export function keepKeyMaterial(): void {
  keeping.isOn = true;
}

/** Undefined for a key that came another way. */
export function keyMaterial(key: object): KeyMaterial | undefined {
  return weakMapGet(MATERIAL, key);
}

/** Which argument says whether the key may leave, and which names what it is for. */
const PLACES = {
  generateKey: { isOpen: 1, algorithm: 0 },
  deriveKey: { isOpen: 3, algorithm: 2 },
  unwrapKey: { isOpen: 5, algorithm: 4 },
} as const;

export type KeyMaker = keyof typeof PLACES | 'importKey';
export const KEY_MAKERS: readonly KeyMaker[] = ['importKey', 'generateKey', 'deriveKey', 'unwrapKey'];

interface Natives {
  readonly exportKey: unknown;
  readonly importKey: unknown;
}

export function materialKept({ exportKey, importKey }: Natives, name: KeyMaker, native: Method): Method {
  if (name === 'importKey') return keptOfImport(native);
  const place = PLACES[name];
  return async (self, args) => {
    if (!keeping.isOn || !canLeave(args[place.algorithm])) return native(self, args);
    const opened = part(args, 0);
    opened[place.isOpen] = true;
    const made = (await native(self, opened)) as CryptoKey | CryptoKeyPair;
    const reopened = (key: CryptoKey) =>
      keptAs(self, key, Boolean(args[place.isOpen]), exportKey as never, importKey as never);
    if (!('privateKey' in made)) return reopened(made);
    await reopened(made.publicKey);
    const value = await reopened(made.privateKey);
    objectDefineProperty(made, 'privateKey', { value, enumerable: true, writable: true, configurable: true });
    return made;
  };
}

function keptOfImport(native: Method): Method {
  return async (self, args) => {
    const material = keeping.isOn ? materialOf(args[0], args[1]) : undefined;
    const made = await native(self, args);
    if (material) weakMapSet(MATERIAL, made as object, material);
    return made;
  };
}

/** The caller may change what it gave while the key is made. */
function materialOf(format: unknown, data: unknown): KeyMaterial | undefined {
  if (format === 'jwk') return isObject(data) ? { format, jwk: copied(data) } : undefined;
  const bytes = bytesIn(data);
  const isKnown = format === 'raw' || format === 'pkcs8' || format === 'spki';
  return bytes && isKnown ? { format, bytes: typedArraySlice(bytes) } : undefined;
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

function copied(jwk: Record<string, unknown>): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  each(objectKeys(jwk), (name) => {
    copy[name] = jwk[name];
  });
  return copy;
}

/** Keys that only others are derived from are never exported. */
function canLeave(algorithm: unknown): boolean {
  const name = isObject(algorithm) ? algorithm['name'] : algorithm;
  return regExpExec(/^(?:PBKDF2|HKDF)$/i, stringOf(name)) === null;
}

const FORMATS = { secret: 'raw', private: 'pkcs8', public: 'spki' } as const;

async function keptAs(
  subtle: unknown,
  key: CryptoKey,
  isOpen: boolean,
  exporting: never,
  importing: never,
): Promise<CryptoKey> {
  const format = FORMATS[key.type];
  const bytes = new NativeUint8Array((await reflectApply(exporting, subtle, [format, key])) as ArrayBuffer);
  const asked = [format, bytes, key.algorithm, false, key.usages];
  const kept = isOpen || key.type === 'public' ? key : ((await reflectApply(importing, subtle, asked)) as CryptoKey);
  weakMapSet(MATERIAL, kept, { format, bytes });
  return kept;
}
