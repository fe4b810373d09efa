import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A method that throws leaves stub, object, memory and storage as they are.',
  rows: ['3.user-exception', '3.error-flags', '3.error-flags-measured', '6.exception-in-handler'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  fails() { this.n = (this.n ?? 0) + 1; this.ctx.storage.kv.put('k', this.n); throw new Error('failure ' + this.n) }
  async failsLater() { this.n++; await this.ctx.storage.put('k', this.n); throw new Error('failure ' + this.n) }
  look() { return [this.n, this.ctx.storage.kv.get('k')] }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await say('a throw', () => stub.fails());
  await say('memory and storage after it', () => stub.look());
  await say('a rejection', () => stub.failsLater());
  await say('memory and storage after it', () => stub.look());
  await say('a throw among other calls', async () =>
    (await Promise.allSettled([stub.look(), stub.fails(), stub.look()])).map((r) => r.value ?? r.reason.message));
  await say('on a new stub', () => env.OBJ.getByName('a').look());
});
`,
});
