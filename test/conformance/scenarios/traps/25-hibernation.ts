import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 25: after ten idle seconds memory is gone, the socket is a new object, and attachment, tags and automatic answer are there.',
  rows: ['12.hibernation', '12.auto-response', '12.attachments', '12.get-tags'],
  program: `
import { DurableObject } from 'cloudflare:workers';
const j = JSON.stringify;
export class Obj extends DurableObject {
  fetch() {
    const p = new WebSocketPair();
    this.ctx.acceptWebSocket(p[1], ['tag']);
    p[1].serializeAttachment({ k: 1 });
    this.first ??= p[1];
    this.ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
    return new Response(null, { status: 101, webSocket: p[0] });
  }
  webSocketMessage(ws, m) {
    this.n = (this.n ?? 0) + 1;
    ws.send(j([m, this.n, ws === this.first, ws.deserializeAttachment(), this.ctx.getTags(ws), this.ctx.getWebSocketAutoResponse()?.request]));
  }
}
export default { fetch(request, env) { return env.OBJ.getByName('a').fetch(request) } };
`,
  async steps(client) {
    const a = await client.socket('/');
    await a.send('1');
    await a.hears();
    await a.send('ping');
    await a.hears();
    await client.wait(6_000);
    await a.send('ping');
    await a.hears();
    await client.wait(5_500);
    await a.send('2');
    await a.hears();
    await a.send('3');
    await a.hears();
  },
});
