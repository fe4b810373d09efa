import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A reporting tool reads large results by cursors in every way, keeps them open over writes, schema changes, awaits and transactions, streams them as CSV and NDJSON, and moves a database to another object.',
  rows: [
    '9.cursor',
    '9.next',
    '9.to-array',
    '9.one',
    '9.raw',
    '9.two-cursors',
    '9.across-await',
    '9.ddl-under-cursor',
    '9.result-types',
    '9.binding-types',
    '9.row-objects',
    '9.database-size',
    '4.streams',
    '19.measured',
    '9.functions',
  ],
  config: objects({ REPORT: 'Report' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { inspect, show, showNow, tag, worker } from './prelude.js';

export class Report extends DurableObject {
  get sql() { return this.ctx.storage.sql }
  seed(n = 50) { this.sql.exec('DROP TABLE IF EXISTS t; CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT, score REAL, data BLOB, big INTEGER)'); this.sql.exec("WITH RECURSIVE n(i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO t SELECT i, 'name ' || i, i / 4.0, zeroblob(i % 3), i * 1000000007 FROM n", n); return this.count() }
  count() { return this.sql.exec('SELECT count(*) AS n FROM t').one().n }
  shapes() {
    const c = this.sql.exec('SELECT id, name, id AS id, 1 + 1, "name" FROM t LIMIT 2');
    return [tag(c), c.constructor.name, Object.keys(c), c.columnNames, c.rowsRead, c.rowsWritten, inspect(c.next()), c.rowsRead, inspect(c.next()), inspect(c.next()), inspect(c.next()), c.columnNames.length, showNow(() => c.one()), showNow(() => c.toArray()), showNow(() => [...c]), typeof c[Symbol.iterator], c[Symbol.iterator]() === c, typeof c.return, showNow(() => { const r = c.raw(); return [tag(r), r.constructor.name, typeof r.columnNames, typeof r.toArray, r[Symbol.iterator]() === r, Object.getOwnPropertyNames(Object.getPrototypeOf(r)).sort()] }), Object.getOwnPropertyNames(Object.getPrototypeOf(c)).sort(), showNow(() => { const row = this.sql.exec('SELECT 1 AS a').one(); return [Object.getPrototypeOf(row) === Object.prototype, Object.isFrozen(row), Object.getOwnPropertyDescriptor(row, 'a')] }), showNow(() => this.sql.exec('SELECT 1 AS constructor, 2 AS toString, 3 AS "", 4 AS "__proto__", 5 AS then').one()), showNow(() => new (c.constructor)()), showNow(() => this.sql.exec('').toArray()), showNow(() => this.sql.exec(' ; ;').toArray()), showNow(() => this.sql.exec('-- only a comment').toArray()), showNow(() => this.sql.exec('SELECT 1; -- after').toArray()), showNow(() => this.sql.exec('SELECT 1; SELECT 2 AS b').toArray()), showNow(() => this.sql.exec('CREATE TABLE IF NOT EXISTS e (a)').columnNames), showNow(() => this.sql.exec('SELECT * FROM t WHERE 0').columnNames)];
  }
  ones() { return ['SELECT 1 AS a', 'SELECT 1 AS a WHERE 0', 'VALUES (1), (2)', 'SELECT * FROM t', 'DELETE FROM t WHERE id = 1 RETURNING id', 'UPDATE t SET name = name WHERE id < 4 RETURNING id', 'CREATE TABLE IF NOT EXISTS o (a)'].map((s) => showNow(() => this.sql.exec(s).one())) }
  mixed() { const c = this.sql.exec('SELECT id FROM t WHERE id > 40'); const out = [c.next().value.id]; out.push(c.raw().next().value[0]); for (const row of c) { out.push(row.id); if (row.id === 44) break } out.push(showNow(() => c.next()), showNow(() => c.toArray().length), c.rowsRead); const d = this.sql.exec('SELECT id FROM t LIMIT 3'); const [first, ...rest] = d; out.push(first.id, rest.length); const e = this.sql.exec('SELECT id FROM t LIMIT 3'); const [only] = e; out.push(only.id, showNow(() => e.next())); const r = this.sql.exec('SELECT id, name FROM t LIMIT 3').raw(); out.push(r.next().value, r.columnNames, r.toArray()); out.push(showNow(() => Array.from(this.sql.exec('SELECT id FROM t LIMIT 2'), ({ id }) => id * 2)), showNow(() => this.sql.exec('SELECT id FROM t LIMIT 4').map?.((x) => x) ?? 'no map'), showNow(() => Iterator.from(this.sql.exec('SELECT id FROM t')).filter((x) => x.id % 10 === 0).map((x) => x.id).take(3).toArray()), showNow(() => Object.fromEntries(this.sql.exec('SELECT id, name FROM t LIMIT 2').raw())), showNow(() => new Map(this.sql.exec('SELECT id, name FROM t LIMIT 2').raw())), showNow(() => Object.groupBy(this.sql.exec('SELECT id FROM t LIMIT 4'), ({ id }) => (id % 2 ? 'odd' : 'even')))); return out }
  writes() { const out = []; const tries = (what, f) => out.push(what + ' ' + showNow(f)); const open = () => { const c = this.sql.exec('SELECT id FROM t WHERE id <= 6'); c.next(); return c };
    tries('insert', () => { const c = open(); this.sql.exec("INSERT OR REPLACE INTO t (id, name) VALUES (6, 'new')"); return c.toArray() });
    tries('delete ahead', () => { const c = open(); this.sql.exec('DELETE FROM t WHERE id = 3'); return c.toArray() });
    tries('delete all', () => { const c = open(); this.sql.exec('DELETE FROM t WHERE id > 1'); const r = c.toArray(); this.seed(); return r });
    tries('update', () => { const c = this.sql.exec('SELECT id, name FROM t WHERE id IN (1, 2, 3)'); c.next(); this.sql.exec("UPDATE t SET name = 'changed' WHERE id = 3"); return c.raw().toArray() });
    tries('drop', () => { const c = open(); this.sql.exec('DROP TABLE t') }); tries('after drop', () => this.count());
    tries('alter', () => { const c = open(); this.sql.exec('ALTER TABLE t ADD COLUMN extra'); return c.toArray() }); tries('columns', () => this.sql.exec('SELECT * FROM t LIMIT 1').columnNames);
    tries('index', () => { const c = open(); this.sql.exec('CREATE INDEX IF NOT EXISTS ti ON t (name)'); return c.toArray() });
    tries('kv', () => { const c = open(); this.ctx.storage.kv.put('a', 1); return [c.toArray(), this.ctx.storage.kv.get('a')] });
    tries('transaction', () => { const c = open(); return [showNow(() => this.ctx.storage.transactionSync(() => { this.sql.exec('DELETE FROM t WHERE id = 5'); throw new Error('undo') })), showNow(() => c.toArray())] });
    tries('opened inside', () => { let c; this.ctx.storage.transactionSync(() => { c = open() }); return c.toArray() });
    tries('opened in what is undone', () => { let c; showNow(() => this.ctx.storage.transactionSync(() => { c = open(); throw new Error('undo') })); return c.toArray() });
    tries('same text', () => { const s = 'SELECT id FROM t WHERE id <= 3'; const a = this.sql.exec(s), b = this.sql.exec(s); return [a.next(), b.next(), a.next(), b.toArray(), a.toArray()] });
    tries('nested loops', () => { const seen = []; for (const { id } of this.sql.exec('SELECT id FROM t WHERE id <= 2')) for (const x of this.sql.exec('SELECT name FROM t WHERE id >= ? LIMIT 2', id)) { seen.push(id + x.name); this.sql.exec('UPDATE t SET score = score + 1 WHERE id = ?', id) } return seen });
    tries('insert returning', () => { const c = this.sql.exec("INSERT INTO t (name) VALUES ('r1'), ('r2'), ('r3') RETURNING id, name"); const first = c.next(); return [first, this.count(), c.toArray(), c.rowsWritten] });
    return out }
  async across() { const out = []; const c = this.sql.exec('SELECT id FROM t WHERE id <= 5'); out.push(c.next().value.id); await null; out.push(c.next().value.id); await scheduler.wait(1); out.push(showNow(() => c.next().value.id)); await this.ctx.storage.put('k', 1); await this.ctx.storage.sync(); out.push(showNow(() => c.toArray())); const d = this.sql.exec('SELECT id FROM t'); await this.ctx.storage.transaction(async () => { this.sql.exec('UPDATE t SET score = 0 WHERE id = 2'); out.push(showNow(() => d.next())) }); out.push(showNow(() => d.next())); d.toArray(); return out }
  bindings() { const values = { int: 5, neg: -1, float: 1.5, big: 10n, max: 2n ** 63n - 1n, over: 2n ** 63n, safe: 2 ** 53 - 1, unsafe: 2 ** 53 + 2, text: 'a\\0b\\ud800', empty: '', nil: null, undef: undefined, yes: true, no: false, date: new Date(0), bytes: new Uint8Array([1, 2]), sub: new Uint8Array([1, 2, 3, 4]).subarray(1, 3), f32: new Float32Array([1]), view: new DataView(new ArrayBuffer(2)), buffer: new ArrayBuffer(2), none: new ArrayBuffer(0), nan: NaN, inf: -Infinity, zero: -0, object: {}, array: [1], symbol: Symbol('x'), fn: () => 1, boxed: Object(5), str: Object('s'), custom: { toString: () => 'custom' }, map: new Map() }; return Object.entries(values).map(([k, v]) => k + ' ' + showNow(() => this.sql.exec('SELECT ? AS v, typeof(?) AS t, length(?) AS l', v, v, v).one())) }
  counts() { return ['SELECT 1', 'SELECT ?', 'SELECT ?1, ?1, ?2', 'SELECT ?3', 'SELECT :a, @b, $c', 'SELECT :a, :a'].flatMap((s) => [[], [1], [1, 2], [1, 2, 3], [1, 2, 3, 4]].map((b) => s + ' with ' + b.length + ' ' + showNow(() => this.sql.exec(s, ...b).raw().next().value))) }
  results() { return ['SELECT big FROM t WHERE id = 50', 'SELECT 9007199254740993', 'SELECT 9223372036854775807', 'SELECT -9223372036854775808', 'SELECT 1e400', 'SELECT -1e400', 'SELECT 0.1', "SELECT x'00ff'", "SELECT x''", 'SELECT zeroblob(3)', "SELECT cast(x'80' AS TEXT)", "SELECT char(0, 65, 128512)", 'SELECT 1 = 1', 'SELECT NULL', "SELECT date(0, 'unixepoch')", 'SELECT json(\\'{"a":1}\\')', "SELECT jsonb('[1]')", 'SELECT 5 / 2, 5 / 2.0, 5 % 3, -5 / 2, 1 / 0', "SELECT '5' + 1, 'x' + 1, '1e3' + 0", 'SELECT total(NULL), sum(NULL), avg(NULL), count(NULL)', 'SELECT 9223372036854775807 + 1', 'SELECT sum(9223372036854775807) FROM (VALUES (1), (2))', 'SELECT abs(-9223372036854775808)', "SELECT like('a%', 'ABC'), glob('a*', 'abc'), 'a' IS 'a', 1 IS TRUE", 'SELECT changes(), total_changes() > 0, last_insert_rowid()', 'SELECT sqlite_version() > 3', 'SELECT random() BETWEEN -9223372036854775808 AND 9223372036854775807, length(randomblob(4))', "SELECT group_concat(id, ';') FROM (SELECT id FROM t LIMIT 3)", "SELECT string_agg(id, ';' ORDER BY id DESC) FROM (SELECT id FROM t LIMIT 3)", "SELECT format('%q %Q %w', 'it''s', 'it''s', 'a\\"b')", "SELECT soundex('x')", "SELECT load_extension('x')", "SELECT regexp('a', 'b')", "SELECT 'a' REGEXP 'b'", "SELECT median(id) FROM t", 'SELECT * FROM generate_series(1, 3)', "SELECT * FROM json_tree('{\\"a\\":[1]}')", "SELECT unistr('\\\\u0041')", "SELECT concat(1, NULL, 'x'), concat_ws('-', 1, NULL, 2)", 'SELECT datetime(1e10), datetime(-1e12), unixepoch(0)', "SELECT strftime('%G-W%V-%u %e %k', '2024-01-01 05:00')", 'SELECT octet_length(name) FROM t LIMIT 1', 'SELECT trunc(2.7), ln(1), degrees(pi()) > 179, sqrt(-1)', 'SELECT nonesuch(1)', 'SELECT count(1, 2)', 'SELECT max(id) OVER () FROM t LIMIT 1', 'SELECT sum(id) FILTER (WHERE id < 3) OVER (ORDER BY id) FROM t LIMIT 1'].map((s) => s + ' => ' + showNow(() => this.sql.exec(s).raw().toArray())) }
  csv() { const cursor = this.sql.exec('SELECT id, name, score FROM t'), c = cursor.raw(); const enc = new TextEncoder(); return new ReadableStream({ start: (k) => k.enqueue(enc.encode(cursor.columnNames.join() + '\\n')), pull: (k) => { const { value, done } = c.next(); if (done) k.close(); else k.enqueue(enc.encode(value.join() + '\\n')) } }) }
  ndjson() { const { readable, writable } = new TransformStream(); const w = writable.getWriter(); this.ctx.waitUntil((async () => { for (const row of this.sql.exec("SELECT 't' AS tab, id, name, hex(data) AS data FROM t")) await w.write(new TextEncoder().encode(JSON.stringify(row) + '\\n')); await w.close() })()); return readable.pipeThrough(new CompressionStream('gzip')) }
  async load(stream) { this.sql.exec('CREATE TABLE IF NOT EXISTS copy (id, name, data)'); let rest = '', n = 0; for await (const text of stream.pipeThrough(new DecompressionStream('gzip')).pipeThrough(new TextDecoderStream())) { const lines = (rest + text).split('\\n'); rest = lines.pop(); for (const line of lines) { const { id, name, data } = JSON.parse(line); n += this.sql.exec('INSERT INTO copy VALUES (?, ?, unhex(?))', id, name, data).rowsWritten } } return [n, rest, this.sql.exec('SELECT count(*) AS n, sum(id) AS s, sum(length(data)) AS d FROM copy').one()] }
  sizes() { const before = this.sql.databaseSize; this.sql.exec("CREATE TABLE s (a); INSERT INTO s VALUES (zeroblob(100000))"); const grown = this.sql.databaseSize - before; this.sql.exec('DROP TABLE s'); return [before % 4096, grown >= 100000, this.sql.databaseSize - before, Object.getOwnPropertyNames(Object.getPrototypeOf(this.sql)).sort(), tag(this.sql), this.sql.Cursor?.name, this.sql.Statement?.name, showNow(() => this.sql.prepare?.('SELECT 1')), this.ctx.storage.sql === this.sql] }
  page(after, limit) { return this.sql.exec('SELECT id FROM t WHERE (score, id) > (SELECT score, id FROM t WHERE id = ?) ORDER BY score, id LIMIT ?', after, limit).raw().toArray().flat() }
  cursor() { const c = this.sql.exec('SELECT id FROM t'); return new (class extends RpcTarget { next() { return c.next() } get read() { return c.rowsRead } })() }
}
export default worker(async ({ say, env }) => {
  const a = env.REPORT.getByName('a'), b = env.REPORT.getByName('b');
  const lines = (what, f) => say(what, async () => (await f()).map((l) => (typeof l === 'string' ? l : inspect(l))).join('\\n    '));
  await say('seed', () => a.seed());
  await lines('shapes', () => a.shapes());
  await lines('ones', () => a.ones());
  await lines('mixed', () => a.mixed());
  await lines('writes', () => a.writes());
  await say('seed', () => a.seed());
  await lines('across', () => a.across());
  await lines('bindings', () => a.bindings());
  await lines('counts', () => a.counts());
  await lines('results', () => a.results());
  await say('csv', async () => { const text = await new Response(await a.csv()).text(); return [text.length, text.slice(0, 60)] });
  await say('moved', async () => b.load(await a.ndjson()));
  await say('sizes', () => env.REPORT.getByName('c').sizes());
  await say('page', async () => [await a.page(3, 3), await a.page(49, 5), await a.page(999, 1)]);
  await say('by call', async () => { using c = await a.cursor(); return [await c.next(), await c.next(), await c.read] });
});
`,
});
