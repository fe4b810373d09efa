/**
 * Diffie-Hellman, primes and certificates of `node:crypto` against Node's own.
 */
import * as real from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';
import { certificates } from '../conformance/programs/fixed-certificates.ts';

vi.mock('../../src/node/hooks.ts', () => ({
  hooks: { random: (view: Uint8Array) => globalThis.crypto.getRandomValues(view as Uint8Array<ArrayBuffer>) },
}));

const ours = await import('../../src/node/crypto.ts');
const { groupNamed } = await import('../../src/node/crypto-groups.ts');

const hex = (bytes: unknown) => (bytes as Buffer).toString('hex');
type Half = real.DiffieHellman;

test.each(['modp5', 'modp14', 'modp15', 'modp16', 'modp17', 'modp18'])('the prime of %s is that of the RFC', (name) => {
  expect(groupNamed(name)?.p.toString(16)).toBe(real.getDiffieHellman(name).getPrime('hex'));
});

test('both sides agree on a secret', () => {
  const other = real.createDiffieHellman(512);
  const one = ours.createDiffieHellman(other.getPrime(), 'buffer', other.getGenerator(), 'buffer') as unknown as Half;
  const [open, theirs] = [one.generateKeys(), other.generateKeys()];
  expect(hex(one.computeSecret(theirs))).toBe(hex(other.computeSecret(open)));
});

test('both sides agree over a group', () => {
  const [one, other] = [ours.getDiffieHellman('modp14') as unknown as Half, real.getDiffieHellman('modp14')];
  const [open, theirs] = [one.generateKeys(), other.generateKeys()];
  expect(hex(one.computeSecret(theirs))).toBe(hex(other.computeSecret(open)));
});

describe('primes', () => {
  test.each([8, 13, 14, 64, 257, 512])('of %i bits are some for Node', (bits) => {
    for (let i = 0; i < 5; i++) {
      const prime = ours.generatePrimeSync(bits, { bigint: true }) as bigint;
      expect(prime.toString(2)).toHaveLength(bits);
      expect(real.checkPrimeSync(prime)).toBe(true);
    }
  });

  test.each([13, 32, 128])('that are safe, of %i bits, are for Node', (bits) => {
    const prime = ours.generatePrimeSync(bits, { bigint: true, safe: true }) as bigint;
    expect(prime.toString(2)).toHaveLength(bits);
    expect([real.checkPrimeSync(prime), real.checkPrimeSync(prime >> 1n)]).toEqual([true, true]);
  });

  test('and other numbers are told apart as by Node', () => {
    for (let number = 0n; number < 3000n; number++) {
      const candidate = number < 1500n ? number : 2n ** 40n + number;
      expect(ours.checkPrimeSync(candidate), `${candidate}`).toBe(real.checkPrimeSync(candidate));
    }
  });
});

describe('certificates say what they say to Node', () => {
  const all: Record<string, string> = certificates;
  const FIELDS = [
    ...['subject', 'subjectAltName', 'issuer', 'validFrom', 'validTo', 'keyUsage', 'serialNumber'],
    ...['fingerprint', 'fingerprint256', 'fingerprint512'],
  ] as const;
  test.each(['root', 'leaf', 'plain'])('%s', (name) => {
    const text = all[name] as string;
    const [one, other] = [new ours.X509Certificate(text), new real.X509Certificate(text)];
    for (const field of FIELDS) expect(one[field as 'subject'], field).toEqual(other[field as 'subject']);
    expect(hex(one.raw)).toBe(hex(other.raw));
    expect(one.toString()).toBe(other.toString());
    for (const host of ['example.com', 'www.example.com', 'a.b.example.com', 'example.org', 'plain.example', 'a.co'])
      expect(one.checkHost(host), host).toBe(other.checkHost(host));
    for (const ip of ['127.0.0.1', '127.0.0.2', '2001:db8::1', '::1'])
      expect(one.checkIP(ip), ip).toBe(other.checkIP(ip));
    for (const signer of ['root', 'leaf', 'plain']) {
      const [by, theirs] = [new ours.X509Certificate(all[signer]), new real.X509Certificate(all[signer] as string)];
      expect(one.verify(by.publicKey), signer).toBe(other.verify(theirs.publicKey));
      expect(one.checkIssued(by), signer).toBe(other.checkIssued(theirs));
    }
  });

  test('a changed one is not signed any more', () => {
    const bytes = new real.X509Certificate(all['leaf'] as string).raw;
    bytes[100] = (bytes[100] as number) ^ 1;
    const root = new ours.X509Certificate(all['root']);
    expect(new ours.X509Certificate(bytes).verify(root.publicKey)).toBe(false);
  });

  test('a challenge', () => {
    expect(hex(ours.Certificate.exportPublicKey(all['spkac']))).toBe(
      hex(real.Certificate.exportPublicKey(all['spkac'] as string)),
    );
    expect(ours.Certificate.verifySpkac(all['spkac'])).toBe(real.Certificate.verifySpkac(all['spkac'] as never));
  });
});
