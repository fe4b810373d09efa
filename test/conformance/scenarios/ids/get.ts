import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stub comes at once, sends nothing and constructs nothing until its first call.',
  rows: ['2.get', '2.get-by-name', '13.instantiation'],
  config: objects({ OBJ: 'Obj', COUNT: 'Count' }),
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
    this.told = env.COUNT.getByName('count').add('constructed ' + ctx.id.name);
  }
  async hi() { await this.told; return 'hi' }
}

export default worker(async ({ say, env }) => {
  const seen = () => env.COUNT.getByName('count').all();
  const id = env.OBJ.idFromName('a');
  const stub = env.OBJ.get(id);
  const byName = env.OBJ.getByName('a');
  await sleep(20);
  await say('after get() and getByName()', seen);
  await say('both have the id', () => [stub.id.equals(id), byName.id.equals(id), stub.name, byName.name]);
  await say('two stubs are two objects', () => [env.OBJ.get(id) === env.OBJ.get(id), byName === stub]);
  await say('a call', () => stub.hi());
  await say('after one call', seen);
  await say('more calls', () => Promise.all([stub.hi(), byName.hi(), env.OBJ.get(id).hi()]));
  await say('after more calls', seen);
  await say('get() of text', () => env.OBJ.get('a'));
  await say('get() of hex', () => env.OBJ.get(id.toString()));
  await say('get() of nothing', () => env.OBJ.get());
  await say('get() of a likeness', () => env.OBJ.get({ toString: () => id.toString(), name: 'a' }));
  await say('getByName() of nothing', () => env.OBJ.getByName());
  await say('getByName() of a number', () => env.OBJ.getByName(42).name);
  await say('getExisting', () => typeof env.OBJ.getExisting);
});
`,
});
