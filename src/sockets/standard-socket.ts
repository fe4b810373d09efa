/**
 * The standard `WebSocket` of a page, whatever carries its messages: what an embedder gets, and what a page in the preview does.
 *
 * Promise: members, states, events, checks and texts are a browser's (Chromium's words), so it may be handed to libraries.
 *
 *     CONNECTING --opened--> OPEN --close()--> CLOSING --closed--> CLOSED
 *          |                   \--closed--------------------------->
 *          \--failed, closed--> CLOSED
 *
 * DIFFERS: its events are not `isTrusted`, as all that a script dispatches, and promises do not settle between two listeners of one.
 *
 * Knows neither links nor frames: how it is carried is given.
 *
 * @see https://websockets.spec.whatwg.org/
 */
import { defineConstants, defineHandlers } from '../base/event-handlers.ts';
import type { Schedule } from '../base/schedule.ts';
import type { SocketData } from '../protocol/sockets.ts';
import { sizeOfData } from './connection.ts';
import { assertConnected, type Opening, readClosing, readData } from './socket-arguments.ts';

/** What a socket is told by its carrier, in any order and as often as it likes. */
export interface SocketTold {
  opened(protocol: string, extensions: string): void;
  received(data: SocketData): void;
  failed(): void;
  closed(code: number, reason: string, wasClean: boolean): void;
}

/** Takes a socket's messages to its server. */
export interface SocketCarrier {
  send(data: SocketData): void;
  /** Said once. Before it was opened: it is to fail. */
  close(code: number | undefined, reason: string): void;
  /** what it was given and holds back */
  readonly bufferedBytes: number;
}

export interface StandardSocketParts {
  readonly schedule: Schedule;
  /** Begins at once; what it tells comes later. */
  carry(told: SocketTold): SocketCarrier;
}

const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const;
const EVENTS = ['open', 'message', 'error', 'close'] as const;
const ATTRIBUTES = ['url', 'readyState', 'bufferedAmount', 'extensions', 'protocol', 'binaryType'] as const;
const METHODS = ['close', 'send'] as const;
type State = 0 | 1 | 2 | 3;

/** The name shows in what the engine says of it. */
class WebSocket extends EventTarget {
  readonly #url: string;
  /** what messages say they come from */
  readonly #origin: string;
  readonly #schedule: Schedule;
  readonly #carrier: SocketCarrier;
  #protocol = '';
  #extensions = '';
  #binaryType: BinaryType = 'blob';
  #state: State = 0;
  #isOver = false;
  /** Blobs have to be read before what was sent after them leaves */
  #sending: Promise<void> | undefined;
  /** not read yet, or sent when it could not be */
  #keptBytes = 0;
  /** given to the carrier in this task: a browser does not say before its end that they have left */
  #taskBytes = 0;

  /** @param protocol  of one that is open from the first */
  constructor({ url, protocol }: { url: URL; protocol?: string }, { schedule, carry }: StandardSocketParts) {
    super();
    this.#url = url.href;
    this.#origin = url.origin;
    this.#state = protocol === undefined ? 0 : 1;
    this.#protocol = protocol ?? '';
    this.#schedule = schedule;
    this.#carrier = carry({
      opened: (protocol, extensions) => this.#opened(protocol, extensions),
      received: (data) => this.#received(data),
      failed: () => this.#failed(),
      closed: (...how) => this.#closed(...how),
    });
  }

  /** Of what is one. */
  static carrierOf(value: unknown): SocketCarrier | undefined {
    return typeof value === 'object' && value !== null && #carrier in value ? value.#carrier : undefined;
  }

  get url(): string {
    return this.#url;
  }

  get readyState(): State {
    return this.#state;
  }

  get bufferedAmount(): number {
    return this.#keptBytes + Math.max(this.#taskBytes, this.#carrier.bufferedBytes);
  }

  get extensions(): string {
    return this.#extensions;
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

  /** @throws TypeError, DOMException InvalidStateError while it is connecting */
  send(...args: readonly unknown[]): void {
    const data = readData(args);
    assertConnected(this.#state);
    const sizeBytes = data instanceof Blob ? data.size : sizeOfData(data);
    if (this.#state !== 1) {
      this.#keptBytes += sizeBytes;
    } else if (data instanceof Blob || this.#sending) {
      this.#keptBytes += sizeBytes;
      this.#after(async () => {
        const read = data instanceof Blob ? new Uint8Array(await data.arrayBuffer()) : data;
        if (this.#state === 3) return; // it never leaves
        this.#keptBytes -= sizeBytes;
        this.#carry(read, sizeBytes);
      });
    } else {
      this.#carry(data, sizeBytes);
    }
  }

  /** @throws TypeError, DOMException InvalidAccessError, SyntaxError */
  close(...args: readonly unknown[]): void {
    const { code, reason } = readClosing(args);
    if (this.#state >= 2) return;
    this.#state = 2;
    if (this.#sending) this.#after(async () => this.#carrier.close(code, reason));
    else this.#carrier.close(code, reason);
  }

  #carry(data: SocketData, sizeBytes: number): void {
    if (this.#taskBytes === 0) {
      this.#schedule(() => {
        this.#taskBytes = 0;
      });
    }
    this.#taskBytes += sizeBytes;
    this.#carrier.send(data);
  }

  /** In the order of the calls. */
  #after(act: () => Promise<void>): void {
    const before = this.#sending ?? Promise.resolve();
    const done: Promise<void> = before.then(act).finally(() => {
      if (this.#sending === done) this.#sending = undefined;
    });
    this.#sending = done;
  }

  #opened(protocol: string, extensions: string): void {
    if (this.#state !== 0) return;
    this.#state = 1;
    this.#protocol = protocol;
    this.#extensions = extensions;
    this.dispatchEvent(new Event('open'));
  }

  #received(data: SocketData): void {
    if (this.#state !== 1) return;
    this.dispatchEvent(new MessageEvent('message', { data: this.#shown(data), origin: this.#origin }));
  }

  #shown(data: SocketData): string | Blob | ArrayBuffer {
    if (typeof data === 'string') return data;
    const bytes = data as Uint8Array<ArrayBuffer>;
    if (this.#binaryType === 'blob') return new Blob([bytes]);
    return bytes.byteLength === bytes.buffer.byteLength ? bytes.buffer : bytes.slice().buffer;
  }

  #failed(): void {
    if (this.#state === 3) return;
    this.#state = 3; // one that failed is closed before anybody hears of it
    this.dispatchEvent(new Event('error'));
  }

  #closed(code: number, reason: string, wasClean: boolean): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#state = 3;
    this.dispatchEvent(new CloseEvent('close', { code, reason, wasClean }));
  }

  static {
    const { prototype } = WebSocket;
    defineConstants(WebSocket, STATES);
    defineHandlers(prototype, EVENTS);
    for (const name of [...ATTRIBUTES, ...METHODS]) branded(prototype, name);
    const shapes = [['close', 0] as const, ['send', 1] as const];
    for (const [name, length] of shapes) {
      Object.defineProperty(prototype[name], 'length', { value: length, configurable: true });
    }
    const tag = { value: 'WebSocket', configurable: true, enumerable: false, writable: false };
    Object.defineProperty(prototype, Symbol.toStringTag, tag);
  }
}

export { WebSocket as StandardSocket };

/** A member as a browser has it: seen by `for ... in`, and refusing what is no socket. */
function branded(prototype: object, name: string): void {
  const member = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  const guarded = (method: (...args: unknown[]) => unknown) => {
    const holder = {
      [method.name](this: unknown, ...args: unknown[]): unknown {
        if (!WebSocket.carrierOf(this)) throw new TypeError('Illegal invocation');
        return method.apply(this, args);
      },
    };
    return holder[method.name];
  };
  Object.defineProperty(prototype, name, {
    ...member,
    enumerable: true,
    ...(member.value ? { value: guarded(member.value) } : {}),
    ...(member.get ? { get: guarded(member.get) } : {}),
    ...(member.set ? { set: guarded(member.set) } : {}),
  });
}

/**
 * The class that a page sees: each socket of it is carried as `carry` says.
 *
 * @param read  its arguments, as `readOpening` reads them
 */
export function socketClass(
  read: (args: readonly unknown[]) => Opening,
  parts: (opening: Opening) => StandardSocketParts,
): typeof globalThis.WebSocket {
  const made = {
    WebSocket: class extends WebSocket {
      constructor(...args: readonly unknown[]) {
        const opening = read(args);
        super(opening, parts(opening));
      }
    },
  }.WebSocket;
  Object.defineProperty(made, 'length', { value: 1, configurable: true });
  defineConstants(made, STATES);
  const shown = new Proxy(made, {
    apply: () => {
      throw new TypeError(UNCALLED);
    },
  });
  Object.defineProperty(made.prototype, 'constructor', { value: shown });
  return shown as unknown as typeof globalThis.WebSocket;
}

const UNCALLED =
  "Failed to construct 'WebSocket': Please use the 'new' operator, this DOM object constructor cannot be called as a function.";
