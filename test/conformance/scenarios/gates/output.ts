import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What leaves after a write is never seen by anybody when that write cannot be committed; what left before is.',
  rows: ['6.output-gate', '6.snapshot-semantics', '6.allow-unconfirmed', '6.commit-failure'],
  config: objects({ OBJ: 'Obj', LOG: 'Log' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, sleep } from './prelude.js';

export class Log extends DurableObject {
  seen = [];
  add(what) { this.seen.push(what); return what }
  async fetch(request) { this.seen.push('fetch ' + new URL(request.url).pathname + ' ' + (await request.text())); return new Response('seen') }
  take() { return this.seen.splice(0).sort().join(', ') }
}
const later = (text) => new ReadableStream({ async start(c) { await sleep(1); c.enqueue(new TextEncoder().encode(text)); c.close() } });
export class Obj extends DurableObject {
  get other() { return this.env.LOG.getByName('log') }
  make() { this.ctx.storage.sql.exec('create table p(id integer primary key); create table c(r references p(id) deferrable initially deferred)') }
  violate() { this.ctx.storage.sql.exec('insert into c values(1)') }
  quiet(f) { f().catch(() => {}) }
  alive() { return (this.n = (this.n ?? 0) + 1) }
  callAfter() { this.violate(); this.quiet(() => this.other.add('call after')); return 'looked fine' }
  fetchAfter() { this.violate(); this.quiet(() => this.other.fetch('http://x/after')); return 'looked fine' }
  callBefore() { this.quiet(() => this.other.add('call before')); this.violate(); return 'looked fine' }
  fetchBefore() { this.quiet(() => this.other.fetch('http://x/before')); this.violate(); return 'looked fine' }
  fetchBetween() { this.ctx.storage.kv.put('fine', 1); this.quiet(() => this.other.fetch('http://x/between')); this.violate(); return 'looked fine' }
  async turnBefore() { this.ctx.storage.kv.put('fine', 1); this.quiet(() => this.other.add('a turn before')); await sleep(50); this.violate(); return 'looked fine' }
  async answered() { const a = await this.other.add('answered'); this.violate(); return a }
  async unconfirmed() { await this.ctx.storage.put('k', 1, { allowUnconfirmed: true }); this.violate(); return 'looked fine' }
  async syncs() { this.violate(); await this.ctx.storage.sync(); this.quiet(() => this.other.add('after sync')); return 'never said' }
  throwsAfter() { this.violate(); throw new Error('mine') }
  async rejectsAfter() { this.violate(); await null; throw new TypeError('mine too') }
  async rejectsLater() { this.ctx.storage.kv.put('fine', 1); await sleep(1); this.violate(); this.quiet(() => this.other.add('before a rejection')); throw new Error('mine as well') }
  badResult() { this.violate(); return Symbol('cannot be sent') }
  async inTheBackground() { this.ctx.waitUntil((async () => { await sleep(5); this.violate(); this.quiet(() => this.other.add('in the background')) })()); return 'returned before' }
  async errorBefore() { setTimeout(() => this.violate(), 5); await sleep(200); return 'never said' }
  fetch(request) {
    const { pathname } = new URL(request.url);
    if (pathname === '/plain') { this.violate(); return new Response('never seen') }
    if (pathname === '/throws') { this.violate(); throw new Error('from fetch') }
    if (pathname === '/nothing') { this.violate(); return 7 }
    if (pathname === '/stream') { this.violate(); return new Response(later('never seen')) }
    if (pathname === '/chunk') return new Response(new ReadableStream({ start: (c) => { c.enqueue(new TextEncoder().encode('first ')) }, pull: async (c) => { await sleep(5); this.violate(); c.enqueue(new TextEncoder().encode('second')); c.close() } }));
  }
  async uploads() { const body = new ReadableStream({ start: async (c) => { await sleep(1); c.enqueue(new TextEncoder().encode('sent')); c.close() } }); return (await this.other.fetch('http://x/upload', { method: 'POST', body })).text() }
  get property() { this.violate(); return 'never seen' }
  stored() { return [...this.ctx.storage.kv.list()].map(([k]) => k) }
}

export default worker(async ({ say, env }) => {
  const at = (name) => env.OBJ.getByName(name);
  const text = (promise) => promise.then((r) => r.text());
  const cases = {
    property: (o) => o.property,
    'fetch a response': (o) => text(o.fetch('http://x/plain')),
    'fetch that throws': (o) => text(o.fetch('http://x/throws')),
    'fetch that returns no response': (o) => text(o.fetch('http://x/nothing')),
    'fetch a stream': (o) => text(o.fetch('http://x/stream')),
    'fetch chunks': (o) => text(o.fetch('http://x/chunk')),
  };
  for (const method of ['callAfter', 'fetchAfter', 'callBefore', 'fetchBefore', 'fetchBetween', 'turnBefore', 'answered', 'unconfirmed', 'syncs', 'throwsAfter', 'rejectsAfter', 'rejectsLater', 'badResult', 'inTheBackground', 'errorBefore', 'uploads']) cases[method] = (o) => o[method]();
  const short = async (f) => (await show(f)).replace(/Durable Object was reset.*?: FOREIGN/, '<rolled back>: FOREIGN');
  for (const [what, run] of Object.entries(cases)) {
    const stub = at(what);
    await stub.make();
    await stub.alive();
    await say(what, () => short(() => run(stub)));
    await sleep(20);
    await say('  the same stub', () => short(() => stub.alive()));
    await say('  a new stub', async () => [await at(what).alive(), await at(what).stored()]);
    await say('  what the other has seen', () => env.LOG.getByName('log').take());
  }
});
`,
});
