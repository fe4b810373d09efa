import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'The text of exec is whatever its first argument is as a string.',
  rows: ['9.exec'],
  program: sqlObject(String.raw`
    say('nothing', () => sql.exec());
    for (const [name, value] of Object.entries({ undefined, null: null, 1: 1, true: true, NaN, '1n': 1n,
      'new String': new String('select 1 as a'), toString: { toString: () => 'select 2 as a' }, toPrimitive: {
      [Symbol.toPrimitive]: (hint) => 'select ' + JSON.stringify(hint).replaceAll('"', "'") + ' as hint' }, 'valueOf only': {
      valueOf: () => 'select 3' }, array: ['select 4 as a'], 'two parts': ['select 4 as a', '5 as b'], object: {},
      Symbol: Symbol('s'), 'null prototype': Object.create(null), 'a throw': { toString() { throw new RangeError('mine') } },
      'no string': { toString: () => ({}), valueOf: () => ({}) }, bytes: new TextEncoder().encode('select 1'),
      function: Object.assign(() => {}, { toString: () => 'select 7 as a' }) })) say(name, () => rows(value));
    say('called by apply', () => sql.exec.apply(sql, ['select ? as a', 1]).toArray());
    say('by Reflect', () => Reflect.apply(sql.exec, sql, { length: 2, 0: 'select ? as a', 1: 2 }).toArray());
    say('bound', () => sql.exec.bind(sql, 'select ? as a')(3).toArray());
    say('a lone surrogate in the text', () => rows("select '\ud800' as a, hex('\ud800') as h"));
    say('characters beyond ASCII', () => rows("select 'é€\u{1f600}' as é, length('é€\u{1f600}') as n"));
    say('capitals', () => rows('SELECT 1 AS A'));
    say('the same text as another kind of string', () => [rows(new String('select 1 as a')), rows('select 1 as a')]);
    say('order of coercion', () => { const seen = []; const at = (n, v) => ({ toString() { seen.push(n); return v } });
      rows(at('text', 'select ?, ?'), at('first', 'a'), at('second', 'b')); return seen });
`),
});
