import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A critical section that takes thirty seconds resets the object, also one that waits for what it keeps out.',
  rows: ['15.time', '5.block-concurrency-while', '6.timer-trap', '6.inside-a-section', '13.reset-causes'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  advanceMs: 30_000,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, sleep } from './prelude.js';

export class Other extends DurableObject {
  never() { return new Promise(() => {}) }
  async after(ms) { await sleep(ms); return 'answered' }
  back(name) { return this.env.OBJ.getByName(name).plain() }
}
export class Born extends DurableObject {}
export class Obj extends DurableObject {
  plain() { return (this.n = (this.n ?? 0) + 1) }
  async caught() { try { return await this.ctx.blockConcurrencyWhile(() => this.env.OTHER.getByName('o').never()) } catch { return 'caught' } finally { this.ctx.storage.kv.put('finally', 1) } }
  async timers(outer, inner) { setTimeout(() => {}, outer); await this.ctx.blockConcurrencyWhile(() => sleep(inner)); return 'ok' }
  async begunOutside() { const answer = this.env.OTHER.getByName('p').after(5); return this.ctx.blockConcurrencyWhile(() => answer) }
  async timerOutside() { const timer = sleep(5); return this.ctx.blockConcurrencyWhile(() => timer) }
  async storageOutside() { const stored = this.ctx.storage.get('k'); return this.ctx.blockConcurrencyWhile(() => stored) }
  async myself(name) { return this.ctx.blockConcurrencyWhile(() => this.env.OTHER.getByName('q').back(name)) }
  async nested() { return this.ctx.blockConcurrencyWhile(() => this.ctx.blockConcurrencyWhile(() => this.env.OTHER.getByName('o').never())) }
  async transaction() { return this.ctx.storage.transaction(async (txn) => { await txn.put('t', 1); await this.env.OTHER.getByName('o').never() }) }
  waits() { return new Promise((resolve) => { this.release = resolve }) }
  opens() { return this.ctx.blockConcurrencyWhile(() => this.waits()) }
  closes() { this.release('released') }
  stored() { return [...this.ctx.storage.kv.list()].map(([k]) => k) }
}

export default worker(async ({ say, env }) => {
  const lines = [];
  const at = (name) => env.OBJ.getByName(name);
  const after = async (what, name, f) => {
    const stub = at(name);
    await stub.plain();
    const said = await show(() => f(stub));
    lines.push(what + ': ' + said, '  the same stub: ' + (await show(() => stub.plain())), '  a new stub: ' + (await show(() => at(name).plain())) + ', stored ' + (await show(() => at(name).stored())));
  };
  await Promise.all([
    after('work that never ends', 'a', (stub) => stub.caught()),
    after('a call that waits meanwhile', 'b', (stub) => Promise.all([stub.caught().catch(() => {}), stub.plain()])),
    after('an earlier timer of outside', 'c', (stub) => stub.timers(5, 20)),
    after('a later timer of outside', 'd', (stub) => stub.timers(100, 20)),
    after('a call begun outside', 'e', (stub) => stub.begunOutside()),
    after('a timer begun outside', 'f', (stub) => stub.timerOutside()),
    after('storage begun outside', 'g', (stub) => stub.storageOutside()),
    after('a call that comes back', 'h', (stub) => stub.myself('h')),
    after('the inner one of two', 'i', (stub) => stub.nested()),
    after('a transaction', 'j', (stub) => stub.transaction()),
    after('what another event would resolve', 'k', (stub) => Promise.all([stub.opens(), stub.closes()])),
  ]);
  lines.sort((a, b) => 0);
  await say('all', () => 'done');
  for (const what of [...lines].filter((l) => !l.startsWith(' ')).sort()) {
    const index = lines.indexOf(what);
    for (const line of lines.slice(index, index + 3)) await say(line.slice(0, line.indexOf(':')), () => line.slice(line.indexOf(':') + 2));
  }
});
`,
});
