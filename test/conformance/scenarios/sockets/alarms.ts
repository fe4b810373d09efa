import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An alarm runs with its sockets listed, awake or asleep, and keeps the object awake as long as a message does.',
  rows: ['12.hibernation', '12.get-web-sockets', '11.delivery'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { answer, pair } from './sockets.js';
export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.found = ctx.getWebSockets().length; ctx.storage.kv.put('starts', (ctx.storage.kv.get('starts') ?? 0) + 1) }
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); b.serializeAttachment(this.ctx.getWebSockets().length); return answer(a) }
  async webSocketMessage(ws, m) { await this.ctx.storage.setAlarm(Date.now() + Number(m)); ws.send('set ' + m) }
  alarm({ retryCount }) {
    for (const ws of this.ctx.getWebSockets()) ws.send('alarm for ' + ws.deserializeAttachment() + ', starts ' + this.ctx.storage.kv.get('starts') + ', found ' + this.found);
    if (retryCount === 0 && this.ctx.storage.kv.get('starts') === 3) throw new Error('once');
  }
}
export default { fetch(request, env) { return env.OBJ.getByName('a').fetch(request) } };
`,
  async steps(client) {
    const a = await client.socket('/');
    const b = await client.socket('/');
    await a.send('50');
    await a.hears();
    await client.wait(200);
    await a.hears();
    await b.hears();
    await b.send('13000');
    await b.hears();
    await client.wait(13_500);
    await a.hears();
    await b.hears();
    await client.wait(8_000);
    await b.send('13000');
    await b.hears();
    await client.wait(17_000);
    await a.hears(2);
    await b.hears(2);
  },
});
