import { scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Arguments and results of every cloneable type arrive as equal copies.',
  rows: ['4.by-value'],
  program: `
import { DurableObject } from 'cloudflare:workers';
import { worker, inspect } from './prelude.js';

const values = {
  undefined: () => undefined,
  null: () => null,
  booleans: () => [true, false],
  integers: () => [0, -0, 1, -1, 2 ** 31 - 1, -(2 ** 31), 2 ** 31, Number.MAX_SAFE_INTEGER],
  doubles: () => [0.1, -1e300, 5e-324, NaN, Infinity, -Infinity],
  bigints: () => [0n, -1n, 2n ** 64n, -(2n ** 200n)],
  strings: () => ['', 'plain', 'caf\\u00e9', '\\u4f60\\u597d', '\\u{1F600}', '\\uD800', 'nul \\0 inside'],
  boxed: () => [Object(1), Object('s'), Object(true), Object(5n)],
  dates: () => [new Date(0), new Date(-1), new Date(8.64e15), new Date(NaN)],
  regexps: () => [/a.b/gi, /\\//u, new RegExp('', 'dsy')],
  'array buffer': () => new Uint8Array([1, 2, 3]).buffer,
  'a view of a part': () => new Uint8Array([1, 2, 3, 4]).subarray(1, 3),
  views: () => [new Int8Array([-1]), new Uint8ClampedArray([300]), new Int16Array([-2]), new Uint32Array([4294967295]),
    new Float32Array([0.5]), new Float64Array([0.1]), new BigInt64Array([-3n]), new BigUint64Array([3n]), new Uint8Array()],
  'data view': () => new DataView(new ArrayBuffer(8), 2, 4),
  'two views of one buffer': () => { const b = new ArrayBuffer(4); return { a: new Uint8Array(b, 0, 2), b: new Uint8Array(b, 2) } },
  map: () => new Map([['k', 1], [{ o: 1 }, [2]], [NaN, NaN]]),
  set: () => new Set([1, 'one', { o: 1 }]),
  'empty containers': () => [{}, [], new Map(), new Set()],
  'array with holes': () => [1, , 3, , ],
  'array with members': () => Object.assign([1, 2], { extra: 'x' }),
  'long sparse array': () => { const a = []; a[1000] = 1; return [a.length, Object.keys(a)] },
  'nested object': () => ({ a: { b: { c: [{ d: null }] } }, 1: 'one', '': 'empty', 'with blank': undefined }),
  'key order': () => ({ z: 1, a: 2, 10: 3, 9: 4 }),
  'own __proto__': () => JSON.parse('{"__proto__": {"x": 1}, "y": 2}'),
  errors: () => [new Error('e'), new TypeError('t'), new RangeError('r'), new SyntaxError('s'), new ReferenceError('f'), new EvalError('v'), new URIError('u')],
  'error with cause': () => new Error('outer', { cause: { inner: 1 } }),
  'aggregate error': () => new AggregateError([new Error('one'), 2], 'many'),
};

export class Obj extends DurableObject {
  take(value) { return inspect(value) }
  give(name) { return values[name]() }
  echo(value) { return value }
}

export default worker(async ({ say, env }) => {
  const stub = env.OBJ.getByName('a');
  for (const [name, make] of Object.entries(values)) {
    const sent = inspect(make());
    const taken = await stub.take(make());
    const given = inspect(await stub.give(name));
    await say(name, () => (taken === sent && given === sent ? 'same ' + sent : ['sent ' + sent, 'taken ' + taken, 'given ' + given].join(' | ')));
  }
  const cycle = { name: 'cycle' };
  cycle.self = cycle;
  await say('a cycle', () => stub.take(cycle));
  await say('a cycle there and back', async () => { const r = await stub.echo(cycle); return [r.self === r, r === cycle] });
  await say('one object twice', async () => { const o = {}; const [a, b] = await stub.echo([o, o]); return [a === b, a === o] });
  await say('one object in two arguments', () => { const o = { n: 1 }; return stub.take([o, o]) });
  await say('a copy, not the thing', async () => { const sent = { n: 1 }; const back = stub.echo(sent); sent.n = 2; return (await back).n });
  await say('text of 100000 letters', async () => (await stub.echo('x'.repeat(100000))).length);
});
`,
});
