/** What a program stored is there again after a reload, byte for byte: every type of value, every kind of table, values by `put`. */
import { expect, test } from 'vitest';
import { type DurableObjectNamespace, Simulator } from '../../src/index.ts';

const PROGRAM = `
import { DurableObject } from 'cloudflare:workers';

const SCHEMA = [
  'CREATE TABLE plain (id INTEGER PRIMARY KEY, v)',
  'CREATE TABLE typed (i INTEGER, r REAL, t TEXT, b BLOB, n INT, a ANY) STRICT',
  'CREATE TABLE keyed (k TEXT COLLATE NOCASE, l INTEGER, v, PRIMARY KEY (k, l DESC)) WITHOUT ROWID',
  'CREATE TABLE counted (id INTEGER PRIMARY KEY AUTOINCREMENT, v TEXT UNIQUE DEFAULT (hex(7)))',
  'CREATE TABLE made (a, b AS (a * 2) STORED, c AS (a || b) VIRTUAL CHECK (c IS NOT 9))',
  'CREATE TABLE child (p REFERENCES plain(id) ON DELETE SET NULL, note TEXT)',
  'CREATE TABLE big (id INTEGER PRIMARY KEY, bytes BLOB)',
  'CREATE INDEX plain_v ON plain(v)',
  'CREATE UNIQUE INDEX typed_t ON typed(lower(t)) WHERE t IS NOT NULL',
  'CREATE VIEW joined AS SELECT p.id, c.note FROM plain p LEFT JOIN child c ON c.p = p.id',
  "CREATE TRIGGER noted AFTER INSERT ON child BEGIN UPDATE plain SET v = 'noted' WHERE id = NEW.p AND v IS NULL; END",
];

// Integers beyond 2 ** 53 can only be written in SQL.
const VALUES = [
  '9007199254740993', '9223372036854775807', '-9223372036854775808', '0', '-1', '0.1 + 0.2', '-0.0', '1e308', '5e-324', '9e999', '-9e999',
  'NULL', "''", "'text'", "'a' || char(0) || 'b'", "'é€\\u{1f600}'", "CAST(x'41ff42' AS TEXT)", "x''", "x'00ff'", 'zeroblob(5000)', "CAST(x'eda080' AS TEXT)", 'randomblob(100)', "'123'", '1.0',
];

export class Obj extends DurableObject {
  write() {
    const { sql, kv } = this.ctx.storage;
    for (const text of SCHEMA) sql.exec(text);
    for (const value of VALUES) sql.exec('INSERT INTO plain (v) VALUES (' + value + ')');
    sql.exec("INSERT INTO typed VALUES (9223372036854775807, 1e15, 'T', x'01', '12', x'02'), (NULL, NULL, NULL, NULL, NULL, 9007199254740993)");
    for (const value of VALUES) sql.exec('INSERT OR REPLACE INTO keyed VALUES (?, ?, ' + value + ')', 'key ' + value, value.length);
    sql.exec("INSERT INTO counted (v) VALUES ('x'), ('y'); DELETE FROM counted WHERE v = 'y'; INSERT INTO counted DEFAULT VALUES");
    sql.exec('INSERT INTO made (a) VALUES (1), (2.5), (NULL)');
    sql.exec("INSERT INTO child VALUES (12, 'of the null'), (1, 'of the first')");
    kv.put('map', new Map([['a', new Uint8Array([1, 2])], ['b', { deep: [1n, new Date(0), undefined] }]]));
    kv.put('key with \\u{1f600}', 'value');
  }
  /** Pages that come and go, in commits of their own. */
  churn(from) {
    const { sql } = this.ctx.storage;
    for (let i = from; i < from + 20; i++) sql.exec('INSERT INTO big VALUES (?, randomblob(?))', i, 1000 + 3000 * (i % 9));
    sql.exec('DELETE FROM big WHERE id % 3 = 0');
    sql.exec('UPDATE big SET bytes = randomblob(2000) WHERE id % 5 = 0');
  }
  /** Every value as its type, its literal and its bytes. */
  dump() {
    const { sql, kv } = this.ctx.storage;
    const lines = [];
    const take = (text, ...bindings) => { for (const row of sql.exec(text, ...bindings).raw()) lines.push(row.join(' ')) };
    take('SELECT type, name, tbl_name, rootpage, sql FROM sqlite_master ORDER BY name');
    const tables = sql.exec("SELECT name FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE '\\\\_cf%' ESCAPE '\\\\' ORDER BY name").raw().toArray().flat();
    for (const table of tables) {
      const names = sql.exec('SELECT name FROM pragma_table_xinfo(?)', table).raw().toArray().flat();
      take('SELECT * FROM pragma_table_xinfo(?)', table);
      const shown = names.map((name) => 'typeof("' + name + '") || \\' \\' || quote("' + name + '") || \\' \\' || hex(CAST("' + name + '" AS BLOB))');
      take('SELECT ' + shown.join(', ') + ' FROM "' + table + '"');
    }
    take('PRAGMA quick_check');
    take('PRAGMA foreign_key_check');
    for (const [key, value] of kv.list()) lines.push(key + ' ' + show(value));
    lines.push('size ' + sql.databaseSize);
    return lines;
  }
}

function show(value) {
  if (value instanceof Map) return 'Map ' + [...value].map(([k, v]) => k + ': ' + show(v)).join();
  if (value instanceof Date) return 'Date ' + value.getTime();
  if (ArrayBuffer.isView(value)) return 'bytes ' + value.join();
  if (typeof value === 'object' && value !== null) return Object.entries(value).map(([k, v]) => k + ': ' + show(v)).join();
  return typeof value + ' ' + String(value);
}

export default { fetch: () => new Response('') };
`;

interface Obj {
  write(): Promise<void>;
  churn(from: number): Promise<void>;
  dump(): Promise<string[]>;
}
interface Env {
  OBJ: DurableObjectNamespace<Obj>;
}

const config = {
  name: 'reload',
  main: 'index.js',
  compatibility_date: '2026-07-30',
  durable_objects: { bindings: [{ name: 'OBJ', class_name: 'Obj' }] },
  migrations: [{ tag: 'v1', new_sqlite_classes: ['Obj'] }],
};

test('a database is the same after each reload, and goes on', async () => {
  const name = `reload ${performance.timeOrigin}`;
  let sim = await Simulator.open<Env>({ name, modules: { 'index.js': PROGRAM }, config });
  const object = () => sim.env.OBJ.getByName('a');
  await object().write();
  await object().churn(0);
  const before = await object().dump();
  // A dump that shows little would always be the same.
  expect(before.length).toBeGreaterThan(120);
  expect(before).toContain('integer 2 32 integer 9223372036854775807 39323233333732303336383534373735383037');
  let last = before;
  for (let round = 1; round <= 3; round++) {
    await sim.close();
    sim = await Simulator.open<Env>({ name });
    expect(await object().dump()).toEqual(last);
    for (let i = 0; i < 4; i++) await object().churn(1000 * round + 20 * i);
    last = await object().dump();
  }
  await sim.close({ delete: true });
});
