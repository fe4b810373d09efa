import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'stub.fetch carries URL, method, headers and body to the object and the whole response back.',
  rows: ['3.fetch'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag } from './prelude.js';

export class Obj extends DurableObject {
  async fetch(request) {
    const url = new URL(request.url);
    if (url.pathname === '/empty') return new Response(null, { status: 204 });
    if (url.pathname === '/teapot')
      return new Response('short and stout', { status: 418, statusText: 'Teapot', headers: { 'x-made-of': 'clay' } });
    if (url.pathname === '/json') return Response.json({ a: [1, { b: 2 }] });
    if (url.pathname === '/move') return Response.redirect('http://elsewhere/landed', 302);
    if (url.pathname === '/cookies') {
      const headers = new Headers();
      headers.append('set-cookie', 'a=1');
      headers.append('set-cookie', 'b=2');
      return new Response('', { headers });
    }
    return Response.json({
      method: request.method, url: request.url, cf: tag(request.cf), tag: tag(request),
      x: request.headers.get('x-test'), type: request.headers.get('content-type'), cookie: request.headers.get('cookie'),
      body: await request.text(),
    });
  }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const echo = async (...args) => (await stub.fetch(...args)).json();
  await say('a plain URL', () => echo('http://example/path?q=1'));
  await say('a URL object', () => echo(new URL('https://User@Example.COM:8443/A%20b?x=%C3%A9#part')));
  await say('the same as text', async () => (await echo('https://User@Example.COM:8443/A%20b?x=%C3%A9#part')).url);
  await say('text with blanks and dots', async () => (await echo('http://x/a/../b c?d e')).url);
  await say('no path', async () => (await echo('http://x')).url);
  await say('another scheme', () => echo('custom:/path'));
  await say('method, header and text', () => echo('http://x/', { method: 'POST', headers: { 'x-test': 'yes' }, body: 'text' }));
  await say('a method in lower case', async () => (await echo('http://x/', { method: 'put', body: '' })).method);
  await say('a method of our own', async () => (await echo('http://x/', { method: 'PURGE' })).method);
  await say('a Request', () => echo(new Request('http://x/r', { method: 'DELETE', headers: { 'x-test': '1', cookie: 'c=1' } })));
  await say('a Request and init', () => echo(new Request('http://x/r', { headers: { 'x-test': '1' } }), { method: 'POST', body: 'b' }));
  await say('bytes', async () => (await echo('http://x/', { method: 'POST', body: new Uint8Array([104, 105]) })).body);
  await say('form fields', () => echo('http://x/', { method: 'POST', body: new URLSearchParams({ a: '1', b: 'ä' }) }));
  await say('204', async () => { const r = await stub.fetch('http://x/empty'); return [r.status, r.body, await r.text()] });
  await say('418', async () => {
    const r = await stub.fetch('http://x/teapot');
    return [r.status, r.statusText, r.ok, r.headers.get('x-made-of'), r.headers.get('content-type'), await r.text()];
  });
  await say('JSON', async () => { const r = await stub.fetch('http://x/json'); return [r.headers.get('content-type'), await r.json()] });
  await say('two cookies', async () => (await stub.fetch('http://x/cookies')).headers.getSetCookie());
  await say('a redirect is followed', async () => {
    const r = await stub.fetch('http://x/move');
    return [r.status, r.redirected, r.url, (await r.json()).url];
  });
  await say('a redirect by hand', async () => {
    const r = await stub.fetch('http://x/move', { redirect: 'manual' });
    return [r.status, r.headers.get('location')];
  });
  await say('url of the response', async () => (await stub.fetch('http://x/json')).url);
  await say('a relative URL', () => stub.fetch('/rel'));
  await say('no URL', () => stub.fetch());
  await say('a GET with a body', () => stub.fetch('http://x/', { body: 'no' }));
  await say('reading a body twice', async () => { const r = await stub.fetch('http://x/json'); await r.text(); return r.text() });
});
`,
});
