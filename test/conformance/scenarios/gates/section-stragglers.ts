import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What a critical section leaves behind belongs to its parent, and waits for sections that come later.',
  rows: ['6.section-end', '6.inside-a-section', '6.waiter-order'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Other extends DurableObject { async after(ms) { await sleep(ms); return 'answered' } }
export class Obj extends DurableObject {
  seen = [];
  log = (what) => () => { this.seen.push(what) };
  async leaves() {
    await this.ctx.blockConcurrencyWhile(async () => {
      this.seen.push('in');
      setTimeout(this.log('timer of the section'), 10);
      this.env.OTHER.getByName('o').after(10).then(this.log('answer for the section'));
      this.seen.push('out');
    });
    this.seen.push('resumed');
    await sleep(60);
  }
  async nested() {
    await this.ctx.blockConcurrencyWhile(async () => {
      await this.ctx.blockConcurrencyWhile(async () => { setTimeout(this.log('timer of the inner'), 5); this.seen.push('inner') });
      this.seen.push('outer goes on');
      await sleep(20);
      this.seen.push('outer out');
    });
    this.seen.push('resumed');
  }
  async later() {
    await this.ctx.blockConcurrencyWhile(async () => { this.env.OTHER.getByName('o').after(10).then(this.log('straggler')) });
    await this.ctx.blockConcurrencyWhile(async () => { this.seen.push('second in'); await this.env.OTHER.getByName('p').after(60); this.seen.push('second out') });
    this.seen.push('resumed');
    await sleep(40);
  }
  // A timer that is due before one of the section and outside of it would hold that back (see section-too-long).
  async opensLate(lateMs) {
    await this.ctx.blockConcurrencyWhile(async () => {
      this.env.OTHER.getByName('o').after(lateMs).then(() => this.ctx.blockConcurrencyWhile(async () => { this.seen.push('late section in'); await sleep(10); this.seen.push('late section out') }));
    });
    await sleep(lateMs + 300);
    this.seen.push('end');
  }
  async chain(n) { for (let i = 0; i < 3; i++) await this.ctx.blockConcurrencyWhile(async () => { this.seen.push(n + i + ' in'); await sleep(2); this.seen.push(n + i + ' out') }) }
  plain(n) { this.seen.push(n) }
  take() { return this.seen.splice(0).join(', ') }
}

export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await o.take();
  for (const name of ['o', 'p']) await env.OTHER.getByName(name).after(0);
  for (const method of ['leaves', 'nested', 'later', 'opensLate']) await say(method, async () => { await o[method](5); return o.take() });
  await say('two chains of sections and a call', async () => { await Promise.all([o.chain('A'), o.chain('B'), o.plain('call')]); return o.take() });
  await say('calls around a late section', async () => { const late = o.opensLate(80); await sleep(2); await Promise.all([o.plain(1), late]); return o.take() });
});
`,
});
