import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:crypto hashes, makes keys of passwords, encrypts with AES, and gives random values inside events only.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import crypto, { createHash, createHmac, randomBytes, randomInt, timingSafeEqual } from 'node:crypto';
import { worker } from './prelude.js';

let top;
try { top = randomBytes(4).length } catch (error) { top = error.message.slice(0, 50) }
const call = (f) => new Promise((resolve, reject) => f((error, value) => (error ? reject(error) : resolve(value))));

export default worker(async ({ say }) => {
  await say('random at module scope', () => top);
  for (const name of ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512', 'SHA256', 'RSA-SHA1']) {
    await say(name, () => createHash(name).update('abc').digest('hex'));
    await say('hmac ' + name, () => createHmac(name, 'key').update('abc').digest('base64'));
  }
  await say('in pieces', () => createHash('sha256').update('a').update(Buffer.from('b')).update('63', 'hex').digest('base64url'));
  await say('digest gives a Buffer', () => Buffer.isBuffer(createHash('md5').digest()));
  await say('an algorithm that is none', () => createHash('nope'));
  await say('an hmac that is none', () => createHmac('nope', 'k'));
  await say('an hmac without a key', () => createHmac('sha256'));
  await say('digest twice', () => { const h = createHash('md5'); h.digest(); return h.digest() });
  await say('update with a number', () => createHash('md5').update(5));
  await say('copy', () => { const h = createHash('sha1').update('a'); const c = h.copy(); return [c.update('b').digest('hex') === createHash('sha1').update('ab').digest('hex'), h.digest('hex') === createHash('sha1').update('a').digest('hex')] });
  await say('hash', () => [crypto.hash('sha1', 'abc'), crypto.hash('md5', 'abc', 'base64')]);
  await say('randomBytes', async () => [randomBytes(8).length, Buffer.isBuffer(randomBytes(1)), (await call((done) => randomBytes(3, done))).length]);
  await say('randomBytes of less than nothing', () => randomBytes(-1));
  await say('randomInt', () => [randomInt(1), randomInt(5, 6), [...Array(50)].every(() => { const n = randomInt(3, 7); return n >= 3 && n < 7 })]);
  await say('randomInt of nothing', () => randomInt(0));
  await say('randomUUID', () => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(crypto.randomUUID()));
  await say('randomFillSync', () => crypto.randomFillSync(new Uint8Array(5)).length);
  await say('timingSafeEqual', () => [timingSafeEqual(Buffer.from('ab'), Buffer.from('ab')), timingSafeEqual(Buffer.from('ab'), Buffer.from('ac'))]);
  await say('timingSafeEqual of two lengths', () => timingSafeEqual(Buffer.from('a'), Buffer.from('ab')));
  await say('pbkdf2', async () => [crypto.pbkdf2Sync('pw', 'salt', 10, 20, 'sha256').toString('hex'), (await call((done) => crypto.pbkdf2('pw', 'salt', 10, 20, 'sha1', done))).toString('hex')]);
  await say('scrypt', async () => [crypto.scryptSync('pw', 'salt', 16, { N: 16 }).toString('hex'), (await call((done) => crypto.scrypt('pw', 'salt', 16, { N: 16 }, done))).toString('hex')]);
  await say('hkdf', () => Buffer.from(crypto.hkdfSync('sha256', 'key', 'salt', 'info', 16)).toString('hex'));
  for (const name of ['aes-256-cbc', 'aes-128-ctr', 'aes-256-gcm']) {
    await say(name, () => {
      const key = Buffer.alloc(name.includes('256') ? 32 : 16, 7), iv = Buffer.alloc(name.includes('gcm') ? 12 : 16, 9);
      const c = crypto.createCipheriv(name, key, iv);
      const text = c.update('attack at dawn', 'utf8', 'hex') + c.final('hex');
      const d = crypto.createDecipheriv(name, key, iv);
      const auth = name.includes('gcm') ? c.getAuthTag() : undefined;
      if (auth) d.setAuthTag(auth);
      return [text, auth?.toString('hex'), d.update(text, 'hex', 'utf8') + d.final('utf8')];
    });
  }
  await say('webcrypto', () => [crypto.webcrypto === globalThis.crypto, crypto.subtle === globalThis.crypto.subtle]);
});
`,
});
