/**
 * What WebSockets say: over a link, and between a host and the isolate of an object whose sockets it keeps.
 *
 * Promise: plain structured-cloneable data. A socket has two ends. One is *held* where it was made: by an isolate, with which it
 * dies, or by a host, which keeps it while its object sleeps. The other is whoever took up the reference that came with a
 * response of status 101, and speaks to the holder without anybody between.
 */
import { SOCKET_MESSAGE_BYTES } from './limits.ts';
import type { Cause } from './messages.ts';
import type { ConnectionId } from './names.ts';

export type { SocketReference } from './socket-reference.ts';

/** What a frame of a WebSocket carries. */
export type SocketData = string | Uint8Array;

/** On a link, in either direction. `id` numbers the sockets of a link from 1; whoever dialled it chooses. */
export type SocketMessage =
  | {
      readonly s: 'open';
      readonly id: number;
      readonly connection: ConnectionId;
      /** by somebody outside the cloud */
      readonly isClient?: true;
    }
  | { readonly s: 'message'; readonly id: number; readonly data: SocketData; readonly cause?: Cause }
  /** a close frame; without `code` it carries none */
  | {
      readonly s: 'close';
      readonly id: number;
      readonly code?: number;
      readonly reason: string;
      readonly cause?: Cause;
    }
  /** it broke off without a close frame; nothing more is said about this socket. `error`: because of what the other side did */
  | { readonly s: 'lost'; readonly id: number; readonly reason: string; readonly error?: string }
  /** so many bytes of messages were taken by the program */
  | { readonly s: 'credit'; readonly id: number; readonly bytes: number };

/** One hibernatable socket, as its host keeps it. */
export interface KeptConnection {
  readonly connection: ConnectionId;
  readonly tags: readonly string[];
  /** serialised (values/); undefined: there is none */
  readonly attachment: Uint8Array | undefined;
  /** when the last automatic answer was given, ms since 1970 by the program's clock */
  readonly answeredMs: number | undefined;
}

export interface AutoResponse {
  readonly request: string;
  readonly response: string;
}

/** What an object that starts finds of the life before. */
export interface KeptSockets {
  /** in the order of acceptance */
  readonly connections: readonly KeptConnection[];
  readonly autoResponse: AutoResponse | undefined;
  readonly eventTimeoutMs: number | undefined;
}

/** Something for a handler of the object. Handed on in order; the isolate says `taken` for each. */
export type SocketEvent =
  | { readonly e: 'message'; readonly connection: ConnectionId; readonly data: SocketData; readonly cause?: Cause }
  | {
      readonly e: 'close';
      readonly connection: ConnectionId;
      readonly code: number;
      readonly reason: string;
      readonly wasClean: boolean;
      readonly cause?: Cause;
    }
  /** it ended by what the other side did wrong */
  | { readonly e: 'error'; readonly connection: ConnectionId; readonly error: string; readonly cause?: Cause };

/** What an object does with the sockets that its host keeps. */
export type SocketDeed =
  | { readonly o: 'accept'; readonly kept: KeptConnection }
  | { readonly o: 'send'; readonly connection: ConnectionId; readonly data: SocketData; readonly cause?: Cause }
  | {
      readonly o: 'close';
      readonly connection: ConnectionId;
      readonly code?: number;
      readonly reason: string;
      readonly cause?: Cause;
    }
  | { readonly o: 'attach'; readonly connection: ConnectionId; readonly attachment: Uint8Array }
  | { readonly o: 'auto'; readonly pair: AutoResponse | undefined }
  | { readonly o: 'timeout'; readonly ms: number | undefined }
  /** the oldest event that it was given is with the program now */
  | { readonly o: 'taken'; readonly connection: ConnectionId }
  /** its close event is over: the next instance does not find it */
  | { readonly o: 'over'; readonly connection: ConnectionId };

/** @see workerd: api/web-socket.c++ */
export const NO_CLOSE_FRAME = 'WebSocket disconnected without sending Close frame.';
/** What a message that is too large is answered with (workerd's text, seen). */
export const tooLarge = (sizeBytes: number) => ({
  code: 1009,
  reason: `Message is too large: ${sizeBytes} > ${SOCKET_MESSAGE_BYTES}`,
});
/** The code of a close frame without one, and of a connection that broke off: neither is ever sent. */
export const NO_STATUS = 1005;
export const ABNORMAL = 1006;
/** What is left of a control frame's 125 bytes beside the code. @see RFC 6455, 5.5 */
export const CLOSE_REASON_BYTES = 123;
