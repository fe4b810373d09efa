import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 28: webSocketMessage handlers are not serialised, not even on one socket, and a close does not wait for them.',
  rows: ['12.message-concurrency', '12.web-socket-close'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  events = [];
  fetch() { const p = new WebSocketPair(); this.ctx.acceptWebSocket(p[1]); return new Response(null, { status: 101, webSocket: p[0] }) }
  async webSocketMessage(ws, m) { this.events.push('start ' + m); await sleep(20); this.events.push('end ' + m) }
  webSocketClose() { this.events.push('close') }
  e() { return this.events }
}
export class Gated extends Obj {
  async webSocketMessage(ws, m) { this.events.push('start ' + m); await this.ctx.blockConcurrencyWhile(() => sleep(20)); this.events.push('end ' + m) }
}

export default worker(async ({ say, env }) => {
  for (const [name, binding] of [['plain', env.OBJ], ['in a section', env.GATED]]) {
    const o = binding.getByName('a');
    const w = (await o.fetch('http://x/', { headers: { Upgrade: 'websocket' } })).webSocket;
    w.accept();
    w.send('1');
    w.send('2');
    w.close(1000, 'x');
    await sleep(120);
    await say(name, () => o.e());
  }
});
`,
  config: {
    durable_objects: {
      bindings: [
        { name: 'OBJ', class_name: 'Obj' },
        { name: 'GATED', class_name: 'Gated' },
      ],
    },
    migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj', 'Gated'] }],
  },
});
