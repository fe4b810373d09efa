import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto derives keys by PBKDF2, HKDF and scrypt, gives random values, and says which argument is wrong.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import crypto, { createSecretKey, hkdf, hkdfSync, pbkdf2, pbkdf2Sync, scrypt, scryptSync } from 'node:crypto';
import { worker } from './prelude.js';

const call = (f) => new Promise((resolve, reject) => f((error, value) => (error ? reject(error) : resolve(value))));
const hex = (bytes) => Buffer.from(bytes).toString('hex');
const shown = (args) => JSON.stringify(args, (_, value) => (value === undefined ? 'undefined' : typeof value === 'string' ? value.slice(0, 9) : value));

export default worker(async ({ say }) => {
  for (const digest of ['sha1', 'SHA256', 'sha-256', 'RSA-SHA256', 'rsa-sha256', 'sha512-256', 'sha3-256', 'ripemd160', 'nope', 5, undefined, null]) {
    await say('hkdf with ' + digest, () => hex(hkdfSync(digest, 'k', 's', 'i', 8)));
    await say('pbkdf2 with ' + digest, () => hex(pbkdf2Sync('k', 's', 1, 8, digest)));
  }
  for (const args of [[5, 's', 1, 8, 'sha1'], ['k', 5, 1, 8, 'sha1'], ['k', 's', 0, 8, 'sha1'], ['k', 's', '1', 8, 'sha1'], ['k', 's', 1.5, 8, 'sha1'], ['k', 's', 1, -1, 'sha1'], ['k', 's', 1, 0, 'sha1'], ['k', 's', 1, '8', 'sha1'], ['k', 's', 1, 8]])
    await say('pbkdf2 ' + shown(args), () => hex(pbkdf2Sync(...args)));
  for (const args of [['sha1', 5, 's', 'i', 8], ['sha1', 'k', 5, 'i', 8], ['sha1', 'k', 's', 5, 8], ['sha1', 'k', 's', 'i', -1], ['sha1', 'k', 's', 'i', 0], ['sha1', 'k', 's', 'i', '8'], ['sha1', 'k', 's', 'i', 99999], ['sha1', 'k', 's', 'i', 2 ** 31], ['sha1', 'k', 's', 'i'.repeat(1025), 8], ['sha1', '', '', '', 8]])
    await say('hkdf ' + shown(args), () => { const it = hkdfSync(...args); return [it.constructor.name, hex(it)] });
  await say('hkdf of a key', () => hex(hkdfSync('sha1', createSecretKey('k'), 's', 'i', 8)));
  for (const args of [[5, 's', 8], ['k', 5, 8], ['k', 's', -1], ['k', 's', 0], ['k', 's', '8'], ['k', 's', 8, { N: 15 }], ['k', 's', 8, { N: 1 }], ['k', 's', 8, { N: 16, cost: 16 }], ['k', 's', 8, { r: 0 }], ['k', 's', 8, { maxmem: 5 }], ['k', 's', 8, { N: 2 ** 20 }], ['k', 's', 8, { N: 'a' }], ['k', 's', 8, null], ['k', 's', 8, { cost: 16, blockSize: 1, parallelization: 1 }]])
    await say('scrypt ' + shown(args), () => hex(scryptSync(...args)));
  await say('told later', async () => [hex(await call((done) => pbkdf2('k', 's', 1, 8, 'sha1', done))), hex(await call((done) => hkdf('sha1', 'k', 's', 'i', 8, done))), hex(await call((done) => scrypt('k', 's', 8, done))), hex(await call((done) => scrypt('k', 's', 8, { N: 16 }, done)))]);
  await say('refused later', () => call((done) => pbkdf2('k', 's', 1, 8, 'nope', done)));
  await say('pbkdf2 without a hash', () => pbkdf2('k', 's', 1, 8, () => {}));
  await say('told nobody', () => scrypt('k', 's', 8));

  for (const size of ['a', 1.5, -1, 2 ** 31, undefined, null]) await say('randomBytes of ' + size, () => crypto.randomBytes(size).length);
  for (const args of [['a'], [5], [0], [-1], [5, 5], [6, 5], [0.5], [2 ** 48], [2 ** 53], [0, 2 ** 48 - 1], [0, 2 ** 48], [1, 'a'], [undefined], []]) await say('randomInt of ' + args, () => typeof crypto.randomInt(...args));
  await say('randomInt, told later', async () => typeof (await call((done) => crypto.randomInt(5, done))));
  for (const args of [['a'], [[]], [new Uint8Array(4), -1], [new Uint8Array(4), 1, 4], [new Uint8Array(4), 'a'], [new Uint8Array(4), 1, -1]]) await say('randomFillSync of ' + shown(args), () => crypto.randomFillSync(...args).length);
  for (const options of [5, null, {}, { disableEntropyCache: true }, { disableEntropyCache: 1 }]) await say('randomUUID with ' + shown(options), () => crypto.randomUUID(options).length);
  await say('timingSafeEqual of text', () => crypto.timingSafeEqual('a', 'a'));
  await say('timingSafeEqual of bytes and text', () => crypto.timingSafeEqual(Buffer.from('a'), 'a'));
  await say('timingSafeEqual of buffers', () => [crypto.timingSafeEqual(new ArrayBuffer(2), new Uint16Array(1)), crypto.timingSafeEqual(new DataView(new ArrayBuffer(2)), new Uint8Array([0, 1]))]);
});
`,
});
