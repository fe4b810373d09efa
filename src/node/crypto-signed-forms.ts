/** How certificates and challenges are signed: what their methods are named, and whether a key signed them. */
import { verify } from './crypto-sign.ts';

/** Undefined hashes by itself. RSA-PSS is not here: it would need its parameters. */
const METHODS: Record<string, { kind: string; digest: string | undefined }> = {
  '1.2.840.113549.1.1.5': { kind: 'rsa', digest: 'sha1' },
  '1.2.840.113549.1.1.14': { kind: 'rsa', digest: 'sha224' },
  '1.2.840.113549.1.1.11': { kind: 'rsa', digest: 'sha256' },
  '1.2.840.113549.1.1.12': { kind: 'rsa', digest: 'sha384' },
  '1.2.840.113549.1.1.13': { kind: 'rsa', digest: 'sha512' },
  '1.2.840.10045.4.1': { kind: 'ec', digest: 'sha1' },
  '1.2.840.10045.4.3.1': { kind: 'ec', digest: 'sha224' },
  '1.2.840.10045.4.3.2': { kind: 'ec', digest: 'sha256' },
  '1.2.840.10045.4.3.3': { kind: 'ec', digest: 'sha384' },
  '1.2.840.10045.4.3.4': { kind: 'ec', digest: 'sha512' },
  '1.3.101.112': { kind: 'ed25519', digest: undefined },
};

export interface SignedForm {
  signed: Uint8Array;
  method: string;
  signature: Uint8Array;
}

/** @param key  a public `KeyObject` */
export function isSignedBy({ signed, method, signature }: SignedForm, key: { asymmetricKeyType: string }): boolean {
  const found = METHODS[method];
  if (!found || found.kind !== key.asymmetricKeyType) return false;
  return verify(found.digest, signed, key, signature) === true;
}
