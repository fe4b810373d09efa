import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto has constants and names of OpenSSL, refuses what it has not, and its hashes are streams.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import crypto, * as all from 'node:crypto';
import { Readable } from 'node:stream';
import { worker } from './prelude.js';

const { constants, createHash, createHmac, Hash, hash, Hmac } = all;

export default worker(async ({ say }) => {
  await say('names', () => Object.keys(all).join(' '));
  await say('constants', () => [Object.keys(constants), Object.getPrototypeOf(constants), Object.getOwnPropertyNames(constants).sort().map((name) => name + '=' + constants[name]).join(' ')]);
  await say('a constant is written', () => { constants.RSA_PKCS1_PADDING = 5 });
  await say('the list of ciphers is written', () => { constants.defaultCipherList = 'a'; return [constants.defaultCipherList, delete constants.defaultCipherList] });
  await say('heap', () => crypto.secureHeapUsed());
  await say('names in the default export', () => Object.keys(crypto).filter((name) => name !== 'diffieHellman').join(' '));
  await say('fips', () => [crypto.getFips(), all.fips, crypto.fips]);
  await say('fips is written', () => { crypto.fips = false });
  await say('the default export is written', () => { crypto.mine = 1; return [crypto.mine, delete crypto.mine] });
  for (const name of ['setEngine', 'setFips', 'createCipher', 'createDecipher', 'Cipher', 'Decipher']) await say(name, () => all[name]('a'));
  await say('a key for WebCrypto', () => crypto.generateKeyPairSync('ed25519').publicKey.toCryptoKey());

  for (const name of ['sha512-256', 'SHA512-256', 'sha512-224', 'md5-sha1', 'DSA-SHA', 'ecdsa-with-SHA1', 'RSA-MD5', 'rsa-md5', 'SHA-256', 'sha-1', 'Sha1', 'ripemd160', 'rmd160', 'sha3-256', 'shake128', 'blake2b512', 'whirlpool', ''])
    await say('hash ' + name, () => createHash(name).update('abc').digest('hex'));
  for (const name of ['sha512-256', 'RSA-SHA384', 'rsa-sha384', 'sha3-256', 'ecdsa-with-SHA1']) await say('hmac ' + name, () => createHmac(name, 'k').update('abc').digest('hex'));
  for (const outputLength of [32, 8, 33, -1, 'a', 1.5, null]) await say('a length of ' + outputLength, () => createHash('sha256', { outputLength }).update('a').digest('hex'));
  await say('a copy', () => { const one = createHash('sha1').update('a'); const two = one.copy(); one.digest(); return two.update('b').digest('hex') });
  await say('a copy of what is over', () => { const one = createHash('sha1'); one.digest(); return one.copy() });
  await say('an hmac is over', () => { const it = createHmac('md5', 'k'); it.digest(); return [it.digest().length, it.digest('hex'), it.copy] });
  await say('an hmac is updated when it is over', () => { const it = createHmac('md5', 'k'); it.digest(); it.update('a') });
  await say('a key in an encoding', () => [createHmac('md5', '6b', { encoding: 'hex' }).digest('hex') === createHmac('md5', 'k').digest('hex')]);
  await say('an encoding that is none', () => createHmac('md5', 'k', { encoding: 5 }));
  await say('the classes', () => [Hash('md5').digest('hex'), Hash('md5') instanceof Hash, Hmac('md5', 'k').constructor.name, Object.getOwnPropertyNames(Hash.prototype).sort(), Object.getOwnPropertyNames(Hmac.prototype).sort()]);
  await say('read', () => { const it = createHash('md5'); it.write('a'); it.end(); return it.read().toString('hex') });
  await say('piped', async () => { let text = ''; for await (const chunk of Readable.from(['a', 'b']).pipe(createHash('md5'))) text += chunk.toString('hex'); return text });
  await say('piped as text', async () => { const it = createHash('md5'); it.setEncoding('hex'); it.end('a'); let text = ''; for await (const chunk of it) text += chunk; return text });
  await say('in one step', () => [hash('md5', 'a'), hash('md5', Buffer.from('a'), 'base64'), hash('md5', new Uint16Array([97]))]);
  for (const args of [['md5', 5], [5, 'a'], ['md5', 'a', 5], ['md5', new ArrayBuffer(2)], ['nope', 'a']]) await say('in one step of ' + args, () => hash(...args));
  for (const data of [5, null, undefined, new ArrayBuffer(2), {}]) await say('updated with ' + data, () => createHash('md5').update(data));
  await say('of nothing', () => createHash());
  await say('an hmac of nothing', () => createHmac());
  await say('an hmac of a public key', () => createHmac('md5', crypto.generateKeyPairSync('ed25519').publicKey));
});
`,
});
