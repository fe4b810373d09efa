import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Requests of many clients meet in one instance, and lose nothing as long as it waits for storage only.',
  rows: ['13.instantiation', '6.what-holds-the-input-gate', '6.interleaving'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { sleep } from './prelude.js';

export class Obj extends DurableObject {
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const key = pathname.slice(1);
    if (searchParams.has('look')) return new Response(String(await this.ctx.storage.get(key)));
    const value = (await this.ctx.storage.get(key)) ?? 0;
    if (key === 'late') await sleep(300);
    await this.ctx.storage.put(key, value + 1);
    return new Response('done');
  }
}

export default { fetch: (request, env) => env.OBJ.getByName('a').fetch(request) };
`,
  steps: async (client) => {
    await client.fetchTogether(Array.from({ length: 10 }, () => ({ path: '/storage' })));
    await client.fetch('/storage?look');
    await client.fetchTogether(Array.from({ length: 10 }, () => ({ path: '/late' })));
    await client.fetch('/late?look');
  },
});
