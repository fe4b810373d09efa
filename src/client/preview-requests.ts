/**
 * What a browser does around a request to one origin: its own headers, cookies, redirects.
 *
 * Promise: whatever the frame asked for, nothing is sent but what a browser would send for a page of that origin: headers
 * that scripts may not set are dropped, and the browser's own are added. Cookies of every hop are kept before the answer
 * is handed on.
 *
 * Knows neither frames nor documents.
 */
import { fromHeaderBytes, toHeaderBytes } from '../base/header-values.ts';
import type { CookieJar } from '../protocol/cookies.ts';
import type { Destination, Pairs } from '../protocol/preview.ts';

export interface BrowserRequest {
  /** of the simulated origin, without a fragment's meaning */
  readonly url: URL;
  readonly method: string;
  readonly headers: Pairs;
  readonly body: ArrayBuffer | ReadableStream<Uint8Array<ArrayBuffer>> | null;
  readonly redirect: 'follow' | 'manual' | 'error';
  readonly hasCookies: boolean;
  readonly destination: Destination | 'document' | 'websocket';
  /** address of the page that asks; undefined when a person typed the address */
  readonly referrer: URL | undefined;
}

export type BrowserAnswer =
  | {
      readonly kind: 'answer';
      readonly response: Response;
      /** where it came from at last, and by which method that was asked */
      readonly url: URL;
      readonly method: string;
      readonly isRedirected: boolean;
    }
  /** it leads to another origin, which is not this one's business */
  | { readonly kind: 'elsewhere'; readonly url: URL };

export interface BrowserOptions {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  readonly jar: CookieJar;
  /** cookies are not what they were */
  readonly onCookies: () => void;
}

const REDIRECTS_MAX = 20; // as the Fetch standard

/** https://fetch.spec.whatwg.org/#forbidden-request-header, and what the browser itself says */
const FORBIDDEN = new Set(
  (
    'accept-charset accept-encoding access-control-request-headers access-control-request-method connection ' +
    'content-length cookie cookie2 date dnt expect host keep-alive origin referer set-cookie te trailer ' +
    'transfer-encoding upgrade via user-agent'
  ).split(' '),
);

export class BrowserRequests {
  readonly #options: BrowserOptions;

  constructor(options: BrowserOptions) {
    this.#options = options;
  }

  /** @throws TypeError as a browser's fetch, and whatever the simulator's fetch throws */
  async send(request: BrowserRequest, signal: AbortSignal): Promise<BrowserAnswer> {
    let { url, method, headers, body } = request;
    for (let hops = 0; hops <= REDIRECTS_MAX; hops++) {
      const response = await this.#once({ ...request, url, method, headers, body }, signal);
      const to = redirectTarget(response, url);
      if (!to || request.redirect === 'manual') {
        return { kind: 'answer', response, url, method, isRedirected: hops > 0 };
      }
      void response.body?.cancel().catch(() => {}); // nobody reads the body of a redirect
      if (request.redirect === 'error') throw new TypeError('Failed to fetch: the answer is a redirect');
      if (to.origin !== url.origin) return { kind: 'elsewhere', url: to };
      const becomesGet = response.status === 303 ? method !== 'HEAD' : response.status < 303 && method === 'POST';
      if (becomesGet) {
        [method, body] = ['GET', null];
        headers = headers.filter(([name]) => !/^content-/i.test(name));
      } else if (body instanceof ReadableStream) {
        throw new TypeError('Failed to fetch: a body that was streamed cannot be sent again to where it is redirected');
      }
      url = to;
    }
    throw new TypeError('Failed to fetch: too many redirects');
  }

  /** What the opening of a WebSocket says beside its own headers. */
  socketHeaders(url: URL, referrer: URL): Pairs {
    const cookies = this.#options.jar.headerFor(url);
    return [
      ['origin', referrer.origin],
      ['user-agent', navigator.userAgent],
      ...(cookies === '' ? [] : [['cookie', toHeaderBytes(cookies)] as const]),
    ];
  }

  /** Keeps what a response sets. */
  keepCookies(url: URL, headers: Headers): void {
    let isNews = false;
    for (const bytes of headers.getSetCookie()) {
      isNews = this.#options.jar.setFromResponse(url, fromHeaderBytes(bytes)) || isNews;
    }
    if (isNews) this.#options.onCookies();
  }

  async #once(request: BrowserRequest, signal: AbortSignal): Promise<Response> {
    const { url, method, body, hasCookies } = request;
    const cookies = hasCookies ? this.#options.jar.headerFor(url) : '';
    const headers = [
      ...request.headers.filter(([name]) => !isForbidden(name)),
      ...ownHeaders(request),
      ...(cookies === '' ? [] : [['cookie', toHeaderBytes(cookies)] as const]),
    ];
    const response = await this.#options.fetch(url.href, {
      method,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
      redirect: 'manual',
      signal,
      ...(body === null ? {} : { body, duplex: 'half' }),
    });
    if (hasCookies) this.keepCookies(url, response.headers);
    return response;
  }
}

/** Where a browser goes from here; undefined when it stays. A fragment is carried on. */
function redirectTarget(response: Response, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const location = response.headers.get('location');
  if (location === null || !URL.canParse(location, from.href)) return undefined;
  const to = new URL(location, from.href);
  if (to.hash === '') to.hash = from.hash;
  return to;
}

function isForbidden(name: string): boolean {
  return FORBIDDEN.has(name.toLowerCase()) || /^(sec|proxy)-/i.test(name);
}

const ACCEPTED: Partial<Record<BrowserRequest['destination'], string>> = {
  document: 'text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8',
  style: 'text/css,*/*;q=0.1',
  image: 'image/avif,image/webp,image/svg+xml,image/*,*/*;q=0.8',
};

function ownHeaders({ destination, headers, method, referrer, url }: BrowserRequest): Pairs {
  const given = new Set(headers.map(([name]) => name.toLowerCase()));
  const own: [string, string][] = [
    ['user-agent', navigator.userAgent],
    ['sec-fetch-dest', destination === '' ? 'empty' : destination],
    ['sec-fetch-mode', destination === 'document' ? 'navigate' : destination === '' ? 'cors' : 'no-cors'],
    ['sec-fetch-site', referrer ? 'same-origin' : 'none'],
  ];
  if (!given.has('accept')) own.push(['accept', ACCEPTED[destination] ?? '*/*']);
  if (!given.has('accept-language')) own.push(['accept-language', navigator.languages.join(',')]);
  if (destination === 'document') own.push(['upgrade-insecure-requests', '1']);
  if (referrer) own.push(['referer', `${referrer.origin}${referrer.pathname}${referrer.search}`]);
  if (!/^(get|head)$/i.test(method)) own.push(['origin', (referrer ?? url).origin]);
  return own;
}
