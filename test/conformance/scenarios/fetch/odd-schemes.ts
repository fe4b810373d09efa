import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Data are fetched from their address itself, by stubs too; other schemes than HTTP are refused, whether as a text or as a Request.',
  rows: ['web.fetch-out', '3.fetch'],
  program: `
import { DurableObject, WorkerEntrypoint } from 'cloudflare:workers';
import { worker, show } from './prelude.js';
const answer = async (r) => new Response([r.method, r.url, await r.text()].join(' '));
export class Obj extends DurableObject { fetch(r) { const to = new URL(r.url).searchParams.get('to'); return to === null ? answer(r) : new Response(null, { status: 302, headers: { location: to } }) } }
export class E extends WorkerEntrypoint { fetch(r) { return answer(r) } }
const urls = ['data:,hi', 'DATA:text/plain,hi', 'data:text/plain;base64,aGk=', 'data:nope', 'data:', 'blob:null/1', 'about:blank', 'file:///a', 'ftp://x/a', 'ws://x/a', 'wss://x/a', 'javascript:1', 'mailto:a@b', 'foo://x/y?z#h', 'urn:x:y', 'node:fs', 'http:x', 'HTTP://X/Y', '/x', '', 'http://u:p@x/y#h', 'http://x/y#h', ' http://x/y ', 'http://x/a b'];
const said = async (r) => [r.status, r.url, r.redirected, await r.text()];
export default worker(async ({ say, env, ctx }) => {
  const ways = { stub: env.OBJ.getByName('a'), entrypoint: ctx.exports.E, 'entrypoint with props': ctx.exports.E({ props: {} }) };
  for (const w in ways) for (const u of urls) {
    await say(w + ' ' + u, async () => said(await ways[w].fetch(u)));
    await say(w + ', a Request of ' + u, async () => said(await ways[w].fetch(new Request(u))));
  }
  for (const u of urls.filter((u) => !/^ ?https?:|ws/i.test(u))) await say('global ' + u, async () => said(await fetch(u)));
  for (const method of ['POST', 'HEAD', 'PUT', 'DELETE']) await say('data by ' + method, async () => [await said(await fetch('data:,hi', { method })), await said(await ways.stub.fetch('data:,hi', { method }))]);
  await say('a body', async () => { const r = new Request('data:,x', { method: 'POST', body: 'y' }); await ways.stub.fetch(r); const q = new Request('ftp://x', { method: 'POST', body: 'y' }); return [r.bodyUsed, await show(() => ways.stub.fetch(q)), q.bodyUsed] });
  await say('given up', async () => [await said(await fetch('data:,hi', { signal: AbortSignal.abort() })), await said(await ways.stub.fetch('data:,hi', { signal: AbortSignal.abort() }))]);
  await say('headers', async () => { const r = await ways.stub.fetch('data:text/plain;x=y,hi', { headers: { a: 'b' } }); r.headers.set('c', 'd'); return [r.statusText, ...r.headers] });
  for (const to of ['data:,red', 'ftp://x/y', 'blob:x', 'ws://x/', '/z', '//y/z', '', 'http://', 'a b', '?q', 'http://u:p@x/y', 'javascript:1']) await say('led to ' + to, async () => said(await ways.stub.fetch('http://x/r?to=' + encodeURIComponent(to))));
  for (const t of ['', 'text/plain', 'text/html;charset=x', ';base64', 'text/plain;base64', ';charset=utf-8', 'nope', 'a/b;x="y,z"', 'text/plain ;base64 ', 'text/plain; base64', 'text/plain;BASE64', ' text/plain '])
    await say('a type: ' + t, async () => { const r = await fetch('data:' + t + ',aGk'); return [r.headers.get('content-type'), await r.text()] });
  for (const u of ['data:,a%20b', 'data:,a b', 'data:,a%zz', 'data:,%ff', 'data:,\\u00e4', 'data:,a#b', 'data:,a?b', 'data:;base64,aG k=', 'data:;base64,aGk', 'data:;base64,aGk%3D', 'data:;base64,a', 'data:;base64,aG-_', 'data:;base64,*', 'data:,\\ta\\n'])
    await say('bytes of ' + JSON.stringify(u), async () => [...new Uint8Array(await (await fetch(u)).arrayBuffer())]);
});
`,
});
