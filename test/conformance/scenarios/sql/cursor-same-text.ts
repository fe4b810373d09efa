import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'Two cursors over the same text are independent, and neither is a snapshot.',
  rows: ['9.two-cursors'],
  program: sqlObject(`
    sql.exec('create table t(id integer primary key, a); insert into t(a) values (1), (2), (3)');
    const open = () => sql.exec('select a from t order by id');
    say('in turn', () => { const c = open(), d = open(); return [c.next(), d.next(), c.next(),
      d.next()].map((r) => r.value.a) });
    say('with bindings', () => { const c = sql.exec('select a from t where a >= ?', 1),
      d = sql.exec('select a from t where a >= ?', 2); return [c.next().value, d.next().value, c.next().value,
      d.next().value] });
    say('nested', () => { const seen = []; for (const { a } of open()) for (const { a: b } of open()) seen.push(a + '.' + b);
      return seen.join(' ') });
    say('ten at once', () => { const cs = Array.from({ length: 10 }, open); cs.forEach((c, i) => { for (let k = 0; k < i % 3;
      k++) c.next() }); return cs.map((c) => c.next().value.a).join() });
    say('the first goes on after the second ended', () => { const c = open(), d = open(); c.next(); d.toArray();
      open().toArray(); return c.toArray() });
    say('a row inserted behind is seen by both', () => { const c = open(), d = open(); c.next(); d.next();
      sql.exec('insert into t(a) values (9)'); return [c.toArray().map((r) => r.a), d.toArray().map((r) => r.a)] });
    say('a row deleted ahead is not seen', () => { const c = open(); c.next(); sql.exec('delete from t where a = 9');
      return c.toArray().map((r) => r.a) });
    say('the text again while it runs, writing', () => { const out = []; for (const {
      id } of sql.exec('insert into t(a) values (?), (?) returning id', 5, 6)) { out.push(id);
      if (out.length < 4) out.push(sql.exec('insert into t(a) values (?), (?) returning id', 7,
      8).toArray().map((r) => r.id).join('+')) } return out });
    say('all rows', () => rows('select id, a from t').map((r) => r.id + ':' + r.a).join(' '));
    say('an exec in a coercion of an exec of the same text', () => rows('select ? as v', {
      toString: () => 'outer ' + rows('select ? as v', 'inner')[0].v }));
    say('an equal text of another string', () => { const c = sql.exec(['select a', 'from t'].join(' ')),
      d = sql.exec('select a from t'); return [c.next().value, d.next().value, c.next().value] });
`),
});
