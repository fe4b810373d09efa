import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'binaryType may change at any time and holds for what arrives later; handlers of hibernatable sockets get ArrayBuffers.',
  rows: ['12.binary-type'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep, inspect, tag } from './prelude.js';
import { answer, open, pair, until } from './sockets.js';
export class Obj extends DurableObject {
  fetch(request) { const [a, b] = pair(); if (request.url.endsWith('std')) { b.accept(); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)) } else { if (request.url.endsWith('blob')) b.binaryType = 'blob'; this.ctx.acceptWebSocket(b) } return answer(a) }
  webSocketMessage(ws, m) { ws.send(ws.binaryType + ' ' + tag(m)); ws.send(typeof m === 'string' ? m : new Uint8Array([1, 2])) }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const how of ['hib', 'blob', 'std']) {
    const w = await open(o, how);
    w.send(new Uint8Array([7]));
    await until(w.lines, 2);
    await say(how, () => w.lines);
  }
  const [a, b] = pair();
  const got = [];
  a.addEventListener('message', async (e) => { const { data } = e; got.push(data instanceof Blob ? ['Blob', data.size, inspect(data.type), (await data.arrayBuffer()).byteLength].join(' ') : inspect(data)) });
  for (const type of ['blob', 'arraybuffer', 'bogus', undefined, 'blob']) {
    a.binaryType = type;
    if (type === 'blob') { a.accept(); b.accept() }
    b.send(new Uint8Array([1, 2, 3]));
    await sleep(10);
    got.push(String(type) + ' -> ' + a.binaryType);
  }
  await say('changed', () => got);
});
`,
});
