/**
 * Private keys under a passphrase: PKCS #8's own way (PBES2: PBKDF2 and AES), and that of older PEM files (`DEK-Info`).
 *
 * DES is not here (crypto.ts): a key under it is one that cannot be read.
 *
 * Source: RFC 8018; RFC 1423 with OpenSSL's derivation (MD5, one round).
 */
import { cbc } from '@noble/ciphers/aes.js';
import { md5, sha1 } from '@noble/hashes/legacy.js';
import { pbkdf2 } from '@noble/hashes/pbkdf2.js';
import { sha224, sha256, sha384, sha512 } from '@noble/hashes/sha2.js';
import { randomBytes } from './crypto-curves.ts';
import {
  contentOf,
  DerError,
  elementsOf,
  integer,
  integerOf,
  joined,
  nothing,
  octets,
  oid,
  oidOf,
  type PemBlock,
  sequence,
  sequenceOf,
  TAGS,
} from './crypto-der.ts';

const PBES2 = '1.2.840.113549.1.5.13';
const PBKDF2 = '1.2.840.113549.1.5.12';
const HMAC_SHA256 = '1.2.840.113549.2.9';
const HMACS: Record<string, unknown> = {
  ...{ '1.2.840.113549.2.7': sha1, '1.2.840.113549.2.8': sha224, [HMAC_SHA256]: sha256 },
  ...{ '1.2.840.113549.2.10': sha384, '1.2.840.113549.2.11': sha512 },
};
const CIPHERS: Record<string, { oid: string; keyBytes: number }> = {
  'aes-128-cbc': { oid: '2.16.840.1.101.3.4.1.2', keyBytes: 16 },
  'aes-192-cbc': { oid: '2.16.840.1.101.3.4.1.22', keyBytes: 24 },
  'aes-256-cbc': { oid: '2.16.840.1.101.3.4.1.42', keyBytes: 32 },
};
const SALT_BYTES = 16;
const ROUNDS = 2048;
const ROUNDS_MAX = 100_000_000n;

function cipherNamed(name: string): { oid: string; keyBytes: number } {
  const found = Object.hasOwn(CIPHERS, name.toLowerCase()) ? CIPHERS[name.toLowerCase()] : undefined;
  if (!found) throw new Error(`Unknown cipher: ${name}`);
  return found;
}

/** What is in an `EncryptedPrivateKeyInfo`: a PKCS #8 key, when the passphrase is right. */
export function decryptedPkcs8(bytes: Uint8Array, passphrase: Uint8Array): Uint8Array {
  const [method, content] = sequenceOf(bytes);
  const [name, parameters] = elementsOf(contentOf(method, TAGS.sequence));
  if (oidOf(name) !== PBES2) throw new DerError('an unknown way to encrypt');
  const [derivation, encryption] = elementsOf(contentOf(parameters, TAGS.sequence));
  const [cipherName, iv] = elementsOf(contentOf(encryption, TAGS.sequence));
  const cipher = Object.values(CIPHERS).find((one) => one.oid === oidOf(cipherName));
  if (!cipher) throw new DerError('an unknown cipher');
  const key = derivedKey(contentOf(derivation, TAGS.sequence), passphrase, cipher.keyBytes);
  return cbc(key, contentOf(iv, TAGS.octets)).decrypt(contentOf(content, TAGS.octets));
}

function derivedKey(derivation: Uint8Array, passphrase: Uint8Array, keyBytes: number): Uint8Array {
  const [name, parameters] = elementsOf(derivation);
  if (oidOf(name) !== PBKDF2) throw new DerError('an unknown derivation');
  const [salt, rounds, ...rest] = elementsOf(contentOf(parameters, TAGS.sequence));
  const count = integerOf(rounds);
  const prf = rest.find(({ tag }) => tag === TAGS.sequence);
  const hash = HMACS[prf ? oidOf(elementsOf(prf.content)[0]) : '1.2.840.113549.2.7'];
  if (!hash || count < 1n || count > ROUNDS_MAX) throw new DerError('an unknown derivation');
  return pbkdf2(hash as typeof sha256, passphrase, contentOf(salt, TAGS.octets), { c: Number(count), dkLen: keyBytes });
}

/** @throws `Unknown cipher` */
export function encryptedPkcs8(bytes: Uint8Array, passphrase: Uint8Array, cipherName: string): Uint8Array {
  const cipher = cipherNamed(cipherName);
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(16);
  const derivation = sequence(octets(salt), integer(BigInt(ROUNDS)), sequence(oid(HMAC_SHA256), nothing()));
  const key = pbkdf2(sha256, passphrase, salt, { c: ROUNDS, dkLen: cipher.keyBytes });
  const parameters = sequence(sequence(oid(PBKDF2), derivation), sequence(oid(cipher.oid), octets(iv)));
  return sequence(sequence(oid(PBES2), parameters), octets(cbc(key, iv).encrypt(bytes)));
}

/** The content of a PEM file, if it is under a passphrase in the older way. */
export function decryptedBlock({ headers, bytes }: PemBlock, passphrase: Uint8Array | undefined): Uint8Array {
  const method = headers['DEK-Info'];
  if (method === undefined) return bytes;
  const [name = '', hex = ''] = method.split(',');
  const iv = Uint8Array.from(hex.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
  if (passphrase === undefined) throw new DerError('no passphrase');
  return cbc(oldKey(passphrase, iv, cipherNamed(name).keyBytes), iv).decrypt(bytes);
}

/** With the headers that say how it was done. */
export function encryptedBlock(bytes: Uint8Array, passphrase: Uint8Array, cipherName: string): [Uint8Array, string[]] {
  const { keyBytes } = cipherNamed(cipherName);
  const iv = randomBytes(16);
  const hex = Array.from(iv, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const headers = [
    'Proc-Type: 4,ENCRYPTED',
    `DEK-Info: ${cipherName},${hex}`.toUpperCase().replace('DEK-INFO', 'DEK-Info'),
  ];
  return [cbc(oldKey(passphrase, iv, keyBytes), iv).encrypt(bytes), headers];
}

function oldKey(passphrase: Uint8Array, iv: Uint8Array, keyBytes: number): Uint8Array {
  let key = new Uint8Array();
  for (let last = new Uint8Array(); key.length < keyBytes; key = joined([key, last]) as Uint8Array<ArrayBuffer>) {
    last = md5(joined([last, passphrase, iv.subarray(0, 8)])) as Uint8Array<ArrayBuffer>;
  }
  return key.subarray(0, keyBytes);
}
