/**
 * `WebSocket` for whoever is outside the cloud: the standard class, whose server is an account's Worker.
 *
 * Promise: states, events, checks and texts are a browser's (Chromium's words), so it may be handed to libraries. A socket that
 * `fetch` brought with a response of status 101 is one too, open from the first; it tells nothing before `accept()`.
 *
 *     CONNECTING --101--> OPEN --close()--> CLOSING --answered, or too late--> CLOSED
 *          |                \--the other side closed, or is gone-------------->
 *          \--refused--> CLOSED
 *
 * Knows neither links nor hosts: how the Worker is asked is given.
 */
import { hasSurrogates, utf8 } from '../base/bytes.ts';
import type { Clock, Timer } from '../base/clock.ts';
import { defineConstants, defineHandlers } from '../base/event-handlers.ts';
import { SOCKET_MESSAGE_BYTES } from '../protocol/limits.ts';
import type { Cause } from '../protocol/messages.ts';
import { ABNORMAL, NO_STATUS, type SocketData, tooLarge } from '../protocol/sockets.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { type ConnectionEnd, sizeOfData } from '../sockets/connection.ts';

export interface PageSocketTools {
  readonly clock: Clock;
  /** what relative URLs resolve against */
  readonly origin: string;
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

/** How long the other side has to answer a close frame, real ms (as Chromium). */
const CLOSE_PATIENCE_MS = 60_000;
const REASON_BYTES = 123;
const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const EVENTS = ['open', 'message', 'error', 'close'] as const;
const MEMBERS = [
  ...['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol', 'binaryType'],
  ...['close', 'send'],
];
type State = 0 | 1 | 2 | 3;

/** Handed to the constructor instead of what an embedder writes. */
class Opened {
  readonly end: ConnectionEnd;
  readonly protocol: string;
  readonly url: string;

  constructor(end: ConnectionEnd, { url, protocol }: { url: string; protocol: string }) {
    this.end = end;
    this.url = url;
    this.protocol = protocol;
  }
}

export class PageSocket extends EventTarget {
  readonly #url: string;
  readonly #tools: PageSocketTools;
  #protocol = '';
  #binaryType: BinaryType = 'blob';
  #state: State = 0;
  #end: ConnectionEnd | undefined;
  /** Blobs have to be read before what was sent after them leaves */
  #sending: Promise<void> | undefined;
  #pendingBytes = 0;
  #isAccepted = true;
  #closing: Timer | undefined;
  #isCounted = false;

  constructor(tools: PageSocketTools, given: unknown, protocols?: unknown, options: ConnectOptions = {}) {
    super();
    this.#tools = tools;
    if (given instanceof Opened) {
      this.#url = given.url;
      this.#protocol = given.protocol;
      this.#end = given.end;
      this.#state = 1;
      this.#isAccepted = false;
      return;
    }
    const url = readUrl(given, tools.origin);
    const wanted = readProtocols(protocols);
    this.#url = url.href;
    this.#count(true);
    void this.#connect(url, wanted, options);
  }

  /** For one that a response brought: events are told from now on. */
  accept(): void {
    if (this.#isAccepted) return;
    this.#isAccepted = true;
    this.#count(true);
    this.#listen();
  }

  /** For one that a response brought: goes away without a close frame, as a page does that is closed. */
  terminate(): void {
    this.#end?.abort('');
    this.#finish({ code: ABNORMAL, reason: '', wasClean: false });
  }

  /** The page's end of `socket`: undefined while it has none, or when it is none of these. */
  static endOf(socket: object): ConnectionEnd | undefined {
    return socket instanceof PageSocket ? socket.#end : undefined;
  }

  get url(): string {
    return this.#url;
  }

  get extensions(): string {
    return '';
  }

  get readyState(): State {
    return this.#state;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type;
  }

  /** bytes that were sent and have not left, or never will */
  get bufferedAmount(): number {
    return this.#pendingBytes + (this.#end?.bufferedBytes ?? 0);
  }

  /** @throws DOMException InvalidStateError while it is connecting */
  send(data: string | ArrayBufferLike | Blob | ArrayBufferView): void {
    if (this.#state === 0) {
      throw new DOMException(
        "Failed to execute 'send' on 'WebSocket': Still in CONNECTING state.",
        'InvalidStateError',
      );
    }
    const read = data instanceof Blob ? data : copyOf(data);
    const sizeBytes = read instanceof Blob ? read.size : sizeOfData(read);
    if (this.#state !== 1) {
      this.#pendingBytes += sizeBytes;
      return;
    }
    if (sizeBytes > SOCKET_MESSAGE_BYTES) {
      // What the server does with a message that is too large, told from here: it never leaves.
      const { code, reason } = tooLarge(sizeBytes);
      const error = `WebSocket protocol error; protocolError.statusCode = ${code}; protocolError.description = ${reason}`;
      this.#end?.abort('', error);
      this.#finish({ code, reason, wasClean: true });
      return;
    }
    if (!(read instanceof Blob) && !this.#sending) {
      this.#end?.send(read, this.#cause('message'));
      return;
    }
    this.#pendingBytes += sizeBytes;
    this.#after(async () => {
      const bytes = read instanceof Blob ? new Uint8Array(await read.arrayBuffer()) : read;
      this.#pendingBytes -= sizeBytes;
      if (this.#state === 1 || this.#state === 2) this.#end?.send(bytes, this.#cause('message'));
    });
  }

  /** @throws DOMException InvalidAccessError, SyntaxError */
  close(code?: number, reason?: string): void {
    const closing = readClosing(code, reason);
    switch (this.#state) {
      case 0:
        this.#state = 2;
        queueMicrotask(() => this.#fail());
        return;
      case 1:
        this.#state = 2;
        this.accept();
        this.#after(async () => this.#end?.close(closing.code, closing.reason, this.#cause('close')));
        this.#closing = this.#tools.clock.after(CLOSE_PATIENCE_MS, () => {
          this.#end?.abort('');
          this.#finish({ code: ABNORMAL, reason: '', wasClean: false });
        });
        return;
      case 2:
      case 3:
        return;
      default:
        this.#state satisfies never;
    }
  }

  async #connect(url: URL, wanted: readonly string[], { headers: given }: ConnectOptions): Promise<void> {
    const asked = new URL(url);
    asked.protocol = url.protocol === 'wss:' ? 'https:' : 'http:';
    const headers = upgradeHeaders(this.#tools, wanted, given);
    try {
      const { response, end } = await this.#tools.upgrade(asked.href, headers);
      const protocol = response.headers.get('sec-websocket-protocol') ?? '';
      const isAgreed = protocol === '' ? wanted.length === 0 : wanted.includes(protocol);
      if (!end || !isAgreed || this.#state !== 0) {
        end?.abort('');
        if (this.#state === 0) this.#fail();
        return;
      }
      this.#end = end;
      this.#protocol = protocol;
      this.#state = 1;
      this.dispatchEvent(new Event('open'));
      this.#listen();
    } catch {
      // A browser tells a page nothing of why: what is wrong stands in the account's log.
      this.#fail();
    }
  }

  #listen(): void {
    const end = this.#end;
    if (!end) return;
    end.start({
      onMessage: (data, cause) => {
        end.taken(sizeOfData(data));
        this.#arrives('message', cause);
        if (this.#state === 1)
          this.dispatchEvent(new MessageEvent('message', { data: this.#shown(data), origin: originOf(this.#url) }));
      },
      onClose: (code, reason, cause) => {
        this.#arrives('close', cause);
        end.close(code, reason);
        this.#finish({ code: code ?? NO_STATUS, reason, wasClean: true });
      },
      onLost: (reason) => this.#finish({ code: ABNORMAL, reason, wasClean: false }),
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

  #shown(data: SocketData): string | Blob | ArrayBuffer {
    if (typeof data === 'string') return data;
    const bytes = data as Uint8Array<ArrayBuffer>;
    if (this.#binaryType === 'blob') return new Blob([bytes]);
    return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
  }

  #fail(): void {
    if (this.#state === 3) return;
    this.#over();
    this.dispatchEvent(new Event('error'));
    this.dispatchEvent(new CloseEvent('close', { code: ABNORMAL, reason: '', wasClean: false }));
  }

  #finish(how: { code: number; reason: string; wasClean: boolean }): void {
    if (this.#state === 3) return;
    this.#over();
    this.dispatchEvent(new CloseEvent('close', how));
  }

  #over(): void {
    this.#closing?.cancel();
    this.#state = 3;
    this.#count(false);
  }

  #count(isOpen: boolean): void {
    if (this.#isCounted === isOpen) return;
    this.#isCounted = isOpen;
    this.#tools.onOpen(isOpen ? 1 : -1);
  }

  /** In the order of the calls. */
  #after(act: () => Promise<void>): void {
    const before = this.#sending ?? Promise.resolve();
    const done: Promise<void> = before.then(act).finally(() => {
      if (this.#sending === done) this.#sending = undefined;
    });
    this.#sending = done;
  }
}

shapeAsStandard();

/** Members as a browser has them: constants, handlers, and what is seen by `for ... in`. */
function shapeAsStandard(): void {
  const { prototype } = PageSocket;
  defineConstants(PageSocket, ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED']);
  defineHandlers(prototype, EVENTS);
  for (const name of MEMBERS) Object.defineProperty(prototype, name, { enumerable: true });
  Object.defineProperty(prototype.close, 'length', { value: 0, configurable: true });
  const tag = { value: 'WebSocket', configurable: true, enumerable: false, writable: false };
  Object.defineProperty(prototype, Symbol.toStringTag, tag);
}

/** What `fetch` hands out with a response of status 101. */
export function openedSocket(
  tools: PageSocketTools,
  end: ConnectionEnd,
  about: { url: string; protocol: string },
): PageSocket {
  return new PageSocket(tools, new Opened(end, about));
}

function originOf(url: string): string {
  return new URL(url).origin;
}

function copyOf(data: unknown): SocketData {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (data instanceof ArrayBuffer) return new Uint8Array(data.slice(0));
  return wellFormed(String(data));
}

/** What no UTF-8 can say becomes U+FFFD. */
function wellFormed(text: string): string {
  return hasSurrogates(text) ? new TextDecoder().decode(utf8(text)) : text;
}

function upgradeHeaders(tools: PageSocketTools, protocols: readonly string[], given: HeadersInit | undefined): Headers {
  const headers = new Headers(given);
  const set = (name: string, value: string) => {
    if (!headers.has(name)) headers.set(name, value);
  };
  headers.set('Upgrade', 'websocket');
  headers.set('Connection', 'Upgrade');
  set('Sec-WebSocket-Version', '13');
  set('Sec-WebSocket-Key', btoa(String.fromCharCode(...tools.randomBytes(16))));
  set('Sec-WebSocket-Extensions', 'permessage-deflate; client_max_window_bits');
  if (protocols.length > 0) headers.set('Sec-WebSocket-Protocol', protocols.join(', '));
  return headers;
}

const CONSTRUCT = "Failed to construct 'WebSocket': ";

/** @throws DOMException SyntaxError */
function readUrl(given: unknown, origin: string): URL {
  const refuse = (why: string) => new DOMException(CONSTRUCT + why, 'SyntaxError');
  if (!URL.canParse(String(given), origin)) throw refuse(`The URL '${given}' is invalid.`);
  const url = new URL(String(given), origin);
  if (url.protocol === 'http:') url.protocol = 'ws:';
  if (url.protocol === 'https:') url.protocol = 'wss:';
  if (url.protocol !== 'ws:' && url.protocol !== 'wss:') {
    const scheme = url.protocol.slice(0, -1);
    throw refuse(`The URL's scheme must be either 'http', 'https', 'ws', or 'wss'. '${scheme}' is not allowed.`);
  }
  if (url.hash !== '') {
    throw refuse(
      `The URL contains a fragment identifier ('${url.hash.slice(1)}'). Fragment identifiers are not allowed in WebSocket URLs.`,
    );
  }
  return url;
}

/** @throws DOMException SyntaxError */
function readProtocols(given: unknown): readonly string[] {
  if (given === undefined) return [];
  const protocols = Array.isArray(given) ? given.map(String) : [String(given)];
  for (const protocol of protocols) {
    if (!TOKEN.test(protocol)) {
      throw new DOMException(`${CONSTRUCT}The subprotocol '${protocol}' is invalid.`, 'SyntaxError');
    }
    if (protocols.indexOf(protocol) !== protocols.lastIndexOf(protocol)) {
      throw new DOMException(`${CONSTRUCT}The subprotocol '${protocol}' is duplicated.`, 'SyntaxError');
    }
  }
  return protocols;
}

/** @throws DOMException InvalidAccessError, SyntaxError */
function readClosing(code: number | undefined, reason: string | undefined) {
  const on = "Failed to execute 'close' on 'WebSocket': ";
  if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
    throw new DOMException(
      `${on}The close code must be either 1000, or between 3000 and 4999. ${code} is neither.`,
      'InvalidAccessError',
    );
  }
  const text = reason === undefined ? '' : wellFormed(String(reason));
  if (new TextEncoder().encode(text).length > REASON_BYTES) {
    throw new DOMException(
      `${on}The close reason must not be greater than ${REASON_BYTES} UTF-8 bytes.`,
      'SyntaxError',
    );
  }
  return { code: code ?? (reason === undefined ? undefined : 1000), reason: text };
}
