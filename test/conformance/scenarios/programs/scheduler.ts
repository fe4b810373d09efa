import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A scheduler runs many jobs of SQL by one alarm: it sets the next one in its handler, moves it, deletes it, and survives a handler that throws.',
  rows: ['11.set-alarm', '11.get-alarm', '11.set-inside-handler', '11.delete-alarm', '11.retry', '11.info'],
  program: `
import { DurableObject } from 'cloudflare:workers';

export class Obj extends DurableObject {
  ran = [];
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec(
      "CREATE TABLE IF NOT EXISTS jobs (name TEXT PRIMARY KEY, due INTEGER NOT NULL, every INTEGER, args TEXT NOT NULL DEFAULT '[]', runs INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;" +
      'CREATE TABLE IF NOT EXISTS history (n INTEGER PRIMARY KEY, name TEXT, retry INTEGER, outcome TEXT)');
  }
  async plan(name, inMs, { every = null, args = [] } = {}) {
    const { sql } = this.ctx.storage;
    sql.exec('INSERT INTO jobs (name, due, every, args) VALUES (?, ?, ?, ?) ON CONFLICT (name) DO UPDATE SET due = excluded.due, every = excluded.every, args = excluded.args', name, Date.now() + inMs, every, JSON.stringify(args));
    await this.rearm();
  }
  async cancel(name) {
    const cursor = this.ctx.storage.sql.exec('DELETE FROM jobs WHERE name = ? RETURNING runs', name);
    const found = cursor.next();
    const rest = cursor.next().done;
    await this.rearm();
    return [found.done ?? false, found.value ?? null, rest];
  }
  async rearm() {
    const { sql } = this.ctx.storage;
    const { due } = sql.exec('SELECT min(due) AS due FROM jobs').one();
    if (due === null) await this.ctx.storage.deleteAlarm();
    else if ((await this.ctx.storage.getAlarm()) !== due) await this.ctx.storage.setAlarm(due);
  }
  async alarm({ isRetry, retryCount }) {
    const { sql } = this.ctx.storage;
    const inside = await this.ctx.storage.getAlarm();
    if (inside !== null) this.ran.push('an alarm is set inside');
    for (const { name, every, args } of sql.exec('SELECT name, every, args FROM jobs WHERE due <= ? ORDER BY due, name', Date.now()).toArray()) {
      let outcome;
      try {
        outcome = await this['job_' + name.split(':')[0]](...JSON.parse(args));
      } catch (error) {
        outcome = String(error);
        if (error.message === 'fatal' && !isRetry) {
          sql.exec('INSERT INTO history (name, retry, outcome) VALUES (?, ?, ?)', name, retryCount, 'failed');
          throw error;
        }
      }
      sql.exec('INSERT INTO history (name, retry, outcome) VALUES (?, ?, ?)', name, retryCount, outcome ?? null);
      if (every === null) sql.exec('DELETE FROM jobs WHERE name = ?', name);
      else if (sql.exec('SELECT runs FROM jobs WHERE name = ?', name).one().runs >= 2) sql.exec('DELETE FROM jobs WHERE name = ?', name);
      else sql.exec('UPDATE jobs SET due = due + ?, runs = runs + 1 WHERE name = ?', every, name);
    }
    await this.rearm();
  }
  job_log(text) { this.ran.push(text); return text }
  async job_slow(ms) { const before = Date.now(); await scheduler.wait(ms); return Date.now() - before >= ms - 1 ? 'waited' : 'too soon' }
  job_fatal() { throw new Error('fatal') }
  job_chain(name) { return this.plan(name, 20, { args: ['planned by a job'] }) }
  async job_stop() { await this.ctx.storage.deleteAlarm(); this.ctx.storage.sql.exec('DELETE FROM jobs'); return 'stopped' }
  async history() {
    const { sql } = this.ctx.storage;
    const next = await this.ctx.storage.getAlarm();
    return {
      history: sql.exec('SELECT name, retry, outcome FROM history ORDER BY n').raw().toArray(),
      left: sql.exec("SELECT name, coalesce(every, 'once') AS every FROM jobs ORDER BY due, name").toArray(),
      alarm: next === null ? 'none' : next === sql.exec('SELECT min(due) AS d FROM jobs').one().d ? 'the first job' : 'another time',
      ran: this.ran,
    };
  }
}

export default {
  async fetch(request, env) {
    const url = new URL(request.url);
    const [, name, verb] = url.pathname.split('/');
    const scheduler = env.OBJ.getByName(name);
    if (verb === 'history') return Response.json(await scheduler.history());
    if (verb === 'cancel') return Response.json(await scheduler.cancel(url.searchParams.get('name')));
    const jobs = await request.json();
    await Promise.all(jobs.map(([job, inMs, options]) => scheduler.plan(job, inMs, options)));
    return new Response('planned ' + jobs.length, { status: 201 });
  },
};
`,
  async steps(client) {
    const plan = (name: string, jobs: unknown[]) =>
      client.fetch(`/${name}/plan`, { method: 'POST', body: JSON.stringify(jobs) });
    await plan('a', [
      ['log:1', 1000, { args: ['one'] }],
      ['log:2', 600, { args: ['two'] }],
      ['slow', 800, { args: [20] }],
      ['log:every', 1200, { every: 200, args: ['again'] }],
      ['log:far', 1e7, { args: ['never'] }],
      ['unknown', 400],
      ['chain', 1900, { args: ['log:chained'] }],
    ]);
    await client.wait(3000);
    await client.fetch('/a/history');
    await client.fetch('/a/cancel?name=log:far');
    await client.fetch('/a/cancel?name=log:far');
    await client.fetch('/a/history');
    await plan('b', [
      ['fatal', 200],
      ['log:after', 600, { args: ['after'] }],
    ]);
    await client.wait(1200);
    await client.fetch('/b/history');
    await client.wait(2600);
    await client.fetch('/b/history');
    await plan('c', [
      ['log:soon', 5000, { args: ['soon'] }],
      ['stop', 1500],
      ['log:never', 9000, { args: ['never'] }],
    ]);
    await plan('c', [['log:soon', 1]]);
    await client.wait(2500);
    await client.fetch('/c/history');
  },
});
