/**
 * The program's `fetch`: to the account's own Workers and to a page that answers for the internet as any call goes, to the internet
 * itself by the browser's own, behind the gates.
 *
 * Promise: redirects are followed wherever they lead. Of what goes to the internet: the request leaves only when the writes before it are durable; the response, and each piece of its body, arrives
 * through the input gate, and is read no faster than the program reads. A refusal by the browser's CORS rules is explained,
 * because the browser itself says no more than "Failed to fetch".
 *
 * DIFFERS: the browser enforces CORS and decides about cookies; the platform does neither.
 */
import { signalAborted, signalReason } from '../base/abort-signals.ts';
import { SimulatorError } from '../base/errors.ts';
import { fromHeaderBytes, toHeaderBytes } from '../base/header-values.ts';
import { mapped } from '../base/lists.ts';
import {
  arrayJoin,
  NativePromise,
  NativeUint8Array,
  readableGetReader,
  readerCancel,
  readerRead,
} from '../base/primordials.ts';
import type { ByteSource } from '../protocol/link.ts';
import type { ErrorCodec } from '../rpc/errors.ts';
import { BODY_GONE, cannotLoad, dataAnswer, isLoadable, REDIRECTS_MAX, redirectOf } from '../rpc/http.ts';
import type { RpcContext } from '../rpc/session.ts';
import { BodyReader } from '../rpc/streams.ts';
import type { FetchClasses } from './fetch-classes.ts';
import { parameterError } from './native-shape.ts';
import type { WaysOut } from './ways-out.ts';

export interface OutboundOptions {
  native: typeof globalThis.fetch;
  classes: FetchClasses;
  /** the gates of whoever fetches; asked at each fetch */
  context(): RpcContext;
  errors: ErrorCodec;
  /** What of a signal that was given may end what is asked. */
  ending(signal: AbortSignal | undefined): AbortSignal | undefined;
  /** A request that names the stub that it is to go by. */
  fetchBy(fetcher: object, request: Request): Promise<Response>;
  /** Where an address leads, if that is not the internet. */
  ways: Pick<WaysOut, 'targetOf' | 'ask'>;
  /** Answers a request to the internet that asks for a WebSocket; undefined for any other. */
  upgrade?(request: TakenRequest): Promise<Response> | undefined;
  /** the network is waited for; call what it returns when something came or failed. Who looks then looks a task later: it is at the gate by then. */
  begin?(): () => void;
}

type FetchInput = ConstructorParameters<typeof Request>[0];
/** `context` is that of who asked. */
type Sending = Omit<OutboundOptions, 'context'> & { context: RpcContext };
type TakenRequest = ReturnType<FetchClasses['takeRequest']>;

/** The program's global `fetch`. Arguments are checked by the Request that is made of them. */
export function outboundFetch(options: OutboundOptions): (...args: unknown[]) => Promise<Response> {
  const { classes, ways } = options;
  // `...args`: the platform's function has length 0.
  return async (...args) => {
    if (args.length === 0) throw parameterError('fetch', 'ServiceWorkerGlobalScope', 1, 'Request or string');
    const request = new classes.Request(args[0] as FetchInput, args[1] as RequestInit | undefined);
    const fetcher = classes.fetcherOf(request);
    if (fetcher) return options.fetchBy(fetcher, request);
    const first = classes.takeRequest(request);
    const urls = [first.url];
    for (let asked = first; ; ) {
      const url = new URL(asked.url);
      const data = dataAnswer(asked.url, asked.method);
      if (data) {
        dropBody(asked.body);
        return classes.responseFrom(data, { mutableHeaders: true });
      }
      if (!isLoadable(asked.url)) throw cannotLoad(asked.url);
      const target = ways.targetOf(url);
      // From there on the browser follows by itself, and tells nobody where it is led.
      if (!target) return overNetwork(options, asked, urls.length > 1);
      const response = await ways.ask(target, asked.url, asked);
      const next = asked.redirect === 'follow' ? redirected(asked, classes.peekResponse(response)) : undefined;
      if (!next)
        return url.username || url.password || urls.length > 1
          ? relabel(classes, response, url, urls.length > 1)
          : response;
      dropBody(classes.takeResponse(response).body);
      if (urls.length > REDIRECTS_MAX) throw new TypeError(`Too many redirects.${arrayJoin(urls, ', ')}`);
      urls[urls.length] = next.url;
      asked = next;
    }
  };
}

/** Nobody reads what a redirect says. */
function dropBody(body: unknown): void {
  if (!(body instanceof ReadableStream)) return;
  void readerCancel(readableGetReader(body), undefined).catch(() => undefined); // a body that failed has gone as well
}

/** The request that follows a redirect; undefined when the response is none. @throws TypeError when its body cannot be sent again */
function redirected(asked: TakenRequest, response: Parameters<typeof redirectOf>[0]): TakenRequest | undefined {
  const { method, url, headers } = asked;
  const next = redirectOf(response, { method, url, headers, redirect: 'manual' });
  if (!next) return undefined;
  const head = { ...asked, method: next.head.method, url: next.head.url, headers: next.head.headers };
  if (!next.keepsBody) return { ...head, body: null };
  if (asked.body !== null && !(asked.body instanceof NativeUint8Array)) throw new TypeError(BODY_GONE);
  return head;
}

/** The platform shows the URL that was asked for, user and password too, which nobody was sent. */
function relabel(classes: FetchClasses, response: Response, url: URL, redirected: boolean): Response {
  const shown = new URL(url);
  shown.hash = '';
  return classes.responseFrom({ ...classes.takeResponse(response), url: shown.href, redirected });
}

/** Through the browser, behind the gates. */
function overNetwork(options: OutboundOptions, taken: TakenRequest, wasRedirected: boolean): Promise<Response> {
  const { begin = () => () => {} } = options;
  return new NativePromise((resolve, reject) => {
    const context = options.context();
    const arrive = context.capture();
    context.leave(() => {
      const end = begin();
      const deliver = (settle: () => void) => {
        arrive(settle);
        end();
      };
      send({ ...options, context }, taken, wasRedirected).then(
        (response) => deliver(() => resolve(response)),
        (error: unknown) => deliver(() => reject(error)),
      );
    });
  });
}

async function send(options: Sending, taken: TakenRequest, wasRedirected: boolean): Promise<Response> {
  const { native, classes, context, errors, upgrade, begin = () => () => {} } = options;
  const upgraded = upgrade?.(taken);
  if (upgraded) return upgraded;
  const { method, url, headers, body, redirect } = taken;
  const signal = options.ending(taken.signal);
  const init: RequestInit & { duplex?: 'half' } = {
    method,
    headers: mapped(headers, (pair) => [pair[0], toHeaderBytes(pair[1])]),
  };
  if (redirect) init.redirect = redirect;
  if (signal) init.signal = signal;
  if (body) {
    init.body = body as BodyInit;
    init.duplex = 'half';
  }
  const response = await native(url, init).catch((cause: unknown) => {
    throw signal && signalAborted(signal) ? signalReason(signal) : explain(url, cause);
  });
  return classes.responseFrom({
    status: response.status,
    statusText: response.statusText,
    headers: mapped([...response.headers], (pair) => [pair[0], fromHeaderBytes(pair[1])] as const),
    body: response.body && gatedBody(response.body, { context, errors, begin }),
    url: response.url,
    redirected: wasRedirected || response.redirected,
  });
}

/** What the browser receives, as it would come by a link of ours. */
function gatedBody(
  body: ReadableStream<Uint8Array>,
  { context, errors, begin }: { context: RpcContext; errors: ErrorCodec; begin: () => () => void },
): ReadableStream<Uint8Array> {
  const reader = readableGetReader(body);
  const source: ByteSource = {
    id: 0,
    async read() {
      const end = begin();
      try {
        const { done, value } = await readerRead(reader);
        return done ? undefined : (value as Uint8Array);
      } finally {
        end();
      }
    },
    cancel: () => {
      // The browser tells no server why; one that cannot be told at all has hung up already.
      void readerCancel(reader, undefined).catch(() => undefined);
    },
  };
  return new BodyReader(source, errors).toBody(context, () => {}) as ReadableStream<Uint8Array>;
}

function explain(url: string, cause: unknown): SimulatorError {
  return new SimulatorError(
    'not_supported',
    `The browser refused the request to ${url}: the server is not reachable, it does not allow requests from this page (CORS), or the page's own Content-Security-Policy forbids them (connect-src).`,
    { cause },
  );
}
