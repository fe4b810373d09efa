/**
 * Streams that a program makes of a source of its own: how much waits in one of them.
 *
 * Promise: known by identity, and only what the stream's own controller tells; a stream that has failed has nothing that waits.
 * Reads nothing.
 */
import { uncurryGetter, weakMapGet, weakMapSet } from './primordials.ts';

const ofChunks = uncurryGetter<number | null>(ReadableStreamDefaultController.prototype, 'desiredSize');
const ofBytes = uncurryGetter<number | null>(ReadableByteStreamController.prototype, 'desiredSize');

export class MadeStream {
  /** each chunk counts 1 */
  readonly countsChunks: boolean;
  readonly #desired: (controller: object) => number | null;
  readonly #controller: object;
  /** how much may wait before the source is asked for no more */
  readonly #ahead: number;

  /** @param controller as the source is given it when the stream starts, before anything is in the stream */
  constructor(controller: object, options: { isOfBytes: boolean; countsChunks: boolean }) {
    this.#desired = (options.isOfBytes ? ofBytes : ofChunks) as (controller: object) => number | null;
    this.#controller = controller;
    this.#ahead = this.#desired(controller) ?? 0;
    this.countsChunks = options.countsChunks;
  }

  get hasFailed(): boolean {
    return this.#desired(this.#controller) === null;
  }

  /** By the measure of the stream's strategy; what it would hold when it is at its end. */
  get waiting(): number {
    const desired = this.#desired(this.#controller);
    return desired === null ? 0 : this.#ahead - desired;
  }
}

const made = new WeakMap<object, MadeStream>();

export function rememberMade(stream: object, how: MadeStream): void {
  weakMapSet(made, stream, how);
}

/** Undefined for all others. */
export function madeStream(stream: object): MadeStream | undefined {
  return weakMapGet(made, stream);
}
