import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 10: blockConcurrencyWhile does not start synchronously and its continuation runs before queued events.',
  rows: ['5.block-concurrency-while', '6.section-start', '6.section-end', '6.waiter-order'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  seen = [];
  async x(n) { this.seen.push(n + ' call'); const p = this.ctx.blockConcurrencyWhile(async () => { this.seen.push(n + ' in'); await sleep(10); this.seen.push(n + ' out') }); this.seen.push(n + ' after'); await p; this.seen.push(n + ' resumed') }
  y(n) { this.seen.push(n) }
  e() { return this.seen }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await Promise.all([o.x('A'), o.y('plain'), o.x('B')]);
  await say('the order', () => o.e());
});
`,
});
