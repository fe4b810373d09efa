import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Half of a surrogate pair leaves as three bytes, as if it were a character, and is read as three U+FFFD.',
  rows: ['1.global-scope', '3.fetch'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';
const hex = (b) => [...new Uint8Array(b)].map((x) => x.toString(16)).join(' ');
const high = 'a\\ud800b', low = 'c\\udc00', both = '\\ud83d\\ude00\\ud83d';
export class Obj extends DurableObject {
  async fetch(request) { return new Response(request.url + ' ' + hex(await request.arrayBuffer()) + high) }
  async echo(text) { return [text.length, [...text].map((c) => c.codePointAt(0).toString(16))] }
}
export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const text of [high, low, both, '\\ud800', '\\udc00\\ud800', 'no \\ud83d\\ude00', '']) {
    const name = JSON.stringify(text);
    await say(name + ', a response', async () => hex(await new Response(text).arrayBuffer()));
    await say(name + ', its text', async () => inspect(await new Response(text).text()));
    await say(name + ', a request', async () => hex(await new Request('http://a', { method: 'POST', body: text }).arrayBuffer()));
    await say(name + ', a blob', async () => hex(await new Blob([text, text]).arrayBuffer()));
    await say(name + ', a stream of the platform', async () => { const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); const written = Promise.all([w.write(text), w.close()]); const bytes = await new Response(readable).arrayBuffer(); await written; return hex(bytes) });
    await say(name + ', an address', () => new Request('http://a/' + text + '?' + text + '#' + text).url);
    await say(name + ', to an object', async () => { const r = await stub.fetch('http://a/' + text + '?' + text, { method: 'POST', body: text }); return hex(await r.arrayBuffer()) });
    await say(name + ', by RPC', () => stub.echo(text));
  }
  await say('a body as a stream', async () => { const s = []; for await (const c of new Response(high).body) s.push(hex(c)); return s });
  await say('JSON', async () => [await Response.json(high).text(), await Response.json({ a: low }).text()]);
  await say('a file', async () => { const f = new File([high], high); return [hex(await f.arrayBuffer()), inspect(f.name)] });
  await say('an encoder', () => { const b = new Uint8Array(6); return [hex(new TextEncoder().encode(high)), new TextEncoder().encodeInto(high, b), hex(b)] });
  await say('parameters', async () => { const p = new URLSearchParams({ a: high }); return [String(p), inspect(p.get('a')), await new Response(p).text()] });
  await say('a form', () => { const f = new FormData(); f.append(high, low); return inspect([...f]) });
  await say('a URL', () => new URL('http://a/' + high + '?' + high + '#' + high).href);
  await say('a digest', async () => { const d = new crypto.DigestStream('SHA-256'); const w = d.getWriter(); await w.write(high); await w.close(); return hex(await d.digest) });
  await say('a status', () => inspect(new Response('', { statusText: high }).statusText));
  await say('a message', () => { const [a, b] = Object.values(new WebSocketPair()); a.accept(); b.accept(); const heard = new Promise((r) => b.addEventListener('message', (e) => r(inspect(e.data)))); a.send(high); return heard });
});
`,
});
