import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An object brings its schema up to date in its constructor, recovers when that fails half-way, and asks another object meanwhile.',
  rows: [
    '5.block-concurrency-while',
    '6.constructor',
    '6.requests-during-constructor',
    '6.section-failure',
    '6.inside-a-section',
    '9.transaction-sync',
  ],
  config: objects({ NOTES: 'Notes', CONFIG: 'Config', LAZY: 'Lazy' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { inspect } from './prelude.js';

const MIGRATIONS = [
  { name: 'tables', up: (sql) => { sql.exec('CREATE TABLE notes (id INTEGER PRIMARY KEY, text TEXT NOT NULL)'); sql.exec('CREATE TABLE tags (note INTEGER REFERENCES notes (id) ON DELETE CASCADE, tag TEXT, UNIQUE (note, tag))') } },
  { name: 'seed', up: (sql) => { for (const text of ['one', 'two #b', 'three #a #b']) sql.exec('INSERT INTO notes (text) VALUES (?)', text) } },
  { name: 'lengths', up: (sql) => { sql.exec('ALTER TABLE notes ADD COLUMN length INTEGER GENERATED ALWAYS AS (length(text)) VIRTUAL'); sql.exec('CREATE INDEX by_length ON notes (length)') } },
  { name: 'tags', up: (sql, { breaks }) => {
    for (const { id, text } of sql.exec('SELECT id, text FROM notes').toArray()) for (const [, tag] of text.matchAll(/#(\\w+)/g)) sql.exec('INSERT INTO tags VALUES (?, ?)', id, tag);
    if (breaks) sql.exec('INSERT INTO tags VALUES (?, ?)', 99, 'no such note');
  } },
];

export class Notes extends DurableObject {
  steps = [];
  constructor(ctx, env) {
    super(ctx, env);
    this.starts = (ctx.storage.kv.get('starts') ?? 0) + 1;
    ctx.storage.kv.put('starts', this.starts);
    this.ready = ctx.blockConcurrencyWhile(async () => {
      const settings = await env.CONFIG.getByName('c').settings(this.starts);
      await scheduler.wait(5);
      this.migrate(settings);
      return 'migrated';
    });
  }
  migrate(settings) {
    const { sql } = this.ctx.storage;
    sql.exec('CREATE TABLE IF NOT EXISTS _migrations (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)');
    const { done } = sql.exec('SELECT coalesce(max(id), 0) AS done FROM _migrations').one();
    for (let i = done; i < MIGRATIONS.length; i++) {
      this.ctx.storage.transactionSync(() => {
        MIGRATIONS[i].up(sql, settings);
        sql.exec('INSERT INTO _migrations (id, name) VALUES (?, ?)', i + 1, MIGRATIONS[i].name);
      });
      this.steps.push(MIGRATIONS[i].name);
    }
  }
  async look() {
    const { sql } = this.ctx.storage;
    return {
      ready: await this.ready, starts: this.starts, steps: this.steps,
      migrations: sql.exec('SELECT name FROM _migrations ORDER BY id').raw().toArray().flat(),
      notes: sql.exec("SELECT n.id, n.length, group_concat(t.tag, '+') AS tags FROM notes n LEFT JOIN tags t ON t.note = n.id GROUP BY n.id ORDER BY n.id").toArray(),
    };
  }
  remove(id) { const { sql } = this.ctx.storage; sql.exec('DELETE FROM notes WHERE id = ?', id); return sql.exec('SELECT count(*) AS n FROM tags').one().n }
  restart() { this.ctx.abort('restart') }
}

export class Config extends DurableObject {
  calls = 0;
  settings(starts) { this.calls += 1; if (starts === 2) throw new Error('no settings today'); return { breaks: starts === 1 } }
}

export class Lazy extends DurableObject {
  inits = 0; log = [];
  /** The usual promise that is kept; a failure is not. */
  init(fails) {
    this.once ??= this.ctx.blockConcurrencyWhile(async () => {
      this.inits += 1;
      this.log.push('init begins');
      await scheduler.wait(5);
      if (fails === 'caught') { try { await this.ctx.storage.get('x'.repeat(3000)) } catch (error) { this.log.push(error.name + ': ' + error.message) } }
      if (fails === 'throws') throw new Error('init failed');
      this.value = (await this.ctx.storage.get('value')) ?? 'fresh';
      await this.ctx.blockConcurrencyWhile(async () => { await scheduler.wait(1); await this.ctx.storage.put('value', 'stored'); this.log.push('nested') });
      this.log.push('init ends');
    });
    return this.once;
  }
  async fetch(request) {
    const { searchParams } = new URL(request.url);
    const n = searchParams.get('n');
    this.log.push('request ' + n);
    await this.init(searchParams.get('fails'));
    this.log.push('served ' + n);
    return Response.json({ n, value: this.value, inits: this.inits, log: this.log });
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const lines = [];
    const say = async (what, f) => { try { lines.push(what + ': ' + inspect(await f())) } catch (error) { lines.push(what + ' THROWS ' + inspect(error)) } };
    if (url.pathname === '/notes') {
      const notes = () => env.NOTES.getByName('n');
      const first = notes();
      await say('the first start', () => first.look());
      await say('the same stub', () => first.look());
      await say('the second start', () => notes().look());
      await say('three at once', () => Promise.all([notes().look(), notes().look(), notes().look()].map((p) => p.then(({ steps, starts }) => [starts, steps]))));
      await say('all', () => notes().look());
      await say('cascades', () => notes().remove(3));
      await say('restart', () => notes().restart());
      await say('after it', () => notes().look());
    }
    if (url.pathname === '/lazy') {
      const lazy = (name) => env.LAZY.getByName(name);
      const get = (stub, n, fails = '') => stub.fetch('http://lazy/?n=' + n + '&fails=' + fails).then((r) => r.json());
      await say('three at once', async () => { const stub = lazy('a'); return Promise.all([1, 2, 3].map((n) => get(stub, n))) });
      await say('later', () => get(lazy('a'), 4));
      const stub = lazy('b');
      await say('a failing one', () => Promise.all([get(stub, 1, 'throws'), get(stub, 2).catch((error) => { lines.push('the other: ' + inspect(error)); throw error })]));
      await say('the same stub', () => get(stub, 3));
      await say('a new one', () => get(lazy('b'), 4));
      await say('caught inside', () => get(lazy('c'), 1, 'caught'));
    }
    return new Response(lines.join('\\n'));
  },
};
`,
  async steps(client) {
    await client.fetch('/notes');
    await client.fetch('/lazy');
  },
});
