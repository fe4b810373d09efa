import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'When the object is reset its sockets break off, whichever way they were accepted, and the next instance has none.',
  rows: ['12.reset'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  async fetch(request) {
    const [a, b] = pair();
    if (request.url.endsWith('hib')) this.ctx.acceptWebSocket(b);
    else { b.accept(); b.addEventListener('message', () => this.ctx.abort('over')) }
    b.send('hello ' + this.ctx.getWebSockets().length);
    return new Response(null, { status: 101, webSocket: a });
  }
  webSocketMessage(ws, m) { if (m === 'abort') this.ctx.abort('over'); if (m === 'section') this.ctx.blockConcurrencyWhile(() => { throw new Error('failed') }) }
  webSocketClose() { this.ctx.storage.kv.put('closed', true) }
  listed() { return [this.ctx.getWebSockets().length, this.ctx.storage.kv.get('closed')] }
}
export default {
  async fetch(request, env) {
    const o = env.OBJ.getByName('a');
    if (new URL(request.url).pathname === '/listed') return new Response(inspect(await o.listed()));
    return o.fetch(request);
  },
};
`,
  async steps(client) {
    const a = await client.socket('/hib');
    const b = await client.socket('/std');
    await a.hears();
    await b.hears();
    await a.send('abort');
    await a.hears();
    await b.hears();
    await client.fetch('/listed');
    const c = await client.socket('/hib');
    await c.hears();
    await c.send('section');
    await c.hears();
    await client.fetch('/listed');
    const d = await client.socket('/std');
    await d.hears();
    await d.send('x');
    await d.hears();
  },
});
