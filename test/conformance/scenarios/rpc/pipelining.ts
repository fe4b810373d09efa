import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Members of what a call will give can be called before it is there.',
  rows: ['4.pipelining', '4.pipelining-limits', '4.pipelined-failure'],
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker, tag, sleep } from './prelude.js';

class C extends RpcTarget {
  own = 1;
  log = [];
  inc(n) { return n + 1 }
  async slow(n) { await sleep(5); this.log.push('slow'); return new C() }
  self() { return this }
  note(x) { this.log.push(x); return this }
  all() { return this.log }
  get child() { return new C() }
  fails() { throw Object.assign(new RangeError('inner'), { extra: 1 }) }
}
export class Obj extends DurableObject {
  get() { return { c: new C(), arr: [{ z: 1 }], m: new Map([['k', 1]]), plain: { deep: { f: (x) => 'f' + x, v: 7 } }, fn: () => new C() } }
  c() { return new C() }
  async late() { await sleep(5); return new C() }
  fails() { throw Object.assign(new RangeError('first'), { extra: 1 }) }
  async failsLate() { await sleep(5); throw new TypeError('late') }
  number() { return 5 }
  nothing() {}
  nul() { return null }
  text() { return 'text' }
  map() { return new Map([['a', 1]]) }
  date() { return new Date(0) }
  array() { return [1, 2] }
  fn() { return (x) => ({ got: x, again: (y) => [x, y] }) }
  get prop() { return { c: new C() } }
  give(x) { return x }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('through an object to a target', () => o.get().c.inc(1));
  await say('an own field of a target', () => o.get().c.own);
  await say('an array index', () => o.get().arr[0].z);
  await say('an array', () => o.get().arr);
  await say('a map', () => o.get().m.get('k'));
  await say('plain and deep', async () => [await o.get().plain.deep.f(1), await o.get().plain.deep.v, await o.get().plain]);
  await say('what is not there', () => o.get().nope);
  await say('a call on what is not there', () => o.get().nope.f());
  await say('a call of a value', () => o.get().plain.deep.v());
  await say('a call of the result', () => o.c()());
  await say('the result is a function', () => o.fn()(1));
  await say('three calls', async () => (await o.fn()(1).again(2)));
  await say('a function in the result', () => o.get().fn().inc(5));
  await say('a getter on the way', () => o.c().child.child.inc(1));
  await say('a chain of calls', () => o.c().self().note(1).note(2).all());
  await say('order on one result', async () => { const c = o.late(); const all = await Promise.all([c.note('a'), c.note('b'), c.all()]); return all[2] });
  await say('a slow chain', () => o.late().slow().inc(2));
  await say('the promise can still be awaited', async () => { const c = o.c(); const n = await c.inc(1); return [n, tag(await c)] });
  await say('pipelined after it settled', async () => { const p = o.get(); await p; return [await p.c.inc(1), await p.plain.deep.v] });
  for (const name of ['number', 'nothing', 'nul', 'text', 'map', 'date', 'array']) {
    await say(name + ': a member', () => o[name]().x);
    await say(name + ': a call', () => o[name]().x());
    await say(name + ': a call of the result', () => o[name]()());
    await say(name + ': settled, a member', async () => { const p = o[name](); await p; return p.x });
    await say(name + ': settled, a call', async () => { const p = o[name](); await p; return p.x() });
  }
  await say('length of a text', () => o.text().length);
  await say('size of a map', () => o.map().size);
  await say('the first fails', () => o.fails().x());
  await say('the first fails, a member', () => o.fails().x);
  await say('the first fails, deeper', () => o.fails().x.y().z());
  await say('the first fails late', () => o.failsLate().x());
  await say('settled, the first failed', async () => { const p = o.fails(); await p.catch(() => {}); return p.x() });
  await say('one in the middle fails', () => o.c().fails().x());
  await say('a method that is not there', () => o.nope().x());
  await say('a property of the object', () => o.prop.c.inc(1));
  await say('a promise as an argument', () => o.give(o.c()));
  await say('a property as an argument', () => o.give(o.c));
});
`,
});
