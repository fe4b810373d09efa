/**
 * One encryption of `node:crypto`: what may be asked of it when, in the platform's words.
 *
 * Source: workerd 1.20260730; `node/crypto-ciphers` asks it.
 */
import { BlockCipher, cbcWork, ctrWork, ecbWork, ofbWork, type SteppedCipher, StreamCipher } from './crypto-aes.ts';
import { cipherNamed, type NamedCipher } from './crypto-ciphers.ts';
import { GcmCipher } from './crypto-gcm.ts';

const TAG_BYTES = 16;
/** What NIST allows. */
const TAG_SIZES = [4, 8, 12, 13, 14, 15, TAG_BYTES];

export interface CipherRequest {
  isDecipher: boolean;
  name: string;
  key: Uint8Array;
  iv: Uint8Array;
  /** that every tag must have */
  tagBytes: number | undefined;
}

/** @throws Error for what is finished, for what the mode has not, and for what does not fit */
export interface CipherHandle {
  update(data: Uint8Array): Uint8Array;
  final(): Uint8Array;
  setAutoPadding(isPadded: boolean): void;
  setAAD(extra: Uint8Array): void;
  getAuthTag(): Uint8Array;
  setAuthTag(tag: Uint8Array): void;
}

/** @throws Error for a name that the platform has not, or we have not, and for lengths that do not fit */
export function openCipher(request: CipherRequest): CipherHandle {
  const known = cipherNamed(request.name);
  const open = known?.kind === 'stepped' ? STEPPED[known.cipher.mode] : undefined;
  if (!known || !open || !isAes(known.cipher)) throw new Error(`Unknown or unsupported cipher: ${request.name}`);
  checkLengths(known.cipher, request);
  return new SteppedHandle(open(request), request);
}

/** DIFFERS: the others of the platform's are not here. */
function isAes(cipher: NamedCipher): boolean {
  return /aes/i.test(cipher.name);
}

function checkLengths({ mode, ivLength, keyLength }: NamedCipher, { iv, key, tagBytes }: CipherRequest): void {
  const isIv = mode === 'gcm' ? iv.length > 0 : iv.length === ivLength;
  if (!isIv) throw new Error('Invalid initialization vector');
  if (mode === 'gcm' && tagBytes !== undefined && !TAG_SIZES.includes(tagBytes)) throw wrongTagLength();
  if (key.length !== keyLength) throw new Error('Invalid key length');
}

const STEPPED: Record<string, (request: CipherRequest) => SteppedCipher> = {
  cbc: ({ key, iv, isDecipher }) => new BlockCipher(cbcWork(key, iv, isDecipher), isDecipher),
  ecb: ({ key, isDecipher }) => new BlockCipher(ecbWork(key, isDecipher), isDecipher),
  ctr: ({ key, iv }) => new StreamCipher(ctrWork(key, iv)),
  ofb: ({ key, iv }) => new StreamCipher(ofbWork(key, iv)),
  gcm: ({ key, iv, isDecipher }) => new GcmCipher(key, iv, isDecipher),
};

function wrongTagLength(): Error {
  return new Error('Invalid authentication tag length');
}

function alreadyFinalized(): Error {
  return new Error('Cipher/decipher context has already been finalized');
}

class SteppedHandle implements CipherHandle {
  readonly #cipher: SteppedCipher;
  readonly #gcm: GcmCipher | undefined;
  readonly #isDecipher: boolean;
  readonly #tagBytes: number | undefined;
  #isFinal = false;
  #given: Uint8Array | undefined;
  /** Asked for once, before the first bytes; one that comes later is never looked at. */
  #isTagAsked = false;

  constructor(cipher: SteppedCipher, { isDecipher, tagBytes }: CipherRequest) {
    this.#cipher = cipher;
    this.#gcm = cipher instanceof GcmCipher ? cipher : undefined;
    this.#isDecipher = isDecipher;
    this.#tagBytes = tagBytes;
  }

  update(data: Uint8Array): Uint8Array {
    this.#checkOpen();
    this.#askForTag();
    return this.#cipher.update(data);
  }

  final(): Uint8Array {
    this.#checkOpen();
    this.#askForTag();
    const rest = this.#cipher.final();
    if (!rest) throw new Error('Authentication failed');
    this.#isFinal = true;
    return rest;
  }

  setAutoPadding(isPadded: boolean): void {
    this.#checkOpen();
    this.#cipher.setPadding(isPadded);
  }

  setAAD(extra: Uint8Array): void {
    this.#checkOpen();
    if (!this.#authenticated().addExtra(extra)) throw new Error('Failed to set AAD');
  }

  /** Nothing, if the mode has none, and when it was given before. */
  getAuthTag(): Uint8Array {
    if (!this.#isFinal) throw new Error('Auth tag is only available once cipher context has been finalized');
    return this.#gcm?.takeTag().slice(0, this.#tagBytes ?? TAG_BYTES) ?? new Uint8Array();
  }

  setAuthTag(tag: Uint8Array): void {
    this.#checkOpen();
    this.#authenticated();
    if (this.#given) throw new Error('Auth tag is already set');
    const isRight = this.#tagBytes === undefined ? TAG_SIZES.includes(tag.length) : tag.length === this.#tagBytes;
    if (!isRight) throw wrongTagLength();
    this.#given = tag.slice();
  }

  #checkOpen(): void {
    if (this.#isFinal) throw alreadyFinalized();
  }

  #authenticated(): GcmCipher {
    if (!this.#gcm) throw new Error('Cipher does not support authenticated mode');
    return this.#gcm;
  }

  #askForTag(): void {
    if (!this.#isDecipher || !this.#gcm || this.#isTagAsked) return;
    this.#isTagAsked = true;
    if (!this.#given) throw new Error('No auth tag provided');
    this.#gcm.expect(this.#given);
  }
}
