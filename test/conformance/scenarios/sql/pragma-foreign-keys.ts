import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'Foreign keys are on, and can be switched only while the turn has not written.',
  rows: ['9.pragma-foreign-keys', '20.foreign-keys'],
  program: sqlObject(`
    const value = () => rows('pragma foreign_keys')[0].foreign_keys;
    say('at first', value);
    say('switched off in a clean turn', () => { rows('pragma foreign_keys = off'); return value() });
    say('and on again', () => { rows('pragma foreign_keys = on'); return value() });
    sql.exec('create table p(id integer primary key); create table c(r references p(id)); insert into p values (1)');
    say('switched off after a write', () => { rows('pragma foreign_keys = off'); return value() });
    say('a violation', () => rows('insert into c values(9)'));
    await sleep(1);
    say('switched off in the next turn', () => { rows('pragma foreign_keys = off'); return value() });
    say('a violation now', () => rows('insert into c values(9)'));
    await sleep(1);
    say('it stays', value);
    say('check', () => rows('pragma foreign_key_check'));
    say('off to on does not look back', () => { rows('pragma foreign_keys = on'); return [value(),
      rows('select count(*) as n from c')] });
    await sleep(1);
    say('deferring', () => { rows('pragma defer_foreign_keys = on'); return rows('pragma defer_foreign_keys') });
    say('a violation that is mended in time', () => { rows('insert into c values(7)'); rows('insert into p values(7)');
      return rows('pragma foreign_key_check') });
    await sleep(1);
    say('deferring ends with the commit', () => rows('pragma defer_foreign_keys'));
    say('a violation again', () => rows('insert into c values(8)'));
    say('on delete cascade', () => {
      rows('create table d(r references p(id) on delete cascade on update set null); insert into d values (7); delete from c where r = 7; delete from p where id = 7');
      return rows('select count(*) as n from d') });
    say('on update set null', () => { rows('insert into d values (1)'); rows('update p set id = 2');
      return rows('select r from d') });
    say('a parent without a key', () => { rows('create table np(a); create table nc(r references np(a))');
      return rows('insert into nc values(1)') });
    say('a parent that is not there', () => { rows('create table lost(r references nowhere(a))');
      return rows('insert into lost values(1)') });
    say('drop of a parent', () => rows('drop table p'));
`),
});
