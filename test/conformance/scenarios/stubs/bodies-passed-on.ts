import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Whoever makes a response that travels on as the body of a request, or a stream that does, is told when nobody reads it any more: at once if a chunk was on its way, else after the next one.',
  rows: ['6.response-bodies', '4.streams', '3.fetch'],
  config: objects({ MAKERS: 'Maker', TAKERS: 'Taker' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, sleep, worker, show } from './prelude.js';
const bytes = (text) => new TextEncoder().encode(text);
const once = (log) => log.filter((x, i) => log.indexOf(x) === i);
function make(kind, note) {
  const cancel = (reason) => note('cancelled ' + inspect(reason));
  switch (kind) {
    case 'pull': return { body: new ReadableStream({ async pull(c) { note('pull'); await sleep(5); c.enqueue(bytes('p')) }, cancel }) };
    case 'silent': return { body: new ReadableStream({ cancel }) };
    case 'bytes': return { body: new ReadableStream({ type: 'bytes', async pull(c) { note('pull'); await sleep(5); c.enqueue(bytes('p')) }, cancel }) };
    default: {
      const { readable, writable } = kind === 'identity' ? new IdentityTransformStream() : new TransformStream();
      const writer = writable.getWriter();
      writer.closed.then(() => note('closed'), (e) => note('closed with ' + inspect(e)));
      writer.write(bytes('first')).catch((e) => note('first failed: ' + inspect(e)));
      return { body: readable, writer };
    }
  }
}
export class Maker extends DurableObject {
  log = [];
  begin(kind) { this.log = []; const { body, writer } = make(kind, (t) => this.log.push(t)); this.writer = writer; return body }
  fetch(request) { return new Response(this.begin(new URL(request.url).pathname.slice(1))) }
  stream(kind) { return this.begin(kind) }
  async seen() { await sleep(60); const log = once(this.log); this.log = []; return log }
  async write(text) {
    const said = await Promise.race([sleep(30).then(() => 'pending'), this.writer.write(bytes(text)).then(() => 'wrote ' + text, (e) => 'write failed: ' + inspect(e))]);
    return [said, ...await this.seen()];
  }
}
export class Taker extends DurableObject {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/cancel') await request.body.cancel('enough');
    if (pathname === '/read-one') { const r = request.body.getReader(); await r.read(); await r.cancel('one is enough') }
    if (pathname === '/leave') { const r = request.body.getReader(); await r.read(); }
    if (pathname === '/throw') throw new Error('thrown');
    return new Response('answered');
  }
  async takes(stream, how) { const r = stream.getReader(); if (how !== 'ignore') await r.read(); if (how === 'cancel') await r.cancel('enough'); return 'taken' }
}
export default worker(async ({ say, env }) => {
  const writes = async (name, maker) => { for (const text of ['a', 'b']) await say(name + ' ' + text, () => maker.write(text)) };
  for (const kind of ['pull', 'bytes', 'silent', 'identity', 'transform']) for (const how of ['ignore', 'cancel', 'read-one', 'leave', 'throw']) {
    if (kind === 'silent' && (how === 'read-one' || how === 'leave')) continue;
    const name = kind + ', ' + how;
    const maker = env.MAKERS.getByName(name);
    await say(name, async () => { const { body } = await maker.fetch('http://m/' + kind); return (await env.TAKERS.getByName('t').fetch('http://t/' + how, { method: 'POST', body })).text() });
    await say(name + ', then', () => maker.seen());
    if (kind === 'identity' || kind === 'transform') await writes(name, maker);
  }
  for (const how of ['ignore', 'cancel', 'leave']) {
    const name = 'request object, ' + how;
    const maker = env.MAKERS.getByName(name);
    await say(name, async () => { const { body } = await maker.fetch('http://m/pull'); return (await env.TAKERS.getByName('t').fetch(new Request('http://t/' + how, { method: 'POST', body }))).text() });
    await say(name + ', then', () => maker.seen());
  }
  for (const how of ['ignore', 'cancel', 'leave']) for (const kind of ['pull', 'identity']) {
    const name = 'over RPC, ' + kind + ', ' + how;
    const maker = env.MAKERS.getByName(name);
    await say(name, async () => { const { body } = await maker.fetch('http://m/' + kind); return env.TAKERS.getByName('t').takes(body, how) });
    await say(name + ', then', () => maker.seen());
    if (kind === 'identity' && how === 'cancel') await writes(name, maker);
  }
  for (const how of ['ignore', 'cancel', 'leave']) for (const kind of ['pull', 'identity']) {
    const name = 'RPC stream as a request, ' + kind + ', ' + how;
    const maker = env.MAKERS.getByName(name);
    await say(name, async () => { const body = await maker.stream(kind); return (await env.TAKERS.getByName('t').fetch('http://t/' + how, { method: 'POST', body })).text() });
    await say(name + ', then', () => maker.seen());
    if (kind === 'identity') await writes(name, maker);
  }
  for (const how of ['cancel', 'leave']) {
    const name = 'through a transform, ' + how;
    const maker = env.MAKERS.getByName(name);
    await say(name, async () => { const { body } = await maker.fetch('http://m/pull'); return (await env.TAKERS.getByName('t').fetch('http://t/' + how, { method: 'POST', body: body.pipeThrough(new TransformStream()) })).text() });
    await say(name + ', then', () => maker.seen());
  }
});
`,
});
