import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 6: an exception thrown by a handler neither rolls back storage nor resets memory.',
  rows: ['6.exception-in-handler'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  boom() { this.mem = 'dirty'; this.ctx.storage.kv.put('k', 1); throw new Error('handler') }
  async later() { this.mem = 'dirtier'; await this.ctx.storage.put('k', 2); await sleep(1); this.ctx.storage.kv.put('l', 3); throw new Error('later') }
  fetch() { this.mem = 'fetched'; this.ctx.storage.kv.put('k', 4); throw new Error('fetch') }
  timer() { setTimeout(() => { this.mem = 'timed'; this.ctx.storage.kv.put('k', 5); throw new Error('timer') }, 1); return sleep(20) }
  async rejects() { this.ctx.storage.kv.put('k', 6); this.mem = 'rejected'; Promise.reject(new Error('nobody hears of it')); await sleep(5) }
  async background() { this.ctx.waitUntil((async () => { await sleep(1); this.mem = 'in the background'; this.ctx.storage.kv.put('k', 7); throw new Error('background') })()); await sleep(20) }
  look() { return [this.mem, this.ctx.storage.kv.get('k'), this.ctx.storage.kv.get('l')] }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const method of ['boom', 'later', 'timer', 'rejects', 'background']) {
    await say(method, () => o[method]());
    await say('  then', () => o.look());
  }
  await say('by fetch', () => o.fetch('http://x/'));
  await say('  then', () => o.look());
  await say('  and by another stub', () => env.OBJ.getByName('a').look());
});
`,
});
