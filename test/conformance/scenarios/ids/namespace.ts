import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A namespace has its methods on the prototype and takes the id of another class without a word.',
  rows: ['2.get'],
  config: objects({ OBJ: 'Obj', OTHER: 'Other' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, tag } from './prelude.js';

export class Obj extends DurableObject {
  give() { return this.env.OBJ }
  hex() { return this.ctx.id.toString() }
}
export class Other extends DurableObject {}

export default worker(async ({ say, env }) => {
  await say('tag', () => tag(env.OBJ));
  await say('type', () => typeof env.OBJ);
  await say('own keys', () => Object.getOwnPropertyNames(env.OBJ));
  await say('prototype keys', () => Object.getOwnPropertyNames(Object.getPrototypeOf(env.OBJ)).sort());
  await say('the same object at each reading', () => env.OBJ === env.OBJ);
  await say('keys of env', () => Object.keys(env).sort());
  await say('a detached method', () => { const { idFromName } = env.OBJ; return idFromName('a') });
  await say('JSON', () => JSON.stringify(env.OBJ));
  await say('structuredClone', () => structuredClone(env.OBJ));
  await say('as a result', () => env.OBJ.getByName('a').give());
  const foreign = env.OTHER.idFromName('a');
  await say('the id of another class', async () => (await env.OBJ.get(foreign).hex()) === foreign.toString());
});
`,
});
