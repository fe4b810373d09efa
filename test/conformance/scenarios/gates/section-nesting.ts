import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Critical sections nest 64 deep; one more is refused, and so is one that its caller does not await.',
  rows: ['5.block-concurrency-while', '6.inside-a-section'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, showNow, sleep } from './prelude.js';

export class Obj extends DurableObject {
  async nest(depth) {
    return depth === 0 ? 'bottom' : this.ctx.blockConcurrencyWhile(() => this.nest(depth - 1));
  }
  async nestTransactions(depth) {
    return depth === 0 ? 'bottom' : this.ctx.storage.transaction(() => this.nestTransactions(depth - 1));
  }
  async caught(depth) {
    if (depth > 0) return this.ctx.blockConcurrencyWhile(() => this.caught(depth - 1));
    return [showNow(() => { this.ctx.blockConcurrencyWhile(async () => {}).catch(() => {}); return 'no throw' }), await show(() => this.ctx.blockConcurrencyWhile(async () => 'inside')), 'and goes on'];
  }
  async mixed() {
    const seen = [];
    await this.ctx.blockConcurrencyWhile(async () => {
      seen.push('1 in');
      const late = this.ctx.blockConcurrencyWhile(async () => { seen.push('2 in'); await sleep(5); seen.push('2 out') });
      await this.ctx.storage.transaction(async () => { seen.push('3 in'); await sleep(1); seen.push('3 out') });
      seen.push('1 goes on');
      await late;
      await sleep(5);
      seen.push('1 out');
    });
    seen.push('resumed');
    return seen.join(', ');
  }
  async sideBySide() { return Promise.all(Array.from({ length: 100 }, (_, i) => this.ctx.blockConcurrencyWhile(async () => i))).then((all) => all.length) }
  alive() { return (this.n = (this.n ?? 0) + 1) }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  for (const depth of [1, 2, 63, 64, 65]) await say('nested ' + depth, () => at('n' + depth).nest(depth));
  for (const depth of [62, 63, 64, 65]) await say('caught at ' + depth, () => at('c' + depth).caught(depth));
  for (const depth of [2, 64, 65]) await say('transactions ' + depth, () => at('t' + depth).nestTransactions(depth));
  await say('a hundred beside each other', () => at('s').sideBySide());
  await say('mixed', () => at('m').mixed());
  await say('alive', () => at('m').alive());
});
`,
});
