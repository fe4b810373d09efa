import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A storefront with a router of its own: forms, cookies, content negotiation, redirects, ETags, conditional and range requests, methods, streams and headers at their edges.',
  rows: ['3.fetch', '1.default-export', 'web.answers', '4.request-response-headers'],
  config: objects({ STORE: 'Store' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, show, showNow, tag } from './prelude.js';

class Router {
  #routes = [];
  constructor() { this.handle = this.handle.bind(this); return new Proxy(this, { get: (target, method, self) => (typeof method !== 'string' || method in target ? Reflect.get(target, method, target) : (path, ...handlers) => { target.#routes.push([method.toUpperCase(), new URLPattern({ pathname: path }), handlers]); return self }) }) }
  async handle(request, ...rest) {
    const url = new URL(request.url); let allowed = [];
    for (const [method, pattern, handlers] of this.#routes) {
      const match = pattern.exec(url); if (!match) continue;
      if (method !== 'ALL' && method !== request.method) { allowed.push(method); continue }
      request.params = match.pathname.groups; request.query = Object.fromEntries(url.searchParams);
      for (const handler of handlers) { const response = await handler(request, ...rest); if (response !== undefined) return response instanceof Response ? response : Response.json(response) }
    }
    if (allowed.length) return new Response('use ' + allowed, { status: 405, headers: { allow: allowed.join(', ') } });
    return new Response('no ' + url.pathname, { status: 404 });
  }
}
class HttpError extends Error { constructor(status, message) { super(message); this.status = status } }
const cookies = (request) => Object.fromEntries((request.headers.get('cookie') ?? '').split(/;\\s*/).filter(Boolean).map((c) => { const i = c.indexOf('='); return [c.slice(0, i), decodeURIComponent(c.slice(i + 1))] }));
const auth = (request) => { const [scheme, code] = (request.headers.get('authorization') ?? '').split(' '); if (scheme !== 'Basic') return new Response('who?', { status: 401, headers: { 'www-authenticate': 'Basic realm="store", charset="UTF-8"' } }); request.user = atob(code).split(':')[0] };
const etagOf = async (text) => '"' + [...new Uint8Array(await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text)))].map((b) => b.toString(16).padStart(2, '0')).join('').slice(0, 8) + '"';

const router = new Router();
router
  .all('*', (request, env, ctx) => { request.started = 1; request.store = env.STORE.getByName(request.headers.get('x-tenant') ?? 'main') })
  .get('/', () => new Response('<h1>Store</h1>', { headers: { 'content-type': 'text/html', 'x-frame-options': 'DENY' } }))
  .get('/items/:id.:ext?', async (request) => { const item = await request.store.item(request.params.id); if (!item) throw new HttpError(404, 'no item ' + request.params.id); const accept = request.headers.get('accept') ?? ''; if (request.params.ext === 'txt' || accept.startsWith('text/plain')) return new Response(item.name, { headers: { vary: 'accept' } }); return item })
  .put('/items/:id', auth, async (request) => { const type = request.headers.get('content-type') ?? ''; const data = type.includes('json') ? await request.json() : type.includes('form') ? Object.fromEntries(await request.formData()) : { name: await request.text() }; return new Response(null, { status: (await request.store.save(request.params.id, data)) ? 201 : 204, headers: { location: '/items/' + request.params.id, 'x-by': request.user } }) })
  .delete('/items/:id', auth, async (request) => (await request.store.remove(request.params.id)) ? new Response(null, { status: 204 }) : new Response('gone', { status: 410 }))
  .get('/pages/:path+', (request) => ({ path: request.params.path, query: request.query }))
  .get('/page/*', async (request) => { const body = 'page of ' + new URL(request.url).pathname; const etag = await etagOf(body); const modified = new Date(Date.UTC(2024, 0, 1)); const since = Date.parse(request.headers.get('if-modified-since')); if (request.headers.get('if-none-match')?.split(/,\\s*/).includes(etag) || since >= +modified) return new Response(null, { status: 304, headers: { etag } }); return new Response(body, { headers: { etag, 'last-modified': modified.toUTCString(), 'cache-control': 'max-age=60' } }) })
  .get('/file', (request) => { const bytes = new TextEncoder().encode('0123456789abcdefghij'); const range = /^bytes=(\\d*)-(\\d*)$/.exec(request.headers.get('range') ?? ''); if (!range) return new Response(bytes, { headers: { 'accept-ranges': 'bytes' } }); const start = range[1] === '' ? bytes.length - Number(range[2]) : Number(range[1]), end = range[1] === '' || range[2] === '' ? bytes.length - 1 : Math.min(Number(range[2]), bytes.length - 1); if (start > end) return new Response(null, { status: 416, headers: { 'content-range': 'bytes */' + bytes.length } }); return new Response(bytes.subarray(start, end + 1), { status: 206, headers: { 'content-range': 'bytes ' + start + '-' + end + '/' + bytes.length } }) })
  .get('/login', (request) => { const headers = new Headers({ location: '/me?x=1#top' }); headers.append('set-cookie', 'sid=a%20b; Path=/; HttpOnly; SameSite=Lax'); headers.append('set-cookie', 'theme=dark; Max-Age=60'); return new Response(null, { status: 303, headers }) })
  .get('/me', (request) => ({ cookies: cookies(request), all: [...request.headers].filter(([k]) => !/^(cf-|x-|accept|sec-|host|user-agent|connection|mf-)/.test(k)) }))
  .post('/echo', async (request) => ({ method: request.method, type: request.headers.get('content-type')?.replace(/boundary=.*/, 'boundary'), used: request.bodyUsed, body: await request.clone().text(), again: await show(async () => { const c = request.clone(); return [c.bodyUsed, request.bodyUsed, tag(await request.blob()), await show(() => request.text()), await c.text().then((t) => t.length)] }) }))
  .post('/form', async (request) => { const form = await request.formData(); return [...form].map(([k, v]) => (typeof v === 'string' ? [k, v] : [k, v.name, v.type, v.size, tag(v)])) })
  .post('/json', async (request) => ({ json: await show(() => request.json()) }))
  .get('/redirect/:status', (request) => { const status = Number(request.params.status); return showResponse(() => Response.redirect(new URL('/next', request.url), status)) })
  .get('/inner', async (request, env) => { const r = await request.store.fetch(new Request('https://do/hop/3', request)); return { status: r.status, redirected: r.redirected, url: r.url, body: await r.text(), manual: await request.store.fetch('https://do/hop/1', { redirect: 'manual' }).then((m) => [m.status, m.headers.get('location'), m.redirected, m.type]) } })
  .get('/proxy/*', async (request) => { const up = await request.store.fetch(request); const r = new Response(up.body, up); r.headers.set('x-proxied', 'yes'); r.headers.delete('x-secret'); return r })
  .get('/immutable', async (request) => { const up = await request.store.fetch('https://do/plain'); return { set: showNow(() => up.headers.set('a', 'b')), req: showNow(() => request.headers.set('a', 'b')), init: showNow(() => { const r = new Request(request, { headers: { z: '1' } }); r.headers.set('y', '2'); return [...r.headers] }) } })
  .get('/slow', (request) => { const { readable, writable } = new TransformStream(); (async () => { const w = writable.getWriter(); for (const part of ['a', 'b', 'c']) { await scheduler.wait(2); await w.write(new TextEncoder().encode(part)) } await w.close() })(); return new Response(readable, { headers: { 'content-type': 'text/event-stream', 'x-accel': 'no' } }) })
  .get('/responses', () => Object.fromEntries([['s199', () => new Response('x', { status: 199 })], ['s600', () => new Response('x', { status: 600 })], ['s204', () => new Response('x', { status: 204 })], ['s204e', () => new Response('', { status: 204 })], ['s304', () => new Response('x', { status: 304 })], ['s101', () => new Response(null, { status: 101 })], ['s200.5', () => new Response('x', { status: 200.5 }).status], ['s"201"', () => new Response('x', { status: '201' }).status], ['words', () => new Response('x', { statusText: 'Very Good' }).statusText], ['badwords', () => new Response('x', { statusText: 'a\\nb' }).statusText], ['json', () => [...Response.json(undefined).headers]], ['jsonfn', () => Response.json(() => 1)], ['jsonbig', () => Response.json(1n)], ['jsontype', () => [...Response.json(1, { headers: { 'content-type': 'x/y' } }).headers]], ['redir', () => Response.redirect('/rel')], ['redir2', () => Response.redirect('https://x', 200)], ['redir3', () => [Response.redirect('https://x').status, Response.redirect('https://x').headers.get('location')]], ['err', () => [Response.error().status, Response.error().type]], ['number', () => new Response(5).headers.get('content-type')], ['blob', () => new Response(new Blob(['x'], { type: 'a/b' })).headers.get('content-type')], ['params', () => new Response(new URLSearchParams('a=1')).headers.get('content-type')], ['null', () => [new Response(null).body, new Response().body, new Response('').body === null]], ['init', () => [new Response('x', null).status, new Response('x', { headers: [['a', '1'], ['a', '2']] }).headers.get('a')]], ['badheader', () => new Response('x', { headers: { 'a b': '1' } })], ['badvalue', () => new Response('x', { headers: { a: 'x\\ny' } })], ['trim', () => new Response('x', { headers: { a: '  x  ' } }).headers.get('a')], ['upper', () => [...new Headers([['B', '1'], ['a', '2'], ['Set-Cookie', 'x'], ['set-cookie', 'y']])]], ['getset', () => [new Headers([['set-cookie', 'x'], ['set-cookie', 'y']]).getSetCookie(), new Headers([['set-cookie', 'x'], ['set-cookie', 'y']]).get('set-cookie')]], ['getall', () => new Headers([['a', '1']]).getAll?.('set-cookie')], ['cf', () => new Response('x', { cf: { a: 1 } }).cf], ['enc', () => new Response('x', { encodeBody: 'nope' })], ['clone', () => { const r = new Response('x'); r.text(); return r.clone() }], ['bodyInit', () => new Response('x', { body: 'y' }).body !== null]].map(([k, f]) => [k, showNow(f)])))
  .get('/throw/:kind', (request) => { const { kind } = request.params; if (kind === 'http') throw new HttpError(418, 'short and stout'); if (kind === 'error') throw new TypeError('a bug'); if (kind === 'response') throw new Response('thrown', { status: 409 }); throw 'a string' });

const showResponse = (f) => { try { return f() } catch (error) { return new Response(inspect(error), { status: 500 }) } };

export class Store extends DurableObject {
  constructor(ctx, env) { super(ctx, env); ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS item (id TEXT PRIMARY KEY, name TEXT, price REAL, version INTEGER DEFAULT 1)') }
  item(id) { return this.ctx.storage.sql.exec('SELECT * FROM item WHERE id = ?', id).toArray()[0] }
  save(id, { name = null, price = null }) { return this.ctx.storage.sql.exec('INSERT INTO item (id, name, price) VALUES (?, ?, ?) ON CONFLICT (id) DO UPDATE SET name = excluded.name, price = excluded.price, version = version + 1 RETURNING version', id, name, price).one().version === 1 }
  remove(id) { return this.ctx.storage.sql.exec('DELETE FROM item WHERE id = ?', id).rowsWritten > 0 }
  async fetch(request) { const url = new URL(request.url); const hop = /^\\/hop\\/(\\d)$/.exec(url.pathname); if (hop) return hop[1] === '0' ? new Response('landed ' + request.method) : new Response('moving', { status: 302, headers: { location: '/hop/' + (hop[1] - 1) } }); if (url.pathname === '/plain') return new Response('plain'); return new Response(request.method + ' ' + url.pathname, { status: 203, statusText: 'Odd', headers: { 'x-secret': '1', 'content-type': 'text/x' } }) }
}

export default {
  async fetch(request, env, ctx) {
    try { const response = await router.handle(request, env, ctx); response.headers.append('server-timing', 'app;dur=1'); return response }
    catch (error) { if (error instanceof Response) return error; return Response.json({ error: String(error?.message ?? error), name: error?.name ?? null }, { status: error?.status ?? 500 }) }
  },
};
`,
  steps: async (client) => {
    const show = {
      showHeaders: [
        'content-type',
        'location',
        'etag',
        'allow',
        'set-cookie',
        'content-range',
        'x-by',
        'x-proxied',
        'x-secret',
        'server-timing',
        'www-authenticate',
      ],
    };
    const get = (path: string, headers = {}) => client.fetch(path, { ...show, headers });
    const basic = { authorization: `Basic ${btoa('ann:pw')}` };
    await get('/');
    await client.fetch('/', { ...show, method: 'HEAD' });
    await client.fetch('/', { ...show, method: 'POST', body: 'x' });
    await client.fetch('/', { ...show, method: 'OPTIONS' });
    await client.fetch('/items/1', { ...show, method: 'PUT', body: 'x' });
    await client.fetch('/items/1', {
      ...show,
      method: 'PUT',
      headers: { ...basic, 'content-type': 'application/json' },
      body: '{"name":"chair","price":9.5}',
    });
    await client.fetch('/items/1', {
      ...show,
      method: 'PUT',
      headers: { ...basic, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'name=big+chair%21&price=10',
    });
    await client.fetch('/items/2', { ...show, method: 'PUT', headers: basic, body: 'a lamp é' });
    await client.fetch('/items/3', {
      ...show,
      method: 'PUT',
      headers: { ...basic, 'content-type': 'application/json' },
      body: '{oops',
    });
    await get('/items/1');
    await get('/items/1.txt');
    await get('/items/2', { accept: 'text/plain;q=0.9' });
    await get('/items/9');
    await get('/items/1', { 'x-tenant': 'other' });
    await client.fetch('/items/2', { ...show, method: 'DELETE', headers: basic });
    await client.fetch('/items/2', { ...show, method: 'DELETE', headers: basic });
    await get('/pages/a/b%20c/d?x=1&y=&z&x=2');
    await get('/page/one');
    const { headers } = await get('/page/one', {});
    await get('/page/one', { 'if-none-match': `"no", ${headers['etag']}` });
    await get('/page/one', { 'if-modified-since': 'Tue, 02 Jan 2024 00:00:00 GMT' });
    for (const range of ['bytes=0-3', 'bytes=5-', 'bytes=-4', 'bytes=30-', 'bytes=18-99', 'items=1'])
      await get('/file', { range });
    await get('/login');
    await get('/me', { cookie: 'sid=a%20b; theme=dark;odd;=x; a=b=c' });
    await client.fetch('/echo', { method: 'POST', body: 'hello é', headers: { 'content-type': 'text/plain' } });
    await client.fetch('/echo', { method: 'POST' });
    await client.fetch('/form', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=XX' },
      body: '--XX\r\nContent-Disposition: form-data; name="title"\r\n\r\nhé\r\n--XX\r\nContent-Disposition: form-data; name="f"; filename="a b.txt"\r\nContent-Type: text/plain\r\n\r\nfile\r\ndata\r\n--XX\r\nContent-Disposition: form-data; name="f"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n\r\n--XX--\r\n',
    });
    await client.fetch('/form', {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' },
      body: 'a=1&a=2&b=%F0%9F%98%80&c&=d&e=%25',
    });
    await client.fetch('/form', { method: 'POST', headers: { 'content-type': 'text/plain' }, body: 'a=1' });
    await client.fetch('/form', { method: 'POST', headers: { 'content-type': 'multipart/form-data' }, body: 'a=1' });
    await client.fetch('/form', {
      method: 'POST',
      headers: { 'content-type': 'multipart/form-data; boundary=YY' },
      body: '--XX--',
    });
    for (const body of ['{"a":[1,2,{"b":null}]}', '', 'nope', '"\u2028"'])
      await client.fetch('/json', { method: 'POST', body });
    for (const status of ['301', '302', '303', '307', '308', '300', '200']) await get(`/redirect/${status}`);
    await get('/inner');
    await get('/proxy/some/path');
    await get('/immutable');
    await get('/slow');
    await get('/responses');
    for (const kind of ['http', 'error', 'response', 'string']) await get(`/throw/${kind}`);
    await get('/%E0%A4%A');
    await get('/nothing//double/../up?q=%20+');
  },
});
