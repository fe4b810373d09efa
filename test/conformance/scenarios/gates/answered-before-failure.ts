import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A section that fails, or a commit that is refused, takes back no answer that was given in a turn before.',
  rows: ['6.section-failure', '6.output-gate', '13.reset-causes'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  reads(n) { return n }
  writes(n) { this.ctx.storage.kv.put(n, 1); return n }
  async writesAndWaits(n) { await this.ctx.storage.put(n, 1); await this.ctx.storage.get(n); return n }
  async section(n) { return this.ctx.blockConcurrencyWhile(async () => { this.ctx.storage.kv.put(n, 1); return n }) }
  fails() { this.ctx.storage.kv.put('lost', 1); return this.ctx.blockConcurrencyWhile(async () => { this.ctx.storage.kv.put('lost too', 1); throw new Error('failed') }) }
  refused() { this.ctx.storage.kv.put('lost', 1); this.ctx.storage.sql.exec('create table a(x primary key); create table b(y references a(x) deferrable initially deferred); insert into b values (5)'); return 'written' }
  waits() { return sleep(1000) }
  keys() { return [...this.ctx.storage.kv.list()].map(([key]) => key) }
}

export default worker(async ({ say, env }) => {
  const told = (answers) => answers.map((answer) => answer.value ?? answer.reason.message.slice(0, 44));
  let o = env.OBJ.getByName('a');
  await o.reads(0);
  let all = [o.waits(), o.reads('read'), o.writes('written'), o.writesAndWaits('waited'), o.section('in a section'), o.fails(), o.reads('late'), o.writes('late')];
  await say('answers', async () => told(await Promise.allSettled(all)));
  await say('keeps', () => env.OBJ.getByName('a').keys());
  o = env.OBJ.getByName('b');
  await o.reads(0);
  all = [o.waits(), o.reads('read'), o.writes('written'), o.writesAndWaits('waited'), o.section('in a section'), o.refused(), o.reads('late'), o.writes('late')];
  await say('answers before a refused commit', async () => told(await Promise.allSettled(all)));
  await say('keeps', () => env.OBJ.getByName('b').keys());
});
`,
});
