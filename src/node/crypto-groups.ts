/**
 * The groups of RFC 3526, by name: their primes are computed when they are asked for, as the RFC defines them, so nobody carries
 * them.
 *
 *     p = 2^n - 2^(n-64) - 1 + 2^64 * (floor(2^(n-130) * pi) + c)
 */

export interface Group {
  p: bigint;
  g: bigint;
}

const GROUPS: Record<string, { bits: number; c: number }> = {
  modp5: { bits: 1536, c: 741_804 },
  modp14: { bits: 2048, c: 124_476 },
  modp15: { bits: 3072, c: 1_690_314 },
  modp16: { bits: 4096, c: 240_904 },
  modp17: { bits: 6144, c: 929_484 },
  modp18: { bits: 8192, c: 4_743_158 },
};
const SPARE_BITS = 64n;

/** @param name  in any case */
export function groupNamed(name: string): Group | undefined {
  const key = name.toLowerCase();
  const found = Object.hasOwn(GROUPS, key) ? GROUPS[key] : undefined;
  if (!found) return undefined;
  const n = BigInt(found.bits);
  const p = (1n << n) - (1n << (n - 64n)) - 1n + ((pi(n - 130n) + BigInt(found.c)) << 64n);
  return { p, g: 2n };
}

/** Of 2^bits times pi all that stands before the point (Machin: 16 arctan 1/5 - 4 arctan 1/239). */
function pi(bits: bigint): bigint {
  const one = 1n << (bits + SPARE_BITS);
  return (16n * arctanOf(5n, one) - 4n * arctanOf(239n, one)) >> SPARE_BITS;
}

/** Of 1/x, times `one`. */
function arctanOf(x: bigint, one: bigint): bigint {
  let power = one / x;
  let sum = power;
  for (let odd = 3n, sign = -1n; power !== 0n; odd += 2n, sign = -sign) {
    power /= x * x;
    sum += sign * (power / odd);
  }
  return sum;
}
