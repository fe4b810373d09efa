import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'An id shows its hex as a string, its name as JSON, and cannot be cloned.',
  rows: ['2.id-members'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag } from './prelude.js';

export class Obj extends DurableObject {
  take(x) { return typeof x }
  give() { return this.ctx.id }
  async store() { await this.ctx.storage.put('id', this.ctx.id) }
}
export class Other extends DurableObject {}

export default worker(async ({ say, env }) => {
  const id = env.OBJ.idFromName('foo');
  const bare = env.OBJ.newUniqueId();
  await say('tag', () => tag(id));
  await say('String() is the hex', () => String(id) === id.toString() && id.toString().length === 64);
  await say('JSON of a named id', () => JSON.stringify(id));
  await say('JSON of an id without a name', () => JSON.stringify(bare));
  await say('own keys of a named id', () => Object.getOwnPropertyNames(id).sort());
  await say('own keys of an id without a name', () => Object.getOwnPropertyNames(bare).sort());
  await say('enumerable keys of a named id', () => Object.keys(id));
  await say('prototype keys', () => Object.getOwnPropertyNames(Object.getPrototypeOf(id)).sort());
  await say('name and jurisdiction', () => [id.name, id.jurisdiction, bare.name, bare.jurisdiction]);
  await say('assigning the name', () => { id.name = 'bar' });
  await say('the name is still', () => id.name);
  await say('adding a member', () => { id.extra = 1; return id.extra });
  await say('equality within the class', () => [id.equals(env.OBJ.idFromName('foo')), id.equals(bare)]);
  await say('equality across classes', () => id.equals(env.OTHER.idFromName('foo')));
  await say('equality with text', () => id.equals(id.toString()));
  await say('equality with nothing', () => id.equals());
  await say('the constructor', () => id.constructor.name);
  await say('constructing one', () => new id.constructor());
  await say('structuredClone', () => structuredClone(id));
  await say('as an argument', () => env.OBJ.get(id).take(id));
  await say('as a result', () => env.OBJ.get(id).give());
  await say('in storage', () => env.OBJ.get(id).store());
});
`,
});
