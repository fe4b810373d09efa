import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A notes app searches, keeps tags in JSON, ranks and pages with window functions, walks trees, upserts, and reads its cursors in every way.',
  rows: [
    '9.language',
    '9.raw',
    '9.one',
    '9.next',
    '9.to-array',
    '9.row-objects',
    '9.two-cursors',
    '9.binding-types',
    '9.result-types',
    '19.measured',
    '9.error-format',
    '9.functions',
  ],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, show, showNow, worker } from './prelude.js';

export class Obj extends DurableObject {
  get sql() { return this.ctx.storage.sql }
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec(\`
      -- the notes; 'slug' and stars follow;
      CREATE TABLE IF NOT EXISTS notes (
        id INTEGER PRIMARY KEY AUTOINCREMENT, parent INTEGER REFERENCES notes (id) ON DELETE SET NULL, title TEXT NOT NULL COLLATE NOCASE, body TEXT NOT NULL DEFAULT '',
        meta TEXT NOT NULL DEFAULT '{}' CHECK (json_valid(meta)), stars INTEGER AS (coalesce(meta ->> '$.stars', 0)) VIRTUAL, slug TEXT AS (lower(replace(title, ' ', '-'))) STORED UNIQUE);
      CREATE INDEX IF NOT EXISTS notes_stars ON notes (stars DESC, id) WHERE stars > 0;
    \`);
  }
  async fill() {
    const notes = [['Groceries', 'Crème brûlée, milk; eggs', { tags: ['home', 'food'], stars: 3 }], ['Reading list', 'SQLite internals, the art of indexes', { tags: ['books'] }], ['Travel plans', 'Trains to Zürich and the milk run', { tags: ['home'], stars: 5 }, 2], ['Empty', '', {}, 1], ['Deep', 'indexes of indexes of indexes', { tags: ['books', 'food', 'home'], stars: 3 }, 3]];
    return this.ctx.storage.transactionSync(() => notes.map(([title, body, meta, parent = null]) => this.sql.exec('INSERT INTO notes (title, body, meta, parent) VALUES (?, ?, ?, ?) RETURNING id, slug, stars', title, body, JSON.stringify(meta), parent).one()));
  }
  search(words) { return this.sql.exec("SELECT id, title, (SELECT count(*) FROM json_each(?1) WHERE instr(lower(title || ' ' || body), value)) AS hits FROM notes WHERE EXISTS (SELECT 1 FROM json_each(?1) WHERE title LIKE '%' || value || '%' OR body LIKE '%' || value || '%' ESCAPE '^') ORDER BY hits DESC, id", JSON.stringify(words)).toArray() }
  tags() { return this.sql.exec("SELECT t.value AS tag, count(*) AS n, json_group_array(n.id ORDER BY n.id DESC) AS ids FROM notes n, json_each(n.meta, '$.tags') t GROUP BY tag ORDER BY n DESC, tag").toArray() }
  tree() { return this.sql.exec("WITH RECURSIVE tree (id, title, path, depth) AS (SELECT id, title, title, 0 FROM notes WHERE parent IS NULL UNION ALL SELECT n.id, n.title, path || ' / ' || n.title, depth + 1 FROM notes n JOIN tree ON n.parent = tree.id) SELECT printf('%.*c%s', depth, '-', title) AS line, path FROM tree ORDER BY path").raw().toArray() }
  ranked() { return this.sql.exec('SELECT title, stars, dense_rank() OVER (ORDER BY stars DESC) AS place, ntile(2) OVER (ORDER BY id) AS half, first_value(title) OVER (PARTITION BY stars ORDER BY id ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW EXCLUDE TIES) AS first, avg(stars) FILTER (WHERE stars > 0) OVER (ORDER BY id ROWS 1 PRECEDING) AS moving, percent_rank() OVER (ORDER BY stars) AS pr FROM notes ORDER BY place, id').toArray() }
  upsert(title, stars) { return this.sql.exec("INSERT INTO notes (title, meta) VALUES (?1, json_object('stars', ?2)) ON CONFLICT (slug) DO UPDATE SET meta = json_patch(meta, excluded.meta), title = excluded.title WHERE stars < ?2 RETURNING id, title, stars, meta", title, stars).toArray() }
  page(after, size) { const cursor = this.sql.exec('SELECT id, title FROM notes WHERE (title, id) > (?, ?) ORDER BY title, id LIMIT ?', ...after, size); return [cursor.toArray(), cursor.rowsRead, cursor.rowsWritten, cursor.columnNames] }
  cursors() {
    const { sql } = this;
    const a = sql.exec('SELECT id FROM notes ORDER BY id'), b = sql.exec('SELECT id, title FROM notes ORDER BY id DESC');
    const seen = [a.next().value, b.next().value, a.next().value];
    for (const row of a) { seen.push(row.id); if (row.id === 4) break }
    seen.push(a.next(), showNow(() => a.one()), b.raw().next().value, [...b].length, b.next(), a.toArray());
    const raw = sql.exec('SELECT 1 AS x, 2 AS x, 3 AS "", x\\'0102\\' AS b, 9007199254740993 AS big, 1e400 AS inf, -0.0 AS zero').raw();
    const [row] = raw;
    seen.push(row.map((v) => (v instanceof ArrayBuffer ? [...new Uint8Array(v)] : v)), Object.is(row[6], -0), sql.exec('SELECT 1 AS x, 2 AS x').toArray());
    seen.push(showNow(() => sql.exec('SELECT id FROM notes').one()), showNow(() => sql.exec('SELECT id FROM notes WHERE 0').one()), sql.exec('SELECT count(*) FROM notes').one());
    return seen;
  }
  bindings() { return [true, null, undefined, 1n, 1.5, 'ü', new Uint8Array([1, 2, 3]).subarray(1), new ArrayBuffer(2), new Date(0), [1], Symbol.iterator, NaN, Infinity, 2n ** 64n].map((value) => showNow(() => { const { t, q } = this.sql.exec('SELECT typeof(?1) AS t, quote(?1) AS q', value).one(); return t + ' ' + q })) }
  errors() { return ['SELECT * FROM nowhere', 'SELECT nothing FROM notes', 'INSERT INTO notes (title) VALUES (NULL)', "INSERT INTO notes (title) VALUES ('EMPTY')", 'SELECT (', "UPDATE notes SET meta = '{'", 'SELECT json(\\'{\\')', 'INSERT INTO notes (id, title, parent) VALUES (90, 1, 91)', 'DROP TABLE _cf_KV', 'BEGIN', 'SELECT 1; SELECT ?', 'SELECT abs(-9223372036854775808)', 'CREATE TABLE notes (x)', ''].map((text) => text + ' -> ' + showNow(() => this.sql.exec(text).toArray())) }
  remove(id) { const { rowsWritten, rowsRead } = this.sql.exec('DELETE FROM notes WHERE id = ?', id); return [rowsRead > 0, rowsWritten, this.sql.exec('SELECT id FROM notes WHERE parent IS NULL ORDER BY id').raw().toArray().flat()] }
  rename(id, title) { this.sql.exec('UPDATE notes SET title = ? WHERE id = ?', title, id); return this.search([title.split(' ')[0]]) }
  functions() { return this.sql.exec("SELECT date('2024-01-31', '+1 month') AS d, strftime('%Y-W%W %j', '2024-12-30') AS s, unixepoch('2001-09-09T01:46:40Z') AS u, julianday('2000-01-01') AS j, hex(zeroblob(2)) AS z, substr('häßlich', 2, 2) AS sub, instr('abc', 'c') AS i, format('%05.1f|%-4s|%x', 3.14159, 'ab', 255) AS f, iif(1 > 2, 'a', 'b') AS iif, nullif(1, 1) AS n, unicode('€') AS uc, char(8364, 65) AS c, typeof(1/2) AS t, 7 % -3 AS m, 'a' || NULL AS cat, json_extract('[1,{\\"a\\":[2,3]}]', '$[1].a[#-1]') AS je, json('[1,2]') -> 0 AS arrow, trim('xxaxx', 'x') AS tr, likely(1) AS l, 'ABC' LIKE 'a_c' AS lk, 'abc' GLOB 'a*' AS g, max(1, 2, 'x') AS mx, round(2.5) AS r, sign(-2) AS sg, ceil(1.2) AS ce, quote('it''s') AS q").one() }
  async bulk() { const n = 500; this.ctx.storage.transactionSync(() => { for (let i = 0; i < n; i++) this.sql.exec('INSERT INTO notes (title, body) VALUES (?, ?)', 'bulk ' + i, 'word' + (i % 7)) }); const size = this.sql.databaseSize; const found = this.sql.exec("SELECT count(*) AS n FROM notes WHERE body = 'word3'").one().n; const gone = this.sql.exec("DELETE FROM notes WHERE title GLOB 'bulk *'").rowsWritten; return [found, size % 4096, size > 40960, gone >= n, this.sql.databaseSize === size] }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('notes');
  await say('fill', () => o.fill());
  for (const query of [['milk'], ['indexes', 'art'], ['Z', 'x_y'], ['zü'], []]) await say('search ' + query.join(' '), () => o.search(query));
  for (const method of ['tags', 'tree', 'ranked', 'cursors', 'bindings']) await say(method, async () => (await o[method]()).map((x) => '\\n    ' + inspect(x)).join(''));
  await say('errors', async () => '\\n    ' + (await o.errors()).join('\\n    '));
  await say('upsert of a new one', () => o.upsert('Brand new', 2));
  await say('of one that has more', () => o.upsert('GROCERIES', 1));
  await say('of one that has less', () => o.upsert('groceries', 9));
  await say('page', () => o.page(['', 0], 3));
  await say('next page', () => o.page(['empty', 4], 3));
  await say('rename', () => o.rename(2, 'Bücher list'));
  await say('remove', () => o.remove(1));
  await say('functions', () => o.functions());
  await say('bulk', () => o.bulk());
});
`,
});
