import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Stubs of objects travel as service stubs; stubs of a third party work from where they arrive.',
  rows: ['3.serialising-a-stub', '4.stubs-in-values'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject, RpcTarget, RpcStub, ServiceStub } from 'cloudflare:workers';
import { worker, tag, sleep, inspect } from './prelude.js';

class T extends RpcTarget { constructor(name, events) { super(); this.name_ = name; this.events = events } hi(x) { return this.name_ + ' says ' + x } [Symbol.dispose]() { this.events?.push('disposed ' + this.name_) } }
export class Other extends DurableObject {
  events = [];
  t(name) { return new T(name, this.events) }
  seen() { return this.events.splice(0) }
  whoami() { return 'I am ' + this.ctx.id.name + ' of Other' }
  fetch(request) { return new Response('fetched ' + new URL(request.url).pathname + ' by ' + this.ctx.id.name) }
  async use(f, x) { return f(x) }
  async useLater(f, x) { const d = f.dup(); this.later = sleep(2).then(() => d(x)).finally(() => d[Symbol.dispose]()) }
  result() { return this.later }
  n = 0;
  add() { return ++this.n }
}
export class Obj extends DurableObject {
  shape(s) { return [tag(s), typeof s, s instanceof ServiceStub, s.id === undefined ? 'no id' : typeof s.id, typeof s.name, Object.keys(s), typeof s[Symbol.dispose], typeof s.dup] }
  async call(s) { return s.whoami() }
  async fetchIt(s) { return (await s.fetch('http://x/path')).text() }
  give(name) { return this.env.OTHER.getByName(name) }
  giveIn() { return { stub: this.env.OTHER.getByName('in'), list: [this.env.OTHER.getByName('list')] } }
  keep(s) { this.s = s }
  kept() { return this.s.whoami() }
  givenT(name) { return this.env.OTHER.getByName('third').t(name) }
  async passT() { using t = await this.env.OTHER.getByName('third').t('passed'); return { t: t.dup() } }
  async hi(t) { return t.hi('obj') }
  async callThrough(f) { return this.env.OTHER.getByName('through').use(f, 'far') }
  async callThroughLater(f) { await this.env.OTHER.getByName('through').useLater(f, 'later') }
  laterResult() { return this.env.OTHER.getByName('through').result() }
  me() { return this.env.OBJ.get(this.ctx.id) }
  whoami() { return 'I am ' + this.ctx.id.name }
  async self(f) { const me = this.env.OBJ.get(this.ctx.id); return [await me.whoami(), await me.call(me), await (await me.fn())(1), await me.takes(f)] }
  fn() { return (x) => 'self ' + x }
  async takes(f) { return f('self') }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const third = env.OTHER.getByName('third');
  await say('an object stub as argument', () => o.shape(third));
  await say('called', () => o.call(third));
  await say('fetched', () => o.fetchIt(third));
  await say('kept', async () => { await o.keep(third); return o.kept() });
  const given = await o.give('given');
  await say('given', () => [tag(given), given instanceof ServiceStub, given.constructor.name, typeof given.id, typeof given[Symbol.dispose]]);
  await say('given, called', () => given.whoami());
  await say('given, fetched', async () => (await given.fetch('http://x/there')).text());
  await say('given, sent on', () => o.call(given));
  await say('pipelined on', () => o.give('pipe').whoami());
  await say('pipelined fetch', async () => (await o.give('pipe').fetch('http://x/pipe')).text());
  await say('given in an object', async () => { const r = await o.giveIn(); return [await r.stub.whoami(), await r.list[0].whoami()] });
  await say('pipelined into an object', () => o.giveIn().stub.whoami());
  await say('its calls reach one object', async () => [await given.add(), await (await o.give('given')).add(), await env.OTHER.getByName('given').add()]);
  await say('names on a service stub', async () => { const lines = []; for (const n of ['id', 'name', 'dup', 'alarm', 'nope']) lines.push(n + ' ' + (await given[n]().then((v) => 'gave ' + v, (e) => e.name + ': ' + e.message))); return lines.join('; ') });
  const t = await o.givenT('relayed');
  await say('a stub of a third party', async () => [tag(t), await t.hi('me')]);
  await say('sent to one more', () => o.hi(t));
  t[Symbol.dispose]();
  await sleep(10);
  await say('disposed of at its home', () => third.seen());
  await say('pipelined to a third party', () => o.givenT('pipelined').hi('me'));
  await say('a dup passed on', async () => { const r = await o.passT(); const hi = await r.t.hi('me'); r[Symbol.dispose](); return hi });
  await say('a callback passed on', () => o.callThrough((x) => 'callback ' + x));
  await say('a callback passed on that throws', () => o.callThrough(() => { throw Object.assign(new RangeError('mine'), { extra: 1 }) }));
  await say('a callback passed on and kept', async () => { await o.callThroughLater((x) => 'kept ' + x); return o.laterResult() });
  await say('a target of another object as argument', async () => { const mine = await third.t('mine'); return o.hi(mine) });
  await say('an object and itself', () => o.self((x) => 'back ' + x));
  await say('its own stub', async () => (await o.me()).whoami());
  await say('a service stub in a new RpcStub', () => tag(new RpcStub(given)));
  await say('disposing of a service stub', async () => { given[Symbol.dispose]?.(); return given.whoami() });
});
`,
});
