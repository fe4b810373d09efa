import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What a program asks of the internet arrives there as it was said, and the answer comes back.',
  rows: ['web.fetch-out', 'web.fetch-redirects'],
  outside: {
    module: `
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/302') return new Response('moved', { status: 302, headers: { location: 'http://other.test/echo' } });
    if (pathname === '/307') return new Response('moved', { status: 307, headers: { location: '/echo?moved' } });
    if (pathname === '/loop') return new Response('moved', { status: 302, headers: { location: '/loop' } });
    if (pathname === '/404') return new Response('nothing', { status: 404, statusText: 'Nope', headers: { 'x-a': 'b' } });
    if (pathname === '/204') return new Response(null, { status: 204 });
    if (pathname === '/throw') throw new RangeError('boom');
    if (pathname === '/big') return new Response(new Uint8Array(300000).fill(7));
    return Response.json({
      method: request.method, url: request.url,
      headers: [...request.headers].filter(([k]) => k !== 'content-length' && k !== 'transfer-encoding'),
      body: await request.text(),
    });
  },
};
`,
  },
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';
export class Obj extends DurableObject {
  async go(url, init) { const r = await fetch(url, init); return [r.status, r.url, await r.text()] }
}
export default worker(async ({ say, env }) => {
  const parts = async (r) => inspect([r.status, r.statusText, r.url, r.redirected, r.headers.get('x-a'), await r.text()]);
  const get = async (path, init) => parts(await fetch('http://out.test' + path, init));
  await say('get', () => get('/echo?x=1#part'));
  await say('with user and password', async () => parts(await fetch('http://u:p@out.test/echo')));
  await say('post', () => get('/echo', { method: 'POST', body: 'hi', headers: { cookie: 'a=b', host: 'other', 'x-y': 'z', origin: 'q', referer: 'r' } }));
  await say('post a stream', () => get('/echo', { method: 'POST', body: new Response('stream').body.pipeThrough(new TransformStream()) }));
  await say('302', () => get('/302'));
  await say('302 after POST', () => get('/302', { method: 'POST', body: 'hi' }));
  await say('307 after POST', () => get('/307', { method: 'POST', body: 'hi' }));
  await say('by hand', () => get('/302', { redirect: 'manual' }));
  await say('without end', () => get('/loop'));
  await say('404', () => get('/404'));
  await say('204', () => get('/204'));
  await say('a large body', async () => (await (await fetch('http://out.test/big')).arrayBuffer()).byteLength);
  await say('nobody is there', () => get('/throw'));
  await say('https', async () => parts(await fetch('https://out.test/echo')));
  await say('a relative URL', () => fetch('/rel'));
  await say('another scheme', () => fetch('ftp://x/'));
  await say('a ws: URL', () => fetch('ws://out.test/'));
  await say('a data: URL', async () => { const r = await fetch('data:text/plain,hi'); return [r.status, r.headers.get('content-type'), await r.text()] });
  await say('nothing', () => fetch());
  await say('a used body', async () => { const q = new Request('http://out.test/echo', { method: 'POST', body: 'x' }); await q.text(); return fetch(q) });
  await say('the request is used up', async () => { const q = new Request('http://out.test/echo', { method: 'POST', body: 'x' }); await fetch(q); return q.bodyUsed });
  await say('no upgrade', async () => { const r = await fetch('http://out.test/404', { headers: { Upgrade: 'websocket' } }); return [r.status, r.webSocket, await r.text()] });
  await say('an object', async () => inspect(await env.OBJ.getByName('a').go('http://out.test/echo', { method: 'POST', body: 'from an object' })));
});
`,
});
