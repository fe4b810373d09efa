import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An object may call itself through a stub, and may keep stubs of others for later events.',
  rows: ['3.calling-yourself', '3.stub-lifetime'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  async depth(n) { return n === 0 ? 'bottom' : (await this.env.OBJ.get(this.ctx.id).depth(n - 1)) + ' ' + n }
  async pingPong(other, n) { return n === 0 ? this.ctx.id.name : this.env.OBJ.getByName(other).pingPong(this.ctx.id.name, n - 1) }
  keep(name) { this.kept = this.env.OBJ.getByName(name) }
  use() { return this.kept.count() }
  count() { return (this.n = (this.n ?? 0) + 1) }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  await say('five deep', () => stub.depth(5));
  await say('to and fro', () => stub.pingPong('b', 6));
  await stub.keep('c');
  await say('a kept stub', () => stub.use());
  await say('again', () => stub.use());
  await say('a kept stub of itself', async () => { await stub.keep('a'); return [await stub.use(), await stub.use()] });
});
`,
  steps: async (client) => {
    await client.fetch('/');
  },
});
