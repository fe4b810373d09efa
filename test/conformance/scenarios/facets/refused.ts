import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A facet has no alarm and no bookmarks.',
  rows: ['5.members'],
  config: objects({ OBJ: 'Obj' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker, show, showNow, sleep, tag } from './prelude.js';

export class Kid extends DurableObject {
  count = 0;
  hi() { return ++this.count }
  put(key, value) { return this.ctx.storage.put(key, value) }
  get(key) { return this.ctx.storage.get(key) }
  hang() { return new Promise(() => {}) }

  alarm() {}
  async set() { return [await show(() => this.ctx.storage.setAlarm(Date.now() + 1000)), await show(() => this.ctx.storage.getAlarm()), await show(() => this.ctx.storage.put('k', 1)), await show(() => this.ctx.storage.get('k'))] }
  async never() { return [await show(() => this.ctx.storage.setAlarm(0)), await show(() => this.ctx.storage.getAlarm())] }
  async deletes() { return [await show(() => this.ctx.storage.deleteAlarm()), await show(() => this.ctx.storage.getAlarm()), await this.ctx.storage.get('k')] }
  async inTransaction() { return [await show(() => this.ctx.storage.transaction(async (txn) => { await txn.put('k', 3); await txn.setAlarm(Date.now() + 1000) })), await this.ctx.storage.get('k')] }
  async caught() { return [await show(() => this.ctx.storage.transaction((txn) => show(() => txn.setAlarm(Date.now() + 1000)))), await this.ctx.storage.get('k')] }
  async bookmarks() { const { storage } = this.ctx; return [await show(() => storage.getCurrentBookmark()), await show(() => storage.getBookmarkForTime(Date.now())), await show(() => storage.onNextSessionRestoreBookmark('00000000-00000000-00000000-00000000000000000000000000000000'))] }
  async sync() { const { storage } = this.ctx; await storage.put('k', 2); return [await show(() => storage.sync()), storage.transactionSync(() => 'in transactionSync'), await storage.get('k')] }
}
export class Silent extends DurableObject { async alarms() { return [await show(() => this.ctx.storage.setAlarm(Date.now() + 1000)), await show(() => this.ctx.storage.getAlarm())] } }
export class Obj extends DurableObject {
  kid() { return this.ctx.facets.get('a', () => ({ class: this.ctx.exports.Kid })) }
  set() { return this.kid().set() }
  never() { return this.kid().never() }
  deletes() { return this.kid().deletes() }
  inTransaction() { return this.kid().inTransaction() }
  caught() { return this.kid().caught() }
  after() { return this.kid().get('k') }
  silent() { return this.ctx.facets.get('b', () => ({ class: this.ctx.exports.Silent })).alarms() }
  bookmarks() { return this.kid().bookmarks() }
  sync() { return this.kid().sync() }
}

export default worker(async ({ say, env }) => {
  for (const method of ['set', 'never', 'deletes', 'silent', 'inTransaction', 'caught', 'after', 'bookmarks', 'sync']) await say(method, () => env.OBJ.getByName('parent')[method]());
});
`,
});
