/**
 * What a stream of bytes has for its reader, in the pieces that the platform makes of it.
 *
 * Promise: a reader without a buffer gets 4,096 bytes at most, in a buffer of as many, one with a buffer as much as fits into
 * it; two chunks are never joined, and a long one is cut after each 65,536 bytes (workerd 1.20260730, as observed). What is put
 * here is given whole to who is no code of the program's.
 *
 * Knows neither gates nor where the bytes come from.
 */
import { STRETCH_BYTES } from './flows.ts';
import {
  mathMin,
  NativeUint8Array,
  typedArrayBuffer,
  typedArrayByteLength,
  typedArrayByteOffset,
  typedArrayLength,
  typedArraySet,
  typedArraySlice,
  typedArraySubarray,
  uncurryGetter,
  uncurryThis,
} from './primordials.ts';

type Controller = ReadableByteStreamController;

const { prototype } = ReadableByteStreamController;
export const enqueueBytes = uncurryThis(prototype.enqueue) as (controller: Controller, bytes: Uint8Array) => void;
const close = uncurryThis(prototype.close) as (controller: Controller) => void;
export const failBytes = uncurryThis(prototype.error) as (controller: Controller, error: unknown) => void;
const requestOf = uncurryGetter<ReadableStreamBYOBRequest | null>(prototype, 'byobRequest') as (
  controller: Controller,
) => ReadableStreamBYOBRequest | null;
const viewOf = uncurryGetter<Uint8Array>(ReadableStreamBYOBRequest.prototype, 'view') as (
  request: unknown,
) => Uint8Array;
const respond = uncurryThis(ReadableStreamBYOBRequest.prototype.respond) as (request: unknown, count: number) => void;

/** What a reader without a buffer gets at most. */
export const PIECE_BYTES = 4096;

export class Pieces {
  #bytes: Uint8Array | undefined;
  #at = 0;

  get isEmpty(): boolean {
    return this.#bytes === undefined;
  }

  /** @param bytes of one chunk, not none; taken over, with the memory that they lie in */
  put(bytes: Uint8Array): void {
    this.#bytes = bytes;
    this.#at = 0;
  }

  /** Answers one pull. Must not be empty. @param isWhole all of it, as it came */
  give(controller: Controller, isWhole: boolean): void {
    const bytes = this.#bytes as Uint8Array;
    const length = typedArrayLength(bytes);
    const at = this.#at;
    const request = requestOf(controller);
    const view = request && viewOf(request);
    const stretch = STRETCH_BYTES - (at % STRETCH_BYTES);
    const size = view ? mathMin(typedArrayByteLength(view), stretch) : isWhole ? length : mathMin(PIECE_BYTES, stretch);
    const end = mathMin(at + size, length);
    this.#at = end;
    if (end === length) this.#bytes = undefined;
    if (view) {
      const into = new NativeUint8Array(typedArrayBuffer(view), typedArrayByteOffset(view), end - at);
      typedArraySet(into, typedArraySubarray(bytes, at, end));
      respond(request, end - at);
    } else if (isWhole) enqueueBytes(controller, at === 0 && end === length ? bytes : typedArraySlice(bytes, at, end));
    else {
      const piece = typedArraySubarray(new NativeUint8Array(PIECE_BYTES), 0, end - at);
      typedArraySet(piece, typedArraySubarray(bytes, at, end));
      enqueueBytes(controller, piece);
    }
  }
}

/** The end, also for a reader that waits with a buffer. */
export function closeBytes(controller: Controller): void {
  close(controller);
  const request = requestOf(controller);
  if (request) respond(request, 0);
}
