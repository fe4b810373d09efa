import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An attachment stays with its socket through the close event, and whoever keeps the socket has it afterwards.',
  rows: ['12.attachments'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, inspect } from './prelude.js';
const upgrade = { headers: { Upgrade: 'websocket' } };
export class Obj extends DurableObject {
  lines = [];
  note(what, ws) { this.lines.push(what + ' ' + inspect(ws.deserializeAttachment()) + ' state ' + ws.readyState + ' listed ' + this.ctx.getWebSockets().length) }
  fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    if (new URL(request.url).pathname === '/hibernates') this.ctx.acceptWebSocket(server);
    else {
      server.accept();
      server.addEventListener('close', () => { this.note('accepted, close', server); server.close(); this.note('accepted, closed', server) });
    }
    server.serializeAttachment({ n: 1 });
    this.kept = server;
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketClose(ws) {
    this.note('hibernates, close', ws);
    ws.close();
    this.note('hibernates, closed', ws);
    ws.serializeAttachment({ n: 2 });
    this.note('changed', ws);
  }
  later() {
    this.note('later', this.kept);
    this.kept.serializeAttachment({ n: 3 });
    this.note('changed later', this.kept);
    return this.lines.splice(0).join('\\n');
  }
}
export default worker(async ({ say, env }) => {
  for (const how of ['accepted', 'hibernates']) {
    await say(how, async () => {
      const stub = env.OBJ.getByName(how);
      const { webSocket } = await stub.fetch('http://x/' + how, upgrade);
      webSocket.accept();
      webSocket.close(1000, 'done');
      await sleep(60);
      return stub.later();
    });
  }
});
`,
});
