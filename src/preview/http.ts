/**
 * `fetch` of a page in the preview.
 *
 * Promise: a request to the page's own origin goes to the Worker, with bodies that stream both ways and can be given up;
 * any other goes to the network as in a browser, from an origin that is `null`.
 */
import type { Channel, Head } from './channel.ts';
import { patch, provide } from './patch.ts';
import type { Place } from './place.ts';

export type Fetch = (input: RequestInfo | URL, init?: RequestInit) => Promise<Response>;

const NO_BODY = new Set([101, 103, 204, 205, 304]);

/** @returns what the page has as `fetch` from now on */
export function installFetch(channel: Channel, place: Place): Fetch {
  const native = window.fetch.bind(window);
  const fetch: Fetch = async (input, init) => {
    const request = new Request(input, init);
    if (!place.isOurs(request.url)) return native(request);
    const { url, method, headers, redirect, credentials, signal } = request;
    const isStream = init?.body instanceof ReadableStream;
    const bytes = isStream || request.body === null ? null : await request.arrayBuffer();
    const hasBody = !/^(get|head)$/i.test(method);
    const head = await channel.ask(
      {
        url,
        method,
        headers: [...headers],
        body: isStream ? (init.body as ReadableStream<Uint8Array>) : hasBody ? bytes : null,
        redirect,
        hasCookies: credentials !== 'omit',
        destination: '',
      },
      signal,
    );
    return responseOf(head, { redirect, signal });
  };
  provide('fetch', fetch);
  if ('sendBeacon' in Navigator.prototype) {
    patch(Navigator.prototype, 'sendBeacon', () => (url: string | URL, body?: BodyInit | null) => {
      // Nobody hears of a beacon that did not arrive.
      fetch(url, { method: 'POST', body: body ?? null, keepalive: true }).catch(() => {});
      return true;
    });
  }
  return fetch;
}

export function responseOf(
  head: Head,
  { redirect, signal }: { redirect?: RequestRedirect; signal?: AbortSignal },
): Response {
  const { status, statusText, headers, url, isRedirected } = head;
  if (redirect === 'manual' && status >= 300 && status < 400 && headers.some(([name]) => name === 'location')) {
    void head.body?.cancel();
    return dressed(Response.error(), { type: 'opaqueredirect', url });
  }
  const body = signal && head.body ? abortable(head.body, signal) : head.body;
  const made = new Response(NO_BODY.has(status) ? null : body, {
    status,
    statusText,
    headers: headers.map(([name, value]): [string, string] => [name, value]),
  });
  return dressed(made, { type: 'basic', url: url.replace(/#.*/, ''), redirected: isRedirected });
}

/** Fails at once when it is given up, whatever is waiting in it. */
function abortable(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  signal: AbortSignal,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  return new ReadableStream(
    {
      start(controller) {
        signal.addEventListener('abort', () => {
          controller.error(signal.reason);
          void reader.cancel(signal.reason);
        });
      },
      async pull(controller) {
        const { done, value } = await reader.read();
        if (signal.aborted) return;
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}

/** What a response made by hand does not know of itself; its clones know it too. */
function dressed(response: Response, known: { type: ResponseType; url: string; redirected?: boolean }): Response {
  for (const [name, value] of Object.entries(known)) {
    Object.defineProperty(response, name, { value, configurable: true });
  }
  const clone = response.clone.bind(response);
  Object.defineProperty(response, 'clone', { value: () => dressed(clone(), known), configurable: true });
  return response;
}
