/** Storage while the program has broken every built-in: it must neither fail nor call what the program put in their place. */
import { expect, test } from 'vitest';
import { withBrokenBuiltIns } from '../support/broken-built-ins.ts';
import { openStorage } from '../support/storage.ts';

test('the built-ins are really broken, and whole again afterwards', () => {
  expect(() => withBrokenBuiltIns(() => [1].push(2))).toThrow('the broken built-in push was called');
  expect(() => withBrokenBuiltIns(() => new Map().get(1))).toThrow('the broken built-in get was called');
  expect(() => withBrokenBuiltIns(() => [...'ab'])).toThrow('the broken built-in symbol was called');
  expect([1].concat([...'2'].map(Number))).toEqual([1, 2]);
});

test('SQL goes on: statements, bindings of every kind, cursors, errors, schema changes', async () => {
  const { sql, committer } = await openStorage();
  sql.exec('CREATE TABLE before(a); INSERT INTO before VALUES (1)');
  committer.endTurn();
  committer.beforeWrite();
  const bytes = new Uint8Array([1, 2]);
  const seen = withBrokenBuiltIns(() => {
    sql.exec('CREATE TABLE t(id INTEGER PRIMARY KEY, v); CREATE INDEX i ON t(v)');
    sql.exec('INSERT INTO t(v) VALUES (?), (?), (?), (?), (?)', 1, 'é\ud800', bytes, null, true);
    sql.exec('INSERT INTO t(v) VALUES (?), (?)', new DataView(new ArrayBuffer(1)), new ArrayBuffer(2));
    const cursor = sql.exec('SELECT id, typeof(v) AS ty, v FROM t');
    const first = cursor.next();
    const raw = cursor.raw().next();
    const rest = cursor.toArray();
    const iterated = sql.exec('SELECT id FROM t')[Symbol.iterator]().next();
    const one = sql.exec('SELECT count(*) AS n FROM t').one();
    let text = '';
    try {
      sql.exec('selec');
    } catch (error) {
      text = (error as Error).message;
    }
    let refused = '';
    try {
      sql.exec('PRAGMA journal_mode = wal');
    } catch (error) {
      refused = (error as Error).message;
    }
    sql.exec('ALTER TABLE t RENAME TO u');
    sql.exec('PRAGMA table_info(u)');
    const names = sql.exec('SELECT * FROM u').columnNames;
    for (let i = 0; i < 300; i++) sql.exec(`SELECT ${i}`);
    const size = sql.databaseSize;
    return { first, raw, rest, iterated, one, text, refused, names, size };
  });
  expect(seen.first).toEqual({ done: false, value: { id: 1, ty: 'real', v: 1 } });
  expect(seen.raw.value).toEqual([2, 'text', 'é\ufffd\ufffd\ufffd']);
  expect(seen.rest.map((row) => row['ty'])).toEqual(['blob', 'null', 'text', 'blob', 'blob']);
  expect(seen.iterated.value).toEqual({ id: 1 });
  expect(seen.one).toEqual({ n: 7 });
  expect(seen.text).toBe('near "selec": syntax error at offset 0: SQLITE_ERROR');
  expect(seen.refused).toBe('not authorized: SQLITE_AUTH');
  expect(seen.names).toEqual(['id', 'v']);
  expect(seen.size).toBeGreaterThan(4096);
});

test('turns are committed: the gate is told, whoever waits is remembered, and what waits for another append is joined', async () => {
  const { sql, committer, commits, holds } = await openStorage();
  sql.exec('CREATE TABLE t(a); INSERT INTO t VALUES (0)');
  committer.endTurn();
  const waiting = withBrokenBuiltIns(() => {
    const waiting: Promise<void>[] = [];
    for (let i = 0; i < 3; i++) {
      committer.beforeWrite();
      sql.exec('INSERT INTO t VALUES (?)', i);
      waiting[i] = committer.sync();
      committer.endTurn();
    }
    return waiting;
  });
  await Promise.all([...waiting, ...holds]);
  expect(commits.length).toBe(2);
  expect([holds.length, committer.durableGeneration]).toEqual([4, 4]);
  expect(sql.exec('SELECT count(*) AS n FROM t').one()).toEqual({ n: 4 });
});

test('the synchronous key-value storage goes on', async () => {
  const { kv, committer } = await openStorage({
    codec: { serialize: (value) => value as Uint8Array, deserialize: (bytes) => bytes },
  });
  const bytes = new Uint8Array([1]);
  committer.beforeWrite();
  const seen = withBrokenBuiltIns(() => {
    for (let i = 0; i < 5; i++) kv.put(`key ${i} é`, bytes);
    const deleted = kv.delete('key 1 é');
    const one = kv.get('key 2 é');
    const listed = kv.list({ prefix: 'key', start: 'key 2', limit: 2, reverse: true }).next();
    return { deleted, one, listed };
  });
  expect(seen.deleted).toBe(true);
  expect(seen.one).toEqual(bytes);
  expect(seen.listed.value?.[0]).toBe('key 4 é');
});
