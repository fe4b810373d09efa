/**
 * Two ends of a link in memory, as `protocol/link.ts` promises them: order kept, each message at most once, one ending.
 *
 * Messages and chunks are structured-cloned, so nothing is shared by accident. Deliveries are queued and run one per
 * microtask, or only when the test says so (`manual: true`). Streams have a window, so a writer that nobody reads stalls.
 */

import { type Deferred, deferred } from '../../src/base/async.ts';
import { STREAM_WINDOW_BYTES } from '../../src/protocol/limits.ts';
import type {
  ByteSink,
  ByteSource,
  Cancellation,
  LinkEnd,
  LinkEnding,
  LinkHandlers,
  WireError,
} from '../../src/protocol/link.ts';
import type { Epoch, LinkId } from '../../src/protocol/names.ts';

export interface MemoryLinkOptions {
  /** deliver only in `deliverOne` */
  manual?: boolean;
  decodeError?: (error: WireError) => unknown;
  /** false: bodies are passed as they are; for measuring what lies above */
  clone?: boolean;
  /** false: as a channel, everything is copied */
  transfers?: boolean;
}

interface Stream {
  readonly queue: Uint8Array[];
  readonly cancelled: Deferred<Cancellation>;
  credit: number;
  ending: { state: 'open' } | { state: 'end' } | { state: 'failed'; error: unknown };
  sinkDone: boolean;
  isAwaited: boolean;
  wakeReader: () => void;
  wakeWriters: (() => void)[];
}

export class MemoryLinkEnd implements LinkEnd {
  readonly id = 'memory' as LinkId;
  readonly epoch = 1 as Epoch;
  readonly #options: MemoryLinkOptions;
  readonly #inbox: (() => void)[] = [];
  readonly #out = new Map<number, Stream>();
  #handlers: LinkHandlers | undefined;
  #peer: MemoryLinkEnd | undefined;
  #sent = 0;
  #delivered = 0;
  #nextStream: number;
  #isRunning = false;
  isOpen = true;
  readonly transfers: boolean;
  /** longest time that bytes waited unread in one stream, in bytes */
  highWaterBytes = 0;
  readonly bodies: unknown[] = [];

  constructor(options: MemoryLinkOptions, firstStream: number) {
    this.#options = options;
    this.#nextStream = firstStream;
    this.transfers = options.transfers !== false && options.clone !== false;
  }

  join(peer: MemoryLinkEnd): void {
    this.#peer = peer;
  }

  get lastDelivered(): number {
    return this.#delivered;
  }

  get pending(): number {
    return this.#inbox.length;
  }

  get streamCount(): number {
    const open = (streams: Map<number, Stream>) => [...streams.values()].filter((stream) => !stream.sinkDone).length;
    return open(this.#out) + (this.#peer ? open(this.#peer.#out) : 0);
  }

  get awaitedStreamCount(): number {
    return this.#peer ? [...this.#peer.#out.values()].filter((stream) => stream.isAwaited).length : 0;
  }

  start(handlers: LinkHandlers): void {
    if (this.#handlers) throw new Error('started twice');
    this.#handlers = handlers;
    this.#wake();
  }

  send(body: unknown, transfer?: Transferable[]): number {
    if (!this.isOpen) return 0;
    this.bodies.push(body);
    const copy =
      this.#options.clone === false ? body : structuredClone(body, transfer && this.transfers ? { transfer } : {});
    const number = ++this.#sent;
    this.#tell((peer) => {
      peer.#delivered = number;
      peer.#handlers?.onMessage(copy, number);
    });
    return number;
  }

  goaway(): void {
    const lastDelivered = this.#delivered;
    this.#end({ state: 'closed' });
    this.#tell((peer) => peer.#end({ state: 'goaway', lastDelivered }));
  }

  break(error?: WireError): void {
    this.#end({ state: 'closed' });
    this.#tell((peer) => peer.#end(error ? { state: 'broken', error } : { state: 'lost' }));
  }

  /** The peer died: this end hears of it at once. */
  lose(): void {
    this.#end({ state: 'lost' });
  }

  /** Runs the next delivery of a manual link; false when there is none. */
  deliverOne(): boolean {
    const next = this.#handlers && this.#inbox.shift();
    next?.();
    return next !== undefined;
  }

  createStream(): ByteSink {
    const id = this.#nextStream;
    this.#nextStream += 2;
    const stream: Stream = {
      queue: [],
      cancelled: deferred<Cancellation>(),
      credit: STREAM_WINDOW_BYTES,
      ending: { state: 'open' },
      sinkDone: !this.isOpen,
      isAwaited: false,
      wakeReader: () => {},
      wakeWriters: [],
    };
    if (!this.isOpen) stream.ending = { state: 'failed', error: new Error('Network connection lost.') };
    this.#out.set(id, stream);
    return {
      id,
      cancelled: stream.cancelled.promise,
      write: async (chunk) => {
        rejectFailed(stream);
        stream.queue.push(structuredClone(chunk));
        stream.credit -= chunk.length;
        this.highWaterBytes = Math.max(
          this.highWaterBytes,
          stream.queue.reduce((sum, part) => sum + part.length, 0),
        );
        stream.wakeReader();
        while (stream.credit <= 0 && !isFailed(stream)) {
          await new Promise<void>((resolve) => stream.wakeWriters.push(resolve));
        }
        rejectFailed(stream);
      },
      close: () => {
        stream.sinkDone = true;
        if (stream.ending.state === 'open') stream.ending = { state: 'end' };
        stream.wakeReader();
      },
      abort: (error) => this.#fail(stream, this.#options.decodeError?.(error) ?? error),
    };
  }

  acceptStream(id: number): ByteSource {
    const stream = (this.#peer as MemoryLinkEnd).#out.get(id);
    if (!stream) throw new Error(`no stream ${id}`);
    return {
      id,
      read: async () => {
        for (;;) {
          const chunk = stream.queue.shift();
          if (chunk) {
            stream.credit += chunk.length;
            for (const wake of stream.wakeWriters.splice(0)) wake();
            return chunk;
          }
          if (stream.ending.state === 'failed') throw stream.ending.error;
          if (stream.ending.state === 'end') return undefined;
          stream.isAwaited = true;
          await new Promise<void>((resolve) => {
            stream.wakeReader = resolve;
          });
          stream.isAwaited = false;
        }
      },
      cancel: (how = {}) => {
        const hasUnread = stream.queue.length > 0;
        stream.queue.length = 0;
        this.#fail(stream, new Error('cancelled'));
        stream.cancelled.resolve({ ...how, hasUnread });
      },
    };
  }

  #fail(stream: Stream, error: unknown): void {
    stream.sinkDone = true;
    if (stream.ending.state === 'open') stream.ending = { state: 'failed', error };
    stream.wakeReader();
    for (const wake of stream.wakeWriters.splice(0)) wake();
  }

  #tell(delivery: (peer: MemoryLinkEnd) => void): void {
    const peer = this.#peer;
    if (peer) peer.#arrive(() => delivery(peer));
  }

  #arrive(delivery: () => void): void {
    if (!this.isOpen) return;
    this.#inbox.push(delivery);
    this.#wake();
  }

  #wake(): void {
    if (this.#options.manual || this.#isRunning || !this.#handlers) return;
    this.#isRunning = true;
    queueMicrotask(() => {
      this.#isRunning = false;
      this.#inbox.shift()?.();
      if (this.#inbox.length > 0) this.#wake();
    });
  }

  #end(ending: LinkEnding): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.#inbox.length = 0;
    const error = Object.assign(new Error('Network connection lost.'), { retryable: true });
    for (const stream of this.#out.values()) if (!stream.sinkDone) this.#fail(stream, error);
    for (const stream of (this.#peer as MemoryLinkEnd).#out.values()) if (!stream.sinkDone) this.#fail(stream, error);
    this.#handlers?.onEnd(ending);
  }
}

const isFailed = (stream: Stream) => stream.ending.state === 'failed';

function rejectFailed({ ending }: Stream): void {
  if (ending.state === 'failed') throw ending.error;
}

/** Two joined ends: the one that dialled, the one that answered. */
export function memoryLinkPair(options: MemoryLinkOptions = {}): [MemoryLinkEnd, MemoryLinkEnd] {
  const dialled = new MemoryLinkEnd(options, 1);
  const answered = new MemoryLinkEnd(options, 2);
  dialled.join(answered);
  answered.join(dialled);
  return [dialled, answered];
}
