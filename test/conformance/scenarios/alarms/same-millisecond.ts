import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An alarm that its handler sets to the very millisecond at which it was due is stored and never run, unless it failed; set to the next one it is run.',
  rows: ['11.set-inside-handler', '11.get-alarm', '11.success', '11.retry'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  runs = 0;
  tries = 0;
  async go(later, fails) { Object.assign(this, { later, fails, runs: 0, met: undefined }); await this.ctx.storage.setAlarm(Date.now() + 5) }
  async alarm({ scheduledTime, isRetry, retryCount }) {
    const { storage } = this.ctx;
    if (this.met) { this.runs++; this.met.push('again, retry ' + isRetry + ' ' + retryCount); return }
    const now = Date.now();
    if (now !== scheduledTime && this.tries++ < 1000) { await storage.setAlarm(now + 3 + (this.tries % 3)); return }
    const set = storage.setAlarm(scheduledTime + this.later);
    const isMoved = Date.now() !== now;
    await set;
    // Its time is over: a time that has gone by is set as the present one.
    if (isMoved && this.tries++ < 1000) { await storage.setAlarm(Date.now() + 4); return }
    const at = await storage.getAlarm();
    this.runs++;
    this.met = ['in its millisecond ' + (now === scheduledTime), 'reads as ' + (at === null ? 'null' : 'then + ' + (at - scheduledTime))];
    if (this.fails) throw new Error('x');
  }
  /** Long enough for a retry, which comes 2.5 seconds later at the latest. */
  async told() { for (let i = 0; !this.met && i < 500; i++) await sleep(10); await sleep(3000); return [...this.met, 'runs ' + this.runs, 'alarm ' + ((await this.ctx.storage.getAlarm()) === null ? 'none' : 'set')].join(', ') }
}

export default worker(async ({ say, env }) => {
  const play = async (later, fails) => { const object = env.OBJ.getByName(later + ' ' + fails); await object.go(later, fails); return object.told() };
  const cases = [['set to the same millisecond', 0, false], ['set to the same one, and failed', 0, true], ['set to the next one', 1, false], ['set to the next one, and failed', 1, true]];
  const played = await Promise.all(cases.map(([, ...how]) => play(...how)));
  for (const [i, [what]] of cases.entries()) await say(what, () => played[i]);
});
`,
  config: objects({ OBJ: 'Obj' }),
});
