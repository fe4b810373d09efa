import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Locally an object without SQLite takes keys and values as large as one with it.',
  rows: ['7.key-size', '7.value-size', '15.kv-backend-sizes'],
  config: objects({}, { OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const bytes = async (size) => { await s.put('v', new Uint8Array(size)); return (await s.get('v')).length };
    await say('a key of 2049 bytes', async () => { await s.put('k'.repeat(2049), 1); return s.get('k'.repeat(2049)) });
    await say('a value of 129 KiB', () => bytes(129 * 1024));
    await say('the largest value under a key of one letter', () => bytes(2_199_978));
    await say('one byte more', () => bytes(2_199_979));
    await say('the value before it is still there', async () => (await s.get('v')).length);
    await say('a large one among small ones', () => s.put({ a: 1, b: new Uint8Array(4 * 1024 * 1024), c: 3 }));
    await say('none of them was stored', async () => (await s.get(['a', 'b', 'c'])).size);
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});
