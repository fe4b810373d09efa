import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The writes of one turn are kept or lost together; a wait for something else divides them.',
  rows: ['6.write-coalescing', '6.exception-in-handler'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  reset() { this.ctx.blockConcurrencyWhile(() => { throw new Error('reset') }) }
  keys() { return [...this.ctx.storage.kv.list()].map(([k]) => k) }
  failAfter() { this.ctx.storage.put('a', 1); this.ctx.storage.kv.put('b', 2); this.ctx.storage.delete('a'); throw new Error('no') }
  async failLater() { await this.ctx.storage.put('c', 1); await this.ctx.storage.put('d', 2); throw new Error('no') }
  async inSection() {
    this.ctx.storage.kv.put('before', 1);
    await sleep(1);
    this.ctx.storage.kv.put('same turn', 1);
    await this.ctx.storage.put('after an await of storage', 1);
    await this.ctx.blockConcurrencyWhile(async () => { this.ctx.storage.kv.put('in the section', 1); throw new Error('reset') });
  }
  async inSectionLater() {
    await this.ctx.blockConcurrencyWhile(async () => {
      this.ctx.storage.kv.put('first turn', 1);
      await sleep(1);
      this.ctx.storage.kv.put('last turn', 1);
      await this.ctx.storage.put('last turn too', 1);
      throw new Error('reset');
    });
  }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  await say('a handler that throws', () => at('a').failAfter());
  await say('keeps', () => at('a').keys());
  await say('a handler that rejects', () => at('a').failLater());
  await say('keeps', () => at('a').keys());
  await say('a section that throws at once', () => at('b').inSection());
  await say('keeps', () => at('b').keys());
  await say('a section that throws later', () => at('c').inSectionLater());
  await say('keeps', () => at('c').keys());
});
`,
});
