import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A table that a cursor reads cannot be dropped; other changes of the schema are seen by it or not.',
  rows: ['9.ddl-under-cursor'],
  program: sqlObject(`
    const fill = () => { sql.exec('drop table if exists t'); sql.exec('drop table if exists u');
      sql.exec('create table t(a, b); insert into t values (1, 1), (2, 2), (3, 3), (4, 4)') };
    const during = (what, ddl, text = 'select * from t') => say(what, () => { fill(); const c = sql.exec(text); c.next();
      const did = showNow(() => rows(ddl)); const rest = showNow(() => c.raw().toArray());
      return did + ' | ' + rest + ' | ' + c.columnNames + ' | ' + showNow(() => rows(text)) });
    during('drop table', 'drop table t');
    during('drop table, the last row ahead', 'drop table t', 'select * from t limit 2');
    during('drop table of another', 'create table u(a); drop table u');
    during('create table', 'create table u(a)');
    during('create index', 'create index i on t(a)');
    during('drop index', 'drop index if exists i', 'select a from t where a > 0');
    during('create index and drop it', 'create index i on t(a); drop index i');
    during('add column', 'alter table t add column c default 7');
    during('rename column', 'alter table t rename column b to c');
    during('drop column', 'alter table t drop column b');
    during('rename table', 'alter table t rename to u');
    during('create view', 'create view if not exists v as select * from t');
    during('create trigger', 'create trigger g after insert on t begin select 1; end');
    during('analyze', 'analyze');
    during('reindex', 'reindex');
    during('drop view', 'drop view v');
    during('drop view that is read', 'drop view v', 'select a from (select * from t) where a > 0');
    during('optimize', 'pragma optimize');
    during('truncate', 'delete from t');
    during('a sorted cursor holds no table', 'drop table t', 'select a from t order by b desc');
    during('a finished one neither', 'drop table t', 'select a from t limit 1');
    say('after the end it can be dropped', () => { fill(); const c = sql.exec('select * from t'); c.toArray();
      return rows('drop table t') });
    say('after one() it can be dropped', () => { fill(); try {
      sql.exec('select * from t').one() } catch {} return rows('drop table t') });
    say('a cursor that was never read', () => { fill(); const c = sql.exec('select * from t');
      const did = showNow(() => rows('drop table t')); c.toArray(); return [did, rows('drop table t')] });
    say('a cached statement after the table came back', () => { fill(); rows('select * from t');
      rows('drop table t; create table t(x); insert into t values(5)'); const c = sql.exec('select * from t');
      return [c.columnNames, c.toArray()] });
    say('a cached statement without its table', () => { rows('drop table t'); return rows('select * from t') });
`),
});
