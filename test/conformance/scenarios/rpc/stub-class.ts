import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'RpcStub wraps functions, targets and plain objects, and looks as the platform shows it.',
  rows: ['1.new-rpc-stub', '4.dup', '4.using'],
  program: `
import { DurableObject, RpcTarget, RpcStub, RpcPromise, RpcProperty, ServiceStub } from 'cloudflare:workers';
import { worker, tag, inspect, sleep } from './prelude.js';

class T extends RpcTarget { own = 1; hi(x) { return ['hi', x] } get g() { return { a: 1 } } same(x) { return this.kept === x } keep(x) { this.kept = x; return x } }
export class Obj extends DurableObject {
  t() { return new T() }
  async use(f) { return [tag(f), typeof f, await f.hi(1)] }
  async call(f) { return f(1) }
}

export default worker(async ({ say, env }) => {
  const local = new RpcStub(new T());
  await say('local: tag, type', () => [tag(local), typeof local, local instanceof RpcStub, String(local)]);
  await say('local: a call', () => local.hi(2));
  await say('local: what a call gives', () => [tag(local.hi(2)), tag(local.hi), local.hi(2) instanceof RpcPromise, local.hi instanceof RpcProperty]);
  await say('local: own fields', () => local.own);
  await say('local: a getter', () => local.g.a);
  await say('local: arguments are copied', async () => { const o = { x: 1 }; const kept = await local.keep(o); return [kept === o, kept] });
  await say('keys, then, name, length', () => [Object.keys(local), Object.getOwnPropertyNames(local), typeof local.then, typeof local.name, typeof local.length, 'foo' in local]);
  await say('dup and dispose', () => [typeof local.dup, typeof local[Symbol.dispose], local.dup.length, local.dup.name]);
  await say('of a function', () => new RpcStub((x) => x * 2)(21));
  await say('of a plain object', async () => { const s = new RpcStub({ a: 1, f: () => 'f', n: { m: 2 } }); return [await s.a, await s.f(), await s.n.m] });
  await say('of a plain object: what it has not', () => new RpcStub({ a: 1 }).b);
  for (const [what, value] of Object.entries({ instance: new (class P {})(), number: 1, string: 'x', null: null, undefined: undefined, array: [1], date: new Date(0), map: new Map(), 'null prototype': Object.create(null), stub: env.OBJ.getByName('a') }))
    await say('of ' + what, () => { const s = new RpcStub(value); return tag(s) });
  await say.now('without arguments', () => new RpcStub());
  await say.now('without new', () => RpcStub(() => {}));
  await say.now('Illegal constructors', () => [RpcPromise, RpcProperty, ServiceStub].map((C) => { try { new C(); return 'made' } catch (e) { return e.name + ': ' + e.message } }));
  await say('an heir of RpcTarget without new', () => { try { RpcTarget() } catch (e) { return e.name + ': ' + e.message } });
  const stub = env.OBJ.getByName('a');
  await say('passed on', () => stub.use(local));
  await say('a stub of a function passed on', () => stub.call(new RpcStub((x) => x + 1)));
  await say('disposed: a call', async () => { const s = new RpcStub(() => 'x'); s[Symbol.dispose](); return s() });
  await say('disposed: a member', async () => { const s = new RpcStub(new T()); const p = s.hi; s[Symbol.dispose](); return p(1) });
  await say('disposed: twice', async () => { const s = new RpcStub(() => 'x'); s[Symbol.dispose](); s[Symbol.dispose](); return 'fine' });
  await say('disposed: passed', async () => { const s = new RpcStub(() => 'x'); s[Symbol.dispose](); return stub.call(s) });
  await say('disposed: its dup lives', async () => { const s = new RpcStub(() => 'x'); const d = s.dup(); s[Symbol.dispose](); return d() });
  await say('disposed with a call under way', async () => { const s = new RpcStub(async () => { await sleep(1); return 'done' }); const p = s(); s[Symbol.dispose](); return p });
  const t = await stub.t();
  await say('remote: dup', async () => { const d = t.dup(); t[Symbol.dispose](); return [tag(d), await d.hi(4)] });
  await say('remote: disposed', () => t.hi(5));
  await say('remote: a property of the disposed', () => t.g);
  await say('a promise can be disposed', async () => { const p = stub.t(); p[Symbol.dispose](); return p.hi(1) });
  await say('and awaited then', async () => { const p = stub.t(); p[Symbol.dispose](); return tag(await p) });
  await say('using', async () => { let kept; { using s = await stub.t(); kept = s; await s.hi(1) } return kept.hi(2) });
  await say('a promise used after it was disposed, resolved', async () => { const p = stub.t(); await p; p[Symbol.dispose](); return p.hi(1) });
  await say('members of the promise that is awaited', async () => { const p = stub.t(); await p; return p.hi(1) });
  await say('in storage', async () => { structuredClone(local) });
  await say('assigning to a stub', () => { local.x = 1; return [typeof local.x, delete local.x] });
  await say('a dup of a property', async () => tag(stub.t().dup()));
});
`,
});
