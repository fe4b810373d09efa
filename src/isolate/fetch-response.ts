/**
 * `Response` as a Worker sees it.
 *
 * Promise: keeps `Set-Cookie`, any status that the platform takes (101 only together with a WebSocket), `cf` and
 * `webSocket`. Texts and order of the checks: workerd 1.20260730, as observed.
 */
import { escapeSurrogates, sentText } from '../base/bytes.ts';
import { uncurryGetter } from '../base/primordials.ts';
import { isDictionary } from '../base/shapes.ts';
import { reasonOf } from '../protocol/status-texts.ts';
import type { BodyState, BodyTools } from './fetch-body.ts';
import { extractBody } from './fetch-body.ts';
import { type BodyClass, bodyWithType, Made, type MessageTools, readCf } from './fetch-message.ts';
import { globalScopeError, parameterError, shapeClass } from './native-shape.ts';

export interface ResponseHead {
  status: number;
  statusText: string;
  headers: Headers;
  url: string;
  redirected: boolean;
  type: 'default' | 'error';
  webSocket: unknown;
  cf: unknown;
}

export interface ResponseFactory {
  readonly Response: typeof globalThis.Response;
  headOf(response: object): ResponseHead;
  make(head: ResponseHead, body: BodyState): globalThis.Response;
}

type Init = Readonly<Record<string, unknown>>;
const DICTIONARY = 'InitializerDict';
const INIT_TYPES = `${DICTIONARY} or Response`;
const NativeURL = URL;
const hrefOf = uncurryGetter<string>(URL.prototype, 'href') as (url: unknown) => string;
const stringify = JSON.stringify;

export function makeResponse(tools: MessageTools, { Body, stateOf }: BodyClass): ResponseFactory {
  let headOf: ResponseFactory['headOf'] | undefined;

  class Response extends Body {
    readonly #head: ResponseHead;

    static {
      headOf = (response) => (response as Response).#head;
    }

    static error(): Response {
      const headers = tools.headers.fromList([], { immutable: false });
      return new Response(new Made({ ...blank(headers), status: 0, statusText: '', type: 'error' }, none(tools)));
    }

    static redirect(...given: unknown[]): Response {
      if (tools.isGlobalScope()) throw globalScopeError();
      return new Response(new Made(redirectHead(tools, given), none(tools)));
    }

    static json(...args: unknown[]): Response {
      const { 0: value, 1: init } = args;
      if (args.length === 0) throw parameterError('json', 'Response', 1, 'JsValue');
      if (!isDictionary(init)) throw parameterError('json', 'Response', 2, INIT_TYPES);
      const made = read(tools, `${stringify(value)}`, init, 'application/json');
      return new Response(made);
    }

    constructor(body?: unknown, init?: unknown) {
      const made = body instanceof Made ? (body as Made<ResponseHead>) : read(tools, body, init);
      super(made.body, made.head.headers);
      this.#head = made.head;
    }

    clone(): Response {
      const head = this.#head;
      if (head.webSocket !== null) throw new TypeError('Cannot clone a response to a WebSocket handshake.');
      const headers = tools.headers.fromList(tools.headers.list(head.headers), {
        immutable: tools.headers.isFrozen(head.headers),
      });
      return new Response(new Made({ ...head, headers }, stateOf(this).tee()));
    }

    get status(): number {
      return this.#head.status;
    }
    get statusText(): string {
      return this.#head.statusText;
    }
    get headers(): Headers {
      return this.#head.headers;
    }
    get ok(): boolean {
      return this.#head.status >= 200 && this.#head.status < 300;
    }
    get redirected(): boolean {
      return this.#head.redirected;
    }
    get url(): string {
      return this.#head.url;
    }
    get webSocket(): unknown {
      return this.#head.webSocket;
    }
    get cf(): unknown {
      return this.#head.cf;
    }
    get type(): string {
      return this.#head.type;
    }
  }

  shapeClass(Response, 'Response');
  return {
    Response: Response as unknown as typeof globalThis.Response,
    headOf: (response) => (headOf as ResponseFactory['headOf'])(response),
    make: (head, body) => new Response(new Made(head, body)) as unknown as globalThis.Response,
  };
}

function blank(headers: Headers): ResponseHead {
  return {
    status: 200,
    statusText: 'OK',
    headers,
    url: '',
    redirected: false,
    type: 'default',
    webSocket: null,
    cf: undefined,
  };
}

function none(tools: BodyTools): BodyState {
  return extractBody(tools, null).state;
}

function read(tools: MessageTools, body: unknown, given: unknown, contentType?: string): Made<ResponseHead> {
  if (!isDictionary(given)) throw parameterError('', 'Response', 2, INIT_TYPES, 'construct');
  const init = (given ?? {}) as Init;
  const givenHeaders = init['headers'];
  const headers =
    givenHeaders === undefined
      ? tools.headers.fromList([], { immutable: false })
      : tools.headers.copy(givenHeaders, DICTIONARY);
  const cf = readCf(init['cf'], DICTIONARY);
  readEncodeBody(init['encodeBody']);
  const webSocket = readWebSocket(tools, init['webSocket']);
  const status = init['status'] === undefined ? 200 : toStatus(init['status']);
  checkStatus(status, webSocket !== null);
  const statusText = readStatusText(init['statusText'], status);
  if (contentType !== undefined && !tools.headers.has(headers, 'content-type'))
    tools.headers.set(headers, 'content-type', contentType);
  const state = bodyWithType(tools, body, headers);
  if (isNullBodyStatus(status) && !state.isEmpty) {
    throw new TypeError('Response with null body status (101, 204, 205, or 304) cannot have a body.');
  }
  return new Made(
    { ...blank(headers), status, statusText, webSocket, cf },
    isNullBodyStatus(status) ? none(tools) : state,
  );
}

function isNullBodyStatus(status: number): boolean {
  return status === 101 || status === 204 || status === 205 || status === 304;
}

/** As WebIDL's conversion to an integer: `204.7` is 204, what is no number is 0. */
function toStatus(given: unknown): number {
  const number = Math.trunc(+(given as number)); // unlike Number, it refuses a BigInt
  return Number.isFinite(number) ? number : 0;
}

function checkStatus(status: number, hasWebSocket: boolean): void {
  if (hasWebSocket) {
    if (status !== 101) throw new RangeError('Responses with a WebSocket must have status code 101.');
  } else if (!(status >= 200 && status <= 599)) {
    throw new RangeError('Responses may only be constructed with status codes in the range 200 to 599, inclusive.');
  }
}

function readStatusText(given: unknown, status: number): string {
  if (given === undefined) return reasonOf(status);
  const text = `${given as string}`;
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\r' || text[i] === '\n' || text[i] === '\0') throw new TypeError('Invalid statusText');
  }
  return sentText(text);
}

function readWebSocket(tools: MessageTools, given: unknown): unknown {
  if (given === undefined || given === null) return null;
  if (tools.isWebSocket(given)) return given;
  throw new TypeError(
    `Incorrect type for the 'webSocket' field on '${DICTIONARY}': the provided value is not of type 'WebSocket'.`,
  );
}

function readEncodeBody(given: unknown): void {
  if (given === undefined || given === 'automatic' || given === 'manual') return;
  throw new TypeError(`encodeBody: unexpected value: ${given as string}`);
}

function redirectHead(tools: MessageTools, given: readonly unknown[]): ResponseHead {
  if (given.length === 0) throw parameterError('redirect', 'Response', 1, 'string');
  const text = `${given[0] as string}`;
  const status = toStatus(given[1] === undefined ? 302 : given[1]);
  if (![301, 302, 303, 307, 308].includes(status)) {
    throw new RangeError(`${status} is not a redirect status code. It must be one of: 301, 302, 303, 307, or 308.`);
  }
  let location: string;
  try {
    const url = hrefOf(new NativeURL(escapeSurrogates(text)));
    location = tools.compatibility.redirectUrls ? url : text;
  } catch {
    throw new TypeError(`Unable to parse URL: ${text}`); // the platform gives no cause
  }
  const headers = tools.headers.fromList([['location', location]], { immutable: true });
  return { ...blank(headers), status, statusText: reasonOf(status) };
}
