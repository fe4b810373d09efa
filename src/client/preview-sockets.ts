/**
 * The WebSockets of one page in a preview, and what went over them.
 *
 * Promise: each behaves as the page's own; every frame is told in both directions, whoever sent it. When the page goes,
 * its sockets are closed.
 *
 * DIFFERS: with the code 1000, where a browser says 1001, which a page may not say.
 */
import type { FromFrame, ToFrame } from '../protocol/preview.ts';

/** What happened on a socket of the page. `atMs` by the account's clock. */
export type SocketEvent = { readonly socket: number; readonly atMs: number } & (
  | { readonly kind: 'opening'; readonly url: string }
  | { readonly kind: 'open'; readonly protocol: string }
  | { readonly kind: 'frame'; readonly direction: 'sent' | 'received'; readonly data: string | ArrayBuffer }
  | { readonly kind: 'closed'; readonly code: number; readonly reason: string }
);

/** Without what every event has. */
export type SocketStep = SocketEvent extends infer Event
  ? Event extends SocketEvent
    ? Omit<Event, 'socket' | 'atMs'>
    : never
  : never;

export interface SocketsOptions {
  /** @throws what the WebSocket constructor throws */
  readonly connect: (url: string, protocols: readonly string[]) => WebSocket;
  readonly post: (message: ToFrame) => void;
  /** @param id  counts within the page */
  readonly tell: (id: number, step: SocketStep) => void;
}

type SocketMessage = Extract<FromFrame, { t: `socket${string}` }>;

export class PreviewSockets {
  readonly #options: SocketsOptions;
  readonly #sockets = new Map<number, WebSocket>();

  constructor(options: SocketsOptions) {
    this.#options = options;
  }

  take(message: SocketMessage): void {
    switch (message.t) {
      case 'socket':
        if (!this.#sockets.has(message.id)) this.#open(message.id, message.url, message.protocols);
        return;
      case 'socket-send':
        this.send(message.id, message.data);
        return;
      case 'socket-close':
        this.#sockets.get(message.id)?.close(message.code, message.reason);
        return;
      default:
        message satisfies never;
    }
  }

  /** Sends as the page would. False when the socket is not open. */
  send(id: number, data: string | ArrayBuffer): boolean {
    const socket = this.#sockets.get(id);
    if (socket?.readyState !== 1) return false;
    socket.send(data);
    this.#options.tell(id, { kind: 'frame', direction: 'sent', data });
    return true;
  }

  close(): void {
    for (const socket of this.#sockets.values()) socket.close(1000);
  }

  #open(id: number, url: string, protocols: readonly string[]): void {
    const { connect, post, tell } = this.#options;
    tell(id, { kind: 'opening', url });
    const over = (code: number, reason: string, wasClean: boolean): void => {
      if (!this.#sockets.delete(id)) return;
      tell(id, { kind: 'closed', code, reason });
      post({ t: 'socket-close', id, code, reason, wasClean });
    };
    let socket: WebSocket;
    try {
      socket = connect(url, protocols);
    } catch (error) {
      tell(id, { kind: 'closed', code: 1006, reason: String(error) });
      post({ t: 'socket-error', id });
      post({ t: 'socket-close', id, code: 1006, reason: '', wasClean: false });
      return;
    }
    this.#sockets.set(id, socket);
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => {
      tell(id, { kind: 'open', protocol: socket.protocol });
      post({ t: 'socket-open', id, protocol: socket.protocol, extensions: socket.extensions });
    };
    socket.onmessage = ({ data }: MessageEvent<string | ArrayBuffer>) => {
      tell(id, { kind: 'frame', direction: 'received', data });
      post({ t: 'socket-message', id, data });
    };
    socket.onerror = () => post({ t: 'socket-error', id });
    socket.onclose = ({ code, reason, wasClean }) => over(code, reason, wasClean);
  }
}
