import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An event store appends with optimistic concurrency, projects in the same transaction, rolls back by savepoint, and replays with window functions.',
  rows: [
    '9.transaction-sync',
    '9.exec',
    '9.cursor',
    '9.raw',
    '9.one',
    '9.next',
    '7.rollback',
    '9.language',
    '9.bindings-last-only',
    '19.measured',
  ],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect, worker } from './prelude.js';

class Conflict extends Error {
  name = 'Conflict';
  constructor(expected, actual) { super('expected version ' + expected + ', is ' + actual); Object.assign(this, { expected, actual }) }
}

export class Obj extends DurableObject {
  sql = this.ctx.storage.sql;
  constructor(ctx, env) {
    super(ctx, env);
    this.sql.exec(\`
      CREATE TABLE IF NOT EXISTS events (
        stream TEXT NOT NULL, version INTEGER NOT NULL, kind TEXT NOT NULL CHECK (kind <> ''),
        data TEXT NOT NULL CHECK (json_valid(data)),
        amount INTEGER GENERATED ALWAYS AS (json_extract(data, '$.amount')) STORED,
        PRIMARY KEY (stream, version)) WITHOUT ROWID;
      CREATE TABLE IF NOT EXISTS balances (stream TEXT PRIMARY KEY, balance INTEGER NOT NULL CHECK (balance >= 0), version INTEGER NOT NULL);
      CREATE TRIGGER IF NOT EXISTS project AFTER INSERT ON events BEGIN
        INSERT INTO balances VALUES (new.stream, coalesce(new.amount, 0), new.version)
        ON CONFLICT (stream) DO UPDATE SET balance = balance + coalesce(new.amount, 0), version = new.version;
      END;
      CREATE VIEW IF NOT EXISTS history AS
        SELECT stream, version, kind, amount, sum(amount) OVER (PARTITION BY stream ORDER BY version) AS running,
               lag(kind, 1, 'start') OVER w AS before, row_number() OVER w AS n
        FROM events WINDOW w AS (PARTITION BY stream ORDER BY version);
    \`);
  }
  version(stream) { return this.sql.exec('SELECT coalesce(max(version), 0) FROM events WHERE stream = ?', stream).raw().next().value[0] }
  append(stream, expected, ...events) {
    return this.ctx.storage.transactionSync(() => {
      const actual = this.version(stream);
      if (expected !== undefined && expected !== actual) throw new Conflict(expected, actual);
      const rows = events.map(([kind, data], i) => this.sql.exec('INSERT INTO events (stream, version, kind, data) VALUES (?, ?, ?, ?) RETURNING version, amount', stream, actual + 1 + i, kind, JSON.stringify(data)).one());
      this.ctx.storage.kv.put('appended', (this.ctx.storage.kv.get('appended') ?? 0) + rows.length);
      return rows;
    });
  }
  transfer(from, to, amount) {
    return this.ctx.storage.transactionSync(() => {
      this.append(to, undefined, ['received', { amount, from }]);
      try { this.append('audit', undefined, ['attempt', { from, to }], ['', {}]) } catch (error) { this.note = error.message }
      this.append(from, undefined, ['sent', { amount: -amount, to }]);
      return [this.balance(from), this.balance(to)];
    });
  }
  balance(stream) { const found = [...this.sql.exec('SELECT balance FROM balances WHERE stream = ?', stream)]; return found.length ? found[0].balance : null }
  history(stream) { const cursor = this.sql.exec('SELECT * FROM history WHERE stream = ? ORDER BY n DESC', stream); return [cursor.columnNames, cursor.raw().toArray()] }
  all() { return this.sql.exec('SELECT stream, count(*) AS n, json_group_array(kind) AS kinds FROM events GROUP BY stream ORDER BY stream').toArray() }
  state() { return [this.all(), this.sql.exec('SELECT * FROM balances ORDER BY stream').toArray(), this.ctx.storage.kv.get('appended') ?? 0, this.note ?? null] }
  tree() { return this.sql.exec("WITH RECURSIVE days (day, n) AS (SELECT date('2024-02-27'), 1 UNION ALL SELECT date(day, '+1 day'), n + 1 FROM days WHERE n < 4) SELECT day, strftime('%w', day) AS weekday FROM days").toArray() }
  fold(stream) {
    let state = { total: 0, kinds: {} };
    const cursor = this.sql.exec('SELECT kind, data FROM events WHERE stream = ? ORDER BY version', stream);
    for (let row = cursor.next(); !row.done; row = cursor.next()) {
      const { amount = 0 } = JSON.parse(row.value.data);
      state = { total: state.total + amount, kinds: { ...state.kinds, [row.value.kind]: (state.kinds[row.value.kind] ?? 0) + 1 } };
    }
    return [state, cursor.rowsRead, cursor.rowsWritten, cursor.toArray().length];
  }
  import(rows) {
    const { rowsWritten } = this.sql.exec("INSERT INTO events (stream, version, kind, data) SELECT value->>'s', value->>'v', value->>'k', value->'d' FROM json_each(?) WHERE true ON CONFLICT DO NOTHING", JSON.stringify(rows));
    return [rowsWritten, this.version('imported')];
  }
  async nested() {
    const { storage } = this.ctx;
    const seen = [];
    await storage.transaction(async (txn) => {
      this.append('outer', 0, ['a', { amount: 1 }]);
      await storage.transaction(async (inner) => { this.append('outer', 1, ['b', { amount: 2 }]); inner.rollback() });
      seen.push(this.version('outer'));
      try { storage.transactionSync(() => { this.append('outer', 1, ['c', { amount: 4 }]); throw new Error('c') }) } catch (error) { seen.push(error.message) }
      seen.push(this.version('outer'), this.balance('outer'));
      this.append('outer', 1, ['d', { amount: 8 }]);
    });
    return [...seen, this.version('outer'), this.balance('outer')];
  }
  async promise() { try { return this.ctx.storage.transactionSync(async () => { this.append('async', 0, ['a', { amount: 1 }]); return 'value' }) } catch (error) { return inspect(error) } }
  explain() { return this.sql.exec('EXPLAIN QUERY PLAN SELECT * FROM events WHERE stream = ?', 'x').toArray().map(({ detail }) => detail) }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('store');
  await say('append', () => o.append('ann', 0, ['opened', {}], ['paid', { amount: 100 }], ['paid', { amount: 50.5 }]));
  await say('conflict', () => o.append('ann', 1, ['late', { amount: 1 }]));
  await say('overdrawn', () => o.append('ann', 3, ['sent', { amount: -10 }], ['sent', { amount: -1000 }]));
  await say('not JSON', () => o.append('ann', 3, ['undefined', undefined]));
  await say('state', () => o.state());
  await say('transfer', () => o.transfer('ann', 'bob', 30));
  await say('transfer of too much', () => o.transfer('ann', 'bob', 3000));
  await say('from nobody', () => o.transfer('nobody', 'bob', 1));
  await say('state', () => o.state());
  await say('history', () => o.history('ann'));
  await say('fold', () => o.fold('ann'));
  await say('import', () => o.import([{ s: 'imported', v: 1, k: 'x', d: { amount: 5 } }, { s: 'imported', v: 2, k: 'y', d: [1] }, { s: 'ann', v: 1, k: 'again', d: {} }]));
  await say('import of what is wrong', () => o.import([{ s: 'imported', v: 3, k: 'x', d: {} }, { s: 'imported', v: 4, k: null, d: {} }]));
  await say('nested', () => o.nested());
  await say('a promise', () => o.promise());
  await say('tree', () => o.tree());
  await say('explain', () => o.explain());
  await say('state', () => o.state());
});
`,
});
