import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'process.exit ends the object that calls it: whoever waits for it hears so, what was not committed is gone, and the next call finds another.',
  rows: ['17.nodejs-compat', '13.reset-causes'],
  config: { compatibility_flags: ['nodejs_compat'] },
  program: `
import { DurableObject } from 'cloudflare:workers';
import process from 'node:process';
import { inspect, worker, sleep } from './prelude.js';
export class Obj extends DurableObject {
  n = 0;
  count() { return ++this.n }
  exit(code) { this.n++; process.exit(code) }
  abort() { process.abort() }
  async later() { this.n++; await sleep(1); process.exit(1) }
  async caught() { this.n++; try { process.exit(2) } catch (e) { return 'caught ' + inspect(e) } finally { this.ctx.storage.kv.put('finally', 1) } }
  async keep() { await this.ctx.storage.put('kept', 1); await this.ctx.storage.sync(); this.ctx.storage.put('lost', 2); process.exit(0) }
  async read() { return [...await this.ctx.storage.list(), this.n] }
  fetch() { process.exit(3) }
  timer() { setTimeout(() => process.exit(5), 1); return 'set' }
  wait() { this.ctx.waitUntil(sleep(1).then(() => process.exit(6))); return 'set' }
  section() { return this.ctx.blockConcurrencyWhile(async () => { process.exit(7) }) }
  slow() { return sleep(50) }
}
export default {
  async fetch(request, env, ctx) {
    const name = decodeURI(new URL(request.url).pathname.slice(1));
    const [method, code] = name.split(' ');
    return worker(async ({ say, env }) => {
      const stub = env.OBJ.getByName('a');
      if (name === 'fetch') return say(name, async () => (await stub.fetch('http://x')).status);
      if (name === 'while another waits') { const slow = stub.slow().then(() => 'over', inspect); await say(name, () => stub.exit(9)); return say('the other', () => slow) }
      if (name === 'with the same stub') { await say(name, () => stub.exit(9)); return say('again', () => stub.count()) }
      await say(name, () => stub[method](code));
    }).fetch(request, env, ctx);
  },
};
`,
  async steps(client) {
    for (const path of [
      'count',
      'exit 1',
      'count',
      'exit',
      'exit x',
      'exit 256',
      'exit -1',
      'exit 1.9',
      'abort',
      'count',
    ]) {
      await client.fetch(`/${encodeURI(path)}`);
    }
    for (const path of [
      'later',
      'caught',
      'read',
      'keep',
      'read',
      'fetch',
      'section',
      'while another waits',
      'with the same stub',
    ]) {
      await client.fetch(`/${encodeURI(path)}`);
      await client.fetch('/count');
    }
    for (const path of ['timer', 'wait']) {
      await client.fetch(`/${path}`);
      await client.wait(50);
      await client.fetch('/count');
    }
  },
});
