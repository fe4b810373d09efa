import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A cursor holds one row ahead and reads on lazily, so it sees what is written while it is open.',
  rows: ['9.cursor', '9.across-await'],
  program: sqlObject(`
    const fill = () => { sql.exec('drop table if exists t'); sql.exec('create table t(id integer primary key, a)');
      for (let i = 1; i <= 5; i++) sql.exec('insert into t values(?, ?)', i, 'v' + i) };
    const left = (c) => c.toArray().map((r) => r.id + r.a).join(' ');
    const during = (what, text, write, first = 1) => say(what, () => { fill(); const c = sql.exec(text); for (let i = 0;
      i < first; i++) c.next(); write(c); return left(c) });
    const scan = 'select id, a from t';
    during('the row ahead is already read: update of it', scan, () => sql.exec("update t set a = 'new' where id = 2"));
    during('update of the one after', scan, () => sql.exec("update t set a = 'new' where id = 3"));
    during('update of all', scan, () => sql.exec("update t set a = 'new'"));
    during('update before the first next', scan, () => sql.exec("update t set a = 'new'"), 0);
    during('delete of the row ahead', scan, () => sql.exec('delete from t where id = 2'));
    during('delete of the one after', scan, () => sql.exec('delete from t where id = 3'));
    during('delete of the row behind', scan, () => sql.exec('delete from t where id = 1'));
    during('delete of all', scan, () => sql.exec('delete from t'));
    during('delete of all with a condition', scan, () => sql.exec('delete from t where 1'));
    during('delete before the first next', scan, () => sql.exec('delete from t where id >= 1'), 0);
    during('insert at the end', scan, () => sql.exec("insert into t values(9, 'new')"));
    during('insert between', scan, () => { sql.exec("delete from t where id = 4");
      sql.exec("insert into t values(4, 'again')") });
    during('insert before', scan, () => sql.exec("insert into t values(0, 'new')"));
    during('insert with the last row ahead', scan, () => sql.exec("insert into t values(9, 'new')"), 4);
    during('insert after the end', scan, () => sql.exec("insert into t values(9, 'new')"), 5);
    during('keys move', scan, () => sql.exec('update t set id = id + 10'));
    during('keys move, backwards', scan + ' order by id desc', () => sql.exec('update t set id = id - 10'));
    during('sorted rows are a copy', scan + ' order by a desc', () => sql.exec('delete from t'));
    during('grouped rows', 'select max(id) as id, a from t group by a', () => sql.exec('delete from t where id > 3'));
    during('a compound', scan + ' where id < 3 union all select id, a from t where id >= 3',
      () => sql.exec("update t set a = 'new'"));
    during('by an index', scan + " where a > 'v1'", () => { sql.exec('create index i on t(a)') });
    during('a subquery for each row', 'select id, (select count(*) from t) as a from t',
      () => sql.exec('delete from t where id = 5'));
    during('a window', 'select id, count(*) over () as a from t', () => sql.exec('delete from t where id = 5'));
    during('a recursive query',
      'with recursive r(id, a) as (select 1, 1 union all select id + 1, (select count(*) from t) from r where id < 6) select * from r',
      () => sql.exec('delete from t where id > 2'));
    during('the kv table next to it', scan, () => { for (let i = 0; i < 3; i++) kv.put('k' + i, i) });
    say('delete each row that is read', () => { fill(); let n = 0; for (const { id } of sql.exec(scan)) {
      sql.exec('delete from t where id = ?', id); n++ } return [n, rows('select count(*) as n from t')] });
    say('insert for each row that is read', () => { fill(); let n = 0; for (const { id } of sql.exec(scan)) {
      if (++n < 20) sql.exec("insert into t(a) values('more')") } return [n, rows('select count(*) as n from t')] });
    say('update each row that is read', () => { fill(); for (const {
      id } of sql.exec(scan)) sql.exec("update t set a = a || '!' where id = ?", id);
      return rows(scan).map((r) => r.a).join() });
    say('in the same table, from itself', () => { fill(); rows('insert into t(a) select a from t');
      return rows('select count(*) as n from t') });
    say('rows of RETURNING are written at once', () => { fill(); const c = sql.exec("update t set a = 'done' returning id, a");
      const seen = rows("select count(*) as n from t where a = 'done'"); sql.exec("update t set a = 'later'"); return [seen,
      left(c)] });
    say('INSERT with RETURNING', () => { const c = sql.exec("insert into t(a) values('x'), ('y'), ('z') returning id, a");
      const n = rows('select count(*) as n from t'); c.next(); return [n, left(c)] });
    say('DELETE with RETURNING', () => { const c = sql.exec('delete from t returning id, a');
      const n = rows('select count(*) as n from t'); return [n, left(c).length > 10] });
    await (async () => {
      fill();
      const c = sql.exec(scan), raw = c.raw();
      say('before an await', () => c.next());
      await sleep(1);
      sql.exec("update t set a = 'later' where id > 2");
      say('after it', () => raw.next());
      await storage.put('k', 1);
      await storage.sync();
      sql.exec("insert into t values(6, 'last')");
      say('after a commit', () => left(c));
    })();
`),
});
