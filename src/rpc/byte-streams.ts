/**
 * Streams that are passed by reference: a ReadableStream as a source of chunks, a WritableStream as a thing to be called.
 *
 * Promise: bytes only; strings are encoded. What becomes of the other end is told as the platform tells it: a reader whose
 * writer failed or is gone sees that the stream broke off, a source whose reader gave up that the connection is lost. A
 * write ends when the sink has taken the chunk, as in workerd.
 *
 * DIFFERS: workerd gives chunks as they were enqueued, in pieces of 4,096 bytes at most; here those that come at once are joined.
 * DIFFERS: in workerd a stream that failed before it was passed on ends as if it were whole; here its reader hears of it.
 *
 * Knows neither links nor sessions: a WritableStream is a target with three methods, and calls of it travel like any other.
 */
import { concat } from '../base/bytes.ts';
import { flowing, isFlowing } from '../base/flows.ts';
import {
  NativePromise,
  NativeWritableStream,
  promiseThen,
  reflectDeleteProperty,
  typedArrayBuffer,
  typedArrayLength,
  typedArraySlice,
  uncurryThis,
} from '../base/primordials.ts';
import type { RpcContext } from './context.ts';
import { addFlags } from './errors.ts';
import { type ChunkSource, Failure, type Outcome, type StubHook } from './hook.ts';
import { LocalHook, type LocalRealm } from './local.ts';
import { arriving, chunksToStream, readerSource, toBytes } from './streams.ts';

const getWriter = uncurryThis(WritableStream.prototype.getWriter) as unknown as (
  stream: WritableStream,
) => WritableStreamDefaultWriter<unknown>;
const isReadableLocked = Object.getOwnPropertyDescriptor(ReadableStream.prototype, 'locked')?.get as () => boolean;
const isWritableLocked = Object.getOwnPropertyDescriptor(WritableStream.prototype, 'locked')?.get as () => boolean;
const apply = Reflect.apply;

/** The spelling is the platform's. */
const writerGone = () =>
  addFlags(
    new Error('WritableStream received over RPC was disconnected because the remote execution context has endeded.'),
    { retryable: true },
  );

export const LOCKED = 'The ReadableStream has been locked to a reader.';
const BROKEN_OFF = 'ReadableStream received over RPC disconnected prematurely.';

/** @throws TypeError with the platform's text when the stream has a reader */
export function readableSource(stream: ReadableStream, context: RpcContext): ChunkSource {
  if (apply(isReadableLocked, stream, [])) throw new TypeError(LOCKED);
  const isOwn = !isFlowing(stream);
  // Chunks that are there at once are one event.
  const source = gathered(readerSource(stream, { arrive: (run) => run() }));
  return {
    read: isOwn ? () => arriving(context, () => source.read()) : () => source.read(),
    // Whatever the reader's reason was, the writer is told that nobody is there.
    cancel: () => source.cancel(addFlags(new Error('Network connection lost.'), { retryable: true })),
  };
}

/** Small chunks that are there at once go together: a frame costs more than a few hundred bytes. */
const GATHERED_COUNT = 256;
const GATHERED_BYTES = 64 * 1024;

function gathered(source: ChunkSource): ChunkSource {
  /** a read that is under way, and what it gave when it has */
  let reading: Promise<void> | undefined;
  let came: { chunk: Uint8Array | undefined } | { error: unknown } | undefined;
  const begin = () => {
    came = undefined;
    reading = source.read().then(
      (chunk) => {
        came = { chunk };
      },
      (error: unknown) => {
        came = { error };
      },
    );
  };
  const take = () => {
    const taken = came;
    came = undefined;
    reading = undefined;
    return taken;
  };
  return {
    async read() {
      if (!reading) begin();
      await reading;
      const chunks: Uint8Array[] = [];
      let length = 0;
      while (came && 'chunk' in came && came.chunk && chunks.length < GATHERED_COUNT && length < GATHERED_BYTES) {
        const { chunk } = came;
        take();
        chunks[chunks.length] = chunk;
        length += typedArrayLength(chunk);
        begin();
        for (let hop = 0; hop < READ_HOPS && !came; hop++) await undefined;
      }
      // A source that fails at once takes along what it gave just before, as in workerd.
      const last = came && ('error' in came || chunks.length === 0) ? take() : undefined;
      if (last && 'error' in last) throw last.error;
      if (chunks.length === 0) return last?.chunk;
      return chunks.length === 1 ? chunks[0] : concat(chunks);
    },
    cancel: (reason) => source.cancel(reason),
  };
}

/** A read that needs nothing from outside settles within so many microtasks. */
const READ_HOPS = 8;

/** To whoever writes, the sink's failure is the stream's own (seen). */
function withoutRemote(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) reflectDeleteProperty(error, 'remote');
  return error;
}

export class ByteStreams {
  readonly #realm: () => LocalRealm;

  constructor(realm: () => LocalRealm) {
    this.#realm = realm;
  }

  /** @throws TypeError with the platform's text when the stream has a reader */
  sourceOf(stream: ReadableStream): ChunkSource {
    return readableSource(stream, this.#context);
  }

  get #context(): RpcContext {
    return this.#realm().context;
  }

  /** A stream of what comes from elsewhere. */
  readableOf(source: ChunkSource): ReadableStream {
    const told: ChunkSource = {
      async read() {
        try {
          return await source.read();
        } catch {
          // The platform does not tell what happened at the other end either.
          throw new Error(BROKEN_OFF);
        }
      },
      cancel: (reason) => source.cancel(reason),
    };
    return chunksToStream(told, this.#context);
  }

  /** @throws TypeError with the platform's text when the stream has a writer */
  hookOf(stream: WritableStream): StubHook {
    if (apply(isWritableLocked, stream, []))
      throw new TypeError('This WritableStream is currently locked to a writer.');
    const writer = getWriter(stream);
    let isOver = false;
    const end = (how: () => Promise<void>) => {
      isOver = true;
      return how();
    };
    const target = {
      // A sink of the program's gets buffers, as in workerd.
      write: (chunk: unknown) => writer.write(typedArrayBuffer(typedArraySlice(toBytes(chunk)))),
      close: () => end(() => writer.close()),
      // The platform does not tell the reason, nor whether the other end gave up or is gone.
      abort: () => end(() => writer.abort(writerGone())),
    };
    const release = () => {
      // Nobody can write any more.
      if (!isOver) void writer.abort(writerGone()).catch(() => undefined);
    };
    return LocalHook.of(this.#realm(), target, { release, entry: isFlowing(stream) ? 'free' : 'outside' });
  }

  /** A stream whose chunks go elsewhere. */
  writableOf(hook: StubHook): WritableStream {
    const { payload } = this.#realm();
    const arrive = () => this.#context.capture();
    const ask = (name: string, args: readonly unknown[]): Promise<Outcome> => {
      const result = hook.call([name], payload.encodeArgs(args));
      return promiseThen(result.pull(), (outcome) => {
        result.dispose();
        return outcome;
      }) as Promise<Outcome>;
    };
    let failure: Failure | undefined;
    const end = async (name: string, args: readonly unknown[]): Promise<void> => {
      const deliver = arrive();
      const outcome = failure ?? (await ask(name, args));
      await new NativePromise<void>((resolve) => deliver(resolve));
      hook.dispose();
      if (outcome instanceof Failure) throw outcome.make();
    };
    const stream = new NativeWritableStream(
      {
        async write(chunk) {
          const bytes = typedArraySlice(toBytes(chunk));
          const deliver = arrive();
          const outcome = await ask('write', [bytes]);
          await new NativePromise<void>((resolve) => deliver(resolve));
          if (!(outcome instanceof Failure)) return;
          failure = outcome;
          throw withoutRemote(outcome.make());
        },
        close: () => end('close', []),
        abort: () => end('abort', []),
      },
      { highWaterMark: 1 },
    );
    return flowing(stream);
  }
}
