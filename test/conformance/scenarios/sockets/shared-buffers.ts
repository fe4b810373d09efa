import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Bytes of a shared, a growable or a detached buffer can be sent.',
  rows: ['12.send'],
  modules: socketModule,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';
import { pair } from './sockets.js';
export class Obj extends DurableObject {}
export default worker(async ({ say }) => {
  const [a, b] = pair();
  const got = [];
  a.binaryType = 'arraybuffer';
  a.accept(); b.accept();
  a.addEventListener('message', (e) => got.push(e.data));
  const shared = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }).buffer;
  const view = new Uint8Array(shared, 0, 4); view.set([1, 2, 3, 4]);
  say.now('a view of a shared one', () => b.send(view));
  say.now('a part of one', () => b.send(view.subarray(1, 3)));
  say.now('a growable one', () => b.send(new Uint8Array(new ArrayBuffer(2, { maxByteLength: 8 }))));
  const gone = new Uint8Array([1, 2]);
  structuredClone(gone, { transfer: [gone.buffer] });
  say.now('a view of a detached one', () => b.send(gone));
  say.now('a detached one', () => b.send(gone.buffer));
  await sleep(20);
  say.now('all of a shared one', () => b.send(shared));
  await sleep(20);
  await say('heard', () => got.map((data) => (data.byteLength > 100 ? data.byteLength : data)));
});
`,
});
