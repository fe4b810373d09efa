import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'node:util formats and inspects values, and turns callbacks into promises and back.',
  rows: ['17.nodejs-compat'],
  config: { ...objects({}), compatibility_flags: ['nodejs_compat'] },
  program: `
import util, { inspect, format, promisify, callbackify, isDeepStrictEqual, types, deprecate, inherits } from 'node:util';
import { worker } from './prelude.js';

class Point { constructor() { this.x = 1; this.y = { z: [1, 2] } } }
class Secret { [inspect.custom](depth, options) { return 'custom ' + depth } }

export default worker(async ({ say }) => {
  await say('inspect', () => [1, 'a', null, undefined, [1, [2, [3, [4]]]], { a: 1, 'b c': new Map([[1, { x: 2 }]]) }, new Set(['a']), new Point(), /x/g, Symbol('s'), 10n, new Date(0), () => {}, class A {}, new Uint8Array(3), -0].map((v) => inspect(v)).join(' | '));
  await say('inspect, options', () => [inspect({ a: { b: { c: { d: 1 } } } }), inspect({ a: { b: { c: { d: 1 } } } }, { depth: 0 }), inspect({ a: 1, b: 2 }, { compact: false }), inspect(new Secret())].join(' | '));
  await say('a cycle', () => { const a = { name: 'a' }; a.self = a; return inspect(a) });
  await say('format', () => [format('%s %d %i %f %j %o %O %%', 'a', 1.5, 1.5, '2.5', { a: 1 }, [1], { b: 2 }), format('a', 'b', { c: 1 }), format('%s', { toString() { return 'x' } }), format(1, 2)].join(' | '));
  await say('promisify', async () => [await promisify((a, done) => done(null, a + 1))(1), await promisify((done) => done(new Error('no')))().catch((e) => e.message)]);
  await say('promisify of what is none', () => promisify(5));
  await say('callbackify', () => new Promise((resolve) => callbackify(async (a) => a * 2)(4, (error, value) => resolve([error, value]))));
  await say('isDeepStrictEqual', () => [isDeepStrictEqual({ a: [1, new Map([[1, 2]])] }, { a: [1, new Map([[1, 2]])] }), isDeepStrictEqual([1], ['1']), isDeepStrictEqual(new Set([1]), new Set([2])), isDeepStrictEqual(NaN, NaN)]);
  await say('types', () => [types.isPromise(Promise.resolve()), types.isRegExp(/x/), types.isDate(new Date()), types.isMap(new Map()), types.isUint8Array(Buffer.from('')), types.isAsyncFunction(async () => {}), types.isNativeError(new TypeError()), types.isArrayBuffer(new ArrayBuffer(1)), types.isTypedArray(new DataView(new ArrayBuffer(1)))]);
  await say('inherits', () => { function A() {} function B() {} inherits(B, A); return [new B() instanceof A, B.super_ === A] });
  await say('deprecate', () => deprecate((a) => a + 1, 'old')(1));
  await say('stripVTControlCharacters', () => util.stripVTControlCharacters('\\u001b[31mred\\u001b[0m'));
  await say('toUSVString', () => util.toUSVString('a\\ud800'));
  await say('default', () => util.inspect === inspect);
});
`,
});
