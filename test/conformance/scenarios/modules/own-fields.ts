import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A DOMException and a CryptoKey have their fields as their own, so that JSON and a copy show them.',
  rows: ['1.global-scope', '4.error-propagation'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';
export class Obj extends DurableObject {
  fail() { throw new DOMException('there', 'AbortError') }
  async keep() { await this.ctx.storage.put('e', new DOMException('kept', 'DataError')); return own(await this.ctx.storage.get('e')) }
}
const plain = (value) => JSON.stringify(value, (key, v) => (key === 'stack' ? String(v).split('\\n')[0] : v));
const own = (value) => [Object.keys(value), plain(value), plain({ ...value })];
const caught = async (f) => { try { await f(); return 'nothing' } catch (e) { return own(e) } };
export default worker(async ({ say, env }) => {
  const S = crypto.subtle;
  await say('an exception', () => own(new DOMException('m', 'AbortError')));
  await say('one without arguments', () => own(new DOMException()));
  await say('one of a subclass', () => { class E extends DOMException { mine = 1 } const e = new E('m', 'SyntaxError'); return [own(e), e instanceof DOMException, e instanceof Error] });
  await say('its fields', () => { const e = new DOMException('m'); return ['code', 'name', 'message'].map((k) => plain(Object.getOwnPropertyDescriptor(e, k))) });
  await say('its stack', () => { const { value, ...rest } = Object.getOwnPropertyDescriptor(new DOMException('m', 'AbortError'), 'stack'); return [rest.enumerable, rest.configurable, new DOMException('m', 'AbortError').stack.split('\\n').length > 1] });
  await say('a reason', () => { const c = new AbortController(); c.abort(); return own(c.signal.reason) });
  await say('a refusal', () => caught(() => atob('*')));
  await say('a refusal to clone', () => caught(() => structuredClone(() => {})));
  await say('one that was cloned', () => own(structuredClone(new DOMException('m', 'AbortError'))));
  await say('one that was kept', () => env.OBJ.getByName('a').keep());
  await say('one that came', () => caught(() => env.OBJ.getByName('a').fail()));
  const rsa = { modulusLength: 1024, publicExponent: new Uint8Array([1, 0, 1]) };
  const keys = {
    aes: () => S.generateKey({ name: 'AES-GCM', length: 256 }, true, ['decrypt', 'encrypt', 'wrapKey', 'unwrapKey']),
    imported: () => S.importKey('raw', new Uint8Array(16), 'AES-CBC', false, ['decrypt']),
    hmac: () => S.importKey('raw', new Uint8Array(16), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign', 'verify']),
    'hmac that was made': () => S.generateKey({ name: 'HMAC', hash: { name: 'SHA-512' } }, true, ['verify', 'sign']),
    ecdsa: () => S.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']),
    ecdh: () => S.generateKey({ name: 'ECDH', namedCurve: 'P-384' }, false, ['deriveKey', 'deriveBits']),
    rsa: () => S.generateKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', ...rsa }, true, ['sign', 'verify']),
    oaep: () => S.generateKey({ name: 'RSA-OAEP', hash: 'SHA-1', ...rsa }, true, ['encrypt', 'decrypt']),
    pbkdf2: () => S.importKey('raw', new Uint8Array(4), 'PBKDF2', false, ['deriveKey', 'deriveBits']),
    hkdf: () => S.importKey('raw', new Uint8Array(4), { name: 'HKDF' }, false, ['deriveKey']),
    derived: async () => S.deriveKey({ name: 'PBKDF2', salt: new Uint8Array(8), iterations: 2, hash: 'SHA-256' }, await keys.pbkdf2(), { name: 'AES-CTR', length: 128 }, true, ['encrypt']),
    ed25519: () => S.generateKey('Ed25519', true, ['sign', 'verify']),
    jwk: () => S.importKey('jwk', { kty: 'oct', k: 'AAAAAAAAAAAAAAAAAAAAAA' }, 'AES-GCM', true, ['encrypt']),
  };
  const unwrapped = async () => { const by = await keys.aes(); const how = { name: 'AES-GCM', iv: new Uint8Array(12) }; return S.unwrapKey('raw', await S.wrapKey('raw', await keys.aes(), by, how), by, how, 'AES-CBC', true, ['encrypt']) };
  keys.unwrapped = unwrapped;
  for (const name in keys) {
    await say('key ' + name, async () => own(await keys[name]()));
    await say('kind of ' + name, async () => { const made = await keys[name](); const key = made.publicKey ?? made; return [key instanceof CryptoKey, Object.prototype.toString.call(key), (await S.exportKey('raw', key).then((raw) => raw.byteLength, (e) => e.name)) > 0] });
  }
  await say('its fields, of a key', async () => { const k = await keys.aes(); return ['usages', 'algorithm', 'extractable', 'type'].map((f) => plain(Object.getOwnPropertyDescriptor(k, f))) });
  await say('a key that is changed', async () => { const k = await keys.aes(); k.type = 'x' });
});
`,
});
