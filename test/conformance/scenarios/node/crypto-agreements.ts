import { fixedKeys } from '../../programs/fixed-keys.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto agrees on secrets over curves, with ECDH and with keys, and refuses points that are on none.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  modules: { 'keys.js': fixedKeys },
  program: `
import crypto, { createECDH, createPrivateKey, createPublicKey, diffieHellman, ECDH } from 'node:crypto';
import { worker } from './prelude.js';
import keys from './keys.js';

const fixed = () => { const it = createECDH('prime256v1'); it.setPrivateKey('9cb7280804c12e1e67bc114d22e3be81b012d9544601209cb7280804c12e1e67', 'hex'); return it };
const other = '0251590b7a515140d2d784c85608668fdfef8c82fd1f5be52421554a0dc3d033ed';

export default worker(async ({ say }) => {
  for (const name of ['prime256v1', 'P-256', 'secp256r1', 'secp384r1', 'P-384', 'secp521r1', 'secp224r1', 'secp256k1', 'x25519', 'nope', '', 5, undefined])
    await say('ECDH over ' + name, () => {
      const [a, b] = [createECDH(name), createECDH(name)];
      const [one, two] = [a.generateKeys(), b.generateKeys('hex', 'compressed')];
      return [one.length, two.length, a.getPrivateKey().length <= 66, a.computeSecret(two, 'hex').equals(b.computeSecret(one)), a.computeSecret(two, 'hex', 'hex').length];
    });
  await say('a fixed key', () => [fixed().getPublicKey('hex'), fixed().getPublicKey('hex', 'compressed'), fixed().getPrivateKey('hex'), Buffer.isBuffer(fixed().getPublicKey()), fixed().setPrivateKey(Buffer.alloc(32, 1))]);
  await say('a fixed secret', () => [fixed().computeSecret(other, 'hex', 'hex'), fixed().computeSecret(Buffer.from(other, 'hex')).toString('base64')]);
  await say('a hybrid point', () => fixed().getPublicKey('hex', 'hybrid'));
  await say('nothing generated', () => createECDH('prime256v1').getPublicKey());
  await say('no private key', () => createECDH('prime256v1').getPrivateKey());
  await say('no secret', () => createECDH('prime256v1').computeSecret(other, 'hex'));
  for (const bytes of [Buffer.alloc(65), Buffer.alloc(0), Buffer.from('04' + '11'.repeat(64), 'hex'), Buffer.from(other + '00', 'hex'), 5, null])
    await say('a secret with ' + String(bytes).length + ' ' + typeof bytes, () => fixed().computeSecret(bytes));
  await say('a format', () => fixed().getPublicKey('hex', 'other'));
  await say('a format of new keys', () => fixed().generateKeys('hex', 'other'));
  await say('an encoding', () => fixed().getPublicKey(5));
  for (const bytes of [Buffer.alloc(32), Buffer.alloc(32, 255), Buffer.alloc(33, 1), Buffer.alloc(0), 5])
    await say('a private key of ' + (bytes.length ?? bytes) + ' ' + bytes[0], () => fixed().setPrivateKey(bytes));
  await say('a short private key', () => { const it = fixed(); it.setPrivateKey(Buffer.from([5])); return [it.getPrivateKey('hex'), it.getPublicKey('hex', 'compressed')] });
  await say('converted', () => [ECDH.convertKey(fixed().getPublicKey(), 'prime256v1', undefined, 'hex', 'compressed'), ECDH.convertKey(other, 'prime256v1', 'hex', 'hex')]);
  await say('converted to hybrid', () => ECDH.convertKey(other, 'prime256v1', 'hex', 'hex', 'hybrid'));
  await say('converted from nothing', () => ECDH.convertKey(Buffer.alloc(65), 'prime256v1'));
  await say('converted on no curve', () => ECDH.convertKey(other, 'nope', 'hex'));
  await say('the class', () => [ECDH('prime256v1') instanceof ECDH, fixed().constructor.name, Object.getOwnPropertyNames(ECDH.prototype), Object.keys(fixed()), ECDH.name]);
  await say('getCurves', () => crypto.getCurves());
  for (const name of ['p256', 'p384', 'p521', 'p224'])
    await say('diffieHellman with ' + name, () => diffieHellman({ privateKey: createPrivateKey(keys[name].secret), publicKey: createPublicKey(keys[name].open) }).toString('hex'));
  await say('two curves', () => diffieHellman({ privateKey: createPrivateKey(keys.p521.secret), publicKey: createPublicKey(keys.p256.open) }));
  await say('two kinds', () => diffieHellman({ privateKey: createPrivateKey(keys.p521.secret), publicKey: createPublicKey(keys.x25519.open) }));
  await say('a point of zero', () => diffieHellman({ privateKey: createPrivateKey(keys.x25519.secret), publicKey: createPublicKey({ key: { kty: 'OKP', crv: 'X25519', x: 'A'.repeat(43) }, format: 'jwk' }) }));
  await say('no options', () => diffieHellman());
  await say('no keys', () => diffieHellman({}));
  await say('no private one', () => diffieHellman({ publicKey: createPublicKey(keys.x25519.open) }));
  await say('the wrong way round', () => diffieHellman({ publicKey: createPrivateKey(keys.x25519.secret), privateKey: createPublicKey(keys.x25519.open) }));
  await say('a secret one', () => diffieHellman({ publicKey: createPublicKey(keys.x25519.open), privateKey: crypto.createSecretKey('a') }));

  // What a browser's subscription to push messages asks for (RFC 8291), with its keys.
  await say('web push', () => {
    const bytes = (text) => Buffer.from(text, 'base64url');
    const server = createECDH('prime256v1');
    server.setPrivateKey(bytes('yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw'));
    const client = bytes('BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4');
    const shared = server.computeSecret(client);
    const info = Buffer.concat([Buffer.from('WebPush: info\\0'), client, server.getPublicKey()]);
    const ikm = Buffer.from(crypto.hkdfSync('sha256', shared, bytes('BTBZMqHH6r4Tts7J_aSIgg'), info, 32));
    const salt = bytes('DGv6ra1nlYgDCS1FRnbzlw');
    const key = Buffer.from(crypto.hkdfSync('sha256', ikm, salt, 'Content-Encoding: aes128gcm\\0', 16));
    const nonce = Buffer.from(crypto.hkdfSync('sha256', ikm, salt, 'Content-Encoding: nonce\\0', 12));
    const cipher = crypto.createCipheriv('aes-128-gcm', key, nonce);
    const text = Buffer.concat([cipher.update(Buffer.from('When I grow up, I want to be a watermelon')), cipher.update(Buffer.from([2])), cipher.final(), cipher.getAuthTag()]);
    return text.toString('base64url');
  });
});
`,
});
