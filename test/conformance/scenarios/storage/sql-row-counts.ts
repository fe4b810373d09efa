import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A cursor counts what SQLite read and wrote, step by step, not the rows of the result.',
  rows: [
    '19.count',
    '19.seek',
    '19.seek-rowid',
    '19.last',
    '19.rewind',
    '19.next',
    '19.vnext',
    '19.not-counted',
    '19.insert',
    '19.delete',
    '19.idx-insert',
    '19.clear',
    '19.measured',
  ],
  program: `
import { DurableObject } from 'cloudflare:workers';

export class Obj extends DurableObject {
  run() {
    const { sql } = this.ctx.storage, lines = [];
    const say = (text, ...bindings) => {
      const cursor = sql.exec(text, ...bindings);
      cursor.toArray();
      lines.push([text, ...bindings].join(' @ ') + ' -> ' + cursor.rowsRead + 'r ' + cursor.rowsWritten + 'w');
    };
    // An empty table.
    say('create table u(id integer primary key, a, b)');
    say('select * from u');
    say('select count(*) from u');
    say('select max(id) from u');
    say('delete from u');
    for (let i = 0; i < 100; i++) sql.exec('insert into u(a, b) values(?, ?)', i % 10, (i * 7) % 100);
    // Scans, and what becomes of their rows.
    say('select * from u');
    say('select count(*) from u');
    say('select count(a) from u');
    say('select * from u limit 5 offset 10');
    say('select * from u order by b limit 1');
    say('select * from u order by a limit 1');
    say('select a, count(*) from u group by a');
    say('select distinct a from u');
    say('select exists(select 1 from u where a = 7)');
    // By key.
    say('select * from u where id = 5');
    say('select * from u where id = 999');
    say('select * from u where id = ?', '5');
    say('select * from u where id = ?', 'five');
    say('select * from u where id in (1, 2, 999)');
    say('select * from u where id > 95');
    say('select * from u where id > 999');
    say('select * from u where id < 5 order by id desc');
    say('select max(id) from u');
    say('select min(id) from u');
    say('select * from u order by id desc limit 3');
    // By index.
    say('insert into u(a, b) values(1, 2)');
    say('update u set b = 5 where id = 1');
    say('create index ua on u(a)');
    say('select * from u where a = 3');
    say('select * from u where a = 99');
    say('select * from u where a in (3, 4, 99)');
    say('select a from u order by a desc limit 2');
    say('select max(a) from u');
    say('insert into u(a, b) values(1, 2)');
    say('update u set b = 5 where id = 1');
    say('update u set a = 5 where id = 1');
    say('update u set a = 5 where id = 1');
    say('delete from u where id = 2');
    say('delete from u where id = 999');
    // Without a rowid.
    say('create table w(k text primary key, v) without rowid');
    say('insert into w select id, a from u where id < 8');
    say("select * from w where k = '5'");
    say("select * from w where k = 'none'");
    say("insert into w values('5', 1) on conflict do update set v = excluded.v");
    say("delete from w where k = '5'");
    say('delete from w');
    // More than one table.
    say('create table log(id integer primary key, what)');
    say('create trigger gone after delete on u begin insert into log(what) values(old.id); end');
    say('delete from u where id = 3');
    say('delete from u where a = 5');
    say('select * from u join log on log.what = u.id');
    say('select count(*) from log join u on u.a = log.id');
    say('select * from u where id in (select what from log)');
    say('drop trigger gone');
    say('delete from u');
    say('select * from json_each(?)', '[1,2,3]');
    say('select * from (select 1) left join json_each(?)', '[]');
    say('with recursive n(i) as (select 1 union all select i + 1 from n where i < 10) select * from n');
    say('select 1 union all select 2');
    say('pragma table_info(u)');
    say('drop index ua');
    say('drop table u');
    return lines.join('\\n');
  }

  /** The platform's own example. */
  steps() {
    const s = this.ctx.storage.sql, out = [];
    const q = (q, ...b) => { const c = s.exec(q, ...b); c.toArray(); out.push(q.slice(0, 46) + ' -> ' + c.rowsRead + 'r ' + c.rowsWritten + 'w'); };
    s.exec('create table u(id integer primary key, a)');
    for (let i = 0; i < 100; i++) s.exec('insert into u(a) values(?)', i % 10);
    q('select * from u'); q('select * from u where id=999'); q('select * from u order by a limit 1'); q('select * from u limit 5 offset 10');
    q('select count(*) from u'); q('create index ua on u(a)'); q('select * from u where a=3'); q('insert into u(a) values(1)');
    q('update u set a=5 where id=1'); q('delete from u');
    const c = s.exec('select 1 union all select 2');
    out.push('lazy ' + c.rowsRead);
    return out.join('\\n');
  }
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    const object = env.OBJ.getByName(pathname);
    return new Response(await (pathname === '/steps' ? object.steps() : object.run()));
  },
};
`,
  steps: async (client) => {
    await client.fetch('/');
    await client.fetch('/steps');
  },
});
