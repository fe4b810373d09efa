import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'last_insert_rowid(), changes() and total_changes() count what storage writes too.',
  rows: ['9.functions'],
  program: sqlObject(`
    const counts = () => rows('select last_insert_rowid() as id, changes() as c, total_changes() as t')[0];
    say('at first', counts);
    sql.exec('create table t(id integer primary key, a)');
    say('after a table', counts);
    sql.exec('insert into t(a) values (1), (2), (3)');
    say('after an insert of three', counts);
    sql.exec('update t set a = 5 where id > 1');
    say('after an update of two', counts);
    sql.exec('delete from t where id = 9');
    say('after a delete of none', counts);
    rows('select * from t');
    say('after a select', counts);
    sql.exec('insert into t values(77, 1)');
    say('after an insert with a key', counts);
    sql.exec('insert or ignore into t values(77, 1)');
    say('after one that was ignored', counts);
    sql.exec('create trigger g after insert on t when new.id = 100 begin insert into t values(200, 1); end; insert into t values(100, 1)');
    say('after an insert with a trigger', counts);
    say('inside a trigger', () => {
      rows('create table seen(a); create trigger h after delete on t begin insert into seen select changes(); end');
      rows('delete from t where id in (1, 2)'); return rows('select * from seen') });
    say('with RETURNING', () => [rows('insert into t(a) values(9) returning last_insert_rowid() as id, changes() as c'),
      counts()]);
    rows('delete from t');
    say('after a delete of all', counts);
    rows('drop table t');
    say('after a drop', counts);
`),
});
