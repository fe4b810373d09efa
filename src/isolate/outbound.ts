/**
 * `fetch` to the world outside the cloud: the browser's own, behind the gates.
 *
 * Promise: the request leaves only when the writes before it are durable; the response arrives through the input gate. A
 * refusal by the browser's CORS rules is explained, because the browser itself says no more than "Failed to fetch".
 *
 * DIFFERS: the browser enforces CORS and decides about cookies; the platform does neither.
 */
import { SimulatorError } from '../base/errors.ts';
import type { RpcContext } from '../rpc/session.ts';
import type { FetchClasses } from './fetch-classes.ts';

export interface OutboundOptions {
  native: typeof globalThis.fetch;
  classes: FetchClasses;
  context: RpcContext;
  /** a request is on its way; call what it returns when its response has arrived, or its failure */
  begin?(): () => void;
}

type FetchInput = ConstructorParameters<typeof Request>[0];

/** The program's global `fetch`. Arguments are checked by the Request that is made of them. */
export function outboundFetch({
  native,
  classes,
  context,
  begin = () => () => {},
}: OutboundOptions): (...args: unknown[]) => Promise<Response> {
  return (...args) =>
    new Promise((resolve, reject) => {
      const request = new classes.Request(args[0] as FetchInput, args[1] as RequestInit | undefined);
      const { method, url, headers, body, redirect } = classes.takeRequest(request);
      const arrive = context.capture();
      const send = async (): Promise<Response> => {
        const init: RequestInit & { duplex?: 'half' } = { method, headers: headers as [string, string][] };
        if (redirect) init.redirect = redirect;
        if (body) {
          init.body = body as BodyInit;
          init.duplex = 'half';
        }
        const response = await native(url, init).catch((cause: unknown) => {
          throw explain(url, cause);
        });
        return classes.responseFrom({
          status: response.status,
          statusText: response.statusText,
          headers: [...response.headers],
          body: response.body,
          url: response.url,
          redirected: response.redirected,
        });
      };
      context.leave(() => {
        const end = begin();
        const deliver = (settle: () => void) => {
          arrive(settle);
          end();
        };
        send().then(
          (response) => deliver(() => resolve(response)),
          (error: unknown) => deliver(() => reject(error)),
        );
      });
    });
}

function explain(url: string, cause: unknown): SimulatorError {
  return new SimulatorError(
    'not_supported',
    `The browser refused the request to ${url}: the server is not reachable, or it does not allow requests from this page (CORS).`,
    { cause },
  );
}
