import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'abort() in a handler, a call or a close breaks every socket off at once, and what was sent in that turn is lost.',
  rows: ['12.reset', '5.abort'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';
import { answer, open, pair, until } from './sockets.js';
export class Obj extends DurableObject {
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b); b.send('hello'); return answer(a) }
  webSocketMessage(ws, m) { ws.send('before'); this.ctx.storage.kv.put('k', m); if (m === 'abort') this.ctx.abort('a reason'); if (m === 'bare') this.ctx.abort() ; ws.send('after') }
  webSocketClose(ws, code) { if (code === 3009) this.ctx.abort('in close'); ws.close(code) }
  async slowly(ws) { await sleep(5); this.ctx.abort('in a call') }
  told() { return [this.ctx.getWebSockets().length, this.ctx.storage.kv.get('k')] }
}
export default worker(async ({ say, env }) => {
  const stub = () => env.OBJ.getByName('a');
  for (const how of ['abort', 'bare', 'call', 'close']) {
    const a = await open(stub(), '', 'a'), b = await open(stub(), '', 'b');
    await until(b.lines, 1);
    if (how === 'call') await say(how, () => stub().slowly());
    else if (how === 'close') a.close(3009);
    else a.send(how);
    await until(b.lines, 2);
    await say(how + ', a', () => [...a.lines, 'state ' + a.readyState]);
    await say(how + ', b', () => [...b.lines, 'state ' + b.readyState]);
    await say(how + ', then', () => stub().told());
  }
});
`,
});
