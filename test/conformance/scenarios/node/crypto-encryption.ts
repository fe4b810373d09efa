import { fixedKeys } from '../../programs/fixed-keys.ts';
import { objects, scenario } from '../../scenario.ts';

/** By OpenSSL, of the word `hello`. */
const MADE = {
  'oaep sha256':
    'ATCJcunRRr3ohUGwh1C4x7rah5s9lZskxAen/5ZMTXPr7M6f7oGa39YNwyqqZw3d6Db/4WJuNoXDCy0gScM+wepQdkKdoHKnjYTQ8eElMaZkm8WDVkp7erY7nZYUlCtfNaYoCJIMuIhFsQKaiL4XAxylDjbDqYp/KkZrVm0Go7aqkO5YyytXkX3A3ICOPMb8r/I3DzkMUYdnYPhr3qiZ+yBT1lQtRA0dEYVqEV/60FILONc8DOWSv9i0fHd8uTaVc9rOV+6b3QxPivO+Guxx5ETNaFx97Qx7Gtdame9EHFgDTqGJ78NX1SC8bxJyTmXcsBjWDs2x+M+Wv+rKdWgunQ==',
  'oaep sha1':
    'Wn2TJLQZ02I0xLL4memn4FgzbQOqRIFrQUJjL39lhVcAMRjXsO16UXPr/Bts+0E1CcikUA5VLJtJ56F1ftymqyQFtYsdRwUNHpMtn+bkq2mhfGqLkPxWn/JJd6xTopNtrwy9zcvf8gfus+n0o8BDtXSDsM/AfPHOYE13q9Gvvx9OSHqxbYnRU+4RpJC/Eu2LUecObqNXUmNpWdg310mUVvXO1C8X3cLeO28zeD0fEJyRlbvk/2gH2HBhvv2cEczT7kp5BqHd1rCTpwVFT65D0zmyF9GAc0hq2zWXCRZAIjjtKBx8MIFoQARDsHeKKicS9jGk+fYQ8GW3cY7ZSFDmvA==',
  pkcs1:
    'XnwqwOkD5C3OJdvjd5/450z5Gc9YvcDn3SUwxit/MMwEmuErCbDSzGaM8SBXNJZn4+7hnANmAeCh5mKb7SBSDEb9XKanoMNCEBSvzDqFH60gmabblPO2JOj6jer2C/d+scVAygdZFWlzkRHwWIitS97Cit8+Q3Dmb8iaGrEvwekqNNvAtCZ1TORT4z4VtanKVsGWFf+tixmPpLANgB2f4/kk89fFFKKUPPni96RVT/i+kuXFh9h4bwSofgbmi2E/C9Emt50y+EPrRchr7IUn4KkPNq4vZykfTCT442sMG+qD8KnYXOGDP8r028hBSu5sZHvVeb/Dep6HgioT3AygnA==',
};

export const subject = scenario({
  name: 'node:crypto encrypts with either half of an RSA pair, with three paddings, and does not say why it cannot decrypt.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  modules: { 'keys.js': fixedKeys },
  program: `
import crypto from 'node:crypto';
import { worker } from './prelude.js';
import keys from './keys.js';

const data = Buffer.from('hello');
const made = MADE;
const { open, secret } = keys.rsa;
const ways = [['publicEncrypt', 'privateDecrypt', open, secret], ['privateEncrypt', 'publicDecrypt', secret, open]];

export default worker(async ({ say }) => {
  for (const [name, options] of [['pkcs1', { padding: 1 }], ['pkcs1', {}], ['oaep sha256', { padding: 4 }], ['oaep sha256', { padding: 4, oaepHash: 'SHA256' }], ['oaep sha1', { padding: 4, oaepHash: 'sha1' }], ['oaep sha1', { padding: 4 }], ['oaep sha256', { padding: 4, oaepLabel: 'x' }]])
    await say('made elsewhere: ' + name + ' ' + JSON.stringify(options), () => crypto.privateDecrypt({ key: secret, ...options }, Buffer.from(made[name], 'base64')).toString());
  for (const [encrypt, decrypt, one, other] of ways) {
    const [oneKey, otherKey] = [one, other].map((pem) => (pem === open ? crypto.createPublicKey(pem) : crypto.createPrivateKey(pem)));
    for (const options of [{}, { padding: 1 }, { padding: 3 }, { padding: 4 }, { padding: 4, oaepHash: 'sha1' }, { padding: 4, oaepHash: 'md5' }, { padding: 4, oaepHash: 'sha512', oaepLabel: Buffer.from('l') }, { padding: 4, oaepLabel: 'l' }, { padding: 4, oaepHash: 'nope' }, { padding: 1, oaepHash: 'nope' }, { oaepHash: 5 }, { oaepLabel: 5 }, { padding: 0 }, { padding: 2 }, { padding: 5 }, { padding: 6 }, { padding: 'x' }, { padding: null }]) {
      const text = options.padding === 3 ? Buffer.alloc(256, 1) : data;
      await say(encrypt + ' ' + JSON.stringify(options), () => { const hidden = crypto[encrypt]({ key: one, ...options }, text); return [encrypt === 'privateEncrypt' ? hidden.toString('base64') : hidden.length, crypto[decrypt]({ key: other, ...options }, hidden).equals(text)] });
      await say(decrypt + ' ' + JSON.stringify(options), () => crypto[decrypt]({ key: other, ...options }, Buffer.alloc(256, 3)).length);
    }
    await say(encrypt + ' with keys', () => crypto[decrypt](otherKey, crypto[encrypt](oneKey, data)).toString());
    await say(encrypt + ' with PEM alone', () => crypto[decrypt](other, crypto[encrypt](one, data)).toString());
    await say(encrypt + ' with JWK', () => crypto[encrypt]({ key: encrypt === 'publicEncrypt' ? keys.rsa.openJwk : keys.rsa.secretJwk, format: 'jwk' }, data).length);
    for (const [method, right, wrong] of [[encrypt, one, otherKey], [decrypt, other, oneKey]]) {
      await say(method + ' with a key in options', () => crypto[method]({ key: wrong }, data));
      await say(method + ' with the other half', () => crypto[method](wrong, data));
      await say(method + ' with a secret', () => crypto[method](crypto.createSecretKey('a'), data));
      for (const name of ['p256', 'ed25519', 'x25519']) await say(method + ' with ' + name, () => crypto[method](right === open ? keys[name].open : keys[name].secret, data));
      await say(method + ' with no arguments', () => crypto[method]());
      await say(method + ' with null', () => crypto[method](null, data));
      await say(method + ' of nothing', () => crypto[method](right));
      await say(method + ' of a number', () => crypto[method](right, 5));
      await say(method + ' of text', () => crypto[method](right, 'hi').length);
      for (const size of [0, 3, 245, 246, 256, 257]) await say(method + ' of ' + size + ' bytes', () => crypto[method](right, Buffer.alloc(size)).length);
      for (const size of [255, 256, 257]) await say(method + ' of ' + size + ' bytes without padding', () => crypto[method]({ key: right, padding: 3 }, Buffer.alloc(size, 255)).length);
      for (const size of [190, 191]) await say(method + ' of ' + size + ' bytes with OAEP', () => crypto[method]({ key: right, padding: 4 }, Buffer.alloc(size)).length);
    }
  }
  await say('publicEncrypt with a private PEM', () => crypto.privateDecrypt(secret, crypto.publicEncrypt(secret, data)).toString());
  await say('a key that is too short for OAEP', () => crypto.publicEncrypt({ key: keys.rsa512.open, padding: 4 }, data));
  await say('names', () => [crypto.publicEncrypt, crypto.privateDecrypt].map((one) => [one.name, one.length]));
});
`.replace('MADE', () => JSON.stringify(MADE)),
});
