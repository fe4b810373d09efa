import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 24: hibernatable sockets survive what handlers throw, get ArrayBuffers, and are listed newest first without a tag.',
  rows: ['12.handler-throws', '12.get-web-sockets', '12.binary-type', '12.attachments'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  fetch() {
    const p = new WebSocketPair();
    this.n = (this.n ?? 0) + 1;
    this.ctx.acceptWebSocket(p[1], ['t']);
    p[1].serializeAttachment('ws' + this.n);
    return new Response(null, { status: 101, webSocket: p[0] });
  }
  webSocketMessage(ws, m) { if (m === 'throw') throw new Error('x'); ws.send(typeof m === 'string' ? m : Object.prototype.toString.call(m)) }
  order() { return [this.ctx.getWebSockets().map((w) => w.deserializeAttachment()), this.ctx.getWebSockets('t').map((w) => w.deserializeAttachment())] }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const open = async () => {
    const w = (await o.fetch('http://x/', { headers: { Upgrade: 'websocket' } })).webSocket;
    w.got = [];
    w.addEventListener('message', (e) => w.got.push(e.data));
    w.accept();
    return w;
  };
  const a = await open();
  const b = await open();
  a.send('throw');
  a.send('still here');
  a.send(new Uint8Array([1]));
  await sleep(50);
  await say('got', () => a.got);
  await say('order', () => o.order());
  await say('binaryType', () => a.binaryType);
  await say('the other heard nothing', () => b.got);
});
`,
});
