import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A Proxy of a target, a function or a plain object is a receiver too.',
  rows: ['4.by-reference', '4.plain-objects'],
  program: `
import { DurableObject, RpcTarget, RpcStub } from 'cloudflare:workers';
import { worker, tag, inspect } from './prelude.js';

class T extends RpcTarget { hi() { return 'hi' } }
const any = { get(target, key, receiver) { if (typeof key === 'string' && key !== 'then' && key !== 'dup') return (...args) => key + '(' + args.join(',') + ')' ; return Reflect.get(target, key, receiver) } };
export class Obj extends DurableObject {
  target() { return new Proxy(new T(), any) }
  fn() { return new Proxy((x) => 'original ' + x, { apply: (f, self, args) => 'trapped ' + args.join(',') }) }
  instance() { return new Proxy(new (class P { x = 1 })(), {}) }
  inside() { return { p: new Proxy(new T(), {}) } }
  plain() { return new Proxy({ x: 1 }, {}) }
  async use(x, name) { return [tag(x), await x[name](1)] }
  async call(f) { return f(1, 2) }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('a target', async () => { const t = await o.target(); return [tag(t), await t.hi(), await t.whatever(1, 2)] });
  await say('a function', async () => (await o.fn())(1, 2));
  await say('a class instance', () => o.instance());
  await say('a plain object', async () => tag(await o.plain()));
  await say('nested', async () => (await o.inside()).p.hi());
  await say('sent: a target', () => o.use(new Proxy(new T(), any), 'anything'));
  await say('sent: a function', () => o.call(new Proxy(() => 1, { apply: (f, self, args) => args.length })));
  await say('wrapped', async () => new RpcStub(new Proxy(new T(), any)).some(1));
  await say('sent: a class instance', () => o.call(new Proxy(new (class P {})(), {})));
});
`,
});
