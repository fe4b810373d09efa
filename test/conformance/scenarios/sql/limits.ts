import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'The limits of SQL are those of the platform, and each has its words.',
  rows: ['9.limits', '20.limits', '15.sql-limits', '15.sqlite-row-size'],
  program: sqlObject(`
    const list = (n, f = () => '1') => Array.from({ length: n }, (_, i) => f(i)).join(', ');
    const short = (f) => () => { const r = f();
      return Array.isArray(r) ? r.length + ' rows, ' + Object.keys(r[0] ?? {}).length + ' columns' : r };
    const exec = (what, text, ...b) => say(what, short(() => rows(text, ...b)));
    exec('100 columns', 'create table c100(' + list(100, (i) => 'c' + i) + ')');
    exec('101 columns', 'create table wide(' + list(101, (i) => 'c' + i) + ')');
    exec('one more by ALTER', 'alter table c100 add column more');
    exec('100 result columns', 'select ' + list(100, (i) => i + ' as c' + i));
    exec('101 result columns', 'select ' + list(101));
    exec('101 by a star', 'select *, 1 from c100');
    exec('100 values', 'insert into c100 values(' + list(100) + ')');
    exec('101 values', 'insert into c100 values(' + list(101) + ')');
    exec('101 SET terms', 'update c100 set ' + list(101, (i) => 'c0 = ' + i));
    exec('an index of 101 columns', 'create index i on c100(' + list(101, (i) => 'c' + (i % 100)) + ')');
    exec('101 terms of ORDER BY', 'select 1 as a order by ' + list(101));
    exec('101 terms of GROUP BY', 'select 1 as a from c100 group by ' + list(101, (i) => 'c' + (i % 100)));
    exec('100 parameters', 'select ' + list(100, () => '?'), ...Array(100).fill(1));
    exec('101 parameters', 'select ' + list(101, () => '?'), ...Array(101).fill(1));
    exec('101 parameters without bindings', 'select ' + list(101, () => '?'));
    exec('?100', 'select ?100', ...Array(100).fill(1));
    exec('?101', 'select ?101', ...Array(101).fill(1));
    exec('100 items of IN', 'select 1 as a where 1 in (' + list(100, () => '?') + ')', ...Array(100).fill(1));
    exec('1000 literals of IN', 'select 1 as a where 1 in (' + list(1000, (i) => i) + ')');
    exec('1000 rows of VALUES', 'select * from (values ' + list(1000, (i) => '(' + i + ')') + ')');
    exec('5 compound terms', 'select 1 as a' + ' union all select 1'.repeat(4));
    exec('6 compound terms', 'select 1 as a' + ' union all select 1'.repeat(5));
    exec('6 rows of VALUES in a union', 'select 1 as a union all select * from (values (1), (2), (3), (4), (5), (6))');
    exec('an expression 100 deep', 'select ' + '1+'.repeat(99) + '1 as a');
    exec('an expression 101 deep', 'select ' + '1+'.repeat(100) + '1 as a');
    exec('parentheses 200 deep', 'select ' + '('.repeat(200) + '1' + ')'.repeat(200) + ' as a');
    exec('NOT 200 times', 'select ' + 'not '.repeat(200) + '1 as a');
    exec('AND 99 times', 'select 1 as a where ' + '1 and '.repeat(98) + '1');
    exec('AND 100 times', 'select 1 as a where ' + '1 and '.repeat(99) + '1');
    exec('subqueries 50 deep', 'select * from '.repeat(50) + '(select 1 as a)');
    exec('|| 99 times', 'select ' + "'a' || ".repeat(98) + "'a' as a");
    exec('127 arguments', 'select max(' + list(127) + ') as a');
    exec('128 arguments', 'select max(' + list(128) + ') as a');
    exec('33 arguments', 'select max(' + list(33) + ') as a');
    exec('a function without a limit of its own', 'select json_array(' + list(128) + ') as a');
    exec('a LIKE pattern of 50 bytes', "select 'a' like '" + 'x'.repeat(50) + "' as a");
    exec('a LIKE pattern of 51 bytes', "select 'a' like '" + 'x'.repeat(51) + "' as a");
    exec('a LIKE pattern of 26 letters of 2 bytes', "select 'a' like ? as a", 'é'.repeat(26));
    exec('a GLOB pattern of 51 bytes', "select 'a' glob ? as a", '*'.repeat(51));
    exec('a statement of 100000 bytes', 'select 1 as a' + ' '.repeat(100000 - 13));
    exec('a statement of 100001 bytes', 'select 1 as a' + ' '.repeat(100001 - 13));
    exec('two statements of 100001 bytes', 'select 1 as a; select 2 as b' + ' '.repeat(100001 - 28));
    exec('a comment of 100001 bytes', 'select 1 as a /* ' + 'x'.repeat(100001) + ' */');
    exec('50001 letters of 2 bytes', "select '" + 'é'.repeat(50001) + "' as a");
    exec('a joined table too many', 'select 1 as a from ' + list(65, (i) => '(select 1) t' + i));
    exec('64 joined tables', 'select 1 as a from ' + list(64, (i) => '(select 1) t' + i));
    exec('a long program', 'select ' + list(90, () => '(' + '1+'.repeat(90) + 'random())'));
    exec('a program of too many steps', 'insert into c100 values ' + list(900, () => '(' + list(20,
      () => 'random()') + ', ' + list(80, () => '1') + ')').slice(0, 99000));
    exec('triggers ten deep',
      'create table d(a); create trigger g after insert on d when new.a < 10 begin insert into d values(new.a + 1); end; pragma recursive_triggers = on; insert into d values(1)');
    exec('they ran', 'select * from d');
    exec('triggers eleven deep', 'insert into d values(0)');
    exec('triggers twelve deep', 'insert into d values(-1)');
    exec('nothing of them is left', 'select * from d');
    const size = 2200000;
    exec('a text as large as a row may be', 'select length(?) as a', 'x'.repeat(size));
    exec('a text of one byte more', 'select length(?) as a', 'x'.repeat(size + 1));
    exec('a blob of one byte more', 'select length(?) as a', new Uint8Array(size + 1));
    exec('letters of 2 bytes', 'select length(?) as a', 'é'.repeat(size / 2 + 1));
    sql.exec('create table big(a, b)');
    exec('a row that is too large by its parts', 'insert into big values(?, ?)', new Uint8Array(size / 2),
      new Uint8Array(size / 2));
    exec('a row that just fits', 'insert into big values(?, ?)', new Uint8Array(size / 2), new Uint8Array(size / 2 - 20));
    exec('a result that is too large', 'select a || b as c from big');
    exec('hex of it', 'select hex(a) as c from big');
    exec('zeroblob', 'select length(zeroblob(' + (size + 1) + ')) as a');
    exec('group_concat',
      "with recursive r(n) as (select 1 union all select n + 1 from r where n < 30) select length(group_concat(hex(zeroblob(50000)))) as a from r");
    exec('an index entry of a megabyte', 'create index bi on big(a)');
    say('storage goes on', () => rows('select length(a) as a, length(b) as b from big'));
`),
});
