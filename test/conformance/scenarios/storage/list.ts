import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'list gives a Map in the order of UTF-8 bytes, within start, end, prefix and limit.',
  rows: ['7.list', '7.list-edge-cases'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, inspect } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const keys = async (options) => [...(await s.list(options)).keys()];
    await say('an empty store', () => s.list());
    await s.put({ b: 2, a: 1, 'a\\0': 1.5, ab: 3, B: 4, 10: 5, 9: 6, '': 0, 'ä': 7, '\\uFF21': 8, '\\u{1F600}': 9 });
    await say('all', () => keys());
    await say('all with values', async () => inspect(await s.list()));
    await say('reverse', () => keys({ reverse: true }));
    await say('start', () => keys({ start: 'a' }));
    await say('start that is not there', () => keys({ start: 'aa' }));
    await say('startAfter', () => keys({ startAfter: 'a' }));
    await say('startAfter that is not there', () => keys({ startAfter: 'aa' }));
    await say('end', () => keys({ end: 'ab' }));
    await say('start and end', () => keys({ start: 'a', end: 'b' }));
    await say('start and end the same', () => keys({ start: 'a', end: 'a' }));
    await say('start after end', () => keys({ start: 'b', end: 'a' }));
    await say('prefix', () => keys({ prefix: 'a' }));
    await say('empty prefix', async () => (await keys({ prefix: '' })).length);
    await say('prefix beyond ASCII', () => keys({ prefix: '\\u{1F600}' }));
    await say('prefix and start', () => keys({ prefix: 'a', start: 'a\\0' }));
    await say('prefix and start before it', () => keys({ prefix: 'a', start: 'A' }));
    await say('prefix and start behind it', () => keys({ prefix: 'a', start: 'b' }));
    await say('prefix and end within', () => keys({ prefix: 'a', end: 'ab' }));
    await say('prefix and startAfter', () => keys({ prefix: 'a', startAfter: 'a' }));
    await say('limit', () => keys({ limit: 2 }));
    await say('limit and reverse', () => keys({ limit: 2, reverse: true }));
    await say('limit, start and reverse', () => keys({ start: 'a', limit: 2, reverse: true }));
    await say('limit, end and reverse', () => keys({ end: 'b', limit: 2, reverse: true }));
    await say('prefix, limit and reverse', () => keys({ prefix: 'a', limit: 2, reverse: true }));
    await say('a large limit', async () => (await keys({ limit: 1e6 })).length);
    await say('limit 1.5', () => keys({ limit: 1.5 }));
    await say('limit 0', () => keys({ limit: 0 }));
    await say('limit -1', () => keys({ limit: -1 }));
    await say('limit 0.5', () => keys({ limit: 0.5 }));
    await say('limit NaN', () => keys({ limit: NaN }));
    await say('limit as text', () => keys({ limit: '2' }));
    await say('limit undefined', async () => (await keys({ limit: undefined })).length);
    await say('limit null', () => keys({ limit: null }));
    await say('start and startAfter', () => keys({ start: 'a', startAfter: 'a' }));
    await say('start undefined', async () => (await keys({ start: undefined, end: undefined, prefix: undefined })).length);
    await say('start as a number', () => keys({ start: 9, limit: 2 }));
    await say('null options', async () => (await keys(null)).length);
    await say('options that are no object', () => keys('a'));
    await say('reverse that is merely true', () => keys({ reverse: 1, limit: 1 }));
    await say('other options', () => keys({ limit: 1, allowConcurrency: true, noCache: true, colour: 'red' }));
    await say('the Map is a Map of its own', async () => { const m = await s.list(); m.delete('a'); return [m instanceof Map, (await s.list()).has('a')] });
    await say('a list sees what was just put', async () => { s.put('zz', 1); return keys({ start: 'z', end: 'zzz' }) });
    await say('a key with a lone surrogate', async () => { await s.put('zzz\\uD800', 1); return (await keys({ prefix: 'zzz' })).map((k) => [...k].map((c) => c.codePointAt(0).toString(16)).join(' ')) });
    await say('is found under both', async () => [await s.get('zzz\\uD800'), await s.get('zzz\\uFFFD')]);
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});
