import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A constraint that is violated at the commit, or a statement that ends the transaction itself, resets the object.',
  rows: ['6.commit-failure'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, showNow, sleep } from './prelude.js';

const told = async (f) => (await show(f)).replace(/reference = \\w+/, 'reference = <id>');
export class Obj extends DurableObject {
  memory = 0;
  make() { this.ctx.storage.sql.exec('create table p(id integer primary key); create table c(r references p(id) deferrable initially deferred); create table u(a unique); insert into u values(1)') }
  state() { return [++this.memory, this.ctx.storage.sql.exec('select count(*) n from c').one().n, this.ctx.storage.sql.exec('select group_concat(a) a from u').one().a, [...this.ctx.storage.kv.list()].length] }
  violate() { this.ctx.storage.kv.put('k', 1); this.ctx.storage.sql.exec('insert into c values(1)'); return 'looked fine' }
  violateAndMend() { const { sql } = this.ctx.storage; sql.exec('insert into c values(2)'); sql.exec('insert into p values(2)'); return 'fine' }
  async violateInTransaction() { return show(() => this.ctx.storage.transaction(async () => { this.ctx.storage.sql.exec('insert into c values(3)') })) }
  async mendInTransaction() { await this.ctx.storage.transaction(async () => { this.ctx.storage.sql.exec('insert into c values(4)'); await sleep(1); this.ctx.storage.sql.exec('insert into p values(4)') }); return 'fine' }
  violateInSync() { return showNow(() => this.ctx.storage.transactionSync(() => { this.ctx.storage.sql.exec('insert into c values(5)'); return 'looked fine' })) }
  immediate() { return showNow(() => this.ctx.storage.sql.exec('create table if not exists i(r references p(id)); insert into i values(99)')) }
  rollback() { this.ctx.storage.kv.put('k', 1); return showNow(() => this.ctx.storage.sql.exec('insert or rollback into u values(1)')) }
  rollbackInSync() { return showNow(() => this.ctx.storage.transactionSync(() => { showNow(() => this.ctx.storage.sql.exec('insert or rollback into u values(1)')); return 'goes on' })) }
  async rollbackInTransaction() { return show(() => this.ctx.storage.transaction(async () => { showNow(() => this.ctx.storage.sql.exec('insert or rollback into u values(1)')); return 'goes on' })) }
  rollbackThenWrite() { const a = showNow(() => this.ctx.storage.sql.exec('insert or rollback into u values(1)')); const b = showNow(() => this.ctx.storage.kv.put('k', 1)); const c = showNow(() => this.ctx.storage.sql.exec('select 1').toArray()); return [a, b, c] }
  raise() { this.ctx.storage.sql.exec("create trigger if not exists tr before insert on u when new.a = 7 begin select raise(rollback, 'raised'); end"); return showNow(() => this.ctx.storage.sql.exec('insert into u values(7)')) }
  abortInsert() { this.ctx.storage.kv.put('k', 1); return showNow(() => this.ctx.storage.sql.exec('insert or abort into u values(2), (1)')) }
  failInsert() { return showNow(() => this.ctx.storage.sql.exec('insert or fail into u values(3), (1)')) }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  const after = async (name, method) => {
    await at(name).make();
    await say(method, () => told(() => at(name)[method]()));
    await sleep(5);
    await say('  after ' + method, () => told(() => at(name).state()));
  };
  for (const method of ['violate', 'violateAndMend', 'violateInTransaction', 'mendInTransaction', 'violateInSync', 'immediate', 'abortInsert', 'failInsert', 'rollback', 'rollbackInSync', 'rollbackInTransaction', 'rollbackThenWrite', 'raise'])
    await after(method, method);
});
`,
});
