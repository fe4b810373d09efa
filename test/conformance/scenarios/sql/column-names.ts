import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'columnNames can be read at any time, and is one array of the names as they were at the first look.',
  rows: ['9.cursor', '9.row-objects'],
  program: sqlObject(String.raw`
    const names = (text) => say(text, () => { const c = sql.exec(text), n = c.columnNames; c.toArray(); return n });
    sql.exec('create table t(a, "b c", C); insert into t values(1, 2, 3); create view v as select a as x, C from t');
    for (const t of ['select 1', 'select 1 as a, 2 as a', 'select a, A, "a", t.a, main.t.a from t', 'select * from t',
      'select *, * from t', 'select c from t', 'select rowid from t', 'select a + 1, -a, (a) from t',
      'select count(*), max( a ) from t', 'select x, c from v', 'select * from v', 'values (1, 2)',
      'select 1 union select 2 as b', 'select (select a from t)', "select 'it''s'", 'select /* c */ a /* d */ from t',
      'with w as (select 1 as q) select * from w', 'select a as "" from t', 'select null as "é\u{1f600}"', 'create table u(a)',
      'insert into u values(1)', 'insert into u values(2) returning a, a + 1 as b, *', 'update u set a = 3',
      'delete from u returning *', 'select 1 where 0', 'pragma table_info(t)', 'pragma foreign_keys',
      'pragma foreign_keys = on', 'explain query plan select 1', 'explain select 1', 'select * from json_each(\'[1]\')',
      'select t.a, u.a from t, u', 'select * from t join u', 'select * from t join u using (a)',
      'select * from t natural join u', 'create index ti on t(a)', 'analyze']) names(t);
    say('the same array each time', () => { const c = sql.exec('select 1 as a'); const n = c.columnNames; n.push('x');
      return [c.columnNames, n === c.columnNames] });
    say('after the end', () => { const c = sql.exec('select 1 as a'); c.toArray(); return c.columnNames });
    say('after one()', () => { const c = sql.exec('select 1 as a'); c.one(); return c.columnNames });
    say('after a column was added', () => { const c = sql.exec('select * from t'); sql.exec('alter table t add column d');
      return [c.columnNames, sql.exec('select * from t').columnNames, c.toArray()] });
    say('after a column was renamed', () => { const c = sql.exec('select * from t');
      sql.exec('alter table t rename column a to z'); return [c.columnNames, sql.exec('select * from t').columnNames] });
`),
});
