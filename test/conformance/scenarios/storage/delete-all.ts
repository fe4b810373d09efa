import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'deleteAll() empties keys, tables and the alarm at once, and ends every cursor.',
  rows: ['7.delete-all'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, showNow, sleep, inspect } from './prelude.js';

export class Obj extends DurableObject {
  alarm() {}
  async run() {
    const s = this.ctx.storage, lines = [];
    const plain = (text) => text.replace(/reference = \\w+/, 'reference = <id>');
    const say = async (what, f) => lines.push(what + ': ' + plain(await show(f)));
    const now = (what, f) => lines.push(what + ': ' + plain(showNow(f)));
    const all = () => [s.sql.exec('select name from sqlite_master order by name').toArray().map((r) => r.name).join(' '), [...s.kv.list()].length, s.sql.databaseSize];
    await say('of a fresh object', () => s.deleteAll());
    await say('leaves', all);
    s.sql.exec('create table t(a); insert into t values(1),(2); create index ti on t(a); create view tv as select * from t');
    await s.put({ a: 1, b: 2, c: 3 });
    await s.setAlarm(Date.now() + 1e9);
    await say('before', all);
    const cursor = s.sql.exec('select * from t'); cursor.next();
    const list = s.kv.list(); list.next();
    const done = s.sql.exec('select 1 as x'); done.toArray();
    const promise = s.deleteAll();
    now('a promise', () => promise instanceof Promise);
    now('at once', all);
    now('a cursor', () => cursor.next());
    now('its columns', () => cursor.columnNames);
    now('toArray of it', () => cursor.toArray());
    now('a list', () => list.next());
    now('a finished cursor', () => done.toArray());
    await say('gives', () => promise);
    await say('the alarm', () => s.getAlarm());
    await say('a table', () => s.sql.exec('select * from t'));
    await say('again', () => s.deleteAll());
    await say('and goes on', async () => { s.sql.exec('create table t(z)'); await s.put('n', 1); return [await s.get('n'), s.sql.exec('select * from t').columnNames] });
    await say('written and deleted in one turn', async () => { s.kv.put('x', 1); s.sql.exec('insert into t values(1)'); s.deleteAll(); s.kv.put('y', 1); return [[...s.kv.list()].map(([k]) => k), all()] });
    await say('with options', () => s.deleteAll({ allowUnconfirmed: true }));
    await say('with wrong options', () => s.deleteAll(1));
    await say('foreign keys are on', () => s.sql.exec('pragma foreign_keys').one());
    await say('in a transaction', () => s.transaction(() => s.deleteAll()));
    await say('in transactionSync', () => s.transactionSync(() => { s.kv.put('in', 1); const p = s.deleteAll(); return inspect([p instanceof Promise, [...s.kv.list()].length]) }));
    await say('then', all);
    return lines.join('\\n');
  }
  async fill() { await this.ctx.storage.put({ a: 1, b: 2 }); this.ctx.storage.sql.exec('create table t(a)'); this.ctx.storage.setAlarm(Date.now() + 1e9) }
  async emptyAndReset() { this.ctx.storage.deleteAll(); await this.ctx.storage.sync(); this.ctx.abort('reset') }
  emptyAndLose() { this.ctx.storage.deleteAll(); this.ctx.abort('lost') }
  async left() { return [[...this.ctx.storage.kv.list()].length, this.ctx.storage.sql.exec('select count(*) n from sqlite_master where name = ?', 't').one().n, (await this.ctx.storage.getAlarm()) !== null] }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  await say('in one object', () => at('a').run());
  await at('b').fill();
  await say('reset after it', () => at('b').emptyAndReset());
  await say('  is empty', () => at('b').left());
  await at('c').fill();
  await say('reset in its turn', () => at('c').emptyAndLose());
  await say('  is as before', () => at('c').left());
});
`,
});
