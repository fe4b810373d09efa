import { scenario } from '../../scenario.ts';

/** The class itself, and streams of events that a program has already. */
export const subject = scenario({
  name: 'EventSource has the members of its class, refuses wrong arguments, and reads events from a stream.',
  rows: ['1.event-source'],
  program: String.raw`
import { worker, inspect, show, showNow, tag, sleep } from './prelude.js';
import { DurableObject } from 'cloudflare:workers';
export class Obj extends DurableObject {}

const early = [() => new EventSource('https://x.example/'), () => EventSource.from(new ReadableStream())].map((f) => showNow(() => tag(f())));
const encoder = new TextEncoder();
const bytes = (...texts) => new ReadableStream({ start(c) { for (const text of texts) c.enqueue(encoder.encode(text)); c.close(); } });
const event = (e) => [tag(e), e.type, e.data, e.lastEventId, e.origin].map(inspect).join(' ');

/** What a source tells until it is closed. */
async function told(stream, types = []) {
  const source = EventSource.from(stream);
  const seen = [];
  await new Promise((resolve) => {
    for (const type of ['open', 'message', ...types]) source.addEventListener(type, (e) => { seen.push(event(e) + ' ' + source.readyState); });
    source.addEventListener('error', (e) => { seen.push([tag(e), e.type, inspect(e.message), inspect(e.error), source.readyState].join(' ')); resolve(); });
  });
  seen.push('then ' + source.readyState);
  return seen;
}

export default worker(async ({ say }) => {
  await say('at module scope', () => early);
  say.now('constants', () => [EventSource.CONNECTING, EventSource.OPEN, EventSource.CLOSED, EventSource.prototype.CONNECTING, EventSource.prototype.OPEN, EventSource.prototype.CLOSED]);
  say.now('members', () => { const keys = []; for (const key in EventSource.from(bytes())) if (!(key in EventTarget.prototype)) keys.push(key); return keys; });
  say.now('static members', () => Object.getOwnPropertyNames(EventSource).sort());
  say.now('lengths', () => [EventSource.length, EventSource.name, EventSource.from.length]);
  say.now('a kind of EventTarget', () => EventSource.prototype instanceof EventTarget);
  say.now('no url', () => new EventSource());
  say.now('no absolute url', () => new EventSource('/events'));
  say.now('no url at all', () => new EventSource('nonsense'));
  say.now('another scheme', () => new EventSource('ftp://x.example/'));
  say.now('data', () => new EventSource('data:text/event-stream,data: x'));
  say.now('with credentials', () => new EventSource('https://x.example/', { withCredentials: true }));
  say.now('without credentials', () => { const s = new EventSource('https://x.example/', { withCredentials: false }); s.close(); return [s.withCredentials, s.url, s.readyState]; });
  say.now('init is no object', () => new EventSource('https://x.example/', 5));
  say.now('a fetcher that is none', () => new EventSource('https://x.example/', { fetcher: {} }));
  say.now('url as it was', () => { const s = new EventSource('https://x.example'); s.close(); return s.url; });
  say.now('from nothing', () => EventSource.from());
  say.now('from text', () => EventSource.from('data: x'));
  say.now('from a stream', () => { const s = EventSource.from(bytes()); return [tag(s), s.url, s.withCredentials, s.readyState, s.onopen, s.onmessage, s.onerror]; });
  say.now('from a locked stream', () => { const s = bytes(); s.getReader(); return EventSource.from(s); });
  say.now('locks it', () => { const s = bytes(); EventSource.from(s); return s.locked; });
  await say('events', () => told(bytes('data: one\n\ndata: two\ndata: lines\n\n')));
  await say('names, ids and comments', () => told(bytes(': nothing\nevent: own\nid: 7\ndata: x\n\ndata: y\n\nid\ndata: z\n\n'), ['own']));
  await say('no data, no event', () => told(bytes('event: own\n\nid: 3\n\ndata\n\ndata:\n\n'), ['own']));
  await say('empty data', () => told(bytes('data\ndata\n\ndata:\ndata: a\n\ndata: a\ndata\n\nevent:\ndata: b\n\n')));
  await say('names that stay', () => told(bytes('event: own\ndata: a\n\ndata: b\n\nevent: own\n\ndata: c\n\n'), ['own']));
  await say('spaces and colons', () => told(bytes('data:a\n\ndata:  b\n\ndata: c: d\n\ndatax: e\n\n')));
  await say('ends of lines', () => told(bytes('data: a\r\n\r\ndata: b\r\rdata: c\n\r\n')));
  await say('cut anywhere', () => told(bytes('da', 'ta: o', 'ne\n', '\nda', 'ta: tw', 'o\r', '\n\r\n')));
  await say('a mark in front', () => told(bytes('\ufeffdata: a\n\n')));
  await say('characters cut in two', () => { const all = encoder.encode('data: \u00e9\u20ac\n\n'); return told(new ReadableStream({ start(c) { for (const b of all) c.enqueue(new Uint8Array([b])); c.close(); } })); });
  await say('unfinished', () => told(bytes('data: a\n\ndata: b\n')));
  await say('an id with a zero', () => told(bytes('id: a\0b\ndata: x\n\n')));
  await say('retry', () => told(bytes('retry: 5\ndata: x\n\nretry: y\ndata: z\n\n')));
  await say('names of its own events', () => told(bytes('event: open\ndata: x\n\nevent: error\ndata: y\n\n')));
  await say('a failing stream', () => told(new ReadableStream({ pull() { throw new RangeError('source'); } })));
  await say('no bytes', () => told(new ReadableStream({ start(c) { c.enqueue('data: x\n\n'); c.close(); } })));
  await say('handlers', async () => {
    const source = EventSource.from(bytes('data: a\n\n'));
    const seen = [];
    await new Promise((resolve) => {
      source.onopen = (e) => { seen.push('open'); };
      source.onmessage = (e) => { seen.push('message ' + e.data); };
      source.onerror = (e) => { seen.push('error'); resolve(); };
    });
    source.onmessage = 5;
    return [seen, typeof source.onopen, source.onmessage];
  });
  await say('closed in a handler', async () => {
    const source = EventSource.from(bytes('data: a\n\ndata: b\n\n'));
    const seen = [];
    source.onmessage = (e) => { seen.push(e.data); source.close(); seen.push(source.readyState); };
    source.onerror = () => { seen.push('error'); };
    await sleep(20);
    source.close();
    return seen;
  });
  await say('closed at once', async () => {
    let left = 'nothing';
    const source = EventSource.from(new ReadableStream({ cancel(reason) { left = inspect(reason); } }));
    source.onopen = () => { left += ' open'; };
    source.onerror = () => { left += ' error'; };
    source.close();
    await sleep(10);
    return [left, source.readyState];
  });
  await say('closed while it waits', async () => {
    let left = 'nothing';
    const source = EventSource.from(new ReadableStream({ cancel(reason) { left = inspect(reason); } }));
    source.onerror = () => { left += ' error'; };
    await sleep(5);
    const before = source.readyState;
    source.close();
    await sleep(10);
    return [before, left, source.readyState];
  });
  await say('a handler that throws', async () => {
    const source = EventSource.from(bytes('data: a\n\ndata: b\n\n'));
    const seen = [];
    source.addEventListener('message', (e) => { seen.push(e.data); throw new Error('mine'); });
    const { error } = await new Promise((resolve) => { source.onerror = resolve; });
    return [seen, error, source.readyState];
  });
  await say('after an end', async () => { const source = EventSource.from(bytes()); await new Promise((resolve) => { source.onerror = resolve; }); return source.readyState; });
});
`,
});
