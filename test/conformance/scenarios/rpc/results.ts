import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A result disposes of the stubs in it; the disposer of the thing behind them runs on a later turn.',
  rows: ['4.result-disposal', '4.target-dispose', '4.using'],
  program: `
import { DurableObject, RpcTarget, RpcStub } from 'cloudflare:workers';
import { worker, tag, sleep, inspect } from './prelude.js';

export class Obj extends DurableObject {
  events = [];
  seen() { return this.events.splice(0) }
  make(name) {
    const { events } = this;
    class T extends RpcTarget { hi() { return 'hi ' + name } child() { return new T() } async slow() { await sleep(5); events.push('slow done'); return name } [Symbol.dispose]() { events.push('disposed ' + name) } }
    return new T();
  }
  t(name) { return this.make(name) }
  two() { return { a: this.make('a'), b: [this.make('b')] } }
  same() { return (this.kept ??= this.make('kept')) }
  plain() { const { events } = this; return { x: 1, f: () => 'f', [Symbol.dispose]() { events.push('plain', tag(this)) } } }
  plainAlone() { const { events } = this; return { x: 1, [Symbol.dispose]() { events.push('plain alone') } } }
  fnWith() { const { events } = this; return Object.assign(() => 'called', { [Symbol.dispose]() { events.push('function') } }) }
  throwing() { return new (class extends RpcTarget { [Symbol.dispose]() { throw new Error('in the disposer') } })() }
  values(name) { return { date: new Date(0), map: new Map(), array: [1], object: {}, nothing: null, text: 'x', error: new Error('e'), bytes: new Uint8Array(1) }[name] }
  stub() { return (this.st ??= new RpcStub(this.make('of stub'))) }
  stubAgain() { return this.st.hi() }
  stubDup() { this.sd ??= new RpcStub(this.make('of dup')); return this.sd.dup() }
  stubDupAgain() { return this.sd.hi() }
  async asyncDispose() { const { events } = this; return new (class extends RpcTarget { async [Symbol.dispose]() { events.push('begin'); await sleep(1); events.push('end') } })() }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const seen = async () => { await sleep(25); return o.seen() };
  for (const name of ['date', 'map', 'array', 'object', 'nothing', 'text', 'error', 'bytes'])
    await say('disposer of ' + name, async () => { const v = await o.values(name); const d = v === null || typeof v !== 'object' ? undefined : Object.getOwnPropertyDescriptor(v, Symbol.dispose); return [typeof v?.[Symbol.dispose], d?.enumerable, d?.writable, d?.configurable, v?.[Symbol.dispose]?.name] });
  await say('a stub', async () => { const s = await o.t('1'); s[Symbol.dispose](); const now = await seen(); return [Object.hasOwn(s, Symbol.dispose), now] });
  await say('a stub and its dup', async () => { const s = await o.t('2'); const d = s.dup(); s[Symbol.dispose](); const first = await seen(); const hi = await d.hi(); d[Symbol.dispose](); return [first, hi, await seen()] });
  await say('an object', async () => { const r = await o.two(); r[Symbol.dispose](); return [await seen(), await r.a.hi().catch((e) => e.message), await r.b[0].hi().catch((e) => e.message)] });
  await say('one of two', async () => { const r = await o.two(); r.a[Symbol.dispose](); const first = await seen(); const hi = await r.b[0].hi(); r[Symbol.dispose](); return [first, hi, await seen()] });
  await say('a dup of one of two', async () => { const r = await o.two(); const d = r.a.dup(); r[Symbol.dispose](); const first = await seen(); const hi = await d.hi(); d[Symbol.dispose](); return [first, hi, await seen()] });
  await say('using', async () => { { using r = await o.two(); await r.a.hi() } return seen() });
  await say('the same target twice', async () => { const a = await o.same(); const b = await o.same(); a[Symbol.dispose](); const first = await seen(); const hi = await b.hi(); b[Symbol.dispose](); return [first, hi, await seen()] });
  await say('with a call under way', async () => { const s = await o.t('3'); const p = s.slow(); s[Symbol.dispose](); const r = await p; return [r, await seen()] });
  await say('a plain object with a disposer', async () => { const r = await o.plain(); const keys = Object.keys(r); const f = await r.f(); r[Symbol.dispose](); return [keys, f, await seen(), await r.f().catch((e) => e.message)] });
  await say('a plain object with nothing else', async () => { const r = await o.plainAlone(); r[Symbol.dispose](); return [Object.keys(r), await seen()] });
  await say('its disposer twice', async () => { const r = await o.plainAlone(); r[Symbol.dispose](); r[Symbol.dispose](); return seen() });
  await say('a function with a disposer', async () => { const r = await o.fnWith(); const c = await r(); r[Symbol.dispose](); return [c, await seen()] });
  await say('a disposer that throws', async () => { const r = await o.throwing(); r[Symbol.dispose](); return seen() });
  await say('an async disposer', async () => { const r = await o.asyncDispose(); r[Symbol.dispose](); return seen() });
  await say('a promise that is disposed of', async () => { const p = o.t('4'); await p; p[Symbol.dispose](); return seen() });
  await say('a promise that is disposed of early', async () => { const p = o.t('5'); p[Symbol.dispose](); return [await seen(), await p.then((v) => tag(v), (e) => e.message)] });
  await say('the result of a disposed promise', async () => { const p = o.t('6'); const r = await p; p[Symbol.dispose](); return [await r.hi().catch((e) => e.message), await seen()] });
  await say('only pipelined, then disposed of', async () => { const p = o.t('7'); const hi = await p.hi(); p[Symbol.dispose](); return [hi, await seen()] });
  await say('a child lives on', async () => { const s = await o.t('8'); const c = await s.child(); s[Symbol.dispose](); const first = await seen(); const hi = await c.hi(); c[Symbol.dispose](); return [first, hi, await seen()] });
  await say('a stub of the callee is given away', async () => { const s = await o.stub(); const hi = await s.hi(); const own = await o.stubAgain().catch((e) => e.message); s[Symbol.dispose](); return [hi, own, await seen()] });
  await say('a dup of it is not', async () => { const s = await o.stubDup(); const hi = await s.hi(); s[Symbol.dispose](); const first = await seen(); return [hi, first, await o.stubDupAgain()] });
});
`,
});
