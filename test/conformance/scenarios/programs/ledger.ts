import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A double-entry ledger lives by what SQLite can check itself: foreign keys, triggers, generated columns, partial indexes, recursive and window queries, and nested transactionSync.',
  rows: [
    '9.exec',
    '9.language',
    '9.error-format',
    '9.transaction-sync',
    '9.cursor',
    '9.raw',
    '9.pragmas',
    '20.foreign-keys',
    '20.blobs-and-ints',
  ],
  config: objects({ LEDGER: 'Ledger' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, showNow, worker } from './prelude.js';

const schema = [
  "CREATE TABLE account (id INTEGER PRIMARY KEY AUTOINCREMENT, code TEXT NOT NULL UNIQUE COLLATE NOCASE, kind TEXT NOT NULL CHECK (kind IN ('asset', 'debt', 'income', 'cost')), parent INTEGER REFERENCES account(id) ON DELETE RESTRICT, opened INTEGER DEFAULT (unixepoch('2024-01-01')), meta TEXT CHECK (meta IS NULL OR json_valid(meta)), label TEXT GENERATED ALWAYS AS (upper(kind) || ':' || code) VIRTUAL, depth INTEGER GENERATED ALWAYS AS (length(code) - length(replace(code, '.', ''))) STORED)",
  "CREATE TABLE entry (id INTEGER PRIMARY KEY, memo TEXT NOT NULL DEFAULT '', day TEXT NOT NULL, hash BLOB UNIQUE) STRICT",
  "CREATE TABLE line (entry INTEGER NOT NULL REFERENCES entry(id) ON DELETE CASCADE, account INTEGER NOT NULL REFERENCES account(id) DEFERRABLE INITIALLY DEFERRED, cents INTEGER NOT NULL CHECK (cents <> 0), note ANY, PRIMARY KEY (entry, account)) STRICT, WITHOUT ROWID",
  "CREATE TABLE audit (at INTEGER PRIMARY KEY, what TEXT, old TEXT, new TEXT)",
  "CREATE VIEW balance AS SELECT a.code, coalesce(sum(l.cents), 0) AS cents, count(l.entry) AS n FROM account a LEFT JOIN line l ON l.account = a.id GROUP BY a.id",
  "CREATE TRIGGER line_insert AFTER INSERT ON line BEGIN INSERT INTO audit (what, new) VALUES ('line', json_object('entry', new.entry, 'account', new.account, 'cents', new.cents)); END",
  "CREATE TRIGGER line_guard BEFORE UPDATE OF cents ON line WHEN old.cents * new.cents < 0 BEGIN SELECT RAISE(ABORT, 'a line may not change sides'); END",
  "CREATE TRIGGER entry_gone AFTER DELETE ON entry BEGIN INSERT INTO audit (what, old) VALUES ('entry gone', old.memo); END",
  "CREATE TRIGGER balance_in INSTEAD OF INSERT ON balance BEGIN INSERT INTO account (code, kind) VALUES (new.code, 'asset'); END",
  "CREATE UNIQUE INDEX one_root ON account (kind) WHERE parent IS NULL",
  "CREATE INDEX by_day ON entry (day DESC, lower(memo))",
];

export class Ledger extends DurableObject {
  get sql() { return this.ctx.storage.sql }
  run(statement, ...bindings) { const cursor = this.sql.exec(statement, ...bindings); const rows = cursor.toArray(); return { columns: cursor.columnNames.join(), rows, read: cursor.rowsRead, written: cursor.rowsWritten } }
  rows(statement, ...bindings) { return [...this.sql.exec(statement, ...bindings).raw()] }
  tries(...statements) { return statements.map((s) => showNow(() => (Array.isArray(s) ? this.rows(...s) : this.rows(s)))) }
  setUp() { const counts = schema.map((s) => { const c = this.sql.exec(s); return [c.rowsRead, c.rowsWritten] }); return counts.map(([, w]) => w >= 0).every(Boolean) }
  post(memo, day, lines) {
    return this.ctx.storage.transactionSync(() => {
      const { id } = this.sql.exec('INSERT INTO entry (memo, day, hash) VALUES (?, ?, ?) RETURNING id', memo, day, new Uint8Array([...memo].map((c) => c.charCodeAt(0))).buffer).one();
      for (const [code, cents, note] of lines) {
        const account = this.sql.exec('SELECT id FROM account WHERE code = ?', code).one().id;
        this.sql.exec('INSERT INTO line VALUES (?, ?, ?, ?)', id, account, cents, note ?? null);
      }
      const { sum } = this.sql.exec('SELECT sum(cents) AS sum FROM line WHERE entry = ?', id).one();
      if (sum !== 0) throw new RangeError('out of balance by ' + sum);
      return id;
    });
  }
  nested() {
    const steps = []; const s = this.ctx.storage; const count = () => this.sql.exec('SELECT count(*) AS n FROM audit').one().n; const start = count();
    const add = (what) => this.sql.exec('INSERT INTO audit (what) VALUES (?)', what);
    steps.push(s.transactionSync(() => { add('outer'); steps.push(showNow(() => s.transactionSync(() => { add('inner'); steps.push(showNow(() => s.transactionSync(() => { add('innermost'); throw new Error('innermost') }))); return 'inner kept ' + (count() - start) }))); steps.push(showNow(() => s.transactionSync(() => { add('gone'); s.kv.put('gone', 1); throw 'a string' }))); return 'outer kept ' + (count() - start) + ' ' + s.kv.get('gone') }));
    steps.push(showNow(() => s.transactionSync(async () => { add('async'); await null; return 1 })));
    steps.push(showNow(() => s.transactionSync()), showNow(() => s.transactionSync(() => { add('sql error'); this.sql.exec('SELECT nothing') })), count() - start);
    steps.push(showNow(() => s.transactionSync(function () { return [this === undefined, arguments.length] })));
    return steps;
  }
}

export default worker(async ({ say, env }) => {
  let ledger = env.LEDGER.getByName('ledger');
  const run = (what, ...args) => say(what, () => ledger.run(...args));
  await say('set up', () => ledger.setUp());
  await run('accounts', "INSERT INTO account (code, kind, parent, meta) VALUES ('bank', 'asset', NULL, '{\\"iban\\":\\"X1\\",\\"tags\\":[\\"a\\",\\"b\\"]}'), ('bank.joint', 'asset', 1, NULL), ('pay', 'income', NULL, '[]'), ('food', 'cost', NULL, NULL), ('food.out', 'cost', 4, 'null'), ('food.out.late', 'cost', 5, NULL) RETURNING id, label, depth");
  await say('post', () => ledger.post('salary', '2024-01-31', [['bank', 250000], ['pay', -250000, 'january']]));
  await say('post', () => ledger.post('dinner', '2024-02-01', [['BANK.joint', -4250], ['food.out', 4250, 1.5]]));
  await say('post', () => ledger.post('late dinner', '2024-02-01', [['bank', -1999], ['food.out.late', 1999, new Uint8Array([0, 255]).buffer]]));
  await say('out of balance', () => ledger.post('wrong', '2024-02-02', [['bank', 1], ['pay', -2]]));
  await say('no such account', () => ledger.post('nobody', '2024-02-02', [['nobody', 1]]));
  await say('a zero line', () => ledger.post('zero', '2024-02-02', [['bank', 0]]));
  await say('the same hash', () => ledger.post('salary', '2024-02-29', [['bank', 1], ['pay', -1]]));
  await say('twice in one', () => ledger.post('twice', '2024-02-29', [['bank', 1], ['bank', -1]]));
  await say('balances', () => ledger.rows('SELECT * FROM balance ORDER BY code'));
  await run('a view written to', "INSERT INTO balance (code) VALUES ('cash')");
  await run('a view written to', "INSERT INTO balance (code) VALUES ('BANK')");
  await run('totals by tree', "WITH RECURSIVE tree (id, root, path, level) AS (SELECT id, code, code, 0 FROM account WHERE parent IS NULL UNION ALL SELECT a.id, t.root, t.path || ' > ' || a.code, t.level + 1 FROM account a JOIN tree t ON a.parent = t.id ORDER BY 4 DESC) SELECT path, level, (SELECT total(cents) FROM line WHERE account = tree.id) AS total FROM tree");
  await run('running balance', "SELECT e.day, l.cents, sum(l.cents) OVER w AS running, row_number() OVER w AS n, lag(l.cents, 1, 0) OVER w AS before, first_value(e.memo) OVER w AS first, ntile(2) OVER w AS half, percent_rank() OVER w AS pr FROM line l JOIN entry e ON e.id = l.entry WHERE l.account IN (1, 2) WINDOW w AS (ORDER BY e.day, e.id)");
  await run('frames', 'SELECT cents, sum(cents) OVER (ORDER BY cents ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS around, group_concat(cents, "/") FILTER (WHERE cents > 0) OVER (ORDER BY cents) AS up FROM line');
  await run('frames', "SELECT cents, sum(cents) OVER (ORDER BY cents ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW) AS around, group_concat(cents, '/') FILTER (WHERE cents > 0) OVER (ORDER BY cents) AS up FROM line");
  await run('json', "SELECT code, meta ->> '$.iban' AS iban, meta -> '$.tags[#-1]' AS last, json_type(meta) AS type, json_array_length(meta, '$.tags') AS n FROM account WHERE meta IS NOT NULL");
  await run('json each', "SELECT a.code, j.key, j.value, j.type, j.fullkey FROM account a, json_each(a.meta, '$.tags') j");
  await run('json patch', "UPDATE account SET meta = json_patch(coalesce(meta, '{}'), json_object('limit', 10, 'iban', NULL)) WHERE code LIKE 'BANK%' RETURNING code, meta");
  await run('json wrong', "UPDATE account SET meta = '{oops' WHERE id = 1");
  await run('json wrong in a query', "SELECT json_extract('{oops', '$.a')");
  await run('upsert', "INSERT INTO account (code, kind, parent) VALUES ('FOOD', 'cost', NULL) ON CONFLICT (code) DO UPDATE SET opened = opened + 1, meta = json_quote(excluded.code) RETURNING id, code, opened, meta");
  await run('upsert nothing', "INSERT INTO account (code, kind, parent) VALUES ('FOOD', 'cost', 1) ON CONFLICT DO NOTHING RETURNING id");
  await run('replace', "REPLACE INTO entry (id, memo, day) VALUES (3, 'replaced', '2024-02-03') RETURNING *");
  await run('what went with it', 'SELECT count(*) AS lines FROM line WHERE entry = 3');
  await say('refused', () => ledger.tries(
    "DELETE FROM account WHERE id = 1", "INSERT INTO account (code, kind) VALUES ('other', 'asset')", "INSERT INTO account (code, kind) VALUES ('x', 'cash')", "INSERT INTO account (code, kind, label) VALUES ('x', 'cost', 'y')", "UPDATE account SET depth = 3",
    "INSERT INTO entry (day) VALUES (20240101)", "INSERT INTO entry (day, hash) VALUES ('d', 'text')", "INSERT INTO entry (id, day) VALUES ('abc', 'd')", "INSERT INTO line VALUES (1, 1, 1.5, NULL)", "INSERT INTO line (entry, account) VALUES (1, 5)",
    "UPDATE line SET cents = -cents WHERE entry = 1 AND account = 1", "UPDATE line SET cents = cents + 1 WHERE entry = 1 AND account = 1 RETURNING cents", "INSERT INTO line VALUES (99, 1, 5, NULL)",
    "CREATE TRIGGER t AFTER INSERT ON nothing BEGIN SELECT 1; END", "CREATE TRIGGER t AFTER INSERT ON entry BEGIN SELECT nothing; END", "INSERT INTO entry (day) VALUES ('trigger')", "DROP TRIGGER t", "DROP TABLE account", "ALTER TABLE account DROP COLUMN code", "ALTER TABLE account DROP COLUMN opened", "ALTER TABLE account RENAME COLUMN kind TO sort", "SELECT sort, label FROM account WHERE id = 2", "ALTER TABLE entry ADD COLUMN extra TEXT NOT NULL", "ALTER TABLE entry ADD COLUMN extra INTEGER NOT NULL DEFAULT 5", "SELECT extra FROM entry", "CREATE TABLE entry (a)", "CREATE TABLE IF NOT EXISTS entry (a)", "CREATE TABLE g (a, b AS (c))", "CREATE TABLE g (a INT, b AS (a + random()))", "CREATE TABLE g (a) STRICT", "CREATE TABLE g (a TEXT) STRICT, WITHOUT ROWID", "CREATE INDEX i ON entry (memo) WHERE random() > 0", "CREATE TEMP TABLE tt (a)", "CREATE VIRTUAL TABLE r USING rtree(id, a, b)", "CREATE VIEW v (a, b) AS SELECT 1", "SELECT * FROM v", "EXPLAIN QUERY PLAN SELECT * FROM entry WHERE day = 'x'", "REINDEX", "ANALYZE", "VACUUM", "SAVEPOINT a", "ATTACH ':memory:' AS m"));
  await say('left in violation', () => ledger.tries('INSERT INTO line VALUES (1, 99, 5, NULL)'));
  ledger = env.LEDGER.getByName('ledger');
  await say('pragmas', () => ledger.tries('PRAGMA foreign_keys', 'PRAGMA foreign_keys = OFF', 'PRAGMA foreign_key_list(line)', 'PRAGMA foreign_key_check', 'PRAGMA table_info(entry)', 'PRAGMA table_xinfo(account)', 'PRAGMA index_list(account)', 'PRAGMA index_info(by_day)', 'PRAGMA index_xinfo(by_day)', 'PRAGMA table_list(line)', 'PRAGMA user_version', 'PRAGMA user_version = 3', 'PRAGMA journal_mode', 'PRAGMA page_size', 'PRAGMA integrity_check', 'PRAGMA quick_check', 'PRAGMA defer_foreign_keys', 'PRAGMA defer_foreign_keys = ON', 'PRAGMA recursive_triggers', 'PRAGMA case_sensitive_like = ON', 'PRAGMA encoding', 'PRAGMA optimize', 'PRAGMA function_list', "SELECT name FROM pragma_table_info('line')", "SELECT \\"from\\", \\"to\\" FROM pragma_foreign_key_list('line') ORDER BY 1"));
  await say('sqlite_master', () => ledger.rows("SELECT type, name, tbl_name FROM sqlite_master WHERE name NOT LIKE '\\\\_cf%' ESCAPE '\\\\' ORDER BY 1, 2"));
  await say('sequence', () => ledger.rows('SELECT * FROM sqlite_sequence'));
  await say('audit', () => ledger.rows('SELECT * FROM audit'));
  await say('nested', () => ledger.nested());
  await say('values', () => ledger.rows("SELECT 9007199254740993, -9223372036854775808, 1e308 * 10, -1e308 * 10, 0.1 + 0.2, x'', '', 'a' || char(0) || 'b', length('a' || char(0) || 'b'), typeof(?), typeof(?), typeof(?), typeof(?), ?, ?", 1, 1.5, 'x', null, 'nul\\0in', 2 ** 53));
  await say('distinct, set operations', () => ledger.tries('SELECT 1 UNION SELECT 1 UNION ALL SELECT 1', 'SELECT kind FROM balance', 'VALUES (1, 2), (3, 4)', 'SELECT * FROM (VALUES (1, 2)) AS t(a, b)', 'SELECT column1 FROM (VALUES (1), (2)) ORDER BY 1 DESC LIMIT 1 OFFSET 1', 'SELECT 1 WHERE 1 IN (SELECT 2)', 'SELECT count(*) FILTER (WHERE cents > 0), avg(cents), min(cents, 1), max(cents) FROM line', 'WITH a AS MATERIALIZED (SELECT 1 AS x), b(y) AS (SELECT x + 1 FROM a) SELECT * FROM a, b', 'SELECT * FROM entry NATURAL JOIN line ORDER BY 1, 2 LIMIT 1', 'SELECT a.id FROM account a FULL OUTER JOIN line l ON l.account = a.id WHERE l.entry IS NULL ORDER BY 1', 'SELECT 1 AS a, 2 AS a', 'SELECT CASE WHEN NULL THEN 1 END IS NOT DISTINCT FROM NULL', "SELECT 'a' < 'B' COLLATE NOCASE, 'x' GLOB '[w-z]', 'ab' LIKE 'A_', 'é' LIKE 'É'", "SELECT date('2024-02-30'), strftime('%W %j %s', '2024-03-01T12:00:00Z'), julianday('2000-01-01'), timediff('2024-03-01', '2023-02-28')", "SELECT printf('%05.1f|%-4s|%x|%,d', 3.14159, 'ab', 255, 1234567), quote(x'0aff'), hex('é'), unhex('zz'), instr('abc', 'c'), trim('xxaxx', 'x'), nullif(1, 1), iif(0, 1, 2), round(2.5), round(-2.567, 2), sign(-3), ceil(1.2), pow(2, 10), mod(7, 3), octet_length('é')"));
});
`,
});
