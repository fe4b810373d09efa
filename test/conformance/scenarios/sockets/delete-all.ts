import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'deleteAll() takes storage away and no socket: tags, attachments and the automatic answer stay.',
  rows: ['12.attachments', '12.auto-response', '7.delete-all'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect } from './prelude.js';
import { answer, pair } from './sockets.js';
export class Obj extends DurableObject {
  fetch() { const [a, b] = pair(); this.ctx.acceptWebSocket(b, ['t']); b.serializeAttachment({ kept: true }); this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong')); this.ctx.setHibernatableWebSocketEventTimeout(5000); this.ctx.storage.kv.put('k', 1); return answer(a) }
  async webSocketMessage(ws, m) {
    if (m === 'delete') { await this.ctx.storage.deleteAll(); return ws.send('deleted') }
    ws.send(inspect([ws.deserializeAttachment(), this.ctx.getTags(ws), this.ctx.getWebSocketAutoResponse()?.response, this.ctx.getHibernatableWebSocketEventTimeout(), this.ctx.getWebSockets('t').length, this.ctx.storage.kv.get('k')]));
  }
}
export default { fetch(request, env) { return env.OBJ.getByName('a').fetch(request) } };
`,
  async steps(client) {
    const a = await client.socket('/');
    await a.send('?');
    await a.hears();
    await a.send('delete');
    await a.hears();
    await a.send('?');
    await a.hears();
    await a.send('ping');
    await a.hears();
    await client.wait(11_500);
    await a.send('?');
    await a.hears();
    await a.send('ping');
    await a.hears();
  },
});
