import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A section that throws resets the object: its caller cannot catch it and every pending call gets its error.',
  rows: ['6.section-failure', '3.broken-stub', '3.error-flags', '3.error-flags-measured'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Obj extends DurableObject {
  instance() { return (this.n = (this.n ?? 0) + 1) }
  async fails() {
    this.ctx.storage.kv.put('before', 1);
    await sleep(5);
    try { await this.ctx.blockConcurrencyWhile(async () => { this.ctx.storage.kv.put('inside', 1); throw Object.assign(new RangeError('init'), { extra: 1 }) }) }
    catch { this.ctx.storage.kv.put('caught', 1); return 'caught' }
    finally { this.ctx.storage.kv.put('finally', 1) }
  }
  async failsLater() { try { await this.ctx.blockConcurrencyWhile(async () => { await sleep(5); throw new Error('later') }) } catch { return 'caught' } }
  async failsAtOnce() { try { await this.ctx.blockConcurrencyWhile(() => { throw new Error('at once') }) } catch (e) { return 'caught ' + e.message } }
  async failsNested() { try { await this.ctx.blockConcurrencyWhile(async () => { try { await this.ctx.blockConcurrencyWhile(async () => { throw new Error('inner') }) } catch { return 'caught inside' } }) } catch { return 'caught' } }
  async unawaited() { this.ctx.blockConcurrencyWhile(async () => { throw new Error('unawaited') }); return 'returned' }
  async noPromise() { return this.ctx.blockConcurrencyWhile(() => 'plain') }
  async noFunction() { return this.ctx.blockConcurrencyWhile(7) }
  async slow() { await sleep(500); return 'slow' }
  stored() { return [...this.ctx.storage.kv.list()].map(([k]) => k) }
  fetch() { return new Response('fetched') }
}

export default worker(async ({ say, env }) => {
  const fresh = () => env.OBJ.getByName('a');
  const stub = fresh();
  await say('before', () => stub.instance());
  const slow = stub.slow().then((v) => v, (e) => { throw e });
  slow.catch(() => {});
  await say('the call', () => stub.fails());
  await say('a call that was running', () => slow);
  await say('the same stub', () => stub.instance());
  await say('the same stub by fetch', () => stub.fetch('http://x/'));
  await say('a new stub', () => fresh().instance());
  await say('what was stored', () => fresh().stored());
  for (const method of ['failsLater', 'failsAtOnce', 'failsNested', 'unawaited', 'noPromise', 'noFunction']) {
    const other = env.OBJ.getByName(method);
    await say(method + ': before', () => other.instance());
    await say(method, () => other[method]());
    await sleep(20);
    await say(method + ': same stub after', () => other.instance());
    await say(method + ': new stub after', () => env.OBJ.getByName(method).instance());
  }
  const waiting = env.OBJ.getByName('waiting');
  await waiting.instance();
  await say('calls that wait for the section', async () =>
    (await Promise.allSettled([waiting.failsLater(), waiting.instance(), waiting.instance()])).map((r) => r.value ?? r.reason.message));
});
`,
});
