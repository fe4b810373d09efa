import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A facet that fails, ends itself or writes what cannot be committed takes back no answer that was given in a turn before.',
  rows: ['6.section-failure', '6.output-gate', '13.reset-causes'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Kid extends DurableObject {
  reads(n) { return n }
  writes(n) { this.ctx.storage.kv.put(n, 1); return n }
  async writesAndWaits(n) { await this.ctx.storage.put(n, 1); await this.ctx.storage.get(n); return n }
  async section(n) { return this.ctx.blockConcurrencyWhile(async () => { this.ctx.storage.kv.put(n, 1); return n }) }
  waits() { return sleep(1000) }
  throws() { this.ctx.storage.kv.put('before an error', 1); throw new Error('thrown') }
  'section fails'() { this.ctx.storage.kv.put('kept', 1); return this.ctx.blockConcurrencyWhile(async () => { this.ctx.storage.kv.put('kept too', 1); throw new Error('failed') }) }
  aborts() { this.ctx.storage.kv.put('lost', 1); this.ctx.abort('aborted') }
  'commit fails'() { this.ctx.storage.kv.put('lost', 1); this.ctx.storage.sql.exec('create table a(x primary key); create table b(y references a(x) deferrable initially deferred); insert into b values (5)'); return 'written' }
  keys() { return [...this.ctx.storage.kv.list()].map(([key]) => key) }
}
export class Obj extends DurableObject {
  kid() { return this.ctx.facets.get('kid', () => ({ class: this.ctx.exports.Kid })) }
  async play(how) {
    const kid = this.kid();
    await kid.reads(0);
    const all = [kid.waits(), kid.reads('read'), kid.writes('written'), kid.writesAndWaits('waited'), kid.section('in a section'), kid.throws(), kid[how](), kid.reads('late'), kid.writes('late')];
    return (await Promise.allSettled(all)).map((answer) => answer.value ?? answer.reason.message.slice(0, 44));
  }
  keys() { return this.kid().keys() }
}

export default worker(async ({ say, env }) => {
  for (const how of ['section fails', 'aborts', 'commit fails']) {
    await say(how, () => env.OBJ.getByName(how).play(how));
    await say(how + ', keeps', () => env.OBJ.getByName(how).keys());
  }
});
`,
});
