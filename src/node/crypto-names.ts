/**
 * What `node:crypto` has of OpenSSL in name only: numbers, and functions that refuse.
 *
 * Source: workerd 1.20260730; `node/crypto-names` asks it.
 */
import { codeError } from './errors.ts';

const NUMBERS = {
  ...{ DH_CHECK_P_NOT_SAFE_PRIME: 2, DH_CHECK_P_NOT_PRIME: 1 },
  ...{ DH_UNABLE_TO_CHECK_GENERATOR: 4, DH_NOT_SUITABLE_GENERATOR: 8 },
  ...{ RSA_PKCS1_PADDING: 1, RSA_NO_PADDING: 3, RSA_PKCS1_OAEP_PADDING: 4, RSA_X931_PADDING: 5 },
  ...{ RSA_PKCS1_PSS_PADDING: 6, RSA_PSS_SALTLEN_DIGEST: -1, RSA_PSS_SALTLEN_MAX_SIGN: -2, RSA_PSS_SALTLEN_AUTO: -2 },
  ...{ POINT_CONVERSION_COMPRESSED: 2, POINT_CONVERSION_UNCOMPRESSED: 4, POINT_CONVERSION_HYBRID: 6 },
  ...{ OPENSSL_VERSION_NUMBER: 0, SSL_OP_ALL: 0x8000_0850, SSL_OP_ALLOW_NO_DHE_KEX: 0x400 },
  ...{ SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION: 0x4_0000, SSL_OP_CIPHER_SERVER_PREFERENCE: 0x40_0000 },
  ...{ SSL_OP_CISCO_ANYCONNECT: 0x8000, SSL_OP_COOKIE_EXCHANGE: 0x2000, SSL_OP_CRYPTOPRO_TLSEXT_BUG: 0x8000_0000 },
  ...{ SSL_OP_DONT_INSERT_EMPTY_FRAGMENTS: 0x800, SSL_OP_LEGACY_SERVER_CONNECT: 4, SSL_OP_NO_COMPRESSION: 0x2_0000 },
  ...{ SSL_OP_NO_ENCRYPT_THEN_MAC: 0x8_0000, SSL_OP_NO_QUERY_MTU: 0x1000, SSL_OP_NO_RENEGOTIATION: 0x4000_0000 },
  ...{ SSL_OP_NO_SESSION_RESUMPTION_ON_RENEGOTIATION: 0x1_0000, SSL_OP_NO_SSLv2: 0, SSL_OP_NO_SSLv3: 0x200_0000 },
  ...{ SSL_OP_NO_TICKET: 0x4000, SSL_OP_NO_TLSv1: 0x400_0000, SSL_OP_NO_TLSv1_1: 0x1000_0000 },
  ...{ SSL_OP_NO_TLSv1_2: 0x800_0000, SSL_OP_NO_TLSv1_3: 0x2000_0000, SSL_OP_PRIORITIZE_CHACHA: 0x20_0000 },
  ...{ SSL_OP_TLS_ROLLBACK_BUG: 0x80_0000, ENGINE_METHOD_RSA: 1, ENGINE_METHOD_DSA: 2, ENGINE_METHOD_DH: 4 },
  ...{ ENGINE_METHOD_RAND: 8, ENGINE_METHOD_EC: 0x800, ENGINE_METHOD_CIPHERS: 0x40, ENGINE_METHOD_DIGESTS: 0x80 },
  ...{ ENGINE_METHOD_PKEY_METHS: 0x200, ENGINE_METHOD_PKEY_ASN1_METHS: 0x400, ENGINE_METHOD_ALL: 0xffff },
  ...{ ENGINE_METHOD_NONE: 0, defaultCoreCipherList: '' },
  ...{ TLS1_VERSION: 769, TLS1_1_VERSION: 770, TLS1_2_VERSION: 771, TLS1_3_VERSION: 772 },
};

/** None of it is enumerable, and one may be written. */
export const constants = Object.defineProperty(
  Object.defineProperties(
    Object.create(null) as Record<string, unknown>,
    Object.fromEntries(Object.entries(NUMBERS).map(([name, value]) => [name, { value }])),
  ),
  'defaultCipherList',
  { value: '', configurable: true, writable: true },
);

export function secureHeapUsed(): Record<string, number> {
  return { total: 0, used: 0, utilization: 0, min: 0 };
}

export function setEngine(_name?: unknown, _flags?: unknown): never {
  throw notImplemented('setEngine');
}

export function setFips(_isOn?: unknown): never {
  throw notImplemented('setFips');
}

export const fips = true;

export function getFips(): boolean {
  return fips;
}

export const createCipher = (): never => {
  throw notImplemented('createCipher');
};

export const createDecipher = (): never => {
  throw notImplemented('createDecipher');
};

export const Cipher = (): never => {
  throw notImplemented('Cipher');
};

export const Decipher = (): never => {
  throw notImplemented('Decipher');
};

function notImplemented(method: string): Error {
  return codeError(Error, 'ERR_METHOD_NOT_IMPLEMENTED', `The ${method} method is not implemented`);
}
