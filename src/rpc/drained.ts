/**
 * Reading a stream that is given away, as the platform does.
 *
 * Promise: what waits in a stream that the program made is one chunk, with what its source gives while that is taken; what
 * comes later comes by itself. So a reader far away sees which chunks were written at once, and can take one for a message
 * where it can on the platform (workerd 1.20260730, as observed).
 *
 * DIFFERS: what waits in the readable side of a transform, or in a branch of a stream, is not known: there each chunk is one.
 *
 * Knows neither links nor gates.
 */
import { bytesOrText, concat } from '../base/bytes.ts';
import { type MadeStream, madeStream } from '../base/made-streams.ts';
import { promiseThen, readableGetReader, readerCancel, readerRead, typedArrayLength } from '../base/primordials.ts';
import type { ChunkSource } from './hook.ts';

/** Once so much is taken, what still waits is the next chunk. */
const DRAINED_BYTES = 256 * 1024;
/** A stream that needs nothing from outside has what it gives ahead, or has failed, after so many microtasks. */
const HOPS = 8;

type Read = Promise<ReadableStreamReadResult<unknown>>;

/** Takes the stream's reader. */
export function drained(stream: ReadableStream): Omit<ChunkSource, 'lose'> {
  const made = madeStream(stream);
  const reader = readableGetReader(stream);
  /** what was asked for and not given yet, in order */
  let reads: Read[] = [];
  let isFirst = true;
  /** the last chunk was waited for, or there was none: what comes next is taken with what the source gives meanwhile */
  let isFresh = true;
  const ask = () => {
    const read = readerRead(reader) as Read;
    // Whoever comes to it hears of its failure; nobody may.
    void promiseThen(read, undefined, () => undefined);
    reads[reads.length] = read;
  };
  const askForAll = (from: MadeStream) => {
    const before = from.waiting;
    const most = !isFresh && from.isNarrow ? from.waitingChunks : undefined;
    isFresh = before === 0;
    ask();
    // What its source gave at once, when it was asked for this one.
    for (let left = from.waiting, last = left + 1; from.isLazy && left > 0 && left < last; ) {
      ask();
      last = left;
      left = from.waiting;
    }
    for (let left = before, isStill = false; left > 0; ) {
      const now = from.waiting;
      // The source is asked once while its stream is emptied; at the end the stream only seems to have something.
      if (now >= left && isStill) return;
      if (now >= left) isStill = true;
      left = now;
      if (left === 0 || (most !== undefined && reads.length >= most)) return;
      ask();
    }
  };
  return {
    async read() {
      if (reads.length === 0) {
        if (made && isFirst) for (let hop = 0; hop < HOPS; hop++) await undefined;
        if (made) askForAll(made);
        else ask();
        isFirst = false;
      }
      const chunks: Uint8Array[] = [];
      let length = 0;
      let taken = 0;
      for (; taken < reads.length && length < DRAINED_BYTES; taken++) {
        const { done, value } = await (reads[taken] as Read);
        if (done) break;
        const chunk = toBytes(value);
        chunks[chunks.length] = chunk;
        length += typedArrayLength(chunk);
      }
      reads = rest(reads, taken);
      if (made && chunks.length > 0) for (let hop = 0; hop < HOPS && !made.hasFailed; hop++) await undefined;
      // A source that fails at once takes along what it gave just before, as in workerd: the next read tells why.
      if (made?.hasFailed) ask();
      if (made?.hasFailed) await reads[reads.length - 1];
      if (chunks.length === 0) return undefined;
      return chunks.length === 1 ? chunks[0] : concat(chunks);
    },
    cancel(reason) {
      // A source that cannot even be cancelled has nobody left to tell: its bytes are gone either way.
      void promiseThen(readerCancel(reader, reason), undefined, () => undefined);
    },
  };
}

function rest<T>(list: readonly T[], from: number): T[] {
  const left: T[] = [];
  for (let i = from; i < list.length; i++) left[left.length] = list[i] as T;
  return left;
}

/** The bytes are the link's to keep. @throws TypeError for what is neither bytes nor text */
export function toBytes(chunk: unknown): Uint8Array {
  const bytes = bytesOrText(chunk);
  if (!bytes) throw new TypeError('Draining read encountered a value that cannot be converted to bytes');
  return bytes;
}
