import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The body of a request is read by whoever got it until it has answered, however small it is.',
  rows: ['4.streams'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, sleep, inspect } from './prelude.js';
const ways = {
  text: (r) => () => r.text(),
  json: (r) => () => r.json().then(inspect),
  'array buffer': (r) => () => r.arrayBuffer().then((b) => b.byteLength),
  'body, looked at before': (r) => { const b = r.body; return () => b.getReader().read().then(({ done, value }) => done + ' ' + value?.byteLength) },
  'body, looked at later': (r) => () => r.body.getReader().read().then(({ done, value }) => done + ' ' + value?.byteLength),
  'a reader of before': (r) => { const reader = r.body.getReader(); return () => reader.read().then(({ done, value }) => done + ' ' + value?.byteLength) },
  'a clone of before': (r) => { const c = r.clone(); return () => c.text() },
  'a clone whose original was read': async (r) => { const c = r.clone(); await r.text(); return () => c.text() },
  'another request of it': (r) => { const c = new Request(r); return () => c.text() },
  'a clone of later': (r) => () => r.clone().text(),
  'a response of its body': (r) => { const c = new Response(r.body); return () => c.text() },
  'used': (r) => () => r.bodyUsed,
  'sent on': (r, env) => () => env.OBJ.getByName('echo').fetch(new Request('http://o/echo', r)).then((x) => x.text()),
  'stored bytes': async (r) => { const b = await r.arrayBuffer(); return () => b.byteLength },
};
const late = async (request, env, ctx, answer) => {
  const way = new URL(request.url).searchParams.get('way');
  const f = await ways[way](request, env);
  ctx.waitUntil((async () => { await sleep(10); const said = await Promise.race([show(f), sleep(200).then(() => 'pending')]); await env.OBJ.getByName('log').note(said) })());
  return new Response('answered');
};
export class Obj extends DurableObject {
  said = [];
  note(what) { this.said.push(what) }
  take() { return this.said.splice(0) }
  async fetch(request) {
    if (request.url === 'http://o/echo') return new Response(await request.text());
    return late(request, this.env, this.ctx);
  }
}
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === '/worker') return late(request, env, ctx);
    if (url.pathname === '/object') return env.OBJ.getByName('o').fetch(request);
    if (url.pathname === '/passed') return env.OBJ.getByName('o').fetch(new Request(request.url, { method: 'POST', body: '{"a":1}' }));
    for (;;) {
      const said = await env.OBJ.getByName('log').take();
      if (said.length > 0) return new Response(said.join(' | '));
      await sleep(5);
    }
  },
};
`,
  steps: async (client) => {
    const ways = [
      'text',
      'json',
      'array buffer',
      'body, looked at before',
      'body, looked at later',
      'a reader of before',
      'a clone of before',
      'a clone whose original was read',
      'another request of it',
      'a clone of later',
      'a response of its body',
      'used',
      'sent on',
      'stored bytes',
    ];
    for (const where of ['worker', 'object', 'passed'])
      for (const way of ways) {
        await client.fetch(`/${where}?way=${encodeURIComponent(way)}`, { method: 'POST', body: '{"a":1}' });
        await client.fetch('/said');
      }
  },
});
