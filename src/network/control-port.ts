/**
 * The control plane: comlink over a MessagePort, with what comlink lacks.
 *
 * Promise: a call settles. When the peer dies, calls that wait and calls made later reject with `peer_gone`; when either
 * end lets go, with `closed`. An error keeps its class where both sides know it, its name, message, stack, cause and own
 * properties; a SimulatorError its code and location. Types come from the implementation: `Control<typeof api>`.
 *
 * comlink calls through prototypes, so this is for hosts, pages and bundlers, and for an isolate only before it loads a
 * user's program. Knows nothing of what is called.
 */
import { type Endpoint, expose, type ProxyMarked, proxy, type Remote, transfer, transferHandlers, wrap } from 'comlink';
import { must } from '../base/assert.ts';
import { isSimulatorError, SimulatorError, type SimulatorErrorCode, type SourceLocation } from '../base/errors.ts';

/** What the caller holds: every method returns a promise, callbacks arrive as such too. */
export type Control<Api> = Remote<Api>;

export interface ControlOptions {
  /** resolves when the peer is known to be dead (its life lock fell free, its worker was terminated) */
  readonly died?: Promise<unknown>;
}

export interface Connection<Api> {
  readonly remote: Control<Api>;
  /** Lets go of the peer's end and closes the port. Calls that wait reject with `closed`. */
  release(): void;
}

/** Serves `api` on `port`, which it owns from now on. Returns what stops it. */
export function exposeControl<Api extends object>(
  api: Api,
  port: MessagePort,
  options: ControlOptions = {},
): () => void {
  const end = new ControlEnd(port, options);
  expose(api, end);
  return () => end.close('closed');
}

/** The other end of `exposeControl`. */
export function connectControl<Api extends object>(port: MessagePort, options: ControlOptions = {}): Connection<Api> {
  const end = new ControlEnd(port, options);
  const remote = wrap<Api>(end);
  return { remote, release: () => end.release() };
}

/** Marks a function (or an object of methods) to travel by reference: the peer calls back into this thread. */
export function byReference<T extends object>(value: T): T & ProxyMarked {
  return proxy(value);
}

/** Marks what inside `value` moves instead of being copied. */
export function withTransfer<T>(value: T, transferables: Transferable[]): T {
  return transfer(value, transferables);
}

/** comlink's messages, as far as this file looks into them. */
interface ControlMessage {
  readonly id?: string;
  readonly type?: string;
  readonly argumentList?: readonly unknown[];
}

type EndState = { readonly state: 'open' } | { readonly state: 'over'; readonly code: 'closed' | 'peer_gone' };

type Listener = (event: MessageEvent) => void;

/** A port as comlink sees it: one that answers by itself for a peer that cannot any more. */
class ControlEnd implements Endpoint {
  readonly #port: MessagePort;
  readonly #options: ControlOptions;
  readonly #listeners = new Map<unknown, Listener>();
  readonly #pending = new Set<string>();
  /** comlink's own release, once nobody holds the remote any more */
  #releasing: string | undefined;
  #state: EndState = { state: 'open' };

  constructor(port: MessagePort, options: ControlOptions) {
    this.#port = port;
    this.#options = options;
    port.addEventListener('message', (event) => this.#receive(event));
    const onDeath = () => this.close('peer_gone');
    options.died?.then(onDeath, onDeath);
    port.start();
  }

  addEventListener(_type: string, listener: EventListenerOrEventListenerObject): void {
    this.#listeners.set(listener, typeof listener === 'function' ? listener : (event) => listener.handleEvent(event));
  }

  /** comlink's last word: it answered a release. */
  removeEventListener(_type: string, listener: EventListenerOrEventListenerObject): void {
    this.#listeners.delete(listener);
    if (this.#listeners.size === 0) this.close('closed');
  }

  postMessage(message: ControlMessage, transferables: Transferable[] = []): void {
    const isCall = message.id !== undefined && 'type' in message && CALLS.has(message.type);
    if (this.#state.state === 'over') {
      if (isCall) this.#refuse(message.id, this.#state.code);
      return;
    }
    this.#port.postMessage(message, transferables);
    if (isCall && message.id !== undefined) this.#pending.add(message.id);
    if (message.type === 'RELEASE') this.#releasing = message.id;
  }

  release(): void {
    if (this.#state.state === 'over') return;
    this.#port.postMessage({ id: 'release', type: 'RELEASE' });
    this.close('closed');
  }

  close(code: 'closed' | 'peer_gone'): void {
    if (this.#state.state === 'over') return;
    this.#state = { state: 'over', code };
    // Ports do not tell by themselves that they were closed.
    if (code === 'closed') this.#port.postMessage({ type: FAREWELL });
    for (const id of this.#pending) this.#refuse(id, code);
    this.#pending.clear();
    this.#port.close();
  }

  #receive(event: MessageEvent<ControlMessage | undefined>): void {
    if (this.#state.state === 'over') return;
    const message = event.data;
    if (message?.type === FAREWELL) {
      this.close('closed');
      return;
    }
    if (message?.id !== undefined) this.#pending.delete(message.id);
    this.#dispatch(this.#withCallbacks(message), event.origin);
    if (message?.id !== undefined && message.id === this.#releasing) this.close('closed');
  }

  /** Callbacks among the arguments die with this peer: comlink's own would wait for ever. */
  #withCallbacks(message: ControlMessage | undefined): unknown {
    if (!message?.argumentList) return message;
    const argumentList = message.argumentList.map((argument) =>
      isCallback(argument)
        ? { type: 'RAW', value: connectControl<object>(argument.value, this.#options).remote }
        : argument,
    );
    return { ...message, argumentList };
  }

  #refuse(id: string | undefined, code: 'closed' | 'peer_gone'): void {
    const text = code === 'closed' ? 'The control connection was released.' : 'The peer of a control connection died.';
    const value: WireThrown = { isError: true, error: encodeError(new SimulatorError(code, text)) };
    // As an answer that comes later, like any other: comlink files the call after it posted it.
    queueMicrotask(() => this.#dispatch({ id, type: 'HANDLER', name: 'throw', value }, ''));
  }

  #dispatch(data: unknown, origin: string): void {
    const event = new MessageEvent('message', { data, origin });
    for (const listener of [...this.#listeners.values()]) listener(event);
  }
}

const FAREWELL = 'FAREWELL';
const CALLS = new Set<unknown>(['GET', 'SET', 'APPLY', 'CONSTRUCT', 'ENDPOINT', 'RELEASE']);

function isCallback(argument: unknown): argument is { value: MessagePort } {
  if (typeof argument !== 'object' || argument === null) return false;
  const { type, name, value } = argument as Readonly<Record<string, unknown>>;
  return type === 'HANDLER' && name === 'proxy' && value instanceof MessagePort;
}

/** An error as data. */
interface ErrorRecord {
  readonly name: string;
  readonly message: string;
  readonly stack: string | undefined;
  /** own enumerable properties that structured clone takes */
  readonly own: Readonly<Record<string, unknown>>;
  /** a DOMException: its name decides its code */
  readonly isDom?: true;
  readonly cause?: WireThrown;
  readonly code?: SimulatorErrorCode;
  readonly location?: SourceLocation;
}

type WireThrown =
  | { readonly isError: true; readonly error: ErrorRecord }
  | { readonly isError: false; readonly value: unknown };

const CLASSES: Readonly<Record<string, ErrorConstructor | undefined>> = {
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

/** How deep causes are followed: they can form a circle. */
const CAUSE_DEPTH = 8;

function encodeThrown(value: unknown, depth = 0): WireThrown {
  if (value instanceof Error) return { isError: true, error: encodeError(value, depth) };
  return { isError: false, value: isCloneable(value) ? value : String(value) };
}

function encodeError(error: Error, depth = 0): ErrorRecord {
  const own = Object.entries(error).filter(([key, value]) => !OWN_FIELDS.has(key) && isCloneable(value));
  return {
    name: error.name,
    message: error.message,
    stack: error.stack,
    own: Object.fromEntries(own),
    ...(error instanceof DOMException ? { isDom: true } : {}),
    ...('cause' in error && depth < CAUSE_DEPTH ? { cause: encodeThrown(error.cause, depth + 1) } : {}),
    ...(isSimulatorError(error) ? { code: error.code } : {}),
    ...(isSimulatorError(error) && error.location ? { location: error.location } : {}),
  };
}

/** What the record says in fields of its own. */
const OWN_FIELDS = new Set(['name', 'message', 'stack', 'cause']);

function decodeThrown(thrown: WireThrown): unknown {
  return thrown.isError ? decodeError(thrown.error) : thrown.value;
}

function decodeError(record: ErrorRecord): Error {
  const options = record.cause ? { cause: decodeThrown(record.cause) } : {};
  const error = rebuild(record, options);
  if (error.name !== record.name) define(error, 'name', record.name);
  define(error, 'stack', record.stack);
  return Object.assign(error, record.own);
}

function rebuild(record: ErrorRecord, options: ErrorOptions): Error {
  const { code, location, message, name } = record;
  if (code) return new SimulatorError(code, message, location ? { ...options, location } : options);
  if (record.isDom) return new DOMException(message, name);
  return new (CLASSES[name] ?? Error)(message, options);
}

/** Not enumerable, as on every error. */
function define(error: Error, key: 'name' | 'stack', value: string | undefined): void {
  Object.defineProperty(error, key, { value, writable: true, configurable: true, enumerable: false });
}

function isCloneable(value: unknown): boolean {
  if (typeof value === 'function' || typeof value === 'symbol') return false;
  if (typeof value !== 'object' || value === null) return true;
  try {
    structuredClone(value);
    return true;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'DataCloneError') return false;
    throw error;
  }
}

// comlink's own keeps name, message and stack only. Its test for what is thrown stays: it knows the private mark.
const thrownByComlink = must(transferHandlers.get('throw'), "comlink's handler of what is thrown");
transferHandlers.set('throw', {
  canHandle: thrownByComlink.canHandle,
  serialize: (thrown) => [encodeThrown((thrown as { value: unknown }).value), []],
  deserialize: (thrown) => {
    throw decodeThrown(thrown as WireThrown);
  },
});
