import { expect, test } from 'vitest';
import { MadeStream } from '../../src/base/made-streams.ts';

/** A stream whose strategy measures its chunks by themselves, as one of a program's. */
function measured(highWaterMark: number) {
  let controller!: ReadableStreamDefaultController<number>;
  let made!: MadeStream;
  const size = (chunk?: number) => {
    made.measured(chunk as number);
    return chunk as number;
  };
  const start = (given: ReadableStreamDefaultController<number>) => {
    controller = given;
    made = new MadeStream(given, { pieceBytes: undefined });
  };
  const stream = new ReadableStream<number>({ start }, { highWaterMark, size });
  return { controller, made, reader: stream.getReader() };
}

test('how many chunks wait is known of a stream that measures them', async () => {
  const { controller, made, reader } = measured(1);
  expect([made.isNarrow, made.waitingChunks]).toEqual([true, 0]);
  for (const size of [5, 1, 3]) controller.enqueue(size);
  expect([made.waiting, made.waitingChunks]).toEqual([9, 3]);
  await reader.read();
  expect(made.waitingChunks).toBe(2);
  controller.enqueue(2);
  expect(made.waitingChunks).toBe(3);
});

test('it stays known of a stream that is never empty, however long it goes on', async () => {
  const { controller, made, reader } = measured(1);
  for (const size of [2, 7]) controller.enqueue(size);
  for (let i = 0; i < 1_000; i++) {
    controller.enqueue(1 + (i % 5));
    await reader.read();
    expect(made.waitingChunks).toBe(2);
  }
});
