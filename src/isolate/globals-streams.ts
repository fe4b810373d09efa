/**
 * What the platform's streams have and the browser's have not.
 *
 * Promise: `ReadableStream.from`, readers that bring their own buffer wait for so much (read-at-least.ts), and streams that
 * transform bytes are TransformStreams; texts as workerd 1.20260730.
 */
import { flowing, isFlowing, partsFlow } from '../base/flows.ts';
import {
  objectSetPrototypeOf,
  promiseReject,
  promiseThen,
  uncurryGetter,
  uncurryThis,
  weakMapGet,
  weakMapSet,
} from '../base/primordials.ts';
import { pipedError } from '../rpc/byte-streams.ts';
import { isRefused, NOT_BYTES } from './byte-streams.ts';
import { iteratorOf, streamOf } from './fetch-body.ts';
import { define, named, parameterError } from './native-shape.ts';
import { shapeByobReader } from './read-at-least.ts';
import { shapeConstructors } from './stream-constructors.ts';

type Scope = typeof globalThis & Record<string, unknown>;

/** Each has a `readable` and a `writable` of its own. */
const TRANSFORMS = ['TextDecoderStream', 'TextEncoderStream'];

export function shapeStreams(scope: Scope): void {
  define(scope.ReadableStream, 'from', named('from', from));
  shapeConstructors(scope);
  shapeGetReader(scope.ReadableStream.prototype);
  shapeTee(scope.ReadableStream.prototype);
  shapePipes(scope.ReadableStream.prototype);
  shapeWriters(scope.WritableStream.prototype, scope.WritableStreamDefaultWriter.prototype);
  shapeFiles(scope.Blob.prototype);
  shapeByobReader(scope.ReadableStreamBYOBReader);
  for (let i = 0; i < TRANSFORMS.length; i++) {
    const made = scope[TRANSFORMS[i] as string] as { prototype: object } | undefined;
    if (made) objectSetPrototypeOf(made.prototype, scope.TransformStream.prototype);
  }
}

function shapeGetReader(prototype: ReadableStream): void {
  const native = uncurryThis(prototype.getReader) as (stream: unknown, options?: unknown) => unknown;
  const isLocked = uncurryGetter<boolean>(prototype, 'locked') as (stream: unknown) => boolean;
  const own = {
    getReader(this: unknown, options?: unknown) {
      const mode = (options as { mode?: unknown } | null | undefined)?.mode;
      if (mode !== undefined && mode !== 'byob') {
        throw new TypeError("mode must be undefined or 'byob' in call to getReader().");
      }
      if (isLocked(this)) throw new TypeError('This ReadableStream is currently locked to a reader.');
      if (mode === undefined) return native(this);
      try {
        return native(this, { mode });
      } catch {
        throw new TypeError('This ReadableStream does not support BYOB reads.'); // it is not locked: nothing else is refused
      }
    },
  };
  define(prototype, 'getReader', named('getReader', own.getReader));
}

function shapeTee(prototype: ReadableStream): void {
  const native = uncurryThis(prototype.tee) as (stream: unknown) => [ReadableStream, ReadableStream];
  const own = {
    tee(this: object) {
      const parts = native(this);
      partsFlow(this, parts);
      return parts;
    },
  };
  define(prototype, 'tee', named('tee', own.tee));
}

/** What an end that takes bytes refuses is refused to who writes it, and the stream goes on. */
function shapeWriters(stream: WritableStream, writer: WritableStreamDefaultWriter<unknown>): void {
  const native = uncurryThis(stream.getWriter as () => object) as (stream: unknown) => object;
  const write = uncurryThis(writer.write) as (writer: unknown, ...args: unknown[]) => Promise<void>;
  const written = new WeakMap<object, object>();
  const own = {
    getWriter(this: object) {
      const made = native(this);
      weakMapSet(written, made, this);
      return made;
    },
    write(this: object, chunk?: unknown) {
      const into = weakMapGet(written, this);
      return into && isRefused(into, chunk) ? promiseReject<void>(new TypeError(NOT_BYTES)) : write(this, chunk);
    },
  };
  define(stream, 'getWriter', named('getWriter', own.getWriter));
  define(writer, 'write', named('write', own.write));
}

function shapePipes(prototype: ReadableStream): void {
  const native = uncurryThis(prototype.pipeTo) as (stream: unknown, ...args: unknown[]) => Promise<void>;
  const own = {
    pipeTo(this: object, destination?: unknown, options?: unknown) {
      const piped = native(this, destination, options);
      if (!isFlowing(this)) return piped;
      return promiseThen(piped, undefined, (error) => {
        throw pipedError(error, destination);
      });
    },
  };
  define(prototype, 'pipeTo', named('pipeTo', own.pipeTo));
}

function shapeFiles(prototype: Blob): void {
  const native = uncurryThis(prototype.stream) as (blob: unknown) => ReadableStream;
  const own = {
    stream(this: object) {
      return flowing(native(this));
    },
  };
  define(prototype, 'stream', named('stream', own.stream));
}

/** Nothing is asked for before it is read. */
function from(...args: unknown[]): ReadableStream {
  const [given] = args;
  const iterator = given === undefined || given === null ? undefined : iteratorOf(given);
  if (!iterator) throw parameterError('from', 'ReadableStream', 1, 'AsyncGenerator');
  return streamOf(iterator, { highWaterMark: 0 });
}
