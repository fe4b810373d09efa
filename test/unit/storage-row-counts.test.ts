/** Rows read and written, statement by statement, against what workerd counted (`tools/record-row-counts.mjs`). */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { weaveRowCounts } from '../../tools/row-counts.ts';
import { openStorage } from '../support/storage.ts';

/** when `exec` returned, and when the cursor had been read to its end; each read and written */
interface Counted {
  opened: [number, number];
  ended: [number, number];
}

type Line = { sql: string; bindings?: unknown[] } & (({ rows: number } & Counted) | { error: string });

const fixture: Record<string, Line[]> = JSON.parse(
  readFileSync(new URL('fixtures/workerd-row-counts.json', import.meta.url), 'utf8'),
);

const MERGED =
  'SQLite 3.54 sorts both sides of UNION, EXCEPT and INTERSECT and merges them; the 3.47 of workerd gathers them in a table.';
const OR_ORDER = 'SQLite 3.54 tries the cheap side of OR before a subquery on the other.';
const AUTOMATIC_INDEX = 'Since 3.49 SQLite makes an index for a join with a WITHOUT ROWID table, as for any other.';
const EXISTS_AS_JOIN = 'Since 3.51 SQLite makes a join of EXISTS, with the indexes of one.';
const JOIN_ORDER = 'SQLite 3.54 weighs in another way which of two joined tables comes first.';

/**
 * Statements that SQLite 3.54 plans otherwise than workerd's 3.47: what we count. An entry that no longer differs fails.
 * workerd 1.20261117 has the very source of SQLite that sql.js 1.16.0 has, and counts all of these as we do.
 */
const differences: Record<string, Counted & { reason: string }> = {
  'select city from customers union select status from orders': { opened: [152, 0], ended: [360, 0], reason: MERGED },
  'select id from customers except select customer from orders': { opened: [208, 0], ended: [208, 0], reason: MERGED },
  'select id from customers intersect select customer from orders where day < 5': {
    opened: [2, 0],
    ended: [203, 0],
    reason: MERGED,
  },
  'select city from customers union select status from orders limit 3': {
    opened: [152, 0],
    ended: [167, 0],
    reason: MERGED,
  },
  "select id from customers where city = 'city 1' union select customer from orders where day = 4": {
    opened: [21, 0],
    ended: [159, 0],
    reason: MERGED,
  },
  'select count(*) from (select city from customers union select status from orders)': {
    opened: [360, 0],
    ended: [360, 0],
    reason: MERGED,
  },
  'select * from customers where id in (select customer from orders where day = 3 union select 5)': {
    opened: [152, 0],
    ended: [156, 0],
    reason: MERGED,
  },
  'select c.id from customers c where exists(select 1 from orders o where o.customer = c.id) or c.id = 5': {
    opened: [2, 0],
    ended: [119, 0],
    reason: OR_ORDER,
  },
  'select * from p, q where q.z = p.x and p.y = q.t': { opened: [136, 0], ended: [136, 0], reason: JOIN_ORDER },
  'select * from p join w on w.v = p.x': { opened: [22, 0], ended: [162, 0], reason: AUTOMATIC_INDEX },
  'select * from p left join w on w.v = p.x': { opened: [22, 0], ended: [162, 0], reason: AUTOMATIC_INDEX },
  'select * from p left join q on q.p = p.id left join w on w.v = q.z': {
    opened: [103, 0],
    ended: [433, 0],
    reason: AUTOMATIC_INDEX,
  },
  'select * from p join q on q.p = p.id join w on w.v = q.z': {
    opened: [23, 0],
    ended: [374, 0],
    reason: AUTOMATIC_INDEX,
  },
  'select * from p where exists (select 1 from q where q.p = p.id and q.z = 4)': {
    opened: [86, 0],
    ended: [117, 0],
    reason: EXISTS_AS_JOIN,
  },
};

/** Runs the statements of a group in order, as the recorder does. */
async function play(lines: readonly Line[]): Promise<Line[]> {
  const { sql } = await openStorage();
  return lines.map(({ sql: text, bindings }) => {
    const line = { sql: text, ...(bindings ? { bindings } : {}) };
    try {
      const cursor = sql.exec(text, ...(bindings ?? []));
      const counts = (): [number, number] => [cursor.rowsRead, cursor.rowsWritten];
      const opened = counts();
      const rows = cursor.raw().toArray().length;
      return { ...line, rows, opened, ended: counts() };
    } catch (error) {
      return { ...line, error: (error as Error).message };
    }
  });
}

describe('what a cursor says that it read and wrote is what it says in workerd', () => {
  test.each(Object.keys(fixture).filter((name) => name !== 'workerd'))('%s', async (name) => {
    const theirs = fixture[name] as Line[];
    const expected = theirs.map((line) => {
      const { reason, ...counted } = differences[line.sql] ?? {};
      if (reason) expect(line, 'the difference is gone').not.toMatchObject(counted);
      return { ...line, ...counted };
    });
    expect(await play(theirs)).toEqual(expected);
  });

  test('no difference is listed for a statement that is not recorded', () => {
    const recorded = new Set(
      Object.values(fixture)
        .flatMap((lines) => (Array.isArray(lines) ? lines : []))
        .map((l) => l.sql),
    );
    expect(Object.keys(differences).filter((sql) => !recorded.has(sql))).toEqual([]);
  });
});

describe('the sum for the database', () => {
  test('has every statement in it: those before the last of a text, and KV’s own', async () => {
    const { database, sql, kv, committer } = await openStorage();
    const spent = (run: () => unknown) => {
      const before = database.rowCounts;
      run();
      const { read, written } = database.rowCounts;
      return [read - before.read, written - before.written];
    };
    kv.put('first', 1);
    expect(spent(() => kv.get('first'))).toEqual([1, 0]);
    expect(spent(() => kv.get('none'))).toEqual([0, 0]);
    expect(spent(() => kv.put('second', 1))).toEqual([0, 1]);
    expect(spent(() => kv.put('second', 2))).toEqual([0, 1]);
    expect(spent(() => kv.delete('second'))).toEqual([1, 1]);
    expect(spent(() => kv.delete('second'))).toEqual([0, 0]);
    expect(spent(() => sql.exec('create table t(a)'))).toEqual([1, 2]);
    const text = 'insert into t values(1), (2), (3); select * from t where a > 9; select * from t where a > 1';
    let cursor = sql.exec(text);
    expect([cursor.rowsRead, cursor.rowsWritten]).toEqual([2, 0]);
    expect(spent(() => cursor.toArray())).toEqual([1, 0]);
    expect(
      spent(() => {
        cursor = sql.exec(text);
      }),
    ).toEqual([6 + 2, 3]);
    // Again from the cache, whose counts begin anew.
    for (let i = 0; i < 3; i++) expect(spent(() => sql.exec('select * from t').toArray())).toEqual([6, 0]);
    committer.endTurn();
    const sum = database.rowCounts;
    database.close();
    expect(database.rowCounts).toEqual(sum);
  });
});

test('a row written to a virtual table counts one, its shadow tables nothing', async () => {
  const { database } = await openStorage();
  // The only writable kind in sql.js; user code may not make one.
  database.run('create virtual table f using fts3(body)');
  const count = (text: string) => {
    const statement = database.prepareOwn(text);
    while (database.step(statement));
    return [statement.rowsRead, statement.rowsWritten];
  };
  expect(count("insert into f(body) values('one'), ('two'), ('three')")).toEqual([0, 3]);
  expect(count('select * from f')).toEqual([3, 0]);
});

describe('weaving', () => {
  const build = (name: string) => readFileSync(new URL(`../../node_modules/sql.js/dist/${name}`, import.meta.url));

  test('adds a few bytes to sql.js, and WebAssembly that is valid', async () => {
    const stock = build('sql-wasm.wasm');
    const woven = weaveRowCounts(stock);
    expect(woven.length - stock.length).toBeGreaterThan(100);
    expect(woven.length - stock.length).toBeLessThan(400);
    expect(WebAssembly.validate(woven)).toBe(true);
    const exported = (wasm: BufferSource) => WebAssembly.Module.exports(new WebAssembly.Module(wasm));
    expect(exported(woven)).toEqual(exported(stock));
  });

  test('refuses every other module', () => {
    const stock = build('sql-wasm.wasm');
    expect(() => weaveRowCounts(build('sql-wasm-debug.wasm'))).toThrow('not the WebAssembly of sql.js 1.16.0');
    expect(() => weaveRowCounts(weaveRowCounts(stock))).toThrow('not the WebAssembly of sql.js 1.16.0');
    expect(() => weaveRowCounts(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0))).toThrow('has no code');
  });
});
