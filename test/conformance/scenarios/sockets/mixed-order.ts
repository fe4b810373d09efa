import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Texts and bytes of one socket arrive in the order sent, in both directions, whatever their sizes.',
  rows: ['12.send', '12.binary-type'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';
import { answer, pair, until, upgrade } from './sockets.js';
export class Obj extends DurableObject {
  fetch(request) { const [a, b] = pair(); if (request.url.endsWith('std')) { b.binaryType = 'arraybuffer'; b.accept(); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)) } else this.ctx.acceptWebSocket(b); return answer(a) }

  async webSocketMessage(ws, m) { ws.send(m); if (m === 'end') for (let i = 0; i < 6; i++) ws.send(i % 2 ? 'own ' + i : new Uint8Array(i * 20_000)) }
}
export default worker(async ({ say, env }) => {
  for (const how of ['hib', 'std']) {
    const { webSocket: w } = await env.OBJ.getByName(how).fetch('http://x/' + how, upgrade);
    const got = [];
    w.addEventListener('message', (e) => got.push(typeof e.data === 'string' ? (e.data.length > 20 ? 'text of ' + e.data.length : e.data) : (e.data.constructor.name === 'Blob' ? 'bytes ' + e.data.size : e.data.constructor.name)));
    w.accept();
    for (let i = 0; i < 8; i++) { w.send('t' + i); w.send(new Uint8Array(i)); if (i % 3 === 0) { w.send('x'.repeat(100_000 + i)); w.send(new Uint8Array(70_000 + i)) } if (i === 4) await sleep(5) }
    w.send('end');
    await until(got, 29);
    await say(how, () => got.join(', '));
  }
});
`,
});
