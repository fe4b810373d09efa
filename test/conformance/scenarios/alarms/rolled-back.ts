import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What a handler did to its alarm is undone with the transaction in which it did it: the alarm reads as it did before.',
  rows: ['11.get-alarm', '11.set-inside-handler', '11.delete-alarm', '11.success', '7.transaction'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

const FAR = 9e12, FARTHER = 9.1e12;

/** What each handler does; \`at\` notes how the alarm reads. */
const HANDLERS = {
  'nothing in a transaction': async ({ s }) => { await s.transaction((txn) => txn.rollback()) },
  'nothing, and it throws': async ({ s }) => { await s.transaction(() => { throw 1 }).catch(() => {}) },
  'set in a transaction': async ({ s, at }) => { await s.transaction(async (txn) => { await txn.setAlarm(FAR); await at('inside'); txn.rollback(); await at('rolled back') }) },
  'deleted in a transaction': async ({ s, at }) => { await s.transaction(async (txn) => { await txn.deleteAlarm(); await at('inside'); throw 1 }).catch(() => {}) },
  'set before and in a transaction': async ({ s, at }) => { await s.setAlarm(FAR); await s.transaction(async (txn) => { await txn.setAlarm(FARTHER); await at('inside'); txn.rollback() }) },
  'deleted before, set in a transaction': async ({ s, at }) => { await s.deleteAlarm(); await s.transaction(async (txn) => { await txn.setAlarm(FAR); await at('inside'); txn.rollback() }) },
  'set in an inner transaction': async ({ s, at }) => { await s.transaction(async () => { await s.transaction(async (txn) => { await txn.setAlarm(FAR); txn.rollback() }); await at('outer') }) },
  'set in the outer one': async ({ s, at }) => { await s.transaction(async (outer) => { await s.transaction((txn) => txn.setAlarm(FAR)); await at('outer'); outer.rollback() }) },
  'set in both': async ({ s, at }) => { await s.transaction(async (outer) => { await outer.setAlarm(FARTHER); await s.transaction(async (txn) => { await txn.setAlarm(FAR); txn.rollback() }); await at('outer') }) },
  'set, rolled back, set': async ({ s }) => { await s.transaction(async (txn) => { await txn.setAlarm(FARTHER); txn.rollback() }); await s.setAlarm(FAR) },
  'set, rolled back, failed': async ({ s }) => { await s.transaction(async (txn) => { await txn.setAlarm(FAR); txn.rollback() }); throw new Error('failed') },
  'nothing in transactionSync': async ({ s }) => { try { s.transactionSync(() => { s.kv.put('a', 1); throw 1 }) } catch {} },
  'set before and in transactionSync': async ({ s }) => { await s.setAlarm(FAR); try { s.transactionSync(() => { s.setAlarm(FARTHER); throw 1 }) } catch {} },
  'deleted before, set in transactionSync': async ({ s }) => { await s.deleteAlarm(); try { s.transactionSync(() => { s.setAlarm(FAR); throw 1 }) } catch {} },
  'set in transactionSync, then deleted': async ({ s }) => { try { s.transactionSync(() => { s.setAlarm(FAR); throw 1 }) } catch {} await s.deleteAlarm() },
  'set in transactionSync': async ({ s }) => { try { s.transactionSync(() => { s.setAlarm(FAR); throw 1 }) } catch {} },
  'deleted in transactionSync': async ({ s }) => { try { s.transactionSync(() => { s.deleteAlarm(); throw 1 }) } catch {} },
  'set in transactionSync in a transaction': async ({ s, at }) => { await s.transaction(async () => { try { s.transactionSync(() => { s.setAlarm(FAR); throw 1 }) } catch {} await at('inside') }) },
  'set in transactionSync, failed': async ({ s }) => { try { s.transactionSync(() => { s.setAlarm(FAR); throw 1 }) } catch {} throw new Error('failed') },
  'set after the rollback': async ({ s, at }) => { await s.transaction(async (txn) => { txn.rollback(); await s.setAlarm(FAR); await at('inside') }) },
};

export class Obj extends DurableObject {
  seen = [];
  runs = 0;
  started() {}
  async go(what) { this.what = what; this.then = Date.now() + 10; await this.ctx.storage.setAlarm(this.then) }
  async at(when) { const at = await this.ctx.storage.getAlarm(); this.seen.push(when + ' ' + (at === null ? 'none' : at === this.then ? 'as it was' : at === FAR ? 'far' : at === FARTHER ? 'farther' : 'another')) }
  async alarm() {
    if (++this.runs > 1) return;
    try { await HANDLERS[this.what]({ s: this.ctx.storage, at: (when) => this.at(when) }) } finally { await this.at('at the end') }
  }
  async told() { await this.at('later'); return [...this.seen, 'runs ' + this.runs].join(', ') }
}

export default worker(async ({ say, env }) => {
  const names = Object.keys(HANDLERS);
  await Promise.all(names.map((name) => env.OBJ.getByName(name).started()));
  for (const name of names) await env.OBJ.getByName(name).go(name);
  await sleep(1000);
  for (const name of names) await say(name, () => env.OBJ.getByName(name).told());
});
`,
  config: objects({ OBJ: 'Obj' }),
});
