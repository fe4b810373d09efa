/** Compressing and decompressing where nobody reads, and what cannot be decompressed. One program, before and since `strict_compression_checks`. */
import type { ScenarioConfig } from '../scenario.ts';
import { objects } from '../scenario.ts';

export const compressionConfig = (compatibility_date: string): ScenarioConfig => ({
  ...objects({}),
  compatibility_date,
});

export const compression = `
import { worker, sleep } from './prelude.js';
const state = async (promise) => {
  let is = 'pending';
  promise.then(() => (is = 'done'), (error) => (is = String(error)));
  await sleep(30);
  return is;
};
/** Bytes that do not get smaller, the same in every run. */
const noise = (size) => {
  const bytes = new Uint8Array(size);
  let n = 1;
  for (let i = 0; i < size; i++) bytes[i] = (n = (n * 48271) % 2147483647) >> 8;
  return bytes;
};
const read = async (stream) => new Uint8Array(await new Response(stream).arrayBuffer());
const compressed = (bytes, format = 'gzip') => read(new Blob([bytes]).stream().pipeThrough(new CompressionStream(format)));
const plain = (text) => new TextEncoder().encode(text);

/** Nobody reads: what does each write do, and how much more may be written? */
const fill = async (stream, chunks) => {
  const writer = stream.writable.getWriter();
  const said = [writer.desiredSize, await state(writer.ready)];
  for (const chunk of chunks) said.push(await state(writer.write(chunk)), writer.desiredSize, await state(writer.ready));
  said.push(await state(writer.close()), await state(writer.closed));
  return said.join(' ');
};

const decompress = async (chunks, format = 'gzip') => {
  const { readable, writable } = new DecompressionStream(format);
  const writer = writable.getWriter();
  const told = chunks.map((chunk) => writer.write(chunk));
  const outcome = (promise) => promise.then(() => 'done', (error) => error.constructor.name + ': ' + error.message);
  told.push(writer.close(), writer.closed);
  const outcomes = Promise.all(told.map(outcome));
  const text = await new Response(readable).text().catch((error) => error.name + ': ' + error.message);
  return [text, ...(await outcomes)];
};

export default worker(async ({ say }) => {
  for (const format of ['gzip', 'deflate', 'deflate-raw']) {
    await say(format + ', little', () => fill(new CompressionStream(format), [noise(10), noise(10), noise(10)]));
    await say(format + ', much', () => fill(new CompressionStream(format), [noise(100000), noise(100000), noise(100000)]));
    const much = await compressed(noise(300000), format);
    await say('of ' + format, () => fill(new DecompressionStream(format), [much.slice(0, 100000), much.slice(100000, 200000), much.slice(200000)]));
    await say('there and back by ' + format, async () => {
      const bytes = await read(new Blob([noise(300000)]).stream().pipeThrough(new CompressionStream(format)).pipeThrough(new DecompressionStream(format)));
      return [bytes.length, bytes.every((byte, i) => byte === noise.whole[i])].join(' ');
    });
  }
  await say('written, then read', async () => {
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    for (let i = 0; i < 20; i++) await writer.write(noise(10000));
    await writer.close();
    return (await read(readable.pipeThrough(new DecompressionStream('gzip')))).length;
  });
  await say('read in pieces', async () => {
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    writer.write(noise(10000));
    writer.close();
    const reader = readable.getReader();
    const sizes = [];
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return Math.max(...sizes);
      sizes.push(value.length);
    }
  });
  await say('into a buffer', async () => {
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    writer.write(plain('hello'));
    writer.close();
    const { value, done } = await readable.getReader({ mode: 'byob' }).read(new Uint8Array(4));
    return [value, done];
  });
  await say('text', async () => {
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    writer.write('hello');
    writer.close();
    return new Response(readable.pipeThrough(new DecompressionStream('gzip'))).text();
  });
  for (const chunk of [5, null, undefined, {}, [1, 2]]) {
    await say('a ' + JSON.stringify(chunk), async () => {
      const writer = new CompressionStream('gzip').writable.getWriter();
      return writer.write(chunk).then(() => 'done');
    });
  }
  await say('a buffer and a part of one', async () => {
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    writer.write(plain('hello').buffer);
    writer.write(new DataView(plain('world').buffer, 1, 3));
    writer.close();
    return new Response(readable.pipeThrough(new DecompressionStream('gzip'))).text();
  });

  const hello = await compressed(plain('hello'));
  const with_ = (change) => { const bytes = hello.slice(); change(bytes); return bytes };
  await say('whole', () => decompress([hello]));
  await say('byte by byte', () => decompress([...hello].map((byte) => Uint8Array.of(byte))).then(([text]) => text));
  await say('cut early', () => decompress([hello.slice(0, 8)]));
  await say('cut late', () => decompress([hello.slice(0, -2)]));
  await say('nothing', () => decompress([]));
  await say('more behind', () => decompress([Uint8Array.of(...hello, 1, 2, 3)]));
  await say('more behind, later', () => decompress([hello, Uint8Array.of(1, 2, 3)]));
  await say('twice', () => decompress([Uint8Array.of(...hello, ...hello)]));
  await say('not compressed', () => decompress([plain('hello')]));
  await say('not by deflate', () => decompress([plain('hello')], 'deflate'));
  await say('not by deflate-raw', () => decompress([Uint8Array.of(255, 255, 255)], 'deflate-raw'));
  await say('another sum', () => decompress([with_((bytes) => { bytes[bytes.length - 6] ^= 1 })]));
  await say('other bytes', () => decompress([with_((bytes) => { bytes[12] ^= 255 })]));
  await say('a text', () => decompress(['hello']));
  await say('and after it failed', async () => {
    const { readable, writable } = new DecompressionStream('gzip');
    const writer = writable.getWriter();
    const first = await state(writer.write(plain('hello')));
    return [first, await state(readable.getReader().read()), await state(writer.closed)];
  });

  await say('cancelled', async () => {
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    const said = [await state(writer.write(noise(10))), await state(readable.cancel(new Error('why')))];
    return [...said, await state(writer.write(noise(3))), await state(writer.closed)];
  });
  await say('aborted', async () => {
    const { readable, writable } = new CompressionStream('gzip');
    const writer = writable.getWriter();
    const said = [await state(writer.write(noise(10))), await state(writer.abort(new Error('why')))];
    return [...said, await state(readable.getReader().read()), await state(writer.closed)];
  });
  await say('asked first', async () => {
    const { readable, writable } = new CompressionStream('gzip');
    const reader = readable.getReader();
    const asked = reader.read();
    const writer = writable.getWriter();
    const said = [await state(writer.write(noise(3))), await state(asked)];
    const again = reader.read();
    said.push(await state(writer.write(noise(3))), await state(again));
    writer.close();
    return [...said, (await again).value.length, (await reader.read()).done];
  });
});
noise.whole = noise(300000);
`;
