import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A socket is listed until the turn in which its close handler began is over, however long the handler goes on.',
  rows: ['12.get-web-sockets', '12.web-socket-close'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, showNow } from './prelude.js';
import { answer, open, pair } from './sockets.js';
export class Obj extends DurableObject {
  log = [];
  fetch(request) { const [a, b] = pair(); this.ctx.acceptWebSocket(b, ['t']); b.serializeAttachment('kept'); this.how = request.url.slice(-1); return answer(a) }
  say(what, ws) { this.log.push(what + ' ' + this.ctx.getWebSockets().length + this.ctx.getWebSockets('t').length + ' ' + showNow(() => this.ctx.getTags(ws)) + ' ' + ws.deserializeAttachment() + ' ' + ws.readyState) }
  async webSocketClose(ws) {
    this.say('at once', ws);
    await null;
    this.say('a microtask later', ws);
    if (this.how === '1') { await this.ctx.storage.put('k', 1); await this.ctx.storage.get('k'); this.say('after storage', ws) }
    if (this.how === '2') { await this.ctx.blockConcurrencyWhile(async () => this.say('in a section', ws)); this.say('after a section', ws) }
    if (this.how === '3') { await new Promise((resolve) => setTimeout(resolve)); this.say('after a timer', ws) }
    if (this.how === '4') ws.close(3000, 'answer');
    await sleep(20);
    this.say('in the end', ws);
  }
  told() { return this.log.splice(0) }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const how of '01234') {
    const w = await open(o, how);
    w.close(3000);
    await sleep(100);
    await say(how, () => o.told());
  }
});
`,
});
