/**
 * The names of ciphers of `node:crypto`, as the platform lists and describes them; not each of them is here.
 *
 * Source: workerd 1.20260730; `node/crypto-ciphers` asks it.
 */
import { checkObject, wrongType } from './crypto-checks.ts';

export interface NamedCipher {
  name: string;
  nid: number;
  blockSize: number;
  ivLength: number;
  keyLength: number;
  mode: string;
}

const AES_NIDS: Record<string, number> = {
  ...{ 'aes-128-cbc': 419, 'aes-192-cbc': 423, 'aes-256-cbc': 427 },
  ...{ 'aes-128-ctr': 904, 'aes-192-ctr': 905, 'aes-256-ctr': 906 },
  ...{ 'aes-128-ecb': 418, 'aes-192-ecb': 422, 'aes-256-ecb': 426 },
  ...{ 'aes-128-ofb': 420, 'aes-192-ofb': 424, 'aes-256-ofb': 428 },
  ...{ 'aes-128-gcm': 895, 'aes-192-gcm': 898, 'aes-256-gcm': 901 },
};
const IV_BYTES: Record<string, number> = { cbc: 16, ctr: 16, ecb: 0, ofb: 16, gcm: 12 };

/** What takes its input in any number of pieces. */
const STEPPED: readonly NamedCipher[] = [
  ...Object.entries(AES_NIDS).map(([name, nid]) => aes(name, nid)),
  { name: 'DES-CBC', nid: 31, blockSize: 8, ivLength: 8, keyLength: 8, mode: 'cbc' },
  { name: 'DES-ECB', nid: 29, blockSize: 8, ivLength: 0, keyLength: 8, mode: 'ecb' },
  { name: 'DES-EDE', nid: 32, blockSize: 8, ivLength: 0, keyLength: 16, mode: 'ecb' },
  { name: 'DES-EDE-CBC', nid: 43, blockSize: 8, ivLength: 8, keyLength: 16, mode: 'cbc' },
  { name: 'DES-EDE3-CBC', nid: 44, blockSize: 8, ivLength: 8, keyLength: 24, mode: 'cbc' },
  { name: 'RC2-CBC', nid: 37, blockSize: 8, ivLength: 8, keyLength: 16, mode: 'cbc' },
  { name: 'RC4', nid: 5, blockSize: 1, ivLength: 0, keyLength: 16, mode: 'stream' },
];
const ANY_KEY = ['RC2-CBC', 'RC4'];

/** What takes its input in one piece, and AES-GCM once more; the platform has another order of them in each process. */
const WHOLE: readonly NamedCipher[] = [
  whole('aes-256-eax', 16, 32, 'stream'),
  whole('aes-256-gcm-siv', 12, 32, 'gcm'),
  whole('aes-128-gcm-siv', 12, 16, 'gcm'),
  whole('aes-256-gcm-randnonce', 0, 32, 'gcm'),
  whole('aes-128-ccm-bluetooth-8', 13, 16, 'ccm'),
  whole('aes-256-ctr-hmac-sha256', 12, 64, 'ctr'),
  whole('aes-128-ctr-hmac-sha256', 12, 48, 'ctr'),
  whole('aes-128-eax', 16, 16, 'stream'),
  { ...whole('chacha20-poly1305', 12, 32, 'stream'), nid: 950 },
  whole('aes-128-ccm-matter', 13, 16, 'ccm'),
  whole('aes-192-gcm', 12, 24, 'gcm'),
  whole('xchacha20-poly1305', 24, 32, 'stream'),
  whole('aes-128-gcm-randnonce', 0, 16, 'gcm'),
  whole('aes-128-ccm-bluetooth', 13, 16, 'ccm'),
  whole('aes-256-gcm', 12, 32, 'gcm'),
  whole('aes-128-gcm', 12, 16, 'gcm'),
];

function aes(name: string, nid: number): NamedCipher {
  const [, bits, mode] = name.split('-') as [string, string, string];
  const isBlocks = mode === 'cbc' || mode === 'ecb';
  return {
    name: mode === 'gcm' ? `id-aes${bits}-GCM` : name.toUpperCase(),
    nid,
    blockSize: isBlocks ? 16 : 1,
    ivLength: IV_BYTES[mode] as number,
    keyLength: Number(bits) / 8,
    mode,
  };
}

function whole(name: string, ivLength: number, keyLength: number, mode: string): NamedCipher {
  return { name, nid: 0, blockSize: 1, ivLength, keyLength, mode };
}

/** By the name that programs give, in small letters: AES-GCM has another one of its own. */
const STEPPED_BY_NAME = new Map(STEPPED.map((one) => [one.name.toLowerCase().replace(/^id-aes(\d+)/, 'aes-$1'), one]));
const WHOLE_BY_NAME = new Map(WHOLE.map((one) => [one.name, one]));

export type KnownCipher = { kind: 'stepped' | 'whole'; cipher: NamedCipher };

/** Undefined for what has no such name on the platform. */
export function cipherNamed(name: string): KnownCipher | undefined {
  const small = name.toLowerCase();
  const stepped = STEPPED_BY_NAME.get(small);
  if (stepped) return { kind: 'stepped', cipher: stepped };
  const cipher = WHOLE_BY_NAME.get(small);
  return cipher && { kind: 'whole', cipher: { ...cipher, name } };
}

/** The platform's is bound, as its name says. */
export const getCiphers = function getCiphers(): string[] {
  const stepped = Array.from(STEPPED_BY_NAME.keys());
  return [...stepped.map((name) => name.toUpperCase()), ...stepped, ...WHOLE.map(({ name }) => name)];
}.bind(undefined);

/** Undefined for an unknown name or number, and for lengths that the cipher cannot have. */
export function getCipherInfo(nameOrId: unknown, options: unknown = {}): NamedCipher | undefined {
  if (typeof nameOrId !== 'string' && typeof nameOrId !== 'number')
    throw wrongType('nameOrId', 'one of type string or number', nameOrId);
  checkObject('options', options);
  const known = typeof nameOrId === 'string' ? cipherNamed(nameOrId) : cipherNumbered(asInt32(nameOrId));
  if (!known || known.kind === 'whole') return known && { ...known.cipher };
  const { keyLength, ivLength } = options;
  return withLengths(
    known.cipher,
    keyLength === undefined ? undefined : asInt32(keyLength),
    ivLength === undefined ? undefined : asInt32(ivLength),
  );
}

function cipherNumbered(nid: number): KnownCipher | undefined {
  const cipher = STEPPED.find((one) => one.nid === nid);
  return cipher && { kind: 'stepped', cipher };
}

function withLengths(
  cipher: NamedCipher,
  keyLength = cipher.keyLength,
  ivLength = cipher.ivLength,
): NamedCipher | undefined {
  const isKey = ANY_KEY.includes(cipher.name) ? keyLength > 0 : keyLength === cipher.keyLength;
  const isIv = cipher.mode === 'gcm' ? ivLength > 0 : ivLength === cipher.ivLength;
  return isKey && isIv ? { ...cipher, keyLength, ivLength } : undefined;
}

/** As the platform's own layer makes a number of whatever it is given. */
function asInt32(value: unknown): number {
  const number = Math.trunc(Number(value)) || 0;
  if (number === (number | 0)) return number;
  throw new TypeError('Value out of range. Must be between -2147483648 and 2147483647 (inclusive).');
}
