import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Storage keeps every cloneable value and gives back a copy each time.',
  rows: ['7.preserved', '7.isolation', '7.serialiser'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { show, inspect } from './prelude.js';

const values = {
  null: () => null,
  booleans: () => [true, false],
  numbers: () => [0, -0, 1.5, NaN, Infinity, -Infinity, 2 ** 53, 5e-324],
  bigints: () => [0n, -(2n ** 100n)],
  strings: () => ['', 'caf\\u00e9', '\\u{1F600}', '\\uD800', 'nul \\0'],
  boxed: () => [Object(1), Object('s'), Object(false)],
  dates: () => [new Date(0), new Date(NaN)],
  regexp: () => /a.b/gi,
  map: () => new Map([['k', new Map([[1, 2]])]]),
  set: () => new Set([1, 'one']),
  'array buffer': () => new Uint8Array([1, 2, 3]).buffer,
  'a view of a part': () => new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
  views: () => [new Int16Array([-2]), new Float64Array([0.1]), new BigInt64Array([-3n])],
  'array with holes': () => [1, , 3],
  'undefined members': () => ({ a: undefined, b: [undefined] }),
  error: () => new TypeError('t'),
  'error with cause and members': () => Object.assign(new Error('outer', { cause: 'inner' }), { code: 7 }),
  'error with a name of its own': () => Object.assign(new RangeError('r'), { name: 'Custom' }),
  'own __proto__': () => JSON.parse('{"__proto__": 1}'),
  'frozen object': () => Object.freeze({ a: 1 }),
  'getter': () => ({ get g() { return 'read' } }),
};
const refused = {
  function: () => () => 1,
  'named function': () => function named() {},
  class: () => class Point {},
  'method in an object': () => ({ f() {} }),
  symbol: () => Symbol('x'),
  promise: () => Promise.resolve(1),
  'weak map': () => new WeakMap(),
  proxy: () => new Proxy({}, {}),
  url: () => new URL('http://x/'),
  'form data': () => new FormData(),
  'getter that throws': () => ({ get g() { throw new RangeError('unreadable') } }),
};

export class Obj extends DurableObject {
  async run() {
    const s = this.ctx.storage, lines = [];
    const say = async (what, f) => lines.push(what + ': ' + (await show(f)));
    for (const [name, make] of Object.entries(values))
      await say(name, async () => { await s.put(name, make()); return inspect(await s.get(name)) });
    for (const [name, make] of Object.entries(refused)) await say(name, async () => { await s.put(name, make()); return inspect(await s.get(name)) });
    await say('refused values left nothing behind', async () => (await s.get(Object.keys(refused))).size);
    await say('a refused value among others', async () => { await s.put({ fine: 1, bad: () => 1 }).catch(() => {}); return (await s.get(['fine', 'bad'])).size });
    await say('a refused value: thrown at the call or later', () => { try { const p = s.put('f', () => 1); p.catch(() => {}); return 'later' } catch { return 'at the call' } });
    await say('a class instance', async () => {
      class Point { x = 1; get length() { return 2 } }
      await s.put('p', new Point());
      const r = await s.get('p');
      return [r, r.constructor.name, r instanceof Point];
    });
    await say('a null prototype', async () => { await s.put('np', Object.assign(Object.create(null), { a: 1 })); const r = await s.get('np'); return [r, Object.getPrototypeOf(r) === Object.prototype] });
    await say('a cycle', async () => { const o = {}; o.self = o; await s.put('cycle', o); const r = await s.get('cycle'); return r.self === r });
    await say('one object under two names', async () => { const o = {}; await s.put('two', { a: o, b: o }); const r = await s.get('two'); return r.a === r.b });
    await say('changed after put', async () => { const o = { n: 1 }; const p = s.put('o', o); o.n = 2; await p; return s.get('o') });
    await say('changed after get', async () => { (await s.get('o')).n = 3; return s.get('o') });
    await say('two gets', async () => (await s.get('o')) === (await s.get('o')));
    await say('two keys of one put', async () => { const o = {}; await s.put({ x: o, y: o }); const m = await s.get(['x', 'y']); return m.get('x') === m.get('y') });
    await say('a stub', () => s.put('stub', this.env.OBJ.getByName('b')));
    await say('ctx', () => s.put('ctx', this.ctx));
    await say('a Response with a body', () => s.put('r', new Response('body')));
    return lines.join('\\n');
  }
}

export default { fetch: async (request, env) => new Response(await env.OBJ.getByName('a').run()) };
`,
});
