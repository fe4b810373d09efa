import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Keys and values may be large; beyond the size of a row they are refused.',
  rows: ['7.key-size', '7.value-size'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, inspect } from './prelude.js';

const KiB = 1024, MiB = 1024 * KiB;
export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const bytes = async (size) => { await s.put('v', new Uint8Array(size)); return (await s.get('v')).length };
    await say('a key of 2048 bytes', async () => { await s.put('k'.repeat(2048), 1); return s.get('k'.repeat(2048)) });
    await say('a key of 2049 bytes', async () => { await s.put('k'.repeat(2049), 1); return s.get('k'.repeat(2049)) });
    await say('a value of 128 KiB', () => bytes(128 * KiB));
    await say('a value of 129 KiB', () => bytes(129 * KiB));
    await say('a value of 2 MiB', () => bytes(2 * MiB));
    await say('the largest value under a key of one letter', () => bytes(2_199_978));
    await say('one byte more', () => bytes(2_199_979));
    await say('a longer key leaves less room', () => s.put('long key', new Uint8Array(2_199_978)));
    await say('a value of 4 MiB', () => bytes(4 * MiB));
    await say('the value before it is still there', async () => (await s.get('v')).length);
    await say('the same by kv', () => this.ctx.storage.kv.put('v', new Uint8Array(4 * MiB)));
    await say('a large one among small ones', () => s.put({ a: 1, b: new Uint8Array(4 * MiB), c: 3 }));
    await say('none of them was stored', async () => (await s.get(['a', 'b', 'c'])).size);
    await say('and storage goes on', async () => { await s.put('a', 1); return s.get('a') });
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});
