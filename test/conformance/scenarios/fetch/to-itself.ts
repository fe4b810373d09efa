import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A Worker and an object that fetch an address of the Worker reach it as any client does.',
  rows: ['web.fetch-own', 'web.fetch-redirects'],
  outside: 'itself',
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect, show, sleep } from './prelude.js';
export class Obj extends DurableObject {
  async go(url, init) {
    const before = await this.ctx.storage.get('n') ?? 0;
    this.ctx.storage.put('n', before + 1);
    const r = await fetch(url, init);
    return [r.status, await r.text(), await this.ctx.storage.get('n')];
  }
}
const main = worker(async ({ say, env, url }) => {
  const at = (path) => url.origin + path;
  const strip = (text) => text.replaceAll(url.host, '<host>');
  const parts = async (r) => strip(inspect([r.status, r.statusText, r.ok, r.url, r.redirected, [...r.headers].filter(([k]) => k !== 'content-length'), await r.text()]));
  const get = async (path, init) => parts(await fetch(at(path), init));
  await say('get', () => get('/echo?x=1#part'));
  await say('post text', () => get('/echo', { method: 'POST', body: 'hi', headers: { cookie: 'a=b', 'x-y': 'z', origin: 'q', referer: 'r' } }));
  await say('post bytes', () => get('/echo', { method: 'PUT', body: new Uint8Array([104, 105]) }));
  await say('post form', () => get('/echo', { method: 'POST', body: new URLSearchParams({ a: '1 2' }) }));
  await say('a Request', async () => parts(await fetch(new Request(at('/echo'), { method: 'DELETE', headers: { 'x-y': '1' } }))));
  await say('a URL', async () => parts(await fetch(new URL(at('/echo')))));
  await say('302', () => get('/302'));
  await say('302 after POST', () => get('/302', { method: 'POST', body: 'hi' }));
  await say('302 after PUT', () => get('/302', { method: 'PUT', body: 'hi' }));
  await say('303 after PUT', () => get('/303', { method: 'PUT', body: 'hi' }));
  await say('307 after POST', () => get('/307', { method: 'POST', body: 'hi' }));
  await say('307 after a stream', () => get('/307', { method: 'POST', body: new Response('hi').body.pipeThrough(new TransformStream()) }));
  await say('by hand', () => get('/302', { redirect: 'manual' }));
  await say('without end', () => get('/loop'));
  await say('without a location', () => get('/nowhere'));
  await say('cookies', async () => { const r = await fetch(at('/cookies')); return [r.headers.getSetCookie(), r.headers.get('set-cookie')] });
  await say('204', () => get('/204'));
  await say('418', () => get('/418'));
  await say('HEAD', () => get('/418', { method: 'HEAD' }));
  await say('a handler that throws', () => get('/throw'));
  await say('headers are immutable', async () => (await fetch(at('/418'))).headers.set('a', 'b'));
  await say('wrapped', async () => { const r = await fetch(at('/cookies')); const n = new Response(r.body, r); n.headers.set('a', 'b'); return [n.headers.getSetCookie(), n.headers.get('a'), await n.text()] });
  await say('a stream, read as it comes', async () => { const r = (await fetch(at('/stream'))).body.getReader(); const all = []; for (let p; !(p = await r.read()).done;) all.push(...p.value); return all });
  await say('from an object', async () => strip(inspect(await env.OBJ.getByName('a').go(at('/418')))));
  await say('an object reaches itself by way of the Worker', async () => strip(inspect(await env.OBJ.getByName('a').go(at('/object')))));
});
export default {
  async fetch(request, env, ctx) {
    const { pathname, host } = new URL(request.url);
    switch (pathname) {
      case '/echo': return Response.json({ method: request.method, url: request.url.replace(host, '<host>'), redirect: request.redirect, headers: [...request.headers].filter(([k]) => ['cookie', 'x-y', 'content-type', 'origin', 'referer'].includes(k)), body: await request.text() }, { headers: { 'x-out': '1' } });
      case '/302': return new Response('moved', { status: 302, headers: { location: '/echo?moved' } });
      case '/303': return new Response('moved', { status: 303, headers: { location: '/echo?moved' } });
      case '/307': return new Response('moved', { status: 307, headers: { location: '/echo?moved' } });
      case '/loop': return new Response('moved', { status: 302, headers: { location: '/loop' } });
      case '/nowhere': return new Response('moved', { status: 302 });
      case '/cookies': { const h = new Headers({ 'set-cookie': 'a=1; Path=/' }); h.append('set-cookie', 'b=2'); return new Response('c', { headers: h }) }
      case '/204': return new Response(null, { status: 204 });
      case '/418': return new Response('short and stout', { status: 418, statusText: 'Teapot' });
      case '/throw': throw new RangeError('boom');
      case '/object': return Response.json(await env.OBJ.getByName('b').go(new URL(request.url).origin + '/418'));
      case '/stream': { const t = new TransformStream(); const w = t.writable.getWriter(); ctx.waitUntil((async () => { for (const n of [1, 2, 3]) { await w.write(new Uint8Array([n])); await sleep(5) } await w.close() })()); return new Response(t.readable) }
      default: return main.fetch(request, env, ctx);
    }
  },
};
`,
});
