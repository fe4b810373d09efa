import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What a critical section gives away is let into it by its first call only; a second one waits until the section is over.',
  rows: ['6.inside-a-section', '4.callbacks', '4.pipelining', '4.target-dispose'],
  config: objects({ OBJ: 'Obj' }),
  advanceMs: 10,
  program: `
import { DurableObject, RpcStub, RpcTarget } from 'cloudflare:workers';
import { worker } from './prelude.js';

class T extends RpcTarget {
  #obj;
  constructor(obj) { super(); this.#obj = obj }
  hi() { this.#obj.log.push('hi'); return 'hi' }
  get prop() { this.#obj.log.push('prop'); return 'prop' }
  more() { return new T(this.#obj) }
  nested() { return { t: new T(this.#obj), f: () => 'f' } }
  call(f) { return f(new T(this.#obj)) }
  [Symbol.dispose]() { this.#obj.log.push('disposed') }
}
export class Obj extends DurableObject {
  log = [];
  ready() {}
  take() { return this.log.splice(0) }
  early() { return new T(this) }
  #within(what, wait) { return Promise.race([what.then((value) => { this.log.push('answered'); return value }), scheduler.wait(wait).then(() => 'section over')]) }
  run(how, body, make = () => new T(this)) {
    const section = async () => { const given = make(); this.log.push('begin'); const seen = await this.#within(body(given), 60); this.log.push('end'); return seen };
    return how === 'transaction' ? this.ctx.storage.transaction(section) : this.ctx.blockConcurrencyWhile(section);
  }
  stub(body) { return this.run('section', body, () => new RpcStub(new T(this))) }
  functions(body) { const f = () => 'f'; return this.run('section', body, () => ({ a: f, b: f, c: () => 'c' })) }
  twoAtOnce(body) { return this.run('section', body, () => [new T(this), new T(this)]) }
}

export default worker(async ({ say, env }) => {
  let count = 0;
  const use = async (what, f) => {
    const obj = env.OBJ.getByName('o' + count++);
    await obj.ready();
    await say(what, () => f(obj));
    await scheduler.wait(80);
    await say('  log', () => obj.take());
  };
  for (const how of ['section', 'transaction']) {
    await use(how + ': once', (obj) => obj.run(how, async (t) => t.hi()));
    await use(how + ': twice', (obj) => obj.run(how, async (t) => [await t.hi(), await t.hi()]));
    await use(how + ': two at once', (obj) => obj.run(how, async (t) => Promise.all([t.hi(), t.prop])));
    await use(how + ': a property, then a call', (obj) => obj.run(how, async (t) => [await t.prop, await t.hi()]));
  }
  await use('of a stub made by hand', (obj) => obj.stub(async (t) => [await t.hi(), await t.hi()]));
  await use('of two copies', (obj) => obj.run('section', async (t) => { const copy = t.dup(); return [await t.hi(), await copy.hi()] }));
  await use('of two targets', (obj) => obj.twoAtOnce(async ([a, b]) => [await a.hi(), await b.hi()]));
  await use('of functions', (obj) => obj.functions(async ({ a, c }) => [await a(), await c()]));
  await use('of a function that is there twice', (obj) => obj.functions(async ({ a, b }) => [await a(), await b()]));
  await use('kept, and called when it is over', async (obj) => { let kept; const inside = await obj.run('section', async (t) => { kept = t.dup(); return t.hi() }); return [inside, await kept.hi(), await kept.hi()] });
  await use('disposed of uncalled', (obj) => obj.run('section', async (t) => { t[Symbol.dispose](); await scheduler.wait(20); return 'so' }));
  await use('disposed of after a call', (obj) => obj.run('section', async (t) => { await t.hi(); t[Symbol.dispose](); await scheduler.wait(20); return 'so' }));
  await use('pipelined', (obj) => obj.run('section', async (t) => t.more().hi()));
  await use('of what the first call gave', (obj) => obj.run('section', async (t) => { const u = await t.more(); return u.hi() }));
  await use('of what was in what it gave', (obj) => obj.run('section', async (t) => { const { t: u, f } = await t.nested(); return [await u.hi(), await f()] }));
  await use('pipelined to what is in it', (obj) => obj.run('section', async (t) => { const given = t.nested(); return [await given.f(), await given.t.hi()] }));
  await use('of what was given to a callback of the callback', (obj) => obj.run('section', async (t) => t.call(async (u) => u.hi())));
  await use('made before it', async (obj) => { const t = await obj.early(); return obj.run('section', async () => t.hi()) });
  await use('without a section', async (obj) => { const t = await obj.early(); return [await t.hi(), await t.prop, await t.more().hi()] });
});
`,
});
