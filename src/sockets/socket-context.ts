/**
 * What a WebSocket of a program needs of whoever makes it, and what it tells.
 *
 * Promise: what arrives is delivered one by one. Knows nothing of how a socket keeps its state.
 */
import type { Cause } from '../protocol/messages.ts';
import type { ConnectionId } from '../protocol/names.ts';
import type { SocketData, SocketReference } from '../protocol/sockets.ts';
import type { Arrived } from '../protocol/trace.ts';
import type { Tracer } from '../protocol/tracer.ts';
import type { ConnectionEnd } from './connection.ts';
import { OneByOne } from './one-by-one.ts';

/** What a program's listeners are told. */
export type SocketNotice =
  | { readonly n: 'open' }
  | { readonly n: 'message'; readonly data: SocketData }
  | { readonly n: 'close'; readonly code: number; readonly reason: string; readonly wasClean: boolean }
  | { readonly n: 'error'; readonly message: string; readonly error: unknown };

/** @param follows  what it is, when it follows another message of its socket at once */
type Deliver = (run: () => void, arrived?: Arrived, follows?: 'message') => void;

/** Something that arrived on a socket. */
export interface Arriving {
  readonly run: () => void;
  readonly arrived: Arrived | undefined;
}

/** What arrives on a socket that was accepted. */
export function inTurns(context: SocketContext): OneByOne<Arriving> {
  const deliver = context.capture();
  return new OneByOne({
    turn: () => context.turn?.(),
    deliver({ run, arrived }, begun, isNext) {
      const begin = () => {
        try {
          run();
        } finally {
          begun();
        }
      };
      if (isNext) deliver(begin, arrived, 'message');
      else deliver(begin, arrived);
    },
  });
}

export interface SocketContext {
  /** Something leaves: waits for the output gate, in order with everything else that leaves. */
  leave(post: () => void): void;
  /** Taken when a socket is accepted; what it returns delivers each thing that arrives through the input gate. */
  capture(): Deliver;
  /** The number of the turn that runs now. Absent: there are no turns. */
  turn?(): number | undefined;
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
