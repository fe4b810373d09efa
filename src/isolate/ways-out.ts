/**
 * Where a request of the program's to an address goes: to a Worker of the account, to the page that answers for the internet, or
 * out by the browser.
 *
 * Promise: what stays inside goes as every call does, through the gates and by a link; `fetch` and WebSockets decide alike.
 *
 * DIFFERS: the platform leads a Worker's request to its own route past it, to a server that does not exist here.
 */

import { type Route, scriptAt } from '../protocol/routes.ts';
import type { Callee } from '../protocol/target.ts';
import type { StubHook } from '../rpc/hook.ts';
import type { HeaderList } from './fetch-headers.ts';

export interface WaysOutOptions {
  routes: readonly Route[];
  /** a page answers for every address that is no Worker's */
  hasOutside: boolean;
  /** name of the script that asks */
  script: string;
  lease(target: Callee): StubHook;
}

/** A request as `RequestInit` has it, but for its headers. */
export interface InsideRequest {
  readonly method?: string;
  readonly headers: HeaderList;
  readonly body?: Uint8Array | ReadableStream | null;
  readonly signal?: AbortSignal | undefined;
  readonly cf?: unknown;
}

export class WaysOut {
  readonly #options: WaysOutOptions;

  constructor(options: WaysOutOptions) {
    this.#options = options;
  }

  /** @param url  `http:`, `https:`, `ws:` or `wss:`. Undefined: the browser's business. */
  targetOf(url: URL): Callee | undefined {
    const { routes, hasOutside } = this.#options;
    const script = scriptAt(routes, url);
    if (script !== undefined) return { kind: 'worker', script };
    return hasOutside && /^(http|ws)s?:$/.test(url.protocol) ? { kind: 'outside' } : undefined;
  }

  /** Redirects are not followed: they may lead somewhere else. */
  async ask(target: Callee, url: string, request: InsideRequest): Promise<Response> {
    const { lease, script } = this.#options;
    const { headers, body, signal, ...rest } = request;
    const init = {
      ...rest,
      headers: [...headers, ['cf-worker', `${script}.example.com`]],
      redirect: 'manual',
      ...(body ? { body } : {}),
      ...(signal ? { signal } : {}),
    };
    return (await lease(target).fetch(url, init)) as Response;
  }
}
