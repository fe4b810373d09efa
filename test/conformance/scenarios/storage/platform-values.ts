import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Storage also keeps Headers and Blobs.',
  rows: ['7.serialiser'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, inspect, tag } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    await say('Headers', async () => {
      const headers = new Headers({ 'X-One': '1' });
      headers.append('set-cookie', 'a=1');
      headers.append('set-cookie', 'b=2');
      await s.put('h', headers);
      const r = await s.get('h');
      return [tag(r), r instanceof Headers, [...r], r.getSetCookie()];
    });
    await say('Blob', async () => {
      await s.put('b', new Blob(['text'], { type: 'text/x' }));
      const r = await s.get('b');
      return [tag(r), r instanceof Blob, r.size, r.type, await r.text()];
    });
    await say('both inside an object', async () => {
      await s.put('o', { h: new Headers({ a: '1' }), b: new Blob(['x']) });
      const r = await s.get('o');
      return [r.h.get('a'), await r.b.text()];
    });
    await say('Response without a body', async () => {
      await s.put('r', new Response(null, { status: 204, headers: { a: '1' } }));
      const r = await s.get('r');
      return [tag(r), r.status, r.headers.get('a')];
    });
    await say('Request', () => s.put('q', new Request('http://x/')));
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});
