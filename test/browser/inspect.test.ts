/** Looking into objects and changing them from outside, in a real page: nothing is woken, nothing goes past the gate. */
import { describe, expect, test } from 'vitest';
import { type DurableObjectNamespace, type Simulator, SimulatorError } from '../../src/index.ts';
import { accounts } from '../support/accounts.ts';
import { rejection } from '../support/rejection.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';
export class Box extends DurableObject {
  constructor(ctx, env) { super(ctx, env); this.nonce = crypto.randomUUID(); this.events = 0; }
  instance() { return this.nonce }
  count() { return ++this.events }
  alarmAt(ms) { return this.ctx.storage.setAlarm(ms) }
  hold() { this.timer = setTimeout(() => {}, 3_600_000) }
  release() { clearTimeout(this.timer) }
  alarm() {}
  async put(key, value) { await this.ctx.storage.put(key, value) }
  async get(key) { return await this.ctx.storage.get(key) }
  async mark(key, value) { this.ctx.storage.kv.put(key, value); return await this.ctx.storage.getCurrentBookmark() }
  restore(bookmark) { return this.ctx.storage.onNextSessionRestoreBookmark(bookmark) }
  sql(...args) { return this.ctx.storage.sql.exec(...args).toArray() }
  async platform() {
    const headers = new Headers([['Set-Cookie', 'a=1'], ['x-own', 'b']]);
    await this.ctx.storage.put({
      blob: new Blob(['hi'], { type: 'text/x' }), headers, request: new Request('http://x/y', { method: 'PUT', headers }),
      response: new Response(null, { status: 404, headers }),
    });
  }
}
export default { fetch: () => new Response('ok') };
`;

const config = {
  name: 'boxes',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'BOXES', class_name: 'Box' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Box'] }],
};

interface Box {
  instance(): string;
  count(): number;
  alarmAt(ms: number): Promise<void>;
  hold(): void;
  release(): void;
  put(key: string, value: unknown): Promise<void>;
  get(key: string): Promise<unknown>;
  mark(key: string, value: unknown): Promise<string>;
  restore(bookmark: string): Promise<string>;
  sql(...args: unknown[]): Record<string, unknown>[];
  platform(): Promise<void>;
}
interface Env {
  BOXES: DurableObjectNamespace<Box>;
}

const { name: account, start } = accounts<Env>('inspect', { modules: { 'index.js': PROGRAM }, config });

for (const storage of ['memory', 'indexeddb'] as const) {
  describe(`storage ${storage}: looking`, () => {
    test('shows keys, tables, schema and rows of a live, a sleeping and a never started object', async () => {
      const name = account();
      const first = await start({ storage, name });
      const stub = first.env.BOXES.getByName('a');
      const values = { a: 1, date: new Date(7), map: new Map([['k', new Set([1n])]]), bytes: new Uint8Array([1, 2]) };
      for (const [key, value] of Object.entries(values)) await stub.put(key, value);
      await stub.sql("CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT NOT NULL DEFAULT 'x', big)");
      await stub.sql('CREATE INDEX by_name ON t (name)');
      await stub.sql('CREATE VIEW v AS SELECT name FROM t');
      await stub.sql("INSERT INTO t VALUES (1, 'one', 9007199254740993), (2, 'two', x'0102')");

      const look = async (sim: Simulator<Env>) => {
        const object = sim.env.BOXES.getByName('a');
        return {
          entries: (await sim.inspect.entries(object)).map(({ key, value }) => [key, value]),
          page: await sim.inspect.keys(object, { after: 'a', limit: 2 }),
          prefixed: await sim.inspect.keys(object, { prefix: 'ma' }),
          tables: await sim.inspect.tables(object, { counts: true }),
          rows: await sim.inspect.query(object, 'SELECT * FROM t WHERE id < ? ORDER BY id', [10]),
          own: await sim.inspect.query(object, 'SELECT count(*) AS n FROM _cf_KV'),
        };
      };
      const live = await look(first);
      expect(live.entries).toEqual(Object.entries(values).sort(([x], [y]) => (x < y ? -1 : 1)));
      expect(live.page).toEqual(['bytes', 'date']);
      expect(live.prefixed).toEqual(['map']);
      expect(live.rows).toEqual({
        columns: ['id', 'name', 'big'],
        rows: [
          [1, 'one', 9007199254740993n],
          [2, 'two', new Uint8Array([1, 2])],
        ],
        isComplete: true,
      });
      expect(live.own.rows).toEqual([[4]]);
      expect(live.tables.map(({ name, kind, isPlatform, rowCount }) => [name, kind, isPlatform, rowCount])).toEqual([
        ['_cf_KV', 'table', true, 4],
        ['t', 'table', false, 2],
        ['v', 'view', false, 2],
      ]);
      expect(
        live.tables[1]?.columns.map(({ name, type, isPrimaryKey, default: given }) => [
          name,
          type,
          isPrimaryKey,
          given,
        ]),
      ).toEqual([
        ['id', 'INTEGER', true, undefined],
        ['name', 'TEXT', false, "'x'"],
        ['big', '', false, undefined],
      ]);
      expect(live.tables[1]?.parts).toEqual([
        { kind: 'index', name: 'by_name', sql: 'CREATE INDEX by_name ON t (name)' },
      ]);

      await first.objects.evict(stub);
      expect(await look(first)).toEqual(live);
      if (storage === 'memory') return;
      // Never started since the page was opened.
      await first.close();
      const second = await start({ storage, name });
      expect(await second.inspect.objects()).toMatchObject([{ name: 'a', state: 'sleeping' }]);
      expect(await look(second)).toEqual(live);
      expect(await second.inspect.objects()).toMatchObject([{ name: 'a', state: 'sleeping' }]);
    });

    test('sees what was committed since it looked last, and what was taken away', async () => {
      const sim = await start({ storage });
      const stub = sim.env.BOXES.getByName('a');
      expect(await sim.inspect.entries(stub)).toEqual([]);
      expect(await sim.inspect.tables(stub)).toEqual([]);
      for (let n = 0; n < 20; n++) {
        await stub.put(`k${n}`, 'v'.repeat(1000));
        expect(await sim.inspect.keys(stub)).toHaveLength(n + 1);
      }
      await stub.sql(
        'CREATE TABLE t AS WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 3000) SELECT n, randomblob(900) AS b FROM c',
      );
      expect((await sim.inspect.query(stub, 'SELECT count(*), sum(n) FROM t')).rows).toEqual([[3000, 4501500]]);
      await stub.sql('DROP TABLE t');
      expect((await sim.inspect.tables(stub)).map(({ name }) => name)).toEqual(['_cf_KV']);
    });

    test('sees the past as it was', async () => {
      const sim = await start({ storage });
      const stub = sim.env.BOXES.getByName('a');
      expect(await sim.inspect.moments(stub)).toBe(undefined);
      const values = Array.from({ length: 6 }, (_, n) => n);
      for (const n of values) await stub.put('n', n);
      const history = await sim.inspect.moments(stub);
      expect(history?.oldest).toMatchObject({ at: 0, timeMs: undefined });
      const commits = history?.moments.filter(({ pages }) => pages > 0) ?? [];
      expect(commits.at(-1)?.at).toBe(history?.now.at);
      expect(commits).toHaveLength(values.length);
      for (const [n, { at }] of commits.entries()) {
        expect(await sim.inspect.entries(stub, { at })).toMatchObject([{ key: 'n', value: n }]);
      }
      const [first, second] = commits;
      const file = await sim.objects.export(stub, { at: first?.at });
      expect((await sim.inspect.query(stub, 'SELECT count(*) FROM _cf_KV', [], { at: second?.at })).rows).toEqual([
        [1],
      ]);
      expect(await sim.inspect.tables(stub, { at: history?.oldest.at })).toEqual([]);
      expect(await sim.inspect.entries(stub, { at: new Date(1) })).toEqual([]);
      expect(await sim.inspect.entries(stub, { at: new Date(history?.now.timeMs ?? 0) })).toMatchObject([{ value: 5 }]);
      expect(await sim.inspect.entries(stub)).toMatchObject([{ value: 5 }]);
      expect((await rejection(sim.inspect.keys(stub, { at: 1_000_000 }))).code).toBe('bookmark_expired');
      // What is brought back from a file can be undone in the same way.
      await sim.objects.import(stub, file);
      expect(await stub.get('n')).toBe(0);
      expect(await sim.inspect.entries(stub, { at: commits.at(-1)?.at })).toMatchObject([{ value: 5 }]);
    });

    test('takes bookmarks of the program, and gives it some', async () => {
      const sim = await start({ storage });
      const stub = sim.env.BOXES.getByName('a');
      const marks: string[] = [];
      const valueAt = async (at: string | undefined) => (await sim.inspect.entries(stub, { at }))[0]?.value;
      for (let n = 0; n < 3; n++) {
        marks.push(await stub.mark('n', n));
        await stub.put('n', 'between');
        // Sessions have bookmarks of their own.
        if (n === 1) await sim.objects.evict(stub);
      }
      for (const [n, mark] of marks.entries()) expect(await valueAt(mark)).toBe(n);
      const [first = '', , last = ''] = marks;
      const file = await sim.objects.export(stub, { at: first });
      expect((await sim.inspect.query(stub, 'SELECT count(*) FROM _cf_KV', [], { at: first })).rows).toEqual([[1]]);

      const undo = await stub.restore((await sim.inspect.moments(stub))?.oldest.bookmark ?? '');
      expect(await valueAt(undo), 'the end of a session that lasts is the present').toBe('between');
      await sim.objects.evict(stub);
      expect(await stub.get('n')).toBe(undefined);
      expect(await valueAt(undo)).toBe('between');
      const history = await sim.inspect.moments(stub);
      const points = [...(history?.moments ?? []), ...(history ? [history.oldest, history.now] : [])];
      expect(points.length).toBeGreaterThan(8);
      for (const { at, bookmark } of points) {
        expect(await sim.inspect.entries(stub, { at: bookmark })).toEqual(await sim.inspect.entries(stub, { at }));
      }
      for (const { bookmark } of history?.moments.filter(({ pages }) => pages > 0) ?? []) {
        const value = await valueAt(bookmark);
        await stub.restore(bookmark);
        await sim.objects.evict(stub);
        expect(await stub.get('n')).toEqual(value);
      }

      await sim.objects.import(stub, file);
      expect([await valueAt(undefined), await valueAt(last)]).toEqual([0, 2]);
      const other = sim.env.BOXES.getByName('b');
      await other.put('n', 1);
      for (const at of [last, last.replace(/^.{8}/, '00ffffff'), last.replace(/-.{8}/, '-0000ffff')]) {
        const error = await rejection(sim.inspect.keys(other, { at }));
        expect(error).toMatchObject({ code: 'bookmark_expired' });
        expect(error.message).toContain(`There is no state of the bookmark "${at}" in this object; one can go back to`);
      }
      for (const read of [sim.inspect.keys(stub, { at: 'now' }), sim.objects.export(stub, { at: '' })]) {
        expect(await rejection(read)).toMatchObject({
          name: 'TypeError',
          message: expect.stringMatching(/is not a bookmark/),
        });
      }
    });

    test('adds no event, wakes nothing and writes nothing', async () => {
      const sim = await start({ storage });
      const stub = sim.env.BOXES.getByName('a');
      await stub.put('a', 1);
      const nonce = await stub.instance();
      const before = await stub.count();
      const heard: unknown[] = [];
      sim.on('objects', () => heard.push('objects'));
      for (let n = 0; n < 5; n++) {
        await sim.inspect.entries(stub);
        await sim.inspect.tables(stub, { counts: true });
        await sim.inspect.query(stub, 'SELECT 1');
        await sim.objects.export(stub);
      }
      expect(heard).toEqual([]);
      expect(await stub.count()).toBe(before + 1);
      expect(await stub.instance()).toBe(nonce);
    });
  });

  describe(`storage ${storage}: changing`, () => {
    test('goes to the instance while there is one, and under the lease while there is none', async () => {
      const sim = await start({ storage });
      const stub = sim.env.BOXES.getByName('a');
      await stub.put('a', 1);
      const nonce = await stub.instance();
      await sim.objects.put(stub, 'b', new Map([['x', new Date(5)]]));
      expect(await sim.objects.delete(stub, 'a')).toBe(true);
      expect(await sim.objects.delete(stub, 'a')).toBe(false);
      await sim.objects.exec(stub, 'CREATE TABLE t (n); INSERT INTO t VALUES (1), (2)');
      expect(await sim.objects.exec(stub, 'UPDATE t SET n = n + ? RETURNING n', [1])).toEqual({
        columns: ['n'],
        rows: [[2], [3]],
        rowsWritten: 2,
      });
      expect(await stub.get('b')).toEqual(new Map([['x', new Date(5)]]));
      expect(await stub.sql('SELECT sum(n) AS s FROM t')).toEqual([{ s: 5 }]);
      expect(await stub.instance()).toBe(nonce);

      await sim.objects.evict(stub);
      await sim.objects.put(stub, 'c', 'asleep');
      await sim.objects.exec(stub, 'DELETE FROM t WHERE n = 2');
      expect(await sim.inspect.objects()).toMatchObject([{ state: 'sleeping' }]);
      expect(await sim.inspect.keys(stub)).toEqual(['b', 'c']);
      expect(await stub.get('c')).toBe('asleep');
      expect(await stub.sql('SELECT n FROM t')).toEqual([{ n: 3 }]);
    });

    test('makes an object that never was', async () => {
      const sim = await start({ storage });
      const stub = sim.env.BOXES.getByName('new');
      await sim.objects.put(stub, 'k', 1);
      expect(await sim.inspect.objects()).toMatchObject([{ name: 'new', state: 'sleeping' }]);
      expect(await stub.get('k')).toBe(1);
    });

    test('that fails keeps nothing of it, awake or asleep', async () => {
      const sim = await start({ storage });
      const stub = sim.env.BOXES.getByName('a');
      await stub.sql('CREATE TABLE t (n UNIQUE)');
      await stub.put('kept', 1);
      for (const isAwake of [true, false]) {
        if (!isAwake) await sim.objects.evict(stub);
        const twice = await rejection(sim.objects.exec(stub, 'INSERT INTO t VALUES (1); INSERT INTO t VALUES (1)'));
        expect(twice.message).toBe(
          'UNIQUE constraint failed: t.n: SQLITE_CONSTRAINT (extended: SQLITE_CONSTRAINT_UNIQUE)',
        );
        expect((await rejection(sim.objects.exec(stub, 'DELETE FROM _cf_KV'))).message).toContain('SQLITE_AUTH');
        expect((await rejection(sim.objects.put(stub, 'f', () => 1))).name).toBe('DataCloneError');
        expect((await rejection(sim.objects.put(stub, 'big', 'x'.repeat(3_000_000)))).message).toContain(
          'SQLITE_TOOBIG',
        );
        expect((await sim.inspect.query(stub, 'SELECT * FROM t')).rows).toEqual([]);
      }
    });

    test('loses no call that comes meanwhile', async () => {
      const sim = await start({ storage });
      const stub = sim.env.BOXES.getByName('a');
      await stub.put('n', 0);
      for (let round = 0; round < 5; round++) {
        await sim.objects.evict(stub);
        const [, read] = await Promise.all([
          sim.objects.put(stub, 'n', round),
          stub.get('other'),
          sim.objects.put(stub, 'm', round),
        ]);
        expect(read).toBeUndefined();
        expect([await stub.get('n'), await stub.get('m')]).toEqual([round, round]);
      }
    });
  });
}

describe('a query', () => {
  test('only reads', async () => {
    const sim = await start();
    const stub = sim.env.BOXES.getByName('a');
    await stub.sql('CREATE TABLE t (n UNIQUE)');
    const writes = [
      'INSERT INTO t VALUES (1)',
      'WITH x AS (SELECT 1) DELETE FROM t',
      'DROP TABLE t',
      'CREATE TABLE u (n)',
      "ATTACH ':memory:' AS other",
      'BEGIN',
      'SAVEPOINT s',
      'VACUUM',
      'PRAGMA user_version = 3',
      'PRAGMA journal_mode = wal',
      'PRAGMA writable_schema = on',
      'ANALYZE',
      'REINDEX',
    ];
    for (const sql of writes) {
      const error = await rejection(sim.inspect.query(stub, sql));
      expect([sql, error.code]).toEqual([sql, 'query_refused']);
      expect(error).toBeInstanceOf(SimulatorError);
    }
    expect((await rejection(sim.inspect.query(stub, 'SELECT 1; SELECT 2'))).code).toBe('query_refused');
    expect((await rejection(sim.inspect.query(stub, '-- nothing'))).code).toBe('query_refused');
    expect((await rejection(sim.inspect.query(stub, 'SELECT ?'))).code).toBe('query_refused');
    expect((await rejection(sim.inspect.query(stub, 'SELECT * FROM nowhere'))).message).toBe(
      'no such table: nowhere: SQLITE_ERROR',
    );
    expect((await sim.inspect.query(stub, 'PRAGMA user_version')).rows).toEqual([[0]]);
    expect((await sim.inspect.tables(stub)).map(({ name }) => name)).toEqual(['t']);
  });

  test('is cut after as many rows as were asked for, and stopped after as long', async () => {
    const sim = await start();
    const stub = sim.env.BOXES.getByName('a');
    await stub.put('k', 1);
    const endless = 'WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c) SELECT';
    expect(await sim.inspect.query(stub, `${endless} n FROM c`, [], { limit: 3 })).toEqual({
      columns: ['n'],
      rows: [[1], [2], [3]],
      isComplete: false,
    });
    const [stopped, after, called] = await Promise.all([
      rejection(sim.inspect.query(stub, `${endless} count(*) FROM c`, [], { withinMs: 300 })),
      sim.inspect.keys(stub),
      stub.get('k'),
    ]);
    expect(stopped).toMatchObject({
      code: 'query_refused',
      message: 'The query was stopped: it took longer than 0.3 s.',
    });
    expect(after).toEqual(['k']);
    expect(called).toBe(1);
  });

  test('shows a value that cannot be decoded beside those that can', async () => {
    const sim = await start();
    const stub = sim.env.BOXES.getByName('a');
    await stub.put('good', 1);
    await sim.objects.put(stub, 'bad', 1);
    const file = await sim.objects.export(stub);
    const at = indexOf(file, [0x62, 0x61, 0x64, 0xff]);
    file[at + 3] = 0x00; // no version of the format begins so
    await sim.objects.import(stub, file);
    const entries = await sim.inspect.entries(stub);
    expect(entries[1]).toMatchObject({ key: 'good', value: 1 });
    expect(entries[0]).toMatchObject({ key: 'bad', value: undefined });
    expect(entries[0]?.problem).toBeTypeOf('string');
    expect(entries[0]?.bytes).toBeInstanceOf(Uint8Array);
  });
});

test('a file that is none changes nothing: the instance stays too', async () => {
  const sim = await start();
  const stub = sim.env.BOXES.getByName('a');
  await stub.put('k', 1);
  const nonce = await stub.instance();
  const good = await sim.objects.export(stub);
  const damaged = good.slice();
  damaged.fill(0xaa, 4096);
  for (const file of [
    new Uint8Array(0),
    new ArrayBuffer(5000),
    good.slice(0, -1),
    damaged,
    { database: good, wal: damaged },
  ]) {
    expect(await rejection(sim.objects.import(stub, file))).toMatchObject({
      name: 'SimulatorError',
      code: 'file_invalid',
    });
  }
  expect((await rejection(sim.objects.importAll(good))).code).toBe('file_invalid');
  expect(await stub.instance()).toBe(nonce);
  expect(await stub.get('k')).toBe(1);
  expect((await rejection(sim.objects.put({ namespace: 'boxes-Box', id: 'zz' }, 'k', 1))).name).toBe('TypeError');
  expect(await sim.inspect.objects()).toHaveLength(1);
});

test('values of the platform are shown whole; those of the browser are not stored', async () => {
  const sim = await start();
  const stub = sim.env.BOXES.getByName('a');
  await stub.platform();
  const found = new Map((await sim.inspect.entries(stub)).map(({ key, value }) => [key, value as object]));
  const headers = [
    ['set-cookie', 'a=1'],
    ['x-own', 'b'],
  ];
  expect([...(found.get('headers') as Headers)]).toEqual(headers);
  expect(await (found.get('blob') as Blob).text()).toBe('hi');
  for (const [key, said] of [
    ['request', { url: 'http://x/y', method: 'PUT' }],
    ['response', { status: 404 }],
  ] as const) {
    expect(found.get(key)).toMatchObject(said);
    expect([...(found.get(key) as { headers: Headers }).headers]).toEqual(headers);
    expect(found.get(key)?.constructor.name.toLowerCase()).toBe(key);
  }
  for (const value of [new Blob(['x']), new URL('http://x'), stub, document.body, { deep: [new Headers()] }]) {
    expect((await rejection(sim.objects.put(stub, 'k', value))).name).toBe('DataCloneError');
  }
  expect(await sim.inspect.keys(stub, { prefix: 'k' })).toEqual([]);
});

test('says what keeps an instance, until when, and the alarm; asking wakes nothing and is no event', async () => {
  const sim = await start();
  const stub = sim.env.BOXES.getByName('a');
  const state = () => sim.inspect.state(stub);
  expect(await state()).toEqual({ awake: undefined, alarmMs: undefined });
  await stub.hold();
  await expect.poll(state).toEqual({
    awake: { why: 'a timer is armed', untilMs: expect.any(Number) as number },
    alarmMs: undefined,
  });
  const kept = (await state()).awake?.untilMs ?? 0;
  expect(kept - Date.now()).toBeGreaterThan(60_000);
  expect(kept - Date.now()).toBeLessThanOrEqual(140_000);
  await stub.release();
  await stub.alarmAt(4e12);
  await expect.poll(async () => (await state()).awake?.why).toBe(undefined);
  const first = await state();
  expect(first.alarmMs).toBe(4e12);
  expect(Math.abs((first.awake?.untilMs ?? 0) - Date.now() - 10_000)).toBeLessThan(5_000);
  expect(await state()).toEqual(first);
  await sim.objects.evict(stub);
  expect(await state()).toEqual({ awake: undefined, alarmMs: 4e12 });
  expect(await sim.inspect.objects()).toMatchObject([{ state: 'sleeping' }]);
});

describe('two machines in one page', () => {
  test('an object ends where it runs, in good order or at once', async () => {
    const name = account();
    const [one, two] = [
      await start({ name, storage: 'indexeddb', machine: 'one' }),
      await start({ name, storage: 'indexeddb', machine: 'two' }),
    ];
    const stub = one.env.BOXES.getByName('a');
    await stub.put('k', 1);
    const nonces = [await stub.instance()];
    await two.objects.evictAll();
    expect(await stub.instance()).toBe(nonces[0]);
    await two.objects.evict(two.env.BOXES.getByName('a'));
    nonces.push(await stub.instance());
    await two.objects.crash(two.env.BOXES.getByName('a'));
    expect((await rejection(Promise.resolve(stub.instance()))).message).toBe('Network connection lost.');
    nonces.push(await one.env.BOXES.getByName('a').instance());
    expect(new Set(nonces).size).toBe(3);
    expect(await one.env.BOXES.getByName('a').get('k')).toBe(1);
    await one.objects.evict(one.env.BOXES.getByName('a'));
    await two.objects.evict(two.env.BOXES.getByName('a'));
    expect(await two.inspect.objects()).toMatchObject([{ state: 'sleeping' }]);
    await one.close();
    await two.close({ delete: true });
  });

  test('an object hibernates at once, wherever it runs, or says what keeps it awake and stays', async () => {
    const name = account();
    const [one, two] = [
      await start({ name, storage: 'indexeddb', machine: 'one' }),
      await start({ name, storage: 'indexeddb', machine: 'two' }),
    ];
    const stub = one.env.BOXES.getByName('a');
    await two.objects.hibernate(two.env.BOXES.getByName('a'));
    const nonce = await stub.instance();
    await stub.hold();
    for (const sim of [one, two]) {
      const refused = await rejection(sim.objects.hibernate(sim.env.BOXES.getByName('a')));
      expect(refused).toMatchObject({ code: 'not_hibernatable' });
      expect(refused.message).toBe(
        'The object cannot hibernate now, because a timer is armed. Let that end, or evict it.',
      );
    }
    expect(await stub.instance()).toBe(nonce);
    await stub.release();
    const nonces = [nonce];
    for (const sim of [one, two]) {
      await sim.objects.hibernate(sim.env.BOXES.getByName('a'));
      expect(await sim.inspect.objects()).toMatchObject([{ state: 'sleeping' }]);
      nonces.push(await stub.instance());
    }
    expect(new Set(nonces).size).toBe(3);
    await one.close();
    await two.close({ delete: true });
  });

  test('an edit and an import reach the object on the other one', async () => {
    const name = account();
    const [one, two] = [
      await start({ name, storage: 'indexeddb', machine: 'one' }),
      await start({ name, storage: 'indexeddb', machine: 'two' }),
    ];
    const stub = one.env.BOXES.getByName('a');
    await stub.put('k', 1);
    const nonce = await stub.instance();
    const there = two.env.BOXES.getByName('a');
    await two.objects.put(there, 'k', 2);
    expect((await rejection(two.objects.exec(there, 'DELETE FROM _cf_KV'))).message).toContain('SQLITE_AUTH');
    expect(await stub.get('k')).toBe(2);
    expect(await stub.instance()).toBe(nonce);

    const file = await two.objects.export(there);
    await stub.put('k', 3);
    await two.objects.import(there, file);
    expect(await stub.get('k')).toBe(2);
    expect(await stub.instance()).not.toBe(nonce);
    await one.close();
    await two.close({ delete: true });
  });
});

function indexOf(bytes: Uint8Array, wanted: number[]): number {
  for (let at = 0; at < bytes.length; at++) if (wanted.every((byte, i) => bytes[at + i] === byte)) return at;
  throw new Error('not found');
}
