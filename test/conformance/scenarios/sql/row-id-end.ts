import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'After the greatest row id that there is, AUTOINCREMENT finds the database full, and the object is reset.',
  rows: ['9.exec'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show } from './prelude.js';

export class Obj extends DurableObject {
  begin() {
    this.mark = 'alive';
    this.ctx.storage.sql.exec('create table if not exists t(id integer primary key autoincrement, a)');
    this.ctx.storage.sql.exec('insert into t values (9223372036854775807, 1) on conflict do nothing');
  }
  more(before) {
    if (before) this.ctx.storage.sql.exec('create table other(a)');
    this.ctx.storage.sql.exec('insert into t(a) values (2)');
  }
  caught(before) {
    try { this.more(before) } catch (error) { return 'caught' }
  }
  async inTransaction() {
    await this.ctx.storage.transaction(async () => this.more(true));
  }
  inTransactionSync() {
    this.ctx.storage.transactionSync(() => this.more(true));
  }
  state() {
    const { sql } = this.ctx.storage;
    return [this.mark, sql.exec('select count(*) as n from t').one().n,
      sql.exec("select name from sqlite_master where name = 'other'").toArray().length];
  }
}

export default {
  async fetch(request, env) {
    const lines = [];
    const flags = async (run) => {
      try { return String(await run()) } catch (error) {
        return [error.name, error.message.replace(/(internal error).*/, '$1'), JSON.stringify({ ...error })].join(' ');
      }
    };
    for (const [method, before] of [['more', false], ['more', true], ['caught', false], ['caught', true], ['inTransaction'], ['inTransactionSync']]) {
      const stub = env.OBJ.getByName(method + before);
      await stub.begin();
      lines.push(method + ' ' + before + ': ' + (await flags(() => stub[method](before))));
      lines.push('  then: ' + (await show(() => env.OBJ.getByName(method + before).state())));
    }
    return new Response(lines.join('\\n'));
  },
};
`,
});
