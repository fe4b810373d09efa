import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A constructor that throws runs once for each stub; the stub keeps its failure, a new stub tries again.',
  rows: ['3.broken-stub', '3.error-flags', '3.error-flags-measured', '6.constructor'],
  config: objects({ OBJ: 'Obj', ASYNC: 'Async', COUNT: 'Count' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Count extends DurableObject {
  add(what) { (this.seen ??= []).push(what) }
  all() { return this.seen ?? [] }
}
export class Obj extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    throw Object.assign(new RangeError('no'), { token: crypto.randomUUID() });
  }
  hi() { return 'hi' }
}
export class Async extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    ctx.blockConcurrencyWhile(async () => {
      await env.COUNT.getByName('count').add('constructed');
      throw new RangeError('later no');
    });
  }
  hi() { return 'hi' }
}

export default worker(async ({ say, env }) => {
  const failure = (f) => f().then(() => ({}), (error) => error);
  const flags = ({ name, message, token, ...flags }) => ({ name, message, hasToken: token !== undefined, ...flags });
  const stub = env.OBJ.getByName('a');
  const first = await failure(() => stub.hi());
  const second = await failure(() => stub.hi());
  const third = await failure(() => stub.fetch('http://x/'));
  await say('by a call', () => flags(first));
  await say('the same stub again', () => flags(second));
  await say('by fetch on the same stub', () => flags(third));
  await say('the constructor ran once for them', () => [first.token === second.token, first.token === third.token]);
  const fresh = await failure(() => env.OBJ.getByName('a').hi());
  await say('a new stub', () => flags(fresh));
  await say('ran it again', () => fresh.token !== first.token);
  await say('first by fetch', async () => flags(await failure(() => env.OBJ.getByName('b').fetch('http://x/'))));

  const seen = () => env.COUNT.getByName('count').all();
  const later = env.ASYNC.getByName('a');
  await say('a failure inside blockConcurrencyWhile', () => later.hi());
  await say('the same stub again', () => later.hi());
  await say('constructed', seen);
  await say('a new stub', () => env.ASYNC.getByName('a').hi());
  await say('constructed', seen);
});
`,
});
