/**
 * What the platform's streams have and the browser's have not.
 *
 * Promise: `ReadableStream.from`, readers that bring their own buffer wait for so much (read-at-least.ts), and streams that
 * transform bytes are TransformStreams; texts as workerd 1.20260730.
 */
import { flowing, isFlowing, partsFlow } from '../base/flows.ts';
import { MadeStream, rememberMade } from '../base/made-streams.ts';
import {
  makeProxy,
  objectSetPrototypeOf,
  promiseReject,
  promiseThen,
  reflectApply,
  reflectConstruct,
  uncurryGetter,
  uncurryThis,
} from '../base/primordials.ts';
import { pipedError } from '../rpc/byte-streams.ts';
import { iteratorOf, streamOf } from './fetch-body.ts';
import { type AnyConstructor, define, named, parameterError } from './native-shape.ts';
import { shapeByobReader } from './read-at-least.ts';

const AUTO_BYTES = 4096;

type Scope = typeof globalThis & Record<string, unknown>;

/** Each has a `readable` and a `writable` of its own. */
const TRANSFORMS = ['TextDecoderStream', 'TextEncoderStream'];

export function shapeStreams(scope: Scope): void {
  define(scope.ReadableStream, 'from', named('from', from));
  shapeSources(scope);
  shapeGetReader(scope.ReadableStream.prototype);
  shapeTee(scope.ReadableStream.prototype);
  shapePipes(scope.ReadableStream.prototype);
  shapeFiles(scope.Blob.prototype);
  shapeByobReader(scope.ReadableStreamBYOBReader);
  for (let i = 0; i < TRANSFORMS.length; i++) {
    const made = scope[TRANSFORMS[i] as string] as { prototype: object } | undefined;
    if (made) objectSetPrototypeOf(made.prototype, scope.TransformStream.prototype);
  }
}

/**
 * A stream of a program's own source is remembered (base/made-streams.ts). A source of bytes is asked for 4,096 at a time by a
 * reader without a buffer, as on the platform: it may count on a `byobRequest`.
 */
function shapeSources(scope: Scope): void {
  const Native = scope.ReadableStream as unknown as AnyConstructor;
  const guarded: AnyConstructor = makeProxy(Native, {
    construct(target, args: unknown[], newTarget) {
      const given = args[0];
      if (typeof given !== 'object' || given === null) return reflectConstruct(target, args, newTarget) as object;
      const strategy = args[1] as QueuingStrategy | null | undefined;
      let made: MadeStream | undefined;
      const source = sourceOf(given as UnderlyingByteSource, (controller, isOfBytes) => {
        made = new MadeStream(controller, { isOfBytes, countsChunks: !isOfBytes && strategy?.size === undefined });
      });
      const stream = reflectConstruct(target, args.length < 2 ? [source] : [source, strategy], newTarget) as object;
      if (made) rememberMade(stream, made);
      return stream;
    },
  });
  define(scope, 'ReadableStream', guarded, false);
  define(Native.prototype as object, 'constructor', guarded, false);
}

type Started = (controller: object, isOfBytes: boolean) => void;

/** What the stream reads of a source, in the same order; each of its methods runs on the source that was given. */
function sourceOf(given: UnderlyingByteSource, started: Started): UnderlyingByteSource {
  const { autoAllocateChunkSize, cancel, pull, start, type } = given;
  const isOfBytes = type !== undefined;
  return {
    autoAllocateChunkSize: autoAllocateChunkSize ?? (isOfBytes ? AUTO_BYTES : undefined),
    cancel: on(given, cancel),
    pull: on(given, pull),
    start:
      start !== undefined && typeof start !== 'function'
        ? start
        : (controller: ReadableByteStreamController) => {
            started(controller, isOfBytes);
            try {
              return start && reflectApply(start, given, [controller]);
            } catch (error) {
              return promiseReject(error); // whoever makes the stream hears nothing of it, and its reader does
            }
          },
    type,
  } as UnderlyingByteSource;
}

/** What is no function is the browser's to refuse. */
function on(given: object, method: unknown): unknown {
  return typeof method === 'function' ? (argument: unknown) => reflectApply(method, given, [argument]) : method;
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
