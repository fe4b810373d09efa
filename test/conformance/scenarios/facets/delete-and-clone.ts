import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'facets.delete() and facets.clone() end who runs, and take away or copy what is stored of it and of all below it.',
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

  sub(name) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  subPut(name, key, value) { return this.sub(name).put(key, value) }
  subGet(name, key) { return this.sub(name).get(key) }
}
export class Obj extends DurableObject {
  kid(name) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  async deleted() { const kid = this.kid('d'); await kid.put('k', 1); const call = show(() => kid.hang()); await sleep(10); this.ctx.facets.delete('d'); return [await call, await show(() => kid.get('k')), await this.kid('d').get('k'), await this.kid('d').hi()] }
  async usedAgain() { await this.kid('d').put('k', 2); return this.kid('d').get('k') }
  async cloned() { const from = this.kid('f'); await from.put('k', 1); await from.hi(); this.ctx.facets.clone('f', 't'); await from.put('k', 2); return [await from.hi(), await this.kid('t').get('k'), await this.kid('t').hi(), await from.get('k')] }
  async clonedOver() { const to = this.kid('o'); await to.put('k', 'old'); await to.put('only', 1); const call = show(() => to.hang()); await sleep(10); this.ctx.facets.clone('f', 'o'); return [await call, await show(() => to.get('k')), await this.kid('o').get('k'), await this.kid('o').get('only')] }
  async ofNothing() { const to = this.kid('n'); await to.put('k', 1); this.ctx.facets.clone('nobody', 'n'); return [await show(() => to.get('k')), await this.kid('n').get('k')] }
  async ontoItself() { const kid = this.kid('self'); await kid.put('k', 1); this.ctx.facets.clone('self', 'self'); return [await show(() => kid.get('k')), await this.kid('self').get('k')] }
  async below() { const kid = this.kid('b'); await kid.put('k', 1); await kid.subPut('s', 'k', 2); this.ctx.facets.clone('b', 'b2'); this.ctx.facets.delete('b'); return [await this.kid('b2').get('k'), await this.kid('b2').subGet('s', 'k'), await this.kid('b').get('k'), await this.kid('b').subGet('s', 'k')] }
  look() { return Promise.all([this.kid('d').get('k'), this.kid('f').get('k'), this.kid('t').get('k'), this.kid('o').get('k'), this.kid('n').get('k'), this.kid('b2').subGet('s', 'k'), this.kid('b').subGet('s', 'k')]) }
  die() { this.ctx.abort('over') }
}

export default worker(async ({ say, env }) => {
  for (const method of ['deleted', 'usedAgain', 'cloned', 'clonedOver', 'ofNothing', 'ontoItself', 'below', 'look', 'die', 'look']) await say(method, () => env.OBJ.getByName('parent')[method]());
});
`,
});
