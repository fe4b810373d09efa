import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A failure in the middle takes the row that was ahead, and the next call begins anew.',
  rows: ['9.cursor', '9.next'],
  program: sqlObject(`
    sql.exec('create table n(a integer); insert into n values (-3), (-2), (-9223372036854775808), (-1)');
    const open = () => sql.exec('select abs(a) as v from n');
    const calls = (c, ...names) => names.map((name) => { try { return c[name]() } catch (e) { return e.message } });
    say('in the first row', () => sql.exec('select abs(a) as v from n where a < -3'));
    say('in the second row', () => { const c = sql.exec('select abs(a) as v from n where a <> -2'); return calls(c, 'next',
      'next', 'next') });
    say('next', () => calls(open(), 'next', 'next', 'next', 'next', 'next', 'next'));
    say('toArray', () => open().toArray());
    say('toArray, then next', () => { const c = open(); return calls(c, 'toArray', 'next', 'next', 'next', 'toArray') });
    say('one', () => { const c = open(); return calls(c, 'next', 'next', 'one', 'next') });
    say('iteration', () => { const seen = []; try { for (const { v } of open()) seen.push(v) } catch (e) {
      seen.push(e.message) } return seen });
    say('raw', () => { const c = open(), r = c.raw(); return [calls(r, 'next', 'next', 'next', 'next'), calls(c, 'next')] });
    say('columnNames of it', () => { const c = open(); calls(c, 'next', 'next'); return c.columnNames });
    say('the same text meanwhile', () => { const c = open(); calls(c, 'next', 'next'); return [calls(open(), 'next'), calls(c,
      'next', 'next')] });
    say('DROP TABLE with it', () => { rows('create table m as select a from n');
      const c = sql.exec('select abs(a) as v from m'); calls(c, 'next', 'next'); return [showNow(() => rows('drop table m')),
      calls(c, 'next')] });
    say('a write that fails in the middle leaves nothing', () => { rows('create table w(v check (v < 3))'); try {
      rows('insert into w select abs(a) from n where a > -5 order by a desc') } catch (e) { return [e.message,
      rows('select * from w')] } });
    say('OR FAIL keeps what was before', () => { try { rows('insert or fail into w values (1), (2), (3), (1)') } catch (e) {
      return [e.message, rows('select * from w')] } });
    say('OR IGNORE goes on', () => [rows('insert or ignore into w values (1), (9), (2) returning v'),
      rows('select count(*) as n from w')]);
    say('a RETURNING that fails', () => { try {
      rows('insert into w values (1) returning abs(-9223372036854775808)') } catch (e) { return [e.message,
      rows('select count(*) as n from w')] } });
    say('storage goes on', () => rows('select count(*) as n from n'));
`),
});
