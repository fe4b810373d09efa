/**
 * What the platform's streams have and the browser's have not.
 *
 * Promise: `ReadableStream.from`, readers that bring their own buffer wait for so much (read-at-least.ts), and streams that
 * transform bytes are TransformStreams; texts as workerd 1.20260730.
 */
import { flowing } from '../base/flows.ts';
import { objectSetPrototypeOf, uncurryGetter, uncurryThis } from '../base/primordials.ts';
import { iteratorOf, streamOf } from './fetch-body.ts';
import { define, named, parameterError } from './native-shape.ts';
import { shapeByobReader } from './read-at-least.ts';
import { shapeConstructors } from './stream-constructors.ts';
import { shapeControllers } from './stream-controllers.ts';
import { shapeReaders } from './stream-readers.ts';
import { shapeWriters } from './stream-writers.ts';

type Scope = typeof globalThis & Record<string, unknown>;

/** Each has a `readable` and a `writable` of its own. */
const TRANSFORMS = ['TextDecoderStream', 'TextEncoderStream'];

export function shapeStreams(scope: Scope): void {
  define(scope.ReadableStream, 'from', named('from', from));
  shapeConstructors(scope);
  shapeControllers(scope);
  shapeWriters(scope);
  shapeByobReader(scope.ReadableStreamBYOBReader);
  shapeReaders(scope);
  shapeFiles(scope.Blob.prototype);
  for (let i = 0; i < TRANSFORMS.length; i++) {
    const made = scope[TRANSFORMS[i] as string] as { prototype: object } | undefined;
    if (made) objectSetPrototypeOf(made.prototype, scope.TransformStream.prototype);
  }
}

function shapeFiles(prototype: Blob): void {
  const sizeOf = uncurryGetter<number>(prototype, 'size') as (blob: unknown) => number;
  const native = uncurryThis(prototype.stream) as (blob: unknown) => ReadableStream;
  const own = {
    stream(this: object) {
      return flowing(native(this), { isPassedOn: false, size: sizeOf(this) });
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
