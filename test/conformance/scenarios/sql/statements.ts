import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'exec runs every statement of its text, and what ran before a failure stays done.',
  rows: ['9.exec', '9.bindings-last-only'],
  program: sqlObject(String.raw`
    all('', ' ', ';', ' ; ; ', '-- only a comment', '/* only a comment */', 'select 1 as a', 'select 1 as a;',
      'select 1 as a; \t\r\n\f ', 'select 1 as a;;',
      'select 1 as a; -- after', 'select 1 as a; /* after */', 'select 1 as a -- after', '; select 1 as a',
        ';; /* x */ ; select 2 as a', '/* before */ select 3 as a', 'select 1 as a; select 2 as b');
    say('a NUL ends nothing', () => rows('select 1 as a;\0'));
    say('a NUL in the middle', () => rows('select 1\0 as a'));
    say('a NUL within a text', () => rows("select 'x\0y' as a"));
    say('a no-break space', () => rows('select\u00a01'));
    say('a vertical tab at the end', () => rows('select 1 as a;\v'));
    say('a byte order mark', () => rows('\ufeffselect 1 as a'));
    say('the cursor is over the last',
      () => rows('create table q(a); insert into q values(1); insert into q values(2); select a from q'));
    say('a failure in the middle', () => rows('insert into q values(3); insert into nope values(1); insert into q values(4)'));
    say('what was before it is done', () => rows('select a from q'));
    say('a syntax error at the end', () => rows('insert into q values(5); selec'));
    say('before it all is done too', () => rows('select a from q'));
    say('an empty statement at the end', () => rows('insert into q values(6); ;'));
    say('what was before that is done', () => rows('select count(*) as n from q'));
    say('parameters in the last', () => rows('insert into q values(7); insert into q values(?)', 8));
    say('parameters in the first', () => rows('insert into q values(?); insert into q values(9)', 8));
    say('parameters in both', () => rows('insert into q values(?); insert into q values(?)', 8, 9));
    say('parameters in the second of three',
      () => rows('insert into q values(10); insert into q values(?); insert into q values(11)', 8));
    say('a wrong count for the last', () => rows('insert into q values(12); insert into q values(?)'));
    say('bindings that nobody wants', () => rows('insert into q values(13); insert into q values(14)', 1));
    say('the rows in the end', () => sql.exec('select a from q').raw().toArray().join());
    say('an earlier one is read no further than its first row',
      () => rows('select abs(a - 9223372036854775807 - 2) from (select 3 as a union all select 1); insert into q values(21)'));
    say('21 is there', () => rows('select * from q where a = 21'));
    say('a fault in the first row', () => rows('select abs(-9223372036854775808); insert into q values(22)'));
    say('22 is not there', () => rows('select * from q where a = 22'));
    say('nothing but the result of exec', () => Object.keys(sql.exec('select 1')));
    say('a trigger body has semicolons',
      () => rows('create trigger tr after insert on q begin update q set a = a + 1 where a = 1; delete from q where a = 0; end; insert into q values(0); select count(*) as n from q'));
    say('an unfinished trigger', () => rows('create trigger tr2 after insert on q begin select 1;'));
    say('the same text twice', () => [rows('delete from q where a = -1; select 2 as b'),
      rows('delete from q where a = -1; select 2 as b')]);
`),
});
