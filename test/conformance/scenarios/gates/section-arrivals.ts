import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'While a section runs, only what it began itself is delivered.',
  rows: ['6.inside-a-section', '6.input-lock-scope', '6.interleaving'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Other extends DurableObject {
  async after(ms) { await sleep(ms); return 'answered' }
  async fetch() { await sleep(5); return new Response('fetched') }
}
export class Obj extends DurableObject {
  seen = [];
  async run() {
    const { storage } = this.ctx;
    await this.ctx.blockConcurrencyWhile(async () => {
      const log = (what) => () => { this.seen.push(what) };
      this.seen.push('in');
      await sleep(2).then(log('own timer'));
      await storage.put('k', 1).then(log('own storage'));
      await this.env.OTHER.getByName('o').after(1).then(log('own call'));
      await this.env.OTHER.getByName('o').fetch('http://x/').then((r) => r.text()).then(log('own fetch'));
      await Promise.all([sleep(60).then(log('timer of 60')), sleep(1).then(log('timer of 1'))]);
      await sleep(40);
      this.seen.push('out');
    });
    this.seen.push('resumed');
  }
  async outside() {
    const log = (what) => () => { this.seen.push(what) };
    this.env.OTHER.getByName('o').after(20).then(log('call begun outside'));
    setTimeout(log('late timer of outside'), 300);
    await this.run();
    await sleep(350);
  }
  plain(n) { this.seen.push(n) }
  take() { return this.seen.splice(0).join(', ') }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await stub.take();
  await say('its own timers, storage, calls and fetches', async () => { await stub.run(); return stub.take() });
  await say('calls that arrive meanwhile', async () => {
    const running = stub.run();
    await sleep(10);
    await Promise.all([stub.plain('call 1'), stub.plain('call 2'), running]);
    return stub.take();
  });
  await say('an answer to what was begun before it', async () => { await stub.outside(); return stub.take() });
});
`,
});
