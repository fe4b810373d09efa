import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: "Each facet has a database of its own, which outlives its instance and its parent, and is gone with its parent's deleteAll().",
  rows: ['5.members'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker, show, showNow, sleep, tag } from './prelude.js';

export class Kid extends DurableObject {
  count = 0;
  hi() { return ++this.count }
  put(key, value) { return this.ctx.storage.put(key, value) }
  get(key) { return this.ctx.storage.get(key) }
  hang() { return new Promise(() => {}) }

  sql() { const { sql } = this.ctx.storage; sql.exec('CREATE TABLE IF NOT EXISTS t (a)'); sql.exec('INSERT INTO t VALUES (1)'); return sql.exec('SELECT count(*) AS n FROM t').one().n }
  size() { return this.ctx.storage.sql.databaseSize }
  transaction() { return this.ctx.storage.transaction(async (txn) => { await txn.put('t', 1); await sleep(2); return 'done' }) }
  async rolledBack() { await this.ctx.storage.transaction(async (txn) => { await txn.put('r', 1); txn.rollback() }); return this.ctx.storage.get('r') }
  async many(count) { const all = {}; for (let i = 0; i < count; i++) all['k' + i] = 'x'.repeat(1000); await this.ctx.storage.put(all); return (await this.ctx.storage.list()).size }
}
export class Obj extends DurableObject {
  kid(name) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  async apart() { await this.ctx.storage.put('k', 'parent'); await this.kid('a').put('k', 'a'); await this.kid('b').put('k', 'b'); return [await this.ctx.storage.get('k'), await this.kid('a').get('k'), await this.kid('b').get('k'), await this.kid('c').get('k')] }
  async tables() { return [await this.kid('a').sql(), await this.kid('a').sql(), await this.kid('b').sql(), showNow(() => this.ctx.storage.sql.exec('SELECT * FROM t'))] }
  async sizes() { return [await this.kid('new').size(), await this.kid('a').size() > 4096] }
  async transactions() { return [await this.kid('a').transaction(), await this.kid('a').get('t'), await this.kid('a').rolledBack()] }
  async large() { return [await this.kid('large').many(100), await this.kid('large').size() > 100000] }
  look() { return Promise.all([this.ctx.storage.get('k'), this.kid('a').get('k'), this.kid('a').sql(), this.kid('b').get('k'), this.kid('large').size().then((size) => size > 100000)]) }
  async uncaught() { await this.kid('a').put('before', 1); this.ctx.abort('the parent is over') }
  async both() { const kid = this.kid('a'); await this.ctx.storage.transaction(async () => { await kid.put('inside', 1) }); return kid.get('inside') }
  before() { return this.kid('a').get('before') }
  async everything() { await this.kid('a').put('k', 'again'); await this.ctx.storage.deleteAll(); return [await this.ctx.storage.get('k'), await this.kid('never started').get('k')] }
}
export default worker(async ({ say, env, url }) => {
  const at = () => env.OBJ.getByName('parent');
  if (url.pathname === '/first') for (const method of ['apart', 'tables', 'sizes', 'transactions', 'large', 'both', 'look', 'uncaught', 'before', 'look']) await say(method, () => at()[method]());
  if (url.pathname === '/later') for (const method of ['look', 'everything']) await say(method, () => at()[method]());
});
`,
  async steps(client) {
    await client.fetch('/first');
    await client.wait(13_000);
    await client.fetch('/later');
  },
});
