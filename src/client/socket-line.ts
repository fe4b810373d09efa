/**
 * What carries a page's WebSocket: an end that leads straight to whoever holds the other one, once the Worker has said so.
 *
 *     ASKING --101--> OPEN --closed by both, or too late; lost--> OVER
 *        \--refused, or given up------------------------------->
 *
 * Promise: nothing of a socket that `fetch` brought is told before it is accepted. Whoever cannot be reached is told as a browser
 * tells it, without the reason: what is wrong stands in the account's log.
 *
 * Knows neither links nor hosts: how the Worker is asked is given.
 */
import type { Clock, Timer } from '../base/clock.ts';
import type { Schedule } from '../base/schedule.ts';
import { SOCKET_MESSAGE_BYTES } from '../protocol/limits.ts';
import type { Cause } from '../protocol/messages.ts';
import { ABNORMAL, NO_STATUS, type SocketData, tooLarge } from '../protocol/sockets.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { type ConnectionEnd, sizeOfData } from '../sockets/connection.ts';
import type { Opening } from '../sockets/socket-arguments.ts';
import type { SocketCarrier, SocketTold } from '../sockets/standard-socket.ts';
import { agreedExtensions, handshakeHeaders } from './socket-handshake.ts';

export interface SocketLineTools {
  readonly clock: Clock;
  readonly schedule: Schedule;
  readonly tracer: Tracer;
  randomBytes(length: number): Uint8Array;
  /** one more can be heard, or one fewer */
  onOpen(count: 1 | -1): void;
  /** Asks the Worker. @returns its answer, with the socket's far end when its status is 101 */
  upgrade(
    url: string,
    headers: Headers,
  ): Promise<{ readonly response: Response; readonly end: ConnectionEnd | undefined }>;
}

export interface ConnectOptions {
  /** sent with the request for the upgrade, beside what a browser sends */
  headers?: HeadersInit;
}

export interface LineOptions extends ConnectOptions {
  /** of the page whose socket it is */
  readonly origin: string;
}

/** How long the other side has to answer a close frame, real ms (as Chromium). */
const CLOSE_PATIENCE_MS = 60_000;

export class SocketLine implements SocketCarrier {
  readonly #told: SocketTold;
  readonly #tools: SocketLineTools;
  #end: ConnectionEnd | undefined;
  #state: 'asking' | 'open' | 'over' = 'asking';
  #isAccepted = false;
  #isCounted = false;
  #closing: Timer | undefined;

  private constructor(told: SocketTold, tools: SocketLineTools) {
    this.#told = told;
    this.#tools = tools;
  }

  static connect(told: SocketTold, tools: SocketLineTools, opening: Opening, options: LineOptions): SocketLine {
    const line = new SocketLine(told, tools);
    line.#count(true);
    void line.#ask(opening, options);
    return line;
  }

  /** For a socket that a response brought: the caller tells it that it is open. */
  static opened(told: SocketTold, tools: SocketLineTools, end: ConnectionEnd): SocketLine {
    const line = new SocketLine(told, tools);
    line.#state = 'open';
    line.#end = end;
    return line;
  }

  /** undefined while it has none */
  get end(): ConnectionEnd | undefined {
    return this.#end;
  }

  get bufferedBytes(): number {
    return this.#end?.bufferedBytes ?? 0;
  }

  /** Events are told from now on. */
  accept(): void {
    if (this.#isAccepted || this.#state !== 'open') return;
    this.#isAccepted = true;
    this.#count(true);
    this.#listen();
  }

  /** Goes away without a close frame, as a page does that is closed. */
  terminate(): void {
    this.#end?.abort('');
    this.#finish(ABNORMAL, '', false);
  }

  send(data: SocketData): void {
    const sizeBytes = sizeOfData(data);
    if (sizeBytes <= SOCKET_MESSAGE_BYTES) {
      this.#end?.send(data, this.#cause('message'));
      return;
    }
    // What the server does with a message that is too large, told from here: it never leaves.
    const { code, reason } = tooLarge(sizeBytes);
    const error = `WebSocket protocol error; protocolError.statusCode = ${code}; protocolError.description = ${reason}`;
    this.#end?.abort('', error);
    this.#finish(code, reason, true);
  }

  close(code: number | undefined, reason: string): void {
    switch (this.#state) {
      case 'asking':
        this.#tools.schedule(() => this.#fail());
        return;
      case 'open':
        this.accept();
        this.#end?.close(code, reason, this.#cause('close'));
        this.#closing = this.#tools.clock.after(CLOSE_PATIENCE_MS, () => this.terminate());
        return;
      case 'over':
        return;
      default:
        this.#state satisfies never;
    }
  }

  async #ask({ url, protocols }: Opening, { headers: given, origin }: LineOptions): Promise<void> {
    const asked = new URL(url);
    asked.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
    const { randomBytes } = this.#tools;
    const headers = handshakeHeaders({ url: asked, protocols, origin, given, randomBytes });
    try {
      const { response, end } = await this.#tools.upgrade(asked.href, headers);
      const protocol = response.headers.get('sec-websocket-protocol') ?? '';
      const isAgreed = protocol === '' ? protocols.length === 0 : protocols.includes(protocol);
      if (!end || !isAgreed || this.#state !== 'asking') {
        end?.abort('');
        this.#fail();
        return;
      }
      this.#end = end;
      this.#state = 'open';
      this.#told.opened(protocol, agreedExtensions(headers));
      this.accept();
    } catch {
      this.#fail();
    }
  }

  #listen(): void {
    const end = this.#end as ConnectionEnd;
    end.start({
      onMessage: (data, cause) => {
        end.taken(sizeOfData(data));
        this.#arrives('message', cause);
        this.#told.received(data);
      },
      onClose: (code, reason, cause) => {
        this.#arrives('close', cause);
        end.close(code, reason);
        this.#finish(code ?? NO_STATUS, reason, true);
      },
      onLost: (reason) => this.#finish(ABNORMAL, reason, false),
    });
  }

  #cause(what: 'message' | 'close'): Cause | undefined {
    return this.#tools.tracer.send({ kind: 'socket', what });
  }

  /** Nobody knows what makes a page send. */
  #arrives(name: 'message' | 'close', cause: Cause | undefined): void {
    const { tracer } = this.#tools;
    tracer.deliver({ what: 'socket', name, cause });
    tracer.rest();
  }

  #fail(): void {
    if (!this.#over()) return;
    this.#told.failed();
    this.#told.closed(ABNORMAL, '', false);
  }

  #finish(code: number, reason: string, wasClean: boolean): void {
    if (this.#over()) this.#told.closed(code, reason, wasClean);
  }

  /** False when it was before. */
  #over(): boolean {
    if (this.#state === 'over') return false;
    this.#state = 'over';
    this.#closing?.cancel();
    this.#count(false);
    return true;
  }

  #count(isOpen: boolean): void {
    if (this.#isCounted === isOpen) return;
    this.#isCounted = isOpen;
    this.#tools.onOpen(isOpen ? 1 : -1);
  }
}
