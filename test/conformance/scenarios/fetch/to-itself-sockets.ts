import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A WebSocket to an address of the Worker itself opens, by fetch and by its class, from a Worker and from an object.',
  rows: ['web.fetch-own', '12.outgoing'],
  outside: 'itself',
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect, show } from './prelude.js';
const byFetch = async (url, headers = {}) => {
  const r = await fetch(url, { headers: { Upgrade: 'websocket', ...headers } });
  const w = r.webSocket;
  if (!w) return [r.status, w, await r.text()];
  w.accept();
  const got = new Promise((done) => w.addEventListener('message', (e) => done(e.data)));
  const closed = new Promise((done) => w.addEventListener('close', (e) => done([e.code, e.reason, e.wasClean])));
  w.send('x');
  const told = await got;
  w.close(3000, 'enough');
  return [r.status, r.headers.get('sec-websocket-protocol'), told, await closed];
};
const byClass = (url, protocols) => new Promise((done) => {
  const log = [];
  const w = new WebSocket(url, protocols);
  w.addEventListener('open', () => { log.push('open ' + w.protocol); w.send('y') });
  w.addEventListener('message', (e) => { log.push(e.data); w.close(3001, 'enough') });
  w.addEventListener('close', (e) => { log.push(['close', e.code, e.reason, e.wasClean]); done(log) });
  w.addEventListener('error', (e) => { log.push('error ' + e.message); });
});
export class Obj extends DurableObject {
  byFetch(url) { return byFetch(url) }
  byClass(url) { return byClass(url) }
}
const main = worker(async ({ say, env, url }) => {
  const o = env.OBJ.getByName('a');
  const http = url.origin + '/ws';
  const ws = http.replace('http', 'ws');
  await say('fetch', () => byFetch(http));
  await say('fetch with protocols', () => byFetch(http, { 'Sec-WebSocket-Protocol': 'p1, p2' }));
  await say('fetch, refused', () => byFetch(url.origin + '/no'));
  await say('fetch of a ws: URL', async () => (await show(() => byFetch(ws))).replace(url.host, '<host>'));
  await say('class', () => byClass(ws));
  await say('class with protocols', () => byClass(ws, ['p1', 'p2']));
  await say('class, refused', () => byClass(ws.replace('/ws', '/no')));
  await say('an object by fetch', () => o.byFetch(http));
  await say('an object by class', () => o.byClass(ws));
});
export default {
  fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/no') return new Response('not here', { status: 426 });
    if (pathname !== '/ws') return main.fetch(request, env, ctx);
    const [a, b] = Object.values(new WebSocketPair());
    b.accept();
    const asked = request.headers.get('sec-websocket-protocol');
    b.addEventListener('message', (e) => b.send('echo ' + e.data + ' ' + asked));
    b.addEventListener('close', (e) => b.close(e.code, 'answered'));
    return new Response(null, { status: 101, webSocket: a, headers: asked ? { 'sec-websocket-protocol': 'p2' } : {} });
  },
};
`,
});
