import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 21: inside alarm() getAlarm() is null, a throw is tried again after two seconds, and setAlarm() before the throw cancels that.',
  rows: ['11.set-alarm', '11.get-alarm'],
  advanceMs: 1_000,
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  seen = [];
  async go(mode) { await this.ctx.storage.put('mode', mode); await this.ctx.storage.setAlarm(Date.now() - 99999) }
  async alarm(info) {
    const mode = await this.ctx.storage.get('mode');
    this.since ??= Date.now();
    this.seen.push([mode, info.isRetry, info.retryCount, await this.ctx.storage.getAlarm(), Date.now() - this.since >= 2000]);
    if (mode === 'retry' && info.retryCount === 0) throw new Error('x');
    if (mode === 'reset') { await this.ctx.storage.put('mode', 'second'); await this.ctx.storage.setAlarm(Date.now() + 20); throw new Error('y') }
  }
  at() { return this.ctx.storage.getAlarm() }
  all() { return this.seen }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await o.go('retry');
  await sleep(200);
  await say('between two tries', async () => typeof (await o.at()));
  await sleep(4000);
  await o.go('reset');
  await sleep(400);
  await say('alarms: mode, isRetry, retryCount, getAlarm(), two seconds after the first', () => o.all());
  await say('in the end', () => o.at());
});
`,
});
