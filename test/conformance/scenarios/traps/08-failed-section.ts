import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 8: a blockConcurrencyWhile callback that throws cannot be caught by its caller.',
  rows: ['5.block-concurrency-while', '6.section-failure', '13.reset-causes'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  async bcw() { try { await this.ctx.blockConcurrencyWhile(async () => { throw new Error('init') }) } catch { return 'caught' } }
  inst() { return (this.n = (this.n ?? 0) + 1) }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('before', () => o.inst());
  await say('the call', () => o.bcw());
  await say('the same stub', () => o.inst());
  await say('a new stub', () => env.OBJ.getByName('a').inst());
});
`,
});
