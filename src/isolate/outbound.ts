/**
 * `fetch` to the world outside the cloud: the browser's own, behind the gates.
 *
 * Promise: the request leaves only when the writes before it are durable; the response, and each piece of its body, arrives
 * through the input gate, and is read no faster than the program reads. A refusal by the browser's CORS rules is explained,
 * because the browser itself says no more than "Failed to fetch".
 *
 * DIFFERS: the browser enforces CORS and decides about cookies; the platform does neither.
 */
import { SimulatorError } from '../base/errors.ts';
import { readableGetReader, readerCancel, readerRead, uncurryGetter } from '../base/primordials.ts';
import type { ByteSource } from '../protocol/link.ts';
import type { ErrorCodec } from '../rpc/errors.ts';
import type { RpcContext } from '../rpc/session.ts';
import { BodyReader } from '../rpc/streams.ts';
import type { FetchClasses } from './fetch-classes.ts';

export interface OutboundOptions {
  native: typeof globalThis.fetch;
  classes: FetchClasses;
  /** the gates of whoever fetches; asked at each fetch */
  context(): RpcContext;
  errors: ErrorCodec;
  /** Answers a request that asks for a WebSocket; undefined for any other. */
  upgrade?(request: ReturnType<FetchClasses['takeRequest']>): Promise<Response> | undefined;
  /** the network is waited for; call what it returns when something came or failed. Who looks then looks a task later: it is at the gate by then. */
  begin?(): () => void;
}

type FetchInput = ConstructorParameters<typeof Request>[0];

const isAborted = uncurryGetter<boolean>(AbortSignal.prototype, 'aborted') as (signal: unknown) => boolean;
const reasonOf = uncurryGetter<unknown>(AbortSignal.prototype, 'reason') as (signal: unknown) => unknown;

/** The program's global `fetch`. Arguments are checked by the Request that is made of them. */
export function outboundFetch({
  native,
  classes,
  context: contextNow,
  errors,
  upgrade,
  begin = () => () => {},
}: OutboundOptions): (...args: unknown[]) => Promise<Response> {
  const send = async (taken: ReturnType<FetchClasses['takeRequest']>, context: RpcContext): Promise<Response> => {
    const upgraded = upgrade?.(taken);
    if (upgraded) return upgraded;
    const { method, url, headers, body, redirect, signal } = taken;
    const init: RequestInit & { duplex?: 'half' } = { method, headers: headers as [string, string][] };
    if (redirect) init.redirect = redirect;
    if (signal) init.signal = signal;
    if (body) {
      init.body = body as BodyInit;
      init.duplex = 'half';
    }
    const response = await native(url, init).catch((cause: unknown) => {
      throw signal && isAborted(signal) ? reasonOf(signal) : explain(url, cause);
    });
    return classes.responseFrom({
      status: response.status,
      statusText: response.statusText,
      headers: [...response.headers],
      body: response.body && gatedBody(response.body, { context, errors, begin }),
      url: response.url,
      redirected: response.redirected,
    });
  };
  return (...args) =>
    new Promise((resolve, reject) => {
      const request = new classes.Request(args[0] as FetchInput, args[1] as RequestInit | undefined);
      const taken = classes.takeRequest(request);
      const context = contextNow();
      const arrive = context.capture();
      context.leave(() => {
        const end = begin();
        const deliver = (settle: () => void) => {
          arrive(settle);
          end();
        };
        send(taken, context).then(
          (response) => deliver(() => resolve(response)),
          (error: unknown) => deliver(() => reject(error)),
        );
      });
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
    `The browser refused the request to ${url}: the server is not reachable, or it does not allow requests from this page (CORS).`,
    { cause },
  );
}
