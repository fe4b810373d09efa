import { objects, scenario } from '../../scenario.ts';
export const subject = scenario({
  name: 'A client with time limits, retries and fallbacks asks flaky servers by way of an object that keeps a circuit breaker, and rewrites the pages that it gets with what other objects say.',
  rows: ['3.fetch', '1.html-rewriter', '4.abort-signals'],
  config: objects({ BREAKERS: 'Breaker', PRICES: 'Prices' }),
  outside: {
    module: `
let n = 0; const seen = {};
export default { async fetch(request) {
  const url = new URL(request.url); const key = url.searchParams.get('key') ?? url.pathname; seen[key] = (seen[key] ?? 0) + 1;
  switch (url.pathname) {
    case '/flaky': return seen[key] < Number(url.searchParams.get('until')) ? new Response('busy', { status: 503, headers: { 'retry-after': '0' } }) : new Response('ok after ' + seen[key]);
    case '/slow': await new Promise((r) => setTimeout(r, Number(url.searchParams.get('ms')))); return new Response('slow');
    case '/drip': { let i = 0; return new Response(new ReadableStream({ async pull(c) { await new Promise((r) => setTimeout(r, 30)); c.enqueue(new TextEncoder().encode('d' + i)); if (++i === 20) c.close() } })) }
    case '/echo': return Response.json({ method: request.method, body: await request.text(), h: request.headers.get('x-a'), ct: request.headers.get('content-type'), seen: seen[key] });
    case '/redirect': return Response.redirect('http://' + url.host + '/echo?key=r', Number(url.searchParams.get('code') ?? 302));
    case '/json-bad': return new Response('{"a":', { headers: { 'content-type': 'application/json' } });
    case '/page': return new Response('<html><head><title>Shop</title></head><body><ul><li data-sku="a">A</li><li data-sku="b">B</li><li data-sku="nope">N</li></ul><a href="/x">x</a><!-- secret --></body></html>', { headers: { 'content-type': 'text/html; charset=utf-8' } });
    case '/empty': return new Response(null, { status: 204 });
  }
  return new Response('not found', { status: 404 });
} };`,
  },
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, sleep, worker } from './prelude.js';
const host = 'http://shop.test';
async function retrying(f, { times = 4, backoff = 2, signal, log = [] } = {}) {
  for (let i = 1; ; i++) { signal?.throwIfAborted(); try { const r = await f(i); if (r.status < 500 || i === times) return r; log.push(i + ': ' + r.status); await r.body?.cancel() } catch (e) { log.push(i + ': ' + e.name + ' ' + e.message); if (i === times || e.name === 'AbortError' && signal?.aborted) throw e } await scheduler.wait(backoff * 2 ** i, { signal }) }
}
export class Breaker extends DurableObject {
  failures = 0; openUntil = 0; log = [];
  async fetch(request) {
    if (Date.now() < this.openUntil) return Response.json({ error: 'open' }, { status: 503, headers: { 'retry-after': '1' } });
    try { const r = await fetch(new Request(request, { signal: AbortSignal.timeout(60) })); if (r.status >= 500) throw new Error('status ' + r.status); this.failures = 0; return r }
    catch (e) { this.log.push(e.name); if (++this.failures >= 2) this.openUntil = Date.now() + 150; return Response.json({ error: e.name, message: e.message }, { status: 504 }) }
  }
  state() { return [this.failures, Date.now() < this.openUntil, this.log.splice(0)] }
  async timeout(ms) { const t = Date.now(); try { await fetch(host + '/slow?ms=500', { signal: AbortSignal.timeout(ms) }); return 'done' } catch (e) { return [inspect(e), e.code, e instanceof DOMException, Date.now() - t >= ms - 1] } }
  async any() { const ac = new AbortController(); setTimeout(() => ac.abort(new RangeError('mine')), 10); const any = AbortSignal.any([ac.signal, AbortSignal.timeout(400)]); try { await fetch(host + '/slow?ms=500', { signal: any }); } catch (e) { return [inspect(e), any.aborted, e === any.reason, e === ac.signal.reason] } }
  async joined() { try { await fetch(host + '/slow?ms=500', { signal: AbortSignal.any([AbortSignal.timeout(20)]) }) } catch (e) { return inspect(e) } }
  async drip() { const r = await fetch(host + '/drip', { signal: AbortSignal.timeout(100) }); const got = []; try { for await (const c of r.body) got.push(new TextDecoder().decode(c)) } catch (e) { return [got.length > 0 && got.length < 20, inspect(e)] } return got }
}
export class Prices extends DurableObject {
  asked = 0;
  async price(sku) { this.asked++; await sleep(2); if (sku === 'nope') throw new Error('no price for ' + sku); return { a: 1.5, b: 20 }[sku] }
  async page(request) { const r = await fetch(host + '/page'); return new HTMLRewriter().on('li', { element: async (el) => { const sku = el.getAttribute('data-sku'); try { el.append(' ' + await this.price(sku)) } catch (e) { el.setAttribute('class', 'gone'); el.setInnerContent('<i>' + e.message + '</i>', { html: true }) } } }).transform(r) }
  async fetch(request) { return this.page(request) }
}
export default worker(async ({ say, env, ctx }) => {
  const text = async (p) => { const r = await p; return r.status + ' ' + await r.text() };
  const log = [];
  await say('third time', () => text(retrying(() => fetch(host + '/flaky?key=1&until=3'), { log })));
  await say('log', () => log.splice(0));
  await say('never', () => text(retrying(() => fetch(host + '/flaky?key=2&until=30'), { times: 2, log })));
  await say('each with a limit', () => text(retrying((i) => fetch(host + '/slow?ms=' + (i < 3 ? 300 : 1), { signal: AbortSignal.timeout(40) }), { log })));
  await say('log', () => log.splice(0));
  await say('a limit for all', async () => { const signal = AbortSignal.timeout(50); return text(retrying(() => fetch(host + '/slow?ms=400', { signal: AbortSignal.any([signal, AbortSignal.timeout(1000)]) }), { signal, log })) });
  await say('aborted before', () => fetch(host + '/echo', { signal: AbortSignal.abort() }));
  await say('aborted before with', () => fetch(host + '/echo', { signal: AbortSignal.abort('why') }));
  await say('a waiting that is given up', async () => { const ac = new AbortController(); setTimeout(() => ac.abort(new Error('enough')), 5); await scheduler.wait(1000, { signal: ac.signal }) });
  const b = env.BREAKERS.getByName('b');
  await say('timeout', () => b.timeout(30));
  await say('any', () => b.any());
  await say('joined', () => b.joined());
  await say('drip', () => b.drip());
  const via = (path, init) => b.fetch(host + path, init);
  await say('through', () => text(via('/echo', { method: 'POST', body: 'hello', headers: { 'x-a': 'b' } })));
  await say('slow', () => text(via('/slow?ms=300')));
  await say('bad', () => text(via('/flaky?key=3&until=9')));
  await say('open', () => text(via('/echo')));
  await say('state', () => b.state());
  await sleep(200);
  await say('closed again', () => text(via('/echo?key=z')));
  for (const code of [301, 302, 303, 307, 308]) await say('redirect ' + code, () => text(fetch(host + '/redirect?code=' + code, { method: 'POST', body: 'kept?', headers: { 'x-a': 'q' } })));
  await say('manual', async () => { const r = await fetch(host + '/redirect', { redirect: 'manual' }); return [r.status, r.headers.get('location'), r.redirected, r.type] });
  await say('redirected', async () => { const r = await fetch(host + '/redirect'); return [r.redirected, r.url] });
  await say('bad json', async () => (await fetch(host + '/json-bad')).json());
  await say('empty', async () => { const r = await fetch(host + '/empty'); return [r.status, r.body, await r.text(), r.ok] });
  await say('a race', async () => { const ac = new AbortController(); const won = await Promise.any([fetch(host + '/slow?ms=200', { signal: ac.signal }), fetch(host + '/echo?key=w')]).then((r) => r.url); ac.abort(); return won });
  await say('all settled', async () => (await Promise.allSettled([fetch(host + '/echo?key=s'), fetch('nope'), fetch(host + '/slow?ms=1', { signal: AbortSignal.abort() })])).map((r) => r.status + ' ' + (r.reason ? r.reason.name + ': ' + r.reason.message : r.value.status)));
  const p = env.PRICES.getByName('p');
  await say('page in object', () => text(p.fetch('http://x/')));
  await say('page in worker', async () => { const seen = []; const r = new HTMLRewriter().on('li[data-sku]', { async element(el) { const sku = el.getAttribute('data-sku'); const price = await p.price(sku).catch(() => 'none'); el.after('<b>' + price + '</b>', { html: true }); seen.push(sku) } }).on('title', { text(t) { if (t.lastInTextNode) t.after(' of ' + p.id.name?.length); } }).onDocument({ comments(c) { c.remove() }, async end(e) { e.append('<!-- ' + seen.join() + ' -->', { html: true }) } }).transform(await fetch(host + '/page')); return [r.headers.get('content-type'), await r.text()] });
  await say('a handler that fails', async () => { const r = new HTMLRewriter().on('li', { async element(el) { await p.price('nope') } }).transform(await fetch(host + '/page')); return r.text() });
  await say('rewritten page of an object', async () => new HTMLRewriter().on('li.gone', { element(e) { e.remove() } }).on('*', { element(e) { if (e.tagName === 'a') e.setAttribute('href', host + e.getAttribute('href')) } }).transform(await p.fetch('http://x/')).text());
});
`,
});
