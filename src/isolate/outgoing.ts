/**
 * What of a program's thread asks somebody for something by itself, without a binding: `fetch`, WebSockets, caches.
 *
 * Promise: all of it goes by one table of ways, through the gates of the instance whose code runs, and is waited for.
 */
import type { Plan } from '../protocol/control.ts';
import type { RpcCodecs } from '../rpc/answers.ts';
import type { ObjectChannels } from '../rpc/object-channels.ts';
import type { RpcContext } from '../rpc/session.ts';
import { makeCaches } from './cache-api.ts';
import type { IsolateControl } from './control.ts';
import type { FetchClasses } from './fetch-classes.ts';
import { makeNextFetcher } from './next-fetcher.ts';
import { outboundFetch } from './outbound.ts';
import { nativeSockets, OutgoingSockets } from './outgoing-sockets.ts';
import type { IsolateSockets } from './sockets.ts';
import { WaysOut } from './ways-out.ts';

export interface OutgoingParts {
  plan: Plan;
  control: Pick<IsolateControl, 'askCache'>;
  sockets: IsolateSockets;
  /** made later than this, and before a program asks for anything */
  made(): { readonly classes: FetchClasses; readonly codecs: RpcCodecs };
  /** whose code runs */
  running(): { readonly context: RpcContext; readonly channels: ObjectChannels };
  isGlobalScope(): boolean;
  /** the network is waited for; call what it returns when that is over */
  begin(): () => void;
}

type Fetch = (...args: unknown[]) => Promise<Response>;

export class Outgoing {
  readonly sockets: OutgoingSockets;
  readonly #parts: OutgoingParts;
  readonly #ways: WaysOut;
  #fetch: Fetch | undefined;
  #next: object | undefined;

  constructor(parts: OutgoingParts) {
    const { plan, sockets, running, made, begin } = parts;
    this.#parts = parts;
    this.#ways = new WaysOut({
      ...plan,
      script: plan.script.name,
      lease: (target) => running().channels.channel(target).lease(),
    });
    this.sockets = new OutgoingSockets({
      ...{ native: nativeSockets(globalThis), ways: this.#ways, begin },
      ...{ classes: sockets.classes, context: sockets.context },
      responses: () => made().classes,
    });
  }

  /** The global `fetch`. Takes the browser's, once. */
  fetch(): Fetch {
    const { running, made, begin } = this.#parts;
    this.#fetch ??= outboundFetch({
      native: globalThis.fetch.bind(globalThis),
      classes: made().classes,
      context: () => running().context,
      errors: made().codecs.errors,
      fetchBy: (fetcher, request) => (fetcher as { fetch: Fetch }).fetch(request),
      ending: (signal) => made().codecs.http.ending(signal),
      ways: this.#ways,
      upgrade: (request) => this.sockets.fetch(request),
      begin,
    });
    return this.#fetch;
  }

  /** What requests that came have as their `fetcher`. */
  nextFetcher(): object {
    this.#next ??= makeNextFetcher(this.fetch(), this.#parts.made().codecs.payload);
    return this.#next;
  }

  /** `caches` and its classes. */
  caches(): Record<string, unknown> {
    const { running, made, begin, control, isGlobalScope } = this.#parts;
    return makeCaches({
      ...{ classes: made().classes, isGlobalScope, begin },
      context: () => running().context,
      ask: (order, transfer) => control.askCache(order, transfer),
    });
  }
}
