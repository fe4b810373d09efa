import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A message from outside has at most 32 MiB; to a client, and between an object and its Worker, no limit was met.',
  rows: ['12.message-size', '12.web-socket-error', '12.close-events'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect } from './prelude.js';
import { answer, listen, open, pair, until } from './sockets.js';
export class Obj extends DurableObject {
  log = [];
  fetch(request) {
    const [a, b] = pair();
    if (request.url.endsWith('std')) { b.binaryType = 'arraybuffer'; b.accept(); listen(b, 'std', (line) => this.log.push(line.slice(0, 200))); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)) } else this.ctx.acceptWebSocket(b);
    return answer(a);
  }
  webSocketMessage(ws, m) {
    const size = typeof m === 'string' ? m.length : m.byteLength;
    this.log.length = 0;
    if (m === 'large') { ws.send('x'.repeat(34 * 1024 * 1024)); ws.send(new Uint8Array(34 * 1024 * 1024)); return }
    ws.send(typeof m + ' ' + size);
  }
  webSocketClose(ws, ...rest) { this.log.push('close ' + inspect(rest) + ' ' + ws.readyState + ' ' + this.ctx.getWebSockets().length) }
  webSocketError(ws, error) { this.log.push('error ' + inspect(error) + ' ' + ws.readyState) }
  told() { const all = this.log; this.log = []; return [...all, 'listed ' + this.ctx.getWebSockets().length].join('; ') }
}
export default {
  async fetch(request, env) {
    const o = env.OBJ.getByName('a');
    const { pathname } = new URL(request.url);
    if (pathname === '/told') return new Response(await o.told());
    if (pathname === '/inside') {
      const w = await open(o);
      w.send('x'.repeat(33 * 1024 * 1024)); w.send(new Uint8Array(33 * 1024 * 1024));
      return new Response(inspect(await until(w.lines, 2)));
    }
    return o.fetch(request);
  },
};
`,
  async steps(client) {
    const limit = 32 * 1024 * 1024;
    for (const [path, kind] of [
      ['/hib', 'text'],
      ['/std', 'bytes'],
    ] as const) {
      const a = await client.socket(path);
      await a.send({ kind, size: limit });
      await a.hears();
      await a.send({ kind, size: limit + 1 });
      await a.hears();
      await client.wait(100);
      await client.fetch('/told');
    }
    const b = await client.socket('/hib');
    await b.send('large');
    await b.hears(2);
    await client.fetch('/inside');
  },
});
