import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Calls wait until what the constructor blocks on is done, and then come in order.',
  rows: ['6.constructor', '6.requests-during-constructor', '6.section-start', '13.instantiation'],
  config: objects({ OBJ: 'Obj', BARE: 'Bare', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Other extends DurableObject { value() { return 'from the other' } }
export class Obj extends DurableObject {
  seen = [];
  constructor(ctx, env) {
    super(ctx, env);
    this.seen.push('constructor starts');
    ctx.blockConcurrencyWhile(async () => {
      this.seen.push('section starts');
      this.stored = (await ctx.storage.get('k')) ?? 'nothing';
      await ctx.storage.put('k', 'something');
      await sleep(10);
      this.value = await env.OTHER.getByName('o').value();
      this.seen.push('section ends');
    });
    ctx.blockConcurrencyWhile(async () => { this.seen.push('second section') });
    this.seen.push('constructor ends');
  }
  call(n) { this.seen.push('call ' + n); return [this.stored, this.value] }
  fetch() { this.seen.push('fetch'); return new Response() }
  log() { return this.seen }
}
export class Bare extends DurableObject {
  seen = [];
  constructor(ctx, env) {
    super(ctx, env);
    setTimeout(() => this.seen.push('timer of the constructor'), 0);
    Promise.resolve().then(() => this.seen.push('microtask of the constructor'));
    ctx.storage.get('k').then(() => this.seen.push('storage of the constructor'));
    ctx.waitUntil(sleep(1));
  }
  call() { this.seen.push('call'); return sleep(20) }
  log() { return this.seen }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  const calls = [1, 2, 3].map((n) => stub.call(n));
  await say('results', () => Promise.all(calls));
  await say('order', () => stub.log());
  await say('a fetch first', async () => { const s = env.OBJ.getByName('b'); await s.fetch('http://x/'); return s.log() });
  const bare = env.BARE.getByName('a');
  await bare.call();
  await say('what the constructor starts and does not block on', () => bare.log());
});
`,
});
