/**
 * Keys and signatures of `node:crypto` against Node's own, both ways.
 */
import * as real from 'node:crypto';
import { describe, expect, test, vi } from 'vitest';

vi.mock('../../src/node/hooks.ts', () => ({
  hooks: { random: (view: Uint8Array) => globalThis.crypto.getRandomValues(view as Uint8Array<ArrayBuffer>) },
}));

const ours = await import('../../src/node/crypto.ts');

type Pair = { publicKey: real.KeyObject; privateKey: real.KeyObject };

/** The same bytes on every run, for what is signed. */
function* messages(count: number): Generator<Buffer> {
  for (let i = 0; i < count; i++)
    yield real
      .createHash('sha512')
      .update(`message ${i}`)
      .digest()
      .subarray(0, (i * 7) % 64);
}

const pairs: Record<string, Pair> = {
  rsa: real.generateKeyPairSync('rsa', { modulusLength: 2048 }),
  'rsa of 1031 bits': real.generateKeyPairSync('rsa', { modulusLength: 1031, publicExponent: 3 }),
  'P-224': real.generateKeyPairSync('ec', { namedCurve: 'secp224r1' }),
  'P-256': real.generateKeyPairSync('ec', { namedCurve: 'prime256v1' }),
  'P-384': real.generateKeyPairSync('ec', { namedCurve: 'secp384r1' }),
  'P-521': real.generateKeyPairSync('ec', { namedCurve: 'secp521r1' }),
  ed25519: real.generateKeyPairSync('ed25519'),
  x25519: real.generateKeyPairSync('x25519'),
};
const all = Object.keys(pairs);
const rsa = all.filter((name) => name.startsWith('rsa'));
const curves = all.filter((name) => name.startsWith('P-'));
const pairOf = (name: string): Pair => pairs[name] as Pair;
const hex = (bytes: unknown) => (bytes as Buffer).toString('hex');
const pem = ({ privateKey, publicKey }: Pair) => ({
  privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
  publicKey: publicKey.export({ type: 'spki', format: 'pem' }) as string,
});

describe('a key is read from and written to every form as Node has it', () => {
  test.each(all)('%s', (name) => {
    const { privateKey, publicKey } = pairOf(name);
    const forms = ['pkcs8', ...(rsa.includes(name) ? ['pkcs1'] : []), ...(curves.includes(name) ? ['sec1'] : [])];
    for (const type of forms) {
      const text = privateKey.export({ type: type as 'pkcs8', format: 'pem' });
      expect(ours.createPrivateKey(text).export({ type, format: 'pem' })).toBe(text);
      for (const cipher of ['aes-128-cbc', 'aes-256-cbc']) {
        const options = { type: type as 'pkcs8', format: 'pem' as const, cipher, passphrase: 'secret' };
        const locked = privateKey.export(options);
        expect(ours.createPrivateKey({ key: locked, passphrase: 'secret' }).export({ type, format: 'pem' })).toBe(text);
        const lockedHere = ours.createPrivateKey(text).export({ ...options }) as string;
        expect(real.createPrivateKey({ key: lockedHere, passphrase: 'secret' }).equals(privateKey)).toBe(true);
        expect(() => ours.createPrivateKey({ key: locked, passphrase: 'wrong' })).toThrow(
          'Failed to parse private key',
        );
      }
    }
    for (const type of rsa.includes(name) ? ['spki', 'pkcs1'] : ['spki']) {
      const bytes = publicKey.export({ type: type as 'spki', format: 'der' });
      const key = ours.createPublicKey({ key: bytes, format: 'der', type });
      expect(hex(key.export({ type, format: 'der' }))).toBe(hex(bytes));
    }
    expect(
      ours.createPublicKey(pem(pairOf(name)).privateKey).equals(ours.createPublicKey(pem(pairOf(name)).publicKey)),
    ).toBe(true);
    if (name === 'P-224') return;
    for (const key of [privateKey, publicKey]) {
      const jwk = key.export({ format: 'jwk' });
      const make = key.type === 'private' ? ours.createPrivateKey : ours.createPublicKey;
      expect(make({ key: jwk, format: 'jwk' }).export({ format: 'jwk' })).toMatchObject(jwk);
    }
  });
});

describe('what is signed on one side is right on the other', () => {
  const HASHES = ['sha1', 'sha224', 'sha256', 'sha384', 'sha512'];
  test.each(curves)('%s', (name) => {
    const { privateKey, publicKey } = pem(pairOf(name));
    for (const hash of HASHES) {
      for (const dsaEncoding of ['der', 'ieee-p1363'] as const) {
        for (const message of messages(3)) {
          const [key, open] = [
            { key: privateKey, dsaEncoding },
            { key: publicKey, dsaEncoding },
          ];
          const signed = ours.sign(hash, message, key) as Buffer;
          expect(real.verify(hash, message, open, signed)).toBe(true);
          expect(ours.verify(hash, message, open, real.sign(hash, message, key))).toBe(true);
          expect(ours.verify(hash, Buffer.from('another'), open, signed)).toBe(false);
        }
      }
    }
  });

  test.each(rsa)('%s', (name) => {
    const { privateKey, publicKey } = pem(pairOf(name));
    for (const hash of ['md5', ...HASHES]) {
      for (const message of messages(2)) {
        expect(hex(ours.sign(hash, message, privateKey))).toBe(hex(real.sign(hash, message, privateKey)));
        expect(ours.verify(hash, message, publicKey, real.sign(hash, message, privateKey))).toBe(true);
        expect(ours.verify(hash, Buffer.from('another'), publicKey, real.sign(hash, message, privateKey))).toBe(false);
      }
    }
  });

  test.each(rsa)('%s with a salt', (name) => {
    const { privateKey, publicKey } = pem(pairOf(name));
    const padding = real.constants.RSA_PKCS1_PSS_PADDING;
    for (const hash of ['sha1', 'sha256', 'sha384']) {
      for (const saltLength of [-2, -1, 0, 17]) {
        const [key, open] = [
          { key: privateKey, padding, saltLength },
          { key: publicKey, padding, saltLength },
        ];
        const signed = ours.createSign(hash).update('hello').sign(key) as Buffer;
        expect(real.createVerify(hash).update('hello').verify(open, signed)).toBe(true);
        expect(real.createVerify(hash).update('hellp').verify(open, signed)).toBe(false);
        const theirs = real.createSign(hash).update('hello').sign(key);
        expect(ours.createVerify(hash).update('hello').verify(open, theirs)).toBe(true);
        expect(ours.createVerify(hash).update('hellp').verify(open, theirs)).toBe(false);
      }
    }
  });

  test('ed25519', () => {
    const { privateKey, publicKey } = pem(pairOf('ed25519'));
    for (const message of messages(8)) {
      const signed = ours.sign(null, message, privateKey) as Buffer;
      expect(hex(signed)).toBe(hex(real.sign(null, message, privateKey)));
      expect(ours.verify(null, message, publicKey, signed)).toBe(true);
      signed[5] = (signed[5] as number) ^ 1;
      expect(ours.verify(null, message, publicKey, signed)).toBe(false);
    }
  });
});

describe('what is encrypted on one side is read on the other', () => {
  test.each(rsa)('%s', (name) => {
    const { privateKey, publicKey } = pem(pairOf(name));
    const ways = [
      { padding: 1 },
      { padding: 4, oaepHash: 'sha1' },
      { padding: 4, oaepHash: 'sha256', oaepLabel: Buffer.from('a label') },
    ];
    for (const way of ways) {
      for (const message of messages(4)) {
        const [key, open] = [
          { key: privateKey, ...way },
          { key: publicKey, ...way },
        ];
        const hidden = ours.publicEncrypt(open, message) as Buffer;
        if (way.padding !== 1) expect(hex(real.privateDecrypt(key, hidden))).toBe(hex(message));
        expect(hex(ours.privateDecrypt(key, hidden))).toBe(hex(message));
        expect(hex(ours.privateDecrypt(key, real.publicEncrypt(open, message)))).toBe(hex(message));
        expect(hex(ours.privateEncrypt(privateKey, message))).toBe(hex(real.privateEncrypt(privateKey, message)));
        expect(hex(ours.publicDecrypt(publicKey, real.privateEncrypt(privateKey, message)))).toBe(hex(message));
      }
    }
  });
});

describe('both sides agree on a secret', () => {
  test.each(['secp224r1', 'prime256v1', 'secp384r1', 'secp521r1'])('%s', (name) => {
    const [one, other] = [ours.createECDH(name), real.createECDH(name)];
    for (const format of ['compressed', 'uncompressed'] as const) {
      const [open, theirs] = [one.generateKeys(undefined, format) as Buffer, other.generateKeys(null as never, format)];
      expect(hex(one.computeSecret(theirs))).toBe(hex(other.computeSecret(open)));
    }
  });

  test('x25519', () => {
    const { privateKey, publicKey } = pem(pairOf('x25519'));
    const other = real.generateKeyPairSync('x25519');
    const theirs = ours.createPublicKey(other.publicKey.export({ type: 'spki', format: 'pem' }));
    const secret = real.diffieHellman({ privateKey: other.privateKey, publicKey: real.createPublicKey(publicKey) });
    expect(hex(ours.diffieHellman({ privateKey: ours.createPrivateKey(privateKey), publicKey: theirs }))).toBe(
      hex(secret),
    );
  });
});

describe('a pair that is made here is one for Node too', () => {
  test.each([512, 1024, 896])('RSA of %i bits', (modulusLength) => {
    const made = ours.generateKeyPairSync('rsa', {
      modulusLength,
      publicExponent: modulusLength === 896 ? 3 : 65_537,
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }) as { privateKey: string; publicKey: string };
    const signed = real.sign('sha256', Buffer.from('hello'), made.privateKey);
    expect(real.verify('sha256', Buffer.from('hello'), made.publicKey, signed)).toBe(true);
    const { p, q } = real.createPrivateKey(made.privateKey).export({ format: 'jwk' });
    for (const prime of [p, q]) expect(real.checkPrimeSync(Buffer.from(prime as string, 'base64url'))).toBe(true);
  });

  test.each(['P-224', 'P-256', 'P-384', 'P-521'])('%s', (namedCurve) => {
    const { privateKey, publicKey } = ours.generateKeyPairSync('ec', {
      namedCurve,
      privateKeyEncoding: { type: 'sec1', format: 'pem' },
      publicKeyEncoding: { type: 'spki', format: 'pem' },
    }) as { privateKey: string; publicKey: string };
    expect(real.createPublicKey(privateKey).equals(real.createPublicKey(publicKey))).toBe(true);
  });
});
