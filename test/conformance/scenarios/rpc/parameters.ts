import { scenario } from '../../scenario.ts';

const program = `
import { DurableObject, RpcTarget, RpcStub } from 'cloudflare:workers';
import { worker, tag, sleep, inspect } from './prelude.js';

class T extends RpcTarget {
  constructor(events) { super(); this.events = events }
  hi(x) { return 'hi ' + x }
  [Symbol.dispose]() { this.events.push('disposed') }
}
export class Obj extends DurableObject {
  ping() {}
  keep(cb) { this.cb = cb }
  keepDup(cb) { this.cb = cb.dup() }
  keepNested(o) { this.cb = o.a[0].f }
  async keepLong(cb) { this.cb = cb; await sleep(5); return cb(1) }
  use(x) { return this.cb(x) }
  drop() { this.cb[Symbol.dispose](); }
  async hi(t) { return t.hi(1) }
  back(t) { return t }
  backIn(t) { return { t } }
  keepThenFail(cb) { this.cb = cb; throw new Error('failed') }
  isDisposable(...args) { return args.map((a) => typeof a?.[Symbol.dispose]) }
  async disposeEarly(cb) { cb[Symbol.dispose](); await sleep(2); return 'done' }
  async after(cb) { this.later = (async (d) => { await sleep(3); this.result = await d(5); d[Symbol.dispose]() })(cb.dup()); }
  async afterResult() { await this.later; return this.result }
  plain(o) { return [typeof o[Symbol.dispose], Object.keys(o)] }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const turn = async () => { await sleep(3); await o.ping(); await sleep(3) };
  await o.keep((x) => x + 1);
  await say('kept without dup', () => o.use(20));
  await o.keepDup((x) => x + 1);
  await say('kept with dup', () => o.use(20));
  await o.drop();
  await say('dropped', () => o.use(20));
  await o.keepNested({ a: [{ f: (x) => x }] });
  await say('nested, kept without dup', () => o.use(20));
  await say('while the call lasts', () => o.keepLong((x) => x + 1));
  await say('and afterwards', () => o.use(20));
  await say('a call that fails', () => o.keepThenFail((x) => x));
  await say('and afterwards', () => o.use(20));
  await say('used after the call by a dup', async () => { await o.after((x) => x * 2); return o.afterResult() });
  const events = [];
  await say('a target', () => o.hi(new T(events)));
  await turn();
  await say('was disposed of', () => events.splice(0));
  await say('the same target again', async () => { const t = new T(events); await o.hi(t); await o.hi(t); await turn(); return events.splice(0) });
  await say('a target twice in one call', async () => { const t = new T(events); await o.isDisposable(t, t); await turn(); return events.splice(0) });
  await say('a target sent back', async () => { const back = await o.back(new T(events)); await turn(); const before = inspect(events.splice(0)); const used = await back.hi(2); back[Symbol.dispose](); await turn(); return [before, used, events.splice(0)] });
  await say('sent back in an object', async () => { const { t } = await o.backIn(new T(events)); const used = await t.hi(2); t[Symbol.dispose](); await turn(); return [used, events.splice(0)] });
  await say('a stub of a target', async () => { const s = new RpcStub(new T(events)); const used = await o.hi(s); await turn(); const then = events.splice(0).length; let again; try { again = await s.hi(3) } catch (e) { again = e.message } s[Symbol.dispose](); await turn(); return [used, then, again, events.splice(0)] });
  await say('a stub sent back', async () => { const s = new RpcStub(new T(events)); const back = await o.back(s); let again; try { again = await s.hi(3) } catch (e) { again = e.message } const used = await back.hi(4); back[Symbol.dispose](); s[Symbol.dispose](); await turn(); return [again, used, events.splice(0)] });
  await say('disposed of by the callee', async () => { const done = await o.disposeEarly(new T(events)); await turn(); return [done, events.splice(0)] });
  await say('what can be disposed of', () => o.isDisposable(() => {}, {}, new T(events), [], 5, new Date(0)));
  await turn(); events.length = 0;
  await say('a plain object as argument', () => o.plain({ x: 1, [Symbol.dispose]() { events.push('plain') } }));
  await turn();
  await say('and its disposer', () => events.splice(0));
  await say('a function with a disposer', async () => { const f = Object.assign(() => 1, { [Symbol.dispose]() { events.push('f') } }); await o.keep(f); await turn(); return events.splice(0) });
  await say('a target with dup()', async () => { let n = 0; class D extends T { dup() { n++; return new D(events) } } const d = new D(events); const hi = await o.hi(d); await turn(); return [hi, n, events.splice(0)] });
  await say('a target with another dup()', async () => { class D extends T { dup() { return 5 } } return o.hi(new D(events)) });
  await say('a target whose dup() throws', async () => { class D extends T { dup() { throw new RangeError('no dup') } } return o.hi(new D(events)) });
  await say('a function with dup()', async () => { let n = 0; const f = (x) => 'f' + x; f.dup = () => { n++; return (x) => 'g' + x }; return [await o.keepLong(f), n] });
  await say('a function with another dup()', () => { const f = (x) => 'f' + x; f.dup = () => 5; return o.keepLong(f) });
  await say('a call that cannot be sent', async () => { try { await o.keep([new T(events), Symbol('x')]) } catch (e) { await turn(); return [e.message, events.splice(0)] } });
  await say('a member that is not there', async () => { try { await o.nope(new T(events)) } catch (e) { await turn(); return [e.message, events.splice(0)] } });
});
`;

export const subject = scenario({
  name: 'Stubs in parameters live as long as the call; who passes one keeps its own.',
  rows: ['4.param-stub-lifetime', '4.param-ownership', '4.target-dispose'],
  program,
});

/** For the same with an older date. */
export { program as parametersProgram };
