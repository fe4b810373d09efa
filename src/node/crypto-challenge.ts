/**
 * `Certificate`: challenges that a key has signed (SPKAC).
 *
 * Source: workerd 1.20260730; `node/crypto-certificates` asks it. What is none gives no bytes, and is not right.
 */
import { Buffer } from './buffer.ts';
import { callable, isBytes, wrongType } from './crypto-checks.ts';
import { contentOf, der, elementsOf, oidOf, pemText, sequenceOf, TAGS } from './crypto-der.ts';
import { bytesOf } from './crypto-hash.ts';
import { publicKeyOf, toSpki } from './crypto-key-forms.ts';
import { publicKeyObject } from './crypto-key-object.ts';
import { isSignedBy, type SignedForm } from './crypto-signed-forms.ts';

const BYTES = 'of type string or an instance of ArrayBuffer, Buffer, TypedArray, or DataView';
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

interface Challenge extends SignedForm {
  key: ReturnType<typeof publicKeyOf>;
  text: Uint8Array;
}

function challengeIn(spkac: unknown, encoding: unknown): Challenge | undefined {
  if (!isBytes(spkac)) throw wrongType('spkac', BYTES, spkac);
  const text = new TextDecoder().decode(bytesOf(spkac, encoding));
  if (!BASE64.test(text) || text.length % 4 !== 0) return undefined;
  try {
    return challengeOf(Buffer.from(text, 'base64') as Uint8Array);
  } catch {
    // Whatever is no challenge is told from one by nothing else.
    return undefined;
  }
}

function challengeOf(bytes: Uint8Array): Challenge {
  const [signed, algorithm, signature] = sequenceOf(bytes);
  const content = contentOf(signed, TAGS.sequence);
  const [key, text] = elementsOf(content);
  return {
    signed: der(TAGS.sequence, content),
    method: oidOf(elementsOf(contentOf(algorithm, TAGS.sequence))[0]),
    signature: contentOf(signature, TAGS.bits).subarray(1),
    key: publicKeyOf(der(TAGS.sequence, contentOf(key, TAGS.sequence))),
    text: text?.content ?? new Uint8Array(),
  };
}

const METHODS = {
  verifySpkac(spkac?: unknown, encoding?: unknown): boolean {
    const found = challengeIn(spkac, encoding);
    return found ? isSignedBy(found, publicKeyObject(found.key) as never) : false;
  },
  exportPublicKey(spkac?: unknown, encoding?: unknown): unknown {
    const found = challengeIn(spkac, encoding);
    return Buffer.from(found ? pemText('PUBLIC KEY', toSpki(found.key)) : '');
  },
  exportChallenge(spkac?: unknown, encoding?: unknown): unknown {
    return Buffer.from(challengeIn(spkac, encoding)?.text ?? '');
  },
};

class Challenges {}
Object.assign(Challenges.prototype, METHODS);

const { verifySpkac, exportPublicKey, exportChallenge } = METHODS;
/** In the platform's order. */
export const Certificate = Object.assign(callable(Challenges), { exportChallenge, exportPublicKey, verifySpkac });
Object.defineProperty(Certificate, 'name', { value: 'Certificate' });
