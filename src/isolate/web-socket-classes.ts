/**
 * `WebSocket`, `WebSocketPair` and `WebSocketRequestResponsePair` as a Worker sees them.
 *
 * Promise: members, tags, conversions and texts are workerd's (1.20260730, as observed). What a socket may do when is
 * sockets/socket.ts; this is what the program holds of it.
 */

import { utf8 } from '../base/bytes.ts';
import { illegalInvocation, platformObject, shapePrototype } from '../base/platform-objects.ts';
import {
  addListener,
  arrayBufferByteLength,
  arrayBufferIsView,
  makeProxy,
  objectDefineProperty,
  reflectApply,
  reflectConstruct,
  uncurryThis,
  weakMapGet,
  weakMapSet,
} from '../base/primordials.ts';
import type { Compatibility } from '../protocol/compatibility.ts';
import { AUTO_RESPONSE_BYTES, SOCKET_ATTACHMENT_BYTES } from '../protocol/limits.ts';
import type { AutoResponse, SocketData } from '../protocol/sockets.ts';
import { otherRequest } from '../rpc/errors.ts';
import { Socket } from '../sockets/socket.ts';
import type { SocketContext, SocketNotice } from '../sockets/socket-context.ts';
import { ownCloseFields, ownMessageFields } from './globals-events.ts';
import { messageBlob } from './message-blobs.ts';
import { type AnyConstructor, parameterError, shapeClass } from './native-shape.ts';
import { readClosing, readConstruction, toText } from './web-socket-arguments.ts';

export interface WebSocketOptions {
  context(): SocketContext;
  compatibility: Pick<Compatibility, 'closeReasonLimit' | 'standardBinaryType'>;
  /** of attachments */
  codec: { serialize(value: unknown): Uint8Array; deserialize(bytes: Uint8Array): unknown };
  /** the native classes, as they were before the program */
  readonly events: EventClasses;
  /** Dispatches on the native EventTarget; what a listener threw, if one did. */
  dispatch(target: EventTarget, event: Event): { readonly error: unknown } | undefined;
  /** `new WebSocket`: reaches the server, and says so to the socket. */
  connect(socket: Socket, url: URL, protocols: readonly string[]): void;
  /** throws where nothing may begin */
  assertAllowed(): void;
  /** For a socket that is made now: tells from then on whether the request that made it is over. */
  bind?: (() => () => boolean) | undefined;
}

export type EventClasses = Pick<typeof globalThis, 'Event' | 'MessageEvent' | 'CloseEvent' | 'ErrorEvent'>;

export interface WebSocketClasses {
  /** by the names that the global scope has */
  readonly globals: Readonly<Record<string, AnyConstructor>>;
  /** what the program holds of a socket */
  objectOf(socket: Socket): object;
  socketOf(value: unknown): Socket | undefined;
  autoResponseOf(value: unknown): AutoResponse | undefined;
  makeAutoResponse(pair: AutoResponse): object;
}

/** Handed to a constructor instead of what a program may write. */
class Made<T> {
  readonly it: T;

  constructor(it: T) {
    this.it = it;
  }
}

const Bytes = Uint8Array;
const sliceBuffer = uncurryThis(ArrayBuffer.prototype.slice);
const toStringOf = uncurryThis(Object.prototype.toString);
const arrayValues = uncurryThis(Array.prototype.values);

export function makeWebSocketClasses(options: WebSocketOptions): WebSocketClasses {
  const { WebSocket, objectOf } = makeWebSocket(options);
  const { Pair, autoResponseOf, make } = makeAutoResponsePair();
  return {
    globals: {
      WebSocket,
      WebSocketPair: makePair(options, objectOf),
      WebSocketRequestResponsePair: Pair,
    },
    objectOf,
    socketOf,
    autoResponseOf,
    makeAutoResponse: make,
  };
}

const objects = new WeakMap<Socket, object>();
/** The socket of `this`, to be used. @throws TypeError, Error with the platform's text when its request is over */
let inRequest: (value: unknown) => Socket;
let socketIn: ((value: object) => Socket | undefined) | undefined;

/** What the class is constructed with; a program's own arguments are among it. */
interface Construction {
  readonly options: WebSocketOptions;
  /** undefined: the program said `new WebSocket` */
  readonly made: Socket | undefined;
  readonly args: readonly unknown[];
}

class WebSocket extends EventTarget {
  readonly #socket: Socket;
  readonly #options: WebSocketOptions;
  readonly #isForeign: (() => boolean) | undefined;
  #binaryType: 'blob' | 'arraybuffer';

  static {
    socketIn = (value) => (#socket in value ? (value as WebSocket).#socket : undefined);
    inRequest = (value) => {
      const socket = own(value);
      if ((value as WebSocket).#isForeign?.()) throw otherRequest('Native');
      return socket;
    };
  }

  constructor({ options, made, args }: Construction) {
    super();
    this.#options = options;
    this.#isForeign = options.bind?.();
    this.#binaryType = options.compatibility.standardBinaryType ? 'blob' : 'arraybuffer';
    if (made) {
      this.#socket = made;
    } else {
      const { url, protocols } = readConstruction(args);
      options.assertAllowed();
      this.#socket = Socket.constructed(options.context(), url.href);
      options.connect(this.#socket, url, protocols);
    }
    for (let i = 0; i < EVENTS.length; i++) listenFirst(this, EVENTS[i] as string);
    this.#socket.notify = (notice) => options.dispatch(this, eventOf(options.events, notice, this.#binaryType));
    weakMapSet(objects, this.#socket, this);
  }

  accept(given?: unknown): void {
    const socket = inRequest(this);
    if (given !== undefined && given !== null && typeof given !== 'object') {
      throw parameterError('accept', 'WebSocket', 1, 'AcceptOptions');
    }
    const { allowHalfOpen } = (given ?? {}) as { allowHalfOpen?: unknown };
    socket.accept({ allowHalfOpen: Boolean(allowHalfOpen) });
  }

  send(...args: unknown[]): void {
    const socket = inRequest(this);
    if (args.length === 0) {
      throw parameterError('send', 'WebSocket', 1, 'ArrayBuffer or ArrayBufferView or string');
    }
    socket.send(toData(args[0]));
  }

  close(code?: unknown, reason?: unknown): void {
    const socket = inRequest(this);
    const closing = readClosing(code, reason, this.#options.compatibility.closeReasonLimit);
    socket.close(closing.code, closing.reason);
  }

  serializeAttachment(...args: unknown[]): void {
    const socket = own(this);
    if (args.length === 0) throw parameterError('serializeAttachment', 'WebSocket', 1, 'JsValue');
    const bytes = this.#options.codec.serialize(args[0]);
    if (bytes.length > SOCKET_ATTACHMENT_BYTES) {
      throw new Error(
        `A WebSocket 'attachment' cannot be larger than ${SOCKET_ATTACHMENT_BYTES} bytes.` +
          `'attachment' was ${bytes.length} bytes.`,
      );
    }
    socket.attach(bytes);
  }

  deserializeAttachment(): unknown {
    const { attachment } = own(this);
    return attachment ? this.#options.codec.deserialize(attachment) : null;
  }

  get readyState(): number {
    return inRequest(this).readyState;
  }

  get url(): string | null {
    return own(this).url;
  }

  get protocol(): string | null {
    return own(this).protocol;
  }

  get extensions(): string {
    return own(this).extensions;
  }

  get binaryType(): string {
    own(this);
    return this.#binaryType;
  }

  set binaryType(given: unknown) {
    own(this);
    const type = `${given as string}`;
    if (type === 'blob' || type === 'arraybuffer') this.#binaryType = type;
  }
}

const EVENTS = ['open', 'message', 'close', 'error'];

/** A property `onmessage` and its like are no accessors on the platform: whatever stands there is called before the listeners. */
function listenFirst(on: object, type: string): void {
  addListener(on, type, (event) => {
    const handler = (on as Readonly<Record<string, unknown>>)[`on${type}`];
    if (typeof handler === 'function') reflectApply(handler, on, [event]);
  });
}

function eventOf(events: EventClasses, notice: SocketNotice, binaryType: 'blob' | 'arraybuffer'): Event {
  switch (notice.n) {
    case 'open':
      return new events.Event('open');
    case 'message':
      return ownMessageFields(new events.MessageEvent('message', { data: shownData(notice.data, binaryType) }));
    case 'close': {
      const { code, reason, wasClean } = notice;
      return ownCloseFields(new events.CloseEvent('close', { code, reason, wasClean }));
    }
    case 'error':
      return new events.ErrorEvent('error', { message: notice.message, error: notice.error });
    default:
      return notice satisfies never;
  }
}

const socketOf = (value: unknown): Socket | undefined =>
  typeof value === 'object' && value !== null ? socketIn?.(value) : undefined;

/** @throws TypeError, as for every wrong `this` */
function own(value: unknown): Socket {
  const socket = socketOf(value);
  if (!socket) throw illegalInvocation();
  return socket;
}

function makeWebSocket(options: WebSocketOptions) {
  const visible = requiresNew(WebSocket, 'WebSocket', (args) => [{ options, made: undefined, args }]);
  shapeClass(WebSocket, 'WebSocket');
  shapePrototype(WebSocket.prototype, 'WebSocket', visible);
  defineStates(visible);
  defineStates(WebSocket.prototype);
  orderStates(WebSocket.prototype);
  platformObject(WebSocket.prototype, 'WebSocket');
  const objectOf = (made: Socket): object => weakMapGet(objects, made) ?? new WebSocket({ options, made, args: [] });
  return { WebSocket: visible, objectOf };
}

function makePair({ context, assertAllowed }: WebSocketOptions, objectOf: (socket: Socket) => object): AnyConstructor {
  class WebSocketPair {
    constructor() {
      assertAllowed();
      const [left, right] = Socket.pair(context());
      objectDefineProperty(this, '0', { value: objectOf(left), enumerable: true, configurable: true });
      objectDefineProperty(this, '1', { value: objectOf(right), enumerable: true, configurable: true });
    }

    [Symbol.iterator](): Iterator<object> {
      const pair = this as unknown as Readonly<Record<'0' | '1', object>>;
      return arrayValues([pair[0], pair[1]]) as Iterator<object>;
    }
  }
  const visible = requiresNew(WebSocketPair, 'WebSocketPair');
  shapeClass(WebSocketPair, 'WebSocketPair');
  shapePrototype(WebSocketPair.prototype, 'WebSocketPair', visible);
  platformObject(WebSocketPair.prototype, 'WebSocketPair');
  return visible;
}

function makeAutoResponsePair() {
  let read: ((value: object) => AutoResponse | undefined) | undefined;

  class WebSocketRequestResponsePair {
    readonly #pair: AutoResponse;

    static {
      read = (value) => (#pair in value ? (value as WebSocketRequestResponsePair).#pair : undefined);
    }

    constructor(...args: unknown[]) {
      if (args[0] instanceof Made) {
        this.#pair = args[0].it as AutoResponse;
        return;
      }
      for (let i = 0; i < 2; i++) {
        if (args.length <= i) throw parameterError('', 'WebSocketRequestResponsePair', i + 1, 'string', 'construct');
      }
      const request = toText(args[0]);
      const response = toText(args[1]);

      this.#pair = { request, response };
    }

    get request(): string {
      return of(this).request;
    }

    get response(): string {
      return of(this).response;
    }
  }

  const autoResponseOf = (value: unknown): AutoResponse | undefined =>
    typeof value === 'object' && value !== null ? read?.(value) : undefined;
  const of = (value: unknown): AutoResponse => {
    const pair = autoResponseOf(value);
    if (!pair) throw illegalInvocation();
    return pair;
  };
  const Pair = requiresNew(WebSocketRequestResponsePair, 'WebSocketRequestResponsePair');
  shapeClass(WebSocketRequestResponsePair, 'WebSocketRequestResponsePair');
  shapePrototype(WebSocketRequestResponsePair.prototype, 'WebSocketRequestResponsePair', Pair);
  platformObject(WebSocketRequestResponsePair.prototype, 'WebSocketRequestResponsePair');
  return { Pair, autoResponseOf, make: (pair: AutoResponse) => new WebSocketRequestResponsePair(new Made(pair)) };
}

/** As checked when it is set. @throws RangeError with the platform's text */
export function checkAutoResponse({ request, response }: AutoResponse): void {
  checkSize('Request', 'request', request);
  checkSize('Response', 'response', response);
}

function checkSize(What: string, what: string, text: string): void {
  const { length } = utf8(text);
  if (length <= AUTO_RESPONSE_BYTES) return;
  throw new RangeError(
    `${What} cannot be larger than ${AUTO_RESPONSE_BYTES} bytes. A ${what} of size ${length} was provided.`,
  );
}

/** A class whose refusal to be called without `new` is the platform's. */
export function requiresNew(
  target: AnyConstructor,
  name: string,
  given = (args: unknown[]): unknown[] => args,
): AnyConstructor {
  const visible = makeProxy(target, {
    construct: (_, args, newTarget) => reflectConstruct(target, given(args), newTarget) as object,
    apply() {
      throw new TypeError(
        `Failed to construct '${name}': Please use the 'new' operator, this object constructor cannot be called as a function.`,
      );
    },
  });
  objectDefineProperty(target.prototype as object, 'constructor', {
    value: visible,
    configurable: true,
    writable: true,
  });
  return visible;
}

const STATES = ['CONNECTING', 'OPEN', 'CLOSING', 'CLOSED'] as const;

function defineStates(on: object): void {
  for (let state = 0; state < STATES.length; state++) {
    const constant = { value: state, enumerable: true, configurable: true, writable: false };
    objectDefineProperty(on, `READY_STATE_${STATES[state]}`, constant);
    objectDefineProperty(on, STATES[state] as string, constant);
  }
}

/** The platform's order: methods, constants, accessors, then the constructor and the tag. */
function orderStates(prototype: object): void {
  for (const key of [
    ...['readyState', 'url', 'protocol', 'extensions', 'binaryType'],
    'constructor',
    Symbol.toStringTag,
  ]) {
    const found = Object.getOwnPropertyDescriptor(prototype, key);
    if (!found) continue;
    Reflect.deleteProperty(prototype, key);
    objectDefineProperty(prototype, key, found);
  }
}

/** A copy of bytes; what was detached is empty. Anything else is a text. */
function toData(given: unknown): SocketData {
  if (arrayBufferIsView(given)) {
    const { buffer, byteOffset, byteLength } = given;
    return byteLength === 0 ? new Bytes(0) : new Bytes(new Bytes(buffer, byteOffset, byteLength));
  }
  const length = given instanceof ArrayBuffer ? arrayBufferByteLength(given) : undefined;
  if (length === undefined) return isShared(given) ? new Bytes(new Bytes(given)) : toText(given);
  return length === 0 ? new Bytes(0) : new Bytes(sliceBuffer(given as ArrayBuffer, 0, length));
}

/** Also where the page has no name for the class: WebAssembly's memory is one nevertheless. */
function isShared(given: unknown): given is SharedArrayBuffer {
  if (typeof given !== 'object' || given === null || toStringOf(given) !== '[object SharedArrayBuffer]') return false;
  return new Bytes(given as SharedArrayBuffer).buffer === given;
}

/** Binary data as a program gets it: all of its buffer. */
export function bufferOf(data: Uint8Array): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = data;
  if (byteLength === buffer.byteLength) return buffer as ArrayBuffer;
  return sliceBuffer(buffer as ArrayBuffer, byteOffset, byteOffset + byteLength);
}

function shownData(data: SocketData, binaryType: 'blob' | 'arraybuffer'): string | ArrayBuffer | Blob {
  if (typeof data === 'string') return data;
  const buffer = bufferOf(data);
  return binaryType === 'blob' ? messageBlob(buffer) : buffer;
}
