import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'What depends on the version and the build of SQLite.',
  rows: ['9.compile-options'],
  program: sqlObject(`
    sql.exec('create table t(a); insert into t values (1), (2)');
    all("select quote(9007199254740992.0) as v", "select json_array(0.1 + 0.2) as v",
      "select 0.1 + 0.2 || '' as v, cast(0.1 + 0.2 as text) as w, printf('%s', 0.1 + 0.2) as x, group_concat(0.1 + 0.2) as y",
      'select iif(1, 2) as v', "select json_group_object(null, 1) as v", "select substr('abc', 9223372036854775807) as v",
      "select length(printf('%3000000d', 1)) as v", 'create table x(a default (log10(1)))', 'update t set a = 3 limit 0',
      'delete from t order by a limit 1', 'pragma data_version');
    say('a REAL in a column of text', () => rows('create table n(v text); insert into n select 0.1 + 0.2; select v from n'));
`),
});
