import { fixedKeys } from '../../programs/fixed-keys.ts';
import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto takes the keys of WebCrypto, imported, generated, derived and unwrapped, wherever it takes one.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  modules: { 'keys.js': fixedKeys },
  program: `
import crypto, { createCipheriv, createDecipheriv, createHmac, createPublicKey, createPrivateKey, createSign, createVerify, diffieHellman, hkdfSync, KeyObject, privateDecrypt, privateEncrypt, publicDecrypt, publicEncrypt, sign, subtle, verify } from 'node:crypto';
import { worker } from './prelude.js';
import keys from './keys.js';

const der = (text) => Buffer.from(text.replace(/-----[A-Z ]+-----|\\s/g, ''), 'base64');
const bytes = new Uint8Array(16).fill(7);
const data = Buffer.from('hello');
const hex = (value) => Buffer.from(value).toString('hex');

const algorithms = { rsa: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, p256: { name: 'ECDSA', namedCurve: 'P-256' }, ed25519: { name: 'Ed25519' } };
const secretOf = (kind, isOpen = true) => subtle.importKey('pkcs8', der(createPrivateKey(keys[kind].secret).export({ type: 'pkcs8', format: 'pem' })), algorithms[kind], isOpen, ['sign']);
const openOf = (kind) => subtle.importKey('spki', der(keys[kind].open), algorithms[kind], true, ['verify']);

export default worker(async ({ say }) => {
  const hmac = await subtle.importKey('raw', bytes, { name: 'HMAC', hash: 'SHA-256' }, true, ['sign']);
  const aes = await subtle.importKey('raw', bytes, 'AES-CBC', true, ['encrypt']);
  const shut = await subtle.importKey('raw', bytes, 'AES-CBC', false, ['encrypt']);
  const jwk = await subtle.importKey('jwk', { kty: 'oct', k: Buffer.from(bytes).toString('base64url') }, 'AES-GCM', true, ['encrypt']);
  bytes.fill(9);
  for (const [name, key] of Object.entries({ hmac, aes, shut, jwk })) {
    await say(name + ' as a KeyObject', () => { const it = KeyObject.from(key); return [it.type, it.constructor.name, it.symmetricKeySize] });
    await say(name + ' out', () => hex(KeyObject.from(key).export()));
    await say(name + ' out as JSON', () => KeyObject.from(key).export({ format: 'jwk' }));
    await say(name + ' as what it is', () => [KeyObject.from(key).equals(KeyObject.from(key)), KeyObject.from(key) === KeyObject.from(key), KeyObject.from(key).equals(crypto.createSecretKey(Buffer.alloc(16, 7))), crypto.createSecretKey(Buffer.alloc(16, 7)).equals(KeyObject.from(key))]);
    await say(name + ' in an hmac', () => createHmac('sha256', key).update('a').digest('hex'));
    await say(name + ' in an hmac, as a KeyObject', () => createHmac('sha256', KeyObject.from(key)).update('a').digest('hex'));
    await say(name + ' in a cipher', () => { const it = createCipheriv('aes-128-cbc', key, Buffer.alloc(16)); return it.update('a', 'utf8', 'hex') + it.final('hex') });
    await say(name + ' in a decipher', () => { const it = createDecipheriv('aes-128-cbc', KeyObject.from(key), Buffer.alloc(16)); it.setAutoPadding(false); return it.update(Buffer.alloc(16), undefined, 'hex') + it.final('hex') });
    await say(name + ' in hkdf', () => hex(hkdfSync('sha256', key, 's', 'i', 8)));
    await say(name + ' in hkdf, as a KeyObject', () => hex(hkdfSync('sha256', KeyObject.from(key), 's', 'i', 8)));
    await say(name + ' signs', () => sign('sha256', data, key));
    await say(name + ' is made public', () => createPublicKey(key));
  }
  for (const kind of ['rsa', 'p256', 'ed25519']) {
    const [secret, open, hidden] = await Promise.all([secretOf(kind), openOf(kind), secretOf(kind, false)]);
    const hash = kind === 'ed25519' ? null : 'sha256';
    for (const [name, key] of Object.entries({ secret, open, hidden })) {
      await say(kind + ' ' + name, () => { const it = KeyObject.from(key); return [it.type, it.constructor.name, it.asymmetricKeyType, it.asymmetricKeyDetails] });
      await say(kind + ' ' + name + ' out', () => KeyObject.from(key).export({ type: key.type === 'public' ? 'spki' : 'pkcs8', format: 'pem' }));
      await say(kind + ' ' + name + ' out as JSON', () => KeyObject.from(key).export({ format: 'jwk' }));
      await say(kind + ' ' + name + ' is made public', () => createPublicKey(key).export({ type: 'spki', format: 'pem' }) === keys[kind].open);
      await say(kind + ' ' + name + ' is made private', () => createPrivateKey(key));
      await say(kind + ' ' + name + ' in an hmac', () => createHmac('sha256', key));
      await say(kind + ' ' + name + ' in a cipher', () => createCipheriv('aes-128-cbc', key, Buffer.alloc(16)));
      await say(kind + ' ' + name + ' signs', () => verify(hash, data, keys[kind].open, sign(hash, data, key)));
      await say(kind + ' ' + name + ' signs as a stream', () => createVerify('sha256').update(data).verify(keys[kind].open, createSign('sha256').update(data).sign(key)));
      await say(kind + ' ' + name + ' in options signs', () => verify(hash, data, keys[kind].open, sign(hash, data, { key })));
      await say(kind + ' ' + name + ' verifies', () => verify(hash, data, key, sign(hash, data, keys[kind].secret)));
      await say(kind + ' ' + name + ' verifies as a stream', () => createVerify('sha256').update(data).verify(key, createSign('sha256').update(data).sign(keys[kind].secret)));
    }
    await say(kind + ' compared', () => [KeyObject.from(open).equals(createPublicKey(keys[kind].open)), createPrivateKey(keys[kind].secret).equals(KeyObject.from(secret))]);
    await say(kind + ' encrypts', () => privateDecrypt(secret, publicEncrypt(open, data)).toString());
    await say(kind + ' encrypts with its secret', () => publicDecrypt(open, privateEncrypt(secret, data)).toString());
    await say(kind + ' the wrong way round', () => privateDecrypt(open, data));
    await say(kind + ' the wrong way', () => publicEncrypt(secret, data));
  }
  for (const isOpen of [true, false]) {
    const made = (name) => isOpen + ' ' + name;
    const hmacKey = await subtle.generateKey({ name: 'HMAC', hash: 'SHA-1', length: 160 }, isOpen, ['sign', 'verify']);
    await say(made('generated hmac'), async () => [hmacKey.extractable, createHmac('sha1', hmacKey).update(data).digest('hex') === hex(await subtle.sign('HMAC', hmacKey, data)), KeyObject.from(hmacKey).symmetricKeySize]);
    const aesKey = await subtle.generateKey({ name: 'AES-CBC', length: 256 }, isOpen, ['encrypt']);
    await say(made('generated aes'), async () => { const it = createCipheriv('aes-256-cbc', aesKey, Buffer.alloc(16)); return [hex(Buffer.concat([it.update(data), it.final()])) === hex(await subtle.encrypt({ name: 'AES-CBC', iv: Buffer.alloc(16) }, aesKey, data)), aesKey.usages, aesKey.extractable] });
    const pair = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, isOpen, ['sign', 'verify']);
    await say(made('generated pair'), async () => [pair.privateKey.extractable, pair.publicKey.extractable, pair.privateKey.usages, await subtle.verify({ name: 'ECDSA', hash: 'SHA-256' }, pair.publicKey, sign('sha256', data, { key: pair.privateKey, dsaEncoding: 'ieee-p1363' }), data)]);
    await say(made('generated pair, not in options'), async () => verify('sha256', data, pair.publicKey, sign('sha256', data, pair.privateKey)));
    const password = await subtle.importKey('raw', Buffer.from('pw'), 'PBKDF2', false, ['deriveKey', 'deriveBits']);
    await say(made('password'), () => [KeyObject.from(password).type, createHmac('sha1', password).digest('hex')]);
    const derived = await subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt: data, iterations: 2 }, password, { name: 'AES-GCM', length: 128 }, isOpen, ['encrypt', 'decrypt']);
    await say(made('derived'), () => { const it = createCipheriv('aes-128-gcm', derived, Buffer.alloc(12)); return [it.update(data, undefined, 'hex') + it.final('hex'), derived.extractable, derived.usages] });
    await say(made('derived out'), () => hex(KeyObject.from(derived).export()));
    const wrapper = await subtle.importKey('raw', Buffer.alloc(16, 3), 'AES-GCM', true, ['wrapKey', 'unwrapKey']);
    const wrapped = await subtle.wrapKey('raw', hmac, wrapper, { name: 'AES-GCM', iv: Buffer.alloc(12) });
    const unwrapped = await subtle.unwrapKey('raw', wrapped, wrapper, { name: 'AES-GCM', iv: Buffer.alloc(12) }, { name: 'HMAC', hash: 'SHA-256' }, isOpen, ['sign']);
    await say(made('unwrapped'), () => [createHmac('sha256', unwrapped).update('a').digest('hex'), unwrapped.extractable, unwrapped.usages]);
    const exchange = await subtle.generateKey({ name: 'X25519' }, isOpen, ['deriveBits']);
    await say(made('x25519 as CryptoKeys'), () => diffieHellman({ privateKey: exchange.privateKey, publicKey: exchange.publicKey }));
  }
  for (const key of [5, null, undefined, {}, 'a', crypto.createSecretKey('a')]) await say('from ' + (key?.constructor.name ?? key), () => KeyObject.from(key));
  const point = await subtle.importKey('raw', Buffer.concat([Buffer.from(keys.p256.open.replace(/-----[A-Z ]+-----|\\s/g, ''), 'base64').subarray(-65)]), algorithms.p256, true, ['verify']);
  await say('a point', () => KeyObject.from(point).export({ type: 'spki', format: 'pem' }) === keys.p256.open);
  const pss = await subtle.importKey('spki', der(keys.rsa.open), { name: 'RSA-PSS', hash: 'SHA-256' }, true, ['verify']);
  await say('a key for PSS', () => [KeyObject.from(pss).asymmetricKeyType, KeyObject.from(pss).equals(createPublicKey(keys.rsa.open))]);
});
`,
});
