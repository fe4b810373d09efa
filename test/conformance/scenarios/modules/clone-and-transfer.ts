import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'structuredClone takes options and a list of buffers, and takes those away; only addresses of the network have an origin.',
  rows: ['1.global-scope'],
  config: objects({}),
  program: `
import { inspect, worker } from './prelude.js';
export default worker(async ({ say }) => {
  const buffer = (n) => new ArrayBuffer(n);
  const options = { null: null, undefined: undefined, number: 1, string: 'a', boolean: true, bigint: 1n, symbol: Symbol('x'), function: () => {}, array: [], 'buffers alone': [buffer(1)], object: {}, date: new Date(0), map: new Map(), failing: { get transfer() { throw new RangeError('mine') } } };
  for (const name in options) await say('with ' + name, () => structuredClone('v', options[name]));
  const lists = { null: null, undefined: undefined, number: 1, string: 'ab', set: new Set([buffer(1)]), object: {}, 'like an array': { length: 0 }, empty: [], view: [new Uint8Array(1)], 'other view': [new DataView(buffer(1))] };
  for (const name in lists) await say('transfer of ' + name, () => structuredClone('v', { transfer: lists[name] }));
  const items = { object: {}, number: 1, string: 'a', null: null, undefined: undefined, stream: new ReadableStream(), blob: new Blob(['a']), function: () => {}, array: [], map: new Map() };
  for (const name in items) await say('transfer of a list of ' + name, () => structuredClone('v', { transfer: [items[name]] }));
  await say('nothing', () => structuredClone());
  await say('a buffer', () => { const a = buffer(3); const b = structuredClone(a, { transfer: [a] }); return [a.byteLength, b.byteLength] });
  await say('a buffer in a list that is no option', () => { const a = buffer(3); const b = structuredClone(a, [a]); return [a.byteLength, b.byteLength] });
  await say('one that grows', () => { const a = new ArrayBuffer(2, { maxByteLength: 8 }); const b = structuredClone(a, { transfer: [a] }); return [a.byteLength, b.byteLength, b.resizable] });
  await say('a view and its buffer', () => { const a = new Uint8Array([1, 2]); const b = structuredClone({ a, x: a.buffer }, { transfer: [a.buffer] }); return [a.byteLength, b.a.byteLength, b.a.buffer === b.x] });
  await say('a view itself', () => { const a = new Uint8Array(2); const b = structuredClone(a, { transfer: [a] }); return [a.byteLength, b.byteLength] });
  await say('one that is not in the value', () => { const a = buffer(2); const b = structuredClone(1, { transfer: [a] }); return [a.byteLength, b] });
  await say('twice', () => { const a = buffer(2); const b = structuredClone(a, { transfer: [a, a] }); return [a.byteLength, b.byteLength] });
  await say('one that is gone', () => { const a = buffer(2); structuredClone(a, { transfer: [a] }); return structuredClone(1, { transfer: [a] }) });
  await say('a value that is refused', () => { const a = buffer(2); try { structuredClone([a, () => {}], { transfer: [a] }) } catch (e) { return [a.byteLength, inspect(e)] } });
  await say('one that is refused by name', () => { const a = buffer(2); try { structuredClone([a, new URL('http://a')], { transfer: [a] }) } catch (e) { return [a.byteLength, inspect(e)] } });
  await say('headers beside it', () => { const a = buffer(2); const b = structuredClone([a, new Headers({ a: 'b' })], { transfer: [a] }); return [a.byteLength, b[0].byteLength, [...b[1]]] });
  await say('an error beside it', () => { const a = buffer(2); const b = structuredClone([a, Object.assign(new RangeError('m'), { z: 1 })], { transfer: [a] }); return [a.byteLength, inspect(b[1])] });
  const urls = ['file:///a/b', 'file://host/x', 'blob:https://a.b/c', 'blob:file:///c', 'blob:ws://a/b', 'blob:blob:http://a/b', 'blob:d:x', 'data:text/plain,a', 'foo://a/b', 'ws://a/b', 'wss://a:8/b', 'ftp://a:21/b', 'about:blank', 'http://a:80', 'https://a:80', 'filesystem:http://a/b'];
  for (const url of urls) await say('origin of ' + url, () => new URL(url).origin);
});
`,
});
