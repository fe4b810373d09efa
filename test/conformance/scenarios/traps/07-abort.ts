import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 7: abort() throws away the writes of its turn, ends every other call, poisons the stub, and is not caught.',
  rows: ['5.abort', '13.reset-causes', '3.broken-stub'],
  config: objects({ OBJ: 'Obj', LOG: 'Log' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Log extends DurableObject { seen = []; add(what) { this.seen.push(what) } all() { return this.seen } }
export class Obj extends DurableObject {
  async slow() { await sleep(500); return 'slow' }
  die() { this.ctx.storage.kv.put('lost', 1); try { this.ctx.abort('why') } catch { this.tell('caught') } finally { this.tell('finally ran') } this.tell('after it') }
  tell(what) { globalThis.told = what; this.ctx.storage.kv.put('told', what); this.env.LOG.getByName('log').add(what) }
  async dieLater() {
    this.ctx.storage.kv.put('kept', 1);
    await sleep(1);
    this.ctx.storage.kv.put('lost', 2);
    await this.ctx.storage.put('lost too', 2);
    this.ctx.abort('later');
  }
  look() { return [[...this.ctx.storage.kv.list()].map(([k]) => k), globalThis.told] }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const slow = o.slow();
  slow.catch(() => {});
  await sleep(20);
  await say('the call', () => o.die());
  await say('a call that was running', () => slow);
  await say('the same stub', () => o.look());
  await say('the same stub by fetch', () => o.fetch('http://x/'));
  await say('a new stub', () => env.OBJ.getByName('a').look());
  await say('with an earlier turn', () => env.OBJ.getByName('a').dieLater());
  await say('what that turn wrote is kept', () => env.OBJ.getByName('a').look());
  await sleep(20);
  await say('what was told by code after it', () => env.LOG.getByName('log').all());
});
`,
});
