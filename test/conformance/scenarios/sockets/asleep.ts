import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Asleep, an object is woken by a message or a close, with its constructor first and its sockets listed already.',
  rows: ['12.hibernation', '12.web-socket-close', '12.get-web-sockets', '12.attachments'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.found = ctx.getWebSockets().map((w) => [w.deserializeAttachment(), ctx.getTags(w), w.readyState]); ctx.storage.kv.put('starts', (ctx.storage.kv.get('starts') ?? 0) + 1) }
  fetch(request) { const [a, b] = pair(); const name = new URL(request.url).pathname.slice(1); this.ctx.acceptWebSocket(b, [name]); b.serializeAttachment({ name }); return new Response(null, { status: 101, webSocket: a }) }
  webSocketMessage(ws, m) { ws.send(inspect([m, this.ctx.storage.kv.get('starts'), this.found, this.ctx.getWebSockets().indexOf(ws)])) }
  webSocketClose(ws, code, reason) { this.ctx.storage.kv.put('closed', [code, reason, ws.deserializeAttachment(), this.ctx.storage.kv.get('starts'), this.found.length]); ws.close(code, reason) }
  told() { return inspect([this.ctx.storage.kv.get('closed'), this.ctx.getWebSockets().length, this.ctx.storage.kv.get('starts')]) }
}
export default {
  async fetch(request, env) {
    const o = env.OBJ.getByName('a');
    if (new URL(request.url).pathname === '/told') return new Response(await o.told());
    return o.fetch(request);
  },
};
`,
  async steps(client) {
    const a = await client.socket('/first');
    const b = await client.socket('/second');
    await a.send('awake');
    await a.hears();
    await client.wait(11_500);
    await b.send('asleep');
    await b.hears();
    await client.wait(11_500);
    await a.close(3000, 'while asleep');
    await a.hears();
    await client.fetch('/told');
  },
});
