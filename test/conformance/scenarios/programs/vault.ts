import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A vault seals values with WebCrypto: signed cookies, JWTs of three algorithms, wrapped and derived keys kept in storage, digests by streams, and constant-time comparisons.',
  rows: ['1.global-scope', '7.serialiser', '4.by-value', '3.fetch'],
  config: objects({ VAULT: 'Vault' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, show, showNow, tag, worker } from './prelude.js';
const { subtle } = crypto; const enc = new TextEncoder(), dec = new TextDecoder();
const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16).padStart(2, '0')).join('');
const b64u = (b) => btoa(String.fromCharCode(...new Uint8Array(typeof b === 'string' ? enc.encode(b) : b))).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '');
const unb64u = (s) => Uint8Array.from(atob(s.replaceAll('-', '+').replaceAll('_', '/')), (c) => c.charCodeAt(0));
const algorithms = { HS256: { name: 'HMAC', hash: 'SHA-256' }, ES256: { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }, RS256: { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', modulusLength: 2048, publicExponent: new Uint8Array([1, 0, 1]) }, EdDSA: { name: 'Ed25519' } };

export class Vault extends DurableObject {
  async keys(alg) { let stored = await this.ctx.storage.get('key:' + alg); if (!stored) { const made = await subtle.generateKey(algorithms[alg], true, ['sign', 'verify']); stored = made.privateKey ? { priv: await subtle.exportKey('jwk', made.privateKey), pub: await subtle.exportKey('jwk', made.publicKey) } : { priv: await subtle.exportKey('jwk', made) }; await this.ctx.storage.put('key:' + alg, stored) } const priv = await subtle.importKey('jwk', stored.priv, algorithms[alg], false, stored.pub ? ['sign'] : ['sign', 'verify']); return { priv, pub: stored.pub ? await subtle.importKey('jwk', stored.pub, algorithms[alg], true, ['verify']) : priv, stored } }
  async sign(alg, claims) { const { priv } = await this.keys(alg); const head = b64u(JSON.stringify({ alg, typ: 'JWT' })) + '.' + b64u(JSON.stringify(claims)); return head + '.' + b64u(await subtle.sign(algorithms[alg], priv, enc.encode(head))) }
  async verify(token) { const [h, c, s] = token.split('.'); const { alg } = JSON.parse(dec.decode(unb64u(h))); const { pub } = await this.keys(alg); if (!(await subtle.verify(algorithms[alg], pub, unb64u(s), enc.encode(h + '.' + c)))) throw new Error('bad signature'); const claims = JSON.parse(dec.decode(unb64u(c))); if (claims.exp < 1000) throw new RangeError('expired'); return claims }
  async shapes() { const out = {}; for (const alg of Object.keys(algorithms)) { const { stored, priv, pub } = await this.keys(alg); out[alg] = [Object.keys(stored.priv).sort().join(), stored.priv.key_ops, stored.priv.ext, stored.priv.alg, priv.type, priv.extractable, priv.usages, pub.type, Object.keys(priv.algorithm).sort().join(), tag(priv)] } return out }
  async storesKey() { const { priv } = await this.keys('HS256'); return [await show(() => this.ctx.storage.put('k', priv)), await show(() => structuredClone(priv)), await show(() => this.env.VAULT.getByName('other').echo(priv))] }
  echo(v) { return tag(v) }
  async hmac(key, text) { const k = await subtle.importKey('raw', enc.encode(key), algorithms.HS256, false, ['sign']); return hex(await subtle.sign('HMAC', k, enc.encode(text))) }
  async derive(password, salt) { const base = await subtle.importKey('raw', enc.encode(password), 'PBKDF2', false, ['deriveBits', 'deriveKey']); const bits = await subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt: enc.encode(salt), iterations: 1000 }, base, 256); const hk = await subtle.importKey('raw', bits, 'HKDF', false, ['deriveBits', 'deriveKey']); const key = await subtle.deriveKey({ name: 'HKDF', hash: 'SHA-512', salt: new Uint8Array(4), info: enc.encode('i') }, hk, { name: 'AES-GCM', length: 256 }, true, ['encrypt', 'decrypt']); return { bits: hex(bits), key: hex(await subtle.exportKey('raw', key)) } }
  async seal(text, { tamper } = {}) { const key = await subtle.importKey('raw', new Uint8Array(32).fill(7), 'AES-GCM', true, ['encrypt', 'decrypt', 'wrapKey', 'unwrapKey']); const iv = new Uint8Array(12); const sealed = new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: enc.encode('aad') }, key, enc.encode(text))); if (tamper) sealed[0] ^= 1; return [hex(sealed), await show(async () => dec.decode(await subtle.decrypt({ name: 'AES-GCM', iv, additionalData: enc.encode('aad') }, key, sealed)))] }
  async wrap() { const kek = await subtle.importKey('raw', new Uint8Array(16).fill(1), 'AES-KW', true, ['wrapKey', 'unwrapKey']); const inner = await subtle.importKey('raw', new Uint8Array(32).fill(2), 'AES-CBC', true, ['encrypt', 'decrypt']); const wrapped = await subtle.wrapKey('raw', inner, kek, 'AES-KW'); const back = await subtle.unwrapKey('raw', wrapped, kek, 'AES-KW', 'AES-CBC', false, ['encrypt', 'decrypt']); const c = await subtle.encrypt({ name: 'AES-CBC', iv: new Uint8Array(16) }, back, enc.encode('block')); return [hex(wrapped), hex(c), back.extractable, await show(() => subtle.exportKey('raw', back)), await show(() => subtle.sign('HMAC', back, new Uint8Array(1)))] }
  async agree() { const make = () => subtle.generateKey({ name: 'ECDH', namedCurve: 'P-384' }, true, ['deriveBits']); const [a, b] = [await make(), await make()]; const x = await subtle.deriveBits({ name: 'ECDH', public: b.publicKey }, a.privateKey, 384), y = await subtle.deriveBits({ name: 'ECDH', public: a.publicKey }, b.privateKey, 384); const [m, n] = [await subtle.generateKey({ name: 'X25519' }, true, ['deriveBits']), await subtle.generateKey({ name: 'X25519' }, true, ['deriveBits'])]; const p = await subtle.deriveBits({ name: 'X25519', public: n.publicKey }, m.privateKey, 256); return [hex(x) === hex(y), x.byteLength, p.byteLength, (await subtle.exportKey('raw', a.publicKey)).byteLength, (await subtle.exportKey('spki', a.publicKey)).byteLength, (await subtle.exportKey('pkcs8', m.privateKey)).byteLength] }
  async digests() { const out = {}; for (const a of ['SHA-1', 'SHA-256', 'SHA-384', 'SHA-512', 'MD5']) { out[a] = hex(await subtle.digest(a, enc.encode('abc'))).slice(0, 16); const s = new crypto.DigestStream(a); const w = s.getWriter(); await w.write(enc.encode('a')); await w.write(new Uint8Array(enc.encode('xbcx')).subarray(1, 3)); await w.close(); out[a] += hex(await s.digest).slice(0, 16) === out[a] ? ' same ' + s.bytesWritten : ' other' } const piped = new crypto.DigestStream({ name: 'SHA-256' }); await new Response('piped').body.pipeTo(piped); out.piped = hex(await piped.digest).slice(0, 8); out.text = await show(async () => { const s = new crypto.DigestStream('SHA-256'); const w = s.getWriter(); await w.write('text'); await w.close(); return hex(await s.digest).slice(0, 8) }); out.bad = await show(async () => { const s = new crypto.DigestStream('SHA-256'); const w = s.getWriter(); await w.write(5) }); out.unknown = showNow(() => new crypto.DigestStream('SHA-3')); out.aborted = await show(async () => { const s = new crypto.DigestStream('SHA-256'); const w = s.getWriter(); s.digest.catch(() => 0); await w.abort(new Error('stop')); return s.digest }); return out }
  equal() { const t = subtle.timingSafeEqual; return [showNow(() => subtle.timingSafeEqual(enc.encode('a'), enc.encode('a'))), showNow(() => subtle.timingSafeEqual(enc.encode('a'), enc.encode('b'))), showNow(() => subtle.timingSafeEqual(enc.encode('a'), enc.encode('ab'))), showNow(() => subtle.timingSafeEqual('a', 'a')), showNow(() => subtle.timingSafeEqual(new ArrayBuffer(2), new Uint16Array(1))), showNow(() => subtle.timingSafeEqual()), typeof t] }
  async wrong() { const k = await subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, ['encrypt']); return [await show(() => subtle.digest('SHA-0', new Uint8Array())), await show(() => subtle.digest('SHA-256', 'text')), await show(() => subtle.decrypt({ name: 'AES-GCM', iv: new Uint8Array(12) }, k, new Uint8Array(16))), await show(() => subtle.exportKey('raw', k)), await show(() => subtle.importKey('raw', new Uint8Array(5), 'AES-GCM', false, ['encrypt'])), await show(() => subtle.importKey('raw', new Uint8Array(16), 'AES-GCM', false, [])), await show(() => subtle.sign('HMAC', {}, new Uint8Array())), showNow(() => crypto.getRandomValues(new Float32Array(1))), showNow(() => crypto.getRandomValues(new Uint8Array(65537))), showNow(() => crypto.getRandomValues(new Uint8Array(4)).length), showNow(() => /^[0-9a-f]{8}-[0-9a-f]{4}-4/.test(crypto.randomUUID())), showNow(() => subtle.constructor.name + tag(subtle) + tag(crypto))] }
}
export default worker(async ({ say, env }) => {
  const vault = env.VAULT.getByName('v');
  for (const alg of Object.keys(algorithms)) {
    const token = await vault.sign(alg, { sub: 'ann', exp: 5000, é: '…' });
    await say(alg, async () => [token.split('.').map((p, i) => (i === 2 && alg !== 'HS256' ? p.length : p.length)), await vault.verify(token)]);
    await say(alg + ' tampered', () => vault.verify(token.slice(0, -8) + 'AAAAAAAA'));
    await say(alg + ' other claims', () => vault.verify(token.split('.').with(1, b64u('{"sub":"eve","exp":9000}')).join('.')));
    await say(alg + ' expired', async () => vault.verify(await vault.sign(alg, { exp: 10 })));
  }
  await say('shapes', () => vault.shapes());
  await say('keys stored', () => vault.storesKey());
  await say('hmac', () => vault.hmac('key', 'The quick brown fox'));
  await say('derive', () => vault.derive('pässword', 'salt'));
  await say('seal', () => vault.seal('secret'));
  await say('tampered', () => vault.seal('secret', { tamper: true }));
  await say('wrap', () => vault.wrap());
  await say('agree', () => vault.agree());
  await say('digests', () => vault.digests());
  await say('equal', () => vault.equal());
  await say('wrong', async () => (await vault.wrong()).join('\\n    '));
});
`,
});
