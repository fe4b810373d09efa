import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Three objects hand streams on: made in one, transformed in another, teed, cut off, failed and read byte by byte in a third.',
  rows: ['4.streams', '4.by-reference', '4.param-stub-lifetime', '4.error-propagation', '6.response-bodies', '3.fetch'],
  config: objects({ SOURCE: 'Source', FILTER: 'Filter', SINK: 'Sink' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, show, tag, worker } from './prelude.js';

const text = (s) => new TextEncoder().encode(s);
const read = (stream) => new Response(stream).text();

export class Source extends DurableObject {
  log = [];
  takeLog() { return this.log.splice(0) }
  lines(n, size = 1) {
    let i = 0;
    return new ReadableStream({
      type: 'bytes',
      pull: (c) => { if (i === n) { c.close(); c.byobRequest?.respond(0) } else c.enqueue(text('line ' + i++ + 'x'.repeat(size - 1) + '\\n')) },
      cancel: (reason) => { this.log.push('cancelled ' + (i > 0) + ' ' + inspect(reason)) },
    });
  }
  endless() {
    let i = 0;
    return new ReadableStream({
      pull: async (c) => { await scheduler.wait(1); c.enqueue(text('tick ' + i++ + '\\n')) },
      cancel: (reason) => { this.log.push('endless cancelled ' + inspect(reason)) },
    });
  }
  failing(after) {
    let i = 0;
    return new ReadableStream({ pull(c) { if (i++ === after) c.error(new RangeError('source failed')); else c.enqueue(text('ok' + i)) } });
  }
  wrong(what) { return new ReadableStream({ start(c) { c.enqueue(what === 'text' ? 'a string' : what === 'number' ? 1 : what === 'object' ? { a: 1 } : new Uint16Array([258, 772]).subarray(1)); c.close() } }) }
  identity() { const { readable, writable } = new IdentityTransformStream(); this.ctx.waitUntil((async () => { const w = writable.getWriter(); for (const part of ['one ', 'two ', 'three']) await w.write(text(part)); await w.close(); this.log.push('identity written') })()); return readable }
  fixed(n, content) { const { readable, writable } = new FixedLengthStream(n); this.ctx.waitUntil((async () => { const w = writable.getWriter(); await w.write(text(content)); await w.close() })().catch((error) => this.log.push(inspect(error)))); return readable }
  both() { const [a, b] = this.lines(3).tee(); return { a, b, at: 'both' } }
  writer() { return new WritableStream({ write: (chunk) => { this.log.push('got ' + tag(chunk)) }, close: () => { this.log.push('closed') }, abort: (reason) => { this.log.push('aborted ' + inspect(reason)) } }) }
  slowWriter() { return new WritableStream({ write: async (chunk) => { await scheduler.wait(5); this.log.push(new TextDecoder().decode(chunk)); if (this.log.at(-1) === 'bad') throw new SyntaxError('bad chunk') } }) }
  response(kind) {
    if (kind === 'stream') return new Response(this.lines(2), { status: 201, statusText: 'Made', headers: { 'x-kind': kind, 'set-cookie': 'a=1' } });
    if (kind === 'json') return Response.json({ a: [1, null] }, { headers: { etag: '"1"' } });
    if (kind === 'redirect') return Response.redirect('https://example.com/x', 307);
    if (kind === 'error') return Response.error();
    if (kind === 'empty') return new Response(null, { status: 204 });
    if (kind === 'used') { const r = new Response('x'); return r.text().then(() => r) }
    if (kind === 'manual') return new Response('raw', { encodeBody: 'manual', headers: { 'content-encoding': 'br' } });
    return new Response('text of ' + kind);
  }
  async consume(request) { return [request.method, request.url, [...request.headers], await request.text().catch(inspect), request.signal?.aborted] }
}

export class Filter extends DurableObject {
  log = [];
  takeLog() { return this.log.splice(0) }
  get source() { return this.env.SOURCE.getByName('source') }
  async upper(stream) { return stream.pipeThrough(new TextDecoderStream()).pipeThrough(new TransformStream({ transform: (s, c) => c.enqueue(s.toUpperCase()), flush: (c) => { this.log.push('flushed'); c.enqueue('END') } })).pipeThrough(new TextEncoderStream()) }
  async upperOf(n) { return this.upper(await this.source.lines(n)) }
  async passOn(name, ...args) { return this.source[name](...args) }
  async gzip(stream) { return stream.pipeThrough(new CompressionStream('gzip')) }
  async failsIn(stream) { return stream.pipeThrough(new TransformStream({ transform(chunk, c) { c.error(new TypeError('filter failed')) } })) }
  async firstOnly(stream) { const r = stream.getReader(); const { value } = await r.read(); await r.cancel('enough'); return new TextDecoder().decode(value).split('\\n')[0] }
  async unread(stream) { return tag(stream) + stream.locked }
  async keeps(stream) { this.kept = stream; return 'kept' }
  async readKept() { return read(this.kept) }
}

export class Sink extends DurableObject {
  get filter() { return this.env.FILTER.getByName('filter') }
  get source() { return this.env.SOURCE.getByName('source') }
  async bytes(stream, sizes, options = { mode: 'byob' }) {
    const reader = stream.getReader(options); const got = [];
    for (const size of sizes) { const { value, done } = await reader.read(new Uint8Array(size)); got.push(done ? 'done ' + value?.byteLength : new TextDecoder().decode(value)); if (done) break }
    await reader.cancel('read enough'); return got;
  }
  async atLeast(stream, min) { const reader = stream.getReader({ mode: 'byob' }); const out = []; for (;;) { const { value, done } = await reader.readAtLeast(min, new Uint8Array(64)); if (done) { out.push('done ' + value?.byteLength); break } out.push(value.byteLength >= min) } return out }
  async through() { return read(await this.filter.upper(await this.source.lines(3))) }
  async pipelined() { return read(await this.filter.upper(this.source.lines(2))) }
  async forAwait(stream, stopAt) { let text = ''; for await (const chunk of stream) { text += new TextDecoder().decode(chunk); if (stopAt && text.length >= stopAt) break } return text.slice(0, stopAt) }
  async into(stream, writable) { await stream.pipeTo(writable); return 'piped' }
  async intoKeepingOpen(stream, writable) { await stream.pipeTo(writable, { preventClose: true }); const w = writable.getWriter(); await w.write(text('more')); await w.close(); return 'piped and more' }
  async fetch(request) { const { readable, writable } = new TransformStream(); this.ctx.waitUntil(request.body.pipeTo(writable)); return new Response(readable, { headers: { 'x-length': String(request.headers.get('content-length')) } }) }
}

export default worker(async ({ say, env }) => {
  const source = env.SOURCE.getByName('source'), filter = env.FILTER.getByName('filter'), sink = env.SINK.getByName('sink');
  const log = async (of = source) => { await scheduler.wait(30); await say('  log', () => of.takeLog()) };
  await say('read here', async () => read(await source.lines(3)));
  await log();
  await say('through', () => sink.through());
  await log(filter);
  await say('pipelined', () => sink.pipelined());
  await say('made in the filter', async () => read(await filter.upperOf(2)));
  await say('passed on', async () => read(await filter.passOn('lines', 2)));
  await source.takeLog(); await filter.takeLog();
  await say('both', async () => { const { a, b, at } = await source.both(); return [at, await read(a), await read(b)] });
  await say('both passed on', async () => { const { a, b } = await filter.passOn('both'); const [x, y] = await Promise.all([sink.forAwait(a, 0), sink.forAwait(b, 6)]); return [x, y] });
  await source.takeLog();
  await say('byte by byte', async () => sink.bytes(await source.lines(2), [4, 3, 1, 9]));
  await say('by a pipelined stream', () => sink.bytes(source.lines(1), [4, 9, 1]));
  await say('at least', async () => (await sink.atLeast(await source.lines(4), 10)).at(-1));
  await say('each write ends there', async () => { const w = (await source.slowWriter()).getWriter(); const out = []; for (const s of ['a', 'b', 'c']) { await w.write(text(s)); out.push(await source.takeLog()) } await w.close(); return out });
  await log();
  await say('endless, cut by a loop', async () => sink.forAwait(await source.endless(), 13));
  await log();
  await say('endless, cut here', async () => { const stream = await source.endless(); const reader = stream.getReader(); const { value } = await reader.read(); await reader.cancel(new Error('bored')); return new TextDecoder().decode(value) });
  await log();
  await say('endless, cut in the filter', async () => filter.firstOnly(await source.endless()));
  await log();
  await say('unread', async () => filter.unread(await source.endless()));
  await log();
  await say('kept over calls', async () => [await filter.keeps(await source.lines(2)), await show(() => filter.readKept())]);
  await source.takeLog();
  await say('failing', async () => read(await source.failing(2)));
  await say('failing at once', async () => read(await source.failing(0)));
  await say('failing by way of others', async () => read(await filter.upper(await filter.passOn('failing', 1))));
  await say('failing in the filter', async () => read(await filter.failsIn(await source.endless())));
  await log();
  for (const what of ['text', 'number', 'object', 'view']) await say('chunk: ' + what, async () => inspect([...new Uint8Array(await new Response(await source.wrong(what)).arrayBuffer())]));
  await say('identity', async () => read(await source.identity()));
  await log();
  await say('fixed', async () => { const r = new Response(await source.fixed(5, 'abcde')); return [r.headers.get('content-length'), await r.text()] });
  await say('fixed, too much', async () => (await show(async () => read(await source.fixed(3, 'abcde')))).slice(0, 6));
  await say('fixed, too little', async () => (await show(async () => read(await source.fixed(9, 'abcde')))).slice(0, 6));
  await log();
  await say('gzip and back', async () => read((await filter.gzip(await source.lines(2, 500))).pipeThrough(new DecompressionStream('gzip'))).then((s) => s.length));
  await log();
  await say('into a writer', async () => sink.into(await source.lines(1), await source.writer()));
  await log();
  await say('into a writer, kept open', async () => sink.intoKeepingOpen(await source.lines(1), await source.writer()));
  await log();
  await say('into a writer that fails', async () => { const w = (await source.slowWriter()).getWriter(); const out = []; for (const s of ['a', 'bad']) out.push(await show(() => w.write(text(s)))); out.push(await show(() => w.closed)); return out.map(String) });
  await log();
  await say('a writer aborted', async () => { const w = (await source.writer()).getWriter(); await w.write(text('x')); await w.abort(new Error('no more')); return 'aborted' });
  await log();
  await say('a writer let go', async () => { const w = await source.writer(); return w.locked });
  await log();
  for (const kind of ['text', 'stream', 'json', 'redirect', 'error', 'empty', 'used', 'manual'])
    await say('response: ' + kind, async () => { const r = await source.response(kind); return [r.status, r.statusText, r.type, r.url, [...r.headers], r.body && tag(r.body), await r.text()] });
  await log();
  await say('request: text', () => source.consume(new Request('https://x.test/a?b#c', { method: 'PUT', body: 'hi', headers: { 'X-A': '1' } })));
  await say('request: stream', async () => source.consume(new Request('https://x.test/', { method: 'POST', body: await source.lines(2) })));
  await say('request: form', () => { const f = new FormData(); f.set('a', 'b'); return source.consume(new Request('https://x.test/', { method: 'POST', body: f })).then((r) => [r[2][0][1].slice(0, 30), r[3].replace(/[0-9a-f]{20,}/g, '<b>').length > 20]) });
  await say('request: params', () => source.consume(new Request('https://x.test/', { method: 'POST', body: new URLSearchParams({ a: 'b c' }) })));
  await say('request: aborted', () => source.consume(new Request('https://x.test/', { signal: AbortSignal.abort() })));
  await say('request: used', async () => { const r = new Request('https://x.test/', { method: 'POST', body: 'x' }); await r.text(); return source.consume(r) });
  await say('echoed by fetch', async () => { const r = await sink.fetch('https://x.test/', { method: 'POST', body: await source.lines(2) }); return [r.headers.get('x-length'), await r.text()] });
  await say('a stream sent twice', async () => { const s = await source.lines(1); return [await read(await filter.upper(s)), await show(() => filter.upper(s))] });
  await say('a locked stream', async () => { const s = await source.lines(1); s.getReader(); return filter.upper(s) });
  await say('a writer locked', async () => { const s = new TransformStream(); s.writable.getWriter(); return sink.into(await source.lines(1), s.writable) });
  await say('both sides of one', async () => { const t = new TransformStream(); const piped = sink.into(await source.lines(2), t.writable); return [await read(t.readable), await piped] });
});
`,
});
