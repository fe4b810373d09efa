import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A handler that takes longer than the event timeout ends its object, and calls under way fail with it.',
  rows: ['12.event-timeout'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { sleep, show } from './prelude.js';
import { answer, open, pair } from './sockets.js';
export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); ctx.storage.kv.put('starts', (ctx.storage.kv.get('starts') ?? 0) + 1) }
  fetch(request) { const [a, b] = pair(); this.ctx.acceptWebSocket(b); b.send('hello'); return answer(a) }
  async webSocketMessage(ws, m) {
    if (m.startsWith('limit')) { this.ctx.setHibernatableWebSocketEventTimeout(Number(m.slice(6))); return ws.send('set ' + this.ctx.getHibernatableWebSocketEventTimeout()) }
    await sleep(Number(m));
    this.ctx.storage.kv.put('took', m);
    ws.send('took ' + m);
  }
  async slow() { await sleep(1_000); return 'slow' }
  told() { return ['listed', this.ctx.getWebSockets().length, 'timeout', this.ctx.getHibernatableWebSocketEventTimeout(), 'starts', this.ctx.storage.kv.get('starts'), 'took', this.ctx.storage.kv.get('took')] }
}
export default {
  async fetch(request, env) {
    const o = env.OBJ.getByName('a');
    const { pathname } = new URL(request.url);
    if (pathname === '/limited') { const w = await open(o); w.send('1500'); return new Response(await show(() => o.slow())) }
    return pathname === '/told' ? new Response(await show(() => o.told())) : o.fetch(request);
  },
};
`,
  async steps(client) {
    const a = await client.socket('/');
    await a.hears();
    await a.send('300');
    await client.wait(350);
    await a.hears();
    await a.send('limit 200');
    await a.hears();
    await a.send('5');
    await client.wait(10);
    await a.hears();
    await client.fetch('/limited');
    await client.fetch('/told');
  },
});
