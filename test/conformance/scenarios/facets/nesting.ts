import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Facets have facets, four deep with the object itself, and end with whom they are under.',
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

  kid(name) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  async down(depth) { return depth === 0 ? [await this.ctx.id.name] : this.kid('down').down(depth - 1) }
  deep(depth) { return depth === 0 ? [showNow(() => typeof this.kid('x')), showNow(() => this.ctx.facets.abort('x', 1))] : this.kid('down').deep(depth - 1) }
  putBelow(name, key, value) { return this.kid(name).put(key, value) }
  getBelow(name, key) { return this.kid(name).get(key) }
  hiBelow(name) { return this.kid(name).hi() }
  abortBelow(name) { this.ctx.facets.abort(name, new Error('by its parent')) }
  hangBelow(name) { return this.kid(name).hang() }
}
export class Obj extends DurableObject {
  kid(name) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  async depths() { return [await this.kid('down').down(0), await this.kid('down').down(1), await this.kid('down').down(2), await show(() => this.kid('down').down(3))] }
  async atTheEnd() { return this.kid('down').deep(2) }
  async names() { await this.kid('a').put('k', 'a'); await this.kid('a').putBelow('a', 'k', 'aa'); await this.kid('b').putBelow('a', 'k', 'ba'); return [await this.kid('a').get('k'), await this.kid('a').getBelow('a', 'k'), await this.kid('b').getBelow('a', 'k'), await this.kid('b').get('k')] }
  async endsWithIt() { const counts = [await this.kid('a').hiBelow('a'), await this.kid('a').hiBelow('a')]; this.ctx.facets.abort('a', new Error('over')); return [...counts, await this.kid('a').hiBelow('a'), await this.kid('a').getBelow('a', 'k')] }
  async endsAlone() { const kid = this.kid('b'); const counts = [await kid.hi(), await kid.hiBelow('a')]; await kid.abortBelow('a'); return [...counts, await kid.hi(), await kid.hiBelow('a')] }
  async called() { const call = show(() => this.kid('c').hangBelow('x')); await sleep(20); await this.kid('c').abortBelow('x'); return call }
}

export default worker(async ({ say, env }) => {
  for (const method of ['depths', 'atTheEnd', 'names', 'endsWithIt', 'endsAlone', 'called']) await say(method, () => env.OBJ.getByName('parent')[method]());
});
`,
});
