import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Blob and File take an array of parts and nothing else, no endings, and whole numbers for a slice.',
  rows: ['1.global-scope'],
  config: objects({}),
  program: `
import { inspect, worker } from './prelude.js';
const given = {
  set: () => new Set(['a']), map: () => new Map(), generated: () => (function* () { yield 'a' })(), string: () => 'abc', stringObject: () => new String('abc'),
  bytes: () => new Uint8Array(2), buffer: () => new ArrayBuffer(2), object: () => ({}), function: () => () => {}, number: () => 1, null: () => null, undefined: () => undefined,
  blob: () => new Blob(['a']), 'like an array': () => ({ length: 1, 0: 'a' }), subclass: () => new (class extends Array {})('a', 'b'), arguments: () => (function () { return arguments })('a'),
  array: () => ['a', 1, null, undefined, {}, new Blob(['b']), new Uint8Array([65]), new ArrayBuffer(1), new DataView(new ArrayBuffer(1)), [1, 2]],
  holes: () => [, 'a'], symbol: () => [Symbol('x')], headers: () => new Headers(), parameters: () => new URLSearchParams('a=b'), boolean: () => true, bigint: () => 1n, date: () => new Date(0),
  failing: () => [{ toString() { throw new RangeError('mine') } }],
  'an iterator of its own': () => { const a = ['a', 'b']; a[Symbol.iterator] = function* () { yield 'z' }; return a },
};
const options = {
  null: null, undefined: undefined, number: 1, string: 'a', boolean: true, bigint: 1n, function: () => {}, array: [], object: {}, type: { type: 'TEXT/Plain' }, 'bad type': { type: 'a\\u00e9' },
  'symbol as type': { type: Symbol('x') }, endings: { endings: 'native' }, 'bad endings': { endings: 'x' }, 'no endings': { endings: undefined }, 'null as endings': { endings: null }, 'null as type': { type: null },
};
export default worker(async ({ say }) => {
  for (const name in given) {
    await say('Blob of ' + name, async () => [await new Blob(given[name]()).text()]);
    await say('File of ' + name, async () => [await new File(given[name](), 'n').text()]);
  }
  for (const name in options) {
    await say('Blob with ' + name, () => [new Blob(['a\\nb'], options[name]).type]);
    await say('File with ' + name, () => [new File(['a\\nb'], 'n', options[name]).type]);
  }
  await say('nothing', () => [new Blob().size, new Blob(undefined, undefined).size, new File(undefined, 'n').size]);
  await say('File of nothing', () => new File());
  await say('File without a name', () => new File(['a']));
  await say('a symbol as name', () => new File(['a'], Symbol('x')));
  await say('an object as name', () => new File(['a'], {}).name);
  await say('times', () => [5, -1, NaN, null, 'x', '7', new Date(7)].map((lastModified) => new File([], 'n', { lastModified }).lastModified));
  await say('now', () => { const at = Date.now(); const { lastModified } = new File([], 'n'); return at <= lastModified && lastModified <= Date.now() });
  await say('a bigint as time', () => new File([], 'n', { lastModified: 7n }));
  await say('a symbol as time', () => new File([], 'n', { lastModified: Symbol('x') }));
  const order = (make) => () => { const s = []; make((x, y) => { s.push(x); return y }); return s };
  await say('order, Blob', order((see) => new Blob([{ toString: () => see('part', 'a') }], { get endings() { return see('endings') }, get type() { return see('type', 'x') } })));
  await say('order, File', order((see) => new File([{ toString: () => see('part', 'a') }], { toString: () => see('name', 'n') }, { get endings() { return see('endings') }, get type() { return see('type', 'x') }, get lastModified() { return see('time', 1) } })));
  await say('shape', () => [Blob.length, Blob.name, File.length, File.name, Object.getOwnPropertyNames(Blob), Object.getOwnPropertyNames(Blob.prototype).sort(), Object.getOwnPropertyNames(File.prototype).sort(), Blob.prototype.constructor === Blob, File.prototype.constructor === File]);
  await say('kinds', () => [new Blob() instanceof Blob, new File([], 'a') instanceof File, new File([], 'a') instanceof Blob, String(new File([], 'a'))]);
  await say('a subclass', async () => { class B extends Blob { get x() { return 1 } } const b = new B(['a'], { type: 'x' }); return [b instanceof B, b.x, b.type, await b.text(), b.slice(0, 1) instanceof B, b.constructor.name] });
  await say('a subclass of File', async () => { class F extends File { get x() { return 1 } } const f = new F(['a'], 'n'); return [f instanceof F, f.x, f.name, await f.text()] });
  const abc = new Blob(['abc'], { type: 'a/b' });
  await say('slices', () => [['1'], [-1], [NaN], [null, null], [1.9], [Infinity], [0, 2], [undefined, 1], [4294967297]].map((ends) => abc.slice(...ends).size));
  await say('types of slices', () => [[1], [1, 2, 'X/Y'], [0, 1, null], [0, 1, undefined], [0, 1, 'a\\u00e9']].map((ends) => abc.slice(...ends).type));
  await say('a slice from a symbol', () => abc.slice(Symbol('x')));
  await say('a slice from a bigint', () => abc.slice(1n));
});
`,
});
