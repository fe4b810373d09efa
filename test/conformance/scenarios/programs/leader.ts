import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Nodes elect a leader at a registry, keep it by heartbeats of their alarms, hand over when it falls silent, and a cron trigger gives it work.',
  rows: [
    '11.set-inside-handler',
    '11.delete-alarm',
    '11.persistence',
    '1.default-export',
    '5.wait-until',
    '1.import-wait-until',
    '5.abort',
    '3.serialising-a-stub',
    '9.one',
  ],
  config: { ...objects({ REGISTRY: 'Registry', NODE: 'Node' }), vars: { BEAT_MS: 40, LEASE_MS: 2000 } },
  program: `
import { DurableObject, env as imported, waitUntil } from 'cloudflare:workers';
import { inspect } from './prelude.js';

export class Registry extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS leader (one INTEGER PRIMARY KEY CHECK (one = 1), node TEXT NOT NULL, term INTEGER NOT NULL, until INTEGER NOT NULL); CREATE TABLE IF NOT EXISTS terms (term INTEGER PRIMARY KEY, node TEXT, why TEXT); CREATE TABLE IF NOT EXISTS work (id INTEGER PRIMARY KEY, cron TEXT, at INTEGER, term INTEGER, done TEXT)");
  }
  /** Compare and swap: the row changes when it has run out, or is its own. */
  claim(node, why) {
    const { sql } = this.ctx.storage;
    const now = Date.now();
    const until = now + this.env.LEASE_MS;
    return this.ctx.storage.transactionSync(() => {
      const rows = sql.exec('INSERT INTO leader VALUES (1, ?1, 1, ?2) ON CONFLICT (one) DO UPDATE SET term = term + (node <> ?1), node = ?1, until = ?2 WHERE until <= ?3 OR node = ?1 RETURNING node, term', node, until, now).toArray();
      if (rows.length === 0) return { leader: sql.exec('SELECT node FROM leader').one().node, mine: false };
      sql.exec('INSERT OR IGNORE INTO terms VALUES (?, ?, ?)', rows[0].term, node, why);
      return { leader: node, term: rows[0].term, mine: true };
    });
  }
  resign(node) { return this.ctx.storage.sql.exec('UPDATE leader SET until = 0 WHERE node = ? RETURNING term', node).raw().toArray().flat() }
  current() { const rows = this.ctx.storage.sql.exec('SELECT node, term, until > ? AS valid FROM leader', Date.now()).toArray(); return rows[0] ?? null }
  enqueue(cron, at) { return this.ctx.storage.sql.exec('INSERT INTO work (cron, at) VALUES (?, ?) RETURNING id', cron, at).one().id }
  take(term) {
    const now = this.current();
    if (now.term !== term) throw Object.assign(new Error('term ' + term + ' is over'), { term: now.term });
    return this.ctx.storage.sql.exec('UPDATE work SET term = ? WHERE term IS NULL RETURNING id, cron, at', term).toArray();
  }
  finish(id, done) { this.ctx.storage.sql.exec('UPDATE work SET done = ? WHERE id = ?', done, id) }
  report() { const { sql } = this.ctx.storage; return { terms: sql.exec('SELECT * FROM terms ORDER BY term').raw().toArray(), work: sql.exec('SELECT id, cron, term, done FROM work ORDER BY id').raw().toArray() } }
}

export class Node extends DurableObject {
  get registry() { return imported.REGISTRY.getByName('r') }
  async start() {
    const { storage, id } = this.ctx;
    storage.kv.put('beats', 0);
    const claim = await this.registry.claim(id.name, 'start');
    storage.kv.put('role', claim.mine ? 'leader' : 'follower');
    storage.kv.put('term', claim.term ?? 0);
    await storage.setAlarm(Date.now() + this.env.BEAT_MS);
    return claim;
  }
  async alarm({ isRetry }) {
    const { storage, id } = this.ctx;
    await storage.setAlarm(Date.now() + this.env.BEAT_MS);
    const claim = await this.registry.claim(id.name, isRetry ? 'retry' : 'beat');
    storage.kv.put('beats', storage.kv.get('beats') + 1);
    storage.kv.put('role', claim.mine ? 'leader' : 'follower');
    if (!claim.mine) return;
    storage.kv.put('term', claim.term);
    for (const { id: job, cron, at } of await this.registry.take(claim.term)) await this.registry.finish(job, id.name + ' ' + new Date(at).toISOString() + ' ' + cron.length);
  }
  async stop(how) {
    const { storage } = this.ctx;
    await storage.deleteAlarm();
    if (how === 'resign') return this.registry.resign(this.ctx.id.name);
    if (how === 'crash') { await storage.sync(); this.ctx.abort('crashed') }
    return 'silent';
  }
  stale() { return this.registry.take(this.ctx.storage.kv.get('term')) }
  async state() { const { kv } = this.ctx.storage; return [kv.get('role'), kv.get('beats') > 0, (await this.ctx.storage.getAlarm()) !== null] }
}

const log = [];
export default {
  async fetch(request, env, ctx) {
    const url = new URL(request.url);
    const [, name, verb, how] = url.pathname.split('/');
    if (name === 'registry') return Response.json({ ...(await env.REGISTRY.getByName('r')[verb]()), log: log.splice(0).sort() });
    const node = env.NODE.getByName(name);
    try { return Response.json((await node[verb](...(how ? [how] : []))) ?? null) } catch (error) { return new Response(inspect(error), { status: 500 }) }
  },
  async scheduled({ cron, scheduledTime }, env, ctx) {
    const registry = env.REGISTRY.getByName('r');
    if (cron === '@never') throw new Error('no such plan');
    ctx.waitUntil(registry.enqueue(cron, scheduledTime).then((id) => log.push('enqueued ' + id)));
    waitUntil(scheduler.wait(5).then(() => log.push('later ' + cron)));
  },
};
`,
  async steps(client) {
    for (const node of ['a', 'b', 'c']) await client.fetch(`/${node}/start`);
    await client.scheduled({ cron: '*/5 * * * *', atMs: 1_700_000_000_000 });
    await client.scheduled({ cron: '@never' });
    await client.wait(500);
    for (const path of ['/a/state', '/b/state', '/registry/report']) await client.fetch(path);
    await client.fetch('/c/stop');
    await client.fetch('/a/stop/resign');
    await client.wait(500);
    for (const path of ['/a/state', '/b/state', '/c/state', '/registry/current']) await client.fetch(path);
    await client.fetch('/a/stale');
    await client.fetch('/c/start');
    await client.fetch('/b/stop/crash');
    await client.scheduled({ cron: '0 0 * * *', atMs: 1_700_006_400_000 });
    await client.fetch('/registry/report');
    await client.wait(2500);
    for (const path of ['/c/state', '/b/state', '/registry/report', '/registry/current']) await client.fetch(path);
    await client.fetch('/c/stop');
  },
});
