import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What is sent is a text, bytes, or whatever String makes of it.',
  rows: ['12.send'],
  modules: socketModule,
  program: String.raw`
import { DurableObject } from 'cloudflare:workers';
import { worker, showNow, inspect, tag } from './prelude.js';
import { answer, open, pair, until } from './sockets.js';
export class Obj extends DurableObject {
  fetch(request) { const [a, b] = pair(); if (request.url.endsWith('std')) { b.binaryType = 'arraybuffer'; b.accept(); b.addEventListener('message', (e) => this.webSocketMessage(b, e.data)) } else this.ctx.acceptWebSocket(b); return answer(a) }

  got = [];
  async webSocketMessage(ws, m) {
    if (typeof m !== 'string') { const type = tag(m); const bytes = new Uint8Array(m instanceof Blob ? await m.arrayBuffer() : m); m = type + ' ' + [...bytes] }
    this.got.push(m);
    if (m === 'over') { ws.send(inspect(this.got)); this.got = [] }
  }
  back() { const [a, b] = pair(); a.accept(); b.accept(); const got = []; a.addEventListener('message', (e) => got.push(e.data)); return { b, got } }
}
const bytes = new Uint8Array([1, 2, 3, 4, 5, 6, 7, 8]);
const values = () => ({
  number: 5, zero: -0, nan: NaN, bigint: 10n, yes: true, nothing: null, undefined, list: [1, [2, 3]], object: { a: 1 }, named: { toString: () => 'named' },
  date: new Date(0).getTime(), map: new Map(), boxed: new String('boxed'), text: 'e\u0301\0', lone: 'a\ud800b', emoji: '\u{1F600}', empty: '',
  buffer: bytes.slice().buffer, emptyBuffer: new ArrayBuffer(0), view: new DataView(bytes.buffer, 1, 2), part: bytes.subarray(2, 5),
  u16: new Uint16Array([258]), f64: new Float64Array([1]), big: new BigInt64Array([1n]), clamped: new Uint8ClampedArray([300]),
  blob: new Blob(['x']), file: new File(['x'], 'n'), url: new URL('http://x/'), stream: new ReadableStream(), response: new Response('x'),
  fn: Math.max, error: new TypeError('e'), promise: Promise.resolve(1), symbol: Symbol('s'), nul: Object.create(null), throws: { toString() { throw new Error('mine') } },
});
export default worker(async ({ say, env }) => {
  for (const how of ['hib', 'std']) {
    const w = await open(env.OBJ.getByName(how), how);
    const refused = [];
    for (const [name, value] of Object.entries(values())) { const line = showNow(() => w.send(value)); if (line !== 'undefined') refused.push(name + ' ' + line) }
    refused.push(showNow(() => w.send('a', 'b')));
    w.send('over');
    await until(w.lines, 1);
    await say(how, () => w.lines);
    await say(how + ', refused', () => refused);
  }
});
`,
});
