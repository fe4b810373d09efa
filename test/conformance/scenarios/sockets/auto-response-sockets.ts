import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The automatic answer is for hibernatable sockets, whole texts and each socket by itself; it overtakes what handlers have not said yet.',
  rows: ['12.auto-response', '12.auto-response-timestamp'],
  modules: socketModule,
  program: String.raw`
import { DurableObject } from 'cloudflare:workers';
import { inspect } from './prelude.js';
import { answer, pair } from './sockets.js';
export class Obj extends DurableObject {
  log = [];
  fetch(request) {
    const [a, b] = pair();
    const name = new URL(request.url).pathname.slice(1);
    if (name === 'std') { b.accept(); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)) } else this.ctx.acceptWebSocket(b, [name]);
    if (name === 'set') this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    return answer(a);
  }
  async webSocketMessage(ws, m) {
    this.log.push(m);
    if (m === 'slow') { await new Promise((resolve) => { this.release = resolve }); return ws.send('slow answer') }
    if (m === 'go') return this.release();
    if (m === 'times') return ws.send(inspect(this.ctx.getWebSockets().map((w) => { const at = this.ctx.getWebSocketAutoResponseTimestamp(w); return [this.ctx.getTags(w)[0], at instanceof Date ? Math.abs(Date.now() - at) < 60_000 : at] })));
    if (m === 'empty') { this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('', 'nothing')); return ws.send('set') }
    if (m === 'unicode') { this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('é\u{1F600}', 'ü')); return ws.send('set') }
    if (m === 'unset') { this.ctx.setWebSocketAutoResponse(); return ws.send('unset ' + this.ctx.getWebSocketAutoResponse()) }
    ws.send('handler ' + inspect(m));
  }
  told() { return inspect(this.log.splice(0)) }
}
export default { async fetch(request, env) { const o = env.OBJ.getByName('a'); return new URL(request.url).pathname === '/told' ? new Response(await o.told()) : o.fetch(request) } };
`,
  async steps(client) {
    const early = await client.socket('/early');
    await early.send('ping');
    await early.hears();
    const set = await client.socket('/set');
    const std = await client.socket('/std');
    for (const socket of [early, set, std]) {
      await socket.send('ping');
      await socket.hears();
    }
    await early.send('Ping');
    await early.hears();
    await early.send('slow');
    await early.send('ping');
    await early.hears();
    await early.send('go');
    await early.hears();
    await early.send('times');
    await early.hears();
    for (const [what, message] of [
      ['empty', ''],
      ['unicode', 'é\u{1F600}'],
      ['unset', 'é\u{1F600}'],
    ] as const) {
      await set.send(what);
      await set.hears();
      await set.send(message);
      await set.hears();
      await set.send('ping');
      await set.hears();
    }
    await client.fetch('/told');
  },
});
