import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A critical section in a handler keeps messages and closes back; one that fails in any handler resets the object and breaks every socket off.',
  rows: ['12.reset', '6.inside-a-section', '6.section-failure'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { sleep } from './prelude.js';
import { answer, pair } from './sockets.js';
export class Obj extends DurableObject {
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); b.send('hello'); return answer(a) }
  async webSocketMessage(ws, m) {
    if (m === 'fail') { ws.send('before'); this.ctx.blockConcurrencyWhile(async () => { await sleep(5); throw new Error('failed') }); return }
    if (m !== 'section') return ws.send('message ' + m);
    const value = await this.ctx.blockConcurrencyWhile(async () => { ws.send('inside'); await sleep(30); ws.send('still inside'); return 7 });
    ws.send('value ' + value);
  }
  webSocketClose(ws, code) {
    if (code === 3009) this.ctx.blockConcurrencyWhile(() => { throw new Error('in close') });
    for (const other of this.ctx.getWebSockets()) if (other !== ws) other.send('closed ' + code);
    ws.close(code);
  }
  listed() { return this.ctx.getWebSockets().length }
}
export default {
  async fetch(request, env) {
    const o = env.OBJ.getByName('a');
    if (new URL(request.url).pathname === '/listed') return new Response(String(await o.listed()));
    return o.fetch(request);
  },
};
`,
  async steps(client) {
    const a = await client.socket('/');
    const b = await client.socket('/');
    await a.hears();
    await b.hears();
    await a.send('section');
    await a.hears();
    await a.send('1');
    await b.close(3001, 'x');
    await a.hears(3);
    await b.hears();
    await a.hears();
    const c = await client.socket('/');
    await c.hears();
    await a.send('fail');
    await a.hears(2);
    await c.hears();
    await client.fetch('/listed');
    const d = await client.socket('/');
    const e = await client.socket('/');
    await d.hears();
    await e.hears();
    await d.close(3009, 'x');
    await e.hears(2);
    await client.fetch('/listed');
  },
});
