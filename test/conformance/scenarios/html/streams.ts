import { scenario } from '../../scenario.ts';

/** How time and failures go through a rewriter. */
export const subject = scenario({
  name: 'HTMLRewriter streams, waits for handlers, and fails its body with what they throw.',
  rows: ['1.html-rewriter'],
  program: String.raw`
import { worker, inspect, show, showNow, sleep } from './prelude.js';
import { DurableObject } from 'cloudflare:workers';

const encoder = new TextEncoder();
const page = (html) => new Response(html, { headers: { 'content-type': 'text/html' } });
const through = async (html, build) => await build(new HTMLRewriter()).transform(page(html)).text();
function pipe() {
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  return { response: new Response(readable), write: (text) => writer.write(encoder.encode(text)), close: () => writer.close(), abort: (e) => writer.abort(e) };
}
const read = async (reader) => { const { done, value } = await reader.read(); return done ? 'END' : new TextDecoder().decode(value); };

export class Obj extends DurableObject {
  async page(html) { return new HTMLRewriter().on('p', { element: (e) => { e.setAttribute('by', 'object'); } }).transform(page(html)); }
  async kept() {
    return await through('<p></p>', (r) => r.on('p', { element: async (e) => {
      await this.ctx.storage.put('a', 1); e.setInnerContent(String(await this.ctx.storage.get('a')));
    } }));
  }
  async fetch(request) { return new HTMLRewriter().on('p', { element(e) { e.append('+'); } }).transform(new Response(request.body)); }
}

export default worker(async ({ say, env }) => {
  await say('async handlers', () => through('<p>a</p><p>b</p>', (r) => r.on('p', { async element(e) { await sleep(1); e.append('!'); await 0; e.setAttribute('x', '1'); } })));
  await say('all of them async', async () => {
    const seen = [];
    const note = (what) => async (t) => { await sleep(1); seen.push(what + ' ' + inspect(t.tagName ?? t.text ?? t.name)); };
    const out = await through('<!doctype html><p>a<!--c--></p>', (r) => r
      .on('p', { async element(e) { await sleep(1); seen.push('element'); e.onEndTag(async (end) => { await sleep(1); seen.push('end ' + end.name); end.before('E'); }); }, text: note('text'), comments: note('comment') })
      .onDocument({ doctype: note('doctype'), async end(d) { await sleep(1); d.append('END'); } }));
    return [out, seen];
  });
  await say('many awaits', async () => (await through('<p>x</p>'.repeat(300), (r) => r.on('p', { async element(e) { await 0; e.append('y'); } }))).length);
  await say('nested in a handler', () => through('<p>a</p>', (r) => r.on('p', { async element(e) {
    e.append(await through('<b>q</b>', (inner) => inner.on('b', { async element(b) { await sleep(1); b.append('?'); } })), { html: true });
  } })));
  await say('nested sync', () => through('<p>a</p>', (r) => r.on('p', { async element(e) { e.append(await through('<b>q</b>', (inner) => inner.on('b', { element(b) { b.append('?'); } })), { html: true }); } })));
  await say('a thenable', () => through('<p>a</p>', (r) => r.on('p', { element(e) { return { then(go) { e.append('T'); go(); } }; } })));
  await say('thrown', () => through('<p>a</p>', (r) => r.on('p', { element() { throw new RangeError('mine'); } })));
  await say('thrown no error', () => through('<p>a</p>', (r) => r.on('p', { element() { throw 'text'; } })));
  await say('thrown by async', () => through('<p>a</p>', (r) => r.on('p', { async element() { await sleep(1); throw new RangeError('mine'); } })));
  await say('thrown by text', () => through('<p>a</p>', (r) => r.on('p', { text() { throw new RangeError('mine'); } })));
  await say('thrown by an end tag', () => through('<p>a</p>', (r) => r.on('p', { element(e) { e.onEndTag(() => { throw new RangeError('mine'); }); } })));
  await say('thrown by the end', () => through('<p>a</p>', (r) => r.onDocument({ end() { throw new RangeError('mine'); } })));
  await say('the same object', async () => { const e = new Error('mine'); try { await through('<p>', (r) => r.on('p', { element() { throw e; } })); } catch (x) { return x === e; } });
  await say('after a failure', () => through('<p>a</p>', (r) => r.on('p', { element(e) { e.append('fine'); } })));
  await say('a token used too late in async', async () => {
    let late;
    const out = await through('<p>a</p>', (r) => r.on('p', { element(e) { late = sleep(5).then(() => showNow(() => e.append('x'))); } }));
    return [out, await late];
  });
  await say('piece by piece', async () => {
    const p = pipe();
    const reader = new HTMLRewriter().on('p', { element(e) { e.setAttribute('x', '1'); } }).transform(p.response).body.getReader();
    const seen = [];
    void p.write('<p>a</p><');
    seen.push(await read(reader));
    void p.write('p>b');
    seen.push(await read(reader));
    void p.close();
    for (let one; (one = await read(reader)) !== 'END'; ) seen.push(one);
    return seen.join('').length + ' ' + seen.join('');
  });
  await say('characters cut in two', async () => {
    const p = pipe();
    const seen = [];
    const out = new HTMLRewriter().on('p', { text(t) { seen.push(t.text); } }).transform(p.response).text();
    const [one, two] = [encoder.encode('<p>\u00e9').slice(0, 4), encoder.encode('\u00e9</p>').slice(1)];
    const { readable, writable } = new TransformStream();
    const bytes = (async () => { const w = writable.getWriter(); await w.write(one); await w.write(two); await w.close(); })();
    const other = await new HTMLRewriter().on('p', { text(t) { seen.push(t.text); } }).transform(new Response(readable)).text();
    await bytes; await p.close(); await out;
    return [other, seen];
  });
  await say('the source fails', async () => {
    const p = pipe();
    const out = new HTMLRewriter().on('p', {}).transform(p.response).text();
    void p.write('<p>').catch(() => {}); void p.abort(new RangeError('source')).catch(() => {});
    return await out;
  });
  await say('no bytes', () => new HTMLRewriter().on('p', {}).transform(new Response(new ReadableStream({ start(c) { c.enqueue('text'); c.close(); } }))).text());
  await say('the reader leaves', async () => {
    let left;
    const source = new ReadableStream({ pull(c) { c.enqueue(encoder.encode('<p>')); }, cancel(reason) { left = inspect(reason); } });
    const reader = new HTMLRewriter().on('p', {}).transform(new Response(source)).body.getReader();
    await reader.read();
    await reader.cancel(new RangeError('enough'));
    await sleep(5);
    return left;
  });
  await say('a stream as content', () => through('<p>a</p>', (r) => r.on('p', { element(e) { e.replace(page('<b>streamed</b>').body, { html: true }); } })));
  await say('a response as content', () => through('<p>a</p>', (r) => r.on('p', { element(e) { e.setInnerContent(page('<b>&</b>')); } })));
  await say('a stream of text', () => through('<p>a</p>', (r) => r.on('p', { element(e) { e.append(new Response('<i>').body); e.append('2'); e.append(new Response('3')); e.before(new Response('B').body).after(new Response('A').body).prepend(new Response('P').body); } })));
  await say('a stream for a text', () => through('<p>a</p>', (r) => r.on('p', { text(t) { if (t.text) t.replace(new Response('<T>').body, { html: true }).before(new Response('B')).after('A'); } })));
  await say('a stream for a comment', () => through('<p><!--c--></p>', (r) => r.on('p', { comments(c) { c.replace(new Response('C').body); } })));
  await say('a stream for an end tag', () => through('<p>a</p>', (r) => r.on('p', { element(e) { e.onEndTag((end) => { end.before(new Response('E')); }); } })));
  await say('removed by a stream', async () => { const seen = []; await through('<p>a</p>', (r) => r.on('p', { element(e) { e.replace(new Response('x')); seen.push(e.removed); } })); return seen; });
  await say('without a reader', async () => {
    const seen = [];
    const out = new HTMLRewriter().on('p', { element() { seen.push('element'); } }).transform(page('<p>a</p>'));
    await sleep(5);
    return [seen.join(), await out.text(), seen.join()];
  });
  await say('a handler fails and the source hears', async () => {
    let left = 'nothing';
    const source = new ReadableStream({ pull(c) { c.enqueue(encoder.encode('<p>')); }, cancel(reason) { left = inspect(reason); } });
    const said = await show(() => new HTMLRewriter().on('p', { element() { throw new RangeError('mine'); } }).transform(new Response(source)).text());
    await sleep(5);
    return [said, left];
  });
  await say('thrown with properties', () => through('<p>a</p>', (r) => r.on('p', { element() { throw Object.assign(new Error('mine'), { code: 5 }); } })));
  await say('thrown object', () => through('<p>a</p>', (r) => r.on('p', { element() { throw { a: 1 }; } })));
  await say('a stream at the end', () => through('<p>a</p>', (r) => r.onDocument({ end(d) { d.append(new Response('E').body); } })));
  await say('a response without a body', () => through('<p>a</p>', (r) => r.on('p', { element(e) { e.replace(new Response(null)); } })));
  await say('a used stream', async () => { const used = page('x'); await used.text(); return await through('<p>a</p>', (r) => r.on('p', { element(e) { e.replace(used.body); } })); });
  await say('a used response', async () => { const used = page('x'); await used.text(); return await through('<p>a</p>', (r) => r.on('p', { element(e) { e.replace(used); } })); });
  await say('a failing stream', () => through('<p>a</p>', (r) => r.on('p', { element(e) { e.replace(new ReadableStream({ pull() { throw new RangeError('content'); } })); } })));
  const stub = env.OBJ.getByName('a');
  await say('sent by an object', async () => { const r = await stub.page('<p>x</p>'); return [r.headers.get('content-type'), await r.text()]; });
  await say('with storage', () => stub.kept());
  await say('a request body', async () => (await stub.fetch('https://x/', { method: 'POST', body: '<p>x</p>' })).text());
  await say('a charset', () => new HTMLRewriter().on('p', { text(t) { if (t.text) t.replace(t.text + '!'); } }).transform(new Response(new Uint8Array([60, 112, 62, 228, 60, 47, 112, 62]), { headers: { 'content-type': 'text/html; charset=latin1' } })).arrayBuffer().then((b) => [...new Uint8Array(b)]));
  await say('an unknown charset', () => new HTMLRewriter().on('p', {}).transform(new Response('<p>', { headers: { 'content-type': 'text/html; charset=nonsense' } })).text());
  await say('utf-16', () => new HTMLRewriter().on('p', {}).transform(new Response('<p>', { headers: { 'content-type': 'text/html; charset=utf-16' } })).text());
});
`,
});
