import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A critical section ends with its turn: microtasks run before its caller goes on, and what it wrote is kept whatever the caller does.',
  rows: ['6.section-end', '6.write-coalescing', '6.storage-sync', '7.transaction'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  seen = [];
  async hops(name) { for (let i = 1; i <= 8; i++) { await null; this.seen.push(name + i) } }
  async section(work) { this.seen.push(await this.ctx.blockConcurrencyWhile(work)) }
  atOnce() { return this.section(async () => { this.hops('hop'); return 'over' }) }
  afterStorage() { return this.section(async () => { await this.ctx.storage.get('k'); this.hops('hop'); return 'over' }) }
  afterTimer() { return this.section(async () => { await sleep(3); this.hops('hop'); return 'over' }) }
  beforeTheNext() { const two = this.section(async () => { this.hops('hop'); return 'one over' }); return Promise.all([two, this.section(() => 'two over')]) }
  begunInAHop() { return this.section(async () => { this.hops('hop').then(() => this.section(() => 'inner over')); return 'over' }) }
  async transaction() { await this.ctx.storage.transaction(async () => { this.hops('hop') }); this.seen.push('over') }
  take() { return this.seen.splice(0).join(' ') }

  put(key) { this.ctx.storage.kv.put(key, 1) }
  /** The turn in which it is called cannot be committed. */
  spoil() { const { sql } = this.ctx.storage; sql.exec('PRAGMA defer_foreign_keys = on'); sql.exec('INSERT INTO child VALUES (1)') }
  async spoilsAfter() { await this.ctx.blockConcurrencyWhile(async () => this.put('in the section')); this.put('after it'); this.spoil() }
  async spoilsAfterTwoTurns() { await this.ctx.blockConcurrencyWhile(async () => { this.put('first'); await sleep(1); this.put('last') }); this.put('after it'); this.spoil() }
  async spoilsAfterTransaction() { await this.ctx.storage.transaction(async () => this.put('in the transaction')); this.put('after it'); this.spoil() }
  async spoilsTheSection() { this.put('before'); await this.ctx.blockConcurrencyWhile(async () => { this.put('in the section'); this.spoil() }); this.put('after it') }
  async failsAfter() { await this.ctx.blockConcurrencyWhile(async () => this.put('in the section')); this.put('after it'); await this.ctx.blockConcurrencyWhile(() => { throw new Error('failed') }) }
  tables() { this.ctx.storage.sql.exec('CREATE TABLE parent (id PRIMARY KEY); CREATE TABLE child (parent REFERENCES parent)') }
  keys() { return [...this.ctx.storage.kv.list()].map(([key]) => key) }

  async syncs(name, before) { before?.(); this.seen.push(name + ' starts'); await this.ctx.storage.sync(); this.seen.push(name + ' is synced') }
  writesAndSyncs() { return this.syncs('A', () => this.put('x')) }
  syncsInASection() { return this.section(async () => { this.ctx.storage.sync().then(() => this.seen.push('is synced')); return 'over' }) }
  call(name) { this.seen.push(name) }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await o.take();
  for (const method of ['atOnce', 'afterStorage', 'afterTimer', 'beforeTheNext', 'begunInAHop', 'transaction']) await say(method, async () => { await o[method](); return o.take() });
  for (const method of ['spoilsAfter', 'spoilsAfterTwoTurns', 'spoilsAfterTransaction', 'spoilsTheSection', 'failsAfter']) {
    await env.OBJ.getByName(method).tables();
    await say(method, () => env.OBJ.getByName(method)[method]());
    await say('  keeps', () => env.OBJ.getByName(method).keys());
  }
  const beside = async (method, ...args) => { await Promise.all([o[method](...args), o.call('call'), o.call('another')]); return o.take() };
  await say('sync with nothing to wait for, beside calls', () => beside('syncs', 'A'));
  await say('sync after a write, beside calls', () => beside('writesAndSyncs'));
  await say('sync in a section that does not wait for it', () => beside('syncsInASection'));
});
`,
});
