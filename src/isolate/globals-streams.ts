/**
 * What the platform's streams have and the browser's have not.
 *
 * Promise: `ReadableStream.from`, readers that bring their own buffer wait for so much (read-at-least.ts), and streams that
 * transform bytes are TransformStreams; texts as workerd 1.20260730.
 */
import { flowing, partsFlow } from '../base/flows.ts';
import { objectSetPrototypeOf, uncurryGetter, uncurryThis } from '../base/primordials.ts';
import { iteratorOf, streamOf } from './fetch-body.ts';
import { define, named, parameterError } from './native-shape.ts';
import { shapeByobReader } from './read-at-least.ts';

type Scope = typeof globalThis & Record<string, unknown>;

/** Each has a `readable` and a `writable` of its own. */
const TRANSFORMS = ['TextDecoderStream', 'TextEncoderStream'];

export function shapeStreams(scope: Scope): void {
  define(scope.ReadableStream, 'from', named('from', from));
  shapeGetReader(scope.ReadableStream.prototype);
  shapeTee(scope.ReadableStream.prototype);
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
