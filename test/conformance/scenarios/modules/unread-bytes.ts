import { objects, scenario } from '../../scenario.ts';

export const subject = scenario({
  name: 'A stream that hands bytes on is always ready to be written to, unless it is told how much may wait; each write waits for its reader.',
  rows: ['1.global-scope'],
  config: objects({}),
  program: `
import { worker, sleep } from './prelude.js';
const state = async (promise) => {
  let is = 'pending';
  promise.then(() => (is = 'done'), (error) => (is = String(error)));
  await sleep(20);
  return is;
};
const fill = async (stream) => {
  const writer = stream.writable.getWriter();
  const said = [writer.desiredSize, await state(writer.ready)];
  for (let i = 0; i < 3; i++) {
    const written = writer.write(Uint8Array.of(97, 98));
    written.catch(() => {});
    said.push(writer.desiredSize, await state(written), writer.desiredSize, await state(writer.ready));
  }
  return said.join(' ');
};
export default worker(async ({ say }) => {
  await say('identity', () => fill(new IdentityTransformStream()));
  await say('of a fixed length', () => fill(new FixedLengthStream(8)));
  for (const highWaterMark of [1, 3, 5, 100]) {
    await say('identity, ' + highWaterMark, () => fill(new IdentityTransformStream({ highWaterMark })));
    await say('of a fixed length, ' + highWaterMark, () => fill(new FixedLengthStream(8, { highWaterMark })));
  }
  await say('said as nothing', () => fill(new IdentityTransformStream({})));
  await say('said as undefined', () => fill(new IdentityTransformStream(undefined)));
  await say('said as text', () => fill(new IdentityTransformStream({ highWaterMark: '3' })));
  await say('less than nothing', () => fill(new IdentityTransformStream({ highWaterMark: -1 })));
  await say('a part of one', () => fill(new IdentityTransformStream({ highWaterMark: 3.7 })));
  await say('no number', () => fill(new IdentityTransformStream({ highWaterMark: 'many' })));
  await say('without end', () => fill(new IdentityTransformStream({ highWaterMark: Infinity })));
  await say('a number as options', () => fill(new IdentityTransformStream(3)));
  await say('null as options', () => fill(new IdentityTransformStream(null)));
  await say('written when ready, then read', async () => {
    const { readable, writable } = new IdentityTransformStream();
    const writer = writable.getWriter();
    for (let i = 0; i < 5; i++) {
      await writer.ready;
      writer.write(Uint8Array.of(97 + i));
    }
    writer.close();
    return new Response(readable).text();
  });
  await say('ready again', async () => {
    const { readable, writable } = new IdentityTransformStream({ highWaterMark: 3 });
    const writer = writable.getWriter();
    const reader = readable.getReader();
    writer.write(Uint8Array.of(1, 2));
    writer.write(Uint8Array.of(3, 4));
    const said = [writer.desiredSize, await state(writer.ready)];
    await reader.read();
    said.push(writer.desiredSize, await state(writer.ready));
    await reader.read();
    said.push(writer.desiredSize, await state(writer.ready));
    return said;
  });
});
`,
});
