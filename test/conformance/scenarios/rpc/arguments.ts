import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The arguments arrive as they were written, trailing undefined included, with the object as this.',
  rows: ['4.arguments'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  count(...args) { return args.length }
  all(...args) { return args }
  defaults(a = 'a', b = 'b') { return [a, b, arguments.length] }
  self() { return [this instanceof Obj, this instanceof DurableObject, this.constructor.name, this.ctx.id.name] }
  nothing() {}
  nothingLater() { return Promise.resolve() }
  mutate(o) { o.n++; return o.n }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await say('none', () => stub.count());
  await say('one undefined', () => stub.count(undefined));
  await say('trailing undefined', () => stub.count(1, undefined, undefined));
  await say('their values', () => stub.all(1, undefined, null, 'x', [2]));
  await say('defaults', () => Promise.all([stub.defaults(), stub.defaults(undefined), stub.defaults(null, 0)]));
  await say('a hundred', () => stub.count(...Array(100).keys()));
  await say('spread of a string', () => stub.all(...'ab'));
  await say('this', () => stub.self());
  await say('this of a detached method', () => { const { self } = stub; return self() });
  await say('no result', () => stub.nothing());
  await say('a promise of no result', () => stub.nothingLater());
  const o = { n: 1 };
  await say('changing an argument', () => stub.mutate(o));
  await say('does not reach the caller', () => o);
  await say('the same argument again', () => stub.mutate(o));
  await say('one object in two arguments', () => stub.all(o, o).then(([a, b]) => a === b));
});
`,
});
