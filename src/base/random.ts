/**
 * Randomness: the only place that asks the platform for it.
 *
 * Promise: with a seed, the same calls give the same values. Works where `crypto.randomUUID` is missing
 * (opaque and insecure contexts have only `getRandomValues`).
 */
import { toHex } from './bytes.ts';

export interface Random {
  bytes(length: number): Uint8Array;
  /** in [0, 1) */
  unit(): number;
}

const getRandomValues = globalThis.crypto.getRandomValues.bind(globalThis.crypto);

export function systemRandom(): Random {
  return {
    bytes: (length) => getRandomValues(new Uint8Array(length)),
    unit: () => (getRandomValues(new Uint32Array(1))[0] as number) / 2 ** 32,
  };
}

/** mulberry32: small, fast, good enough for tests and seeded faults, never for secrets. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  const unit = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return {
    unit,
    bytes: (length) => Uint8Array.from({ length }, () => Math.floor(unit() * 256)),
  };
}

/** 16 random bytes in hex: unique enough to name an endpoint, a link, an instance. */
export function randomName(random: Random): string {
  return toHex(random.bytes(16));
}
