import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stub of a facet calls and fetches as any other, and goes nowhere itself.',
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

  fetch(request) { return request.url.endsWith('moved') ? new Response(null, { status: 302, headers: { location: 'http://facet/there' } }) : request.text().then((text) => new Response(request.method + ' ' + request.url + ' ' + text, { headers: { 'x-facet': 'yes' } })) }
  calls(f, value) { return f(value) }
  target() { return new (class extends RpcTarget { value() { return 42 } })() }
  stream() { return new ReadableStream({ start(c) { c.enqueue(new TextEncoder().encode('streamed')); c.close() } }) }
  gives() { return this.ctx.facets.get('below', () => ({ class: this.ctx.exports.Kid })) }
  parent() { return this.env.OBJ.getByName('parent').alive() }
  throwsText() { throw 'a text' }
  throws() { throw Object.assign(new RangeError('of the facet'), { extra: 1 }) }
  late(f) { setTimeout(() => f('from a timer'), 5) }
}
export class Legacy { constructor(ctx) { this.ctx = ctx } fetch() { return new Response('legacy') } hi() {} }
export class Obj extends DurableObject {
  kid(name = 'a') { return this.ctx.facets.get(name, () => ({ class: this.ctx.exports.Kid })) }
  alive() { return 'the parent answers' }
  async fetches() { const response = await this.kid().fetch('http://facet/a', { method: 'POST', body: 'body' }); return [response.status, response.headers.get('x-facet'), await response.text(), await (await this.kid().fetch('http://facet/moved')).text()] }
  async noFetch() { return show(() => this.ctx.facets.get('plain', () => ({ class: this.ctx.exports.Plain })).fetch('http://facet/')) }
  async missing() { return [await show(() => this.kid().nothing()), await show(async () => this.kid().nothing), await show(async () => this.kid().count)] }
  async calls() { return this.kid().calls((value) => 'called with ' + value, 1) }
  async targets() { using target = await this.kid().target(); return [await target.value(), await this.kid().target().value()] }
  async streams() { return new Response(await this.kid().stream()).text() }
  async ordered() { const kid = this.kid('ordered'); return Promise.all([kid.hi(), kid.hi(), kid.hi()]) }
  async callsBack() { return this.kid().parent() }
  async throws() { return [await show(() => this.kid().throws()), await show(() => this.kid().throwsText())] }
  async late() { const heard = []; await this.kid().late((value) => { heard.push(value) }); await sleep(30); return heard }
  async legacy() { const legacy = this.ctx.facets.get('legacy', () => ({ class: this.ctx.exports.Legacy })); return [await (await legacy.fetch('http://facet/')).text(), await show(() => legacy.hi())] }
  gives() { return this.kid() }
  async facetGives() { return show(() => this.kid().gives()) }
  async isGiven() { return show(() => this.kid().calls(() => {}, this.kid())) }
  clones() { return [showNow(() => structuredClone(this.kid())), showNow(() => this.ctx.storage.kv.put('k', this.kid())), showNow(() => this.ctx.storage.kv.put('k', { deep: [this.kid()] }))] }
  async members() { const kid = this.kid(); return [await show(async () => kid.id), 'x' in kid, String(kid), showNow(() => { kid.x = 1; return kid.x })] }
}
export class Plain extends DurableObject {}

export default worker(async ({ say, env }) => {
  for (const method of ['fetches', 'noFetch', 'missing', 'calls', 'targets', 'streams', 'ordered', 'callsBack', 'throws', 'late', 'legacy', 'gives', 'facetGives', 'isGiven', 'clones', 'members']) await say(method, () => env.OBJ.getByName('parent')[method]());
});
`,
});
