/**
 * Requests and responses on a link.
 *
 * Promise: url, method, status and every header arrive as they were, `Set-Cookie` and repeated ones included; a body
 * streams, with back-pressure and cancellation, and a small one whose bytes are known travels inside its message. What
 * `stub.fetch` refuses it refuses with the platform's text.
 *
 * Knows neither stubs nor sessions, nor how a Request is made: that is given (`HttpMessages`). An isolate gives its own
 * classes, a page the browser's.
 */
import { signalReason } from '../base/abort-signals.ts';
import { bytesIn, encodeText, utf8 } from '../base/bytes.ts';
import { readDataUrl } from '../base/data-url.ts';
import { flowSize } from '../base/flows.ts';
import { instanceHandler } from '../base/instance-handlers.ts';
import {
  NativeUint8Array,
  reflectApply,
  regExpExec,
  stringIndexOf,
  stringSlice,
  typedArrayLength,
  typedArraySlice,
} from '../base/primordials.ts';
import { isSealed, type Sealed, seal, unseal } from '../base/sealed.ts';
import { isPromise } from '../base/thenables.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { WireBody, WireRequest, WireResponse } from '../protocol/messages.ts';
import type { SocketReference } from '../protocol/sockets.ts';
import type { RpcContext } from './context.ts';
import { type ErrorCodec, reasonAsThrown } from './errors.ts';
import type { HeaderPairs, HttpMessages, ResponseParts } from './http-messages.ts';
import { Interest, isOfRequest, isReasonOfRequest } from './interest.ts';
import { type HttpClasses, nativeMessages } from './native-messages.ts';
import { BodyReader, OutgoingBody } from './streams.ts';
import { fetchedUrl, type StubSurface } from './stub-shortcuts.ts';

export interface HttpCodecOptions {
  /** the browser's classes, or what an isolate has instead */
  classes: HttpClasses | HttpMessages;
  errors: ErrorCodec;
  sockets: SocketPassage;
  /** which addresses `fetch` of a stub takes */
  surface: StubSurface;
  /** compatibility flag enable_request_signal; default: such a signal never aborts */
  givesSignals?: boolean;
  /** who gives a request up gets its reason as it is, as in a browser; default: a copy that is an error */
  keepsReasons?: boolean;
  /** compatibility flag request_signal_passthrough; default: such a signal ends nothing that it is given to */
  passesSignalsOn?: boolean;
  /** compatibility flag unwrap_custom_thenables; default true */
  unwrapsThenables?: boolean;
}

/** How the WebSocket of a response of status 101 travels: by a reference to who holds its other end. */
export interface SocketPassage {
  /** @throws TypeError with the platform's text */
  give(webSocket: object): SocketReference;
  take(reference: SocketReference): object;
}

export interface OutgoingRequest {
  readonly head: Omit<WireRequest, 'body'>;
  readonly body: OutgoingBody;
  readonly signal: AbortSignal | undefined;
  readonly redirect: 'follow' | 'manual';
  /** what the response's `url` is, unless redirects led elsewhere */
  readonly shownUrl: string;
  /** the answer to a request for data, which is not to be sent */
  readonly data: Response | undefined;
}

export interface OutgoingResponse {
  readonly head: Omit<WireResponse, 'body'>;
  readonly body: OutgoingBody;
}

export class HttpCodec {
  readonly #messages: HttpMessages;
  readonly #errors: ErrorCodec;
  readonly #sockets: SocketPassage;
  readonly #surface: StubSurface;
  readonly #givesSignals: boolean;
  readonly #passesSignalsOn: boolean;
  readonly #keepsReasons: boolean;
  readonly #unwrapsThenables: boolean;

  constructor(options: HttpCodecOptions) {
    const { classes, errors, sockets, surface, givesSignals = false } = options;
    this.#surface = surface;
    this.#messages = 'takeRequest' in classes ? classes : nativeMessages(classes);
    this.#errors = errors;
    this.#sockets = sockets;
    this.#givesSignals = givesSignals;
    this.#passesSignalsOn = options.passesSignalsOn ?? false;
    this.#keepsReasons = options.keepsReasons ?? false;
    this.#unwrapsThenables = options.unwrapsThenables ?? true;
  }

  /** What `fetch(input, init)` asks for. @throws TypeError with the platform's text */
  buildRequest(input: unknown, init: unknown, context: RpcContext): OutgoingRequest {
    const messages = this.#messages;
    const options = (init ?? {}) as RequestInit;
    const source = messages.isRequest(input) ? (input as Request) : fetchedUrl(String(input), this.#surface);
    if ((options.redirect as string | undefined) === 'error') throw new TypeError(REDIRECT_ERROR);
    const method = options.method ?? (typeof source === 'string' ? 'GET' : source.method);
    if (/^(get|head)$/i.test(method) && options.body !== undefined && options.body !== null) {
      throw new TypeError('Request with a GET or HEAD method cannot have a body.');
    }
    // What a Request has as an init stands on its prototype.
    const given = messages.isRequest(init) ? init : { ...options, duplex: 'half' };
    const request = new messages.Request(source as never, given as never);
    const { url, headers, redirect, signal, body, ...taken } = messages.takeRequest(request);
    const data = dataAnswer(url, taken.method);
    if (!data && !isLoadable(url)) throw cannotLoad(typeof source === 'string' ? source : url);
    const bytes = body instanceof NativeUint8Array ? body : bytesOfInit(options.body);
    const stream = bytes || body instanceof NativeUint8Array ? null : body;
    return {
      head: {
        method: taken.method,
        url: sentUrl(url),
        headers: withLength(headers, bytes ? typedArrayLength(bytes) : stream && flowSize(stream), stream !== null),
        // The callee never follows: it is the caller that does. workerd shows 'manual' there.
        redirect: 'manual',
        ...(taken.cf === undefined ? {} : { cf: JSON.stringify(taken.cf) }),
      },
      body: new OutgoingBody({ bytes, stream, context, errors: this.#errors, replayable: true, whenLeft: 'told' }),
      signal: this.ending(options.signal ?? (typeof source === 'string' ? undefined : signal)),
      redirect: redirect === 'manual' ? 'manual' : 'follow',
      shownUrl: shownUrl(url),
      data: data && messages.responseFrom(data, { mutableHeaders: true }),
    };
  }

  /** The platform makes an error of the reason on the way: of a text one, of an error another (seen). A page gets the reason itself. */
  whyGivenUp(signal: AbortSignal): unknown {
    const reason = signalReason(signal);
    if (this.#keepsReasons || isOfRequest(signal)) return reason;
    return reasonAsThrown(this.#errors, signal, !isReasonOfRequest(reason as object));
  }

  /** What of a signal that was given to a request may end it. */
  ending(signal: AbortSignal | undefined | null): AbortSignal | undefined {
    if (!signal || (!this.#passesSignalsOn && isOfRequest(signal))) return undefined;
    return signal;
  }

  /** Takes a body up, at once, so that its chunks find a reader; undefined when there is none. */
  acceptBody(body: WireBody, link: LinkEnd): BodyReader | undefined {
    switch (body.kind) {
      case 'none':
        return undefined;
      case 'bytes':
        return new BodyReader(body.bytes, this.#errors);
      case 'stream':
        return new BodyReader(link.acceptStream(body.stream), this.#errors);
      default:
        return body satisfies never;
    }
  }

  /** What a request is given that is delivered now; undefined where the program does not want it. */
  interest(context: RpcContext): Interest | undefined {
    return this.#givesSignals ? new Interest(context) : undefined;
  }

  makeRequest(
    wire: WireRequest,
    body: BodyReader | undefined,
    { context, done, signal }: { context: RpcContext; done: () => void; signal: AbortSignal | undefined },
  ): Request {
    const { method, url, headers, redirect } = wire;
    const cf = wire.cf === undefined ? undefined : parseCf(wire.cf);
    return this.#messages.requestFrom({
      method,
      url,
      headers,
      redirect,
      cf,
      body: body?.toBody(context, done) ?? null,
      signal,
      isIncoming: true,
      lease: body?.lease,
    });
  }

  /**
   * Calls the fetch handler.
   *
   * @returns a promise, or a Response in a box: one that has a `then` is not to be asked for another
   * @throws Error with the platform's text when there is none, or what the handler throws
   */
  callHandler(target: object, request: Request, extra: readonly unknown[]): unknown {
    const handler = instanceHandler(target, 'fetch');
    if (typeof handler !== 'function') throw new Error('Handler does not export a fetch() function.');
    const result = reflectApply(handler, target, [request, ...extra]);
    if (isPromise(result)) return result;
    if (this.#unwrapsThenables && typeof (result as { then?: unknown } | null | undefined)?.then === 'function') {
      return result;
    }
    // What is no promise must be a Response already.
    if (!this.#messages.isResponse(result)) throw new TypeError("Callback returned incorrect type; expected 'Promise'");
    return seal(result as Response);
  }

  /**
   * @param given  what `callHandler` returned, awaited
   * @throws TypeError with the platform's text
   */
  assertResponse(given: unknown): Response {
    if (isSealed(given)) return unseal(given as Sealed<Response>);
    if (this.#messages.isResponse(given)) return given as Response;
    throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
  }

  /**
   * Takes a handler's response apart; its body is used from now on.
   *
   * @throws TypeError when it was used before, or brings a WebSocket to who did not ask for one
   */
  readResponse(response: Response, request: WireRequest, context: RpcContext): OutgoingResponse {
    const { status, statusText, headers, body, webSocket } = this.#messages.takeResponse(response);
    if (webSocket && !isUpgrade(request)) throw new TypeError(NOT_ASKED);
    const bytes = body instanceof NativeUint8Array ? body : undefined;
    const stream = body instanceof NativeUint8Array ? null : body;
    // Only a Worker's requests have contexts that adopt.
    const whenLeft = context.adopt ? 'told-if-writing' : 'untold';
    return {
      head: {
        ...{ status, statusText, headers, url: '' },
        ...(webSocket ? { webSocket: this.#sockets.give(webSocket as object) } : {}),
      },
      body: new OutgoingBody({ bytes, stream, context, errors: this.#errors, replayable: false, whenLeft }),
    };
  }

  /** `url` is the one that was asked for; `redirected` is true when it is not the first. */
  makeResponse(
    wire: WireResponse,
    body: BodyReader | undefined,
    { url, redirected, context, done }: { url: string; redirected: boolean; context: RpcContext; done: () => void },
  ): Response {
    const { status, statusText, headers, webSocket: reference } = wire;
    const webSocket = reference && this.#sockets.take(reference);
    const taken = body?.toBody(context, done) ?? null;
    return this.#messages.responseFrom({ status, statusText, headers, url, redirected, body: taken, webSocket });
  }
}

/** What `fetch` of data gives, which asks nobody; undefined for any other address. */
export function dataAnswer(url: string, method: string): ResponseParts | undefined {
  const data = readDataUrl(url);
  if (!data) return undefined;
  const headers: HeaderPairs = [['content-type', data.type]];
  const body = method === 'GET' ? data.bytes : null;
  return { status: 200, statusText: 'OK', headers, body, url: '', redirected: false };
}

export function isLoadable(url: string): boolean {
  return regExpExec(/^https?:/i, url) !== null;
}

/** @param url  as it was given */
export function cannotLoad(url: string): TypeError {
  return new TypeError(`Fetch API cannot load: ${url}`);
}

/** What the caller sees of a url: no fragment. */
function shownUrl(url: string): string {
  const at = stringIndexOf(url, '#');
  return at < 0 ? url : stringSlice(url, 0, at);
}

/** Where a redirect leads and how; undefined when the response is none that is followed. */
export function redirectOf(
  response: Pick<WireResponse, 'status' | 'headers'>,
  request: Omit<WireRequest, 'body'>,
): { head: Omit<WireRequest, 'body'>; keepsBody: boolean } | undefined {
  const { status } = response;
  if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308) return undefined;
  const location = response.headers.find(([name]) => name === 'location')?.[1];
  if (!location) return undefined;
  const url = locationOf(location, request.url);
  const { method } = request;
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST';
  if (!becomesGet) return { head: { ...request, url }, keepsBody: true };
  const headers = request.headers.filter(([name]) => name !== 'content-length' && name !== 'transfer-encoding');
  return { head: { ...request, method: 'GET', url, headers }, keepsBody: false };
}

/** Any scheme will do, if there is a host. */
function locationOf(location: string, base: string): string {
  const url = URL.canParse(location, base) ? new URL(location, base).href : '';
  if (regExpExec(/^[^:]+:\/\/[^/]/, url) === null) {
    throw new TypeError('Invalid Location header; unable to follow redirect.');
  }
  return url;
}

/** The request that follows one that was redirected. */
export function followed(request: OutgoingRequest, head: OutgoingRequest['head']): OutgoingRequest {
  return { ...request, head: { ...head, url: sentUrl(head.url) }, shownUrl: shownUrl(head.url) };
}

/** Whoever gets it cannot change it. What is no JSON is nothing. */
function parseCf(text: string): unknown {
  try {
    return JSON.parse(text, (_key, value: unknown) => Object.freeze(value));
  } catch {
    return undefined; // a peer of ours writes JSON; what another one says of the client is worth nothing
  }
}

function isUpgrade({ headers }: WireRequest): boolean {
  return headers.some(([name, value]) => name === 'upgrade' && /^websocket$/i.test(value));
}

/** @see workerd: api/http.c++ */
const NOT_ASKED =
  'Worker tried to return a WebSocket in a response to a request which did not contain the header "Upgrade: websocket".';

/** What the callee sees of a url: neither fragment nor user info. */
function sentUrl(url: string): string {
  const parsed = new URL(url);
  parsed.hash = '';
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** A copy of the bytes that a body is made of, where that can be told without reading. */
function bytesOfInit(body: unknown): Uint8Array | undefined {
  if (typeof body === 'string') return encodeText(body);
  if (body instanceof URLSearchParams) return utf8(body.toString());
  const bytes = bytesIn(body);
  return bytes && typedArraySlice(bytes);
}

/** workerd tells the callee the length of a body when it knows it, and that it is chunked when not. */
function withLength(headers: HeaderPairs, size: number | null | undefined, isStream: boolean): HeaderPairs {
  if (headers.some(([name]) => name === 'content-length' || name === 'transfer-encoding')) return headers;
  if (typeof size === 'number') return [['content-length', `${size}`], ...headers];
  return isStream ? [...headers, ['transfer-encoding', 'chunked']] : headers;
}

const REDIRECT_ERROR =
  'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not make ' +
  'sense at the edge; use "manual" and check the response status code).';

/** As in workerd; the text then lists every url. */
export const REDIRECTS_MAX = 20;
export const BODY_GONE =
  'A request with a one-time-use body (it was initialized from a stream, not a buffer) encountered a redirect requiring ' +
  'the body to be retransmitted. To avoid this error in the future, construct this request from a buffer-like body initializer.';
