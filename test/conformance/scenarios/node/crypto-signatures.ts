import { fixedKeys } from '../../programs/fixed-keys.ts';
import { objects, scenario } from '../../scenario.ts';

/** By OpenSSL, of the word `hello`. */
const MADE = {
  'p224 sha256': 'MD4CHQCiBQnAEJI1pXL9//MDaaetzS5+QUdQpMliH6ATAh0A54CMX8F+hzAodZpaVmTIVCQgMWq++a1pp2IS4w==',
  'p224 sha1': 'MD4CHQCXxYwaGy1VRwNZCowO4/sVBb8WJTZaKkkYAkgPAh0AvPs9QaGEnF9WzEA+m46MsSfwlgvNkHIy0hGE/Q==',
  'p224 sha512': 'MD4CHQCsqnt6NOkam56qKd3GNIPOzVKIY1LgLR9+NxGhAh0ArncSQs7FKoxggbk0COOHah2qGad9VE+sel1GXg==',
  'p256 sha256': 'MEQCIC0y46dqLZHhEoTgS+cWTL5aYWHC88KxV5A0xHeKCLW6AiAbTRonofLVegUWbG8MtDJDmrjufl9EvwQfp/El7aK2gQ==',
  'p256 sha1': 'MEQCIAZRTWTtCE38q2NbygoVlR4qOFnXrrQ5D0IEY0PNE0jsAiBgr6w5EUfbcRb3II/LB3mrJsqPGBHiHoeU94yLK7VOgQ==',
  'p256 sha512': 'MEUCIQCXtUNv5mc5didGN3jVuxmTuxrYPcWl9bhsbWyFDUHlQwIgdDBYVa35v9lsIN8hbCtgZ4awwnunF7nzZR93jD3OXzA=',
  'p384 sha256':
    'MGUCMDyO+e40F/XzsqyBQFiXrExT0xEdXs0PX2JGpLXI/WUXkWAyY2BApqsB2ieZ65KTogIxALWZA7m6Fz1wblJ+z9zCbP+pe95fwdPBoKPSH9DVHInTDrd+YFZbe4ZswblpUcYEbg==',
  'p384 sha1':
    'MGUCMFgbfXlKlDNOTGAx8LNw0t/hWLxy7MHITs14Cvzdm+TglBaF8rLS8Iwnp5IRHaD1BgIxAPYC0Qg7n6GqM5ZelIbttfxwVzZIwbc/29tXNJQf/m7cZe7cHirZqslTFx4BahSAZg==',
  'p384 sha512':
    'MGYCMQCXAY6EKqClE2zfl7zSAA1sBbRu7O4AyxdtKUv+I0igH1HikoeK+YQfT1NMHSbzEQACMQCjo9l5xpOQPgyzYCb/zVqgofRBhBLt7bqMWaf+HAsLC736n6oIJROCzysiXiLvH3A=',
  'p521 sha256':
    'MIGIAkIB8vVcpCmTgKsTqk0dXGzPqBlh63lyQ2zteQO+s8I5W544VQiGGkMUFKmOYv5347nYp9irkzaiBdarYi1iNu4rvccCQgCR7/lR0Da7SDNsLmawdCn1Tiv47gF07OvwYtRC/j0TrRD3JWoMSf4cv5VUTTGdLwNMr33p5Oi4gcUMQL0emKn6cQ==',
  'p521 sha1':
    'MIGIAkIBPdaTy2O92ev4vmKLjOahe6XFrXiAjOC4Nzy8vIiOZTUV7lDYmm2jA7B/CbWt/qhTcf0Ms2BVW2exm0JxUt4MRBMCQgE6M8W3HDT1VB6T8IGRAl65x4P8+yFSUg91DdyEgbSIth2SBaBSRtFB3wvdDeXujAaxdCD5EAuQihWvXLT9b6zFvQ==',
  'p521 sha512':
    'MIGIAkIBQH47nBFcQ0OZ52q85Jub5L4LG9OwsdOBh5xdRb7xOl/VcCQcxZYvenGT63OjOFw2zTzaB576hH+Hh4TvZaYoytQCQgFJhYKGhK7WdL3whuZaeSoM9QGNJzADjBbSWD/AnsHcvCiga1Ut76lgCH7hlgKTMnHwYaR6USuqE/H3Y6RG7VrCqg==',
  'p256 plain': 'veGNDwyRE0N85f3md8bLVSiCvSeYcmsP6YJZcl7+IffAAViUfK+lcNIZxKb33lMiJ7H+W6+kJ2wPznjtJuMInQ==',
  salted:
    'iB3Ecp4e0TIUo6SmU+ENGVI5m8DtG8DsJgsA6iIzskByg12cclDg4ZHdTrRvGo45D65nSbSUED/Fu3bXdVLY7PdONJN6LXXa8N8ikLxujeo6ngXWp3h2+2igi8+AZQvDA+p6buvBRQQYKVHGoMGdtGp1gPj6hIz5xlh927FipSHjhAUpKrIYGoz3zVrE2TAAO8+DB7R/v4oyuG5MJeuPlnXY33SB6cyacPpJNHhEkx4h6xBHp4epNqyCI4afc17FUbF7NRed3DMHx0wEaNPKXa44y28vDQI+0P+JYg61GFINgbn82JkEOtDeJkj49obGhZbY0ywvrC+KQfIXU6IrHw==',
};

export const subject = scenario({
  name: 'node:crypto signs and verifies with RSA, ECDSA and Ed25519, in one step and in streams, and refuses in words of its own.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  modules: { 'keys.js': fixedKeys },
  program: `
import crypto, { createSign, createVerify, sign, verify } from 'node:crypto';
import { worker } from './prelude.js';
import keys from './keys.js';

const data = Buffer.from('hello');
const made = SIGNATURES;
const derOf = (pem) => Buffer.from(pem.replace(/-----.*?-----|\\s/g, ''), 'base64');
const message = (f) => { try { return f() } catch (error) { return error.message } };

export default worker(async ({ say }) => {
  const names = ['sha256', 'SHA256', 'Sha256', 'RSA-SHA256', 'rsa-sha256', 'sha1', 'RSA-SHA1', 'sha224', 'sha384', 'sha512', 'RSA-SHA512', 'md5', 'RSA-MD5', 'md5-sha1', 'ripemd160', 'sha3-256', 'sha512-256', 'SHA-256', 'DSA-SHA', 'ecdsa-with-SHA1', 'nope', ''];
  for (const name of names) {
    await say('RSA ' + name, () => sign(name, data, keys.rsa.secret).toString('base64'));
    await say('RSA ' + name + ' in a stream', () => createSign(name).update('hello').sign(keys.rsa.secret, 'base64').slice(0, 20));
    await say('RSA ' + name + ' verified', () => { const s = sign(name, data, keys.rsa.secret); return [verify(name, data, keys.rsa.open, s), createVerify(name).update(data).verify(keys.rsa.open, s), verify(name, Buffer.from('x'), keys.rsa.open, s)] });
  }
  for (const [what, text] of Object.entries(made)) {
    const [name, hash] = what.split(' ');
    if (!keys[name]) continue;
    const key = hash === 'plain' ? { key: keys[name].open, dsaEncoding: 'ieee-p1363' } : keys[name].open;
    const algorithm = hash === 'plain' ? 'sha256' : hash;
    await say('made elsewhere: ' + what, () => [verify(algorithm, data, key, Buffer.from(text, 'base64')), createVerify(algorithm).update(data).verify(key, text, 'base64'), verify(algorithm, Buffer.from('x'), key, Buffer.from(text, 'base64'))]);
  }
  await say('made elsewhere: salted', () => [createVerify('sha256').update(data).verify({ key: keys.rsa.open, padding: 6 }, made.salted, 'base64'), verify('sha256', data, { key: keys.rsa.open, padding: 6 }, Buffer.from(made.salted, 'base64'))]);
  for (const name of ['p224', 'p256', 'p384', 'p521', 'ed25519', 'x25519']) {
    for (const hash of ['sha256', 'sha512', 'md5', null]) {
      await say(name + ' ' + hash, () => {
        const s = sign(hash, data, keys[name].secret);
        return [name === 'ed25519' ? s.toString('base64') : s.length > 40, verify(hash, data, keys[name].open, s), verify(hash, data, keys[name].open, Buffer.alloc(64)), verify(hash, data, keys[name].open, Buffer.alloc(0))];
      });
      await say(name + ' ' + hash + ' plain', () => {
        const s = sign(hash, data, { key: keys[name].secret, dsaEncoding: 'ieee-p1363' });
        return [s.length, verify(hash, data, { key: keys[name].open, dsaEncoding: 'ieee-p1363' }, s), name !== 'ed25519' && verify(hash, data, keys[name].open, s)];
      });
      await say(name + ' ' + hash + ' verifying alone', () => verify(hash, data, keys[name].open, Buffer.alloc(64)));
      await say(name + ' ' + hash + ' in a stream', () => { const s = createSign(hash).update(data).sign(keys[name].secret); return createVerify(hash).update(data).verify(keys[name].open, s) });
      await say(name + ' ' + hash + ' verifying in a stream', () => createVerify(hash).update(data).verify(keys[name].open, Buffer.alloc(64)));
    }
  }
  await say('ECDSA is never the same', () => sign('sha256', data, keys.p256.secret).equals(sign('sha256', data, keys.p256.secret)));
  await say('no signatures', () => ['3006020101020101', '30', '300602010102010100', '3006020100020100', '3007020101020100ff'].map((hex) => verify('sha256', data, keys.p256.open, Buffer.from(hex, 'hex'))));
  for (const name of ['rsa512']) for (const hash of ['sha256', 'sha384', 'sha512']) for (const padding of [1, 6]) {
    await say(name + ' ' + hash + ' padding ' + padding, () => sign(hash, data, { key: keys[name].secret, padding }).length);
    await say(name + ' ' + hash + ' padding ' + padding + ' in a stream', () => createSign(hash).update(data).sign({ key: keys[name].secret, padding }).length);
    await say(name + ' ' + hash + ' padding ' + padding + ' verified', () => [verify(hash, data, { key: keys[name].open, padding }, Buffer.alloc(64)), createVerify(hash).update(data).verify({ key: keys[name].open, padding }, Buffer.alloc(64))]);
  }
  await say('a padding in one step is not looked at', () => [3, 4, 6, 9].map((padding) => sign('sha256', data, { key: keys.rsa.secret, padding }).equals(sign('sha256', data, keys.rsa.secret))));
  for (const padding of [0, 1, 2, 3, 4, 5, 6, 7, 'x', 1.5, null]) {
    await say('padding ' + padding, () => createSign('sha256').update(data).sign({ key: keys.rsa.secret, padding }).length);
    await say('padding ' + padding + ' verified', () => createVerify('sha256').update(data).verify({ key: keys.rsa.open, padding }, Buffer.alloc(256)));
    await say('padding ' + padding + ' of a curve', () => createSign('sha256').update(data).sign({ key: keys.p256.secret, padding }).length > 60);
  }
  const salts = [undefined, -3, -2, -1, 0, 20, 32, 222, 223];
  for (const saltLength of salts) await say('salt of ' + saltLength, () => {
    const s = createSign('sha256').update(data).sign({ key: keys.rsa.secret, padding: 6, saltLength });
    return salts.map((asked) => message(() => createVerify('sha256').update(data).verify({ key: keys.rsa.open, padding: 6, saltLength: asked }, s)));
  });
  await say('salt of a text', () => createSign('sha256').update(data).sign({ key: keys.rsa.secret, saltLength: 'x' }));

  const given = {
    undefined: undefined, null: null, empty: '', number: 5, object: {}, 'public PEM': keys.rsa.open, 'private PEM': keys.rsa.secret, 'private PEM as bytes': Buffer.from(keys.rsa.secret),
    'public key': crypto.createPublicKey(keys.rsa.open), 'private key': crypto.createPrivateKey(keys.rsa.secret), 'secret key': crypto.createSecretKey('a'), 'key in options': { key: crypto.createPrivateKey(keys.rsa.secret) },
    JWK: { key: keys.rsa.secretJwk, format: 'jwk' }, 'JWK alone': keys.rsa.secretJwk, locked: keys.rsa.locked, unlocked: { key: keys.rsa.locked, passphrase: 'secret' }, certificate: keys.rsa.certificate,
    DER: { key: derOf(keys.rsa.secret), format: 'der', type: 'pkcs8' }, 'DER without type': { key: derOf(keys.rsa.secret), format: 'der' }, 'another encoding': { key: keys.p256.secret, dsaEncoding: 'xx' },
  };
  for (const [name, key] of Object.entries(given)) {
    await say('sign with ' + name, () => sign('sha256', data, key).length);
    await say('createSign with ' + name, () => createSign('sha256').update(data).sign(key).length);
    await say('verify with ' + name, () => verify('sha256', data, key, sign('sha256', data, keys.rsa.secret)));
    await say('createVerify with ' + name, () => createVerify('sha256').update(data).verify(key, Buffer.alloc(256)));
  }
  for (const algorithm of [undefined, null, 5]) {
    await say('createSign of ' + algorithm, () => createSign(algorithm));
    await say('createVerify of ' + algorithm, () => createVerify(algorithm));
    await say('sign of ' + algorithm, () => sign(algorithm, data, keys.rsa.secret));
  }
  for (const what of ['text', 5, undefined, new ArrayBuffer(2)]) {
    await say('sign ' + what, () => sign('sha256', what, keys.rsa.secret).length);
    await say('createSign of data ' + what, () => createSign('sha256').update(what).sign(keys.rsa.secret).length);
    await say('verify signature ' + what, () => verify('sha256', data, keys.rsa.open, what));
    await say('createVerify signature ' + what, () => createVerify('sha256').update(data).verify(keys.rsa.open, what));
  }
  await say('signed twice', () => { const s = createSign('sha256').update(data); s.sign(keys.p256.secret); return s.sign(keys.p256.secret) });
  await say('updated after', () => { const s = createSign('sha256').update(data); s.sign(keys.p256.secret); return s.update('x') });
  await say('verified twice', () => { const s = createVerify('sha256').update(data); s.verify(keys.p256.open, data); return s.verify(keys.p256.open, data) });
  await say('updated after verifying', () => { const s = createVerify('sha256').update(data); s.verify(keys.p256.open, data); return s.update('x') });
  await say('again after a refusal', () => { const s = createSign('sha256').update(data); message(() => s.sign(keys.x25519.secret)); return s.sign(keys.p256.secret) });
  await say('again after no key', () => { const s = createSign('sha256').update(data); message(() => s.sign('x')); return s.sign(keys.rsa.secret, 'hex').slice(0, 20) });
  await say('encodings', () => [createSign('sha256').update('68656c6c6f', 'hex').sign(keys.rsa.secret, 'hex').slice(0, 20), createSign('sha256').update(data).sign(keys.rsa.secret, 'base64url').slice(0, 20), createSign('sha256').update(data).sign(keys.rsa.secret, 'buffer').length]);
  await say('as a stream', () => { const s = createSign('sha256'); s.write('hel'); s.end('lo'); return s.sign(keys.rsa.secret, 'hex').slice(0, 20) });
  await say('without new', () => [crypto.Sign, crypto.Verify].map((Class) => { const s = Class('sha256'); return [s.constructor.name, s instanceof Class, s.constructor === Class, Object.getOwnPropertyNames(Class.prototype)] }));
  const told = (f) => new Promise((resolve) => { let isSync = true; f((error, value) => resolve([error, Buffer.isBuffer(value) ? value.length : value, isSync])); isSync = false; });
  await say('sign calls back', () => told((done) => sign('sha256', data, keys.rsa.secret, done)));
  await say('sign calls back with an error', () => told((done) => sign('nope', data, keys.rsa.secret, done)));
  await say('sign throws for a key', () => told((done) => sign('sha256', data, 'x', done)));
  await say('verify calls back', () => told((done) => verify('sha256', data, keys.rsa.open, Buffer.alloc(2), done)));
  await say('verify calls back with an error', () => told((done) => verify('nope', data, keys.rsa.open, Buffer.alloc(2), done)));
});
`.replace('SIGNATURES', () => JSON.stringify(MADE)),
});
