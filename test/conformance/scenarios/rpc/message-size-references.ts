import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Calls of stubs have the same limit of 32 MiB, and fail without breaking the stub.',
  rows: ['4.message-size'],
  program: `
import { DurableObject, RpcTarget } from 'cloudflare:workers';
import { worker } from './prelude.js';

class T extends RpcTarget { size(x) { return x.length } give(n) { return new Uint8Array(n) } }
export class Obj extends DurableObject {
  t() { return new T() }
  async call(f, n) { return (await f(n)).length }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  const t = await o.t();
  await say('sent', () => t.size(new Uint8Array(33 * 1024 * 1024)));
  await say('given', () => t.give(33 * 1024 * 1024));
  await say('given by a callback', () => o.call((n) => new Uint8Array(n), 33 * 1024 * 1024));
  await say('the stub goes on', () => t.size(new Uint8Array(5)));
});
`,
});
