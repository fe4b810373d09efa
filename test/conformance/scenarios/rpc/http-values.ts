import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Request, Response, Headers and Blob travel in arguments and results.',
  rows: ['4.request-response-headers'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag, sleep, inspect } from './prelude.js';

const encode = (text) => new TextEncoder().encode(text);
const showRequest = async (r) => [tag(r), r instanceof Request, r.method, r.url, [...r.headers], r.redirect, await r.text()];
const showResponse = async (r) => [tag(r), r instanceof Response, r.status, r.statusText, r.ok, r.url, r.redirected, r.type, [...r.headers], await r.text()];
const make = {
  response: () => new Response('body', { status: 201, statusText: 'Made', headers: { 'x-a': '1', 'content-type': 'text/custom' } }),
  empty: () => new Response(null, { status: 204 }),
  stream: () => new Response(new ReadableStream({ start(c) { c.enqueue(encode('from ')); c.enqueue(encode('a stream')); c.close() } })),
  json: () => Response.json({ a: [1] }),
  redirect: () => Response.redirect('http://x/there', 302),
  cookies: () => { const h = new Headers(); h.append('set-cookie', 'a=1'); h.append('set-cookie', 'b=2'); return new Response('c', { headers: h }) },
};
export class Obj extends DurableObject {
  takeRequest(r) { return showRequest(r) }
  takeResponse(r) { return showResponse(r) }
  headers(h) { return [tag(h), h instanceof Headers, [...h]] }
  async blob(b) { return [tag(b), b.type, b.size, await b.text()] }
  response(name) { return make[name]() }
  request() { return new Request('http://x/made?q=1', { method: 'PUT', body: 'made', headers: { 'x-m': 'yes' } }) }
  giveHeaders() { return new Headers({ 'X-One': '1', two: '2' }) }
  giveBlob() { return new Blob(['blob ', 'text'], { type: 'text/x' }) }
  nested() { return { r: make.response(), h: new Headers({ a: 'b' }), list: [new Request('http://x/')] } }
  used() { const r = make.response(); return r.text().then(() => r) }
  file() { return new File(['x'], 'name.txt') }
  echo(x) { return x }
  cf(r) { return [r.cf, r.signal === undefined ? 'no signal' : typeof r.signal] }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('a request', () => o.takeRequest(new Request('http://x/path?q', { headers: { 'x-test': '1' } })));
  await say('with a body', () => o.takeRequest(new Request('http://x/', { method: 'POST', body: 'text', redirect: 'manual' })));
  await say('with a stream', () => o.takeRequest(new Request('http://x/', { method: 'POST', body: new ReadableStream({ start(c) { c.enqueue(encode('streamed')); c.close() } }) })));
  await say('a response', () => o.takeResponse(make.response()));
  await say('a response with a stream', () => o.takeResponse(make.stream()));
  await say('headers', () => o.headers(new Headers([['a', '1'], ['B', '2'], ['a', '3'], ['set-cookie', 'x=1'], ['set-cookie', 'y=2']])));
  await say('a blob', () => o.blob(new Blob(['some ', 'bytes'], { type: 'text/plain' })));
  for (const name of Object.keys(make)) await say('given ' + name, async () => showResponse(await o.response(name)));
  await say('given cookies', async () => (await o.response('cookies')).headers.getSetCookie());
  await say('given a request', async () => showRequest(await o.request()));
  await say('given headers', async () => { const h = await o.giveHeaders(); h.append('c', '3'); return [tag(h), [...h]] });
  await say('given a blob', async () => { const b = await o.giveBlob(); return [tag(b), b.type, await b.text()] });
  await say('nested', async () => { const n = await o.nested(); return [await n.r.text(), [...n.h], n.list[0].url] });
  await say('a disposer', async () => typeof (await o.response('response'))[Symbol.dispose]);
  await say('a used body', () => o.used());
  await say('a used body sent', async () => { const r = make.response(); await r.text(); return o.takeResponse(r) });
  await say('the sender is used up', async () => { const r = make.response(); await o.takeResponse(r); return [r.bodyUsed] });
  await say('a file', () => o.file());
  await say('echoed', async () => showResponse(await o.echo(make.response())));
  await say('members', async () => o.cf(new Request('http://x/')));
});
`,
});
