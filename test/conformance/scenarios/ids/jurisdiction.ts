import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The local runtime knows jurisdictions by name and refuses to act on them.',
  rows: ['2.jurisdiction', '2.location-hint'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker } from './prelude.js';

export class Obj extends DurableObject { hi() { return 'hi' } }

export default worker(async ({ say, env }) => {
  const id = env.OBJ.idFromName('a');
  await say('a unique id in a jurisdiction', () => env.OBJ.newUniqueId({ jurisdiction: 'eu' }).toString());
  await say('a unique id in an unknown jurisdiction', () => env.OBJ.newUniqueId({ jurisdiction: 'moon' }).toString());
  await say('a namespace of a jurisdiction', () => typeof env.OBJ.jurisdiction('eu').idFromName);
  await say('an id in it', () => env.OBJ.jurisdiction('eu').idFromName('a').equals(id));
  await say('the namespace of no jurisdiction', () => env.OBJ.jurisdiction(undefined).idFromName('a').equals(id));
  await say('a location hint', () => env.OBJ.get(id, { locationHint: 'weur' }).hi());
  await say('a location hint that is no place', () => env.OBJ.get(id, { locationHint: 'moon' }).hi());
  await say('a location hint by name', () => env.OBJ.getByName('a', { locationHint: 'apac-ne' }).hi());
  await say('the known routing mode', () => env.OBJ.get(id, { routingMode: 'primary-only' }).hi());
  await say('an unknown routing mode', () => env.OBJ.get(id, { routingMode: 'x' }).hi());
});
`,
});
