/**
 * The WebSockets of a page: the class that an embedder gets, and the sockets that responses bring.
 *
 * Promise: a socket goes straight to whoever holds its other end, an isolate or a host.
 */
import type { Clock } from '../base/clock.ts';
import { type Random, randomName } from '../base/random.ts';
import type { Sealed } from '../base/sealed.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { ConnectionId, MachineId, ObjectAddress } from '../protocol/names.ts';
import { NO_SOCKETS, type SocketCounts } from '../protocol/socket-counts.ts';
import type { SocketReference } from '../protocol/sockets.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { HinderedEnd } from '../sockets/hindered-end.ts';
import { SocketLinks } from '../sockets/socket-links.ts';
import { type ConnectOptions, openedSocket, PageSocket, type PageSocketTools } from './web-socket.ts';

export interface PageSocketsOptions {
  clock: Clock;
  /** the account's: what comes late is late by it */
  virtual: Pick<Clock<number>, 'now' | 'after'>;
  random: Random;
  tracer: Tracer;
  connect(reference: SocketReference): Promise<Sealed<LinkEnd>>;
  /** an end is over: no fault is felt at it any more */
  onOver(end: HinderedEnd): void;
  /** Asks the Worker; a response of status 101 has what `take` made as its `webSocket`. */
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** What `take` makes: a reference that nobody has taken up yet. */
class Taken {
  readonly reference: SocketReference;

  constructor(reference: SocketReference) {
    this.reference = reference;
  }
}

export class PageSockets {
  readonly #options: PageSocketsOptions;
  readonly #links: SocketLinks;
  readonly #classes = new Map<string, typeof WebSocket>();
  #openCount = 0;

  constructor(options: PageSocketsOptions) {
    const { clock, random, connect } = options;
    this.#options = options;
    this.#links = new SocketLinks({
      connect,
      isClient: true,
      newConnection: () => randomName(random) as ConnectionId,
      after: (delayMs, late) => clock.after(delayMs, late),
    });
  }

  get counts(): SocketCounts {
    return { ...NO_SOCKETS, open: this.#openCount, ...this.#links.counts };
  }

  /** The page's end of a socket that has one. */
  endOf(socket: WebSocket): HinderedEnd | undefined {
    const end = PageSocket.endOf(socket);
    return end instanceof HinderedEnd ? end : undefined;
  }

  /** The object runs on that machine now. */
  moved(object: ObjectAddress, machine: MachineId): void {
    this.#links.moved(object, machine);
  }

  take(reference: SocketReference): object {
    return new Taken(reference);
  }

  /** Gives a response's socket to whoever fetched it. */
  dress(response: Response, origin: string): Response {
    const taken = webSocketOf(response);
    if (!taken) return response;
    const protocol = response.headers.get('sec-websocket-protocol') ?? '';
    const url = response.url.replace(/^http/, 'ws');
    const value = openedSocket(this.#toolsFor(origin), this.#open(taken.reference), { url, protocol });
    return Object.defineProperty(response, 'webSocket', { value, configurable: true });
  }

  /** The same class each time. */
  classFor(origin: string): typeof WebSocket {
    const known = this.#classes.get(origin);
    if (known) return known;
    const tools = this.#toolsFor(origin);
    const made = {
      WebSocket: class extends PageSocket {
        constructor(...args: unknown[]) {
          if (args.length === 0) throw new TypeError(MISSING);
          super(tools, args[0], args[1]);
        }
      },
    }.WebSocket as unknown as typeof WebSocket;
    Object.defineProperty(made, 'length', { value: 1, configurable: true });
    this.#classes.set(origin, made);
    return made;
  }

  connect(
    url: string | URL,
    protocols: string | string[] | undefined,
    { origin, ...options }: ConnectOptions & { origin: string },
  ): WebSocket {
    return new PageSocket(this.#toolsFor(origin), url, protocols, options) as unknown as WebSocket;
  }

  #open(reference: SocketReference): HinderedEnd {
    const { virtual: clock, onOver } = this.#options;
    const end: HinderedEnd = new HinderedEnd({ end: this.#links.open(reference), clock, onOver: () => onOver(end) });
    return end;
  }

  #toolsFor(origin: string): PageSocketTools {
    const { clock, random, tracer, fetch } = this.#options;
    return {
      clock,
      tracer,
      origin,
      randomBytes: (length) => random.bytes(length),
      onOpen: (count) => {
        this.#openCount += count;
      },
      upgrade: async (url, headers) => {
        const response = await fetch(url, { headers });
        const taken = webSocketOf(response);
        return { response, end: taken && this.#open(taken.reference) };
      },
    };
  }
}

function webSocketOf(response: Response): Taken | undefined {
  const { webSocket } = response as Response & { webSocket?: unknown };
  return webSocket instanceof Taken ? webSocket : undefined;
}

const MISSING = "Failed to construct 'WebSocket': 1 argument required, but only 0 present.";
