import { objects, scenario } from '../../scenario.ts';
export const subject = scenario({
  name: 'Tenants are facets of one object: made on demand, billed, suspended, cloned for a trial, deleted, and their failures stay their own; handles of handles cross all of it.',
  rows: ['1.rpc-target', '4.pipelining', '4.using', '4.error-propagation'],
  config: objects({ HOSTS: 'Host', AUDITS: 'Audit' }),
  program: `
import { DurableObject, RpcTarget, WorkerEntrypoint } from 'cloudflare:workers';
import { inspect, show, sleep, worker } from './prelude.js';
class QuotaError extends Error { constructor(n, options) { super('over quota by ' + n, options); this.name = 'QuotaError'; this.by = n; this.code = 'E_QUOTA' } get hidden() { return 1 } }
export class Audit extends DurableObject { log = []; note(t) { this.log.push(t); return this.log.length } all() { return this.log } async slow(ms) { await sleep(ms); return 'slow' } }
class Row extends RpcTarget { #t; constructor(t, id) { super(); this.#t = t; this.id = id } get title() { return this.#t.get(this.id) } async rename(to) { return this.#t.set(this.id, to) } history = { of: () => 'own property' }; async *nothing() {} [Symbol.dispose]() { this.#t.disposed.push(this.id) } }
class Table extends RpcTarget { constructor(sql, name, disposed) { super(); this.sql = sql; this.called = name; this.disposed = disposed } get name() { return this.called } row(id) { return new Row(this, id) } get(id) { return [...this.sql.exec('SELECT title FROM t WHERE id = ?', id)][0]?.title ?? null } set(id, title) { this.sql.exec('INSERT OR REPLACE INTO t VALUES (?, ?)', id, title); return this.row(id) } async each(f) { let n = 0; for (const { id, title } of this.sql.exec('SELECT * FROM t ORDER BY id').toArray()) { if (await f(id, title) === false) break; n++ } return n } lines() { const rows = this.sql.exec('SELECT title FROM t ORDER BY id').toArray(); return new ReadableStream({ pull(c) { const r = rows.shift(); if (r) c.enqueue(new TextEncoder().encode(r.title + ';')); else c.close() } }) } with(f) { return f(this) } nested() { return { table: this, deep: { row: this.row(1), fn: (x) => x * 2 }, list: [this.row(2)] } } }
export class Tenant extends DurableObject {
  made = Date.now() > 0; disposed = []; count = 0;
  constructor(ctx, env) { super(ctx, env); ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, title TEXT)'); }
  table() { return new Table(this.ctx.storage.sql, this.ctx.id.name ?? 'unnamed', this.disposed) }
  inc() { return ++this.count }
  async use(n) { const used = ((await this.ctx.storage.get('used')) ?? 0) + n; if (used > 10) throw new QuotaError(used - 10, { cause: new RangeError('used ' + used) }); await this.ctx.storage.put('used', used); return used }
  gone() { return this.disposed.splice(0) }
  die() { this.ctx.abort('tenant died') }
  async audit(stub) { return stub.note('from ' + (this.ctx.id.name ?? 'facet')) }
  fetch(request) { return new Response('tenant ' + new URL(request.url).pathname + ' ' + this.count) }
  async break() { await this.ctx.blockConcurrencyWhile(async () => { throw new TypeError('broken section') }) }
  env_() { return Object.keys(this.env).sort() }
  big() { return 'x'.repeat(1000).length }
}
export class Bill extends WorkerEntrypoint { async charge(n) { return 'charged ' + n + ' ' + (this.ctx.props?.plan ?? 'none') } }
export class Host extends DurableObject {
  starts = [];
  tenant(name, id) { return this.ctx.facets.get(name, async () => { this.starts.push(name); await this.ctx.storage.get('x'); return { class: this.ctx.exports.Tenant, ...(id ? { id } : {}) } }) }
  async call(name, method, ...args) { return this.tenant(name)[method](...args) }
  handle(name) { return this.tenant(name).table() }
  seen() { return this.starts.splice(0) }
  suspend(name, why) { this.ctx.facets.abort(name, new Error(why)) }
  remove(name) { this.ctx.facets.delete(name) }
  clone(from, to) { return this.ctx.facets.clone(from, to) }
  async race(name) { const t = this.tenant(name); const p = t.use(1).catch((e) => inspect(e)); const q = this.env.AUDITS.getByName('a').slow(10); this.ctx.facets.abort(name, new Error('while it ran')); await p; return [await q, await show(() => t.inc()), await show(() => this.tenant(name).inc())] }
  async tx(name) { try { await this.ctx.storage.transaction(async (t) => { await t.put('mine', 1); await this.tenant(name).use(2); throw new Error('roll back') }) } catch (e) { return [e.message, await this.ctx.storage.get('mine'), await show(() => this.tenant(name).use(0))] } }
  fetch(request) { const [, name, ...rest] = new URL(request.url).pathname.split('/'); return this.tenant(name).fetch('http://t/' + rest.join('/')) }
  async bill() { const { Bill } = this.ctx.exports; return [await Bill.charge(1), await Bill({ props: { plan: 'gold' } }).charge(2)] }
  async wipe() { await this.ctx.storage.deleteAll(); return [...await this.ctx.storage.list()].length }
}
export default worker(async ({ say, env, ctx }) => {
  const host = env.HOSTS.getByName('h');
  await say('use', () => host.call('a', 'use', 4));
  await say('other', () => host.call('b', 'use', 1));
  await say('over', () => host.call('a', 'use', 9));
  await say('starts', () => host.seen());
  await say('set', async () => { const t = host.handle('a'); using r = await t.set(1, 'one').rename('uno'); return [await r.title, await r.id.catch((e) => e.message)] });
  await say('pipelined', () => host.handle('a').row(1).title);
  await say('pipelined further', () => host.handle('a').set(2, 'two').rename('dos').title);
  await say('own property', () => host.handle('a').row(1).history.of());
  await say('each', async () => { const got = []; using t = await host.handle('a'); const n = await t.each((id, title) => { got.push([id, title]) }); return [n, got] });
  await say('each stopped', async () => { using t = await host.handle('a'); return t.each(async (id) => id < 1) });
  await say('each failing', async () => { using t = await host.handle('a'); return t.each(() => { throw new QuotaError(3, { cause: 'mine' }) }) });
  await say('lines', async () => new Response(await host.handle('a').lines()).text());
  await say('with', () => host.handle('a').with((t) => t.row(2).title));
  await say('nested', async () => { using n = await host.handle('a').nested(); return [await n.table.name, await n.deep.row.title, await n.deep.fn(21), await n.list[0].title] });
  await say('nested pipelined', () => host.handle('a').nested().deep.fn(4));
  await say('name', () => host.handle('a').name);
  await sleep(20);
  await say('disposed', async () => (await host.call('a', 'gone')).sort());
  await say('audit', () => host.call('a', 'audit', env.AUDITS.getByName('a')));
  await say('audits', () => env.AUDITS.getByName('a').all());
  await say('fetch', async () => (await host.fetch('http://h/a/some/path')).text());
  await say('clone', () => host.clone('a', 'trial'));
  await say('trial', async () => [await host.call('trial', 'use', 0), await host.handle('trial').row(2).title, await host.call('trial', 'inc')]);
  await say('suspended', () => host.suspend('a', 'unpaid'));
  await say('again', () => host.call('a', 'use', 0));
  await say('starts', () => host.seen());
  await say('dies', () => host.call('b', 'die'));
  await say('lives', () => host.call('b', 'use', 0));
  await say('section', () => host.call('b', 'break'));
  await say('after it', () => host.call('b', 'use', 1));
  await say('race', () => host.race('b'));
  await say('tx', () => host.tx('b'));
  await say('remove', () => host.remove('trial'));
  await say('removed', () => host.call('trial', 'use', 0));
  await say('bill', () => host.bill());
  await say('env', () => host.call('a', 'env_'));
  await say('no method', () => host.call('a', 'nope'));
  await say('wipe', () => host.wipe());
  await say('wiped', async () => [await host.call('a', 'use', 0), await host.handle('a').row(1).title]);
});
`,
});
