/**
 * Streams that are passed by reference: a ReadableStream as a source of chunks, a WritableStream as a thing to be called.
 *
 * Promise: bytes only; strings are encoded. What becomes of the other end is told as the platform tells it: a reader whose
 * writer failed or is gone sees that the stream broke off, a source whose reader gave up that the connection is lost. A
 * write ends when the sink has taken the chunk, as in workerd.
 *
 * DIFFERS: in workerd a stream that failed before it was passed on ends as if it were whole; here its reader hears of it.
 *
 * Knows neither links nor sessions: a WritableStream is a target with three methods, and calls of it travel like any other.
 */
import { flowing, isDisturbed, isFlowing, STRETCH_BYTES } from '../base/flows.ts';
import {
  NativePromise,
  NativeWritableStream,
  promiseThen,
  readableLocked,
  reflectDeleteProperty,
  typedArrayBuffer,
  typedArrayLength,
  typedArraySlice,
  uncurryThis,
  weakSetAdd,
  weakSetHas,
  writableLocked,
} from '../base/primordials.ts';
import type { RpcContext } from './context.ts';
import { toBytes } from './drained.ts';
import { addFlags, connectionLost } from './errors.ts';
import { type ChunkSource, Failure, type Outcome, type StubHook } from './hook.ts';
import { LocalHook, type LocalRealm } from './local.ts';
import { chunksToStream, readerSource } from './streams.ts';

const getWriter = uncurryThis(WritableStream.prototype.getWriter) as unknown as (
  stream: WritableStream,
) => WritableStreamDefaultWriter<unknown>;

/** The spelling is the platform's. */
const writerGone = () =>
  addFlags(
    new Error('WritableStream received over RPC was disconnected because the remote execution context has endeded.'),
    { retryable: true },
  );

export const LOCKED = 'The ReadableStream has been locked to a reader.';
const DISTURBED = 'This ReadableStream is disturbed.';
const BROKEN_OFF = 'ReadableStream received over RPC disconnected prematurely.';

/** @throws TypeError with the platform's text when the stream has a reader, or gives bytes as they are and was read before */
export function readableSource(stream: ReadableStream, context: RpcContext): ChunkSource {
  if (readableLocked(stream)) throw new TypeError(LOCKED);
  if (isDisturbed(stream)) throw new TypeError(DISTURBED);
  const source = readerSource(stream, context);
  return {
    read: () => source.read(),
    // Whatever the reader's reason was, the writer is told that nobody is there.
    cancel: () => source.lose(true),
    lose: (isTold) => source.lose(isTold),
  };
}

/** To whoever writes, the sink's failure is the stream's own (seen). */
function withoutRemote(error: unknown): unknown {
  if (typeof error === 'object' && error !== null) reflectDeleteProperty(error, 'remote');
  return error;
}

/** A sink of the program's gets buffers, of so many bytes at most, and each when it has taken the one before, as in workerd. */
async function writeInStretches(writer: WritableStreamDefaultWriter<unknown>, bytes: Uint8Array): Promise<void> {
  const length = typedArrayLength(bytes);
  let at = 0;
  do {
    const end = at + STRETCH_BYTES;
    await writer.write(typedArrayBuffer(typedArraySlice(bytes, at, end)));
    at = end;
  } while (at < length);
}

/** errors of streams that broke off, and writable ends that are elsewhere */
const brokenOff = new WeakSet<object>();
const elsewhere = new WeakSet<object>();

/** What a pipe says of a stream that broke off: from elsewhere to elsewhere, no code of the program's has read it. */
export function pipedError(error: unknown, into: unknown): unknown {
  return weakSetHas(brokenOff, error as object) && weakSetHas(elsewhere, into as object) ? connectionLost() : error;
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
          const error = new Error(BROKEN_OFF);
          weakSetAdd(brokenOff, error);
          throw error;
        }
      },
      cancel: (reason) => source.cancel(reason),
      lose: (isTold) => source.lose(isTold),
    };
    return chunksToStream(told, this.#context);
  }

  /** @throws TypeError with the platform's text when the stream has a writer */
  hookOf(stream: WritableStream): StubHook {
    if (writableLocked(stream)) throw new TypeError('This WritableStream is currently locked to a writer.');
    const writer = getWriter(stream);
    let isOver = false;
    const end = (how: () => Promise<void>) => {
      isOver = true;
      return how();
    };
    const target = {
      write: (chunk: unknown) => writeInStretches(writer, toBytes(chunk)),
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
    weakSetAdd(elsewhere, stream);
    return flowing(stream);
  }
}
