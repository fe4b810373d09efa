/** Which key each `KeyObject` holds; the objects themselves have nothing of it, so programs cannot reach a secret past them. */
import type { AsymmetricKey } from './crypto-keys.ts';
import { codeError } from './errors.ts';

/** @property web  the key of WebCrypto that it stands for */
export type HeldKey = { web?: CryptoKey } & (
  | { type: 'secret'; key: Uint8Array }
  | { type: 'public'; key: AsymmetricKey }
  | { type: 'private'; key: AsymmetricKey }
);

const KEPT = new WeakMap<object, HeldKey>();

export function keepKey(holder: object, held: HeldKey): void {
  KEPT.set(holder, held);
}

/** Undefined for whatever is no `KeyObject`. */
export function keptKey(holder: unknown): HeldKey | undefined {
  return typeof holder === 'object' && holder !== null ? KEPT.get(holder) : undefined;
}

export function wrongKeyType(got: string, expected: string): Error {
  const message = `Invalid key object type ${got}, expected ${expected}.`;
  return codeError(Error, 'ERR_CRYPTO_INVALID_KEY_OBJECT_TYPE', message);
}
