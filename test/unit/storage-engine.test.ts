/** The engine over our own pages: what SQLite reads back, what is heard of its writes, and what makes it refuse to start. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { seededRandom } from '../../src/base/random.ts';
import { resolveLimits } from '../../src/protocol/limits.ts';
import { Database } from '../../src/storage/database.ts';
import { type Connection, loadEngine, SQLITE_ROW } from '../../src/storage/engine.ts';
import { PageFile } from '../../src/storage/page-file.ts';
import { PAGE_SIZE_BYTES } from '../../src/storage/pages.ts';
import { sharedEngine, sqlJsModule } from '../support/storage.ts';

/** Runs one statement; every row as the texts of its columns. */
function query(connection: Connection, sql: string, ...bindings: (number | Uint8Array)[]): string[][] {
  const text = connection.text(sql);
  const { statement } = connection.prepare(text);
  text.free();
  if (!statement) throw new Error(connection.failure().message);
  bindings.forEach((value, i) => {
    if (typeof value === 'number') statement.bindNumber(i + 1, value);
    else statement.bindBlob(i + 1, value);
  });
  const rows: string[][] = [];
  for (let code = statement.step(); code !== 101; code = statement.step()) {
    if (code !== SQLITE_ROW) throw new Error(connection.failure().message);
    rows.push(Array.from({ length: statement.columnCount }, (_, i) => statement.columnText(i)));
  }
  statement.finalize();
  return rows;
}

test('the file is one that SQLite itself would write: 4 KiB pages, no journal, no WAL', async () => {
  const file = new PageFile();
  const connection = (await sharedEngine()).open(file);
  query(connection, 'create table t(a)');
  expect(query(connection, 'pragma journal_mode')).toEqual([['memory']]);
  expect(query(connection, 'pragma foreign_keys')).toEqual([['1']]);
  connection.close();
  const header = file.read(1);
  expect(new TextDecoder().decode(header.subarray(0, 16))).toBe('SQLite format 3\0');
  expect([header[16], header[17], header[18], header[19]]).toEqual([0x10, 0, 1, 1]);
});

test('random work with rollback, spill and shrinking stays whole, and its commits alone rebuild the same bytes', async () => {
  const engine = await sharedEngine();
  const file = new PageFile();
  const replica = new PageFile();
  let connection = engine.open(file);
  query(connection, 'create table t(id integer primary key, n, b)');
  query(connection, 'create index tn on t(n)');
  query(connection, 'pragma cache_size = 20');
  const random = seededRandom(7);
  const below = (n: number) => Math.floor(random.unit() * n);
  for (let turn = 0; turn < 250; turn++) {
    query(connection, 'begin immediate');
    for (let i = below(turn % 25 === 0 ? 400 : 12); i >= 0; i--) {
      const kind = below(10);
      if (kind < 6) query(connection, 'insert into t(n, b) values(?, ?)', below(1000), random.bytes(below(9000)));
      else if (kind < 8) query(connection, 'update t set n = n + 1, b = ? where n > ?', random.bytes(50), below(1000));
      else query(connection, 'delete from t where n < ?', below(300));
    }
    if (turn % 60 === 59) query(connection, 'delete from t');
    query(connection, below(4) === 0 ? 'rollback' : 'commit');
    if (turn % 90 === 89) query(connection, 'vacuum');
    const commit = file.takeDirty();
    if (commit) {
      expect([...commit.pages.numbers]).toEqual([...new Set(commit.pages.numbers)].sort((a, b) => a - b));
      replica.apply(commit);
    }
    if (turn % 50 === 49) {
      expect(query(connection, 'pragma integrity_check')).toEqual([['ok']]);
      connection.close();
      expect(file.takeDirty()).toBe(undefined);
      expect(replica.pageCount).toBe(file.pageCount);
      expect(Buffer.compare(replica.toBytes(), file.toBytes())).toBe(0);
      connection = engine.open(file);
      query(connection, 'pragma cache_size = 20');
    }
  }
  const rows = query(connection, 'select count(*), sum(n) from t');
  connection.close();
  const reopened = engine.open(replica);
  expect(query(reopened, 'select count(*), sum(n) from t')).toEqual(rows);
  expect(query(reopened, 'pragma integrity_check')).toEqual([['ok']]);
  reopened.close();
});

test('a one-row update dirties few pages however large the database is', async () => {
  const file = new PageFile();
  const connection = (await sharedEngine()).open(file);
  query(connection, 'create table t(id integer primary key, b)');
  query(
    connection,
    'with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000) insert into t select i, zeroblob(3000) from n',
  );
  expect(file.takeDirty()?.pages.numbers.length).toBe(file.pageCount);
  query(connection, 'update t set b = 1 where id = 1500');
  expect(file.takeDirty()?.pages.numbers.length).toBeLessThanOrEqual(3);
  connection.close();
});

test('an unfinished transaction is rolled back when its connection closes', async () => {
  const engine = await sharedEngine();
  const file = new PageFile();
  const first = engine.open(file);
  query(first, 'create table t(a)');
  query(first, 'begin');
  query(first, 'insert into t values(1)');
  first.close();
  const second = engine.open(file);
  expect(query(second, 'select count(*) from t')).toEqual([['0']]);
  second.close();
});

test('a file left in WAL mode opens, and its header reaches the log with the next commit', async () => {
  const engine = await sharedEngine();
  const file = new PageFile();
  const first = engine.open(file);
  query(first, 'create table t(a)');
  first.close();
  const bytes = file.toBytes();
  bytes[18] = 2;
  bytes[19] = 2;
  const imported = new PageFile();
  imported.load(1, bytes);
  expect(imported.isDirty).toBe(false);
  const second = engine.open(imported);
  expect(query(second, 'select count(*) from t')).toEqual([['0']]);
  expect([...(imported.takeDirty()?.pages.numbers ?? [])]).toEqual([1]);
  second.close();
});

test('a file that is no database of ours is refused by name', async () => {
  const engine = await sharedEngine();
  const noise = new PageFile();
  noise.load(1, seededRandom(1).bytes(PAGE_SIZE_BYTES));
  expect(() => engine.open(noise)).toThrow(expect.objectContaining({ code: 'storage_damaged' }));
  const small = new PageFile();
  const bytes = new Uint8Array(PAGE_SIZE_BYTES);
  bytes.set(new TextEncoder().encode('SQLite format 3\0'));
  bytes[16] = 4;
  small.load(1, bytes);
  expect(() => engine.open(small)).toThrow("The object's file has pages of 1024 bytes; it needs pages of 4096 bytes.");
});

test('a database may lose its engine between turns and go on with another, pragmas kept', async () => {
  const engine = await sharedEngine();
  const database = new Database({ engine, file: new PageFile(), limits: resolveLimits('workerd') });
  database.run('CREATE TABLE t(a)');
  database.run('PRAGMA foreign_keys = 0');
  database.run('INSERT INTO t(rowid, a) VALUES (9007199254740993, 1)');
  expect(database.canSuspend).toBe(true);
  database.suspend();
  expect(database.isSuspended).toBe(true);
  database.resume(engine);
  expect(query(database.connection, 'pragma foreign_keys')).toEqual([['0']]);
  expect(query(database.connection, 'select count(*) from t')).toEqual([['1']]);
  expect(query(database.connection, 'select last_insert_rowid()')).toEqual([['9007199254740993']]);
  expect(query(database.connection, 'select count(*) from temp.sqlite_master')).toEqual([['0']]);
  database.run('BEGIN');
  expect(database.canSuspend).toBe(false);
  database.close();
});

test('pages lie where they were loaded: growth and replay need no second copy of the file', () => {
  const file = new PageFile();
  const extent = new Uint8Array(64 * PAGE_SIZE_BYTES).fill(1);
  for (let i = 0; i < 8; i++) file.load(1 + i * 64, extent.slice());
  const last = file.read(512);
  const page = new Uint8Array(PAGE_SIZE_BYTES).fill(9);
  file.write(513, page);
  file.write(2, page);
  expect(file.read(512).buffer).toBe(last.buffer);
  const commit = file.takeDirty();
  expect([[...(commit?.pages.numbers ?? [])], commit?.pageCount]).toEqual([[2, 513], 513]);
});

test('truncation alone is a commit, and what lies beyond it comes back as zeros', () => {
  const file = new PageFile();
  const page = new Uint8Array(PAGE_SIZE_BYTES).fill(7);
  for (let number = 1; number <= 5; number++) file.write(number, page);
  file.takeDirty();
  file.truncate(2);
  expect(file.takeDirty()).toMatchObject({ pageCount: 2, pages: { numbers: new Uint32Array(0) } });
  file.write(4, page);
  expect(file.read(3).every((byte) => byte === 0)).toBe(true);
  expect([...(file.takeDirty()?.pages.numbers ?? [])]).toEqual([3, 4]);
});

test('text keeps its bytes: long, short, not ASCII, with NUL', async () => {
  const connection = (await sharedEngine()).open(new PageFile());
  const text = connection.text('select ?');
  const { statement } = connection.prepare(text);
  text.free();
  for (const value of ['', 'a', 'ä', '\u{1f600}', 'x'.repeat(100_000), `${'y'.repeat(23)}é`, 'a\0b', '\ufeff']) {
    statement?.bindText(1, value);
    statement?.step();
    expect(statement?.columnText(0)).toBe(value);
    statement?.reset();
  }
  connection.close();
});

// These take the realm's one engine away, so they come last.

test('closing an engine makes room for the next, which needs no calibration, only the canary', async () => {
  const shared = await sharedEngine();
  const wasm = await sqlJsModule();
  await expect(loadEngine({ wasm })).rejects.toThrow('one engine in a realm');
  shared.close();
  const file = new PageFile();
  for (let round = 0; round < 3; round++) {
    const engine = await loadEngine({ wasm, calibration: shared.calibration });
    expect(engine.calibration).toEqual(shared.calibration);
    const connection = engine.open(file);
    query(connection, 'create table if not exists t(a)');
    query(connection, 'insert into t values(1)');
    expect(query(connection, 'select count(*) from t')).toEqual([[String(round + 1)]]);
    connection.close();
    engine.close();
  }
});

test('another build is refused: every offset of the calibration is checked', async () => {
  const wasm = await sqlJsModule();
  const good = await loadEngine({ wasm });
  good.close();
  const { connection, statement } = good.calibration;
  const wrong = [
    ...Object.entries(connection).map(([name, at]) => ({ statement, connection: { ...connection, [name]: at + 4 } })),
    { connection, statement: { ...statement, parameterCount: statement.parameterCount + 2 } },
    { connection, statement: { ...statement, flags: statement.flags + 1 } },
    { connection, statement: { ...statement, rowCounts: statement.rowCounts - 4 } },
  ];
  for (const calibration of wrong) {
    await expect(loadEngine({ wasm, calibration })).rejects.toMatchObject({ code: 'engine_mismatch' });
  }
  const uncounted = await WebAssembly.compile(
    readFileSync(new URL('../../node_modules/sql.js/dist/sql-wasm.wasm', import.meta.url)),
  );
  await expect(loadEngine({ wasm: uncounted })).rejects.toMatchObject({ code: 'engine_mismatch' });
  await expect(loadEngine({ wasm: uncounted, calibration: good.calibration })).rejects.toThrow('rows read or written');
  const empty = await WebAssembly.compile(Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0));
  await expect(loadEngine({ wasm: empty })).rejects.toMatchObject({ code: 'engine_mismatch' });
  const after = await loadEngine({ wasm });
  after.close();
});

test('SQL sees the clock and the randomness it is given', async () => {
  const wasm = await sqlJsModule();
  const seen: string[][][] = [];
  for (let round = 0; round < 2; round++) {
    const random = seededRandom(3);
    const engine = await loadEngine({
      wasm,
      now: () => 86_400_000 + 1500,
      randomBytes: (length) => random.bytes(length),
    });
    const connection = engine.open(new PageFile());
    expect(query(connection, "select datetime('now'), unixepoch('subsec')")).toEqual([
      ['1970-01-02 00:00:01', '86401.5'],
    ]);
    seen.push(query(connection, 'select random(), random()'));
    connection.close();
    engine.close();
  }
  expect(seen[0]).toEqual(seen[1]);
});
