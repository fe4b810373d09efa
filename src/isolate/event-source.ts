/**
 * `EventSource` as a Worker sees it: asks by the program's own `fetch`, or reads a stream that it has.
 *
 *     CONNECTING --an answer that is a stream of events--> OPEN --its end, or an error--> CONNECTING, later again
 *       \-----------------an answer that is none----------------------------------------> CLOSED
 *     OPEN, from a stream --its end, or an error--> CLOSED                 close() --> CLOSED, from everywhere
 *
 * Promise: texts, states and waits are workerd's (1.20260730, as observed). What arrives comes through the gates, because
 * `fetch` and the timers do; a listener that throws ends the connection and is told to the listeners of `error`.
 */
import { shapePrototype } from '../base/platform-objects.ts';
import {
  addListener,
  mathMax,
  mathMin,
  objectDefineProperty,
  promiseResolve,
  promiseThen,
  readableGetReader,
  readerRead,
  reflectApply,
  textDecoderDecode,
} from '../base/primordials.ts';
import { isDictionary } from '../base/shapes.ts';
import { EventStreamReader, type StreamEvent } from './event-stream.ts';
import { ownMessageFields } from './globals-events.ts';
import { type AnyConstructor, fieldError, named, parameterError, shapeClass } from './native-shape.ts';
import { type EventClasses, requiresNew } from './web-socket-classes.ts';

export interface EventSourceParts {
  /** the native classes, as they were before the program */
  readonly events: Pick<EventClasses, 'Event' | 'MessageEvent' | 'ErrorEvent'>;
  /** Dispatches on the native EventTarget; what a listener threw, if one did. */
  dispatch(target: EventTarget, event: Event): { readonly error: unknown } | undefined;
  fetch(...args: unknown[]): Promise<Response>;
  /** of whoever's code runs, on its clock */
  readonly timers: { setTimeout(run: () => void, delayMs: number): number; clearTimeout(id: number): void };
  /** what may stand as `fetcher` */
  isFetcher(value: unknown): value is { fetch: EventSourceParts['fetch'] };
  isGlobalScope(): boolean;
  /** what a listener of `error` threw: nobody else is there to hear it */
  log(error: unknown): void;
}

type Handler = (event: Event) => unknown;
type Stream = ReadableStream<unknown>;

const STATES = { CONNECTING: 0, OPEN: 1, CLOSED: 2 } as const;
const EVENTS = ['open', 'message', 'error'] as const;
const DEFAULT_RETRY_MS = 2000;
/** What a server may ask for: less and more are taken for these. */
const RETRY_MIN_MS = 1000;
const RETRY_MAX_MS = 10_000;
const DICTIONARY = 'EventSourceInit';

const NativeStream = ReadableStream;
const NativeURL = URL;
const NativeController = AbortController;
const NativeDecoder = TextDecoder;
const NativeException = DOMException;

class EventSource extends EventTarget {
  readonly #parts: EventSourceParts;
  readonly #url: string;
  readonly #handlers: Record<string, Handler | null> = { open: null, message: null, error: null };
  readonly #fetch: EventSourceParts['fetch'];
  #state: number = STATES.CONNECTING;
  #lastEventId = '';
  #retryMs = DEFAULT_RETRY_MS;
  /** of the connection that is open or being opened */
  #ending: AbortController | undefined;
  #timer: number | undefined;

  constructor(parts: EventSourceParts, given: readonly unknown[] | Stream) {
    super();
    this.#parts = parts;
    for (const type of EVENTS) {
      addListener(this, type, (event) => {
        const handler = this.#handlers[type];
        if (handler) reflectApply(handler, this, [event]);
      });
    }
    if (given instanceof NativeStream) {
      this.#url = '';
      this.#fetch = parts.fetch;
      this.#state = STATES.OPEN;
      // The stream is not locked yet when `from` comes back.
      void promiseThen(promiseResolve(), () => this.#readGiven(given));
      return;
    }
    const { url, fetch } = readArguments(parts, given);
    assertInEvent(parts);
    this.#url = url;
    this.#fetch = fetch;
    void this.#connect();
  }

  close(): void {
    this.#state = STATES.CLOSED;
    this.#ending?.abort();
    if (this.#timer !== undefined) this.#parts.timers.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  get url(): string {
    return this.#url;
  }
  get withCredentials(): boolean {
    return false;
  }
  get readyState(): number {
    return this.#state;
  }
  get onopen(): Handler | null {
    return this.#handlers['open'] ?? null;
  }
  set onopen(handler: unknown) {
    this.#handlers['open'] = handlerOf(handler);
  }
  get onmessage(): Handler | null {
    return this.#handlers['message'] ?? null;
  }
  set onmessage(handler: unknown) {
    this.#handlers['message'] = handlerOf(handler);
  }
  get onerror(): Handler | null {
    return this.#handlers['error'] ?? null;
  }
  set onerror(handler: unknown) {
    this.#handlers['error'] = handlerOf(handler);
  }

  async #readGiven(stream: Stream): Promise<void> {
    if (this.#isClosed) return;
    const error = await this.#read(stream, null);
    if (!this.#isClosed) this.#fail(error, STATES.CLOSED);
  }

  async #connect(): Promise<void> {
    const ending = new NativeController();
    this.#ending = ending;
    const error = (await promiseThen(this.#listen(ending.signal), undefined, (thrown: unknown) => ({
      thrown,
      isFinal: false,
    }))) as { thrown: unknown; isFinal: boolean };
    if (this.#isClosed) return;
    this.#fail(error.thrown, error.isFinal ? STATES.CLOSED : STATES.CONNECTING);
    if (this.#isClosed) return;
    this.#timer = this.#parts.timers.setTimeout(() => {
      this.#timer = undefined;
      void this.#connect();
    }, this.#retryMs);
  }

  /** Comes back when the connection has ended. */
  async #listen(signal: AbortSignal): Promise<{ thrown: unknown; isFinal: boolean }> {
    const headers: Record<string, string> = { accept: 'text/event-stream', 'cache-control': 'no-cache' };
    if (this.#lastEventId !== '') headers['last-event-id'] = this.#lastEventId;
    const response = await this.#fetch(this.#url, { headers, signal });
    const refusal = refusalOf(response);
    if (refusal !== undefined) return { thrown: new NativeException(refusal, 'AbortError'), isFinal: true };
    if (!this.#isClosed) {
      this.#state = STATES.OPEN;
      const failed = this.#parts.dispatch(this, new this.#parts.events.Event('open'));
      if (failed) return { thrown: failed.error, isFinal: false };
    }
    const { origin } = new NativeURL(response.url || this.#url);
    const thrown = response.body ? await this.#read(response.body, origin) : disconnected();
    return { thrown, isFinal: false };
  }

  /** Tells the events of a stream; comes back with what ended it. */
  async #read(stream: Stream, origin: string | null): Promise<unknown> {
    const lines = new EventStreamReader(this.#lastEventId);
    const decoder = new NativeDecoder();
    try {
      const reader = readableGetReader(stream);
      for (;;) {
        const { done, value } = await readerRead(reader);
        if (done) return disconnected();
        if (this.#isClosed) return undefined;
        const text =
          typeof value === 'string'
            ? value
            : textDecoderDecode(decoder, value as Uint8Array<ArrayBuffer>, { stream: true });
        const events = lines.read(text);
        for (let i = 0; i < events.length; i++) {
          const { type, ...init } = events[i] as StreamEvent;
          this.#lastEventId = init.lastEventId;
          const event = ownMessageFields(new this.#parts.events.MessageEvent(type, init));
          // Null for an event of a stream that was given.
          objectDefineProperty(event, 'origin', { value: origin, enumerable: true });
          const failed = this.#parts.dispatch(this, event);
          if (failed) return failed.error;
        }
        this.#lastEventId = lines.lastEventId;
        if (lines.retryMs !== undefined) {
          this.#retryMs = mathMin(mathMax(lines.retryMs, RETRY_MIN_MS), RETRY_MAX_MS);
        }
      }
    } catch (error) {
      return error;
    }
  }

  // Behind a getter, because it changes while something is waited for.
  get #isClosed(): boolean {
    return this.#state === STATES.CLOSED;
  }

  #fail(error: unknown, state: number): void {
    this.#state = state;
    const failed = this.#parts.dispatch(this, new this.#parts.events.ErrorEvent('error', { error }));
    if (failed) this.#parts.log(failed.error);
  }
}

export function makeEventSource(parts: EventSourceParts): AnyConstructor {
  const visible = requiresNew(EventSource, 'EventSource', (args) => [parts, args]);
  const from = (...[stream]: unknown[]): EventSource => {
    if (!(stream instanceof NativeStream)) throw parameterError('from', 'EventSource', 1, 'ReadableStream');
    assertInEvent(parts);
    if (stream.locked) throw new TypeError('This ReadableStream is locked.');
    return new EventSource(parts, stream);
  };
  objectDefineProperty(EventSource, 'from', { value: named('from', from), configurable: true, writable: true });
  shapeClass(EventSource, 'EventSource');
  shapePrototype(EventSource.prototype, 'EventSource', visible);
  for (const [name, value] of Object.entries(STATES)) {
    for (const on of [EventSource, EventSource.prototype]) objectDefineProperty(on, name, { value, enumerable: true });
  }
  return visible;
}

function assertInEvent({ isGlobalScope }: EventSourceParts): void {
  if (!isGlobalScope()) return;
  const text = 'An EventSource can only be created within the context of a worker request.';
  throw new NativeException(text, 'NotSupportedError');
}

function handlerOf(given: unknown): Handler | null {
  return typeof given === 'function' ? (given as Handler) : null;
}

function disconnected(): Error {
  return new Error('The server disconnected.');
}

/** Why an answer is no stream of events, as a sentence. */
function refusalOf({ ok, status, headers }: Response): string | undefined {
  if (!ok) return `The response status code was ${status}.`;
  const type = headers.get('content-type');
  if (!type) return 'No content type header was present in the response.';
  if (/^\s*text\/event-stream\s*(;|$)/i.test(type)) return undefined;
  return `The content type '${type}' is invalid.`;
}

function readArguments(parts: EventSourceParts, [given, init]: readonly unknown[]) {
  if (given === undefined) throw parameterError('', 'EventSource', 1, 'string', 'construct');
  if (!isDictionary(init)) {
    throw parameterError('', 'EventSource', 2, DICTIONARY, 'construct');
  }
  const { withCredentials, fetcher } = (init ?? {}) as { withCredentials?: unknown; fetcher?: unknown };
  if (fetcher !== undefined && fetcher !== null && !parts.isFetcher(fetcher)) {
    throw fieldError('fetcher', DICTIONARY, 'Fetcher');
  }
  if (withCredentials) {
    const text = 'The init.withCredentials option is not supported. It must be false or undefined.';
    throw new NativeException(text, 'NotSupportedError');
  }
  const { href } = parsed(`${given as string}`);
  const fetch = fetcher ? (...args: unknown[]) => fetcher.fetch(...args) : parts.fetch;
  return { url: href, fetch };
}

function parsed(text: string): URL {
  try {
    return new NativeURL(text);
  } catch {
    throw new NativeException(`Cannot open an EventSource to '${text}'. The URL is invalid.`, 'SyntaxError'); // its one error
  }
}
