import { objects, scenario } from '../../scenario.ts';
export const subject = scenario({
  name: 'A checkout saga follows its trace by AsyncLocalStorage: through awaits, storage, timers, sections, transactions, callbacks over RPC, streams, and what is left for later.',
  rows: ['1.async-local-storage', '5.wait-until', '5.block-concurrency-while'],
  config: { ...objects({ SAGAS: 'Saga', STEPS: 'Step' }), compatibility_flags: ['nodejs_compat'] },
  program: `
import { AsyncLocalStorage, AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { sleep, worker, show } from './prelude.js';
const trace = new AsyncLocalStorage();
const user = new AsyncLocalStorage();
const at = () => { const t = trace.getStore(); return t ? t.id + '/' + t.depth + (user.getStore() ? ' ' + user.getStore() : '') : 'none' };
const span = (name, f) => { const t = trace.getStore(); const log = t?.log ?? []; const me = { id: t?.id ?? 'root', depth: (t?.depth ?? 0) + 1, log }; return trace.run(me, async () => { log.push('begin ' + name + ' ' + at()); try { return await f() } catch (e) { log.push(name + ' failed ' + at()); throw e } finally { log.push('end ' + name + ' ' + at()) } }) };

class Hook extends RpcTarget { constructor(log) { super(); this.log = log; this.bound = AsyncResource.bind(() => at()); this.snap = AsyncLocalStorage.snapshot() } now() { this.log.push('hook ' + at()); return at() } bind() { return this.bound() } snapped() { return this.snap(() => at()) } }
export class Step extends DurableObject {
  calls = [];
  async book(what, hook, fail) { const mine = at(); return trace.run({ id: 'step', depth: 0, log: [] }, async () => { const theirs = await hook.now(); const bound = await hook.bind(), snapped = await hook.snapped(); await this.ctx.storage.put(what, at()); if (fail) throw new Error('no ' + what); return [mine, theirs, bound, snapped, at(), await this.ctx.storage.get(what)] }) }
  stream() { return trace.run({ id: 'stream', depth: 9, log: [] }, () => new ReadableStream({ async pull(c) { await sleep(1); c.enqueue(new TextEncoder().encode(at() + ';')); if (++this.n > 2) c.close() }, n: 0 })) }
}
export class Saga extends DurableObject {
  later = [];
  constructor(ctx, env) { super(ctx, env); trace.run({ id: 'ctor', depth: 0, log: this.later }, () => ctx.blockConcurrencyWhile(async () => { this.later.push('section in ctor ' + at()); await ctx.storage.get('x'); this.later.push('after get ' + at()); await sleep(1); this.later.push('after timer ' + at()) })) }
  ctorLog() { return [...this.later, at()] }
  async run(id) {
    const log = [];
    return trace.run({ id, depth: 0, log }, async () => user.run('ann', async () => {
      await span('kv', async () => { await this.ctx.storage.put('a', 1); log.push(at()); await this.ctx.storage.get('a'); log.push(at()); for (const [k] of await this.ctx.storage.list()) log.push(k + ' ' + at()); });
      await span('section', () => this.ctx.blockConcurrencyWhile(async () => { log.push(at()); await sleep(1); log.push(at()); return 1 }));
      await span('tx', () => this.ctx.storage.transaction(async (t) => { log.push(at()); await t.put('b', 2); log.push(at()) }));
      await span('sync', async () => this.ctx.storage.transactionSync(() => log.push(at())));
      await span('timers', () => new Promise((r) => { setTimeout((x) => { log.push('timer ' + x + ' ' + at()); queueMicrotask(() => { log.push('micro ' + at()); let n = 0; const i = setInterval(() => { log.push('interval ' + at()); if (++n === 2) { clearInterval(i); setImmediate(() => { log.push('immediate ' + at()); process.nextTick(() => { log.push('tick ' + at()); r() }) }) } }, 1) }) }, 1, 'arg') }));
      await span('wait', async () => { await scheduler.wait(1); log.push(at()); await Promise.race([sleep(1), sleep(5)]); log.push(at()); await Promise.allSettled([Promise.reject(new Error('x')), sleep(1)]); log.push(at()) });
      await span('rpc', async () => { const hook = new Hook(log); for (const fail of [false, true]) { const r = await show(() => this.env.STEPS.getByName('s').book('flight', hook, fail)); log.push(r, at()) } });
      await span('callback', async () => { const cb = (n) => { log.push('cb ' + n + ' ' + at()); return at() }; const step = this.env.STEPS.getByName('s'); log.push(JSON.stringify(await trace.exit(() => step.book('hotel', { now: cb, bind: cb, snapped: cb })))) });
      await span('stream', async () => { const text = await new Response(await this.env.STEPS.getByName('s').stream()).text(); log.push(text, at()) });
      await span('generators', async () => { async function* g() { for (let i = 0; i < 2; i++) { log.push('gen ' + at()); yield i; await null } } for await (const x of g()) log.push('got ' + x + ' ' + at()); const it = trace.run({ id: 'other', depth: 7, log }, () => g()); log.push('next'); await it.next(); log.push(at()) });
      await span('emitter', async () => { const e = new EventEmitter(); user.run('ben', () => e.on('x', () => log.push('on ' + at()))); e.emit('x'); const t = new EventTarget(); user.run('cy', () => t.addEventListener('x', () => log.push('listener ' + at()))); t.dispatchEvent(new Event('x')); const ac = new AbortController(); user.run('di', () => ac.signal.addEventListener('abort', () => log.push('abort ' + at()))); ac.abort() });
      await span('transform', async () => { const ts = user.run('eve', () => new TransformStream({ start() { log.push('start ' + at()) }, transform(c, k) { log.push('transform ' + at()); k.enqueue(c) }, flush() { log.push('flush ' + at()) } })); const w = ts.writable.getWriter(); w.write(1); w.close(); const r = ts.readable.getReader(); while (!(await r.read()).done) log.push('read ' + at()) });
      await span('failing', () => span('inner', async () => { await sleep(1); throw new Error('inner') })).catch((e) => log.push('caught ' + e.message + ' ' + at()));
      await span('thenable', async () => { await { then(r) { log.push('then ' + at()); sleep(1).then(() => r()) } }; log.push(at()) });
      await span('digest', async () => { await crypto.subtle.digest('SHA-256', new Uint8Array(1)); log.push(at()); await new Response('x').text(); log.push(at()); await new Blob(['x']).arrayBuffer(); log.push(at()) });
      trace.enterWith?.({ id: 'entered', depth: 5, log }); log.push('entered ' + at());
      this.ctx.waitUntil((async () => { await sleep(5); this.later = ['until ' + at()]; await trace.run({ id: 'deep', depth: 1 }, async () => { await sleep(1); this.later.push('until ' + at()) }); await this.ctx.storage.put('z', 1); this.later.push('until ' + at()) })());
      return log;
    }));
  }
  async alarm() { this.later.push('alarm ' + at()) }
  async plan() { this.later = []; await trace.run({ id: 'planner', depth: 3 }, () => this.ctx.storage.setAlarm(Date.now() + 1)); await sleep(50); return this.later }
}
export default worker(async ({ say, env, ctx }) => {
  const saga = env.SAGAS.getByName('a');
  await say('made', async () => (await saga.ctorLog()).join(', '));
  await say('the saga', async () => (await trace.run({ id: 'worker', depth: 0, log: [] }, () => saga.run('t1'))).join(String.fromCharCode(10)));
  await sleep(40);
  await say('later', async () => (await saga.ctorLog()).join(', '));
  await say('planned', async () => (await saga.plan()).join(', '));
  await say('outside', () => at());
});
`,
});
