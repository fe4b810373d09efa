/**
 * One end of a WebSocket's connection, whatever carries it, and the two ends of a pair in memory.
 *
 * Promise: messages arrive in the order sent, each once, at the earliest when the end is started. Each end says at most one
 * close; when both have, or one has broken off, it is over and nothing more is heard.
 *
 *     OPEN --close() and onClose--> OVER        a handshake
 *        \--abort(), onLost-------> OVER        without one
 *
 * Knows neither gates nor what a program sees.
 */
import { utf8Size } from '../base/bytes.ts';
import type { Cause } from '../protocol/messages.ts';
import type { SocketData } from '../protocol/sockets.ts';

export interface ConnectionHandlers {
  onMessage(data: SocketData, cause?: Cause): void;
  /** @param code  undefined: the frame carried none */
  onClose(code: number | undefined, reason: string, cause?: Cause): void;
  /** The other end is gone, or broke off. @param error  what this side did wrong, if that was why */
  onLost(reason: string, error?: string): void;
  /** The other end's program has got so many bytes, where the carrier says so. */
  onTaken?(bytes: number): void;
}

export interface ConnectionEnd {
  /** Begins delivery; called once. What came before is delivered before it returns. */
  start(handlers: ConnectionHandlers): void;
  send(data: SocketData, cause?: Cause): void;
  close(code: number | undefined, reason: string, cause?: Cause): void;
  /** Breaks off; the other end hears `reason`, which may be empty. */
  abort(reason: string, error?: string): void;
  /** The program has got so many bytes of what arrived: the other end may send more. */
  taken(bytes: number): void;
  /** The other end is that of somebody outside the cloud. */
  readonly isClient?: boolean;
  /** bytes that were sent and wait for the other end to take what went before */
  readonly bufferedBytes: number;
}

/** Sizes of what travels: UTF-8 for a text. */
export function sizeOfData(data: SocketData): number {
  return typeof data === 'string' ? utf8Size(data) : data.byteLength;
}

type Arrival = (handlers: ConnectionHandlers) => void;

/** Two ends that hear each other at once. */
export function connectedPair(): [ConnectionEnd, ConnectionEnd] {
  const left = new MemoryEnd();
  const right = new MemoryEnd();
  left.join(right);
  right.join(left);
  return [left, right];
}

class MemoryEnd implements ConnectionEnd {
  readonly bufferedBytes = 0;
  #peer: MemoryEnd | undefined;
  #handlers: ConnectionHandlers | undefined;
  #early: Arrival[] = [];
  #hasClosed = false;
  #isOver = false;
  /** what it passes everything on to */
  beyond: ConnectionEnd | undefined;

  get isClient(): boolean {
    const peer = this.#peer;
    return peer?.beyond?.isClient ?? false;
  }

  join(peer: MemoryEnd): void {
    this.#peer = peer;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    const early = this.#early;
    this.#early = [];
    for (let i = 0; i < early.length; i++) (early[i] as Arrival)(handlers);
  }

  send(data: SocketData, cause?: Cause): void {
    if (!this.#hasClosed && !this.#isOver) this.#peer?.hear((handlers) => handlers.onMessage(data, cause));
  }

  close(code: number | undefined, reason: string, cause?: Cause): void {
    if (this.#hasClosed || this.#isOver) return;
    this.#hasClosed = true;
    this.#peer?.hear((handlers) => handlers.onClose(code, reason, cause));
  }

  abort(reason: string, error?: string): void {
    const peer = this.#peer;
    if (!peer || this.#isOver || (this.#hasClosed && peer.#hasClosed)) return;
    this.#isOver = true;
    peer.hear((handlers) => handlers.onLost(reason, error));
    peer.#isOver = true;
  }

  taken(bytes: number): void {
    const peer = this.#peer;
    if (peer) peer.#handlers?.onTaken?.(bytes);
  }

  hear(arrival: Arrival): void {
    if (this.#isOver) return;
    if (this.#handlers) arrival(this.#handlers);
    else this.#early[this.#early.length] = arrival;
  }
}

/** Passes everything on, in both directions. @param left  the end that was held */
export function bridge(left: ConnectionEnd, right: ConnectionEnd): void {
  const into = (to: ConnectionEnd): ConnectionHandlers => ({
    onMessage: (data, cause) => to.send(data, cause),
    onClose: (code, reason, cause) => to.close(code, reason, cause),
    onLost: (reason, error) => to.abort(reason, error),
    onTaken: (bytes) => to.taken(bytes),
  });
  if (left instanceof MemoryEnd) left.beyond = right;
  left.start(into(right));
  right.start(into(left));
}

/** An end that is used before it is known: what is done to it waits. */
export class LateEnd implements ConnectionEnd {
  #end: ConnectionEnd | undefined;
  #handlers: ConnectionHandlers | undefined;
  #early: ((end: ConnectionEnd) => void)[] = [];
  #earlyBytes = 0;
  #isLost = false;

  get bufferedBytes(): number {
    return this.#end ? this.#end.bufferedBytes : this.#earlyBytes;
  }

  join(end: ConnectionEnd): void {
    this.#end = end;
    const early = this.#early;
    this.#early = [];
    for (let i = 0; i < early.length; i++) (early[i] as (end: ConnectionEnd) => void)(end);
  }

  /** It will never be known. */
  lose(): void {
    this.#isLost = true;
    this.#early = [];
    this.#handlers?.onLost('');
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    if (this.#isLost) handlers.onLost('');
    else this.#do((end) => end.start(handlers));
  }

  send(data: SocketData, cause?: Cause): void {
    if (!this.#end) this.#earlyBytes += sizeOfData(data);
    this.#do((end) => end.send(data, cause));
  }

  close(code: number | undefined, reason: string, cause?: Cause): void {
    this.#do((end) => end.close(code, reason, cause));
  }

  abort(reason: string, error?: string): void {
    this.#do((end) => end.abort(reason, error));
  }

  taken(bytes: number): void {
    this.#end?.taken(bytes);
  }

  #do(act: (end: ConnectionEnd) => void): void {
    if (this.#end) act(this.#end);
    else if (!this.#isLost) this.#early[this.#early.length] = act;
  }
}
