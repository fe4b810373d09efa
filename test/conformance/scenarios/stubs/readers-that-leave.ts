import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: "Whoever makes a response is not told that its reader has left; of a request's body and of a stream over RPC the maker hears at its next chunk that the connection is lost.",
  rows: ['6.response-bodies', '4.streams', '3.fetch'],
  config: objects({ MAKERS: 'Maker', TAKERS: 'Taker' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, sleep, worker } from './prelude.js';
const bytes = (text) => new TextEncoder().encode(text);
const once = (log) => log.filter((x, i) => log.indexOf(x) === i);

function make(kind, note) {
  const cancel = (reason) => note('cancelled ' + inspect(reason));
  switch (kind) {
    case 'pull': return { body: new ReadableStream({ async pull(c) { note('pull'); await sleep(5); c.enqueue(bytes('p')) }, cancel }) };
    case 'silent': return { body: new ReadableStream({ cancel }) };
    case 'bytes': return { body: new ReadableStream({ type: 'bytes', async pull(c) { note('pull'); await sleep(5); c.enqueue(bytes('p')) }, cancel }) };
    case 'iterated': return { body: ReadableStream.from((async function* () { try { for (;;) { note('yield'); yield bytes('i'); await sleep(5) } } finally { note('finally') } })()) };
    case 'piped': { const t = new TransformStream(); make('pull', note).body.pipeTo(t.writable).catch((e) => note('pipe failed: ' + inspect(e))); return { body: t.readable } }
    default: {
      const { readable, writable } = kind === 'identity' ? new IdentityTransformStream() : kind === 'fixed' ? new FixedLengthStream(100) : new TransformStream();
      const writer = writable.getWriter();
      writer.closed.then(() => note('closed'), (e) => note('closed with ' + inspect(e)));
      writer.write(bytes('first')).catch(() => {});
      return { body: readable, writer };
    }
  }
}

export class Maker extends DurableObject {
  log = [];
  begin(kind) { this.log = []; const { body, writer } = make(kind, (t) => this.log.push(t)); this.writer = writer; return body }
  fetch(request) { return new Response(this.begin(new URL(request.url).pathname.slice(1))) }
  stream(kind) { return this.begin(kind) }
  async seen() { await sleep(40); const log = once(this.log); this.log = []; return log }
  async write(text) {
    this.writer.write(bytes(text)).then(() => this.log.push('wrote ' + text), (e) => this.log.push('write failed: ' + inspect(e)));
    const { desiredSize } = this.writer;
    return [desiredSize, ...await this.seen()];
  }
  async send(kind, how) {
    this.log = [];
    const { body, writer } = make(kind, (t) => this.log.push(t));
    const answer = await this.env.TAKERS.getByName('t').fetch('http://t/' + how, { method: 'POST', body }).then((r) => r.text(), (e) => inspect(e));
    return [answer, ...(await this.seen()).sort()];
  }
}
export class Taker extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/cancel') await request.body.cancel('enough');
    if (pathname === '/throw') throw new Error('thrown');
    if (pathname.startsWith('/hand')) { const r = await this.env.MAKERS.getByName('far').fetch('http://m/pull'); return pathname === '/hand-on' ? r : new Response(r.body, r) }
    return new Response('answered');
  }
}
export default worker(async ({ say, env }) => {
  const writes = async (name, maker) => { for (const text of ['a', 'b']) await say(name + ' ' + text, () => maker.write(text)) };
  const isWritten = (kind) => ['transform', 'identity', 'fixed'].includes(kind);
  for (const kind of ['pull', 'bytes', 'iterated', 'piped', 'transform', 'identity', 'fixed']) {
    const maker = env.MAKERS.getByName(kind);
    const reader = (await maker.fetch('http://m/' + kind)).body.getReader();
    await reader.read();
    await sleep(5);
    await say('cancelling ' + kind, () => reader.cancel('why'));
    await say('then', () => maker.seen());
    if (isWritten(kind)) await writes(kind, maker);
  }
  for (const kind of ['pull', 'identity']) {
    const maker = env.MAKERS.getByName('aborted ' + kind);
    const controller = new AbortController();
    const reader = (await maker.fetch('http://m/' + kind, { signal: controller.signal })).body.getReader();
    await reader.read();
    await sleep(5);
    controller.abort(new Error('given up'));
    await say('reading ' + kind + ' that was given up', () => reader.read());
    await say('then', () => maker.seen());
  }
  for (const how of ['hand-on', 'hand-on-wrapped']) {
    const reader = (await env.TAKERS.getByName('t').fetch('http://t/' + how)).body.getReader();
    await reader.read();
    await sleep(5);
    await reader.cancel('why');
    await say('a body by way of another, ' + how, () => env.MAKERS.getByName('far').seen());
  }
  for (const kind of ['pull', 'silent']) for (const how of ['ignore', 'cancel', 'throw']) await say('a request of ' + kind + ', ' + how, () => env.MAKERS.getByName('sender').send(kind, how));
  for (const kind of ['pull', 'transform']) {
    const maker = env.MAKERS.getByName('rpc ' + kind);
    const reader = (await maker.stream(kind)).getReader();
    await reader.read();
    await sleep(5);
    await reader.cancel('why');
    await say('over RPC, ' + kind, () => maker.seen());
    if (kind === 'transform') await writes(kind, maker);
  }
});
`,
});
