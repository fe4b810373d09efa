import { scenario } from '../../scenario.ts';
import { sqlObject } from '../../sql-object.ts';

export const subject = scenario({
  name: 'Numbers bind as REAL, bytes as BLOB, null and undefined as NULL, and everything else as its string.',
  rows: ['9.binding-types', '20.bindings'],
  program: sqlObject(String.raw`
    const bound = (v) => rows('select typeof(?1) as t, ?1 as v, cast(?1 as text) as s', v)[0];
    class Mine { toString() { return 'mine' } }
    const values = { '1': 1, '0': 0, '-0': -0, '1.5': 1.5, '2 ** 53': 2 ** 53, '2 ** 53 + 2': 2 ** 53 + 2, '2 ** 63': 2 ** 63,
      '1e300': 1e300, '5e-324': 5e-324, 'Number.MAX_VALUE': Number.MAX_VALUE, '0.1': 0.1,
      NaN, Infinity, '-Infinity': -Infinity, true: true, false: false, null: null, undefined, 'empty text': '', text: 'text',
        "it's": "it's", 'é': 'é', 'NUL': 'a\0b', 'a byte order mark': '\ufeffx', 'a lone surrogate': 'a\ud800b',
        'a pair': '\u{1f600}',
      'Date': new Date(0), 'an invalid Date': new Date(NaN), '{}': {}, '[]': [], '[1, [2, null]]': [1, [2, null]],
        'a function': (a) => a + 1, 'a Map': new Map(), 'a RegExp': /x/g, 'an Error': new Error('x'),
      'new String': new String('s'), 'new Number': new Number(1), 'new Boolean': new Boolean(false), 'mine': new Mine(),
        'valueOf only': { valueOf: () => 7 }, 'toPrimitive': { [Symbol.toPrimitive]: (hint) => 'hint ' + hint },
        'a Promise': Promise.resolve(1), 'URL': new URL('http://a.test/b'),
      '1n': 1n, 'Object(1n)': Object(1n), 'Symbol': Symbol('x'), 'Object(Symbol)': Object(Symbol('x')),
        'null prototype': Object.create(null), 'toString throws': { toString() { throw new RangeError('my own') } },
        'toString gives an object': { toString: () => ({}), valueOf: () => ({}) }, 'toString gives a symbol': {
        toString: () => Symbol('y') }, 'a proxy of a text': new Proxy({}, { get: (t,
        k) => k === Symbol.toPrimitive ? () => 'proxied' : undefined }) };
    for (const [name, value] of Object.entries(values)) if (name !== 'a function') say(name, () => bound(value));
    say('a function', () => bound((a) => a + 1).v);
    sql.exec('create table z(v, i integer, t text, r real, n numeric, b blob)');
    say('affinities', () => { rows('insert into z values(?1, ?1, ?1, ?1, ?1, ?1)', 1);
      return rows('select typeof(v) v, typeof(i) i, typeof(t) t, t as tt, typeof(r) r, typeof(n) n, typeof(b) b from z') });
    say('affinities of a fraction', () => { rows('insert into z values(?1, ?1, ?1, ?1, ?1, ?1)', 1.5);
      return rows('select typeof(v) v, typeof(i) i, typeof(t) t, t as tt, typeof(r) r, typeof(n) n, typeof(b) b from z where v = 1.5') });
    say('affinities of a text of digits', () => { rows('insert into z values(?1, ?1, ?1, ?1, ?1, ?1)', '12');
      return rows("select typeof(v) v, typeof(i) i, typeof(t) t, typeof(r) r, typeof(n) n, typeof(b) b from z where v = '12'") });
    say('division', () => rows('select ? / 2 as d, 5 / 2 as e', 5));
    say('remainder', () => rows('select ? % 3 as d', 5.9));
    say('text made of a number', () => rows("select 'n' || ? as d, json_object('a', ?) as e", 5, 5));
    say('compared', () => rows("select ? = 1 as a, ? = '1' as b, ? is 1.0 as c", 1, 1, 1));
    say('2 ** 53 + 1 in SQL, against a binding',
      () => rows('select 9007199254740993 = ? as a, 9007199254740993 - cast(? as integer) as b', 2 ** 53, 2 ** 53));
    say('order of coercion and preparation', () => rows('selec', 1n));
    say('order of coercion and counting', () => rows('select 1', Symbol('x')));
    say('order of coercion among bindings', () => rows('select ?, ?', { toString() { throw new Error('first') } }, 1n));
    say('a coercion that executes', () => rows('select ? as a, count(*) as n from z', { toString() { sql.exec('delete from z');
      return 'deleted' } }));
    say('a bound text as a key', () => { rows('create table k(k text primary key) without rowid');
      rows('insert into k values(?)', 1); return rows("select k, k = '1' as same from k") });
    say('integer primary key of a fraction', () => { rows('create table p(id integer primary key)');
      rows('insert into p values(?)', 2); return [rows('select id, typeof(id) as t from p'),
      showNow(() => rows('insert into p values(?)', 2.5))] });
`),
});
