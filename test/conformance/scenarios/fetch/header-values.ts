import { scenario } from '../../scenario.ts';

const utf8 = (text: string) => Buffer.from(text).toString('latin1');

export const subject = scenario({
  name: 'Header values are texts of any characters, which travel as UTF-8.',
  rows: ['3.fetch', '4.request-response-headers'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';
const sent = 'q\\u4e2d\\u00e9\\u{1f600}';
export class Obj extends DurableObject {
  fetch(request) {
    return new Response(inspect([request.headers.get('x'), [...request.headers]]), { headers: [['y', 'z\\u4e2d\\u00e9'], ['l', '\\u00e9'], ['set-cookie', 'a=\\u4e2d'], ['set-cookie', 'b=c']] });
  }
  pass(headers) { return [headers, inspect([...headers])] }
  headersOf(message) { return inspect([...message.headers]) }
  async keep(headers) { await this.ctx.storage.put('h', headers); return inspect([...await this.ctx.storage.get('h')]) }
  fail() { throw new Headers({ x: sent }) }
}
const test = worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const made = (init) => inspect([...new Headers(init)]);
  const changed = (change) => { const h = new Headers({ x: 'a' }); change(h); return inspect([h.get('x'), [...h]]) };
  await say('set', () => changed((h) => h.set('x', sent)));
  await say('set to Latin-1', () => changed((h) => h.set('x', 'a\\u00e9')));
  await say('append', () => changed((h) => { h.append('x', '\\u{1f600}'); h.append('x', '\\u00ff\\u0100') }));
  await say('set back', () => changed((h) => { h.set('x', sent); h.set('x', 'b') }));
  await say('delete', () => changed((h) => { h.set('x', sent); h.delete('x') }));
  await say('half a pair', () => changed((h) => h.set('x', 'a\\ud800b')));
  await say('space around', () => changed((h) => h.set('x', ' \\u3000\\u00a0a\\u00a0 \\t')));
  await say('controls', () => changed((h) => h.set('x', 'a\\u0001b\\u007f\\u0080')));
  for (const bad of ['a\\u0000\\u4e2d', 'a\\n\\u4e2d', 'a\\r\\u4e2d']) await say('refused ' + JSON.stringify(bad), () => [changed((h) => h.append('x', bad))]);
  await say('made of pairs', () => made([['x', sent], ['y', 'a']]));
  await say('made of an object', () => made({ x: sent }));
  await say('made of Headers', () => made(new Headers({ x: sent })));
  await say('ways over them', () => { const h = new Headers({ x: sent, y: 'a' }); const each = []; h.forEach((v, k, all) => each.push(k, v, all === h)); return inspect([each, [...h.keys()], [...h.values()], [...h.entries()], h.has('x')]) });
  await say('shape', () => [['forEach', 'entries', 'keys', 'values', 'getSetCookie', 'get'].map((m) => [Headers.prototype[m].name, Headers.prototype[m].length])]);
  await say('cookies', () => { const h = new Headers(); h.append('set-cookie', 'a=\\u4e2d'); h.append('set-cookie', 'b=\\u00e9'); return inspect([h.getSetCookie(), h.get('set-cookie'), [...h], h.getAll('set-cookie')]) });
  await say('of a request', () => inspect([...new Request('http://a', { headers: { x: sent } }).headers]));
  await say('of a copy', () => inspect([...new Request(new Request('http://a', { headers: { x: sent } })).clone().headers]));
  await say('of a response', () => inspect([...new Response('', { headers: { x: sent } }).clone().headers]));
  await say('of a clone', () => inspect([...structuredClone(new Headers({ x: sent }))]));
  await say('to an object', async () => { const r = await stub.fetch('http://x', { headers: { x: sent } }); return [await r.text(), inspect([...r.headers]), inspect(r.headers.getSetCookie())] });
  await say('by RPC', async () => { const [headers, seen] = await stub.pass(new Headers({ x: sent })); return [seen, inspect([...headers])] });
  await say('of a request, by RPC', () => stub.headersOf(new Request('http://a', { headers: { x: sent } })));
  await say('of a response, by RPC', () => stub.headersOf(new Response(null, { headers: { x: sent } })));
  await say('stored', () => stub.keep(new Headers({ x: sent })));
  await say('thrown', async () => { try { await stub.fail() } catch (e) { return inspect([...e]) } });
  await say('a type', async () => inspect([(await new Response('a', { headers: { 'content-type': 'text/\\u4e2d' } }).blob()).type]));
});
export default {
  fetch(request, env, ctx) {
    if (new URL(request.url).pathname === '/') return test.fetch(request, env, ctx);
    return new Response(inspect([request.headers.get('x'), request.headers.get('y')]), { headers: { x: sent, l: '\\u00e9' } });
  },
};
`,
  async steps(client) {
    await client.fetch('/');
    await client.fetch('/in-and-out', { headers: { x: utf8('é中'), y: 'é' }, showHeaders: ['x', 'l'] });
  },
});
