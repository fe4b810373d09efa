import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'A text whose earlier statements give rows cannot be executed a second time at once: the platform still holds them.',
  rows: ['9.exec'],
  program: sqlObject(`
    sql.exec('create table t(a); insert into t values (1), (2)');
    const times = (text, n = 4, ...b) => say(text, () => Array.from({ length: n }, () => showNow(() => rows(text, ...b))));
    times('select 1 as a; select 2 as b');
    times('select 1 as a; select 2 as b; select 3 as c', 5);
    times('select 1 where 0; select 2 as b');
    times('insert into t values (3); select count(*) as n from t');
    times('select 1; select abs(-9223372036854775808)');
    times('select 1; select nope');
    times('select 1 as a; select ? as b', 3, 'x');
    times('insert into t values (4); select ? as b', 3);
    say('how often it was inserted', () => rows('select count(*) as n from t where a = 4'));
    times('select abs(column1) as a from (values (1), (-9223372036854775808)); select 2 as b', 3);
    times('pragma table_info(t); select 2 as b', 3);
    times('pragma foreign_keys; select 2 as b', 3);
    times('create table if not exists u(a); insert into u values (1)', 2);
    say('an earlier cursor holds its table', () => { rows('select * from t; select 1'); return rows('drop table t') });
    say('and lets it go after the second try', () => [showNow(() => rows('select * from t; select 1')),
      showNow(() => rows('drop table t')), showNow(() => rows('drop table t'))]);
    say('a single statement any number of times', () => { let n = 0; for (let i = 0; i < 300;
      i++) n += rows('select 1 as a')[0].a; return n });
    say('three hundred texts', () => { let n = 0; for (let k = 0; k < 2; k++) for (let i = 0; i < 300;
      i++) n += rows('select ' + i + ' as a')[0].a; return n });
`),
});
