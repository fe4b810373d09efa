/**
 * The sockets of one thread, by whom they lead to: those that it took up, one link for each holder, and those that it holds
 * until somebody takes them up.
 *
 * Promise: a link is opened for the first socket to a holder and goes away with the last. What is held and not taken up in time
 * breaks off.
 *
 * Knows neither how a link is opened nor what a socket is to its program.
 */
import {
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  mapSize,
  promiseThen,
  setAdd,
  setDelete,
  setForEach,
} from '../base/primordials.ts';
import { type Sealed, seal, unseal } from '../base/sealed.ts';
import { SOCKET_CLAIM_MS } from '../protocol/limits.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { ConnectionId, EndpointId, MachineId, ObjectAddress } from '../protocol/names.ts';
import type { SocketCounts } from '../protocol/socket-counts.ts';
import type { SocketMessage, SocketReference } from '../protocol/sockets.ts';
import { bridge, type ConnectionEnd, LateEnd } from './connection.ts';
import { SocketLink } from './socket-link.ts';

export interface SocketLinksOptions {
  /** Opens a link to the holder. Rejects when it is gone. */
  connect(reference: SocketReference): Promise<Sealed<LinkEnd>>;
  newConnection(): ConnectionId;
  /** This thread is outside the cloud. */
  readonly isClient?: boolean;
  /** Calls back after so many real ms. */
  after(delayMs: number, late: () => void): { cancel(): void };
}

/** What a link that somebody else opened says of sockets. */
export interface BesideSession {
  /** False when it is no message of a socket's, or breaks the rules. */
  receive(body: unknown): boolean;
  ended(): void;
}

interface Way {
  /** where it leads */
  readonly machine: MachineId;
  readonly sockets: Promise<Sealed<SocketLink>>;
}

export class SocketLinks {
  readonly #options: SocketLinksOptions;
  readonly #ways = new Map<EndpointId, Way>();
  readonly #held = new Map<ConnectionId, (end: ConnectionEnd) => void>();
  /** those that have not ended, whoever opened their link */
  readonly #links = new Set<SocketLink>();

  constructor(options: SocketLinksOptions) {
    this.#options = options;
  }

  get counts(): Pick<SocketCounts, 'unclaimed' | 'ends' | 'links'> {
    return { unclaimed: mapSize(this.#held), ends: endsOf(this.#links), links: mapSize(this.#ways) };
  }

  /** Takes up what somebody holds. Whether that is still there shows when it is used. */
  open(reference: SocketReference): ConnectionEnd {
    const late = new LateEnd();
    this.#dial(reference, late);
    return late;
  }

  #dial(reference: SocketReference, late: LateEnd): void {
    void promiseThen(
      this.#wayTo(reference).sockets,
      (sealed) => {
        const sockets = unseal(sealed);
        // The link went away with the last socket on it, while this one was waiting for it.
        if (sockets.isEnded) this.#dial(reference, late);
        else late.join(sockets.dial(reference.connection, reference.object));
      },
      () => late.lose(),
    );
  }

  /** Keeps an end for whoever says its name first. */
  hold(held: ConnectionEnd): ConnectionId {
    const connection = this.#options.newConnection();
    const timer = this.#options.after(SOCKET_CLAIM_MS, () => {
      if (mapDelete(this.#held, connection)) held.abort('');
    });
    mapSet(this.#held, connection, (end) => {
      timer.cancel();
      bridge(held, end);
    });
    return connection;
  }

  /** The object runs on that machine now: whoever holds ends of it elsewhere is robbed of it, and may be standing still. */
  moved(object: ObjectAddress, machine: MachineId): void {
    mapForEach(this.#ways, (way: Way) => {
      if (way.machine === machine) return;
      void promiseThen(
        way.sockets,
        (sockets) => unseal(sockets).moved(object),
        () => {}, // whoever takes a socket up is told
      );
    });
  }

  /** For a link that a peer opened to this thread. */
  beside(link: Pick<LinkEnd, 'send'>): BesideSession {
    const sockets = new SocketLink({
      send: (message, transfer) => link.send(message, transfer),
      onOpen: (connection, end) => this.#take(connection, end),
    });
    setAdd(this.#links, sockets);
    return {
      receive: (body) => sockets.receive(body),
      ended: () => {
        setDelete(this.#links, sockets);
        sockets.ended();
      },
    };
  }

  #take(connection: ConnectionId, end: ConnectionEnd): boolean {
    const give = mapGet(this.#held, connection);
    if (!give) return false;
    mapDelete(this.#held, connection);
    give(end);
    return true;
  }

  #wayTo(reference: SocketReference): Way {
    const { endpoint } = reference;
    const known = mapGet(this.#ways, endpoint);
    if (known) return known;
    const forget = () => {
      if (mapGet(this.#ways, endpoint) === way) mapDelete(this.#ways, endpoint);
    };
    const sockets = promiseThen(
      this.#options.connect(reference),
      (link) => seal(this.#start(unseal(link), forget)),
      (error) => {
        forget();
        throw error;
      },
    ) as Promise<Sealed<SocketLink>>;
    const way: Way = { machine: reference.machine, sockets };
    mapSet(this.#ways, endpoint, way);
    return way;
  }

  /** Sockets alone use it. */
  #start(link: LinkEnd, forget: () => void): SocketLink {
    const over = () => {
      forget();
      setDelete(this.#links, sockets);
    };
    const sockets: SocketLink = new SocketLink({
      isClient: this.#options.isClient ?? false,
      send: (message: SocketMessage, transfer) => link.send(message, transfer),
      onQuiet: () => {
        over();
        if (link.isOpen) link.goaway();
      },
    });
    setAdd(this.#links, sockets);
    link.start({
      onMessage: (body) => {
        if (!sockets.receive(body)) link.break();
      },
      onEnd: () => {
        over();
        sockets.ended();
      },
    });
    return sockets;
  }
}

function endsOf(links: Set<SocketLink>): number {
  let ends = 0;
  setForEach(links, (sockets: SocketLink) => {
    ends += sockets.count;
  });
  return ends;
}
