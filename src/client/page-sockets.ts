/**
 * The WebSockets of a page: the class that an embedder gets, and the sockets that responses bring.
 *
 * Promise: a socket goes straight to whoever holds its other end, an isolate or a host.
 */
import { must } from '../base/assert.ts';
import type { Clock } from '../base/clock.ts';
import { type Random, randomName } from '../base/random.ts';
import { schedule } from '../base/schedule.ts';
import type { Sealed } from '../base/sealed.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { ConnectionId, MachineId, ObjectAddress } from '../protocol/names.ts';
import { NO_SOCKETS, type SocketCounts } from '../protocol/socket-counts.ts';
import type { SocketReference } from '../protocol/sockets.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { HinderedEnd } from '../sockets/hindered-end.ts';
import { type Opening, readOpening } from '../sockets/socket-arguments.ts';
import { SocketLinks } from '../sockets/socket-links.ts';
import { type SocketTold, StandardSocket, socketClass } from '../sockets/standard-socket.ts';
import { type LineOptions, SocketLine, type SocketLineTools } from './socket-line.ts';

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
    const end = lineOf(socket)?.end;
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
  dress(response: Response): Response {
    const taken = webSocketOf(response);
    if (!taken) return response;
    const protocol = response.headers.get('sec-websocket-protocol') ?? '';
    const url = new URL(response.url.replace(/^http/, 'ws'));
    const tools = this.#tools();
    const end = this.#open(taken.reference);
    const carry = (told: SocketTold) => SocketLine.opened(told, tools, end);
    const value = new FetchedSocket({ url, protocol }, { schedule: tools.schedule, carry });
    return Object.defineProperty(response, 'webSocket', { value, configurable: true });
  }

  /** The same class each time. */
  classFor(origin: string): typeof WebSocket {
    const known = this.#classes.get(origin);
    if (known) return known;
    const tools = this.#tools();
    const made = socketClass(
      (args) => readOpening(args, origin),
      (opening) => partsOf(tools, opening, { origin }),
    );
    this.#classes.set(origin, made);
    return made;
  }

  connect(url: string | URL, protocols: string | string[] | undefined, options: LineOptions): WebSocket {
    const opening = readOpening([url, protocols], options.origin);
    return new StandardSocket(opening, partsOf(this.#tools(), opening, options)) as unknown as WebSocket;
  }

  #open(reference: SocketReference): HinderedEnd {
    const { virtual: clock, onOver } = this.#options;
    const end: HinderedEnd = new HinderedEnd({ end: this.#links.open(reference), clock, onOver: () => onOver(end) });
    return end;
  }

  #tools(): SocketLineTools {
    const { clock, random, tracer, fetch } = this.#options;
    return {
      clock,
      tracer,
      schedule,
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

function partsOf(tools: SocketLineTools, opening: Opening, options: LineOptions) {
  const { schedule } = tools;
  return { schedule, carry: (told: SocketTold) => SocketLine.connect(told, tools, opening, options) };
}

/** What `fetch` hands out with a response of status 101: it is open from the first, and tells nothing before `accept()`. */
class FetchedSocket extends StandardSocket {
  accept(): void {
    must(lineOf(this), 'the line of a fetched socket').accept();
  }

  /** Goes away without a close frame, as a page does that is closed. */
  terminate(): void {
    must(lineOf(this), 'the line of a fetched socket').terminate();
  }
}

function lineOf(socket: unknown): SocketLine | undefined {
  const carrier = StandardSocket.carrierOf(socket);
  return carrier instanceof SocketLine ? carrier : undefined;
}
