import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Keys and values of an object without SQLite are put, read, listed and deleted as everywhere.',
  rows: [
    '7.get',
    '7.get-many',
    '7.put',
    '7.put-entries',
    '7.delete',
    '7.list',
    '7.list-edge-cases',
    '7.options',
    '7.isolation',
    '7.preserved',
  ],
  config: objects({}, { OBJ: 'Obj' }),
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, showNow } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    const keys = async (options) => [...(await s.list(options)).keys()];
    await say('nothing', async () => [await s.get('a'), (await s.get(['a', 'b'])).size, (await s.list()).size, await s.delete('a'), await s.delete(['a', 'b'])]);
    await say('put gives', () => s.put('a', 1));
    await say('get', () => s.get('a'));
    await say('many', async () => { await s.put({ b: 2, c: [3], d: undefined, '': 'empty' }); return s.get(['c', 'a', 'x', 'b', 'a']) });
    await say('an empty list of keys', () => s.get([]));
    await say('a key that is no text', async () => { await s.put(7, 'seven'); await s.put(null, 'null'); return [await s.get('7'), await s.get(null), await s.get([7, null])] });
    await say('undefined', () => s.put('u', undefined));
    await say('no arguments', () => s.get());
    await say('put of nothing', () => s.put());
    await say('a wrong second argument', () => s.put({ a: 1 }, 2));
    await say('a function', () => s.put('f', () => 1));
    await say('a stub', () => s.put('f', this.env.OBJ.getByName('x')));
    await say('what is wrong in one stores none', async () => { await s.put({ n1: 1, n2: () => 1 }).catch(() => {}); return (await s.get(['n1', 'n2'])).size });
    await say('a copy', async () => { const v = { list: [1] }; const p = s.put('v', v); v.list.push(2); await p; const one = await s.get('v'); one.list.push(3); return [await s.get('v'), one !== await s.get('v')] });
    await say('values', async () => { await s.put('m', { d: new Date(5), m: new Map([[1, new Set([2])]]), r: /x/gi, b: 10n, z: -0, n: NaN, u: undefined, t: new Uint16Array([1, 2]), e: new RangeError('stored') }); return s.get('m') });
    await say('a cycle', async () => { const o = {}; o.o = o; await s.put('cycle', o); const got = await s.get('cycle'); return got.o === got });
    await s.deleteAll();
    await s.put({ a: 1, aa: 2, ab: 3, b: 4, 'b\\0': 5, B: 6, '\\uff21': 7, '\\u{1f600}': 8 });
    await say('the order', () => keys());
    await say('from', () => keys({ start: 'ab' }));
    await say('after', () => keys({ startAfter: 'b' }));
    await say('to', () => keys({ end: 'ab' }));
    await say('a prefix', () => keys({ prefix: 'a' }));
    await say('a prefix and from', () => keys({ prefix: 'a', start: 'ab' }));
    await say('a prefix elsewhere', () => keys({ prefix: 'a', start: 'b' }));
    await say('reversed, with a limit', () => keys({ reverse: true, limit: 3 }));
    await say('a limit of one and a half', () => keys({ limit: 1.5 }));
    await say('a limit of zero', () => keys({ limit: 0 }));
    await say('both starts', () => keys({ start: 'a', startAfter: 'a' }));
    await say('nothing between', () => keys({ start: 'b', end: 'a' }));
    await say('options', async () => [await s.get('a', { allowConcurrency: true, noCache: true }), await s.put('o', 1, { allowConcurrency: true, allowUnconfirmed: true, noCache: true, other: 1 }), await s.delete('o', { allowUnconfirmed: true, noCache: true }), (await s.list({ allowConcurrency: true, noCache: true, limit: 1 })).size]);
    await say('wrong options', () => s.get('a', 1));
    await say('more than 128 at once', async () => { const many = Object.fromEntries(Array.from({ length: 200 }, (_, i) => ['k' + i, i])); await s.put(many); const names = Object.keys(many); return [(await s.get(names)).size, await s.delete(names)] });
    await say('a list sees what is being put', () => { s.put('late', 1); s.delete('a'); return keys({ limit: 2 }) });
    await say('together', () => Promise.all([s.put('t', 1), s.get('t'), s.put('t', 2), s.get('t'), s.delete('t'), s.get('t')]));
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});
