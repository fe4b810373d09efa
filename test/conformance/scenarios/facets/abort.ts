import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'facets.abort() ends the instance for all who hold a stub that used it, with a copy of the reason; what it stored stays.',
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

  throws() { throw new RangeError('of the facet') }
  abort(why) { this.ctx.abort(why) }
  fetch() { return new Response('hi') }
  async slow() { await sleep(30); await this.ctx.storage.put('slow', 1); return 'stored' }
}
class Mine extends Error { name = 'Mine'; extra = 1 }
export class Obj extends DurableObject {
  kid(name) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  async reasons() { const all = []; for (const reason of [new RangeError('why'), Object.assign(new Error('more'), { extra: { a: 1 } }), new Mine('of mine'), 'text', 5, undefined, null, { a: 1 }]) { const call = show(() => this.kid('r').hang()); await sleep(10); this.ctx.facets.abort('r', reason); all.push(await call) } return all }
  async stubs() { const used = this.kid('s'); const unused = this.kid('s'); await used.hi(); await used.hi(); this.ctx.facets.abort('s', new Error('over')); return [await show(() => used.hi()), await show(() => used.hi()), await show(() => unused.hi()), await show(() => this.kid('s').hi())] }
  async neverUsed() { const unused = this.kid('n'); this.ctx.facets.abort('n', new Error('over')); return show(() => unused.hi()) }
  async identity() { const reason = new RangeError('mine'); const used = this.kid('i'); await used.hi(); this.ctx.facets.abort('i', reason); try { await used.hi() } catch (error) { return [error === reason, error.stack === reason.stack, error.message] } }
  async kept() { const kid = this.kid('k'); await kid.put('a', 1); this.ctx.facets.abort('k', new Error('over')); return [await show(() => kid.get('a')), await this.kid('k').get('a'), await this.kid('k').hi()] }
  async cut() { const call = show(() => this.kid('c').slow()); await sleep(10); this.ctx.facets.abort('c', new Error('cut')); const told = await call; await sleep(60); return [told, await this.kid('c').get('slow')] }
  async starting() { const stub = this.ctx.facets.get('t', async () => { await sleep(30); return { class: this.ctx.exports.Kid } }); const call = show(() => stub.hi()); await sleep(10); this.ctx.facets.abort('t', new Error('early')); return [await call, await show(() => this.kid('t').hi())] }
  async sameTurn() { const all = []; for (const used of [false, true]) { const kid = this.kid('same ' + used); if (used) await kid.hi(); const call = show(() => kid.hang()); this.ctx.facets.abort('same ' + used, new Error('at once')); all.push((await call).replace(/reference = \\w+/, 'reference = <id>')) } return all }
  relay(method, ...args) { return this.kid('relay')[method](...args) }
  async dead(method) { const kid = this.kid('dead'); await kid.hi(); this.ctx.facets.abort('dead', new Error('over')); return kid[method]('http://x/') }
  async ended(method, ...args) { const kid = this.kid('ended'); await kid.hi(); await kid.abort('by itself').catch(() => {}); return kid.hi() }
  async during(how) { await this.kid('other').hi(); const kid = this.kid('during'); await kid.hi(); const call = kid.hang(); await sleep(5); if (how === 'abort') this.ctx.facets.abort('during', new RangeError('cut')); if (how === 'delete') this.ctx.facets.delete('during'); if (how === 'clone') this.ctx.facets.clone('other', 'during'); return call }
  async several() { const calls = [1, 2, 3].map(() => show(() => this.kid('m').hang())); await sleep(10); this.ctx.facets.abort('m', new Error('all of them')); return Promise.all(calls) }
}

export default worker(async ({ say, env }) => {
  for (const [what, ...args] of [['relay', 'throws'], ['relay', 'abort', 'why'], ['relay', 'abort'], ['dead', 'hi'], ['dead', 'fetch'], ['ended'], ['during', 'abort'], ['during', 'delete'], ['during', 'clone']]) await say([what, ...args].join(' '), () => env.OBJ.getByName('a host')[what](...args));
  for (const method of ['reasons', 'stubs', 'neverUsed', 'identity', 'kept', 'cut', 'starting', 'sameTurn', 'several']) await say(method, () => env.OBJ.getByName('parent')[method]());
});
`,
});
