import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Events interleave wherever one waits for something that does not hold the gate.',
  rows: ['6.interleaving', '6.what-holds-the-input-gate', '6.allow-concurrency', '6.storage-sync'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  seen = [];
  async sleeper(n, ms) { this.seen.push(n + ' starts'); await sleep(ms); this.seen.push(n + ' ends') }
  async storer(n) { this.seen.push(n + ' starts'); for (let i = 0; i < 3; i++) await this.ctx.storage.put('k', i); this.seen.push(n + ' ends') }
  async concurrent(n) { this.seen.push(n + ' starts'); for (let i = 0; i < 3; i++) await this.ctx.storage.get('k', { allowConcurrency: true }); this.seen.push(n + ' ends') }
  async syncer(n) { this.seen.push(n + ' starts'); await this.ctx.storage.put('k', n); const r = await this.ctx.storage.sync(); this.seen.push(n + ' ends'); return r }
  async syncOnly(n) { return [await this.ctx.storage.sync(), await this.ctx.storage.sync()] }
  busy(n) { this.seen.push(n + ' starts'); const until = Date.now() + 10; while (Date.now() < until); this.seen.push(n + ' ends') }
  take() { return this.seen.splice(0).join(', ') }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await stub.take();
  const both = async (a, b) => { const r = await Promise.all([a(), b()]); return [r, await stub.take()] };
  await say('two that sleep', () => both(() => stub.sleeper('A', 30), () => stub.sleeper('B', 10)));
  await say('one sleeps, one stores', () => both(() => stub.sleeper('A', 10), () => stub.storer('B')));
  await say('two that store', () => both(() => stub.storer('A'), () => stub.storer('B')));
  await say('two that read with allowConcurrency', () => both(() => stub.concurrent('A'), () => stub.concurrent('B')));
  await say('two that compute', () => both(() => stub.busy('A'), () => stub.busy('B')));
  await say('sync after a write', async () => { const r = await stub.syncer('A'); return [r, await stub.take()] });
  await say('sync without a write', () => stub.syncOnly());
});
`,
});
