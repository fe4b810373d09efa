import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Functions, classes and instances of RpcTarget go by reference, nested anywhere, in both directions.',
  rows: ['4.by-reference', '4.callbacks'],
  program: `
import { DurableObject, RpcTarget, RpcStub } from 'cloudflare:workers';
import { worker, tag, inspect } from './prelude.js';

class Counter extends RpcTarget {
  n = 0;
  add(by) { return (this.n += by) }
  get value() { return this.n }
  get self() { return this }
}
class Api { static greet(name) { return 'hi ' + name } constructor() { this.made = true } }

export class Obj extends DurableObject {
  counter() { return new Counter() }
  fn() { return (a, b) => a + b }
  withProps() { return Object.assign((x) => 'called ' + x, { prop: 5, inner: { f: () => 'inner f' } }) }
  cls() { return Api }
  nested() { return { list: [() => 'first', new Counter()], map: new Map([['f', () => 'of map']]), set: new Set([() => 'of set']), deep: { er: { f: () => 'deep' } } } }
  twice() { const f = () => 'same'; return [f, f] }
  asyncFn() { return async (x) => { await null; return x * 2 } }
  bound() { return this.secret.bind(this) }
  secret() { return 'secret of ' + this.ctx.id.name }
  async take(f, ...args) { return await f(...args) }
  async takeNested({ list, map }) { return [await list[0](1), await map.get('f')(2), await list[1].add(3), await list[1].value] }
  shape(f) { return [typeof f, tag(f), f instanceof RpcStub, Object.keys(f)] }
  async takeBoth(f, o) { return [await f(1), await o.f(2)] }
  async callTwice(f) { return [await f('a'), await f('b')] }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const counter = await stub.counter();
  await say('a target', () => [typeof counter, tag(counter), counter instanceof RpcStub]);
  await say('its method', () => counter.add(2));
  await say('keeps its state', () => counter.add(3));
  await say('its getter', () => counter.value);
  await say('a getter that gives itself', async () => (await counter.self).add(1));
  await say('own fields are hidden', () => counter.n);
  await say('a method that it has not', () => counter.nope());
  await say('calling the target itself', () => counter());
  const fn = await stub.fn();
  await say('a function', async () => [typeof fn, tag(fn), await fn(1, 2)]);
  const withProps = await stub.withProps();
  await say('a function with properties', async () => [await withProps(1), await withProps.prop, await withProps.inner.f()]);
  await say('a property that it has not', () => withProps.nope);
  await say('name and length of a function', async () => [await fn.name, await fn.length]);
  const cls = await stub.cls();
  await say('a class', async () => [tag(cls), await cls.greet('you')]);
  await say('calling a class', () => cls());
  await say('new of a class', () => new cls());
  const nested = await stub.nested();
  await say('nested', async () => [await nested.list[0](), await nested.list[1].add(1), await nested.map.get('f')(), await [...nested.set][0](), await nested.deep.er.f()]);
  await say('twice the same', async () => { const [a, b] = await stub.twice(); return [a === b, await a()] });
  await say('an async function', async () => (await stub.asyncFn())(21));
  await say('a bound method', async () => (await stub.bound())());
  await say('a method that is read', async () => (await stub.secret)());
  await say('a callback', () => stub.take((a, b) => 'got ' + inspect([a, b]), 1, { x: [2] }));
  await say('an async callback', () => stub.take(async (x) => { await null; return x + 1 }, 1));
  await say('a callback that gives nothing', () => stub.take(() => {}));
  await say('a callback that gives a function', async () => (await stub.take(() => () => 'there and back'))());
  await say('nested callbacks', () => stub.takeNested({ list: [(x) => x + 1, new Counter()], map: new Map([['f', (x) => x * 10]]) }));
  await say('what the callee sees', () => stub.shape(() => {}));
  await say('what the callee sees of a target', () => stub.shape(new Counter()));
  await say('called twice', () => { let n = 0; return stub.callTwice((x) => x + ++n) });
  await say('two arguments', () => stub.takeBoth((x) => x + 1, { f: (x) => x + 2 }));
  await say('a callback that throws', () => stub.take(() => { throw Object.assign(new RangeError('mine'), { extra: [1] }) }));
  await say('a callback that rejects', () => stub.take(async () => { throw new TypeError('later') }));
  await say('this of a callback', () => stub.take(function () { return this === undefined ? 'undefined' : tag(this) }));
});
`,
});
