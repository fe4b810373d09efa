import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An instance starts with the first event and keeps its fields from one client request to the next.',
  rows: ['13.instantiation', '6.constructor'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject {
  constructor(ctx, env) {
    super(ctx, env);
    this.instance = crypto.randomUUID();
    this.count = 0;
    ctx.storage.kv.put('starts', (ctx.storage.kv.get('starts') ?? 0) + 1);
  }
  visit() { return { count: ++this.count, starts: this.ctx.storage.kv.get('starts') } }
  fetch() { return Response.json(this.visit()) }
  which() { return this.instance }
}

export default worker(async ({ say, env, url }) => {
  const stub = env.OBJ.getByName(url.pathname);
  await say('a call', () => stub.visit());
  await say('a fetch', async () => (await stub.fetch('http://x/')).json());
  await say('an unnamed object', () => env.OBJ.get(env.OBJ.newUniqueId()).visit());
  await say('by name and by hex it is one instance', async () =>
    (await stub.which()) === (await env.OBJ.get(env.OBJ.idFromString(stub.id.toString())).which()));
});
`,
  steps: async (client) => {
    await client.fetch('/a');
    await client.fetch('/a');
    await client.fetch('/b');
    await client.fetch('/a');
  },
});
