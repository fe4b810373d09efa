import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What was put is found under its URL, by GET, until it is deleted or something else is put.',
  rows: ['web.cache'],
  config: { durable_objects: { bindings: [] }, migrations: [] },
  program: `
import { worker, inspect, show, sleep, tag } from './prelude.js';
const shown = async (r) => r === undefined ? 'undefined' : inspect([r.status, r.statusText, r.url, [...r.headers].filter(([k]) => k !== 'date' && k !== 'expires'), await r.text()]);
const lasting = (body = 'body', headers = {}, init = {}) => new Response(body, { ...init, headers: { 'Cache-Control': 'max-age=100', ...headers } });
export default worker(async ({ say }) => {
  const c = caches.default;
  await say('a miss', async () => shown(await c.match('http://a/1')));
  await say('put', () => c.put('http://a/1', lasting()));
  await say('a hit', async () => shown(await c.match('http://a/1')));
  await say('by a Request', async () => shown(await c.match(new Request('http://a/1'))));
  await say('by a URL', async () => shown(await c.match(new URL('http://a/1'))));
  await say('with a fragment', async () => shown(await c.match('http://a/1#x')));
  await say('with a query', async () => shown(await c.match('http://a/1?x')));
  await say('HEAD', async () => shown(await c.match(new Request('http://a/1', { method: 'HEAD' }))));
  await say('POST', async () => shown(await c.match(new Request('http://a/1', { method: 'POST', body: 'x' }))));
  await say('POST, ignoreMethod', async () => { const q = new Request('http://a/1', { method: 'POST', body: 'x' }); return [await shown(await c.match(q, { ignoreMethod: true })), q.bodyUsed] });
  await say('options that are none', () => c.match('http://a/1', 5));
  await say('null as options', async () => shown(await c.match('http://a/1', null)));
  await say('match of nothing', () => c.match());
  await say('a relative URL', () => c.match('/x'));
  await say('put of nothing', () => c.put());
  await say('put without a response', () => c.put('http://a/'));
  await say('put of a text', () => c.put('http://a/', 'x'));
  await say('a used body', async () => { const r = lasting(); await r.text(); await c.put('http://a/', r) });
  await say('put uses the body', async () => { const r = lasting(); await c.put('http://a/u', r); return r.bodyUsed });
  await say('also of what is not kept', async () => { const r = new Response('x', { headers: { 'Cache-Control': 'no-store' } }); await c.put('http://a/u', r); return r.bodyUsed });
  await say('and what was there stays', async () => shown(await c.match('http://a/u')));
  await say('the headers are immutable', async () => (await c.match('http://a/1')).headers.set('a', 'b'));
  await say('it has a date', async () => (await c.match('http://a/1')).headers.has('date'));
  await say('words of its own', async () => { await c.put('http://a/s', lasting('x', {}, { statusText: 'Fine' })); return (await c.match('http://a/s')).statusText });
  await say('no body', async () => { await c.put('http://a/n', lasting(null)); return shown(await c.match('http://a/n')) });
  await say('bytes', async () => { await c.put('http://a/b', lasting(new Uint8Array([1, 2, 255]))); return inspect(await (await c.match('http://a/b')).bytes()) });
  await say('a stream', async () => { const t = new TransformStream(); const p = c.put('http://a/t', lasting(t.readable)); const w = t.writable.getWriter(); for (const n of [65, 66, 67]) { await w.write(new Uint8Array([n])); await sleep(2) } await w.close(); await p; return (await c.match('http://a/t')).text() });
  await say('large', async () => { await c.put('http://a/l', lasting(new Uint8Array(3e6))); return (await (await c.match('http://a/l')).arrayBuffer()).byteLength });
  await say('put again', async () => { await c.put('http://a/1', lasting('other')); return (await c.match('http://a/1')).text() });
  await say('read twice', async () => [await (await c.match('http://a/1')).text(), await (await c.match('http://a/1')).text()]);
  await say('delete', async () => [await c.delete('http://a/1'), await c.delete('http://a/1'), await c.delete('http://a/never')]);
  await say('delete by HEAD', async () => { await c.put('http://a/1', lasting()); return [await c.delete(new Request('http://a/1', { method: 'HEAD' })), tag(await c.match('http://a/1'))] });
  await say('delete by POST', async () => [await c.delete(new Request('http://a/1', { method: 'POST' })), await c.delete(new Request('http://a/1', { method: 'POST' }), { ignoreMethod: true }), tag(await c.match('http://a/1'))]);
  await say('caches with names', async () => { const x = await caches.open('x'); await c.put('http://a/n', lasting('default')); const before = await x.match('http://a/n'); await x.put('http://a/n', lasting('in x')); return [before, await (await x.match('http://a/n')).text(), await (await c.match('http://a/n')).text(), await (await caches.open('y')).match('http://a/n'), await x.delete('http://a/n'), tag(await c.match('http://a/n')), await x.match('http://a/n')] });
  await say('the same name again', async () => { await (await caches.open('z')).put('http://a/z', lasting('z')); return (await (await caches.open('z')).match('http://a/z')).text() });
});
`,
});
