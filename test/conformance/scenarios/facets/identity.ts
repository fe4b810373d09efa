import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A facet has the id and the name of its parent, unless it is given an id; props are those of the class that it was started with.',
  rows: ['5.members'],
  config: { ...objects({ OBJ: 'Obj' }), vars: { GREETING: 'hello' } },
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker, show, showNow, sleep, tag } from './prelude.js';

export class Kid extends DurableObject {
  who() { const { id, props } = this.ctx; return [typeof id, tag(id), id.name, JSON.stringify(props)] }
  id() { return String(this.ctx.id) }
  own() { return Object.keys(this.ctx).join() }
  env_() { return Object.keys(this.env).join() + ' ' + this.env.GREETING }
  calls() { return this.env.OBJ.getByName('another').ping() }
  exports_() { return this.ctx.exports.Kid === this.ctx.exports.Kid }
}
export class Obj extends DurableObject {
  ping() { return 'pong from ' + this.ctx.id.name }
  kid(name, extra) { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid, ...extra })) }
  async inherited() { const kid = this.kid('a'); return [await kid.who(), (await kid.id()) === this.ctx.id.toString()] }
  async given() { const id = this.env.OBJ.idFromName('given'); const kid = this.kid('b', { id }); return [await kid.who(), (await kid.id()) === id.toString()] }
  async unique() { const id = this.env.OBJ.newUniqueId(); const kid = this.kid('c', { id }); return [await kid.who(), (await kid.id()) === id.toString()] }
  async text() { return [await this.kid('d', { id: 'mine' }).who(), await this.kid('d').id(), await this.kid('e', { id: '' }).who(), await this.kid('f', { id: 5 }).id(), await this.kid('g', { id: null }).id(), (await this.kid('h', { id: undefined }).who())[2]] }
  async props() { const Kid = this.ctx.exports.Kid({ props: { a: 1, list: [1, 2] } }); return [tag(Kid), typeof Kid, await this.ctx.facets.get('p', () => ({ class: Kid })).who()] }
  async own() { return this.kid('a').own() }
  async env_() { return this.kid('a').env_() }
  async calls() { return this.kid('a').calls() }
  async exports_() { return this.kid('a').exports_() }
}

export default worker(async ({ say, env }) => {
  for (const method of ['inherited', 'given', 'unique', 'text', 'props', 'own', 'env_', 'calls', 'exports_']) await say(method, () => env.OBJ.getByName('parent')[method]());
});
`,
});
