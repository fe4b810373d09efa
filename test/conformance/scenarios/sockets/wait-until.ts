import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'In a handler waitUntil() takes a promise and keeps the object awake until it is settled; what it rejects with is only logged.',
  rows: ['5.wait-until', '12.not-hibernatable'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { sleep, showNow } from './prelude.js';
import { answer, pair } from './sockets.js';
export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); ctx.storage.kv.put('starts', (ctx.storage.kv.get('starts') ?? 0) + 1) }
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); return answer(a) }
  webSocketMessage(ws, m) {
    if (m === 'wait') { this.ctx.waitUntil(sleep(14_000).then(() => ws.send('waited, starts ' + this.ctx.storage.kv.get('starts')))); ws.send('first') }
    if (m === 'reject') { this.ctx.waitUntil(Promise.reject(new Error('x'))); this.ctx.waitUntil(sleep(1).then(() => { throw new Error('y') })); ws.send('rejected') }
    if (m === 'value') ws.send(showNow(() => this.ctx.waitUntil(5)) + ' ' + showNow(() => this.ctx.waitUntil()));
    if (m === 'starts') ws.send('starts ' + this.ctx.storage.kv.get('starts'));
  }
}
export default { fetch(request, env) { return env.OBJ.getByName('a').fetch(request) } };
`,
  async steps(client) {
    const a = await client.socket('/');
    await a.send('value');
    await a.hears();
    await a.send('reject');
    await a.hears();
    await a.send('starts');
    await a.hears();
    await a.send('wait');
    await a.hears();
    await client.wait(15_000);
    await a.hears();
    await client.wait(11_500);
    await a.send('starts');
    await a.hears();
  },
});
