import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'What can go by reference over RPC alone is refused by storage and structuredClone; what cannot travel is refused by name.',
  rows: ['4.uncloneable', '3.serialising-a-stub', '1.rpc-target'],
  program: `
import { DurableObject, RpcTarget, RpcStub } from 'cloudflare:workers';
import { worker, tag, inspect, showNow } from './prelude.js';

class T extends RpcTarget { x = 1; hi() { return 'hi' } }
const values = (env) => ({
  target: () => new T(),
  stub: () => new RpcStub(new T()),
  'function': () => () => 1,
  'object stub': () => env.OBJ.getByName('a'),
  property: () => env.OBJ.getByName('a').hi,
  'readable stream': () => new ReadableStream(),
  'writable stream': () => new WritableStream(),
  'transform stream': () => new TransformStream(),
  signal: () => new AbortController().signal,
});
export class Obj extends DurableObject {
  hi() { return 'hi' }
  take(x) { return tag(x) }
  async stores() {
    const lines = [];
    for (const [name, make] of Object.entries(values(this.env))) {
      const put = await this.ctx.storage.put('k', make()).then(() => 'stored', (e) => inspect(e));
      lines.push(name + ' put: ' + put, name + ' cloned: ' + showNow(() => structuredClone(make())));
    }
    return lines.join('\\n');
  }
  transform() { return new TransformStream() }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  await say('storage', () => o.stores());
  await say('a property sent', () => o.take(o.hi));
  await say('a promise sent', () => o.take(o.hi()));
  await say('a transform stream sent', () => o.take(new TransformStream()));
  await say('a transform stream given', () => o.transform());
  await say('a namespace sent', () => o.take(env.OBJ));
  await say('an id sent', () => o.take(o.id));
  await say('env sent', () => o.take(env));
});
`,
});
