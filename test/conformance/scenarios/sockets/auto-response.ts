import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The automatic answer is given without waking the object, for the very text alone, and its time is kept.',
  rows: ['12.auto-response', '12.auto-response-timestamp', '12.get-auto-response'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); ctx.storage.kv.put('starts', (ctx.storage.kv.get('starts') ?? 0) + 1) }
  fetch(request) { const [a, b] = pair(); this.ctx.acceptWebSocket(b); this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong')); return new Response(null, { status: 101, webSocket: a }) }
  webSocketMessage(ws, m) {
    if (m === 'unset') this.ctx.setWebSocketAutoResponse();
    const at = this.ctx.getWebSocketAutoResponseTimestamp(ws);
    ws.send(inspect([typeof m === 'string' ? m : tag(m), this.ctx.storage.kv.get('starts'), at instanceof Date, this.ctx.getWebSocketAutoResponse()?.response]));
  }
}
export default { fetch(request, env) { return env.OBJ.getByName('a').fetch(request) } };
`,
  async steps(client) {
    const a = await client.socket('/');
    await a.send('before');
    await a.hears();
    await a.send('ping');
    await a.hears();
    await a.send('ping ');
    await a.hears();
    await a.send([112, 105, 110, 103]);
    await a.hears();
    await client.wait(11_500);
    await a.send('ping');
    await a.hears();
    await a.send('after');
    await a.hears();
    await a.send('unset');
    await a.hears();
    await a.send('ping');
    await a.hears();
  },
});
