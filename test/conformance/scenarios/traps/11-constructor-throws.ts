import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 11: a constructor that throws runs once for each stub, not once for each call.',
  rows: ['6.constructor', '3.broken-stub', '13.instantiation'],
  config: objects({ OBJ: 'Obj', COUNT: 'Count' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, sleep } from './prelude.js';

export class Count extends DurableObject { n = 0; add() { this.n++ } all() { return this.n } }
export class Obj extends DurableObject {
  constructor(ctx, env) { super(ctx, env); throw new RangeError('no ' + Math.random()) }
  hi() {}
}

export default worker(async ({ say, env }) => {
  const failure = (f) => f().then(() => 'nothing', (error) => error);
  const o = env.OBJ.getByName('a');
  const [one, two] = [await failure(() => o.hi()), await failure(() => o.hi())];
  const three = await failure(() => env.OBJ.getByName('a').hi());
  const four = await failure(() => env.OBJ.getByName('a').fetch('http://x/'));
  const told = (error) => [error.constructor.name, error.name, error.message.replace(/ 0\\.\\d+.*/, ''), error.remote, error.durableObjectReset];
  await say('the first call', () => told(one));
  await say('the second one by the same stub', () => [one.message === two.message, ...told(two)]);
  await say('a new stub', () => [three.message !== one.message, ...told(three)]);
  await say('by fetch', () => [four.message !== three.message, ...told(four)]);
  const together = await Promise.all([1, 2, 3].map(() => failure(() => env.OBJ.getByName('b').hi())));
  await say('three stubs at once', () => new Set(together.map((e) => e.message)).size);
});
`,
});
