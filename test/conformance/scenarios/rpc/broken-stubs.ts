import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Stubs fail, and do not hang, when the object behind them was reset.',
  rows: ['4.session-lifetime', '3.broken-stub'],
  config: objects({ OBJ: 'Obj', KEEPER: 'Keeper' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker, tag, sleep, inspect } from './prelude.js';

class T extends RpcTarget {
  constructor(ctx) { super(); this.ctx_ = ctx }
  hi() { return 'hi' }
  async never() { await sleep(20_000) }
  abort() { this.ctx_.abort('aborted by its own') }
  get state() { return 'state' }
}
export class Obj extends DurableObject {
  t() { return new T(this.ctx) }
  fn() { return () => 'called' }
  nested() { return { t: new T(this.ctx) } }
  abort() { this.ctx.abort('aborted') }
  hi() { return 'hi' }
  async use(f) { this.f = f.dup(); return f('before') }
  async breakWithin(f) { try { return await f() } catch (e) { return inspect(e) } }
  stream() { return new ReadableStream({ pull(c) { if (this.n) return new Promise(() => {}); this.n = 1; c.enqueue(new Uint8Array([65])) } }) }
}
export class Keeper extends DurableObject {
  async keep(name) { this.t = await this.env.OBJ.getByName(name).t(); return this.t.hi() }
  async use() { try { return await this.t.hi() } catch (e) { return inspect(e) } }
  async never() { try { return await this.t.never() } catch (e) { return inspect(e) } }
  again() { return this.env.OBJ.getByName('k').hi() }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const t = await o.t();
  const fn = await o.fn();
  const nested = await o.nested();
  await say('before', async () => [await t.hi(), await fn()]);
  const pending = t.never();
  const shown = say('a call under way', () => pending);
  await sleep(5);
  await say('the abort', () => o.abort());
  await shown;
  await say('a target', () => t.hi());
  await say('again', () => t.hi());
  await say('a property', () => t.state);
  await say('a function', () => fn());
  await say('nested', () => nested.t.hi());
  await say('a dup', () => t.dup().hi());
  await say('disposing', () => t[Symbol.dispose]());
  await say('the stub of the object', () => o.hi());
  await say('a new stub', () => env.OBJ.getByName('a').hi());
  await say('passed to another object', async () => env.OBJ.getByName('b').use(fn));
  const keeper = env.KEEPER.getByName('keeper');
  await say('kept by another object', () => keeper.keep('k'));
  const never = keeper.never();
  await sleep(5);
  await env.OBJ.getByName('k').abort().catch(() => {});
  await say('its call under way', () => never);
  await say('its next', () => keeper.use());
  await say('its new stub', () => keeper.again());
  const own = await env.OBJ.getByName('own').t();
  await say('aborted by a method of the target', () => own.abort());
  await say('and after that', () => own.hi());
  await say('a stream', async () => { const s = env.OBJ.getByName('s'); const r = (await s.stream()).getReader(); const first = await r.read(); const next = r.read().then((x) => x, (e) => inspect(e)); await sleep(5); await s.abort().catch(() => {}); return [first.value[0], await next] });
});
`,
});
