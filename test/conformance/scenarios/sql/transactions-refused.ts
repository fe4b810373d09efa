import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'Transactions and savepoints cannot be written in SQL.',
  rows: ['9.transactions-refused', '20.authorizer'],
  program: sqlObject(`
    sql.exec('create table t(a)');
    all('begin', 'BEGIN', 'begin transaction', 'begin deferred', 'begin immediate', 'begin exclusive transaction', 'commit',
      'commit transaction', 'end', 'end transaction', 'rollback', 'rollback transaction', 'rollback to x', 'savepoint x',
      "savepoint 'a b'", 'release x', 'release savepoint x', 'rollback transaction to savepoint x', 'explain begin',
      'explain query plan commit', '/* c */ begin', 'begin;', 'begin; insert into t values(1)',
      'insert into t values(2); begin', 'insert into t values(3); commit; insert into t values(4)', 'begin x y', 'begin; begin',
      'create trigger g after insert on t begin select 1; end', 'create trigger g2 after insert on t begin commit; end',
      'select a from t');
    say('the next error is told as itself', () => rows('select nope'));
    say('parameters do not matter', () => rows('begin', 1));
    say('in the middle of a cursor', () => { const c = sql.exec('select a from t'); return [showNow(() => rows('rollback')),
      c.toArray()] });
`),
});
