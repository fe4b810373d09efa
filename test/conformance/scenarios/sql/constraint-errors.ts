import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A violated constraint is named with its column and its extended code.',
  rows: ['9.error-format', '20.error-text', '20.foreign-keys'],
  program: sqlObject(`
    sql.exec("create table t(id integer primary key, u unique, n not null default 0, c check (c > 0), named constraint positive check (named > 0), tx text collate nocase unique, unique (u, n), check (u <> n))");
    sql.exec('create table w(k text primary key, v) without rowid; create table p2(a, b, primary key (a, b)); create table s(i integer, r real, t text, b blob, a any, n int not null) strict; create table parent(id integer primary key); create table child(id integer primary key, p references parent(id), q references parent(id) on delete cascade); create table auto(id integer primary key autoincrement)');
    sql.exec('create unique index low on t(lower(tx)); create unique index part on p2(b) where a > 5; insert into parent values (1), (2)');
    all("insert into t(id, u, n, c, named, tx) values(1, 1, 2, 3, 4, 'x')", 'insert into t(id) values(1)',
      'insert into t(u) values(1)', 'insert into t(n) values(null)', 'insert into t(c) values(0)',
      'insert into t(c) values(null)', 'insert into t(named) values(-1)', "insert into t(tx) values('X')",
      'insert into t(u, n) values(5, 5)', "insert into t(id) values('x')", "insert into t(id) values(1.5)",
      "insert into t(id) values(x'01')", "insert into t(id) values('7')", 'update t set id = 7 where id = 1',
      'update t set n = null', "insert into w values('a', 1)", "insert into w values('a', 2)", 'insert into w values(null, 2)',
      'insert into p2 values(1, 2), (1, 2)', 'insert into p2 values(6, 9), (7, 9)',
      'insert into p2(rowid, a) values(1, 1), (1, 2)', 'insert into child(p) values(9)', 'insert into child(p) values(1)',
      'delete from parent where id = 1', 'update parent set id = 5 where id = 1', 'update child set p = 8',
      'insert into child(q) values(2)', 'delete from parent where id = 2', 'select p, q from child', 'drop table parent',
      "insert into s values('x', 0, '', '', 0, 0)", "insert into s values(1.5, 0, '', '', 0, 0)",
        "insert into s values(1, 'y', '', x'', 0, 0)", "insert into s values(1, 1, x'', x'', 0, 0)",
        "insert into s values(1, 1, '', 'text', 0, 0)", "insert into s values('5', '6', 7, x'', 'any', 1)",
        'select typeof(i), typeof(r), typeof(t), typeof(b), typeof(a) from s', 'insert into s(n) values(null)',
        "update s set i = 'z'", 'create table s2(a) strict', 'create table s2(a nope) strict',
        'create table s2(a integer, primary key (nope)) strict', 'create table s2(a text primary key, b) without rowid, strict',
      'insert into parent values(9223372036854775807)', 'insert into parent values(null)',
      "insert or ignore into t(id) values(1)", "insert or abort into t(id) values(1)",
        "insert or fail into t(id, u) values(50, 50), (1, 1)", "select id from t where id = 50",
        "insert or replace into t(id, u, n) values(1, 77, 3) returning id, u",
        "insert or replace into t(n) values(null) returning id, n",
        "insert into t(id, u) values(1, 1) on conflict do nothing returning id",
        "insert into t(id, u) values(1, 1) on conflict(id) do update set u = 99 returning id, u",
        "insert into t(id, u) values(60, 99) on conflict(id) do nothing",
        "insert into t(id) values(1) on conflict(u) do nothing", "update or ignore t set id = 7 where id = 1",
        "update or replace t set id = 7 where id = 1", "update or fail t set u = 5",
      'create table bad(a check (b > 0))', "create table bad(a check (a > (select 1)))",
        'create table bad(a references parent(nope))', 'insert into bad values(1)',
        'create table bad2(a primary key, b primary key)', 'create table bad2(a, primary key (b))',
        'create table bad2(a text primary key autoincrement)', 'create table bad2(a) without rowid',
        'create table bad2(a default (b))', "create table bad2(a generated always as (b), b generated always as (a))",
        'create table bad2(a generated always as (1))', 'create table bad2(a, b as (nope))',
        'create table bad2(a, foreign key (a) references parent(id, id))', 'create table bad2(a, check (nope > 0))',
        'create table bad2(a unique on conflict nope)');
    sql.exec("create table r(a); create trigger r1 before insert on r when new.a = 'abort' begin select raise(abort, 'my words'); end; create trigger r2 before insert on r when new.a = 'fail' begin select raise(fail, 'my fail: ' || 7); end; create trigger r3 before insert on r when new.a = 'ignore' begin select raise(ignore); end; create trigger r4 after insert on r when new.a = 'divide' begin insert into t(id) values(7); end");
    all("insert into r values('fine')", "insert into r values('abort')", "insert into r values('one'), ('fail'), ('two')",
      "insert into r values('three'), ('ignore'), ('four')", "insert into r values('divide')",
      "insert or ignore into r values('abort')", "insert or ignore into r values('divide')", 'select a from r');
    all('create table g(a, b as (a * 2) stored, c generated always as (a + 1) virtual not null)', 'insert into g(a) values(1)',
      'insert into g(a, b) values(1, 2)', 'update g set b = 1', 'insert into g(a) values(null)', 'insert into g values(1)',
      'select * from g', "alter table g add column d as (a) stored");
    all('create unique index dup on r(length(a))', 'create index bad3 on t(random())', 'create index bad3 on t(id, nope)',
      'create index bad3 on t((select 1))', 'create index bad3 on t(id) where random()');
`),
});
