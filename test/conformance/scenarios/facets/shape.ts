import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'ctx.facets has four methods of its class, and refuses wrong arguments before anything else.',
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
}
export class Obj extends DurableObject {
  shape() { const { facets } = this.ctx; return [tag(facets), facets.constructor.name, Object.keys(facets).join(), Object.getOwnPropertyNames(Object.getPrototypeOf(facets)).join(), ['get', 'abort', 'delete', 'clone'].map((m) => facets[m].length).join(), this.ctx.facets === facets] }
  make() { return showNow(() => new this.ctx.facets.constructor()) }
  detached() { const { get } = this.ctx.facets; return showNow(() => get('a', () => {})) }
  get() { const { facets } = this.ctx; return [[], ['a'], ['a', 5], ['a', null], ['a', {}], ['x'.repeat(257), () => {}], ['é'.repeat(129), () => {}]].map((args) => showNow(() => facets.get(...args))) }
  abort() { const { facets } = this.ctx; return [[], ['a'], ['x'.repeat(257), 1], ['nobody', 1], ['nobody', undefined]].map((args) => showNow(() => facets.abort(...args))) }
  delete() { const { facets } = this.ctx; return [[], ['x'.repeat(257)], ['nobody']].map((args) => showNow(() => facets.delete(...args))) }
  clone() { const { facets } = this.ctx; return [[], ['a'], ['a', 'x'.repeat(257)], ['x'.repeat(257), 'a'], ['nobody', 'nobody else'], ['nobody', 'nobody']].map((args) => showNow(() => facets.clone(...args))) }
  kid(name) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  async names() { return [await this.kid(5).hi(), await this.kid('5').hi(), await this.kid('x'.repeat(256)).hi(), await this.kid('é'.repeat(128)).hi(), await this.kid('a/b').hi(), await this.kid('.').hi(), await this.kid(null).hi()] }
  stub() { const stub = this.kid('a'); return [tag(stub), Object.keys(stub).join(), typeof stub.id, typeof stub.name, typeof stub.fetch, typeof stub.hi] }
}

export default worker(async ({ say, env }) => {
  for (const method of ['shape', 'make', 'detached', 'get', 'abort', 'delete', 'clone', 'names', 'stub']) await say(method, () => env.OBJ.getByName('parent')[method]());
});
`,
});
