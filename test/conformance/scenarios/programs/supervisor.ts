import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A supervisor starts workers that fail while they are made, abort themselves in every place, break their sections and lose their waiting callers, and counts what was kept each time.',
  rows: [
    '5.abort',
    '5.block-concurrency-while',
    '6.constructor',
    '6.requests-during-constructor',
    '6.section-failure',
    '5.wait-until',
    '13.instantiation',
    '13.reset-causes',
    '3.broken-stub',
    '3.error-flags-measured',
    '6.output-gate',
    '6.write-coalescing',
    '6.commit-failure',
  ],
  config: objects({ CHILD: 'Child', SUPERVISOR: 'Supervisor' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { inspect, show, showNow, tag, worker } from './prelude.js';

let constructed = 0;
export class Child extends DurableObject {
  serial = Math.random(); steps = [];
  constructor(ctx, env) {
    super(ctx, env);
    const { kv } = ctx.storage; const mode = kv.get('mode'); const starts = (kv.get('starts') ?? 0) + 1; kv.put('starts', starts);
    if (mode === 'throw' && kv.get('left') > 0) { kv.put('left', kv.get('left') - 1); throw new RangeError('constructor ' + starts) }
    if (mode === 'section' && kv.get('left') > 0) ctx.blockConcurrencyWhile(async () => { const left = kv.get('left'); await ctx.storage.put('left', left - 1); await ctx.storage.sync(); throw new TypeError('init ' + starts) });
    if (mode === 'abort' && kv.get('left') > 0) { kv.put('left', kv.get('left') - 1); ctx.blockConcurrencyWhile(async () => { await ctx.storage.sync(); ctx.abort(new Error('aborted while made')) }) }
    if (mode === 'slow') ctx.blockConcurrencyWhile(async () => { this.steps.push('begin'); await scheduler.wait(10); this.steps.push('end') });
    if (mode === 'section kept') this.ready = ctx.blockConcurrencyWhile(async () => { await scheduler.wait(1); return 'ready' });
    if (mode === 'two') { ctx.blockConcurrencyWhile(async () => { this.steps.push('a1'); await scheduler.wait(3); this.steps.push('a2') }); ctx.blockConcurrencyWhile(async () => { this.steps.push('b1'); await scheduler.wait(1); this.steps.push('b2') }) }
    if (mode === 'lazy') this.init = (async () => { await scheduler.wait(2); this.steps.push('lazily') })();
  }
  get kv() { return this.ctx.storage.kv }
  arm(mode, left = 1) { this.kv.put('mode', mode); this.kv.put('left', left); return this.serial }
  info() { return [this.kv.get('starts'), this.kv.get('left') ?? null, this.steps.splice(0), this.kv.get('wrote') ?? null] }
  async state() { return [await this.ready, await this.init, this.steps] }
  write(v) { this.kv.put('wrote', v); return v }
  async abortIn(place) {
    const { ctx } = this; const die = () => ctx.abort(new RangeError('in ' + place));
    this.kv.put('wrote', place);
    switch (place) {
      case 'turn': die(); return 'never';
      case 'after sync': await ctx.storage.sync(); die(); break;
      case 'timer': setTimeout(die, 25); return 'answered';
      case 'transaction': return await ctx.storage.transaction(async (t) => { await t.put('wrote', 'in transaction'); die() });
      case 'transactionSync': return ctx.storage.transactionSync(() => { this.kv.put('wrote', 'sync'); die() });
      case 'waitUntil': ctx.waitUntil((async () => { await scheduler.wait(25); die() })()); return 'answered';
      case 'finally': try { await scheduler.wait(1); die() } finally { this.kv.put('wrote', 'finally') } break;
      case 'catch': try { die() } catch (error) { this.kv.put('wrote', 'caught'); return 'caught' } break;
      case 'stream': return new ReadableStream({ pull(c) { c.enqueue(new TextEncoder().encode('part')); setTimeout(die, 25) } });
      case 'dispose': return new (class extends RpcTarget { [Symbol.dispose]() { die() } })();
      case 'string': ctx.abort('a text'); break; case 'nothing': ctx.abort(); break;
      case 'custom': ctx.abort(Object.assign(new TypeError('custom', { cause: new Error('why') }), { code: 7, retryable: true })); break;
      case 'twice': try { ctx.abort('one') } finally { ctx.abort('two') } break;
      case 'reject': await ctx.blockConcurrencyWhile(() => Promise.reject(new RangeError('section of ' + place))); break;
      case 'sync throw': await ctx.blockConcurrencyWhile(() => { throw new RangeError('at once') }); break;
      case 'caught section': try { await ctx.blockConcurrencyWhile(async () => { throw new RangeError('caught one') }) } catch (error) { return 'caught ' + error.message } break;
      case 'unawaited section': ctx.blockConcurrencyWhile(async () => { throw new RangeError('unawaited') }).catch(() => 0); await scheduler.wait(20); return 'never';
      case 'nested': return await ctx.blockConcurrencyWhile(async () => { try { return await ctx.blockConcurrencyWhile(async () => { throw new RangeError('inner') }) } catch (error) { return 'outer caught ' + error.message } });
      case 'wrong': return [await show(() => ctx.blockConcurrencyWhile()), await show(() => ctx.blockConcurrencyWhile(5)), await show(() => ctx.waitUntil()), await show(() => ctx.waitUntil(5))];
      case 'fatal sql': ctx.storage.sql.exec('CREATE TABLE IF NOT EXISTS p (id INTEGER PRIMARY KEY); CREATE TABLE IF NOT EXISTS c (p REFERENCES p(id) DEFERRABLE INITIALLY DEFERRED); INSERT INTO c VALUES (9)'); return 'violates';
    }
  }
  async waits(ms) { await scheduler.wait(ms); return 'waited' }
  calls(f) { return f() }
  fetch() { this.ctx.abort('in fetch') }
  async alarm() { if (this.kv.get('mode') === 'alarm' && this.kv.get('left') > 0) { await this.ctx.storage.put('left', 0); await this.ctx.storage.sync(); this.ctx.abort('in alarm') } await this.ctx.storage.put('wrote', 'alarm ran') }
}
export class Supervisor extends DurableObject {
  async watch(name, place) { const child = this.env.CHILD.getByName(name); const waiting = [show(() => child.waits(50)), show(() => child.calls(() => scheduler.wait(50).then(() => 'called'))), show(() => child.abortIn(place))]; const later = show(() => child.info()); return [await Promise.all(waiting), await later] }
  async stubs(name) { const child = this.env.CHILD.getByName(name); const one = await child.arm('none'); const dead = await show(() => child.abortIn('turn')); const out = [dead]; for (let i = 0; i < 3; i++) out.push(await show(async () => (await child.arm('none')) === one)); out.push(await show(async () => (await this.env.CHILD.getByName(name).arm('none')) === one)); return out }
}
export default worker(async ({ say, env }) => {
  const places = ['turn', 'after sync', 'timer', 'transaction', 'transactionSync', 'waitUntil', 'finally', 'catch', 'string', 'nothing', 'custom', 'twice', 'reject', 'sync throw', 'caught section', 'unawaited section', 'nested', 'wrong', 'fatal sql', 'dispose'];
  for (const place of places) {
    const stub = env.CHILD.getByName(place); await show(() => stub.write('before'));
    await say(place, async () => { const got = await stub.abortIn(place); return typeof got === 'function' || tag(got).includes('Stub') ? (got[Symbol.dispose](), 'a stub') : got });
    await scheduler.wait(place === 'timer' || place === 'waitUntil' ? 40 : 8);
    await say('  the same stub', async () => (await stub.info())[0]);
    await say('  kept', () => env.CHILD.getByName(place).info());
  }
  await say('stream', async () => new Response(await env.CHILD.getByName('stream').abortIn('stream')).text());
  await say('by fetch', () => env.CHILD.getByName('fetch').fetch('https://x/'));
  const fresh = (name) => env.CHILD.getByName(name);
  for (const mode of ['throw', 'section', 'abort']) {
    await say(mode, async () => { await show(() => fresh(mode).arm(mode, 2)); return show(() => fresh(mode).abortIn('after sync')) });
    for (let i = 0; i < 4; i++) await say('  ' + mode + ' ' + i, () => fresh(mode).info());
    await show(() => fresh(mode).arm(mode, 1)); await show(() => fresh(mode).abortIn('after sync'));
    await say('  ' + mode + ' three at once', async () => { const s = fresh(mode); return Promise.all([1, 2, 3].map(() => show(() => s.info().then((i) => i[1])))) });
    await say('  then', () => fresh(mode).info().then((i) => i[1]));
  }
  for (const mode of ['slow', 'section kept', 'two', 'lazy']) await say(mode, async () => { await show(() => fresh(mode).arm(mode)); await show(() => fresh(mode).abortIn('after sync')); const s = fresh(mode); return Promise.all([s.state(), s.info(), s.state()]) });
  const supervisor = env.SUPERVISOR.getByName('s');
  for (const place of ['after sync', 'reject', 'fatal sql', 'caught section']) await say('watched ' + place, () => supervisor.watch('w ' + place, place));
  await say('stubs', () => supervisor.stubs('stubs'));
});
`,
});
