import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stub that somebody has keeps the object behind it in memory; when it is gone, the object sleeps.',
  rows: ['4.session-lifetime'],
  config: objects({ OBJ: 'Obj', KEEPER: 'Keeper' }),
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  n = 0;
  counter() { const add = () => ++this.n; return new (class extends RpcTarget { add() { return add() } })() }
  add() { return ++this.n }
}
export class Keeper extends DurableObject {
  async keep(name) { this.t = await this.env.OBJ.getByName(name).counter(); return this.t.add() }
  use() { return this.t.add() }
  drop() { this.t[Symbol.dispose]() }
}
export default worker(async ({ say, env, url }) => {
  const keeper = env.KEEPER.getByName('keeper');
  const steps = {
    '/keep': async () => { await say('kept', () => keeper.keep('a')); await say('not kept', () => env.OBJ.getByName('b').add()) },
    '/use': async () => { await say('kept', () => keeper.use()); await say('not kept', () => env.OBJ.getByName('b').add()) },
    '/drop': () => say('dropped', () => keeper.drop()),
    '/after': () => say('begins anew', () => env.OBJ.getByName('a').add()),
  };
  await steps[url.pathname]();
});
`,
  steps: async (client) => {
    await client.fetch('/keep');
    await client.wait(12_000);
    await client.fetch('/use');
    await client.fetch('/drop');
    await client.wait(12_000);
    await client.fetch('/after');
  },
});
