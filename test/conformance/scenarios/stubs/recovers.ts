import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A constructor that throws loses what it wrote in that turn, and the object starts once the constructor succeeds.',
  rows: ['3.broken-stub', '6.constructor', '6.section-failure', '6.write-coalescing', '13.instantiation'],
  config: objects({ OBJ: 'Obj', FLAKY: 'Flaky', COUNT: 'Count' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Count extends DurableObject { next() { return (this.n = (this.n ?? 0) + 1) } }
export class Obj extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.before = ctx.storage.kv.get('ctor');
    ctx.storage.kv.put('ctor', (this.before ?? 0) + 1);
    if (ctx.id.name === 'throws' && this.before === undefined) throw new Error('not the first time');
  }
  look() { return [this.before, this.ctx.storage.kv.get('ctor')] }
}
export class Flaky extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      ctx.storage.kv.put('before the call', 1);
      const n = await env.COUNT.getByName('count').next();
      ctx.storage.kv.put('after the call', n);
      if (n === 1) throw new Error('attempt ' + n);
      this.attempt = n;
    });
    this.found = [...ctx.storage.kv.list()];
  }
  look() { return [this.attempt, this.found, [...this.ctx.storage.kv.list()]] }
}

export default worker(async ({ say, env }) => {
  await say('a constructor may write', () => env.OBJ.getByName('writes').look());
  await say('one that throws after writing', () => env.OBJ.getByName('throws').look());
  await say('the next stub finds nothing written', () => env.OBJ.getByName('throws').look());
  const stub = env.FLAKY.getByName('a');
  await say('a first attempt that fails', () => stub.look());
  await say('the same stub', () => stub.look());
  await say('a new stub: attempt, found at start, found now', () => env.FLAKY.getByName('a').look());
});
`,
});
