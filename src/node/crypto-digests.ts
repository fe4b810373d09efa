/**
 * Hashes as BoringSSL names them: as it lists them, or all in small or large letters.
 *
 * MD4 is not here (crypto.ts).
 */
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { sha224, sha256, sha384, sha512, sha512_256 } from '@noble/hashes/sha2.js';
import { joined } from './crypto-der.ts';

export interface Sink {
  update(bytes: Uint8Array): unknown;
  digest(): Uint8Array;
  clone(): Sink;
}

/** As noble's own functions take a hash. */
export type NobleHash = typeof sha256;

export interface Digest {
  outputLen: number;
  /** as RSA's signatures name it; one without a name signs nothing there, but MD5 with SHA-1 needs none */
  oid?: string;
  isNameless?: boolean;
  /** whether ECDSA takes it */
  isForCurves?: boolean;
  create(): Sink;
  /** undefined where there is no single one */
  hash?: NobleHash;
}

const of = (hash: typeof sha256 | typeof sha1, rest: Partial<Digest>): Digest => ({
  outputLen: hash.outputLen,
  create: () => hash.create() as Sink,
  hash: hash as NobleHash,
  ...rest,
});

const MD5_SHA1: Digest = {
  outputLen: 36,
  isNameless: true,
  create: () => together([md5.create(), sha1.create()] as Sink[]),
};

function together(all: readonly Sink[]): Sink {
  return {
    update: (bytes) => all.map((one) => one.update(bytes)),
    digest: () => joined(all.map((one) => one.digest())),
    clone: () => together(all.map((one) => one.clone())),
  };
}

const MD5 = of(md5 as never, { oid: '1.2.840.113549.2.5' });
const SHA1 = of(sha1, { oid: '1.3.14.3.2.26', isForCurves: true });
const SHA224 = of(sha224 as never, { oid: '2.16.840.1.101.3.4.2.4', isForCurves: true });
const SHA256 = of(sha256, { oid: '2.16.840.1.101.3.4.2.1', isForCurves: true });
const SHA384 = of(sha384 as never, { oid: '2.16.840.1.101.3.4.2.2', isForCurves: true });
const SHA512 = of(sha512 as never, { oid: '2.16.840.1.101.3.4.2.3', isForCurves: true });

const DIGESTS: Record<string, Digest> = {
  ...{ md5: MD5, MD5, 'RSA-MD5': MD5 },
  ...{ sha1: SHA1, SHA1, 'RSA-SHA1': SHA1, 'DSA-SHA': SHA1, 'DSA-SHA1': SHA1, 'ecdsa-with-SHA1': SHA1 },
  ...{ sha224: SHA224, SHA224, 'RSA-SHA224': SHA224, sha256: SHA256, SHA256, 'RSA-SHA256': SHA256 },
  ...{ sha384: SHA384, SHA384, 'RSA-SHA384': SHA384, sha512: SHA512, SHA512, 'RSA-SHA512': SHA512 },
  ...{ 'md5-sha1': MD5_SHA1, 'MD5-SHA1': MD5_SHA1 },
  ...{ 'sha512-256': of(sha512_256 as never, {}), 'SHA512-256': of(sha512_256 as never, {}) },
};

/** MD4 would be the first. */
export function getHashes(): string[] {
  const rsa = ['MD5', 'SHA1', 'SHA224', 'SHA256', 'SHA384', 'SHA512'].map((name) => `RSA-${name}`);
  const plain = ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'md5-sha1'];
  return [...plain, ...rsa, 'DSA-SHA', 'DSA-SHA1', 'ecdsa-with-SHA1'];
}

export function digestNamed(name: string): Digest | undefined {
  return Object.hasOwn(DIGESTS, name) ? DIGESTS[name] : undefined;
}

export function digestOf(digest: Digest, ...parts: readonly Uint8Array[]): Uint8Array {
  const sink = digest.create();
  for (const part of parts) sink.update(part);
  return sink.digest();
}
