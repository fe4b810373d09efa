import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What waits on the sockets of one object is delivered by turns, one of each socket, and calls in between as they came.',
  rows: ['12.message-concurrency', '12.accept', '6.waiter-order'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

const pair = () => Object.values(new WebSocketPair());
const upgrade = { headers: { Upgrade: 'websocket' } };

export class Obj extends DurableObject {
  log = [];
  fetch(request) {
    const [how, name] = new URL(request.url).pathname.slice(1).split('/');
    const [a, b] = pair();
    if (how === 'standard') {
      b.accept();
      b.addEventListener('message', (e) => this.heard(name + e.data));
      b.addEventListener('close', (e) => this.log.push(name + ' close ' + e.code));
    } else this.ctx.acceptWebSocket(b, [name]);
    return new Response(null, { status: 101, webSocket: a });
  }
  async heard(what) { this.log.push(what); if (this.how) { await this[this.how](); this.log.push(what + ' goes on') } }
  webSocketMessage(ws, m) { return this.heard(this.ctx.getTags(ws)[0] + m) }
  webSocketClose(ws, code) { this.log.push(this.ctx.getTags(ws)[0] + ' close ' + code) }
  told() { return this.log.splice(0).join(', ') }
  async busy(ms, how) { this.how = how; await this.ctx.blockConcurrencyWhile(() => sleep(ms)) }
  call(n) { this.log.push('call ' + n) }
  sync() { return this.ctx.storage.sync() }
  section() { return this.ctx.blockConcurrencyWhile(async () => { this.log.push('in') }) }
}
const send = (sockets, ...what) => { for (const [name, data] of what) if (data === 'x') sockets[name].close(3000); else sockets[name].send(data) };
const plays = {
  'by turns': ['a1', 'b1', 'c1', 'a2', 'b2', 'c2'],
  'one after the other': ['a1', 'a2', 'b1', 'b2', 'c1', 'c2'],
  'backwards': ['c1', 'b1', 'a1', 'cx', 'bx', 'ax'],
  'with a close': ['a1', 'ax', 'b1', 'bx', 'c1', 'cx'],
  'closed backwards': ['a1', 'b1', 'c1', 'cx', 'bx', 'ax'],
  'one busier': ['b1', 'a1', 'a2', 'a3', 'b2'],
  'one alone': ['a1', 'a2', 'a3'],
};

export default worker(async ({ say, env }) => {
  for (const how of ['hibernatable', 'standard']) {
    const open = async (name) => {
      const object = env.OBJ.getByName(how + name), sockets = {};
      for (const n of 'abc') { const { webSocket } = await object.fetch('http://x/' + how + '/' + n, upgrade); webSocket.accept(); sockets[n] = webSocket }
      await sleep(10);
      return { object, sockets };
    };
    for (const [name, what] of Object.entries(plays)) for (const then of [undefined, '', 'sync', 'section']) {
      const { object, sockets } = await open(name + then);
      const busy = then === undefined ? undefined : object.busy(80, then);
      if (busy) await sleep(40);
      send(sockets, ...what);
      await busy;
      await sleep(40);
      await say([how, name, ...(busy ? ['busy', then] : [])].join(' '), () => object.told());
    }
    const { object, sockets } = await open('calls');
    const busy = object.busy(500);
    await sleep(20);
    send(sockets, 'a1', 'a2');
    await sleep(40);
    const first = object.call(1);
    await sleep(40);
    send(sockets, 'a3', 'b1');
    await sleep(40);
    await Promise.all([busy, first, object.call(2)]);
    await sleep(40);
    await say(how + ' and calls', () => object.told());
  }
});
`,
});
