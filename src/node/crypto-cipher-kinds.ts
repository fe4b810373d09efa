/**
 * Which ciphers of `node:crypto` are here, and how each is begun.
 *
 * Source: workerd 1.20260730; `node/crypto-ciphers` asks it.
 */
import { AEADS, type Aead, WholeHandle } from './crypto-aead.ts';
import { BlockCipher, cbcWork, ctrWork, ecbWork, ofbWork, type SteppedCipher, StreamCipher } from './crypto-aes.ts';
import {
  type CipherHandle,
  type CipherRequest,
  SteppedHandle,
  TAG_BYTES,
  TAG_SIZES,
  wrongTagLength,
} from './crypto-cipher-handle.ts';
import { cipherNamed, type NamedCipher } from './crypto-ciphers.ts';
import { GcmCipher } from './crypto-gcm.ts';

const AES: Record<string, (request: CipherRequest) => SteppedCipher> = {
  cbc: ({ key, iv, isDecipher }) => new BlockCipher(cbcWork(key, iv, isDecipher), isDecipher),
  ecb: ({ key, isDecipher }) => new BlockCipher(ecbWork(key, isDecipher), isDecipher),
  ctr: ({ key, iv }) => new StreamCipher(ctrWork(key, iv)),
  ofb: ({ key, iv }) => new StreamCipher(ofbWork(key, iv)),
  gcm: ({ key, iv, isDecipher }) => new GcmCipher(key, iv, isDecipher),
};

/** @throws Error for a name that the platform has not, or we have not, and for lengths that do not fit */
export function openCipher(request: CipherRequest): CipherHandle {
  const known = cipherNamed(request.name);
  if (known?.kind === 'whole') {
    const aead = AEADS[known.cipher.name.toLowerCase()];
    if (aead) return openWhole(aead, known.cipher, request);
  }
  const open = known?.kind === 'stepped' && isAes(known.cipher) ? AES[known.cipher.mode] : undefined;
  if (!known || !open) throw new Error(`Unknown or unsupported cipher: ${request.name}`);
  checkLengths(known.cipher, request);
  return new SteppedHandle(open(request), request);
}

function isAes({ name }: NamedCipher): boolean {
  return /aes/i.test(name);
}

function checkLengths({ mode, ivLength, keyLength }: NamedCipher, { iv, key, tagBytes }: CipherRequest): void {
  const isIv = mode === 'gcm' ? iv.length > 0 : iv.length === ivLength;
  if (!isIv) throw wrongIv();
  if (mode === 'gcm' && tagBytes !== undefined && !TAG_SIZES.includes(tagBytes)) throw wrongTagLength();
  if (key.length !== keyLength) throw new Error('Invalid key length');
}

function openWhole(aead: Aead, { mode, ivLength, keyLength }: NamedCipher, request: CipherRequest): CipherHandle {
  const { key, iv, tagBytes = TAG_BYTES } = request;
  if (iv.length !== ivLength) throw wrongIv();
  if (mode === 'gcm' && tagBytes === 0) throw wrongTagLength();
  const isTag = tagBytes >= aead.shortestTag && tagBytes <= TAG_BYTES;
  if (!isTag || key.length !== keyLength) throw new Error('Failed to initialize AEAD cipher/decipher context');
  return new WholeHandle(aead, request);
}

function wrongIv(): Error {
  return new Error('Invalid initialization vector');
}
