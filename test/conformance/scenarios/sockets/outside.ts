import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A client outside talks to the object through a Worker that passes the response on, as it is or wrapped again.',
  rows: ['12.returning', '12.send', '12.close-events', '3.fetch-upgrade'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  log = [];
  fetch(request) {
    const [a, b] = pair();
    const headers = { 'x-a': 'b' };
    if (request.headers.get('sec-websocket-protocol')) headers['sec-websocket-protocol'] = 'chat';
    if (request.url.endsWith('hib')) this.ctx.acceptWebSocket(b);
    else { b.accept(); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)); b.addEventListener('close', (e) => this.log.push(['std close', e.code, e.reason, e.wasClean, b.readyState].join(' '))) }
    b.send('upgrade ' + request.headers.get('upgrade') + ', protocol ' + request.headers.get('sec-websocket-protocol') + ', cookie ' + request.headers.get('cookie'));
    return new Response(null, { status: 101, webSocket: a, headers });
  }
  async webSocketMessage(ws, m) { if (m === 'close') return ws.close(3001, 'bye'); if (m instanceof Blob) m = await m.arrayBuffer(); ws.send(typeof m === 'string' ? 'echo ' + m : m) }
  webSocketClose(ws, code, reason, wasClean) { this.log.push(['hib close', code, reason, wasClean, ws.readyState].join(' ')); if (wasClean) ws.close(code, 'answered') }
  told() { return this.log.join('; ') }
}
export default {
  async fetch(request, env) {
    const o = env.OBJ.getByName('a');
    const { pathname } = new URL(request.url);
    if (pathname === '/told') return new Response(await o.told());
    if (pathname === '/refused') return new Response('no', { status: 426 });
    if (pathname === '/accepted') { const r = await o.fetch(request); r.webSocket.accept(); return r }
    if (pathname.startsWith('/wrapped')) { const r = await o.fetch(request); return new Response(null, { status: 101, webSocket: r.webSocket, headers: { 'x-new': '1' } }) }
    if (pathname === '/own') { const [a, b] = pair(); b.accept(); b.addEventListener('message', (e) => b.send('worker ' + e.data)); return new Response(null, { status: 101, webSocket: a }) }
    return o.fetch(request);
  },
};
`,
  async steps(client) {
    for (const path of ['/std', '/hib', '/wrapped-std', '/wrapped-hib']) {
      const a = await client.socket(path, { showHeaders: ['x-a', 'x-new'] });
      await a.hears();
      await a.send('one');
      await a.hears();
      await a.send([1, 2, 255]);
      await a.hears();
      await a.close(3000, 'done');
      await a.hears();
      const b = await client.socket(path);
      await b.hears();
      await b.send('close');
      await b.hears();
    }
    await client.fetch('/told');
    const p = await client.socket('/hib', {
      protocols: ['chat'],
      headers: { cookie: 'a=b' },
      showHeaders: ['sec-websocket-protocol'],
    });
    await p.hears();
    const own = await client.socket('/own');
    await own.send('x');
    await own.hears();
    await own.close(1000);
    await own.hears();
    await client.socket('/refused');
    const used = await client.socket('/accepted');
    await used.hears();
  },
});
