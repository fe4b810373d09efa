/**
 * One end of a WebSocket's connection that faults of the network may hold back or break: an end around an end.
 *
 * Promise: what passes, passes whole and in order. A cut tells both sides that the other one is gone. Without a fault everything
 * goes straight through.
 *
 * Knows nothing of where faults come from.
 */
import type { Clock } from '../base/clock.ts';
import { type Delay, DelayLine } from '../base/delay-line.ts';
import { STREAM_WINDOW_BYTES } from '../protocol/limits.ts';
import type { Cause } from '../protocol/messages.ts';
import type { SocketData } from '../protocol/sockets.ts';
import { type ConnectionEnd, type ConnectionHandlers, sizeOfData } from './connection.ts';

export interface HinderedEndOptions {
  readonly end: ConnectionEnd;
  /** the one that the program observes */
  readonly clock: Pick<Clock<number>, 'now' | 'after'>;
  /** called once, when nothing passes any more */
  onOver?(): void;
}

/** What lies in the way: of what this end sends (`out`), and of what comes to it. */
export interface Hindrance {
  readonly out: Delay;
  readonly in: Delay;
  /** in [0, 1) */
  unit(): number;
}

interface Act {
  readonly bytes: number;
  go(): void;
}

export class HinderedEnd implements ConnectionEnd {
  readonly #options: HinderedEndOptions;
  #lines: { readonly out: DelayLine<Act>; readonly in: DelayLine<Act> } | undefined;
  #handlers: ConnectionHandlers | undefined;
  #unit: () => number = () => 0;
  #hasClosed = false;
  #wasClosed = false;
  #isOver = false;

  constructor(options: HinderedEndOptions) {
    this.#options = options;
  }

  /** What faults hold back counts as soon as it is more than is under way without them. */
  get bufferedBytes(): number {
    const waiting = (this.#lines?.out.held ?? 0) - STREAM_WINDOW_BYTES;
    return this.#options.end.bufferedBytes + (waiting > 0 ? waiting : 0);
  }

  /** Holds from now on. */
  hinder({ out, in: into, unit }: Hindrance): void {
    const { clock } = this.#options;
    const line = () =>
      new DelayLine<Act>({
        clock,
        unit: () => this.#unit(),
        deliver: ({ go }) => go(),
        weigh: ({ bytes }) => bytes,
        bytesOf: ({ bytes }) => bytes,
      });
    this.#unit = unit;
    this.#lines ??= { out: line(), in: line() };
    this.#lines.out.set(out);
    this.#lines.in.set(into);
  }

  /** The connection breaks: both sides are told that the other one is gone, and what is under way is gone too. */
  cut(): void {
    if (this.#isOver) return;
    this.#lines?.out.clear();
    this.#lines?.in.clear();
    this.#options.end.abort('');
    this.#handlers?.onLost('');
    this.#finish();
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.#options.end.start({
      onMessage: (data, cause) => this.#in(() => handlers.onMessage(data, cause), data),
      onClose: (code, reason, cause) =>
        this.#in(() => {
          this.#wasClosed = true;
          handlers.onClose(code, reason, cause);
          this.#settle();
        }),
      onLost: (reason, error) =>
        this.#in(() => {
          handlers.onLost(reason, error);
          this.#finish();
        }),
      onTaken: (bytes) => handlers.onTaken?.(bytes),
    });
  }

  send(data: SocketData, cause?: Cause): void {
    this.#out(() => this.#options.end.send(data, cause), data);
  }

  close(code: number | undefined, reason: string, cause?: Cause): void {
    this.#out(() => {
      this.#hasClosed = true;
      this.#options.end.close(code, reason, cause);
      this.#settle();
    });
  }

  abort(reason: string, error?: string): void {
    this.#out(() => {
      this.#options.end.abort(reason, error);
      this.#finish();
    });
  }

  taken(bytes: number): void {
    this.#options.end.taken(bytes);
  }

  #in(go: () => void, data: SocketData = ''): void {
    if (this.#isOver) return;
    if (this.#lines) this.#lines.in.put({ bytes: sizeOfData(data), go });
    else go();
  }

  #out(go: () => void, data: SocketData = ''): void {
    if (this.#isOver) return;
    if (this.#lines) this.#lines.out.put({ bytes: sizeOfData(data), go });
    else go();
  }

  #settle(): void {
    if (this.#hasClosed && this.#wasClosed) this.#finish();
  }

  #finish(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#options.onOver?.();
  }
}
