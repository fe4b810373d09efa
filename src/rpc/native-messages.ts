/**
 * The browser's own Request and Response on a link: for a page, which has no others.
 *
 * Promise: what the classes hold goes out and comes in unchanged, and so do the headers that a browser keeps from scripts:
 * `Cookie`, `Origin`, `Upgrade` where they were given as `init`, `Set-Cookie` in `response.headers`. Accessors are captured
 * when this is made.
 */
import { fromHeaderBytes, toHeaderBytes } from '../base/header-values.ts';
import { objectDefineProperty, uncurryGetter, uncurryThis } from '../base/primordials.ts';
import { reasonOf } from '../protocol/status-texts.ts';
import type { HeaderPairs, HttpMessages } from './http-messages.ts';

export interface HttpClasses {
  Request: typeof Request;
  Response: typeof Response;
  Headers: typeof Headers;
}

export function nativeMessages({ Request, Response, Headers }: HttpClasses): HttpMessages {
  const request = readers<Request>(Request.prototype);
  const response = readers<Response>(Response.prototype);
  const { pairs, from: headersFrom } = nativeHeaders(Headers);
  // The class refuses to hold what only a browser may say: how a WebSocket is asked for, cookies, where a page is from.
  const given = new WeakMap<Request, HeaderPairs>();
  const givenCf = new WeakMap<Request, unknown>();
  class UnguardedRequest extends Request {
    constructor(input: RequestInfo | URL, init?: RequestInit) {
      super(input, init);
      const said = init?.headers ? pairs(new Headers(init.headers)) : input instanceof Request && given.get(input);
      if (said) given.set(this, said);
      const { cf } = (init ?? {}) as { cf?: unknown };
      if (cf !== undefined) givenCf.set(this, cf);
    }
  }
  return {
    Request: UnguardedRequest as HttpMessages['Request'],
    isRequest: (value) => value instanceof Request,
    isResponse: (value) => value instanceof Response,
    requestFrom({ url, method, headers, redirect, body, cf }) {
      const made = new Request(url, {
        ...{ method, redirect },
        ...(body && { body: body as BodyInit, duplex: 'half' }),
      } as RequestInit);
      // The class drops what only a browser may say; headers of their own keep it.
      objectDefineProperty(made, 'headers', { value: headersFrom(headers), configurable: true });
      objectDefineProperty(made, 'cf', { value: cf, configurable: true });
      return made;
    },
    responseFrom({ status, statusText, headers, body, url, redirected, webSocket }) {
      const init = { status: webSocket ? 200 : status, statusText, headers: headersFrom(headers) };
      const made = new Response(body as BodyInit | null, init);
      if (webSocket) {
        objectDefineProperty(made, 'status', { value: status, configurable: true });
        objectDefineProperty(made, 'ok', { value: false, configurable: true });
      }
      // The class drops `Set-Cookie`; headers of their own keep it.
      objectDefineProperty(made, 'headers', { value: init.headers, configurable: true });
      objectDefineProperty(made, 'webSocket', { value: webSocket ?? null, configurable: true });
      objectDefineProperty(made, 'url', { value: url, configurable: true });
      objectDefineProperty(made, 'redirected', { value: redirected, configurable: true });
      return made;
    },
    hasBody: (from) => Boolean(from instanceof Request ? request.read(from, 'body') : response.read(from, 'body')),
    takeRequest: (from) => ({
      method: request.read(from, 'method'),
      url: request.read(from, 'url'),
      headers: withGiven(pairs(request.read(from, 'headers')), given.get(from)),
      redirect: request.read(from, 'redirect') === 'manual' ? 'manual' : 'follow',
      signal: request.read(from, 'signal'),
      cf: givenCf.get(from),
      // Firefox has no body on a Request: an upload is then what init says, or empty.
      body: request.read(from, 'body') ?? null,
    }),
    takeResponse(from) {
      const body = response.read(from, 'body');
      if (response.read(from, 'bodyUsed') || body?.locked) throw new TypeError(BODY_USED);
      return {
        status: response.read(from, 'status'),
        // A page's own Response has no words; on their way they get the usual ones.
        statusText: response.read(from, 'statusText') || reasonOf(response.read(from, 'status')),
        headers: pairs(ownHeaders(from) ?? response.read(from, 'headers')),
        body,
      };
    },
  };
}

/** Headers of the browser's class as they travel, and back; one character for each byte is its business alone. */
export function nativeHeaders(Class: HttpClasses['Headers']): {
  pairs(headers: Headers): HeaderPairs;
  from(list: HeaderPairs): Headers;
} {
  const forEach = uncurryThis(Class.prototype.forEach);
  const append = uncurryThis(Class.prototype.append);
  return {
    pairs(headers) {
      const list: (readonly [string, string])[] = [];
      forEach(headers, (value: string, name: string) => {
        list[list.length] = [name, fromHeaderBytes(value)];
      });
      return list;
    },
    from(list) {
      const headers = new Class();
      for (const [name, value] of list) append(headers, name, toHeaderBytes(value));
      return headers;
    },
  };
}

/** Those of a response that this file made, which is passed on: with `Set-Cookie`. */
function ownHeaders(response: Response): Headers | undefined {
  return Object.hasOwn(response, 'headers') ? response.headers : undefined;
}

/** What the class holds, and what it was given and refused. */
function withGiven(held: HeaderPairs, given: HeaderPairs | undefined): HeaderPairs {
  const refused = given?.filter(([name]) => !held.some(([other]) => other === name));
  return refused && refused.length > 0 ? [...held, ...refused] : held;
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
