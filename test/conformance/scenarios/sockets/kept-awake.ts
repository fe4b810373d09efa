import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Timers, accepted sockets, pending promises and open requests keep an object awake; hibernatable sockets do not.',
  rows: ['12.not-hibernatable', '12.hibernation'],
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
  fetch(request) {
    const [a, b] = pair();
    if (this.ctx.id.name === 'standard') { b.accept(); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)) } else this.ctx.acceptWebSocket(b);
    if (this.ctx.id.name === 'timer') setTimeout(() => {}, 60_000);
    if (this.ctx.id.name === 'interval') setInterval(() => {}, 1_000);
    if (this.ctx.id.name === 'promise') this.ctx.waitUntil(new Promise((resolve) => { this.release = resolve }));
    return new Response(null, { status: 101, webSocket: a });
  }
  webSocketMessage(ws, m) { ws.send('starts ' + this.ctx.storage.kv.get('starts')) }
}
export default { fetch(request, env) { return env.OBJ.getByName(new URL(request.url).pathname.slice(1)).fetch(request) } };
`,
  async steps(client) {
    const names = ['plain', 'standard', 'timer', 'interval', 'promise'];
    const sockets = [];
    for (const name of names) sockets.push(await client.socket(`/${name}`));
    await client.wait(12_000);
    for (const socket of sockets) {
      await socket.send('?');
      await socket.hears();
    }
  },
});
