/**
 * What an ArrayBuffer or a view on one consists of.
 *
 * Promise: read from internal slots; a detached buffer or a view that fell out of its buffer is refused in the
 * platform's words. A resizable buffer may be resized for a moment and is restored before anything else runs.
 */
import { must } from '../base/assert.ts';
import {
  arrayBufferByteLength,
  arrayBufferDetached,
  arrayBufferMaxByteLength,
  arrayBufferResizable,
  arrayBufferResize,
  dataViewBuffer,
  dataViewByteLength,
  dataViewByteOffset,
  NativeUint8Array,
  typedArrayBuffer,
  typedArrayByteLength,
  typedArrayByteOffset,
  typedArrayIndexOf,
  typedArraySet,
  typedArrayTag,
} from '../base/primordials.ts';
import {
  DETACHED_BUFFER_TEXT,
  dataCloneError,
  OUT_OF_BOUNDS_ARRAY_TEXT,
  OUT_OF_BOUNDS_DATA_VIEW_TEXT,
  SHARED_BUFFER_TEXT,
} from './clone-error.ts';

/** Whole elements of every type. */
const STEP_BYTES = 8;

export interface BufferShape {
  /** on the buffer itself, not a copy */
  bytes: Uint8Array;
  /** undefined for a buffer of fixed length */
  maxByteLength: number | undefined;
}

export interface ViewShape {
  type: string;
  buffer: ArrayBuffer;
  byteOffset: number;
  byteLength: number;
  isResizable: boolean;
  isLengthTracking: boolean;
}

/** @throws DataCloneError when the buffer is detached */
export function bufferShape(buffer: ArrayBuffer): BufferShape {
  return {
    bytes: bytesOf(buffer),
    maxByteLength: isResizable(buffer) ? arrayBufferMaxByteLength?.(buffer) : undefined,
  };
}

/** @throws DataCloneError when the view lies outside of its buffer */
export function viewShape(view: ArrayBufferView): ViewShape {
  const tag = typedArrayTag(view);
  const buffer = tag === undefined ? dataViewBuffer(view) : typedArrayBuffer(view);
  if (!isArrayBuffer(buffer)) throw dataCloneError(SHARED_BUFFER_TEXT);
  if (isDetached(buffer)) throw dataCloneError(DETACHED_BUFFER_TEXT);
  const resizable = isResizable(buffer);
  if (resizable && isOutOfBounds(view, tag)) {
    throw dataCloneError(tag === undefined ? OUT_OF_BOUNDS_DATA_VIEW_TEXT : OUT_OF_BOUNDS_ARRAY_TEXT);
  }
  return {
    type: tag ?? 'DataView',
    buffer,
    byteOffset: tag === undefined ? dataViewByteOffset(view) : typedArrayByteOffset(view),
    byteLength: lengthOf(view, tag),
    isResizable: resizable,
    isLengthTracking: resizable && isLengthTracking(view, tag, buffer),
  };
}

function bytesOf(buffer: ArrayBuffer): Uint8Array {
  if (isDetached(buffer)) throw dataCloneError(DETACHED_BUFFER_TEXT);
  return new NativeUint8Array(buffer);
}

function lengthOf(view: ArrayBufferView, tag: string | undefined): number {
  return tag === undefined ? dataViewByteLength(view) : typedArrayByteLength(view);
}

function isResizable(buffer: ArrayBuffer): boolean {
  return arrayBufferResizable?.(buffer) === true;
}

/** An ArrayBuffer, attached and of fixed length. */
export function isFixedBuffer(value: unknown): value is ArrayBuffer {
  return isArrayBuffer(value) && !isDetached(value) && !isResizable(value);
}

function isArrayBuffer(value: unknown): value is ArrayBuffer {
  try {
    return arrayBufferByteLength(value) >= 0;
  } catch {
    return false; // a TypeError: a SharedArrayBuffer, or no buffer at all
  }
}

function isDetached(buffer: ArrayBuffer): boolean {
  if (arrayBufferDetached) return arrayBufferDetached(buffer);
  if (arrayBufferByteLength(buffer) > 0) return false;
  try {
    new NativeUint8Array(buffer);
    return false;
  } catch {
    return true; // a TypeError: only a detached buffer refuses a view
  }
}

function isOutOfBounds(view: ArrayBufferView, tag: string | undefined): boolean {
  try {
    if (tag === undefined) dataViewByteLength(view);
    else typedArrayIndexOf(view, 0, Number.POSITIVE_INFINITY);
    return false;
  } catch {
    return true; // a TypeError: both check the view's bounds before anything else
  }
}

/**
 * Whether the view follows its buffer's length. Nothing tells but a change of length: one step up, or where the
 * buffer is at its largest one step down, with the bytes that this would lose put back.
 */
function isLengthTracking(view: ArrayBufferView, tag: string | undefined, buffer: ArrayBuffer): boolean {
  const length = arrayBufferByteLength(buffer);
  const room = (arrayBufferMaxByteLength?.(buffer) ?? length) - length;
  const before = lengthOf(view, tag);
  if (room >= STEP_BYTES) {
    resize(buffer, length + STEP_BYTES);
    const after = lengthOf(view, tag);
    resize(buffer, length);
    return after !== before;
  }
  return tracksWhenShrunk(view, tag, buffer, before);
}

function tracksWhenShrunk(
  view: ArrayBufferView,
  tag: string | undefined,
  buffer: ArrayBuffer,
  before: number,
): boolean {
  const step = before % STEP_BYTES === 0 ? STEP_BYTES : before % STEP_BYTES;
  if (step === 0) return false;
  const length = arrayBufferByteLength(buffer);
  const tail = new NativeUint8Array(step);
  typedArraySet(tail, new NativeUint8Array(buffer, length - step, step));
  resize(buffer, length - step);
  // A fixed view that reached the end is now out of bounds, one that did not is unchanged.
  const tracks = !isOutOfBounds(view, tag) && lengthOf(view, tag) !== before;
  resize(buffer, length);
  typedArraySet(new NativeUint8Array(buffer, length - step, step), tail);
  return tracks;
}

function resize(buffer: ArrayBuffer, length: number): void {
  must(arrayBufferResize, 'ArrayBuffer.prototype.resize')(buffer, length);
}
