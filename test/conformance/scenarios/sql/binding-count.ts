import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'The number of bindings is the number of parameters, which count by their highest index.',
  rows: ['9.binding-count', '20.authorizer'],
  program: sqlObject(`
    say('none for none', () => rows('select 1 as a'));
    say('one too few', () => rows('select ? as a, ? as b', 1));
    say('one too many', () => rows('select ? as a', 1, 2));
    say('one for none', () => rows('select 1', undefined));
    say('undefined counts', () => rows('select ? as a', undefined));
    say('a numbered one leaves holes', () => rows('select ?3 as a', 1, 2, 3));
    say('a numbered one and too few', () => rows('select ?3 as a', 1));
    say('numbered ones in reverse', () => rows('select ?2 as a, ?1 as b', 1, 2));
    say('a plain one after a numbered one', () => rows('select ?3 as a, ? as b', 1, 2, 3, 4));
    say('named ones in their order', () => rows('select :x as a, @y as b, $z as c', 1, 2, 3));
    say('a name that comes again', () => rows('select :x as a, :x as b, @x as c', 1, 2));
    say('a long TCL name', () => rows('select $a::b(c d) as a', 1));
    say('an array is one binding', () => rows('select ? as a, ? as b', [1, 2]));
    say('an object is one binding', () => rows('select :x as a', { x: 1 }));
    say('number 0', () => rows('select ?0'));
    say('number 100', () => rows('select ?100 as a', ...Array(100).fill('x')));
    say('number 101', () => rows('select ?101'));
    say('parameters in places without a value', () => rows('create table t(a default ?)', 1));
    say('parameters in a view', () => rows('create view v as select ? as a', 1));
    say('parameters in a limit', () => rows('select column1 as a from (values (1), (2), (3)) limit ? offset ?', 1, 1));
    say('a fraction as a limit', () => rows('select 1 limit ?', 1.5));
    say('a text as a limit', () => rows('select 1 as a limit ?', '2'));
    say('an unused count is wrong before it runs', () => { try { rows('create table late(a)',
      1) } catch {} return rows("select name from sqlite_master where name = 'late'") });
    say('and again from the cache', () => { rows('select ? as a', 1); return rows('select ? as a') });
`),
});
