import { fixedKeys } from '../../programs/fixed-keys.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto reads keys of every usual form, says what they are, and writes them again.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  modules: { 'keys.js': fixedKeys },
  program: `
import crypto, { createPrivateKey, createPublicKey, createSecretKey, KeyObject } from 'node:crypto';
import { inspect, types } from 'node:util';
import { worker } from './prelude.js';
import keys from './keys.js';

const derOf = (pem) => Buffer.from(pem.replace(/-----.*?-----|\\s/g, ''), 'base64');
const looked = (k) => [k.constructor.name, k.type, k.asymmetricKeyType, k.asymmetricKeyDetails, String(k), Object.keys(k)];
const inputOf = (form, key) => (form.endsWith('Jwk') ? { key, format: 'jwk' } : form.startsWith('locked') ? { key, passphrase: 'secret' } : key);
const nameOf = (family, text) => Object.keys(family).find((form) => family[form] === text) ?? text;
const defined = (jwk) => Object.fromEntries(Object.entries(jwk).filter(([, value]) => value !== undefined));

export default worker(async ({ say }) => {
  for (const [name, family] of Object.entries(keys)) {
    for (const [form, key] of Object.entries(family)) {
      await say(name + ' ' + form + ' as private', () => looked(createPrivateKey(inputOf(form, key))));
      await say(name + ' ' + form + ' as public', () => looked(createPublicKey(inputOf(form, key))));
    }
  }
  for (const name of ['rsa', 'p224', 'p256', 'p521', 'ed25519', 'x25519']) {
    const family = keys[name];
    for (const key of [createPrivateKey(family.secret), createPublicKey(family.open)]) {
      for (const type of [undefined, 'pkcs1', 'pkcs8', 'spki', 'sec1', 'other']) {
        await say(name + ' ' + key.type + ' to PEM ' + type, () => nameOf(family, key.export({ type, format: 'pem' })));
      }
      for (const type of ['pkcs8', 'spki']) {
        await say(name + ' ' + key.type + ' to DER ' + type, () => {
          const bytes = key.export({ type, format: 'der' });
          return [Buffer.isBuffer(bytes), Object.keys(family).find((form) => typeof family[form] === 'string' && derOf(family[form]).equals(bytes))];
        });
      }
      await say(name + ' ' + key.type + ' to JWK', () => defined(key.export({ format: 'jwk' })));
      await say(name + ' ' + key.type + ' to nothing', () => key.export());
      await say(name + ' ' + key.type + ' to another format', () => key.export({ type: 'pkcs8', format: 'other' }));
      for (const type of ['pkcs8', 'pkcs1', 'sec1']) {
        await say(name + ' ' + key.type + ' locked as ' + type, () => {
          const text = key.export({ type, format: 'pem', cipher: 'aes-256-cbc', passphrase: 'word' });
          const again = key.type === 'private' ? createPrivateKey({ key: text, passphrase: 'word' }) : createPublicKey(text);
          return [text.split('\\n')[0], text.split('\\n').length, again.equals(key)];
        });
      }
      await say(name + ' ' + key.type + ' under an unknown cipher', () => key.export({ type: 'pkcs8', format: 'pem', cipher: 'other', passphrase: 'x' }).length);
      await say(name + ' ' + key.type + ' without a passphrase', () => key.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc' }).length);
    }
  }
  await say('all fields of a JWK', () => Object.keys(createPublicKey(keys.p256.open).export({ format: 'jwk' })));

  for (const [form, type] of [['open', 'spki'], ['open', 'pkcs1'], ['open', undefined], ['openPkcs1', 'pkcs1'], ['openPkcs1', undefined], ['openPkcs1', 'spki'], ['certificate', 'spki']])
    await say('DER ' + form + ' as ' + type, () => createPublicKey({ key: derOf(keys.rsa[form]), format: 'der', type }).type);
  for (const [name, form, type] of [['rsa', 'secret', 'pkcs8'], ['rsa', 'secret', 'pkcs1'], ['rsa', 'secret', undefined], ['rsa', 'secretPkcs1', 'pkcs1'], ['rsa', 'secretPkcs1', 'pkcs8'], ['rsa', 'secretPkcs1', undefined], ['p256', 'secretSec1', 'sec1'], ['p256', 'secretSec1', 'pkcs1'], ['p256', 'secretSec1', undefined]])
    await say('DER ' + name + ' ' + form + ' as ' + type, () => createPrivateKey({ key: derOf(keys[name][form]), format: 'der', type }).type);
  await say('DER locked', () => createPrivateKey({ key: derOf(keys.rsa.locked), format: 'der', type: 'pkcs8', passphrase: Buffer.from('secret') }).type);
  await say('DER and more', () => createPublicKey({ key: Buffer.concat([derOf(keys.rsa.open), Buffer.from([0])]), format: 'der', type: 'spki' }).type);

  const pem = keys.p256.secret;
  await say('PEM among other text', () => createPrivateKey('before\\r\\n' + pem.replaceAll('\\n', '\\r\\n') + 'after').type);
  await say('PEM without the last line end', () => createPrivateKey(pem.trim()).type);
  await say('PEM indented', () => createPrivateKey(pem.replaceAll('\\n', '\\n  ')).type);
  await say('PEM in one line', () => createPrivateKey(pem.replaceAll('\\n', '')).type);
  await say('PEM with escaped line ends', () => createPrivateKey(pem.replaceAll('\\n', '\\\\n')).type);
  await say('PEM with one long line', () => createPrivateKey(pem.replace(/([A-Za-z0-9+=/])\\n([A-Za-z0-9+=/])/g, '$1$2')).type);
  await say('PEM with empty lines', () => createPrivateKey(pem.replaceAll('\\n', '\\n\\n')).type);
  await say('two in one PEM', () => [keys.rsa.secret + keys.p256.open, keys.rsa.open + keys.p256.open, keys.rsa.certificate + keys.p256.open].map((text) => createPublicKey(text).asymmetricKeyType));
  await say('a public key before the private one', () => createPrivateKey(keys.rsa.open + pem).type);
  await say('wrongly labelled as RSA', () => createPrivateKey(keys.rsa.secret.replaceAll('PRIVATE', 'RSA PRIVATE')).type);
  await say('wrongly labelled as PKCS #8', () => createPrivateKey(keys.rsa.secretPkcs1.replaceAll('RSA PRIVATE', 'PRIVATE')).type);
  await say('as bytes', () => [createPrivateKey(Buffer.from(pem)).type, createPrivateKey(new TextEncoder().encode(pem)).type, createPublicKey({ key: Buffer.from(keys.p256.open).toString('hex'), encoding: 'hex' }).type]);

  const secret = createSecretKey('abc');
  await say('a secret', () => [secret.constructor.name, secret.type, secret.symmetricKeySize, secret.asymmetricKeyType, String(secret), Object.keys(secret)]);
  for (const options of [undefined, {}, { format: 'buffer' }, { format: 'jwk' }, { format: 'raw' }, { format: 5 }, null, 5])
    await say('a secret to ' + JSON.stringify(options), () => { const out = secret.export(options); return Buffer.isBuffer(out) ? out.toString('hex') : out; });
  await say('a secret of an encoding', () => createSecretKey('616263', 'hex').equals(secret));
  await say('a secret is a copy', () => { const bytes = Buffer.from('abc'); const key = createSecretKey(bytes); bytes[0] = 0; return key.equals(secret); });
  await say('equals', () => [secret.equals(createSecretKey('abd')), secret.equals({}), createPrivateKey(pem).equals(createPrivateKey(keys.p256.secretSec1)), createPrivateKey(pem).equals(createPublicKey(pem)), createPublicKey(pem).equals(createPublicKey(keys.p256.open)), createPublicKey(pem).equals(createPublicKey(keys.ed25519.open)), createPublicKey(pem).equals(createPublicKey(keys.p384.open)), createPrivateKey(pem).equals(createPrivateKey(keys.p384.secret))]);
  await say('equals something like it', () => secret.equals({ type: 'secret' }));
  await say('classes', () => [secret instanceof KeyObject, secret instanceof crypto.SecretKeyObject, createPrivateKey(pem) instanceof crypto.PrivateKeyObject, createPublicKey(pem) instanceof crypto.PublicKeyObject]);
  await say('members', () => [KeyObject, crypto.SecretKeyObject, crypto.PrivateKeyObject, crypto.PublicKeyObject, Object.getPrototypeOf(crypto.PublicKeyObject)].map((one) => [one.name, Object.getOwnPropertyNames(one.prototype)]));
  await say('new KeyObject', () => new KeyObject());
  await say('new SecretKeyObject', () => new crypto.SecretKeyObject());
  await say('KeyObject.from what is none', () => KeyObject.from({}));
  await say('toCryptoKey', () => createPrivateKey(pem).toCryptoKey());
  await say('inspected', () => [inspect(createPrivateKey(pem)), inspect(createPublicKey(keys.rsa.open)), inspect({ a: secret })]);
  await say('to JSON', () => JSON.stringify([secret, createPrivateKey(pem)]));
  await say('isKeyObject', () => [types.isKeyObject(secret), types.isKeyObject(createPublicKey(pem)), types.isKeyObject({})]);
  await say('createHmac', () => crypto.createHmac('sha256', createSecretKey('key')).update('a').digest('hex'));
  await say('createHmac with half of a pair', () => crypto.createHmac('sha256', createPrivateKey(pem)));
  await say('createCipheriv', () => { const c = crypto.createCipheriv('aes-256-cbc', createSecretKey(Buffer.alloc(32, 1)), Buffer.alloc(16)); return c.update('a', 'utf8', 'hex') + c.final('hex'); });
  await say('hkdfSync', () => Buffer.from(crypto.hkdfSync('sha256', createSecretKey('abc'), 'salt', 'info', 8)).toString('hex'));
});
`,
});
