/**
 * The page as the internet: answers what programs ask of addresses that no Worker of the account has.
 *
 * Promise: one function answers everything, for every isolate of this machine; what it throws is what the program's `fetch`
 * rejects with. While it is at work the page does not rest, so a clock that is advanced waits for it.
 *
 * Knows nothing of routes: the isolates decide what is the internet.
 */
import { SimulatorError } from '../base/errors.ts';
import { resolveLimits } from '../protocol/limits.ts';
import type { LinkEnd } from '../protocol/link.ts';
import { type RpcCodecs, type RpcContext, RpcSession } from '../rpc/session.ts';

/** Answers a request to the internet. */
export type Outbound = (request: Request) => Response | Promise<Response>;

export interface OutsideOptions {
  context: RpcContext;
  codecs: RpcCodecs;
  /** something is under way, until the function that it returns is called */
  begin(): () => void;
}

export class Outside {
  readonly #options: OutsideOptions;
  #outbound: Outbound | undefined;

  constructor(options: OutsideOptions) {
    this.#options = options;
  }

  get isOpen(): boolean {
    return this.#outbound !== undefined;
  }

  /** The newest one answers. */
  answerWith(outbound: Outbound): void {
    this.#outbound = outbound;
  }

  accept(link: LinkEnd): void {
    const { context, codecs, begin } = this.#options;
    new RpcSession({
      link,
      context,
      codecs,
      limits: resolveLimits('workerd'),
      main: {
        deliver: (delivery) => {
          const end = begin();
          void delivery.run({ fetch: (request: Request) => this.#answer(request) }).then(end);
        },
      },
    });
  }

  async #answer(request: Request): Promise<Response> {
    const response: unknown = await this.#outbound?.(request);
    if (response instanceof Response) return response;
    throw new SimulatorError(
      'config_invalid',
      `The function "outbound" gave no Response for ${request.method} ${request.url}.`,
    );
  }
}
