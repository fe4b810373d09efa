/**
 * Streams that a program makes of a source of its own: how much waits in one of them.
 *
 * Promise: known by identity, and only what the stream's own controller tells; a stream that has failed has nothing that waits.
 * Reads nothing.
 */
import { part } from './lists.ts';
import { arrayAppend, uncurryGetter, weakMapGet, weakMapSet } from './primordials.ts';

const ofChunks = uncurryGetter<number | null>(ReadableStreamDefaultController.prototype, 'desiredSize');
const ofBytes = uncurryGetter<number | null>(ReadableByteStreamController.prototype, 'desiredSize');

const ROOM = 64;

export class MadeStream {
  /** by how many bytes it is read by readers without a buffer; undefined: it is not one of bytes */
  readonly pieceBytes: number | undefined;
  readonly #desired: (controller: object) => number | null;
  readonly controller: object;
  /** how much may wait before the source is asked for no more */
  readonly #ahead: number;
  /** of the chunks that came last, if the strategy measures them: those that wait, and maybe some before them */
  #sizes: number[] | undefined;
  /** so many are remembered before those that were taken are forgotten */
  #room = ROOM;

  /** @param controller as the source is given it when the stream starts, before anything is in the stream */
  constructor(controller: object, options: { pieceBytes: number | undefined }) {
    this.pieceBytes = options.pieceBytes;
    this.#desired = (this.#isOfBytes ? ofBytes : ofChunks) as (controller: object) => number | null;
    this.controller = controller;
    this.#ahead = this.#desired(controller) ?? 0;
  }

  get #isOfBytes(): boolean {
    return this.pieceBytes !== undefined;
  }

  /** Nothing waits in it but what its source gives when it is asked for one chunk. */
  get isLazy(): boolean {
    return !this.#isOfBytes && this.#ahead === 0;
  }

  /** Its source is asked for no more while what waits in it is taken. */
  get isNarrow(): boolean {
    return !this.#isOfBytes && this.#ahead <= 1;
  }

  /** The strategy has measured a chunk that comes in now. */
  measured(size: number): void {
    if (!this.isNarrow) return;
    const sizes = this.waiting === 0 ? [] : (this.#sizes ?? []);
    if (sizes.length >= this.#room) {
      this.#sizes = part(sizes, sizes.length - this.waitingChunks);
      this.#room = ROOM + 2 * this.#sizes.length;
    } else this.#sizes = sizes;
    arrayAppend(this.#sizes, size);
  }

  get waitingChunks(): number {
    const sizes = this.#sizes;
    if (!sizes) return this.waiting;
    let count = 0;
    for (let left = this.waiting; left > 0 && count < sizes.length; count++) {
      left -= sizes[sizes.length - 1 - count] as number;
    }
    return count;
  }

  get hasFailed(): boolean {
    return this.#desired(this.controller) === null;
  }

  /** By the measure of the stream's strategy; what it would hold when it is at its end. */
  get waiting(): number {
    const desired = this.#desired(this.controller);
    return desired === null ? 0 : this.#ahead - desired;
  }
}

const made = new WeakMap<object, MadeStream>();
const streams = new WeakMap<object, object>();

export function rememberMade(stream: object, how: MadeStream): void {
  weakMapSet(made, stream, how);
  weakMapSet(streams, how.controller, stream);
}

/** The stream of a controller; undefined for one that a program did not make. */
export function streamOfController(controller: object): object | undefined {
  return weakMapGet(streams, controller);
}

/** Undefined for all others. */
export function madeStream(stream: object): MadeStream | undefined {
  return weakMapGet(made, stream);
}
