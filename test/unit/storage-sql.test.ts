/** `ctx.storage.sql` against what workerd 1.20260730.1 answered to the same calls, and the traps of the SURFACE list. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { openStorage } from '../support/storage.ts';

/** [statement, result as JSON or `Error: text`], in the order in which they were run in one object. */
const recorded = JSON.parse(readFileSync(new URL('fixtures/sql-texts.json', import.meta.url), 'utf8')) as [
  string,
  string,
][];

function outcome(run: () => unknown): string {
  try {
    return JSON.stringify(run());
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

test('every recorded statement gives workerd’s rows or its very text', async () => {
  const { sql, kv } = await openStorage({ limits: { sqliteRowBytes: 2_200_000, sqlFunctionArgs: 127 } });
  kv.put('a', 1);
  kv.put('b', 2);
  const mine = recorded.map(([text]) => [text, outcome(() => sql.exec(text).toArray())]);
  expect(mine).toEqual(recorded);
});

test('an error is a plain Error without own properties', async () => {
  const { sql } = await openStorage();
  let caught: unknown;
  try {
    sql.exec('selec');
  } catch (error) {
    caught = error;
  }
  expect(Object.getPrototypeOf(caught)).toBe(Error.prototype);
  expect({ ...(caught as Error) }).toEqual({});
});

test('limits answer with SQLite’s words', async () => {
  const { sql, kv } = await openStorage({ limits: 'production' });
  const columns = Array.from({ length: 101 }, (_, i) => `c${i}`).join();
  expect(() => sql.exec(`select ${Array(150).fill('1').join('+')}`)).toThrow(
    'Expression tree is too large (maximum depth 100): SQLITE_ERROR',
  );
  expect(() => sql.exec(`select ${Array(101).fill('?').join()}`)).toThrow(
    'too many SQL variables at offset 207: SQLITE_ERROR',
  );
  expect(() => sql.exec(`create table wide(${columns})`)).toThrow('too many columns on wide: SQLITE_ERROR');
  expect(() => sql.exec(`select ${Array(101).fill('1').join()}`)).toThrow(
    'too many columns in result set: SQLITE_ERROR',
  );
  expect(() => sql.exec(`select ${' '.repeat(100_001)}1`)).toThrow('statement too long: SQLITE_TOOBIG');
  expect(() => sql.exec(`select 'a' like '${'x'.repeat(51)}'`)).toThrow(
    'LIKE or GLOB pattern too complex: SQLITE_ERROR',
  );
  expect(() => sql.exec(`select max(${Array(33).fill('1').join()})`)).toThrow(
    'too many arguments on function max at offset 7: SQLITE_ERROR',
  );
  expect(() => sql.exec('select length(?) a', 'x'.repeat(2_000_001))).toThrow('string or blob too big: SQLITE_TOOBIG');
  expect(() => kv.put('big', 'x'.repeat(2_000_001))).toThrow('string or blob too big: SQLITE_TOOBIG');
});

test('numbers bind as REAL (trap 1)', async () => {
  const { sql } = await openStorage();
  sql.exec('create table z(v, i integer, t text)');
  sql.exec('insert into z values(?,?,?)', 1, 1, 1);
  expect(sql.exec('select typeof(v) a, typeof(i) b, t from z').one()).toEqual({ a: 'real', b: 'integer', t: '1.0' });
  expect(sql.exec('select ?/2 as d', 5).one()).toEqual({ d: 2.5 });
  expect(sql.exec("select json_object('a', ?) as o", 5).one()).toEqual({ o: '{"a":5.0}' });
});

test('other bindings are coerced (trap 2)', async () => {
  const { sql } = await openStorage();
  const bound = (value: unknown) => sql.exec('select typeof(?1) ty, ?1 v', value).one();
  expect(bound(true)).toEqual({ ty: 'text', v: 'true' });
  expect(bound(undefined)).toEqual({ ty: 'null', v: null });
  expect(bound({ a: 1 })).toEqual({ ty: 'text', v: '[object Object]' });
  expect(bound([1, 2])).toEqual({ ty: 'text', v: '1,2' });
  expect(bound(new Date(0)).v).toBe(String(new Date(0)));
  expect(bound(Number.NaN)).toEqual({ ty: 'null', v: null });
  expect(bound(Number.POSITIVE_INFINITY)).toEqual({ ty: 'real', v: Number.POSITIVE_INFINITY });
  expect(() => bound(10n)).toThrow(new TypeError('Cannot convert a BigInt value to a number'));
  expect(() => bound(Symbol('x'))).toThrow(new TypeError('Cannot convert a Symbol value to a string'));
  expect(bound('a\0b')).toEqual({ ty: 'text', v: 'a\0b' });
  expect(bound('\ufeffmark')).toEqual({ ty: 'text', v: '\ufeffmark' });
  expect(sql.exec('select hex(?) h', '\ud800x').one()).toEqual({ h: 'EDA08078' });
  expect(sql.exec('select hex(?) h', new DataView(new Uint8Array([1, 2, 3]).buffer, 1)).one()).toEqual({ h: '0203' });
});

test('int64 results are lossy, blobs are ArrayBuffers, duplicate columns collapse in rows only (trap 3)', async () => {
  const { sql } = await openStorage();
  const row = sql.exec("select 9007199254740993 as n, x'0102' as b").one();
  expect(row['n']).toBe(9007199254740992);
  expect(row['b']).toEqual(new Uint8Array([1, 2]).buffer);
  const cursor = sql.exec('select 1 as a, 2 as a');
  expect(cursor.columnNames).toEqual(['a', 'a']);
  expect([...cursor.raw()]).toEqual([[1, 2]]);
  expect(sql.exec('select 1 as a, 2 as a').one()).toEqual({ a: 2 });
  const empty = sql.exec('select ? a, typeof(?) b', new ArrayBuffer(0), new Uint8Array(0)).one();
  expect(empty).toEqual({ a: new ArrayBuffer(0), b: 'blob' });
  const odd = sql.exec('select null as __proto__, 2 as constructor, 3 as ""').one();
  expect(Object.getPrototypeOf(odd)).toBe(Object.prototype);
  expect(Object.keys(odd)).toEqual(['constructor', '']);
});

test('only the last statement takes bindings, and earlier ones stay done (trap 4)', async () => {
  const { sql } = await openStorage();
  const exec = (text: string, ...bindings: unknown[]) => sql.exec(text, ...bindings).toArray();
  expect(exec('create table q(a); insert into q values(?)', 7)).toEqual([]);
  expect(() => exec('select ?; select 1', 7)).toThrow(
    'When executing multiple SQL statements in a single call, only the last statement can have parameters.',
  );
  expect(() => exec('select 1; -- done')).toThrow('SQL code did not contain a statement.');
  expect(() => exec('insert into q values(8); insert into nope values(1)')).toThrow(
    'no such table: nope: SQLITE_ERROR',
  );
  expect(exec('select a from q')).toEqual([{ a: 7 }, { a: 8 }]);
  expect(() => exec('select ? a, ? b', 1)).toThrow('Wrong number of parameter bindings for SQL query.');
  expect(() => exec('select ? a', 1, 2)).toThrow('Wrong number of parameter bindings for SQL query.');
  expect(exec('select ?5 a', 1, 2, 3, 4, 5)).toEqual([{ a: 5 }]);
  expect(exec('select :x a, @y b, $z c, :x d', 1, 2, 3)).toEqual([{ a: 1, b: 2, c: 3, d: 1 }]);
});

test('a cursor holds one row ahead, shares its position with raw(), and one() wants exactly one', async () => {
  const { sql } = await openStorage();
  const three = () => sql.exec('select 1 a union all select 2 union all select 3');
  const cursor = three();
  const raw = cursor.raw();
  expect(raw.next()).toEqual({ done: false, value: [1] });
  expect(cursor.next()).toEqual({ done: false, value: { a: 2 } });
  expect(raw.toArray()).toEqual([[3]]);
  expect(cursor.next()).toEqual({ done: true, value: undefined });
  expect(cursor.toArray()).toEqual([]);
  const many = three();
  expect(() => many.one()).toThrow('Expected exactly one result from SQL query, but got multiple results.');
  expect(many.toArray()).toEqual([]);
  const left = three();
  for (const _row of left) break;
  expect(left.toArray()).toEqual([{ a: 2 }, { a: 3 }]);
  expect(() => sql.exec('select 1 where 0').one()).toThrow(
    'Expected exactly one result from SQL query, but got no results.',
  );
  const tags = [sql, three(), three().raw(), three()[Symbol.iterator]()].map((value) =>
    Object.prototype.toString.call(value),
  );
  expect(tags).toEqual(['[object SqlStorage]', '[object Cursor]', '[object RawIterator]', '[object RowIterator]']);
  expect(() => Reflect.construct(sql.Cursor, [])).toThrow(new TypeError('Illegal constructor'));
  expect(() => new sql.Statement()).toThrow(new TypeError('Illegal constructor'));
});

test('two cursors of one text are independent and are no snapshots (trap 23)', async () => {
  const { sql } = await openStorage();
  sql.exec('create table c(a); insert into c values(1),(2)');
  const [x, y] = [sql.exec('select a from c'), sql.exec('select a from c')];
  expect([x.next().value, y.next().value]).toEqual([{ a: 1 }, { a: 1 }]);
  sql.exec('insert into c values(9)');
  expect([x.toArray(), y.toArray()]).toEqual([
    [{ a: 2 }, { a: 9 }],
    [{ a: 2 }, { a: 9 }],
  ]);
});

test('a table that is being read cannot be dropped, and can be afterwards', async () => {
  const { sql } = await openStorage();
  sql.exec('create table lk(a); insert into lk values(1),(2),(3)');
  const cursor = sql.exec('select * from lk');
  cursor.next();
  expect(() => sql.exec('drop table lk')).toThrow('database table is locked: SQLITE_LOCKED');
  cursor.toArray();
  sql.exec('drop table lk');
});

test('a cached statement sees a changed schema', async () => {
  const { sql } = await openStorage();
  sql.exec('create table t(a); insert into t values(1)');
  expect(sql.exec('select * from t').columnNames).toEqual(['a']);
  sql.exec('alter table t add column b default 2');
  expect(sql.exec('select * from t').toArray()).toEqual([{ a: 1, b: 2 }]);
  sql.exec('alter table t rename column b to c');
  expect(sql.exec('select * from t').toArray()).toEqual([{ a: 1, c: 2 }]);
});

test('guarding survives SQLite preparing a statement again', async () => {
  const { sql, kv } = await openStorage();
  kv.put('secret', 1);
  sql.exec('create table v(key, value)');
  expect(sql.exec('select key from v').toArray()).toEqual([]);
  sql.exec('drop table v; create view v as select * from _cf_KV');
  expect(() => sql.exec('select key from v').toArray()).toThrow('access to _cf_KV.key is prohibited: SQLITE_AUTH');
  expect(kv.get('secret')).toBe(1);
});

test('a table cannot be renamed into the platform’s names, and the attempt leaves nothing', async () => {
  const { sql } = await openStorage();
  sql.exec('create table t(a)');
  for (const name of ['_cf_KV', '_CF_x', '"_Cf_ y"']) {
    expect(() => sql.exec(`alter table t rename /* to */ to ${name}`)).toThrow('not authorized: SQLITE_AUTH');
  }
  sql.exec('alter table t rename to u; insert into u values(1)');
  expect(sql.exec('select name from sqlite_master').toArray()).toEqual([{ name: 'u' }]);
});

test('PRAGMA foreign_keys does nothing after a write of the same turn', async () => {
  const { sql, kv, committer } = await openStorage();
  const value = () => sql.exec('pragma foreign_keys').one()['foreign_keys'];
  sql.exec('pragma foreign_keys=0');
  expect(value()).toBe(0);
  kv.put('x', 1);
  sql.exec('pragma foreign_keys=1');
  expect(value()).toBe(0);
  committer.endTurn();
  sql.exec('pragma foreign_keys=1');
  expect(value()).toBe(1);
});
