import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A body whose bytes are counted leaves with its length: of blobs, of streams of them, of FixedLengthStream; others leave in chunks.',
  rows: ['web.fetch-out', '3.fetch'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, inspect, sleep } from './prelude.js';
export class Obj extends DurableObject { async fetch(r) { if (r.url.endsWith('/slow')) return new Response(identity('a', () => new Promise(() => {}))); const t = await r.text(); return new Response([r.headers.get('content-length'), r.headers.get('transfer-encoding'), t.length].join('|')) } }
const fixed = (n, ...parts) => { const s = new FixedLengthStream(n); const w = s.writable.getWriter(); (async () => { for (const p of parts) await w.write(new TextEncoder().encode(p)); await w.close() })().catch(() => {}); return s.readable };
const identity = (...parts) => { const s = new IdentityTransformStream(); const w = s.writable.getWriter(); (async () => { for (const p of parts) await (typeof p === 'function' ? p() : w.write(new TextEncoder().encode(p))); await w.close() })().catch(() => {}); return s.readable };
export default worker(async ({ say, env, ctx }) => {
  const o = env.OBJ.getByName('a'); const post = async (body, more) => (await o.fetch('http://x/', { method: 'POST', body, ...more })).text();
  await say('blob', () => post(new Blob(['xy'])));
  await say('empty blob', () => post(new Blob([])));
  await say('file', () => post(new File(['xyz'], 'n')));
  await say('slice', () => post(new Blob(['abcdef']).slice(1, 3)));
  await say('blob stream', () => post(new Blob(['abc']).stream()));
  await say('blob in a request', async () => (await o.fetch(new Request('http://x/', { method: 'POST', body: new Blob(['xy']) }))).text());
  await say('body of a response', () => post(new Response('abc').body));
  await say('body of a response of a blob', () => post(new Response(new Blob(['abc'])).body));
  await say('empty body of a response', () => post(new Response('').body));
  await say('fixed', () => post(fixed(5, 'ab', 'cde')));
  await say('fixed, in a request', async () => (await o.fetch(new Request('http://x/', { method: 'POST', body: fixed(5, 'ab', 'cde') }))).text());
  await say('identity', () => post(identity('ab', 'c')));
  await say('a part of a body', () => post(new Response('abc').body.tee()[0]));
  await say('a part of a clone', async () => { const r = new Request('http://x/', { method: 'POST', body: new Blob(['abcd']) }); r.clone(); return (await o.fetch(r)).text() });
  await say('clone', async () => { const r = new Request('http://x/', { method: 'POST', body: 'abcd' }); return (await o.fetch(r.clone())).text() });
  await say('program stream', () => post(new ReadableStream({ start(c) { c.enqueue(new Uint8Array(2)); c.close() } })));
  await say('piped through a fixed', () => post(new Response('abc').body.pipeThrough(new FixedLengthStream(3))));
  await say('given length', () => post(new Blob(['xy']), { headers: { 'content-length': '2' } }));
  await say('given up while the answer comes', async () => { const out = []; for (const reason of ['late', 5, null, undefined, new RangeError('r'), { a: 1 }]) { const c = new AbortController(); const r = await o.fetch('http://x/slow', { signal: c.signal }); c.abort(reason); out.push(await show(() => r.text())) } return out });
});
`,
});
