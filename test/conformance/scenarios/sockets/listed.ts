import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'All sockets are listed newest first, those of a tag in the order of acceptance, and each is the same object while the instance lives.',
  rows: ['12.get-web-sockets'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, show, showNow, inspect, tag } from './prelude.js';
const listen = (w, name, push) => {
  for (const t of ['open', 'message', 'close', 'error']) w.addEventListener(t, (e) => push(name + ' ' + t + ' ' + (t === 'message' ? inspect(e.data) : t === 'close' ? [e.code, inspect(e.reason), e.wasClean, 'state ' + w.readyState].join(' ') : t === 'error' ? e.message + ' ' + inspect(e.error) : '')));
};
const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  fetch(request) { const name = new URL(request.url).pathname.slice(1); const [a, b] = pair(); this.ctx.acceptWebSocket(b, ['all', name]); b.serializeAttachment(name); this[name] = b; return new Response(null, { status: 101, webSocket: a }) }
  webSocketMessage(ws, name) { this[name].close(1000, 'z'); ws.send(this.list()) }
  webSocketClose(ws) { this.last = 'in close ' + this.list() }
  list() { const names = (tag) => inspect(this.ctx.getWebSockets(tag).map((w) => w.deserializeAttachment())); return [names(), names('all'), names('b')].join(' ') }
  same() { return [this.ctx.getWebSockets()[0] === this.ctx.getWebSockets()[0], this.ctx.getWebSockets('a')[0] === this.a, this.ctx.getWebSockets() === this.ctx.getWebSockets()] }
  told() { return this.last }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('x');
  const sockets = [];
  for (const name of ['a', 'b', 'c']) { const { webSocket } = await o.fetch('http://x/' + name, upgrade); webSocket.accept(); sockets.push(webSocket) }
  await say('list', () => o.list());
  await say('same', () => o.same());
  const heard = new Promise((resolve) => sockets[0].addEventListener('message', (e) => resolve(e.data)));
  sockets[0].send('b');
  await say('while one closes', () => heard);
  await sleep(50);
  await say('in its close', () => o.told());
  await say('after', () => o.list());
});
`,
});
