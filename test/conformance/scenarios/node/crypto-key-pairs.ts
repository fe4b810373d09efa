import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto makes keys and pairs of keys, at once or with a callback, as keys or as text.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import crypto, { diffieHellman, generateKey, generateKeyPair, generateKeyPairSync, generateKeySync } from 'node:crypto';
import { promisify } from 'node:util';
import { worker } from './prelude.js';

const told = (f) => new Promise((resolve) => { let isSync = true; f((...all) => resolve([isSync, ...all.map((one) => one?.type ?? one)])); isSync = false; });

export default worker(async ({ say }) => {
  const asked = [
    ['rsa', { modulusLength: 512 }], ['rsa', { modulusLength: 1024, publicExponent: 3 }], ['rsa', { modulusLength: 1000 }], ['rsa', { modulusLength: 511 }], ['rsa', { modulusLength: 100 }],
    ['rsa', {}], ['rsa', undefined], ['rsa', { modulusLength: 'x' }], ['rsa', { modulusLength: -1 }], ['rsa', { modulusLength: 1.5 }], ['rsa', { modulusLength: 512, publicExponent: 'x' }],
    ['ec', { namedCurve: 'prime256v1' }], ['ec', { namedCurve: 'P-256' }], ['ec', { namedCurve: 'secp384r1' }], ['ec', { namedCurve: 'P-521' }], ['ec', { namedCurve: 'P-224' }], ['ec', { namedCurve: 'secp256k1' }], ['ec', { namedCurve: 'nope' }], ['ec', {}],
    ['ec', { namedCurve: 'P-256', paramEncoding: 'explicit' }], ['ec', { namedCurve: 'P-256', paramEncoding: 'other' }],
    ['ed25519', undefined], ['x25519', {}], ['ed448', {}], ['rsa-pss', {}], ['dsa', {}], ['other', {}], [undefined, {}], ['ed25519', null], ['ed25519', 5],
    ['ed25519', { publicKeyEncoding: 5 }], ['ed25519', { publicKeyEncoding: { type: 'other', format: 'pem' } }], ['ed25519', { privateKeyEncoding: { type: 'pkcs8', format: 5 } }],
  ];
  for (const [type, options] of asked)
    await say(type + ' ' + JSON.stringify(options), () => {
      const { publicKey, privateKey } = generateKeyPairSync(type, options);
      const hash = type === 'ed25519' ? null : 'sha1';
      const isRight = type === 'x25519' ? diffieHellman({ privateKey, publicKey }).length : crypto.verify(hash, Buffer.from('x'), publicKey, crypto.sign(hash, Buffer.from('x'), privateKey));
      return [publicKey.type, privateKey.type, privateKey.asymmetricKeyType, publicKey.asymmetricKeyDetails, isRight];
    });
  await say('two are different', () => generateKeyPairSync('ed25519').publicKey.equals(generateKeyPairSync('ed25519').publicKey));
  await say('two agree', () => { const [a, b] = [generateKeyPairSync('x25519'), generateKeyPairSync('x25519')]; return diffieHellman({ privateKey: a.privateKey, publicKey: b.publicKey }).equals(diffieHellman({ privateKey: b.privateKey, publicKey: a.publicKey })) });
  await say('as text', () => { const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'der' } }); return [publicKey.split('\\n')[0], Buffer.isBuffer(privateKey), privateKey.length] });
  await say('as JWK', () => { const { publicKey, privateKey } = generateKeyPairSync('ed25519', { publicKeyEncoding: { format: 'jwk' }, privateKeyEncoding: { format: 'jwk' } }); return [publicKey.kty, publicKey.d, typeof privateKey.d] });
  await say('called back', () => told((done) => generateKeyPair('ed25519', {}, done)));
  await say('called back with an error', () => told((done) => generateKeyPair('other', {}, done)));
  await say('without a callback', () => generateKeyPair('ed25519', {}));
  await say('with a callback in the wrong place', () => generateKeyPair('ed25519', () => {}));
  await say('promised', async () => Object.entries(await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })).map(([name, key]) => [name, key.type]));
  for (const [type, options] of [['hmac', { length: 64 }], ['hmac', { length: 12 }], ['hmac', { length: 7 }], ['hmac', {}], ['hmac', undefined], ['aes', { length: 256 }], ['aes', { length: 64 }], ['aes', {}], ['other', {}]])
    await say('generateKeySync ' + type + ' ' + JSON.stringify(options), () => generateKeySync(type, options).symmetricKeySize);
  await say('generateKey', () => told((done) => generateKey('hmac', { length: 64 }, done)));
  await say('generateKey with an error', () => told((done) => generateKey('other', {}, done)));
});
`,
});
