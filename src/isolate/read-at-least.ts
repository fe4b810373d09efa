/**
 * Readers that bring their own buffer and wait for so much of it: the standard's `read` with `min`, which not every browser has, and
 * workerd's `readAtLeast`.
 *
 * Promise: a read gives so many elements as were asked for, and fewer only where the stream ends before; the texts are workerd's
 * (1.20260730, as observed). Knows nothing of where the bytes come from.
 */
import {
  arrayBufferIsView,
  NativeDataView,
  reflectConstruct,
  typedArrayTag,
  uncurryThis,
} from '../base/primordials.ts';
import { define, named, parameterError } from './native-shape.ts';

type View = ArrayBufferView<ArrayBuffer> & { readonly length?: number };
type Result = { done: boolean; value: View | undefined };

export function shapeByobReader({ prototype }: typeof ReadableStreamBYOBReader): void {
  const read = uncurryThis(prototype.read as (view: View) => Promise<Result>);
  const own = {
    async readAtLeast(this: unknown, count?: unknown, view?: unknown): Promise<Result> {
      if (count === undefined) throw parameterError('readAtLeast', 'ReadableStreamBYOBReader', 1, 'integer');
      if (!arrayBufferIsView(view)) {
        throw parameterError('readAtLeast', 'ReadableStreamBYOBReader', 2, 'ArrayBufferView');
      }
      return readAll((part) => read(this, part), toCount(count, view as View), view as View);
    },
    read(this: unknown, view: unknown, options?: { min?: unknown }) {
      const min = options?.min;
      const isPlain = min === undefined || !arrayBufferIsView(view);
      return isPlain ? read(this, view as View) : readAtLeast(this, min, view);
    },
  };
  const readAtLeast = uncurryThis(own.readAtLeast) as (self: unknown, count: unknown, view: unknown) => Promise<Result>;
  define(prototype, 'read', named('read', own.read, 1));
  define(prototype, 'readAtLeast', named('readAtLeast', own.readAtLeast));
}

/** Checked in the platform's order. */
function toCount(given: unknown, view: View): number {
  const count = Number(given) | 0;
  if (view.byteLength === 0) {
    throw new TypeError('You must call read() on a "byob" reader with a positive-sized TypedArray object.');
  }
  if (count === 0) throw new TypeError('Requested invalid minimum number of bytes to read (0).');
  const size = lengthOf(view);
  if (count < 0 || count > size) {
    const shown = BigInt.asUintN(64, BigInt(count));
    throw new TypeError(`Minimum bytes to read (${shown}) exceeds size of buffer (${size}).`);
  }
  return count;
}

/** Each read takes the buffer away and gives another one, in which what was read before stands too. */
async function readAll(read: (part: View) => Promise<Result>, count: number, view: View): Promise<Result> {
  const make = (buffer: ArrayBuffer, offset: number, length: number) =>
    reflectConstruct(constructorOf(view), [buffer, offset, length]) as View;
  const start = view.byteOffset;
  const size = lengthOf(view);
  const elementBytes = view.byteLength / size;
  let filled = 0;
  let part = view;
  for (;;) {
    const result = await read(part);
    const { value } = result;
    if (!value) return result; // it was cancelled: the buffer is gone
    filled += result.done ? 0 : lengthOf(value);
    if (result.done && filled === 0) return result;
    if (result.done || filled >= count) return { done: false, value: make(value.buffer, start, filled) };
    part = make(value.buffer, start + filled * elementBytes, size - filled);
  }
}

/** A DataView's elements are its bytes. */
function lengthOf(view: View): number {
  return typedArrayTag(view) === undefined ? view.byteLength : (view.length as number);
}

/** The platform's class of which it is, as it was before any program could replace it. */
export function constructorOf(view: ArrayBufferView): new (...args: unknown[]) => unknown {
  const tag = typedArrayTag(view);
  return (tag === undefined ? NativeDataView : CONSTRUCTORS[tag]) as unknown as new (
    ...args: unknown[]
  ) => unknown;
}

/** As they were when this file was loaded; of a subclass it is its parent, as with the platform's own `read`. */
const CONSTRUCTORS: Readonly<Record<string, unknown>> = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
};
