import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A class that does not extend DurableObject answers fetch and refuses every call.',
  rows: ['1.legacy-class', '1.durable-object-class'],
  config: objects({ OLD: 'Old', OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Old {
  constructor(state, env) { this.state = state; this.env = env }
  async fetch(request) {
    const n = ((await this.state.storage.get('n')) ?? 0) + 1;
    await this.state.storage.put('n', n);
    return Response.json([n, this.state.id.name, Object.keys(this.env).sort()]);
  }
  hi() { return 'hi' }
  get prop() { return 1 }
}
export class Obj extends DurableObject {
  own() { return [Object.keys(this).sort(), this.env === undefined, Object.hasOwn(this, 'ctx')] }
}

export default worker(async ({ say, env }) => {
  const stub = env.OLD.getByName('a');
  await say('fetch', async () => (await stub.fetch('http://x/')).json());
  await say('fetch again', async () => (await stub.fetch('http://x/')).json());
  await say('a call', () => stub.hi());
  await say('reading a member', () => stub.prop);
  await say('a call of what is not there', () => stub.nothing());
  await say('fetch after that', async () => (await stub.fetch('http://x/')).json());
  await say('what DurableObject gives an instance', () => env.OBJ.getByName('a').own());
  await say('DurableObject alone', () => new DurableObject() instanceof DurableObject);
});
`,
});
