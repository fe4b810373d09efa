import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An object opens a socket to another one, which keeps both awake only where it is accepted.',
  rows: ['12.outgoing', '3.fetch-upgrade'],
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
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); return new Response(null, { status: 101, webSocket: a }) }
  webSocketMessage(ws, m) { ws.send(this.ctx.id.name + ' heard ' + m) }
  async call(name) {
    const r = await this.env.OBJ.getByName(name).fetch('http://x/', upgrade);
    const { webSocket } = r;
    const heard = new Promise((resolve) => webSocket.addEventListener('message', (e) => resolve(e.data)));
    webSocket.accept();
    webSocket.send('from ' + this.ctx.id.name);
    const answer = await heard;
    webSocket.close(1000, 'enough');
    return [r.status, answer];
  }
}
export default worker(async ({ say, env }) => {
  await say('to another', () => env.OBJ.getByName('a').call('b'));
  await say('to itself', () => env.OBJ.getByName('c').call('c'));
});
`,
});
