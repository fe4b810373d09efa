import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A callback runs in the object that made it, through its input gate; what it throws travels back.',
  rows: ['4.callbacks', '6.input-lock-scope'],
  config: objects({ OBJ: 'Obj', CALLER: 'Caller' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker, tag, sleep, inspect } from './prelude.js';

export class Obj extends DurableObject {
  async call(f, ...args) { return f(...args) }
  keep(f) { this.f = f.dup() }
  kept(...args) { return this.f(...args) }
  async twice(f) { return Promise.all([f(1), f(2)]) }
  async caught(f) { try { return await f() } catch (e) { return inspect(e) + (e.stack.includes('secretFunction') ? ' with' : ' without') + ' the stack' } }
}
export class Caller extends DurableObject {
  log = [];
  get other() { return this.env.OBJ.getByName('other') }
  async store() { return this.other.call(async (x) => { await this.ctx.storage.put('x', x); return this.ctx.storage.get('x') }, 7) }
  async counts() { return this.other.twice(async (x) => { const n = (await this.ctx.storage.get('n')) ?? 0; await this.ctx.storage.put('n', n + 1); return n }) }
  give() { return this.other.keep((what) => { this.log.push('callback ' + what); return this.log.length }) }
  async block(ms) { await this.ctx.blockConcurrencyWhile(async () => { this.log.push('section begins'); await sleep(ms); this.log.push('section ends') }) }
  async inside() { return this.ctx.blockConcurrencyWhile(async () => { const r = await this.other.call((x) => { this.log.push('inside ' + x); return 'ran' }, 1); return [r, this.log.splice(0)] }) }
  take() { return this.log.splice(0) }
  error() { return this.other.caught(function secretFunction() { throw Object.assign(new RangeError('mine', { cause: 'c' }), { code: 7 }) }) }
  errorThrough() { return this.other.call(() => { throw Object.assign(new TypeError('through'), { extra: 1 }) }) }
  async writes() { return this.other.call(() => { this.ctx.storage.sql.exec('create table if not exists t (x)'); this.ctx.storage.sql.exec('insert into t values (1)'); return this.ctx.storage.sql.exec('select count(*) as n from t').one().n }) }
}

export default worker(async ({ say, env }) => {
  const c = env.CALLER.getByName('c');
  const o = env.OBJ.getByName('other');
  await say('its storage', () => c.store());
  await say('two at once do not lose an update', () => c.counts());
  await say('writes in SQL', () => c.writes());
  await c.give();
  await say('kept and called by somebody else', () => o.kept('first'));
  await say('and by the object itself', () => o.kept('second'));
  await say('log', () => c.take());
  const section = c.block(10);
  await sleep(2);
  const called = o.kept('during');
  await say('during a section', async () => { await section; await called; return c.take() });
  await say('made inside of a section', () => c.inside());
  await say('what it throws', () => c.error());
  await say('through two objects', () => c.errorThrough());
});
`,
});
