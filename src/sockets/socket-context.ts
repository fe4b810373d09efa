/**
 * What a WebSocket of a program needs of whoever makes it, and what it tells.
 *
 * Promise: types only. Knows nothing of how a socket keeps its state.
 */
import type { Cause } from '../protocol/messages.ts';
import type { ConnectionId } from '../protocol/names.ts';
import type { SocketData, SocketReference } from '../protocol/sockets.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { Tracer } from '../protocol/tracer.ts';
import type { ConnectionEnd } from './connection.ts';

/** What a program's listeners are told. */
export type SocketNotice =
  | { readonly n: 'open' }
  | { readonly n: 'message'; readonly data: SocketData }
  | { readonly n: 'close'; readonly code: number; readonly reason: string; readonly wasClean: boolean }
  | { readonly n: 'error'; readonly message: string; readonly error: unknown };

export interface SocketContext {
  /** Something leaves: waits for the output gate, in order with everything else that leaves. */
  leave(post: () => void): void;
  /** Taken when a socket is accepted; what it returns delivers each thing that arrives through the input gate. */
  capture(): (deliver: () => void, arrived?: Arrived) => void;
  /** Takes up the held end somewhere else. */
  open(reference: SocketReference): ConnectionEnd;
  /** the way to the host, for hibernatable sockets: only an object's context is asked */
  kept(): KeptPort;
  /** The request that is under way goes on until this is called. Absent: there are no requests. */
  holdRequest?(): () => void;
  /** the date's behaviour: a close frame is answered before the program hears of it */
  readonly autoReply: boolean;
  /** an accepted socket began, or is over */
  onAccepted(count: 1 | -1, side: SocketSide): void;
  tracer?: Tracer;
}

/** Whether it serves somebody who came, or is its program's own way to somebody else. */
export type SocketSide = 'served' | 'own';

/** The way from a hibernatable socket to its host. */
export interface KeptPort {
  send(connection: ConnectionId, data: SocketData, cause?: Cause): void;
  close(connection: ConnectionId, code: number | undefined, reason: string, cause?: Cause): void;
  attach(connection: ConnectionId, attachment: Uint8Array): void;
  referenceTo(connection: ConnectionId): SocketReference;
}
