/**
 * The browser's own Request and Response on a link: for a page, which has no others.
 *
 * Promise: what the classes hold goes out and comes in unchanged; where a browser cannot hold it (a forbidden header, a
 * response of status 101) it is the browser's own answer that the embedder gets. Accessors are captured when this is made.
 */
import { objectDefineProperty, uncurryGetter, uncurryThis } from '../base/primordials.ts';
import type { HeaderPairs, HttpMessages } from './http-messages.ts';

export interface HttpClasses {
  Request: typeof Request;
  Response: typeof Response;
  Headers: typeof Headers;
}

export function nativeMessages({ Request, Response, Headers }: HttpClasses): HttpMessages {
  const request = readers<Request>(Request.prototype);
  const response = readers<Response>(Response.prototype);
  const forEach = uncurryThis(Headers.prototype.forEach);
  const append = uncurryThis(Headers.prototype.append);
  const pairs = (headers: Headers): HeaderPairs => {
    const list: (readonly [string, string])[] = [];
    forEach(headers, (value: string, name: string) => {
      list[list.length] = [name, value];
    });
    return list;
  };
  // The class refuses to hold what only a browser may say, and that is how a WebSocket is asked for.
  const upgrades = new WeakMap<Request, Headers>();
  class UpgradableRequest extends Request {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(input, init);
      const said = init?.headers
        ? new Headers(init.headers)
        : input instanceof Request
          ? upgrades.get(input)
          : undefined;
      if (said?.has('upgrade')) upgrades.set(this, said);
    }
  }
  const headersFrom = (list: HeaderPairs): Headers => {
    const headers = new Headers();
    for (let i = 0; i < list.length; i++) append(headers, ...(list[i] as readonly [string, string]));
    return headers;
  };
  return {
    Request: UpgradableRequest as HttpMessages['Request'],
    isRequest: (value) => value instanceof Request,
    isResponse: (value) => value instanceof Response,
    requestFrom: ({ url, method, headers, redirect, body }) =>
      new Request(url, {
        method,
        redirect,
        headers: headersFrom(headers),
        ...(body && { body: body as BodyInit, duplex: 'half' }),
      } as RequestInit),
    responseFrom({ status, statusText, headers, body, url, redirected, webSocket }) {
      const init = { status: webSocket ? 200 : status, statusText, headers: headersFrom(headers) };
      const made = new Response(body as BodyInit | null, init);
      if (webSocket) {
        objectDefineProperty(made, 'status', { value: status, configurable: true });
        objectDefineProperty(made, 'ok', { value: false, configurable: true });
      }
      objectDefineProperty(made, 'webSocket', { value: webSocket ?? null, configurable: true });
      objectDefineProperty(made, 'url', { value: url, configurable: true });
      objectDefineProperty(made, 'redirected', { value: redirected, configurable: true });
      return made;
    },
    takeRequest: (from) => ({
      method: request.read(from, 'method'),
      url: request.read(from, 'url'),
      headers: pairs(upgrades.get(from) ?? request.read(from, 'headers')),
      redirect: request.read(from, 'redirect') === 'manual' ? 'manual' : 'follow',
      signal: request.read(from, 'signal'),
      // Firefox has no body on a Request: an upload is then what init says, or empty.
      body: request.read(from, 'body') ?? null,
    }),
    takeResponse(from) {
      const body = response.read(from, 'body');
      if (response.read(from, 'bodyUsed') || body?.locked) throw new TypeError(BODY_USED);
      return {
        status: response.read(from, 'status'),
        statusText: response.read(from, 'statusText'),
        headers: pairs(response.read(from, 'headers')),
        body,
      };
    },
  };
}

/** Reads by the accessors that the prototype chain has now; one that a browser lacks reads undefined. */
function readers<T extends object>(prototype: T) {
  const getters = new Map<PropertyKey, (self: unknown) => unknown>();
  for (let at: object | null = prototype; at; at = Object.getPrototypeOf(at)) {
    for (const key of Object.getOwnPropertyNames(at)) {
      const get = uncurryGetter(at, key);
      if (get && !getters.has(key)) getters.set(key, get);
    }
  }
  return { read: <K extends keyof T>(self: T, key: K): T[K] => getters.get(key)?.(self) as T[K] };
}

const BODY_USED = 'Body has already been used. It can only be used once. Use tee() first if you need to read it twice.';
