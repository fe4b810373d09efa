/**
 * What the platform's streams have and the browser's have not.
 *
 * Promise: `ReadableStream.from`, `readAtLeast` and `read` with `min` of a reader that brings its own buffer, and streams that
 * transform bytes are TransformStreams; texts as workerd 1.20260730.
 */
import { arrayBufferIsView, objectDefineProperty, objectSetPrototypeOf, uncurryThis } from '../base/primordials.ts';
import { iteratorOf, streamOf } from './fetch-body.ts';
import { named, parameterError } from './native-shape.ts';

type Scope = typeof globalThis & Record<string, unknown>;
type Read = (reader: unknown, view: unknown) => Promise<ReadableStreamReadResult<Uint8Array>>;
type ViewClass = { new (buffer: ArrayBufferLike, offset: number, length: number): ArrayBufferView } & {
  readonly BYTES_PER_ELEMENT?: number;
};

const Bytes = Uint8Array;
const READER = 'ReadableStreamBYOBReader';
/** Each has a `readable` and a `writable` of its own. */
const TRANSFORMS = ['CompressionStream', 'DecompressionStream', 'TextDecoderStream', 'TextEncoderStream'];

export function shapeStreams(scope: Scope): void {
  define(scope.ReadableStream, 'from', named('from', from));
  const reader = scope[READER].prototype;
  const read = uncurryThis(reader.read as () => unknown) as Read;
  const own = {
    read(this: unknown, view: unknown, options?: { min?: unknown }) {
      const min = options?.min;
      return min === undefined ? read(this, view) : readAtLeast(read, this, Number(min), view);
    },
    readAtLeast(this: unknown, min: unknown, view: unknown) {
      return readAtLeast(read, this, Number(min), view);
    },
  };
  define(reader, 'read', named('read', own.read, 1));
  define(reader, 'readAtLeast', named('readAtLeast', own.readAtLeast));
  for (let i = 0; i < TRANSFORMS.length; i++) {
    const made = scope[TRANSFORMS[i] as string] as { prototype: object } | undefined;
    if (made) objectSetPrototypeOf(made.prototype, scope.TransformStream.prototype);
  }
}

/** Nothing is asked for before it is read. */
function from(...args: unknown[]): ReadableStream {
  const [given] = args;
  const iterator = given === undefined || given === null ? undefined : iteratorOf(given);
  if (!iterator) throw parameterError('from', 'ReadableStream', 1, 'AsyncGenerator');
  return streamOf(iterator, { highWaterMark: 0 });
}

/** Reads until so many bytes are there, or the stream ends. */
async function readAtLeast(
  read: Read,
  reader: unknown,
  min: number,
  view: unknown,
): Promise<{ done: boolean; value: ArrayBufferView | undefined }> {
  if (!arrayBufferIsView(view)) throw parameterError('readAtLeast', READER, 2, 'JsArrayBufferView');
  if (!(min >= 1)) throw new TypeError(`Requested invalid minimum number of bytes to read (${min}).`);
  const { byteOffset, byteLength } = view;
  if (min > byteLength) {
    throw new TypeError(`Minimum bytes to read (${min}) exceeds size of buffer (${byteLength}).`);
  }
  const View = view.constructor as ViewClass;
  let buffer: ArrayBufferLike = view.buffer;
  let filled = 0;
  for (;;) {
    const { done, value } = await read(reader, new Bytes(buffer, byteOffset + filled, byteLength - filled));
    if (!value) return { done, value }; // it was cancelled, and the buffer is gone
    buffer = value.buffer;
    filled += value.byteLength;
    if (!done && filled < min) continue;
    const length = Math.floor(filled / (View.BYTES_PER_ELEMENT ?? 1));
    return { done: done && filled === 0, value: new View(buffer, byteOffset, length) };
  }
}

function define(on: object, key: string, value: unknown): void {
  objectDefineProperty(on, key, { value, configurable: true, writable: true, enumerable: true });
}
