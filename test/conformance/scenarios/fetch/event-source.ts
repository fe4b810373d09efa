import { scenario } from '../../scenario.ts';

/** Whoever answers the requests to the internet: a module of the scenario's own. */
const outside = String.raw`
let tries = 0;
const stream = (text, init = {}) => new Response(text, { headers: { 'content-type': 'text/event-stream', ...init.headers }, status: init.status ?? 200 });
export default {
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const headers = ['accept', 'cache-control', 'last-event-id'].map((name) => request.headers.get(name)).join(' ');
    if (pathname === '/once') { tries = 0; return stream('id: 1\ndata: ' + request.method + ' ' + headers + '\n\n'); }
    if (pathname === '/again') {
      tries++;
      if (tries > 3) return new Response(null, { status: 204 });
      return stream('retry: 20\nid: n' + tries + '\ndata: ' + tries + ' ' + request.headers.get('last-event-id') + '\n\n');
    }
    if (pathname.startsWith('/retry/')) return stream('retry: ' + pathname.slice(7) + '\n\n');
    if (pathname === '/typed') return stream('data: x\n\n', { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
    if (pathname === '/plain') return new Response('data: x\n\n', { headers: { 'content-type': 'text/plain' } });
    if (pathname === '/none') return new Response('data: x\n\n', { headers: { 'content-type': '' } });
    if (pathname === '/404') return stream('data: x\n\n', { status: 404 });
    if (pathname === '/500') return stream('data: x\n\n', { status: 500 });
    if (pathname === '/201') return stream('data: x\n\n', { status: 201 });
    if (pathname === '/204') return new Response(null, { status: 204 });
    if (pathname === '/moved') return Response.redirect('https://other.example/typed', 302);
    return new Response('?', { status: 400 });
  },
};
`;

export const subject = scenario({
  name: 'EventSource asks, tells events, asks again after the end, and gives up for good when the answer is no stream.',
  rows: ['1.event-source'],
  outside: { module: outside },
  program: String.raw`
import { worker, inspect, sleep, tag } from './prelude.js';
import { DurableObject } from 'cloudflare:workers';

/** What is told until count errors were told. */
async function told(url, { errors = 1, init, wait = 0 } = {}) {
  const source = new EventSource(url, init);
  const seen = ['begins ' + source.readyState];
  await new Promise((resolve) => {
    source.onopen = () => { seen.push('open ' + source.readyState); };
    source.onmessage = (e) => { seen.push(['message', e.data, inspect(e.lastEventId), e.origin].join(' ')); };
    source.onerror = (e) => {
      seen.push(['error', tag(e), inspect(e.message), inspect(e.error), source.readyState].join(' '));
      if (--errors === 0) resolve();
    };
  });
  if (wait) await sleep(wait);
  source.close();
  seen.push('closed ' + source.readyState);
  return seen.join(' | ');
}

export class Obj extends DurableObject {
  told(...args) { return told(...args); }
  async fetch(request) {
    const headers = ['accept', 'cache-control', 'last-event-id'].map((name) => request.headers.get(name)).join(' ');
    return new Response('data: ' + request.url + ' ' + headers + '\n\n', { headers: { 'content-type': 'text/event-stream' } });
  }
}

export default worker(async ({ say, env }) => {
  await say('once', () => told('https://events.example/once'));
  await say('again and again', () => told('https://events.example/again', { errors: 4 }));
  await say('a charset', () => told('https://events.example/typed'));
  for (const path of ['plain', 'none', '404', '500', '201', '204']) await say(path, () => told('https://events.example/' + path));
  await say('moved', () => told('https://events.example/moved'));
  await say('by an object', () => env.OBJ.getByName('a').told('https://events.example/once'));
  await say('asks an object', () => told('https://events.example/path', { init: { fetcher: env.OBJ.getByName('b') } }));
  await say('asks again after a second at least', async () => {
    const source = new EventSource('https://events.example/retry/10');
    let from = 0;
    const took = await new Promise((resolve) => {
      source.onerror = () => { from = Date.now(); };
      source.onopen = () => { if (from) resolve(Date.now() - from); };
    });
    source.close();
    return Math.round(took / 1000) * 1000;
  });
  await say('closed at once', async () => {
    const source = new EventSource('https://events.example/typed');
    const seen = [];
    source.onopen = () => { seen.push('open'); };
    source.onmessage = () => { seen.push('message'); };
    source.onerror = () => { seen.push('error'); };
    source.close();
    await sleep(50);
    return [seen, source.readyState];
  });
  await say('closed between', async () => {
    const source = new EventSource('https://events.example/again');
    const seen = [];
    source.onmessage = (e) => { seen.push(e.data); };
    await new Promise((resolve) => { source.onerror = () => { seen.push('error'); source.close(); resolve(); }; });
    await sleep(100);
    return seen;
  });
});
`,
});
