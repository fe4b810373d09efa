import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Trap 26: a stub is bound to the request that made it, an id is not; all events of an object share one context.',
  rows: ['1.io-contexts'],
  config: objects({ OBJ: 'Obj', KEEPER: 'Keeper' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, showNow, sleep } from './prelude.js';

export class Obj extends DurableObject { hi() { return 'hi' } fetch() { return new Response('fetched') } get value() { return 7 } }
export class Keeper extends DurableObject {
  keep() { this.stub = this.env.OBJ.getByName('a') }
  use() { return this.stub.hi() }
}

let kept;
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    if (pathname === '/keep') {
      const stub = env.OBJ.getByName('a');
      kept = { stub, id: stub.id, namespace: env.OBJ, unused: env.OBJ.getByName('b'), used: env.OBJ.getByName('c') };
      await kept.used.hi();
      return new Response('stored');
    }
    const lines = [];
    const say = async (what, f) => { lines.push(what + ': ' + (await show(f))) };
    await say('a call', () => kept.stub.hi());
    lines.push('thrown at once: ' + showNow(() => { kept.stub.hi().catch(() => {}); return 'no' }));
    await say('its id', () => String(kept.stub.id) === String(kept.id));
    await say('its name', () => kept.stub.name);
    await say('a member', () => kept.stub.value);
    await say('a fetch', async () => (await kept.stub.fetch('http://x/')).text());
    await say('one that was never used', () => kept.unused.hi());
    await say('one that was used', () => kept.used.hi());
    await say('an id', () => env.OBJ.get(kept.id).hi());
    await say('a namespace', () => kept.namespace.getByName('a').hi());
    const keeper = env.KEEPER.getByName('k');
    await say('kept by an object', async () => { await keeper.keep(); return keeper.use() });
    if (pathname === '/again') await say('by an object in another request', () => env.KEEPER.getByName('k').use());
    return new Response(lines.join('\\n'));
  },
};
`,
  async steps(client) {
    await client.fetch('/keep');
    await client.fetch('/use');
    await client.fetch('/again');
  },
});
