import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'databaseSize is that of the pages in use.',
  rows: ['9.database-size'],
  program: sqlObject(`
    const size = (what) => line(what + ': ' + sql.databaseSize);
    size('at first');
    say('after a select', () => { rows('select 1'); return sql.databaseSize });
    sql.exec('create table t(a)');
    size('after the first table');
    sql.exec('create table u(a)');
    size('after the second');
    kv.put('k', 1);
    size('after a put');
    sql.exec('insert into t values(?)', new Uint8Array(100000));
    size('after 100000 bytes');
    await sleep(1);
    size('in the next turn');
    sql.exec('delete from t');
    size('after the delete');
    sql.exec('drop table t');
    size('after the drop');
    sql.exec('drop table u');
    size('after the other drop');
    say('by a program of pages', () => { sql.exec('create table r(id integer primary key, a)'); for (let i = 0; i < 1000;
      i++) sql.exec('insert into r(a) values(?)', 'x'.repeat(100)); return sql.databaseSize });
    say('an index', () => { sql.exec('create index ri on r(a)'); return sql.databaseSize });
    say('with a cursor open', () => { const c = sql.exec('select * from r'); c.next(); return sql.databaseSize });
    say('between an update and its end', () => { let seen;
      for (const row of sql.exec('update r set id = id + 5000 returning id')) seen ??= sql.databaseSize; return [seen,
      sql.databaseSize] });
`),
});
