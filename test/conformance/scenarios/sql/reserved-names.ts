import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'Names that begin with _cf_ belong to the platform.',
  rows: ['9.reserved-names', '20.authorizer', '7.internal-tables'],
  program: sqlObject(`
    kv.put('k', 'secret');
    sql.exec('create table t(a); create table u(_cf_a, b); create index i on t(a)');
    all('create table _cf_x(a)', 'create table _CF_X(a)', 'create table "_Cf_ x"(a)', 'create table if not exists _cf_x(a)',
      'create table main._cf_x(a)', 'create table _cf_x as select 1', 'create view _cf_v as select 1',
      'create index _cf_i on t(a)', 'create unique index _CF_i on t(a)',
      'create trigger _cf_t after insert on t begin select 1; end', 'create table cf_x(a)', 'create table _cfx(a)',
      'create table x_cf_(a)', 'alter table t rename to _cf_x', 'alter table t rename to _CF_x',
      'alter table t rename column a to _cf_b', 'select _cf_b from t', 'alter table t add column _cf_c', 'select _cf_a from u',
      'alter table t drop column _cf_c',
      'select * from _cf_KV', 'select count(*) from _cf_kv', 'select key from main._CF_KV', 'select 1 from _cf_KV',
        'select exists (select 1 from _cf_KV)', "insert into _cf_KV values('a', x'00')", "update _cf_KV set value = x'00'",
        'delete from _cf_KV', 'drop table _cf_KV', 'drop table if exists _cf_KV', 'alter table _cf_KV rename to mine',
        'alter table _cf_KV add column x', 'create index mine on _cf_KV(value)',
        'create trigger mine after insert on _cf_KV begin select 1; end', 'create view mine as select * from _cf_KV',
        'select * from mine', 'drop view mine', 'with w as (select * from _cf_KV) select * from w', 'select * from _cf_nope',
        'select * from _cf_METADATA', 'create table mine as select * from _cf_KV', "insert into t select value from _cf_KV",
        'create table fk(a references _cf_KV(key))', "insert into fk values('k')", 'pragma table_info(_cf_KV)',
        'pragma index_list(_cf_KV)', 'pragma foreign_key_list(_cf_KV)', 'pragma foreign_key_check(_cf_KV)',
        "select * from pragma_table_info('_cf_KV')", "select name from pragma_table_list order by name", 'analyze _cf_KV',
        'reindex _cf_KV', 'explain select * from _cf_KV', 'explain query plan select * from _cf_KV',
      "create trigger mine2 after insert on t begin insert into _cf_KV values('x', 'y'); end", "insert into t values(1)",
        'drop trigger mine2', 'select _cf_f(1)', 'select 1 as _cf_a', "select '_cf_' as a",
        'with _cf_w as (select 1 as a) select * from _cf_w', 'select _cf_s.a from t as _cf_s',
        'select name, type, tbl_name from sqlite_master order by name', "select sql from sqlite_master where name = '_cf_KV'",
        'select count(*) from sqlite_schema');
    say('the key is untouched', () => kv.get('k'));
`),
});
