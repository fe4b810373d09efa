import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'What reaches beyond the one database, or under it, is not authorized.',
  rows: ['9.forbidden-statements', '20.authorizer'],
  program: sqlObject(String.raw`
    sql.exec('create table t(a); insert into t values (1); create view v as select a from t; create index i on t(a)');
    all("attach ':memory:' as x", "attach 'file.db' as x", "attach database '' as x", 'detach main', 'detach x', 'vacuum',
      'vacuum main', "vacuum into 'file'", 'create temp table x(a)', 'create temporary table x(a)', 'create table temp.x(a)',
      'create temp table x as select 1', 'create temp view x as select 1', 'create view temp.x as select 1',
      'create temp trigger x after insert on t begin select 1; end', 'create index temp.x on t(a)', 'drop table temp.x',
      'select * from temp.x', 'select * from temp.t', 'select * from sqlite_temp_master', 'select * from temp.sqlite_master',
      'insert into sqlite_master values(1, 2, 3, 4, 5)', "update sqlite_master set sql = ''", 'delete from sqlite_master',
        'insert into sqlite_schema(name) values(1)', 'drop table sqlite_master', 'alter table sqlite_master rename to x',
        'create table sqlite_x(a)', 'create index sqlite_i on t(a)', 'create view sqlite_v as select 1',
        'create trigger x after insert on sqlite_master begin select 1; end', 'create index x on sqlite_master(name)',
        'create view sm as select name from sqlite_master', 'select * from sm order by name', 'select * from sqlite_sequence',
        'create table au(id integer primary key autoincrement); insert into au default values', 'select * from sqlite_sequence',
        'update sqlite_sequence set seq = 10', 'insert into au default values returning id', 'delete from sqlite_sequence',
        'drop table sqlite_sequence', 'analyze', 'select tbl, idx, stat from sqlite_stat1',
        "update sqlite_stat1 set stat = '1'", 'drop table sqlite_stat1', 'create table sqlite_stat1(a)', 'analyze t',
        'analyze main', 'analyze temp', 'reindex', 'reindex t', 'reindex i', 'reindex nocase', 'reindex binary',
      "create virtual table x using nope", "create virtual table x using nope(a)", 'create virtual table x using fts3(a)',
        'create virtual table x using fts4(a)', 'create virtual table x using fts3tokenize',
        'create virtual table x using dbstat', 'create virtual table x using csv(a)', 'create virtual table x using json_each',
        'create virtual table x using pragma_table_info', 'create virtual table temp.x using fts5(a)',
        'create virtual table _cf_x using fts5(a)', 'select * from dbstat', 'select * from sqlite_dbpage',
        'select * from bytecode(1)', 'select * from tables_used(1)', 'select * from sqlite_stmt', 'select * from completion',
        'select * from json_each(null)', "select value from json_each('[1]')", "select key from json_tree('{\"a\":1}')",
      'create table y(a) without rowid', 'create table y(a primary key) without rowid', 'explain select 1 where 0',
        'explain insert into t values(2)', 'explain query plan select * from t where a = 1', 'explain attach 1 as x',
        'delete from t returning a', 'select * from t');
`),
});
