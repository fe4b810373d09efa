import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'The global scope and what stands on it are refused by name, over RPC and by structuredClone.',
  rows: ['4.uncloneable'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect, tag } from './prelude.js';
const made = { globalThis, Math, JSON, Reflect, Intl, Cloudflare, navigator, crypto, 'crypto.subtle': crypto.subtle, performance, caches, 'caches.default': caches.default, scheduler };
export class Obj extends DurableObject {
  give(k) { return made[k] }
  take(x) { return [tag(x), inspect(x)] }
}
export default worker(async ({ say, env }) => {
  const o = env.OBJ.getByName('a');
  for (const k in made) {
    await say('given: ' + k, async () => inspect(await o.give(k)));
    await say('taken: ' + k, () => o.take(made[k]));
    await say('inside: ' + k, () => o.take([made[k]]));
    if (!/Math|JSON|Reflect|Intl/.test(k)) say.now('cloned: ' + k, () => inspect(structuredClone(made[k])));
  }
});
`,
});
