/** Which key each `KeyObject` holds; the objects themselves have nothing of it, so programs cannot reach a secret past them. */
import type { AsymmetricKey } from './crypto-keys.ts';
import { codeError } from './errors.ts';

export type HeldKey =
  | { type: 'secret'; key: Uint8Array }
  | { type: 'public'; key: AsymmetricKey }
  | { type: 'private'; key: AsymmetricKey };

const KEPT = new WeakMap<object, HeldKey>();

export function keepKey(holder: object, held: HeldKey): void {
  KEPT.set(holder, held);
}

/** Undefined for whatever is no `KeyObject`. */
export function keptKey(holder: unknown): HeldKey | undefined {
  return typeof holder === 'object' && holder !== null ? KEPT.get(holder) : undefined;
}

/** The bytes of a secret key, or what was given when it is no key. @throws when it is half of a pair */
export function secretOr(value: unknown): unknown {
  const held = keptKey(value);
  if (!held) return value;
  if (held.type !== 'secret') throw wrongKeyType(held.type, 'secret');
  return held.key;
}

export function wrongKeyType(got: string, expected: string): Error {
  const message = `Invalid key object type ${got}, expected ${expected}.`;
  return codeError(Error, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', message);
}
