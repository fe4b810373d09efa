/**
 * Requests and responses on a link.
 *
 * Promise: url, method, status and every header arrive as they were, `Set-Cookie` and repeated ones included; a body
 * streams, with back-pressure and cancellation, and a small one whose bytes are known travels inside its message. What
 * `stub.fetch` refuses it refuses with the platform's text.
 *
 * Knows neither stubs nor sessions. The classes are given: a page has the browser's, an isolate its own. What they carry
 * must be accessors on their prototype chains: those are captured here, before user code can change them.
 */
import { utf8 } from '../base/bytes.ts';
import { reflectApply, uncurryGetter, uncurryThis } from '../base/primordials.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { WireBody, WireRequest, WireResponse } from '../protocol/messages.ts';
import type { ErrorCodec } from './errors.ts';
import type { RpcContext } from './session.ts';
import { BodyReader, OutgoingBody } from './streams.ts';

export interface HttpClasses {
  Request: typeof Request;
  Response: typeof Response;
  Headers: typeof Headers;
  /** the body's bytes if the class knows them without reading (made from text or a buffer) and nobody read it yet */
  bytesOf?: (message: Request | Response) => Uint8Array | undefined;
}

export interface HttpCodecOptions {
  classes: HttpClasses;
  errors: ErrorCodec;
}

type HeaderPairs = (readonly [string, string])[];

export interface OutgoingRequest {
  readonly head: Omit<WireRequest, 'body'>;
  readonly body: OutgoingBody;
  readonly signal: AbortSignal | undefined;
  readonly redirect: 'follow' | 'manual';
}

export interface OutgoingResponse {
  readonly head: Omit<WireResponse, 'body'>;
  readonly body: OutgoingBody;
}

export class HttpCodec {
  readonly #classes: HttpClasses;
  readonly #errors: ErrorCodec;
  readonly #read: Accessors;

  constructor({ classes, errors }: HttpCodecOptions) {
    this.#classes = classes;
    this.#errors = errors;
    this.#read = captureAccessors(classes);
  }

  /** What `fetch(input, init)` asks for. @throws TypeError with the platform's text */
  buildRequest(input: unknown, init: unknown, context: RpcContext): OutgoingRequest {
    const options = (init ?? {}) as RequestInit;
    const { Request } = this.#classes;
    const isRequest = input instanceof Request;
    if (!isRequest) assertAbsoluteUrl(String(input));
    const method = (options.method ?? (isRequest ? this.#read.method(input) : 'GET')).toUpperCase();
    if ((method === 'GET' || method === 'HEAD') && options.body !== undefined && options.body !== null) {
      throw new TypeError('Request with a GET or HEAD method cannot have a body.');
    }
    if ((options.redirect as string | undefined) === 'error') throw new TypeError(REDIRECT_ERROR);
    const bytes = isRequest && options.body === undefined ? this.#classes.bytesOf?.(input) : bytesOfInit(options.body);
    const source = isRequest ? input : String(input);
    const request = new Request(source, { ...options, duplex: 'half' } as RequestInit);
    const stream = bytes ? null : this.#read.requestBody(request);
    const headers = this.#pairs(this.#read.requestHeaders(request));
    describeLength(headers, bytes, stream !== null);
    const url = this.#read.requestUrl(request);
    const fragment = url.indexOf('#');
    return {
      head: {
        method: this.#read.method(request),
        url: fragment < 0 ? url : url.slice(0, fragment),
        headers,
        // The callee never follows: it is the caller that does. workerd shows 'manual' there.
        redirect: 'manual',
      },
      body: new OutgoingBody({ bytes, stream, context, errors: this.#errors, replayable: true }),
      signal: options.signal ?? (isRequest ? this.#read.signal(input) : undefined) ?? undefined,
      redirect: this.#read.redirect(request) === 'manual' ? 'manual' : 'follow',
    };
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

  makeRequest(wire: WireRequest, body: BodyReader | undefined, context: RpcContext, done: () => void): Request {
    return new this.#classes.Request(wire.url, {
      method: wire.method,
      headers: this.#headers(wire.headers),
      redirect: wire.redirect,
      ...(body && { body: body.toBodyInit(context, done) as BodyInit, duplex: 'half' }),
    } as RequestInit);
  }

  /** Calls the fetch handler. @throws Error with the platform's text when there is none, or what the handler throws */
  callHandler(target: object, request: Request, extra: readonly unknown[]): unknown {
    const handler = (target as { fetch?: unknown }).fetch;
    if (typeof handler !== 'function') throw new Error('Handler does not export a fetch() function.');
    return reflectApply(handler, target, [request, ...extra]);
  }

  /** @throws TypeError with the platform's text */
  assertResponse(value: unknown): Response {
    if (value instanceof this.#classes.Response) return value;
    throw new TypeError("Incorrect type for Promise: the Promise did not resolve to 'Response'.");
  }

  /** Takes a handler's response apart; its body is used from now on. @throws TypeError when it was used before */
  readResponse(response: Response, context: RpcContext): OutgoingResponse {
    const body = this.#read.responseBody(response);
    if (this.#read.bodyUsed(response) || body?.locked) throw new TypeError(BODY_USED);
    const bytes = body ? this.#classes.bytesOf?.(response) : undefined;
    return {
      head: {
        status: this.#read.status(response),
        statusText: this.#read.statusText(response),
        headers: this.#pairs(this.#read.responseHeaders(response)),
        url: '',
      },
      body: new OutgoingBody({ bytes, stream: bytes ? null : body, context, errors: this.#errors, replayable: false }),
    };
  }

  /** `url` is the one that was asked for; `redirected` is true when it is not the first. */
  makeResponse(
    wire: WireResponse,
    body: BodyReader | undefined,
    { url, redirected, context, done }: { url: string; redirected: boolean; context: RpcContext; done: () => void },
  ): Response {
    const init = { status: wire.status, statusText: wire.statusText, headers: this.#headers(wire.headers) };
    const response = new this.#classes.Response(
      (body?.toBodyInit(context, done) as BodyInit | undefined) ?? null,
      init,
    );
    Object.defineProperty(response, 'url', { value: url, configurable: true });
    Object.defineProperty(response, 'redirected', { value: redirected, configurable: true });
    return response;
  }

  #headers(pairs: WireRequest['headers']): Headers {
    const headers = new this.#classes.Headers();
    for (let i = 0; i < pairs.length; i++) {
      const [name, value] = pairs[i] as readonly [string, string];
      this.#read.append(headers, name, value);
    }
    return headers;
  }

  #pairs(headers: Headers): HeaderPairs {
    const pairs: HeaderPairs = [];
    this.#read.forEach(headers, (value, name) => {
      pairs[pairs.length] = [name, value];
    });
    return pairs;
  }
}

/** Where a redirect leads and how; undefined when the response is none that is followed. */
export function redirectOf(
  response: Pick<WireResponse, 'status' | 'headers'>,
  request: Omit<WireRequest, 'body'>,
): { head: Omit<WireRequest, 'body'>; keepsBody: boolean } | undefined {
  const { status } = response;
  if (status !== 301 && status !== 302 && status !== 303 && status !== 307 && status !== 308) return undefined;
  const location = response.headers.find(([name]) => name === 'location')?.[1];
  if (location === undefined) return undefined;
  const url = new URL(location, request.url).href;
  const { method } = request;
  const becomesGet = status === 303 ? method !== 'HEAD' : status < 303 && method === 'POST';
  if (!becomesGet) return { head: { ...request, url }, keepsBody: true };
  const headers = request.headers.filter(([name]) => !/^(content-.*|transfer-encoding)$/.test(name));
  return { head: { ...request, method: 'GET', url, headers }, keepsBody: false };
}

interface Accessors {
  method(request: Request): string;
  requestUrl(request: Request): string;
  requestHeaders(request: Request): Headers;
  requestBody(request: Request): ReadableStream | null;
  redirect(request: Request): string;
  signal(request: Request): AbortSignal | undefined;
  status(response: Response): number;
  statusText(response: Response): string;
  responseHeaders(response: Response): Headers;
  responseBody(response: Response): ReadableStream | null;
  bodyUsed(response: Response): boolean;
  forEach(headers: Headers, visit: (value: string, name: string) => void): void;
  append(headers: Headers, name: string, value: string): void;
}

function captureAccessors({ Request, Response, Headers }: HttpClasses): Accessors {
  return {
    method: accessor(Request.prototype, 'method'),
    requestUrl: accessor(Request.prototype, 'url'),
    requestHeaders: accessor(Request.prototype, 'headers'),
    requestBody: accessor(Request.prototype, 'body'),
    redirect: accessor(Request.prototype, 'redirect'),
    signal: accessor(Request.prototype, 'signal'),
    status: accessor(Response.prototype, 'status'),
    statusText: accessor(Response.prototype, 'statusText'),
    responseHeaders: accessor(Response.prototype, 'headers'),
    responseBody: accessor(Response.prototype, 'body'),
    bodyUsed: accessor(Response.prototype, 'bodyUsed'),
    forEach: uncurryThis(Headers.prototype.forEach),
    append: uncurryThis(Headers.prototype.append),
  };
}

/** The accessor nearest to `prototype`; a browser without it (Firefox has no `Request.prototype.body`) reads undefined. */
function accessor<R>(prototype: object, key: string): (self: unknown) => R {
  for (let at: object | null = prototype; at; at = Object.getPrototypeOf(at)) {
    const get = uncurryGetter<R>(at, key);
    if (get) return get;
  }
  return () => undefined as R;
}

function assertAbsoluteUrl(text: string): void {
  if (!URL.canParse(text)) throw new TypeError(`Invalid URL: ${text}`);
  const { protocol } = new URL(text);
  if (protocol !== 'http:' && protocol !== 'https:') throw new TypeError(`Fetch API cannot load: ${text}`);
}

/** A copy of the bytes that a body is made of, where that can be told without reading. */
function bytesOfInit(body: unknown): Uint8Array | undefined {
  if (typeof body === 'string') return utf8(body);
  if (body instanceof URLSearchParams) return utf8(body.toString());
  if (body instanceof ArrayBuffer) return new Uint8Array(body.slice(0));
  if (!ArrayBuffer.isView(body)) return undefined;
  return new Uint8Array(body.buffer, body.byteOffset, body.byteLength).slice();
}

/** workerd tells the callee the length of a body when it knows it, and that it is chunked when not. */
function describeLength(headers: HeaderPairs, bytes: Uint8Array | undefined, isStream: boolean): void {
  if (headers.some(([name]) => name === 'content-length' || name === 'transfer-encoding')) return;
  if (bytes) headers.unshift(['content-length', `${bytes.length}`]);
  else if (isStream) headers.push(['transfer-encoding', 'chunked']);
}

const REDIRECT_ERROR =
  'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not make ' +
  'sense at the edge; use "manual" and check the response status code).';
const BODY_USED = 'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.';
