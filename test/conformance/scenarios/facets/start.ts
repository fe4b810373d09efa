import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A facet is started by the first call, by the callback of the stub that called, which is asked only when it does not run.',
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
export class Ent { fetch() {} }
export class Obj extends DurableObject {
  start(extra) { return () => ({ class: this.ctx.exports.Kid, ...extra }) }
  lazy() { let asked = 0; this.ctx.facets.get('lazy', () => { asked++ }); return asked }
  async once() { let asked = 0; const start = () => { asked++; return { class: this.ctx.exports.Kid } }; const { facets } = this.ctx; const all = [await facets.get('once', start).hi(), await facets.get('once', start).hi(), await facets.get('once', start).hi()]; return [asked, ...all] }
  async whose() { const asked = []; const start = (who) => () => { asked.push(who); return { class: this.ctx.exports.Kid } }; const first = this.ctx.facets.get('whose', start('first')); const second = this.ctx.facets.get('whose', start('second')); return [await second.hi(), await first.hi(), asked.join()] }
  async order() { const log = []; const stub = this.ctx.facets.get('order', async () => { log.push('asked'); await 0; log.push('answers'); return { class: this.ctx.exports.Kid } }); log.push('got'); const call = stub.hi(); log.push('called'); await 0; log.push('a microtask later'); log.push(await call); return log }
  async slow() { const start = async () => { await sleep(20); return { class: this.ctx.exports.Kid } }; return Promise.all([this.ctx.facets.get('slow', start).hi(), this.ctx.facets.get('slow', this.start()).hi()]) }
  async throws() { const bad = () => { throw new RangeError('no start') }; const { facets } = this.ctx; const all = [await show(() => facets.get('throws', bad).hi()), await show(() => facets.get('throws', this.start()).hi())]; facets.abort('throws', new Error('forget it')); return [...all, await show(() => facets.get('throws', this.start()).hi())] }
  async rejects() { return show(() => this.ctx.facets.get('rejects', async () => { throw new RangeError('no start') }).hi()) }
  async constructed() { const start = () => ({ class: this.ctx.exports.Thrower }); return [await show(() => this.ctx.facets.get('thrower', start).hi()), await show(() => this.ctx.facets.get('thrower', start).hi())] }
  async wrong() { const { exports } = this.ctx; const all = []; let n = 0; for (const given of [undefined, null, {}, { class: undefined }, { class: Kid }, { class: this.env.OBJ }, { class: exports.default }, { class: 'Kid' }]) all.push(await show(() => this.ctx.facets.get('wrong' + n++, () => given).hi())); return all }
  async bound() { return show(() => this.ctx.facets.get('bound', () => ({ class: this.ctx.exports.Obj })).mine()) }
  mine() { return 'a class that has a namespace' }
  async section() { return this.ctx.blockConcurrencyWhile(() => this.ctx.facets.get('section', this.start()).hi()) }
  async inSection() { return this.ctx.facets.get('inSection', async () => { await this.ctx.storage.get('x'); return { class: this.ctx.exports.Kid } }).hi() }
}
export class Thrower extends DurableObject { constructor(ctx, env) { super(ctx, env); throw new RangeError('in the constructor') } }

export default worker(async ({ say, env }) => {
  for (const method of ['lazy', 'once', 'whose', 'order', 'slow', 'throws', 'rejects', 'constructed', 'wrong', 'bound', 'section', 'inSection']) await say(method, () => env.OBJ.getByName('parent')[method]());
});
`,
});
