import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'Streams are made of what can be iterated, give at least so many bytes, and those that transform are TransformStreams.',
  rows: ['1.global-scope'],
  config: objects({}),
  program: `
import { worker, tag } from './prelude.js';
const all = async (stream) => { const got = []; for await (const one of stream) got.push(one); return got };
const bytes = (...n) => new Uint8Array(n);
export default worker(async ({ say }) => {
  await say('from a list', () => all(ReadableStream.from([1, 2, 3])));
  await say('from a set', () => all(ReadableStream.from(new Set(['a', 'b']))));
  await say('from text', () => all(ReadableStream.from('ab')));
  await say('from a generator', () => all(ReadableStream.from((function* () { yield 1; yield 2 })())));
  await say('from an asynchronous one', () => all(ReadableStream.from((async function* () { yield 1; yield 2 })())));
  await say('from promises', () => all(ReadableStream.from([Promise.resolve(1), 2])));
  await say('from a stream', () => all(ReadableStream.from(ReadableStream.from(['x']))));
  await say('from one that throws', () => all(ReadableStream.from((async function* () { yield 1; throw new RangeError('mine') })())));
  await say('given up', async () => {
    const said = [];
    const it = { [Symbol.asyncIterator]() { let n = 0; return { next: async () => ({ done: false, value: n++ }), return: async (v) => { said.push('return', v); return {} } } } };
    for await (const one of ReadableStream.from(it)) { said.push(one); if (one === 1) break }
    return said;
  });
  await say('cancelled', async () => {
    const said = [];
    const it = { [Symbol.asyncIterator]() { return { next: async () => ({ done: false, value: 1 }), return: async (v) => { said.push('return', String(v)); return {} } } } };
    await ReadableStream.from(it).cancel('why');
    return said;
  });
  await say('lazy', async () => { const said = []; const s = ReadableStream.from((function* () { said.push('began'); yield 1 })()); await null; await null; said.push('made'); await s.getReader().read(); return said });
  await say('from a number', () => ReadableStream.from(5));
  await say('from nothing', () => ReadableStream.from());
  await say('from null', () => ReadableStream.from(null));
  await say('from an object', () => ReadableStream.from({}));
  await say('as a response', () => new Response(ReadableStream.from([bytes(97), bytes(98)])).text());
  await say('tag', () => [tag(ReadableStream.from([])), ReadableStream.from([]) instanceof ReadableStream, ReadableStream.from.name, typeof ReadableStream.from]);

  const pieces = () => { const { readable, writable } = new IdentityTransformStream(); const w = writable.getWriter(); (async () => { await w.write(bytes(1)); await w.write(bytes(2, 3)); await w.write(bytes(4)); await w.close() })().catch(() => {}); return readable };
  await say('at least 3', async () => { const r = pieces().getReader({ mode: 'byob' }); const { value, done } = await r.readAtLeast(3, new Uint8Array(8)); return [done, value] });
  await say('at least 3, then what is left', async () => { const r = pieces().getReader({ mode: 'byob' }); await r.readAtLeast(3, new Uint8Array(8)); const a = await r.readAtLeast(3, new Uint8Array(8)); return [a.done, a.value] });
  await say('at least 9 of 4', async () => { const r = pieces().getReader({ mode: 'byob' }); const a = await r.readAtLeast(9, new Uint8Array(16)); return [a.done, a.value] });
  await say('more than fits', async () => { const r = pieces().getReader({ mode: 'byob' }); return r.readAtLeast(9, new Uint8Array(8)) });
  await say('at least none', async () => { const r = pieces().getReader({ mode: 'byob' }); return r.readAtLeast(0, new Uint8Array(8)) });
  await say('read with min', async () => { const r = pieces().getReader({ mode: 'byob' }); const a = await r.read(new Uint8Array(8), { min: 3 }); return [a.done, a.value] });
  await say('of a response', async () => { const r = new Response('abcdef').body.getReader({ mode: 'byob' }); const a = await r.readAtLeast(4, new Uint8Array(5)); return [a.done, a.value] });

  await say('transforms', () => [new CompressionStream('gzip'), new DecompressionStream('gzip'), new TextEncoderStream(), new TextDecoderStream()].map((s) => [s instanceof TransformStream, tag(s), tag(s.readable), tag(s.writable)].join(' ')));
  await say('compressed', async () => new Response(new Blob(['hello']).stream().pipeThrough(new CompressionStream('gzip')).pipeThrough(new DecompressionStream('gzip'))).text());
});
`,
});
