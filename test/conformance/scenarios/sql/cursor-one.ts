import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'one() wants exactly one row that is left, and afterwards the cursor is at its end.',
  rows: ['9.one'],
  program: sqlObject(`
    const three = () => sql.exec('select 1 as a union all select 2 union all select 3');

    say('one of one', () => sql.exec('select 1 as a').one());
    say('one of none', () => sql.exec('select 1 as a where 0').one());
    say('one of three', () => three().one());
    say('one of a statement without rows', () => sql.exec('create table t(a)').one());
    say('one twice', () => { const c = sql.exec('select 1 as a'); c.one(); return c.one() });
    say('the last left', () => { const c = three(); c.next(); c.next(); return c.one() });
    say('two left', () => { const c = three(); c.next(); return c.one() });
    say('none left', () => { const c = three(); c.toArray(); return c.one() });
    say('after too many', () => { const c = three(); try { c.one() } catch {} return [c.next(), c.toArray()] });
    say('after none', () => { const c = sql.exec('select 1 where 0'); try { c.one() } catch {} return [c.next(),
      showNow(() => c.one())] });
    say('after one', () => { const c = sql.exec('select 1 as a'); c.one(); return [c.next(), c.toArray(), c.columnNames] });
    say('one with an iterator open', () => { const c = three(), i = c[Symbol.iterator](), r = c.raw(); i.next(); try {
      c.one() } catch (e) { return [e.message, i.next(), r.next()] } });
    say('one of a RETURNING', () => [sql.exec('insert into t values(1) returning a').one(), rows('select * from t')]);
    say('one of two written rows', () => { try { sql.exec('insert into t values(2), (3) returning a').one() } catch (e) {
      return [e.message, rows('select * from t')] } });
`),
});
