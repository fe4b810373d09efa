/**
 * The fetch classes of a Worker: `Body`, `Headers`, `Request`, `Response`, and the way in and out of them for the wire.
 *
 * Promise: what a program puts into a message is what the other side gets: `Set-Cookie`, `Cookie`, `Host`, `Upgrade`,
 * status 101 with its WebSocket, a body as bytes or as a stream. The browser's own classes drop these, so ours hold
 * everything themselves and stand on the native ones only for forms and for watching whether a stream was read.
 *
 * Takes the native classes once; what a program later does to prototypes changes nothing here.
 */
import { NativeUint8Array } from '../base/primordials.ts';
import { reasonOf } from '../protocol/status-texts.ts';
import type { BodyLease } from '../rpc/http-messages.ts';
import { BodyState, type BodyTools, type FetchCompatibility, type TakenBody } from './fetch-body.ts';
import { type HeaderList, makeHeaders } from './fetch-headers.ts';
import { type MessageTools, makeBody } from './fetch-message.ts';
import { makeRequest } from './fetch-request.ts';
import { makeResponse } from './fetch-response.ts';
import type { AnyConstructor } from './native-shape.ts';

export interface NativeFetch {
  Request: typeof globalThis.Request;
  Response: typeof globalThis.Response;
  Headers: typeof globalThis.Headers;
}

export interface FetchHooks {
  /** true while the modules are evaluated: bodies are refused then, as on the platform; default: never */
  isGlobalScope?(): boolean;
  /** true for what may stand as a response's `webSocket`; default: nothing */
  isWebSocket?(value: unknown): boolean;
  /** true for what may stand as a request's `fetcher`; default: nothing */
  isFetcher?(value: unknown): value is object;
  /** the `fetcher` of requests that come; default: none */
  nextFetcher?(): object | null;
  /** default: as at the newest date */
  compatibility?: FetchCompatibility;
}

/** A request as plain parts. `body` is taken over by whoever gets it. */
export interface RequestParts {
  method: string;
  url: string;
  headers: HeaderList;
  body: TakenBody;
  redirect?: 'follow' | 'manual' | 'error';
  cf?: unknown;
  signal?: AbortSignal | undefined;
  /** it came to a program, and has a `fetcher` for that */
  isIncoming?: boolean;
  /** of a body that is bytes, and may be read only for so long */
  lease?: BodyLease | undefined;
}

/** A response as plain parts. Any status; 101 comes with a `webSocket`. */
export interface ResponseParts {
  status: number;
  /** default: the status's usual words */
  statusText?: string;
  headers: HeaderList;
  body: TakenBody;
  /** where redirects led; empty when there is none */
  url?: string;
  redirected?: boolean;
  webSocket?: unknown;
  cf?: unknown;
}

export interface FetchClasses extends NativeFetch {
  Body: AnyConstructor;
  isRequest(value: unknown): value is globalThis.Request;
  isResponse(value: unknown): value is globalThis.Response;
  /** Builds what arrived; its headers are immutable unless asked otherwise, as on the platform. */
  requestFrom(parts: RequestParts, options?: { mutableHeaders?: boolean }): globalThis.Request;
  responseFrom(parts: ResponseParts, options?: { mutableHeaders?: boolean }): globalThis.Response;
  /** The stub that a request is to go by instead of the network. */
  fetcherOf(request: globalThis.Request): object | undefined;
  hasBody(message: globalThis.Request | globalThis.Response): boolean;
  /** Takes a request apart; its body counts as used afterwards. @throws TypeError when the body was read or is locked */
  takeRequest(
    request: globalThis.Request,
  ): Required<Omit<RequestParts, 'signal' | 'isIncoming' | 'lease'>> & { signal: AbortSignal | undefined };
  takeResponse(response: globalThis.Response): Required<ResponseParts>;
  /** The names and values of a Headers, in order; whatever the program did to its prototype. */
  headerPairs(headers: globalThis.Headers): HeaderList;
  /** The parts but for the body, which stays as it is; `hasBody` says whether there is one. */
  peekRequest(request: globalThis.Request): Pick<RequestParts, 'method' | 'url' | 'headers'> & { hasBody: boolean };
  peekResponse(response: globalThis.Response): {
    status: number;
    statusText: string;
    headers: HeaderList;
    hasBody: boolean;
  };
}

const NEWEST: FetchCompatibility = {
  ...{ cacheOption: true, cacheNoCache: true, upperCaseMethods: true, iterableBodies: true, stripsBom: true },
  ...{ formFiles: true, ownCookies: true, redirectUrls: true, parsesTypes: true },
};

export function makeFetchClasses(native: NativeFetch, hooks: FetchHooks = {}): FetchClasses {
  const compatibility = hooks.compatibility ?? NEWEST;
  const headers = makeHeaders(native.Headers, compatibility.ownCookies);
  const tools: MessageTools = {
    Response: native.Response,
    headers,
    isGlobalScope: hooks.isGlobalScope ?? (() => false),
    isWebSocket: hooks.isWebSocket ?? (() => false),
    isFetcher: hooks.isFetcher ?? ((_value): _value is object => false),
    nextFetcher: hooks.nextFetcher ?? (() => null),
    compatibility,
  };
  const body = makeBody(tools);
  const requests = makeRequest(tools, body);
  const responses = makeResponse(tools, body);
  const { Request } = requests;
  const { Response } = responses;
  return {
    Body: body.Body,
    Headers: headers.Headers,
    Request,
    Response,
    isRequest: (value): value is globalThis.Request => value instanceof Request,
    isResponse: (value): value is globalThis.Response => value instanceof Response,
    requestFrom: (parts, options) =>
      requests.make(
        {
          method: parts.method,
          url: parts.url,
          headers: headers.fromList(parts.headers, { immutable: options?.mutableHeaders !== true }),
          redirect: parts.redirect === 'follow' ? 'follow' : 'manual',
          cf: parts.cf,
          cache: undefined,
          signal: parts.signal,
          fetcher: parts.isIncoming ? 'next' : null,
        },
        bodyOf(tools, parts.body, parts.lease),
      ),
    responseFrom: (parts, options) =>
      responses.make(
        {
          status: parts.status,
          statusText: parts.statusText ?? reasonOf(parts.status),
          headers: headers.fromList(parts.headers, { immutable: options?.mutableHeaders !== true }),
          url: parts.url ?? '',
          redirected: parts.redirected ?? false,
          type: parts.status === 0 ? 'error' : 'default', // only Response.error() has no status
          webSocket: parts.webSocket ?? null,
          cf: parts.cf,
        },
        bodyOf(tools, parts.body),
      ),
    fetcherOf(request) {
      const { fetcher } = requests.headOf(request);
      return fetcher === 'next' || fetcher === null ? undefined : fetcher;
    },
    hasBody: (message) => !body.stateOf(message).isNull,
    takeRequest(request) {
      const { method, url, headers: own, redirect, cf, signal } = requests.headOf(request);
      return { method, url, headers: headers.list(own), redirect, cf, signal, body: body.stateOf(request).take() };
    },
    headerPairs: (list) => headers.list(list),
    peekRequest(request) {
      const { method, url, headers: own } = requests.headOf(request);
      return { method, url, headers: headers.list(own), hasBody: !body.stateOf(request).isNull };
    },
    peekResponse(response) {
      const { status, statusText, headers: own } = responses.headOf(response);
      return { status, statusText, headers: headers.list(own), hasBody: !body.stateOf(response).isNull };
    },
    takeResponse(response) {
      const { status, statusText, headers: own, url, redirected, webSocket, cf } = responses.headOf(response);
      const taken = body.stateOf(response).take();
      return { status, statusText, headers: headers.list(own), url, redirected, webSocket, cf, body: taken };
    },
  };
}

function bodyOf(tools: BodyTools, given: TakenBody, lease?: BodyLease): BodyState {
  if (given === null) return new BodyState(tools, { kind: 'none' });
  return given instanceof NativeUint8Array ? BodyState.ofBytes(tools, given, lease) : BodyState.ofStream(tools, given);
}
