import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'WebCrypto also digests by MD5, exports keys with their members in order, and says in words what it refuses.',
  rows: ['1.global-scope', '4.uncloneable'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';

const { subtle } = crypto;
const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => [...new Uint8Array(bytes)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const aes = (usages, name = 'AES-GCM', extractable = false) => subtle.importKey('raw', new Uint8Array(16), name, extractable, usages);
const hmac = (usages) => subtle.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: 'SHA-256' }, true, usages);

export class Obj extends DurableObject {
  async seal() {
    const key = await subtle.generateKey({ name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']);
    await this.ctx.storage.put('jwk', await subtle.exportKey('jwk', key));
    const iv = crypto.getRandomValues(new Uint8Array(12));
    const sealed = await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: utf8('for me') }, key, utf8('secret'));
    this.ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS sealed (iv BLOB, data BLOB)');
    this.ctx.storage.sql.exec('INSERT INTO sealed VALUES (?, ?)', iv, sealed);
    return [sealed.byteLength, Object.keys(await this.ctx.storage.get('jwk'))];
  }
  async open(whom) {
    const key = await subtle.importKey('jwk', await this.ctx.storage.get('jwk'), 'AES-GCM', false, ['decrypt']);
    const { iv, data } = this.ctx.storage.sql.exec('SELECT * FROM sealed').one();
    return new TextDecoder().decode(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData: utf8(whom) }, key, data));
  }
}

export default worker(async ({ say, env }) => {
  const obj = env.OBJ.getByName('o');
  await say('sealed', () => obj.seal());
  await say('opened', () => obj.open('for me'));
  await say('not opened', () => obj.open('for another'));
  for (const name of ['MD5', 'md5', 'SHA-1', 'sha-256', 'SHA-384', 'SHA-512']) await say('digest ' + name, async () => hex(await subtle.digest(name, utf8('abc'))).slice(0, 40));
  await say('digest by an object', async () => [hex(await subtle.digest({ name: 'MD5' }, utf8('abc').buffer)), (await subtle.digest({ name: 'sha-1' }, new DataView(new ArrayBuffer(4), 1, 2))).byteLength]);
  await say('an unknown digest', () => subtle.digest('SHA3-256', utf8('a')));
  await say('a digest of a text', () => subtle.digest('SHA-256', 'text'));
  await say('a digest of a list', () => subtle.digest('MD5', [1]));
  for (const [what, make] of [['AES-GCM', () => aes(['encrypt', 'decrypt'], 'AES-GCM', true)], ['HMAC', () => hmac(['verify', 'sign'])]])
    await say('JWK of ' + what, async () => { const jwk = await subtle.exportKey('jwk', await make()); return [Object.keys(jwk).join(' '), JSON.stringify(jwk)] });
  for (const [name, namedCurve] of [['ECDSA', 'P-256'], ['ECDH', 'P-384'], ['Ed25519']])
    await say('JWK of ' + name, async () => { const pair = await subtle.generateKey({ name, namedCurve }, true, name === 'ECDH' ? ['deriveBits'] : ['sign', 'verify']); const show = async (key) => JSON.stringify(await subtle.exportKey('jwk', key)).replace(/"([xyd])":"[^"]*"/g, '$1'); return [await show(pair.publicKey), await show(pair.privateKey)] });
  await say('JWK of RSA', async () => { const { publicKey } = await subtle.generateKey({ name: 'RSASSA-PKCS1-v1_5', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]), hash: 'SHA-256' }, true, ['sign', 'verify']); return JSON.stringify(await subtle.exportKey('jwk', publicKey)).replace(/"n":"[^"]*"/, 'n') });
  for (const [what, f] of Object.entries({
    'a short key': () => subtle.importKey('raw', new Uint8Array(5), 'AES-GCM', true, ['encrypt']),
    'no usages': () => subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', true, []),
    'another usage': async () => subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, await aes(['encrypt']), new Uint8Array(20)),
    'another algorithm': async () => subtle.sign('HMAC', await aes(['encrypt']), new Uint8Array(20)),
    'a signature without the usage': async () => subtle.sign('HMAC', await hmac(['verify']), new Uint8Array(1)),
    'what may not be exported': async () => subtle.exportKey('raw', await aes(['encrypt'])),
    'nothing that was sealed': async () => subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, await aes(['decrypt']), new Uint8Array(20)),
    'less than a tag': async () => subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, await aes(['decrypt']), new Uint8Array(3)),
    'bad padding': async () => subtle.decrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, await aes(['decrypt'], 'AES-CBC'), new Uint8Array(16)),
    'a short vector': async () => subtle.encrypt({ name: 'AES-CBC', iv: new Uint8Array(3) }, await aes(['encrypt'], 'AES-CBC'), new Uint8Array(16)),
    'a wrong signature': async () => subtle.verify('HMAC', await hmac(['verify']), new Uint8Array(3), new Uint8Array(1)),
    'a key in a call': async () => obj.open(await aes(['decrypt'])),
    'a key that is cloned': async () => structuredClone(await aes(['decrypt'])),
  })) await say(what, f);
});
`,
});
