import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A Worker may put the socket of a response into one of its own, through several objects, or stand between the two.',
  rows: ['12.returning', '3.fetch-upgrade', '12.close-events'],
  modules: socketModule,
  program: String.raw`
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';
import { answer, pair, upgrade } from './sockets.js';
export class Obj extends DurableObject {
  log = [];
  async fetch(request) {
    const { pathname } = new URL(request.url);
    const next = request.headers.get('x-next');
    if (next) {
      const r = await this.env.OBJ.getByName(next).fetch('http://x' + pathname, upgrade);
      return pathname === '/as-it-is' ? r : new Response(null, { status: 101, webSocket: r.webSocket, headers: { 'x-by': String(this.ctx.id.name) } });
    }
    const [a, b] = pair();
    this.ctx.acceptWebSocket(b);
    b.send('from ' + this.ctx.id.name);
    return answer(a, { 'x-made': 'yes' });
  }
  webSocketMessage(ws, m) { ws.send(this.ctx.id.name + ' echoes ' + m) }
  webSocketClose(ws, code, reason) { this.log.push(code + ' ' + reason); ws.close(code, 'answered') }
  told() { const all = this.log; this.log = []; return inspect(all) + ' ' + this.ctx.getWebSockets().length }
}
export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === '/told') return new Response((await env.OBJ.getByName('first').told()) + '\n' + (await env.OBJ.getByName('last').told()));
    const headers = { Upgrade: 'websocket', 'x-next': 'last' };
    const r = await env.OBJ.getByName('first').fetch('http://x' + pathname, { headers });
    if (pathname === '/copied') return new Response(r.body, r);
    if (pathname === '/again') return new Response(null, { status: 101, webSocket: r.webSocket, headers: { 'x-worker': '1' } });
    if (pathname === '/between') {
      const [a, b] = pair();
      const inner = r.webSocket;
      inner.accept(); b.accept();
      inner.addEventListener('message', (e) => b.send('[' + e.data + ']'));
      b.addEventListener('message', (e) => inner.send('<' + e.data + '>'));
      b.addEventListener('close', (e) => inner.close(e.code, e.reason));
      inner.addEventListener('close', (e) => b.close(e.code, e.reason));
      return answer(a);
    }
    return r;
  },
};
`,
  async steps(client) {
    for (const path of ['/as-it-is', '/each', '/copied', '/again', '/between']) {
      const a = await client.socket(path, { showHeaders: ['x-made', 'x-by', 'x-worker'] });
      await a.hears();
      await a.send('one');
      await a.hears();
      await a.close(3000, 'done');
      await a.hears();
      await client.fetch('/told');
    }
  },
});
