import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A feed of server-sent events: an object keeps responses open and tells all of them, forgets readers that have left, and sends the rest to one that comes again.',
  rows: ['6.response-bodies', '3.fetch', '1.event-source', '9.exec'],
  config: objects({ FEED: 'Feed' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, sleep, worker } from './prelude.js';

const HEADERS = { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' };
const encode = (text) => new TextEncoder().encode(text);
const frame = ({ id, kind, body }) => (kind === 'message' ? '' : 'event: ' + kind + '\\n') + 'id: ' + id + '\\n' + body.split('\\n').map((line) => 'data: ' + line + '\\n').join('') + '\\n';

export class Feed extends DurableObject {
  readers = new Map();
  left = [];
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec('create table if not exists events(id integer primary key, kind text, body text)');
  }

  async fetch(request) {
    const url = new URL(request.url);
    switch (request.method + ' ' + url.pathname) {
      case 'GET /events': return this.open(url.searchParams.get('as'), request.headers.get('last-event-id'));
      case 'POST /events': return Response.json(await this.publish(url.searchParams.get('kind') ?? 'message', await request.text()));
      case 'GET /readers': return Response.json({ open: [...this.readers.keys()], left: this.left });
      case 'DELETE /events': return Response.json(await this.end());
      default: return new Response('no such thing', { status: 404 });
    }
  }

  open(name, since) {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    this.readers.set(name, writer);
    writer.closed.catch(() => {});
    this.send(name, writer, 'retry: 1000\\n: hello ' + name + '\\n\\n');
    if (since !== null) for (const event of this.ctx.storage.sql.exec('select * from events where id > ? order by id', Number(since))) this.send(name, writer, frame(event));
    return new Response(readable, { headers: HEADERS });
  }

  async send(name, writer, text) {
    try {
      await writer.write(encode(text));
      return true;
    } catch (error) {
      if (this.readers.get(name) === writer) { this.readers.delete(name); this.left.push(name + ': ' + error.message); }
      return false;
    }
  }

  async publish(kind, body) {
    const event = this.ctx.storage.sql.exec('insert into events(kind, body) values (?, ?) returning *', kind, body).one();
    const told = await Promise.all([...this.readers].map(async ([name, writer]) => [name, await Promise.race([this.send(name, writer, frame(event)), sleep(50).then(() => 'slow')])]));
    return { id: event.id, told };
  }

  async end() {
    const names = [...this.readers.keys()];
    await Promise.all([...this.readers.values()].map((writer) => writer.close().catch(() => {})));
    this.readers.clear();
    return names;
  }
}

/** Reads event by event. */
class Reader {
  constructor(response) { this.response = response; this.reader = response.body.getReader(); this.text = ''; this.decoder = new TextDecoder(); }
  async next() {
    for (;;) {
      const end = this.text.indexOf('\\n\\n');
      if (end >= 0) { const event = this.text.slice(0, end); this.text = this.text.slice(end + 2); return event; }
      const { done, value } = await this.reader.read();
      if (done) return this.text === '' ? 'END' : 'END after ' + inspect(this.text);
      this.text += this.decoder.decode(value, { stream: true });
    }
  }
  leave(why) { return this.reader.cancel(why); }
}

const story = worker(async ({ say, env }) => {
  const feed = env.FEED.getByName('news');
  const open = async (as, headers = {}) => new Reader(await feed.fetch('http://feed/events?as=' + as, { headers }));
  const publish = async (text, kind) => (await feed.fetch('http://feed/events' + (kind ? '?kind=' + kind : ''), { method: 'POST', body: text })).json();
  const readers = async () => (await feed.fetch('http://feed/readers')).json();

  const ann = await open('ann');
  const ben = await open('ben');
  await say('headers', () => [ann.response.status, ...ann.response.headers]);
  await say('ann is greeted', () => ann.next());
  await say('ben is greeted', () => ben.next());
  const both = async (text, kind) => { const [told, a, b] = await Promise.all([publish(text, kind), ann.next(), ben.next()]); return [told, a, b]; };
  await say('to both', () => both('first'));
  await say('of two lines', () => both('one\\ntwo', 'note'));
  await say('who reads', readers);
  await say('ben leaves', () => ben.leave('enough'));
  await say('told to one', async () => { const told = publish('without ben'); return [await ann.next(), await told]; });
  await say('who reads then', readers);
  await say('ben comes again', async () => { const again = await open('ben', { 'last-event-id': '2' }); const seen = [await again.next(), await again.next()]; await again.leave(); return seen; });
  await say('nobody reads fast', async () => { const slow = await open('slow'); await slow.next(); const [told] = await Promise.all([publish('who hears?'), ann.next()]); return [told, await slow.next()]; });
  await say('an EventSource', async () => {
    const response = await feed.fetch('http://feed/events?as=source', { headers: { 'last-event-id': '1' } });
    const source = EventSource.from(response.body);
    const seen = [];
    const heard = (event) => seen.push(event.type + ' ' + event.lastEventId + ' ' + JSON.stringify(event.data));
    source.onmessage = heard;
    source.addEventListener('note', heard);
    for (let i = 0; i < 50 && seen.length < 3; i++) await sleep(5);
    source.close();
    return seen;
  });
  await say('it ends', async () => { const ended = feed.fetch('http://feed/events', { method: 'DELETE' }).then((r) => r.json()); return [await ann.next(), (await ended).includes('ann')]; });
  await say('after its end', () => publish('to nobody'));
});

export default {
  fetch(request, env, ctx) {
    const url = new URL(request.url);
    if (url.pathname === '/story') return story.fetch(request, env, ctx);
    // What a browser would get, but only so many events of it.
    if (url.searchParams.has('take')) return first(Number(url.searchParams.get('take')), env.FEED.getByName('news').fetch(request));
    return env.FEED.getByName('news').fetch(request);
  },
};

async function first(count, answer) {
  const response = await answer;
  const reader = new Reader(response);
  const { readable, writable } = new TransformStream();
  const writer = writable.getWriter();
  (async () => { for (let i = 0; i < count; i++) await writer.write(encode(await reader.next() + '\\n\\n')); await writer.close(); await reader.leave('took ' + count); })().catch((error) => writer.abort(error));
  return new Response(readable, response);
}
`,
  steps: async (client) => {
    const shown = { showHeaders: ['content-type', 'cache-control'] };
    await client.fetch('/story');
    await client.fetch('/events?as=outside&take=4', { ...shown, headers: { 'last-event-id': '2' } });
    await client.fetch('/events', { method: 'POST', body: 'is anybody there?' });
    await client.fetch('/readers');
    await client.fetch('/nothing', shown);
  },
});
