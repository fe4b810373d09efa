import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An alarm that is set while a failed one waits for its retry takes its place: it is run at its own time.',
  rows: ['11.set-alarm', '11.retry', '11.info'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  runs = [];
  started() {}
  async go(first) { this.first = first; await this.ctx.storage.setAlarm(Date.now()); }
  async alarm({ retryCount, scheduledTime }) {
    const at = Date.now();
    this.runs.push(this.runs.length === 0 ? 'failed' : (at - this.set < 1000 ? 'at its time' : 'later') + ', retry ' + retryCount + ', of ' + (scheduledTime >= this.set ? 'the new time' : 'the old time'));
    if (this.runs.length > 1) return;
    if (this.first === 'deleted') await this.ctx.storage.deleteAlarm();
    throw new Error('failed');
  }
  /** The failed one is known by now. */
  async next(how) {
    const { storage } = this.ctx;
    // A time that differs from the first one's by a millisecond at least.
    await sleep(300);
    this.set = Date.now();
    switch (how) {
      case 'set to now': await storage.setAlarm(this.set); return;
      case 'set to a time gone by': await storage.setAlarm(1); return;
      case 'set to 50 ms later': this.set += 50; await storage.setAlarm(this.set); return;
      case 'set in a transaction': await storage.transaction(async (txn) => { await txn.setAlarm(this.set) }); return;
      case 'deleted, then set in a later turn': await storage.deleteAlarm(); await storage.sync(); await sleep(20); this.set = Date.now(); await storage.setAlarm(this.set); return;
      case 'set after its handler had deleted it': await storage.setAlarm(this.set); return;
      case 'set to later than the retry': this.set += 3500; await storage.setAlarm(this.set); return;
      case 'deleted': await storage.deleteAlarm(); return;
    }
  }
  async told() { return [...this.runs, 'then ' + ((await this.ctx.storage.getAlarm()) === null ? 'none' : 'set')].join('; ') }
}

const CASES = ['deleted', 'deleted, then set in a later turn', 'set to later than the retry', 'set to now', 'set to a time gone by', 'set to 50 ms later', 'set in a transaction', 'set after its handler had deleted it'];

export default worker(async ({ say, env }) => {
  const object = (how) => env.OBJ.getByName(how);
  await Promise.all(CASES.map((how) => object(how).started()));
  for (const how of CASES) await object(how).go(how.startsWith('set after its') ? 'deleted' : 'kept');
  await Promise.all(CASES.map(async (how) => { await sleep(300); await object(how).next(how) }));
  await sleep(5000);
  for (const how of CASES) await say(how, () => object(how).told());
});
`,
  config: objects({ OBJ: 'Obj' }),
});
