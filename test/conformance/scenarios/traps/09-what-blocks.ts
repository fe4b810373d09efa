import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 9: awaiting storage blocks other events, awaiting a timer, a fetch or another object does not.',
  rows: ['6.what-holds-the-input-gate', '6.interleaving', '5.block-concurrency-while'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Other extends DurableObject { nothing() {} fetch() { return new Response('nothing') } }
export class Obj extends DurableObject {
  async a() { const v = (await this.ctx.storage.get('a')) ?? 0; await this.ctx.storage.put('a', v + 1); return v + 1 }
  async b() { const v = (await this.ctx.storage.get('b')) ?? 0; await sleep(1); await this.ctx.storage.put('b', v + 1); return v + 1 }
  c() { return this.ctx.blockConcurrencyWhile(async () => { const v = (await this.ctx.storage.get('c')) ?? 0; await sleep(1); await this.ctx.storage.put('c', v + 1); return v + 1 }) }
  async d() { const v = (await this.ctx.storage.get('d')) ?? 0; await this.env.OTHER.getByName('o').nothing(); await this.ctx.storage.put('d', v + 1); return v + 1 }
  async e() { const v = (await this.ctx.storage.get('e')) ?? 0; await (await this.env.OTHER.getByName('o').fetch('http://x/')).text(); await this.ctx.storage.put('e', v + 1); return v + 1 }
  f() { return this.ctx.storage.transaction(async (txn) => { const v = (await txn.get('f')) ?? 0; await sleep(1); await txn.put('f', v + 1); return v + 1 }) }
  async g() { const v = (await this.ctx.storage.get('g')) ?? 0; await this.ctx.storage.getAlarm(); await this.ctx.storage.deleteAlarm(); await this.ctx.storage.list(); await this.ctx.storage.put('g', v + 1); return v + 1 }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const ten = (m) => Promise.all(Array.from({ length: 10 }, () => o[m]())).then((all) => all.join());
  await say('storage only', () => ten('a'));
  await say('a timer between', () => ten('b'));
  await say('blockConcurrencyWhile', () => ten('c'));
  await say('a call between', () => ten('d'));
  await say('a fetch between', () => ten('e'));
  await say('a transaction', () => ten('f'));
  await say('other kinds of storage', () => ten('g'));
});
`,
});
