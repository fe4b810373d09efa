import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An auth service signs tokens with HMAC and ECDSA, keeps its keys in an object, hashes passwords, and is bound with props by another Worker.',
  rows: [
    '1.worker-entrypoint',
    '1.ctx-props',
    '1.ctx-exports',
    '1.async-local-storage',
    '4.by-value',
    '4.error-propagation',
    '14.bindings',
    '5.wait-until',
    '8.get-put-delete',
  ],
  config: {
    ...objects({ KEYS: 'Keys', USERS: 'Users' }),
    compatibility_flags: ['nodejs_compat'],
    vars: { ISSUER: 'https://auth.example', PEPPER: 'pepper' },
    services: [
      { binding: 'API', service: 'other' },
      { binding: 'READER', service: 'other', entrypoint: 'Documents', props: { scope: 'read', tenant: { id: 7 } } },
      { binding: 'WRITER', service: 'other', entrypoint: 'Documents', props: { scope: 'write' } },
    ],
  },
  program: `
import { AsyncLocalStorage } from 'node:async_hooks';
import { Buffer } from 'node:buffer';
import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import { inspect } from './prelude.js';

const als = new AsyncLocalStorage();
const trace = (what) => als.getStore()?.steps.push(what);
const b64 = (data) => Buffer.from(data).toString('base64url');
const encode = (value) => b64(JSON.stringify(value));
const decode = (text) => JSON.parse(Buffer.from(text, 'base64url').toString());

class AuthError extends Error {
  constructor(message, status, options) { super(message, options); this.status = status }
  get name() { return 'AuthError' }
}

export class Keys extends DurableObject {
  #pair = this.ctx.blockConcurrencyWhile(async () => {
    const stored = this.ctx.storage.kv.get('ec');
    if (stored) return Object.fromEntries(await Promise.all(Object.entries(stored).map(async ([kind, jwk]) => [kind, await crypto.subtle.importKey('jwk', jwk, { name: 'ECDSA', namedCurve: 'P-256' }, true, jwk.key_ops)])));
    const pair = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify']);
    this.ctx.storage.kv.put('ec', { publicKey: await crypto.subtle.exportKey('jwk', pair.publicKey), privateKey: await crypto.subtle.exportKey('jwk', pair.privateKey) });
    this.ctx.storage.kv.put('hmac', crypto.getRandomValues(new Uint8Array(32)));
    return pair;
  });
  async sign(text) { const { privateKey } = await this.#pair; return crypto.subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, privateKey, new TextEncoder().encode(text)) }
  async verify(text, signature) { const { publicKey } = await this.#pair; return crypto.subtle.verify({ name: 'ECDSA', hash: { name: 'SHA-256' } }, publicKey, signature, new TextEncoder().encode(text)) }
  async jwks() { const { kty, crv, x, y, key_ops, ext } = await crypto.subtle.exportKey('jwk', (await this.#pair).publicKey); return { kty, crv, lengths: [x.length, y.length], key_ops, ext } }
  secret() { return this.ctx.storage.kv.get('hmac') }
  restart() { this.ctx.abort('restart') }
  async key() { const { publicKey, privateKey } = await this.#pair; return [publicKey, privateKey].map((key) => [Object.prototype.toString.call(key), key.type, key.extractable, key.algorithm.name, key.algorithm.namedCurve, key.usages]) }
  async refused() {
    const { subtle } = crypto;
    const { privateKey, publicKey } = await this.#pair;
    const seen = [];
    for (const f of [
      () => subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, publicKey, new Uint8Array(1)),
      () => subtle.importKey('raw', new Uint8Array(3), { name: 'AES-GCM' }, false, ['encrypt']),
      () => subtle.digest('SHA-0', new Uint8Array(1)),
      () => this.ctx.storage.put('key', privateKey),
    ]) seen.push(await f().then(() => 'fine', (error) => error.constructor.name + ' ' + error.name));
    return seen;
  }
}

export class Users extends DurableObject {
  constructor(ctx, env) { super(ctx, env); ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS users (name TEXT PRIMARY KEY COLLATE NOCASE, salt BLOB, hash BLOB)') }
  async #hash(password, salt) {
    const key = await crypto.subtle.importKey('raw', new TextEncoder().encode(password + this.env.PEPPER), 'PBKDF2', false, ['deriveBits']);
    return crypto.subtle.deriveBits({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: 1000 }, key, 256);
  }
  async register(name, password) {
    const salt = randomBytes(16);
    const hash = await this.#hash(password, salt);
    try { this.ctx.storage.sql.exec('INSERT INTO users VALUES (?, ?, ?)', name, salt, hash) } catch (error) { throw new AuthError('taken: ' + name, 409, { cause: error }) }
    return [salt.byteLength, hash.byteLength];
  }
  async check(name, password) {
    const [user] = this.ctx.storage.sql.exec('SELECT name, salt, hash FROM users WHERE name = ?', name).toArray();
    if (!user) throw new AuthError('unknown', 401);
    const hash = await this.#hash(password, user.salt);
    if (!timingSafeEqual(Buffer.from(hash), Buffer.from(user.hash))) throw new AuthError('wrong password', 401);
    return user.name;
  }
}

export class Tokens extends WorkerEntrypoint {
  async issue(sub, alg = 'ES256', claims = {}) {
    trace('issue ' + alg);
    const keys = this.env.KEYS.getByName('k');
    const now = Math.floor(Date.now() / 1000);
    const text = encode({ alg, typ: 'JWT' }) + '.' + encode({ iss: this.env.ISSUER, sub, iat: now, exp: now + 60, ...claims });
    const signature = alg === 'ES256' ? await keys.sign(text) : createHmac('sha256', await keys.secret()).update(text).digest();
    return text + '.' + b64(signature);
  }
  async verify(token) {
    const [head, body, signature, ...more] = token.split('.');
    if (signature === undefined || more.length) throw new AuthError('malformed', 400);
    let alg;
    try { ({ alg } = decode(head)) } catch (error) { throw new AuthError('malformed head', 400, { cause: error.name }) }
    trace('verify ' + alg);
    const keys = this.env.KEYS.getByName('k');
    const bytes = Buffer.from(signature, 'base64url');
    let valid = false;
    if (alg === 'ES256') valid = await keys.verify(head + '.' + body, bytes);
    if (alg === 'HS256') {
      const key = await crypto.subtle.importKey('raw', await keys.secret(), { name: 'HMAC', hash: 'SHA-256' }, false, ['verify']);
      valid = await crypto.subtle.verify('HMAC', key, bytes, new TextEncoder().encode(head + '.' + body));
    }
    if (!valid) throw new AuthError('bad signature', 401);
    const claims = decode(body);
    if (claims.exp * 1000 <= Date.now()) throw new AuthError('expired', 401, { cause: { ago: Math.round(Date.now() / 1000 - claims.exp) > 0 } });
    trace('valid');
    return claims;
  }
}

export default {
  async fetch(request, env, ctx) {
    return als.run({ steps: [] }, async () => {
      const lines = [];
      const say = async (what, f) => { try { lines.push(what + ': ' + inspect(await f())) } catch (error) { lines.push(what + ' THROWS ' + inspect(error)) } };
      const { Tokens, Users } = ctx.exports;
      const users = Users.getByName('u');
      await say('register', () => users.register('Ann', 'secret'));
      await say('taken', () => users.register('ann', 'other'));
      await say('check', () => users.check('ANN', 'secret'));
      await say('wrong', () => users.check('ann', 'Secret'));
      await say('unknown', () => users.check('bob', ''));
      for (const alg of ['ES256', 'HS256']) {
        const token = await Tokens.issue('ann', alg, { roles: ['a'] });
        const [head, body, signature] = token.split('.');
        await say(alg, async () => { const { iat, exp, ...claims } = await Tokens.verify(token); return [decode(head), claims, exp - iat, signature.length] });
        await say('tampered', () => Tokens.verify([head, encode({ ...decode(body), sub: 'root' }), signature].join('.')));
      }
      await say('expired', async () => Tokens.verify(await Tokens.issue('ann', 'HS256', { exp: 1 })));
      await say('none', () => Tokens.verify(encode({ alg: 'none' }) + '.' + encode({}) + '.'));
      await say('malformed', () => Tokens.verify('a.b'));
      await say('not JSON', () => Tokens.verify('a.b.c'));
      const kept = await Tokens.issue('kept');
      const keys = env.KEYS.getByName('k');
      await say('keys', () => keys.key());
      await say('jwks', () => keys.jwks());
      await say('refused', () => keys.refused());
      await keys.restart().catch(() => {});
      await say('after a restart', async () => (await Tokens.verify(kept)).sub);
      await say('documents, to read', async () => [await env.READER.read(kept, 'd'), await env.READER.scope()]);
      await say('to write', () => env.WRITER.write(kept, 'd', 'text'));
      await say('to write by the reader', () => env.READER.write(kept, 'd', 'text'));
      await say('read again', () => env.READER.read(kept, 'd'));
      await say('with a bad token', () => env.READER.read(kept + 'A', 'd'));
      await say('by fetch', async () => { const response = await env.API.fetch('https://api/d', { headers: { authorization: 'Bearer ' + kept } }); return [response.status, await response.json()] });
      await say('by fetch without', async () => { const response = await env.API.fetch('https://api/d'); return [response.status, response.headers.get('www-authenticate'), await response.text()] });
      await say('hashes', () => [createHash('sha1').update('a').update(Buffer.from('b')).digest('hex'), createHash('md5').update('é').digest('base64'), createHash('sha512').update(new Uint8Array(3)).digest().length, createHmac('sha384', 'key').update('x').digest('base64url')]);
      await say('steps', () => als.getStore().steps);
      return new Response(lines.join('\\n'));
    });
  },
};
`,
  other: {
    config: {
      ...objects({ DOCS: 'Docs' }),
      services: [{ binding: 'TOKENS', service: 'first', entrypoint: 'Tokens' }],
    },
    program: `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';

export class Docs extends DurableObject {
  read(name) { return this.ctx.storage.get(name) }
  write(name, doc) { return this.ctx.storage.put(name, doc) }
}
export class Documents extends WorkerEntrypoint {
  async #who(token) { const { sub } = await this.env.TOKENS.verify(token); return sub }
  scope() { return this.ctx.props }
  async read(token, name) { return [await this.#who(token), (await this.env.DOCS.getByName('d').read(name)) ?? null] }
  async write(token, name, text) {
    if (this.ctx.props.scope !== 'write') throw new Error('scope ' + this.ctx.props.scope + ' cannot write');
    const by = await this.#who(token);
    this.ctx.waitUntil(this.env.DOCS.getByName('d').write(name, { text, by }));
  }
}
export default {
  async fetch(request, env, ctx) {
    const [, token] = /^Bearer (.+)$/.exec(request.headers.get('Authorization') ?? '') ?? [];
    if (!token) return new Response('token?', { status: 401, headers: { 'WWW-Authenticate': 'Bearer realm="docs"' } });
    try {
      const { sub, iss } = await env.TOKENS.verify(token);
      return Response.json({ sub, iss, doc: await env.DOCS.getByName('d').read('d') });
    } catch (error) {
      return Response.json({ error: error.message }, { status: error.status ?? 500 });
    }
  },
};
`,
  },
});
