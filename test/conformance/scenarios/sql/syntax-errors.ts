import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A syntax error says at which byte it is, counted from the first letter of its statement.',
  rows: ['9.error-format', '20.error-text'],
  program: sqlObject(String.raw`
    sql.exec('create table t(a integer, b text)');
    all('selec', '  selec', 'selec 1', 'select', 'select *', 'select 1 2', 'select 1,', 'select (1', 'select 1)',
      'select from t', 'select * form t', 'select * from', 'select * from t where', 'select * from t order',
      'select * from t limit', 'select a from t group', 'insert', 'insert into', 'insert into t', 'insert into t values',
      'insert into t values(', 'insert into t values(1,)', 'insert into t(a,) values(1)', 'update t', 'update t set',
      'update t set a', 'delete', 'delete t', 'create', 'create table', 'create table x', 'create table x()',
      'create table x(a,)', 'create table x(a', 'create index on t(a)', 'drop', 'drop table', 'alter table t',
      'alter table t add', 'create view v', 'create trigger', 'with', 'with x as', 'explain', 'values', 'values (1', 'pragma',
      'case', "select 'open", 'select "open', 'select [open', 'select /* open', 'select 1 /* open */ +', "select x'0",
      "select x'0g'", "select x'012'", 'select 1e', 'select 1a', 'select 0x', 'select 1_', 'select 1__0', 'select .',
      'select @', 'select $', 'select :', 'select #', 'select ?a', 'select !', 'select \\1', 'select {', 'select 1 === 2',
      'select 1 <=> 2', 'select not', 'select a b c from t', 'select * from t t t', 'select case when 1 then 2',
      'select cast(1 as)', 'select cast(1)', 'select 1 in', 'select 1 between 2', 'select 1 is not distinct', 'select group',
      'select "a', 'create table group(a)', 'insert or nope into t values(1)', 'select 1 union', 'select 1 union select',
      'select 1 order by 1 union select 2', 'select * from t natural', 'select * from t join', 'select * from t left outer',
      'select distinct', 'select count(distinct)', 'select row_number() over', 'select row_number() over (',
      'select a collate from t', 'select 1;select', 'select 1; select 2; selec', '   select 1;   selec   ', '/* c */ selec',
      '-- c\nselec', 'select 1; -- c\n  selec', 'select\n1\n2', '\tselect\t1\t2');
    for (const text of ["select 'é', nope", "select '€€', nope", "select '\u{1f600}', nope", 'select "é"', 'select é',
      "select 'é' 2", 'select 1; select \'é\', nope', "/* é */ select nope", "select 'é'; select nope", 'sélect 1', '€',
      'select 1 as é, nopé']) say(text, () => rows(text));
`),
});
