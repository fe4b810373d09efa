import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'ctx has the members of DurableObjectState, some of its own and some of its class, and refuses wrong arguments.',
  rows: ['5.members', '5.block-concurrency-while', '5.abort', '5.wait-until'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, showNow, tag } from './prelude.js';

export class Obj extends DurableObject {
  own() { return Object.keys(this.ctx).join() }
  ofTheClass() { return Object.getOwnPropertyNames(Object.getPrototypeOf(this.ctx)).join() }
  shape() { const { ctx } = this; return [tag(ctx), ctx.constructor.name, ctx.container, Object.isExtensible(ctx), typeof ctx.id, tag(ctx.storage), ctx.storage === ctx.storage, ctx.id === ctx.id, JSON.stringify(ctx.props), typeof ctx.exports] }
  descriptors() { return ['id', 'storage', 'props', 'exports', 'container', 'facets'].map((key) => { const d = Object.getOwnPropertyDescriptor(this.ctx, key); return key + ' ' + (d ? Object.keys(d).join('/') : 'none') }) }
  lengths() { return ['waitUntil', 'blockConcurrencyWhile', 'abort'].map((key) => key + ' ' + this.ctx[key].length) }
  make() { return showNow(() => new this.ctx.constructor()) }
  block() { return [[], [7], [null], ['x'], [{}]].map((args) => showNow(() => this.ctx.blockConcurrencyWhile(...args))) }
  async blockWorks() { return [await this.ctx.blockConcurrencyWhile(() => Promise.resolve(1)), await this.ctx.blockConcurrencyWhile(async function () { return this === undefined ? 'no this' : tag(this) }), await this.ctx.blockConcurrencyWhile((...args) => Promise.resolve(args.length)), await this.ctx.blockConcurrencyWhile(() => ({ then: (f) => f('of a thenable') }))] }
  async returns() { const p = this.ctx.blockConcurrencyWhile(async () => 1); return [p instanceof Promise, p.constructor === Promise, await p] }
  detached() { const { waitUntil, blockConcurrencyWhile } = this.ctx; return [showNow(() => waitUntil(Promise.resolve())), showNow(() => { blockConcurrencyWhile(async () => {}); return 'worked' })] }
  detachedAbort() { const { abort } = this.ctx; return showNow(() => { abort('detached'); return 'returned' }) }
  overwritten() { this.ctx.extra = 1; this.ctx.waitUntil = () => 'mine'; return [this.ctx.extra, this.ctx.waitUntil()] }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const method of ['own', 'ofTheClass', 'shape', 'descriptors', 'lengths', 'make', 'block', 'blockWorks', 'returns', 'detached', 'detachedAbort', 'overwritten']) await say(method, () => env.OBJ.getByName('a')[method]());
});
`,
});
