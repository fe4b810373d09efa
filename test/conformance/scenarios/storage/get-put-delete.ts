import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'get, put and delete take a key or many, coerce what is no string, and answer in key order.',
  rows: ['7.get', '7.get-many', '7.put', '7.put-entries', '7.delete', '7.options'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, show, tag } from './prelude.js';

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    await say('tag', () => tag(s));
    await say('get of nothing stored', () => s.get('a'));
    await say('put', () => s.put('a', 1));
    await say('get', () => s.get('a'));
    await say('put again', () => s.put('a', { deep: [1] }));
    await say('get again', () => s.get('a'));
    await say('put gives', () => [tag(s.put('x', 1)), tag(s.get('x')), tag(s.delete('x'))]);
    await say('put many', () => s.put({ b: 2, c: 3, d: undefined, '': 'empty key' }));
    await say('get many', () => s.get(['c', 'a', 'nothing', 'b', 'd', '']));
    await say('get many twice the same', () => s.get(['a', 'a']));
    await say('get of an empty list', () => s.get([]));
    await say('get many of what is not there', () => s.get(['p', 'q']));
    await say('put of an empty object', () => s.put({}));
    await say('put of an empty key', async () => { await s.put('', 'e'); return s.get('') });
    await say('put of a Map', async () => { await s.put(new Map([['m', 1]])); return s.get('m') });
    await say('put of an array', async () => { await s.put(['zero', 'one']); return s.get(['0', '1']) });
    await say('put of null as value', async () => { await s.put('n', null); return s.get('n') });
    await say('delete of a key', () => s.delete('b'));
    await say('delete of it again', () => s.delete('b'));
    await say('delete of many', () => s.delete(['a', 'b', 'c', 'nothing']));
    await say('delete of an empty list', () => s.delete([]));
    await say('delete of the same twice', async () => { await s.put('t', 1); return s.delete(['t', 't']) });
    await say('a number as key', async () => { await s.put(1, 'one'); return [await s.get('1'), await s.get(1)] });
    await say('null as key', async () => { await s.put('null', 'stored'); return s.get(null) });
    await say('an object as key', () => s.get({}));
    await say('a number in a list of keys', () => s.get([1]));
    await say('get()', () => s.get());
    await say('get(undefined)', () => s.get(undefined));
    await say('put()', () => s.put());
    await say('put of a key alone', () => s.put('k'));
    await say('put of undefined', () => s.put('k', undefined));
    await say('it keeps what was there', async () => { await s.put('k', 1); await s.put('k', undefined).catch(() => {}); return s.get('k') });
    await say('put of entries and a value', () => s.put({ a: 1 }, 'x'));
    await say('put of a number alone', () => s.put(7));
    await say('delete()', () => s.delete());
    await say('a symbol as key', () => s.get(Symbol('s')));
    await say('options', async () => {
      await s.put('o', 1, { allowConcurrency: true, allowUnconfirmed: true, noCache: true });
      await s.put({ p: 2 }, { allowUnconfirmed: true });
      return [await s.get('o', { allowConcurrency: true, noCache: true }), await s.get(['p'], { noCache: true }), await s.delete('o', { allowUnconfirmed: true })];
    });
    await say('unknown options', async () => { await s.put('o', 1, { colour: 'red' }); return s.get('o', { colour: 'red' }) });
    await say('null options', async () => { await s.put('o', 2, null); return s.get('o', null) });
    await say('options that are no object', () => s.get('o', 'x'));
    await say('300 keys at once', async () => {
      await s.put(Object.fromEntries(Array.from({ length: 300 }, (_, i) => ['many' + i, i])));
      const keys = Array.from({ length: 300 }, (_, i) => 'many' + i);
      return [(await s.get(keys)).size, await s.delete(keys)];
    });
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});
