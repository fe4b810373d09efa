/**
 * Opens links for one endpoint: asks its host where the peer is, then takes the port it was given or dials.
 *
 * Promise: a link that is handed out ends by itself when the peer dies; what the peer said before it died is heard first. An
 * answer that proves stale (the peer went away between the host's word and the dialling) is asked for again, a bounded
 * number of times.
 *
 *     ask host --> port ------------> link
 *             \--> channel --> dial --> link
 *                               \--> gone, refused: ask again
 *
 * Knows nothing of what is asked for (`Target` is opaque), nor of who answers.
 */
import { isSimulatorError } from '../base/errors.ts';
import {
  arrayAppend,
  mapDelete,
  mapForEach,
  mapGet,
  mapSet,
  NativePromise,
  setAdd,
  setDelete,
  setForEach,
  setSize,
} from '../base/primordials.ts';
import type { Random } from '../base/random.ts';
import { type Sealed, seal, unseal } from '../base/sealed.ts';
import type { LinkTraffic } from '../protocol/clock.ts';
import type { LinkEnd, WireError } from '../protocol/link.ts';
import {
  type EndpointId,
  type Epoch,
  type LinkId,
  lockNames,
  type MachineId,
  type ObjectAddress,
} from '../protocol/names.ts';
import type { Leases } from './lease.ts';
import { type Link, type LinkSetting, portLink } from './link.ts';
import { dial, type OpenRequest, Rendezvous } from './rendezvous.ts';
import type { LinkWeather } from './weather.ts';

/** Where the peer is. `port` is this endpoint's end of a MessageChannel, when the carrier is a port. */
export interface Whereabouts {
  readonly endpoint: EndpointId;
  readonly epoch: Epoch;
  readonly machine: MachineId;
  readonly link?: LinkId;
  readonly port?: MessagePort;
}

/** `hold` is asked of the links that others open to this endpoint. */
export interface ConnectorOptions<Target> extends LinkSetting {
  readonly endpoint: EndpointId;
  /** where this endpoint is */
  readonly machine: MachineId;
  /** faults of the network */
  readonly weather: LinkWeather;
  readonly random: Random;
  readonly leases: Leases;
  /** the object that a target is, if it is one that can move */
  objectOf(target: Target): ObjectAddress | undefined;
  ask(target: Target): Promise<Sealed<Whereabouts>>;
  /** a peer opened a link to this endpoint under `epoch`; refuse by accept */
  accept(request: OpenRequest): boolean;
  onLink(link: LinkEnd, from: EndpointId): void;
}

/** A peer answers a dial in about a millisecond; this is for one that is busy in a long turn. */
const DIAL_TIMEOUT_MS = 10_000;
const ATTEMPTS = 5;
/**
 * How long a link outlives the news that its peer is gone, real ms: so long at least, and then until all has come that was on its way.
 * The news and the link's last frames come by different ways and overtake each other (by 65 ms on a busy machine, seen): an answer or
 * a `goaway` that is on its way must win, or calls fail that were never looked at.
 */
const LAST_WORDS_MS = 50;
/** A channel that brings nothing by then is broken itself. */
const LAST_WORDS_MS_MAX = 10_000;

const NativeSet = Set;

export class Connector<Target> {
  readonly #options: ConnectorOptions<Target>;
  /** of every link */
  readonly #setting: LinkSetting;
  readonly #rendezvous: Rendezvous;
  readonly #links = new Map<EndpointId, Set<Link>>();
  /** links that this endpoint opened to objects */
  readonly #toObject = new Map<ObjectAddress, Set<Link>>();
  /** one wait for each peer's death, however many links lead to it */
  readonly #watches = new Map<EndpointId, AbortController>();
  #openingCount = 0;
  #isClosed = false;

  constructor(options: ConnectorOptions<Target>) {
    const { account, clock, decodeError, bodies, onFault, hold } = options;
    this.#options = options;
    this.#setting = { account, clock, decodeError, bodies, onFault };
    this.#rendezvous = new Rendezvous({
      ...this.#setting,
      hold,
      endpoint: options.endpoint,
      accept: options.accept,
      onLink: (link, from, machine) => {
        this.#keep(link, from, machine);
        options.onLink(link, from);
      },
    });
  }

  /** Links that are being opened by this endpoint. */
  get openingCount(): number {
    return this.#openingCount;
  }

  /** A fault holds something back that came, or is to leave. */
  get isHolding(): boolean {
    return this.#options.weather.isHolding;
  }

  /** Every link that is open, and how much went over it. */
  get traffic(): LinkTraffic[] {
    const all: LinkTraffic[] = [];
    mapForEach(this.#links, (links, peer) => {
      setForEach(links, (link) => {
        all[all.length] = { link: link.id, peer, ...link.traffic };
      });
    });
    return all;
  }

  /** Opens a link to `target`. Rejects with what `ask` rejects with, or `peer_gone` when every attempt failed. */
  async open(target: Target): Promise<Sealed<LinkEnd>> {
    this.#openingCount++;
    try {
      return await this.#openFresh(target);
    } finally {
      this.#openingCount--;
    }
  }

  async #openFresh(target: Target): Promise<Sealed<LinkEnd>> {
    for (let attempt = 1; ; attempt++) {
      const found = unseal(await this.#options.ask(target));
      try {
        const link = await this.#open(found);
        this.#follow(unseal(link), this.#options.objectOf(target));
        return link;
      } catch (error) {
        const isStale = isSimulatorError(error, 'peer_gone') || isSimulatorError(error, 'link_broken');
        if (!isStale || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** Takes a port that the host handed to both ends; whoever is at the other one asks elsewhere if this endpoint has gone. */
  accept(options: { link: LinkId; from: EndpointId; epoch: Epoch; port: MessagePort }): void {
    const link = this.#portLink(options.link, options.epoch, options.port, 1);
    if (this.#isClosed) {
      link.goaway();
      return;
    }
    this.#keep(link, options.from, this.#options.machine);
    this.#options.onLink(link, options.from);
  }

  /** The peer is known to be dead: its links are broken by `error`, or lost without one; soon, after its last words. */
  gone(endpoint: EndpointId, error: WireError | undefined): void {
    this.#loseSoon(linksOf(this.#links, endpoint), error);
  }

  /** The peer was ended by force: it has no last words, and its links are lost at once. */
  ended(endpoint: EndpointId): void {
    const links = linksOf(this.#links, endpoint);
    for (let i = 0; i < links.length; i++) (links[i] as Link).lose();
  }

  /** The object runs under `epoch` now: links that lead to an older instance of it are lost; soon, as above. */
  moved(object: ObjectAddress, epoch: Epoch): void {
    const all = linksOf(this.#toObject, object);
    const older: Link[] = [];
    for (let i = 0; i < all.length; i++) {
      const link = all[i] as Link;
      if (link.epoch < epoch) arrayAppend(older, link);
    }
    this.#loseSoon(older, undefined);
  }

  /** Every link goes away in good order, and nobody can dial any more. */
  close(): void {
    this.#isClosed = true;
    this.#rendezvous.close();
    const all: Link[] = [];
    mapForEach(this.#links, (links) => setForEach(links, (link) => arrayAppend(all, link)));
    for (let i = 0; i < all.length; i++) (all[i] as Link).goaway();
    mapForEach(this.#watches, (watch) => watch.abort());
  }

  async #open(found: Whereabouts): Promise<Sealed<Link>> {
    const { endpoint, machine, random } = this.#options;
    if (found.port && found.link) {
      const link = this.#portLink(found.link, found.epoch, found.port, 0);
      this.#keep(link, found.endpoint, found.machine);
      return seal(link);
    }
    const link = await dial({
      ...this.#setting,
      from: endpoint,
      machine,
      to: found.endpoint,
      epoch: found.epoch,
      random,
      timeoutMs: DIAL_TIMEOUT_MS,
      gone: this.#watch(found.endpoint),
    });
    this.#keep(unseal(link), found.endpoint, found.machine);
    return link;
  }

  #portLink(id: LinkId, epoch: Epoch, port: MessagePort, end: 0 | 1): Link {
    return portLink({ ...this.#setting, hold: this.#options.hold, id, epoch, end, port });
  }

  #loseSoon(links: readonly Link[], error: WireError | undefined): void {
    if (links.length === 0) return;
    const { clock } = this.#options;
    clock.after(LAST_WORDS_MS, () => {
      for (let i = 0; i < links.length; i++) (links[i] as Link).loseAfterAll(error);
    });
    clock.after(LAST_WORDS_MS_MAX, () => {
      for (let i = 0; i < links.length; i++) (links[i] as Link).lose(error);
    });
  }

  #follow(link: Link, object: ObjectAddress | undefined): void {
    if (object === undefined) return;
    const links = mapGet(this.#toObject, object) ?? new NativeSet<Link>();
    mapSet(this.#toObject, object, setAdd(links, link));
    link.whenEnded(() => {
      setDelete(links, link);
      if (setSize(links) === 0) mapDelete(this.#toObject, object);
    });
  }

  #keep(link: Link, peer: EndpointId, machine: MachineId): void {
    this.#options.weather.add(link, machine);
    const links = mapGet(this.#links, peer) ?? new NativeSet<Link>();
    mapSet(this.#links, peer, setAdd(links, link));
    void this.#watch(peer);
    link.whenEnded(() => {
      setDelete(links, link);
      if (setSize(links) > 0) return;
      mapDelete(this.#links, peer);
      mapGet(this.#watches, peer)?.abort();
      mapDelete(this.#watches, peer);
    });
  }

  /** Settles when the peer is dead. Without Web Locks its host tells us, through `gone`. */
  async #watch(peer: EndpointId): Promise<void> {
    const { account, leases } = this.#options;
    if (leases.mode === 'sole') return new NativePromise(() => {});
    const watch = new AbortController();
    if (!mapGet(this.#watches, peer)) mapSet(this.#watches, peer, watch);
    const signal = (mapGet(this.#watches, peer) ?? watch).signal;
    try {
      await leases.whenFree(lockNames.life(account, peer), { shared: true, signal });
    } catch (error) {
      if (!signal.aborted) throw error;
      return new NativePromise(() => {});
    }
    this.gone(peer, undefined);
  }
}

function linksOf<Key>(map: Map<Key, Set<Link>>, key: Key): Link[] {
  const all: Link[] = [];
  const links = mapGet(map, key);
  if (links) setForEach(links, (link) => arrayAppend(all, link));
  return all;
}
