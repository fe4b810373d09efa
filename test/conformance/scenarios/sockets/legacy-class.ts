import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A class that does not extend DurableObject has the same sockets and handlers.',
  rows: ['1.legacy-class', '12.accept-web-socket'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';
import { answer, open, pair, until } from './sockets.js';
export class Obj {
  constructor(state) { this.state = state; this.log = [] }
  async fetch(request) {
    if (request.url.endsWith('told')) return new Response(inspect([this.log, this.state.getWebSockets().length]));
    const [a, b] = pair(); this.state.acceptWebSocket(b, ['x']); b.serializeAttachment(1); return answer(a);
  }
  webSocketMessage(ws, m) { this.log.push(m); ws.send(inspect([m, this.state.getTags(ws), ws.deserializeAttachment()])) }
  webSocketClose(ws, code) { this.log.push(code); ws.close(code) }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const w = await open(o);
  w.send('a'); await until(w.lines, 1);
  w.close(3000); await until(w.lines, 2);
  await say('client', () => w.lines);
  await say('object', async () => (await o.fetch('http://x/told')).text());
});
`,
});
