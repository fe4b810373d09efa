import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Handlers of two sockets of one object interleave at what holds no gate, and messages of each keep their order.',
  rows: ['12.message-concurrency'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';
import { answer, open, pair } from './sockets.js';
export class Obj extends DurableObject {
  log = [];
  held = new Map();
  fetch(request) { const [a, b] = pair(); this.ctx.acceptWebSocket(b, [new URL(request.url).pathname.slice(1)]); return answer(a) }
  async webSocketMessage(ws, m) {
    const [name] = this.ctx.getTags(ws);
    this.log.push('start ' + name + m);
    if (m === 's') { await this.ctx.storage.get('k'); await this.ctx.storage.put('k', 1) }
    else if (m === 'b') await this.ctx.blockConcurrencyWhile(() => sleep(15));
    else await new Promise((resolve) => this.held.set(m, resolve));
    this.log.push('end ' + name + m);
  }
  release(m) { this.held.get(m)() }
  told() { const all = this.log; this.log = []; return all }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const a = await open(o, 'a'), b = await open(o, 'b');
  for (const [what, messages, ...released] of [['held', 'a1 b2 a3 b4', '3', '2', '1', '4'], ['storage', 'as bs as bs'], ['sections', 'ab b5 ab bs', '5'], ['mixed', 'a6 bb as b7', '7', '6']]) {
    for (const m of messages.split(' ')) { (m[0] === 'a' ? a : b).send(m.slice(1)); await sleep(3) }
    await sleep(100);
    for (const m of released) await o.release(m);
    await say(what, () => o.told());
  }
});
`,
});
