/**
 * `WebSocket` of a page in the preview.
 *
 * Promise: one to the page's own origin goes to the Worker through the preview, and does what the standard says of it;
 * any other is the browser's.
 *
 *     CONNECTING --> OPEN --close()--> CLOSING --> CLOSED
 *
 * @see https://websockets.spec.whatwg.org/
 */

import { defineConstants, defineHandlers } from '../base/event-handlers.ts';
import type { FromFrame } from '../protocol/preview.ts';
import type { Channel } from './channel.ts';
import { provide } from './patch.ts';
import type { Place } from './place.ts';

interface Told {
  opened(protocol: string, extensions: string): void;
  received(data: string | ArrayBuffer): void;
  failed(): void;
  closed(code: number, reason: string, wasClean: boolean): void;
}

const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'];

/** The way of all sockets of a page to the preview. */
interface Line {
  /** @returns its number */
  open(told: Told): number;
  post(message: FromFrame): void;
}

export function installWebSocket(channel: Channel, place: Place): void {
  const Native = window.WebSocket;
  const sockets = new Map<number, Told>();
  let count = 0;
  channel.on('socket-open', ({ id, protocol, extensions }) => sockets.get(id)?.opened(protocol, extensions));
  channel.on('socket-message', ({ id, data }) => sockets.get(id)?.received(data));
  channel.on('socket-error', ({ id }) => sockets.get(id)?.failed());
  channel.on('socket-close', ({ id, code, reason, wasClean }) => {
    sockets.get(id)?.closed(code, reason, wasClean);
    sockets.delete(id);
  });
  const line: Line = {
    open(told) {
      count += 1;
      sockets.set(count, told);
      return count;
    },
    post: (message) => channel.post(message),
  };

  class WebSocket extends PageSocket {
    constructor(url: string | URL, protocols: string | string[] = []) {
      const list = typeof protocols === 'string' ? [protocols] : [...protocols].map(String);
      assertProtocols(list);
      super(addressOf(String(url)), list, line);
    }
  }
  defineConstants(WebSocket, STATES);
  const either = new Proxy(WebSocket, {
    construct(ours, args: [string | URL, (string | string[])?], made) {
      const isOurs = addressOf(String(args[0])).host === place.url.host;
      return Reflect.construct(isOurs ? ours : Native, args, isOurs ? made : Native);
    },
  });
  provide('WebSocket', either);
}

class PageSocket extends EventTarget {
  readonly url: string;
  readonly #id: number;
  readonly #line: Line;
  #state = 0;
  #protocol = '';
  #extensions = '';
  #binaryType: BinaryType = 'blob';
  /** blobs are read before they can be posted, and what follows waits for them */
  #sending: Promise<void> | undefined;
  #buffered = 0;

  constructor(url: URL, protocols: readonly string[], line: Line) {
    super();
    this.url = url.href;
    this.#line = line;
    this.#id = line.open({
      opened: (protocol, extensions) => {
        if (this.#state !== 0) return;
        [this.#state, this.#protocol, this.#extensions] = [1, protocol, extensions];
        this.dispatchEvent(new Event('open'));
      },
      received: (data) => this.#receive(data),
      failed: () => {
        this.#state = 3; // a socket that failed is closed before anybody hears of it
        this.dispatchEvent(new Event('error'));
      },
      closed: (code, reason, wasClean) => {
        this.#state = 3;
        this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }));
      },
    });
    line.post({ t: 'socket', id: this.#id, url: url.href, protocols });
  }

  get readyState(): number {
    return this.#state;
  }

  get protocol(): string {
    return this.#protocol;
  }

  get extensions(): string {
    return this.#extensions;
  }

  get bufferedAmount(): number {
    return this.#buffered;
  }

  get binaryType(): BinaryType {
    return this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type;
  }

  send(data: string | BufferSource | Blob): void {
    if (this.#state === 0) throw new DOMException('Still in CONNECTING state.', 'InvalidStateError');
    const size = data instanceof Blob ? data.size : undefined;
    const bytes = data instanceof Blob ? undefined : payloadOf(data);
    if (this.#state !== 1) {
      this.#buffered += size ?? sizeOf(bytes ?? '');
      return;
    }
    if (bytes !== undefined && !this.#sending) this.#post(bytes);
    else this.#enqueue(data instanceof Blob ? data.arrayBuffer() : Promise.resolve(bytes ?? ''), size ?? 0);
  }

  close(code?: number, reason?: string): void {
    if (code !== undefined && code !== 1000 && !(code >= 3000 && code <= 4999)) {
      throw new DOMException(
        `The close code must be 1000, or between 3000 and 4999. ${code} is neither.`,
        'InvalidAccessError',
      );
    }
    if (reason !== undefined && sizeOf(reason) > 123) {
      throw new DOMException('The close reason must not be greater than 123 UTF-8 bytes.', 'SyntaxError');
    }
    if (this.#state >= 2) return;
    this.#state = 2;
    const go = () => this.#line.post({ t: 'socket-close', id: this.#id, code, reason });
    if (this.#sending) void this.#sending.then(go);
    else go();
  }

  #enqueue(reading: Promise<string | ArrayBuffer>, size: number): void {
    this.#buffered += size;
    const before = this.#sending;
    const send = async (): Promise<void> => {
      await before;
      this.#post(await reading);
      this.#buffered -= size;
    };
    const sending = send().finally(() => {
      if (this.#sending === sending) this.#sending = undefined;
    });
    this.#sending = sending;
  }

  #post(data: string | ArrayBuffer): void {
    this.#line.post({ t: 'socket-send', id: this.#id, data });
  }

  #receive(data: string | ArrayBuffer): void {
    if (this.#state !== 1) return;
    const shown = typeof data === 'string' || this.#binaryType === 'arraybuffer' ? data : new Blob([data]);
    this.dispatchEvent(new MessageEvent('message', { data: shown, origin: new URL(this.url).origin }));
  }
}

defineHandlers(PageSocket.prototype, ['open', 'message', 'error', 'close']);

/** @throws DOMException SyntaxError */
function addressOf(text: string): URL {
  const url = URL.canParse(text, document.baseURI) ? new URL(text, document.baseURI) : undefined;
  if (url?.protocol === 'http:' || url?.protocol === 'https:') url.protocol = url.protocol.replace('http', 'ws');
  if (url?.protocol !== 'ws:' && url?.protocol !== 'wss:') {
    throw new DOMException(`The URL '${text}' is invalid.`, 'SyntaxError');
  }
  if (url.hash !== '' || url.href.endsWith('#')) {
    throw new DOMException(`The URL '${text}' contains a fragment identifier.`, 'SyntaxError');
  }
  return url;
}

function assertProtocols(protocols: readonly string[]): void {
  const isToken = protocols.every((one) => /^[\w!#$%&'*+.^`|~-]+$/.test(one));
  if (isToken && new Set(protocols).size === protocols.length) return;
  throw new DOMException('A subprotocol is invalid, or named twice.', 'SyntaxError');
}

function payloadOf(data: string | BufferSource): string | ArrayBuffer {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice().buffer;
  return data instanceof ArrayBuffer ? data.slice(0) : String(data);
}

function sizeOf(data: string | ArrayBuffer): number {
  return typeof data === 'string' ? new TextEncoder().encode(data).length : data.byteLength;
}
