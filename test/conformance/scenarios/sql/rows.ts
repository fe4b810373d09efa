import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A row is a plain object with the columns as its own properties; the later of two equal names wins.',
  rows: ['9.row-objects'],
  program: sqlObject(String.raw`
    const show1 = (text) => say(text, () => { const r = rows(text)[0]; return [r, Object.keys(r),
      Object.getPrototypeOf(r) === Object.prototype] });
    for (const t of ['select 1 as a, 2 as a', 'select 1 as a, 2 as b, 3 as a', 'select 1 as A, 2 as a',
      "select 1 as b, 2 as '2', 3 as '1', 4 as a", 'select 1 as "", 2 as " "',
      'select 1 as constructor, 2 as toString, 3 as hasOwnProperty', 'select 1 as __proto__, 2 as b', 'select 1, 1',
      "select 'x'", 'select 1+1', 'select 1 + 1 /* c */', 'select count(*)', 'select (select 1)', 'select null as "é"',
      'select 1 as [a b], 2 as \'c d\'', 'select * from (select 1 as a, 2 as b), (select 3 as a)', 'values (1, 2), (3, 4)',
      'select 1 as then, 2 as length']) show1(t);
    sql.exec('create table t(a, "b c", [select]); insert into t values(1, 2, 3)');
    for (const t of ['select * from t', 'select t.* from t', 'select t.a, a, main.t.a, rowid from t',
      'select a as "a" , "b c" from t', 'select x.a, x.* from t x', 'select "nope" from t', 'select rowid, oid, _rowid_ from t',
      'select a, b from (select a, a + 1 as b from t)', 'with w(p, q) as (select a, "b c" from t) select * from w']) show1(t);
    say('attributes', () => Object.getOwnPropertyDescriptors(rows('select 1 as a')[0]));
    say('they can be changed', () => { const r = rows('select 1 as a')[0]; r.a = 2; r.b = 3; delete r.a; return [r,
      Object.isExtensible(r)] });
    say('setters of Object.prototype do not see them', () => { let seen = 0; Object.defineProperty(Object.prototype, 'zz', {
      set() { seen++ }, configurable: true }); try { const r = rows('select 1 as zz')[0]; return [seen,
      Object.keys(r)] } finally { delete Object.prototype.zz } });
    say('an object a row', () => { const [a, b] = rows('select 1 as v union all select 1'); return [a === b, a] });
    say('rows by structuredClone', () => structuredClone(rows("select 1 as a, 'b' as b, x'01' as c, null as d")));
    say('rows by JSON', () => JSON.stringify(rows("select 1 as a, 'b' as b, x'01' as c, null as d, 9e999 as e")));
    say('a hundred columns', () => { const r = rows('select ' + Array.from({ length: 100 }, (_, i) => i + ' as c' + i))[0];
      return [Object.keys(r).length, r.c99] });
`),
});
