/**
 * Finds the key in PEM or DER, as BoringSSL does for workerd: which labels are looked for and in which order, and which forms a
 * type stands for.
 */

import { type PemBlock, pemBlocks, sequenceOf, TAGS } from './crypto-der.ts';
import { decryptedBlock, decryptedPkcs8 } from './crypto-encrypted-keys.ts';
import { anyPrivateKeyOf, certifiedKeyOf, privateKeyOf, publicKeyOf, rsaPublicKeyOf } from './crypto-key-forms.ts';
import type { FormedKey } from './crypto-keys.ts';

export interface EncodedKey {
  bytes: Uint8Array;
  format: 'pem' | 'der';
  type: string | undefined;
  passphrase: Uint8Array | undefined;
}

const PRIVATE_LABELS = ['PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'RSA PRIVATE KEY', 'EC PRIVATE KEY'];

/** @throws Error in the platform's words, which never say why */
export function privateKeyIn(input: EncodedKey): FormedKey {
  return orElse('Failed to parse private key', () => foundPrivateKey(input));
}

/** A private key stands for its public one. */
export function publicKeyIn(input: EncodedKey): FormedKey {
  return orElse('Failed to parse public key', () => foundPublicKey(input));
}

function orElse(message: string, find: () => FormedKey): FormedKey {
  try {
    return find();
  } catch {
    throw new Error(message);
  }
}

function foundPrivateKey({ bytes, format, type, passphrase }: EncodedKey): FormedKey {
  if (format === 'pem') return privateKeyOfBlock(blockOf(blocksOf(bytes), PRIVATE_LABELS), passphrase);
  if (type === 'pkcs1' || type === 'sec1') return anyPrivateKeyOf(bytes);
  const isEncrypted = sequenceOf(bytes)[0]?.tag === TAGS.sequence;
  return isEncrypted ? privateKeyOf(decryptedPkcs8(bytes, needed(passphrase))) : privateKeyOf(bytes);
}

function privateKeyOfBlock(block: PemBlock | undefined, passphrase: Uint8Array | undefined): FormedKey {
  if (!block) throw new Error('no private key');
  switch (block.label) {
    case 'PRIVATE KEY':
      return privateKeyOf(block.bytes);
    case 'ENCRYPTED PRIVATE KEY':
      return privateKeyOf(decryptedPkcs8(block.bytes, needed(passphrase)));
    default:
      return anyPrivateKeyOf(decryptedBlock(block, passphrase));
  }
}

function foundPublicKey(input: EncodedKey): FormedKey {
  if (input.format === 'der') {
    if (input.type === 'spki') return publicKeyOf(input.bytes);
    const [first] = sequenceOf(input.bytes);
    return isRsaPublicKey(input.bytes) && first ? rsaPublicKeyOf(input.bytes) : foundPrivateKey(input);
  }
  const blocks = blocksOf(input.bytes);
  const spki = blockOf(blocks, ['PUBLIC KEY']);
  if (spki) return publicKeyOf(spki.bytes);
  const rsa = blockOf(blocks, ['RSA PUBLIC KEY']);
  if (rsa) return rsaPublicKeyOf(rsa.bytes);
  const certificate = blockOf(blocks, ['CERTIFICATE']);
  return certificate ? certifiedKeyOf(certificate.bytes) : foundPrivateKey(input);
}

function isRsaPublicKey(bytes: Uint8Array): boolean {
  const elements = sequenceOf(bytes);
  return elements.length === 2 && elements.every(({ tag }) => tag === TAGS.integer);
}

function blocksOf(bytes: Uint8Array): PemBlock[] {
  return pemBlocks(new TextDecoder().decode(bytes));
}

function blockOf(blocks: readonly PemBlock[], labels: readonly string[]): PemBlock | undefined {
  return blocks.find(({ label }) => labels.includes(label));
}

function needed(passphrase: Uint8Array | undefined): Uint8Array {
  if (!passphrase) throw new Error('no passphrase');
  return passphrase;
}
