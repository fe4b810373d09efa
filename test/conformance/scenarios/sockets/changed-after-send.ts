import { socketModule } from '../../programs/sockets.ts';
import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Bytes that a program changes after send() are sent as they were.',
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
  const first = new Uint8Array([1]), second = new Uint8Array([2]);
  b.send(first); b.send(second);
  first[0] = 8; second[0] = 9;
  await sleep(20);
  for (const data of got) await say('heard', () => data);
});
`,
});
