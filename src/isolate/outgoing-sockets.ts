/**
 * The way from a program to a server that speaks WebSocket: to the account's own routes, and to a page that answers for the
 * internet, through the cloud, elsewhere by the browser.
 *
 * Promise: the request leaves through the output gate. Whoever cannot be reached is told as the platform does, without the reason,
 * which a browser does not tell either.
 *
 * DIFFERS: a browser sends its own headers and no others, and closes with 1000 or 3000 to 4999 only: other codes leave without one.
 */
import { NativePromise, uncurryThis } from '../base/primordials.ts';
import { NO_STATUS, type SocketData } from '../protocol/sockets.ts';
import type { Callee } from '../protocol/target.ts';
import type { ConnectionEnd, ConnectionHandlers } from '../sockets/connection.ts';
import { Socket } from '../sockets/socket.ts';
import type { SocketContext } from '../sockets/socket-context.ts';
import type { FetchClasses } from './fetch-classes.ts';
import type { HeaderList } from './fetch-headers.ts';
import type { WaysOut } from './ways-out.ts';
import { bufferOf, type WebSocketClasses } from './web-socket-classes.ts';

export interface OutgoingSocketsOptions {
  native: Native;
  ways: Pick<WaysOut, 'targetOf' | 'ask'>;
  readonly classes: WebSocketClasses;
  readonly context: SocketContext;
  responses(): Pick<FetchClasses, 'responseFrom'>;
  /** the network is waited for; call what it returns when that is over */
  begin(): () => void;
}

export interface Reached {
  readonly end: ConnectionEnd;
  readonly protocol: string;
}

export class OutgoingSockets {
  readonly #options: OutgoingSocketsOptions;

  constructor(options: OutgoingSocketsOptions) {
    this.#options = options;
  }

  /** What `new WebSocket` began. */
  connect(socket: Socket, url: URL, protocols: readonly string[]): void {
    const { context, begin } = this.#options;
    const arrive = context.capture();
    context.leave(() => {
      const over = begin();
      this.reach(url, protocols).then(
        ({ end, protocol }) => {
          arrive(() => socket.opened(end, protocol));
          over();
        },
        (error: unknown) => {
          arrive(() => socket.refused(error instanceof Refused ? error.told() : lost()));
          over();
        },
      );
    });
  }

  /** What `fetch` asked of a server outside, if that is an upgrade: the response brings a socket. */
  fetch(request: { readonly url: string; readonly headers: HeaderList }): Promise<Response> | undefined {
    const header = (name: string) => request.headers.find(([known]) => known === name)?.[1];
    if (!/^websocket$/i.test(header('upgrade') ?? '')) return undefined;
    const url = new URL(request.url);
    const protocols = header('sec-websocket-protocol')?.split(/\s*,\s*/) ?? [];
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    return this.#fetchOutside(url, protocols);
  }

  async #fetchOutside(url: URL, protocols: readonly string[]): Promise<Response> {
    const { native, classes, context, responses } = this.#options;
    const { end, protocol } = await reachOutside(native, url, protocols);
    return responses().responseFrom({
      status: 101,
      headers: protocol === '' ? [] : [['sec-websocket-protocol', protocol]],
      body: null,
      webSocket: classes.objectOf(Socket.reached(context, end)),
    });
  }

  /** @param url  `ws:` or `wss:` */
  async reach(url: URL, protocols: readonly string[]): Promise<Reached> {
    const target = this.#options.ways.targetOf(url);
    return target ? this.#reachInside(target, url, protocols) : reachOutside(this.#options.native, url, protocols);
  }

  async #reachInside(target: Callee, url: URL, protocols: readonly string[]): Promise<Reached> {
    const { ways, classes, context } = this.#options;
    const headers: [string, string][] = [['Upgrade', 'websocket']];
    if (protocols.length > 0) headers[1] = ['Sec-WebSocket-Protocol', protocols.join(', ')];
    const response = await ways.ask(target, url.href.replace(/^ws/, 'http'), { headers });
    const socket = classes.socketOf((response as Response & { webSocket?: unknown }).webSocket);
    if (!socket) throw new Refused(response.status);
    const end = context.open(socket.release(mustBeElsewhere));
    return { end, protocol: response.headers.get('sec-websocket-protocol') ?? '' };
  }
}

function mustBeElsewhere(): never {
  throw new Error('the socket of a response that came is held elsewhere');
}

/** Whoever was asked answered, and not by a socket. */
class Refused extends Error {
  readonly #status: number;

  constructor(status: number) {
    super();
    this.#status = status;
  }

  told(): TypeError {
    return new TypeError(
      `Failed to establish the WebSocket connection: expected server to reply with HTTP status code 101 (switching protocols), but received ${this.#status} instead.`,
    );
  }
}

function lost(): Error {
  return Object.assign(new Error('Network connection lost.'), { remote: true, retryable: true });
}

/** The browser's class and its methods, as they were before the program. */
interface Native {
  readonly WebSocket: typeof WebSocket;
  send(native: WebSocket, data: string | ArrayBuffer): void;
  close(native: WebSocket, code?: number, reason?: string): void;
}

export function nativeSockets(scope: { WebSocket: typeof WebSocket }): Native {
  const { prototype } = scope.WebSocket;
  return {
    WebSocket: scope.WebSocket,
    send: uncurryThis(prototype.send) as Native['send'],
    close: uncurryThis(prototype.close) as Native['close'],
  };
}

function reachOutside(calls: Native, url: URL, protocols: readonly string[]): Promise<Reached> {
  return new NativePromise((resolve, reject) => {
    const native = new calls.WebSocket(url.href, [...protocols]);
    native.binaryType = 'arraybuffer';
    const end = new NativeEnd(native, calls);
    native.onopen = () => resolve({ end, protocol: native.protocol });
    native.onerror = () => reject(lost());
  });
}

class NativeEnd implements ConnectionEnd {
  readonly #native: WebSocket;
  readonly #calls: Native;
  #handlers: ConnectionHandlers | undefined;
  #early: ((handlers: ConnectionHandlers) => void)[] = [];

  constructor(native: WebSocket, calls: Native) {
    this.#native = native;
    this.#calls = calls;
    native.onmessage = ({ data }) =>
      this.#hear((handlers) =>
        handlers.onMessage(typeof data === 'string' ? data : new Uint8Array(data as ArrayBuffer)),
      );
    native.onclose = ({ code, reason, wasClean }) =>
      this.#hear((handlers) => {
        if (wasClean) handlers.onClose(code === NO_STATUS ? undefined : code, reason);
        else handlers.onLost('');
      });
  }

  get bufferedBytes(): number {
    return this.#native.bufferedAmount;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    for (let i = 0; i < this.#early.length; i++) (this.#early[i] as (handlers: ConnectionHandlers) => void)(handlers);
    this.#early = [];
  }

  send(data: SocketData): void {
    this.#calls.send(this.#native, typeof data === 'string' ? data : bufferOf(data));
  }

  close(code: number | undefined, reason: string): void {
    const isSayable = code === 1000 || (code !== undefined && code >= 3000);
    if (isSayable) this.#calls.close(this.#native, code, reason);
    else this.#calls.close(this.#native);
  }

  abort(): void {
    this.#calls.close(this.#native);
  }

  taken(): void {}

  #hear(arrival: (handlers: ConnectionHandlers) => void): void {
    if (this.#handlers) arrival(this.#handlers);
    else this.#early[this.#early.length] = arrival;
  }
}
