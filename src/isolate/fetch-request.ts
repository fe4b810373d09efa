/**
 * `Request` as a Worker sees it.
 *
 * Promise: keeps every header, any URL that parses (fragment and credentials too), a streamed body without `duplex`,
 * `cf` and the signal. Texts and order of the checks: workerd 1.20260730, as observed.
 */
import { escapeSurrogates } from '../base/bytes.ts';
import { withoutBreaks } from '../base/data-url.ts';
import { objectHasOwn, uncurryGetter, uncurryThis } from '../base/primordials.ts';
import { isDictionary } from '../base/shapes.ts';
import type { BodyState, FetchCompatibility } from './fetch-body.ts';
import { type BodyClass, bodyWithType, isHttpMethod, Made, type MessageTools, readCf } from './fetch-message.ts';
import { parameterError, shapeClass } from './native-shape.ts';

export interface RequestHead {
  method: string;
  url: string;
  headers: Headers;
  redirect: 'follow' | 'manual';
  cf: unknown;
  cache: 'no-store' | 'no-cache' | undefined;
  /** by what it goes out, where one was given; `next`: of a request that came, wherever `fetch` goes */
  fetcher: object | 'next' | null;
  /** undefined: nobody gave one */
  signal: AbortSignal | undefined;
}

export interface RequestFactory {
  readonly Request: typeof globalThis.Request;
  headOf(request: object): RequestHead;
  make(head: RequestHead, body: BodyState): globalThis.Request;
}

type Init = Readonly<Record<string, unknown>>;
const DICTIONARY = 'RequestInitializerDict';
const NativeURL = URL;
const hrefOf = uncurryGetter<string>(URL.prototype, 'href') as (url: unknown) => string;
const upper = uncurryThis(String.prototype.toUpperCase) as (text: string) => string;
const NativeAbortController = AbortController;
const NativeAbortSignal = AbortSignal;

export function makeRequest(tools: MessageTools, { Body, stateOf }: BodyClass): RequestFactory {
  let headOf: RequestFactory['headOf'] | undefined;

  class Request extends Body {
    readonly #head: RequestHead;
    #own: AbortSignal | undefined;

    static {
      headOf = (request) => (request as Request).#head;
    }

    constructor(...args: unknown[]) {
      const [input] = args;
      const made = input instanceof Made ? (input as Made<RequestHead>) : read(reader, args);
      super(made.body, made.head.headers);
      this.#head = made.head;
    }

    clone(): Request {
      const head = this.#head;
      const headers = tools.headers.fromList(tools.headers.list(head.headers), {
        immutable: tools.headers.isFrozen(head.headers),
      });
      return new Request(new Made({ ...head, headers, signal: head.signal }, stateOf(this).tee()));
    }

    get method(): string {
      return this.#head.method;
    }
    get url(): string {
      return this.#head.url;
    }
    get headers(): Headers {
      return this.#head.headers;
    }
    get redirect(): string {
      return this.#head.redirect;
    }
    get fetcher(): object | null {
      const { fetcher } = this.#head;
      return fetcher === 'next' ? tools.nextFetcher() : fetcher;
    }
    get signal(): AbortSignal {
      if (this.#head.signal) return this.#head.signal;
      // Nobody gave it, so it is of this request alone.
      this.#own ??= new NativeAbortController().signal;
      return this.#own;
    }
    get cf(): unknown {
      return this.#head.cf;
    }
    get integrity(): string {
      return '';
    }
    get keepalive(): boolean {
      return false;
    }
    get cache(): string | undefined {
      return this.#head.cache;
    }
  }

  const headOfRequest = (value: object): RequestHead => (headOf as RequestFactory['headOf'])(value);
  const reader: Reader = { tools, stateOf, headOf: headOfRequest, isRequest: (value) => value instanceof Request };

  shapeClass(Request, 'Request');
  if (!tools.compatibility.cacheOption) Reflect.deleteProperty(Request.prototype, 'cache');
  return {
    Request: Request as unknown as typeof globalThis.Request,
    headOf: headOfRequest,
    make: (head, body) => new Request(new Made(head, body)) as unknown as globalThis.Request,
  };
}

interface Reader {
  readonly tools: MessageTools;
  readonly stateOf: BodyClass['stateOf'];
  readonly headOf: RequestFactory['headOf'];
  isRequest(value: unknown): value is object;
}

function read(reader: Reader, args: readonly unknown[]): Made<RequestHead> {
  const [input, init] = args;
  if (args.length === 0) throw parameterError('', 'Request', 1, 'Request or string', 'construct');
  if (!isDictionary(init)) {
    throw parameterError('', 'Request', 2, `${DICTIONARY} or Request`, 'construct');
  }
  const given = (init ?? {}) as Init;
  if (!reader.tools.compatibility.cacheOption && !reader.isRequest(init) && given['cache'] !== undefined) {
    throw new Error(`The 'cache' field on '${DICTIONARY}' is not implemented.`);
  }
  const from = reader.isRequest(input) ? reader.headOf(input) : undefined;
  const url = from ? from.url : parseUrl(input);
  const head = readHead(reader.tools, given, from, url);
  const lender = reader.isRequest(init) ? init : reader.isRequest(input) ? input : undefined;
  return new Made(head, readBody(reader, head, lender, lender === init ? undefined : given['body']));
}

/** `lender` is the Request whose body moves into the new one, unless the init brings another. */
function readBody({ tools, stateOf }: Reader, head: RequestHead, lender: object | undefined, own: unknown): BodyState {
  if (lender && (own === undefined || own === null)) {
    const state = stateOf(lender);
    if (state.used) throw new TypeError('Cannot reconstruct a Request with a used body.');
    refuseBody(head.method, !state.isNull);
    return state.move();
  }
  refuseBody(head.method, own !== undefined && own !== null);
  return bodyWithType(tools, own, head.headers);
}

function parseUrl(input: unknown): string {
  const text = `${input as string}`;
  try {
    return hrefOf(new NativeURL(escapeSurrogates(withoutBreaks(text))));
  } catch {
    throw new TypeError(`Invalid URL: ${text}`); // the platform gives no cause
  }
}

function readHead(tools: MessageTools, init: Init, from: RequestHead | undefined, url: string): RequestHead {
  const givenHeaders = init['headers'];
  const headers =
    givenHeaders === undefined
      ? tools.headers.fromList(from ? tools.headers.list(from.headers) : [], { immutable: false })
      : tools.headers.copy(givenHeaders, DICTIONARY);
  const signal = readSignal(init['signal'], from);
  const cf = readCf(init['cf'], DICTIONARY) ?? from?.cf;
  return {
    url,
    headers,
    method: readMethod(init['method'], from, tools.compatibility),
    redirect: readRedirect(init['redirect'], from),
    cf,
    cache: readCache(init, from, tools.compatibility),
    fetcher: readFetcher(tools, init['fetcher'], from),
    signal,
  };
}

function readMethod(given: unknown, from: RequestHead | undefined, { upperCaseMethods }: FetchCompatibility): string {
  if (given === undefined) return from?.method ?? 'GET';
  const text = `${given as string}`;
  const upperCase = upper(text);
  const method = upperCaseMethods || objectHasOwn(ALWAYS_UPPER, upperCase) ? upperCase : text;
  if (!isHttpMethod(method)) throw new TypeError(`Invalid HTTP method string: ${text}`);
  return method;
}

/** Methods that the Fetch standard takes in small letters. */
const ALWAYS_UPPER = { DELETE: 1, GET: 1, HEAD: 1, OPTIONS: 1, POST: 1, PUT: 1 };

function readRedirect(given: unknown, from: RequestHead | undefined): 'follow' | 'manual' {
  if (given === undefined) return from?.redirect ?? 'follow';
  const text = `${given as string}`;
  if (text === 'follow' || text === 'manual') return text;
  throw new TypeError(
    'Invalid redirect value, must be one of "follow" or "manual" ("error" won\'t be implemented since it does not ' +
      'make sense at the edge; use "manual" and check the response status code).',
  );
}

function readCache(
  init: Init,
  from: RequestHead | undefined,
  { cacheOption, cacheNoCache }: FetchCompatibility,
): RequestHead['cache'] {
  const integrity = init['integrity'];
  if (integrity !== undefined && `${integrity as string}` !== '') {
    throw new TypeError(
      'Subrequest integrity checking is not implemented. The integrity option must be either undefined or an empty string.',
    );
  }
  const given = cacheOption ? init['cache'] : undefined;
  if (given === undefined) return from?.cache;
  const text = `${given as string}`;
  if (text === 'no-store' || (text === 'no-cache' && cacheNoCache)) return text;
  throw new TypeError(`Unsupported cache mode: ${text}`);
}

function readFetcher(tools: MessageTools, given: unknown, from: RequestHead | undefined): RequestHead['fetcher'] {
  if (given === undefined) return from?.fetcher ?? null;
  if (given === null) return null;
  if (tools.isFetcher(given)) return given;
  throw new TypeError(
    `Incorrect type for the 'fetcher' field on '${DICTIONARY}': the provided value is not of type 'Fetcher'.`,
  );
}

function readSignal(given: unknown, from: RequestHead | undefined): AbortSignal | undefined {
  if (given === undefined) return from?.signal;
  if (given === null) return undefined;
  if (given instanceof NativeAbortSignal) return given;
  throw new TypeError(
    `Incorrect type for the 'signal' field on '${DICTIONARY}': the provided value is not of type 'AbortSignal'.`,
  );
}

function refuseBody(method: string, hasBody: boolean): void {
  if (hasBody && (method === 'GET' || method === 'HEAD')) {
    throw new TypeError('Request with a GET or HEAD method cannot have a body.');
  }
}
