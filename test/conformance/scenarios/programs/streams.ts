import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A media store takes uploads in pieces into SQL blobs, serves ranges, pipes through transforms, sends events as they come, and compresses.',
  rows: ['6.response-bodies', '4.streams', '3.fetch', '9.binding-types', '9.result-types', '20.blobs-and-ints'],
  config: objects({ FILES: 'Files', FEED: 'Feed' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect } from './prelude.js';

const CHUNK = 4096;
const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, '0')).join('');

class Chunker extends TransformStream {
  constructor(size) {
    let rest = new Uint8Array();
    super({
      transform(piece, controller) {
        const all = new Uint8Array(rest.length + piece.length);
        all.set(rest); all.set(piece, rest.length);
        let at = 0;
        for (; at + size <= all.length; at += size) controller.enqueue(all.subarray(at, at + size));
        rest = all.slice(at);
      },
      flush(controller) { if (rest.length) controller.enqueue(rest) },
    });
  }
}

export class Files extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS files (name TEXT PRIMARY KEY, type TEXT, size INTEGER, sha256 BLOB); CREATE TABLE IF NOT EXISTS chunks (name TEXT, n INTEGER, bytes BLOB, PRIMARY KEY (name, n)) WITHOUT ROWID');
  }
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const name = decodeURIComponent(pathname.slice(1));
    try {
      switch (request.method) {
        case 'PUT': return await this.put(name, request);
        case 'GET': case 'HEAD': return this.get(name, request, searchParams);
        case 'DELETE': return Response.json(this.ctx.storage.sql.exec('DELETE FROM chunks WHERE name = ?', name).rowsWritten);
        default: return new Response(null, { status: 405, headers: { Allow: 'GET, HEAD, PUT, DELETE' } });
      }
    } catch (error) {
      return new Response(inspect(error), { status: 500 });
    }
  }
  async put(name, request) {
    const { sql } = this.ctx.storage;
    if (!request.body) return new Response('no body', { status: 400 });
    sql.exec('DELETE FROM chunks WHERE name = ?', name);
    const digest = new crypto.DigestStream('SHA-256');
    const [forHash, forStore] = request.body.tee();
    const hashed = forHash.pipeTo(digest);
    let n = 0, size = 0;
    for await (const piece of forStore.pipeThrough(new Chunker(CHUNK))) {
      sql.exec('INSERT INTO chunks VALUES (?, ?, ?)', name, n++, piece);
      size += piece.byteLength;
    }
    await hashed;
    const sha256 = await digest.digest;
    sql.exec('INSERT OR REPLACE INTO files VALUES (?, ?, ?, ?)', name, request.headers.get('content-type'), size, sha256);
    const stored = sql.exec('SELECT count(*) AS chunks, sum(length(bytes)) AS size, typeof(bytes) AS type FROM chunks WHERE name = ?', name).one();
    return Response.json({ ...stored, hashed: Number(digest.bytesWritten), sha: hex(sha256).slice(0, 12) }, { status: 201, headers: { Location: request.url } });
  }
  get(name, request, params) {
    const { sql } = this.ctx.storage;
    const file = sql.exec('SELECT * FROM files WHERE name = ?', name).toArray()[0];
    if (!file) return new Response('no ' + name, { status: 404 });
    const etag = '"' + hex(file.sha256).slice(0, 8) + '"';
    if (request.headers.get('if-none-match') === etag) return new Response(null, { status: 304, headers: { etag } });
    const range = /^bytes=(\\d*)-(\\d*)$/.exec(request.headers.get('range') ?? '');
    const start = range ? (range[1] === '' ? file.size - Number(range[2]) : Number(range[1])) : 0;
    const end = range && range[1] !== '' && range[2] !== '' ? Number(range[2]) + 1 : file.size;
    if (start >= file.size || start >= end) return new Response(null, { status: 416, headers: { 'content-range': 'bytes */' + file.size } });
    let n = Math.floor(start / CHUNK);
    const source = new ReadableStream({
      pull(controller) {
        if (n * CHUNK >= end) return controller.close();
        const { bytes } = sql.exec('SELECT bytes FROM chunks WHERE name = ? AND n = ?', name, n).one();
        const piece = new Uint8Array(bytes).subarray(Math.max(0, start - n * CHUNK), Math.min(CHUNK, end - n * CHUNK));
        n += 1;
        controller.enqueue(piece);
      },
    });
    const headers = { etag, 'content-type': file.type ?? 'application/octet-stream', ...(range ? { 'content-range': 'bytes ' + start + '-' + (end - 1) + '/' + file.size } : {}) };
    const status = range ? 206 : 200;
    if (params.has('gzip')) return new Response(source.pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip')), { headers });
    if (params.has('upper')) return new Response(source.pipeThrough(new TextDecoderStream()).pipeThrough(new TransformStream({ transform(text, c) { c.enqueue(text.toUpperCase()) } })).pipeThrough(new TextEncoderStream()), { headers });
    if (params.has('fixed')) { const fixed = new FixedLengthStream(end - start + Number(params.get('fixed'))); this.ctx.waitUntil(source.pipeTo(fixed.writable).catch(() => {})); return new Response(fixed.readable, { headers }) }
    return new Response(request.method === 'HEAD' ? null : source, { status, headers });
  }
}

export class Feed extends DurableObject {
  listeners = new Set(); said = [];
  fetch(request) {
    if (request.headers.get('accept') !== 'text/event-stream') return Response.json([this.listeners.size, this.said]);
    const { readable, writable } = new TransformStream();
    const writer = writable.getWriter();
    const listener = { write: (event, data, id) => writer.write(new TextEncoder().encode('id: ' + id + '\\nevent: ' + event + '\\ndata: ' + JSON.stringify(data) + '\\n\\n')), close: () => writer.close() };
    this.listeners.add(listener);
    writer.closed.then(() => this.said.push('closed'), (error) => { this.listeners.delete(listener); this.said.push('gone: ' + inspect(error)) });
    return new Response(readable, { headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-store' } });
  }
  async publish(event, data) {
    const id = (this.id = (this.id ?? 0) + 1);
    for (const listener of this.listeners) { listener.write(event, data, id).catch((error) => this.said.push('write: ' + error.name)); if (event === 'end') { listener.close(); this.listeners.delete(listener) } }
    return this.listeners.size;
  }
}

async function* lines(stream) {
  let rest = '';
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + text).split('\\n\\n');
    rest = parts.pop();
    yield* parts;
  }
}

export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const files = env.FILES.getByName('f');
    if (url.pathname.startsWith('/files/')) return files.fetch(new Request(new URL(url.pathname.slice(6) + url.search, 'http://files'), request));
    if (url.pathname === '/large') {
      const size = 300_001;
      let made = 0;
      const body = new ReadableStream({ type: 'bytes', pull(c) { const piece = new Uint8Array(Math.min(10_007, size - made)).map((_, i) => (made + i) * 7); made += piece.length; c.enqueue(piece); if (made === size) c.close() } });
      const put = await files.fetch('http://files/large', { method: 'PUT', body, headers: { 'content-type': 'image/png' } });
      const stored = await put.json();
      const got = await files.fetch('http://files/large');
      const bytes = await got.bytes();
      const tail = await files.fetch('http://files/large', { headers: { range: 'bytes=-5' } });
      const sha = hex(await crypto.subtle.digest('SHA-256', bytes)).slice(0, 12);
      return Response.json([put.status, put.headers.get('location'), stored, got.headers.get('content-length'), bytes.length, sha === stored.sha, tail.status, tail.headers.get('content-range'), [...(await tail.bytes())], bytes.every((byte, i) => byte === ((i * 7) & 255))]);
    }
    if (url.pathname === '/early') {
      const response = await files.fetch('http://files/large');
      const reader = response.body.getReader({ mode: 'byob' });
      const first = await reader.read(new Uint8Array(100));
      const exact = await reader.readAtLeast(5000, new Uint8Array(6000));
      await reader.cancel('enough');
      return Response.json([first.value.length > 0, exact.value.length >= 5000, await reader.read(new Uint8Array(1)).then(({ done, value }) => [done, value?.length])]);
    }
    const feed = env.FEED.getByName('feed');
    if (url.pathname === '/feed') {
      const response = await feed.fetch('http://feed/', { headers: { accept: 'text/event-stream' } });
      const seen = [response.headers.get('content-type'), await feed.publish('hello', { text: 'grüße\\nzwei' })];
      const events = lines(response.body);
      seen.push((await events.next()).value);
      await feed.publish('more', [1, 2]);
      seen.push((await events.next()).value);
      await feed.publish('still', null);
      seen.push((await events.next()).value);
      await feed.publish('end');
      for await (const event of events) seen.push(event);
      await scheduler.wait(20);
      seen.push(await (await feed.fetch('http://feed/')).json());
      return new Response(seen.map((x) => JSON.stringify(x)).join('\\n'));
    }
    if (url.pathname === '/live') return feed.fetch('http://feed/', { headers: { accept: 'text/event-stream' } });
    if (url.pathname === '/concat') {
      const { readable, writable } = new IdentityTransformStream();
      ctx.waitUntil((async () => {
        for (const name of ['a.txt', 'b.txt', 'none']) await (await files.fetch('http://files/' + name)).body.pipeTo(writable, { preventClose: true });
        const writer = writable.getWriter();
        await writer.write(new TextEncoder().encode('.'));
        await writer.close();
      })());
      const text = await new Response(readable).text();
      return Response.json([text.length, text.slice(0, 15), text.slice(-10)]);
    }
    return new Response(null, { status: 404 });
  },
};
`,
  async steps(client) {
    const showHeaders = ['content-type', 'content-range', 'etag', 'allow'];
    const put = (path: string, body: string) =>
      client.fetch(path, { method: 'PUT', body, headers: { 'content-type': 'text/plain; charset=utf-8' } });
    await put('/files/a.txt', 'hello wörld');
    await put('/files/b.txt', 'x'.repeat(10_000));
    await put('/files/empty', '');
    await client.fetch('/files/a.txt', { showHeaders });
    await client.fetch('/files/a.txt', { showHeaders, headers: { 'if-none-match': '"cb71d46a"' } });
    await client.fetch('/files/a.txt', { showHeaders, method: 'HEAD' });
    await client.fetch('/files/a.txt', { showHeaders, headers: { range: 'bytes=2-6' } });
    await client.fetch('/files/b.txt', { showHeaders, headers: { range: 'bytes=4094-4097' } });
    await client.fetch('/files/a.txt', { showHeaders, headers: { range: 'bytes=50-' } });
    await client.fetch('/files/a.txt?gzip', { showHeaders });
    await client.fetch('/files/a.txt?upper', { showHeaders });
    await client.fetch('/files/a.txt?fixed=0', { showHeaders });
    await client.fetch('/files/c%20d.txt', { showHeaders });
    await client.fetch('/files/a.txt', { showHeaders, method: 'PATCH' });
    await client.fetch('/large');
    await client.fetch('/early');
    await client.fetch('/concat');
    await client.fetch('/feed');
    await client.fetch('/files/b.txt', { method: 'DELETE' });
  },
});
