import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A facet that fails is reset by itself, and its parent goes on; a parent that fails takes its facets along.',
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

  abort(why) { this.ctx.abort(why); return 'returned' }
  throws() { throw new RangeError('of the facet') }
  section() { return this.ctx.blockConcurrencyWhile(async () => { throw new Error('in a section') }) }
  refused() { const { sql } = this.ctx.storage; sql.exec('PRAGMA defer_foreign_keys = on'); sql.exec('CREATE TABLE IF NOT EXISTS p (a PRIMARY KEY)'); sql.exec('CREATE TABLE IF NOT EXISTS q (a REFERENCES p (a))'); sql.exec('INSERT INTO q VALUES (7)') }
  async writesAndAborts() { await this.ctx.storage.put('before', 1); await sleep(5); this.ctx.storage.put('same turn', 1); this.ctx.abort('after a write') }
  inTransaction() { return this.ctx.storage.transaction(async (txn) => { await txn.put('inside', 1); this.ctx.abort('in a transaction') }) }
  timer() { setTimeout(() => this.ctx.abort('in a timer'), 5); return 'returned' }
  calls(f) { return f() }
}
export class Obj extends DurableObject {
  count = 0;
  kid(name) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  alive() { return ++this.count }
  async each(method, ...args) { const kid = this.kid(method); await kid.hi(); return [await show(() => kid[method](...args)), await show(() => kid.hi()), await show(() => this.kid(method).hi())] }
  async writes() { return [await show(() => this.kid('w').writesAndAborts()), await this.kid('w').get('before'), await this.kid('w').get('same turn'), await show(() => this.kid('w').inTransaction()), await this.kid('w').get('inside')] }
  async timer() { const kid = this.kid('t'); await kid.hi(); const told = await kid.timer(); await sleep(30); return [told, await show(() => kid.hi()), await show(() => this.kid('t').hi())] }
  async callback() { return show(() => this.kid('c').calls(() => { throw new TypeError('of the parent') })) }
  die() { this.ctx.abort('the parent is over') }
  async hang() { await this.kid('h').hi(); return this.kid('h').hang() }
  async dieLater() { this.ctx.waitUntil(sleep(20).then(() => this.ctx.abort('the parent is over'))); await this.kid('h').hi(); return this.kid('h').hang() }
  hi() { return this.kid('h').hi() }
}
export default worker(async ({ say, env }) => {
  const at = () => env.OBJ.getByName('parent');
  for (const [method, ...args] of [['abort', 'why'], ['abort'], ['throws'], ['section'], ['refused']]) await say([method, ...args].join(' '), () => at().each(method, ...args));
  for (const method of ['writes', 'timer', 'callback', 'alive', 'hi', 'hi', 'dieLater', 'alive', 'hi', 'die', 'hi']) await say(method, () => at()[method]());
});
`,
});
