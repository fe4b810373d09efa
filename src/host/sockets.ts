/**
 * The hibernatable WebSockets of this machine's objects: their held ends are here, so that they outlive instances.
 *
 * Promise: an object that has sockets keeps its lease while it sleeps, so what comes for it comes here; it is woken for what its
 * program has to hear, and for nothing else. When its instance ends in another way than by going to sleep, its sockets break off.
 *
 *     AWAKE --went to sleep, has sockets--> ASLEEP --an event, a call--> AWAKE
 *       |                                      \---the last socket is gone--> forgotten, the lease is given back
 *       \---reset, crashed, replaced: every socket breaks off--------------> forgotten
 *
 * Knows nothing of handlers, nor of how a lease is won.
 */
import type { TaskSet } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import { type Random, randomName } from '../base/random.ts';
import { Connector } from '../network/connector.ts';
import type { Lease, Leases } from '../network/lease.ts';
import type { StillReport } from '../protocol/clock.ts';
import type { HostOpening } from '../protocol/control.ts';
import { SOCKET_CLAIM_MS } from '../protocol/limits.ts';
import type { LinkEnd, WireError } from '../protocol/link.ts';
import { type EndpointId, type Epoch, type LinkId, lockNames, type ObjectAddress } from '../protocol/names.ts';
import { NO_SOCKETS, type SocketCounts, type ThreadSockets } from '../protocol/socket-counts.ts';
import type { KeptSockets, SocketDeed } from '../protocol/sockets.ts';
import type { EndpointTarget, ObjectTarget } from '../protocol/target.ts';
import { ErrorCodec } from '../rpc/errors.ts';
import { ExternalRegistry } from '../rpc/externals.ts';
import type { ConnectionEnd } from '../sockets/connection.ts';
import { Keeper } from '../sockets/keeper.ts';
import { SocketLink } from '../sockets/socket-link.ts';
import type { Container } from './container.ts';
import { type Introduction, introduceThread } from './introduction.ts';
import type { Placement } from './placement.ts';
import type { SocketWeather } from './socket-weather.ts';

export interface HostSocketsOptions {
  opening: HostOpening;
  leases: Leases;
  random: Random;
  clock: Clock;
  prefersPorts: boolean;
  tasks: TaskSet;
  /** faults of the network */
  weather: SocketWeather;
  /** by the program's clock */
  now(): number;
  /** number of the newest deployment seen here */
  newest(): number;
  placement(): Pick<Placement<Container, unknown>, 'get' | 'isAsleep' | 'forget'>;
  /** Starts the object, or finds who runs it. */
  start(target: ObjectTarget): Promise<unknown>;
  onFault(error: Error): void;
}

interface Owner {
  readonly keeper: Keeper;
  readonly target: ObjectTarget;
  readonly className: string;
  isWaking: boolean;
  /** what came with the same packet is handed on together */
  isCollecting: boolean;
}

const UPDATED = 'Durable Object connection closed because the object was reset.';
/** A host has no storage to fence. */
const HOST_EPOCH = 0 as Epoch;

export class HostSockets {
  readonly endpoint: EndpointId;
  readonly #options: HostSocketsOptions;
  readonly #owners = new Map<ObjectAddress, Owner>();
  /** of links that peers opened, and that are not over */
  readonly #served = new Set<SocketLink>();
  #connector: Connector<never> | undefined;
  #life: Lease | undefined;

  constructor(options: HostSocketsOptions) {
    this.#options = options;
    this.endpoint = randomName(options.random) as EndpointId;
  }

  /** To be called before anything of a program runs. */
  async open(): Promise<void> {
    const { opening, leases, clock, random, onFault, weather } = this.#options;
    const { account, machine } = opening;
    this.#life = await leases.acquire(lockNames.life(account, this.endpoint));
    const errors = new ErrorCodec({ registry: new ExternalRegistry([]), enhancedErrors: true });
    this.#connector = new Connector<never>({
      ...{ account, machine, clock, random, leases, onFault, weather: weather.links },
      endpoint: this.endpoint,
      decodeError: (error, flags) => errors.decode(error, flags),
      objectOf: () => undefined,
      ask: (target) => target satisfies never,
      accept: ({ epoch }) => epoch === HOST_EPOCH,
      onLink: (link) => this.#serve(link),
    });
  }

  /** This thread's links, for whoever waits until nothing moves. */
  report(lastMs: number): StillReport {
    return { endpoint: this.endpoint, lastMs, nextDueMs: undefined, links: this.#connector?.traffic ?? [] };
  }

  /** Brings somebody who has the reference to a socket to whoever holds that. @throws SimulatorError `peer_gone` */
  bring(from: EndpointId, target: EndpointTarget, containers: readonly Container[]): Introduction {
    if (target.endpoint === this.endpoint) return this.#introduce(from);
    return introduceThread(this.#options, { target, from, containers });
  }

  #introduce(from: EndpointId): Introduction {
    const { opening, prefersPorts, random } = this.#options;
    const answer = { endpoint: this.endpoint, epoch: HOST_EPOCH, machine: opening.machine };
    if (opening.network === 'channel' || !prefersPorts) return { answer: { ...answer, carrier: 'channel' } };
    if (!this.#connector) throw new SimulatorError('closed', 'The simulator is closing; open it again.');
    const { port1, port2 } = new MessageChannel();
    const link = randomName(random) as LinkId;
    this.#connector.accept({ link, from, epoch: HOST_EPOCH, port: port1 });
    return { answer: { ...answer, carrier: 'port', link }, port: port2 };
  }

  get #counts(): SocketCounts {
    const keepers = [...this.#owners.values()].map(({ keeper }) => keeper.counts);
    const sum = (name: keyof (typeof keepers)[number]) => keepers.reduce((total, counts) => total + counts[name], 0);
    const ends = [...this.#served].reduce((total, { count }) => total + count, 0);
    const { count: hindered } = this.#options.weather;
    const kept = { kept: sum('kept'), unclaimed: sum('unclaimed'), parting: sum('parting'), waiting: sum('waiting') };
    return { ...NO_SOCKETS, ...kept, ends, hindered };
  }

  /** Of this thread, and of the isolates that run a program. */
  async countAll(containers: readonly Container[]): Promise<ThreadSockets[]> {
    const counted = await Promise.all(
      containers.map(async ({ isolate, label: thread }) => {
        const counts = await isolate.countSockets();
        return counts && { thread, ...counts };
      }),
    );
    return [{ thread: 'host', ...this.#counts }, ...counted.filter((one) => one !== undefined)];
  }

  /** What an instance that starts finds; undefined when nothing was left. */
  keptFor(object: ObjectAddress): KeptSockets | undefined {
    return this.#owners.get(object)?.keeper.kept;
  }

  /** Starts an object that sleeps here. @returns its instance, if it has one here */
  async wake(object: ObjectAddress): Promise<Container | undefined> {
    const { placement, start } = this.#options;
    const owner = placement().isAsleep(object) ? this.#owners.get(object) : undefined;
    if (owner) await start(owner.target);
    return placement().get(object);
  }

  /** An instance does something with its sockets. */
  obey(container: Container, object: ObjectAddress, deeds: readonly SocketDeed[]): void {
    const { keeper } = this.#owners.get(object) ?? this.#begin(container, object);
    for (const deed of deeds) keeper.obey(deed);
  }

  /** An instance is being started: when it is ready, it gets what came for it meanwhile. */
  follow(container: Container, object: ObjectAddress): void {
    const ready = () => {
      const owner = this.#owners.get(object);
      if (owner && !container.isEnded) this.#handOn(owner, container);
    };
    void container.live().then(ready, () => {}); // its starter is told
  }

  /**
   * An instance ended: its sockets stay if it went to sleep, else they break off.
   *
   * @returns whether the object keeps its lease
   */
  ended(object: ObjectAddress, { hasSlept, assigned }: Pick<Container, 'hasSlept' | 'assigned'>): boolean {
    const owner = this.#owners.get(object);
    if (!owner || assigned?.isStorageOnly) return false;
    const isOlder = (assigned?.deployment ?? 0) < this.#options.newest();
    if (hasSlept && !isOlder && this.#connector) owner.keeper.slept();
    else owner.keeper.breakAll(isOlder ? UPDATED : '');
    if (owner.keeper.isEmpty) {
      this.#owners.delete(object);
      return false;
    }
    // What came while it fell asleep is for the next instance, once this one is gone.
    this.#onEvent(object, owner);
    return true;
  }

  /** There is newer code: those that sleep begin anew with it. */
  updated(): void {
    for (const [object, { keeper }] of [...this.#owners]) {
      if (!this.#options.placement().isAsleep(object)) continue;
      keeper.breakAll(UPDATED);
      this.#forgetIfAsleep(object);
    }
  }

  /** Every socket of the object breaks off, whether it sleeps or not. */
  breakOff(object: ObjectAddress, reason: string): void {
    this.#owners.get(object)?.keeper.breakAll(reason);
    this.#forgetIfAsleep(object);
  }

  breakAllOff(): void {
    for (const object of [...this.#owners.keys()]) this.breakOff(object, '');
  }

  /** An endpoint is gone. */
  gone(endpoint: EndpointId, error: WireError | undefined): void {
    this.#connector?.gone(endpoint, error);
  }

  close(): void {
    this.breakAllOff();
    this.#connector?.close();
    this.#connector = undefined;
    this.#life?.release();
  }

  #begin(container: Container, object: ObjectAddress): Owner {
    const { now, clock, placement } = this.#options;
    const role = container.assigned?.role;
    if (role?.kind !== 'object') throw new Error('only an object keeps sockets');
    const { namespace, id, name, className } = role;
    const keeper: Keeper = new Keeper({
      now,
      afterClaimTime: (late) => void clock.after(SOCKET_CLAIM_MS, late),
      onEvent: () => this.#onEvent(object, owner),
      onAnswered: (connection, atMs) =>
        placement().get(object)?.isolate.post({ c: 'socket-answered', connection, atMs }),
    });
    const owner: Owner = {
      keeper,
      target: { kind: 'object', namespace, id, name },
      className,
      isWaking: false,
      isCollecting: false,
    };
    this.#owners.set(object, owner);
    return owner;
  }

  #onEvent(object: ObjectAddress, owner: Owner): void {
    if (owner.isCollecting) return;
    owner.isCollecting = true;
    queueMicrotask(() => {
      owner.isCollecting = false;
      this.#pass(object, owner);
    });
  }

  #pass(object: ObjectAddress, owner: Owner): void {
    if (!owner.keeper.hasNews || this.#owners.get(object) !== owner) return;
    const { placement, tasks, start } = this.#options;
    const container = placement().get(object);
    if (container?.isolate.isLive) {
      this.#handOn(owner, container);
      return;
    }
    // One that is starting, or falls asleep, is waited for: `follow` hands on.
    if (owner.isWaking) return;
    owner.isWaking = true;
    const woken = start(owner.target)
      .catch(() => this.breakOff(object, '')) // it cannot start: whoever calls it is told why
      .finally(() => {
        owner.isWaking = false;
        this.#pass(object, owner);
      });
    tasks.add(woken);
  }

  #handOn({ keeper }: Owner, container: Container): void {
    if (keeper.hasNews) container.isolate.post({ c: 'sockets', events: keeper.take() });
  }

  #forgetIfAsleep(object: ObjectAddress): void {
    const { placement } = this.#options;
    if (!this.#owners.get(object)?.keeper.isEmpty || placement().get(object)) return;
    this.#owners.delete(object);
    placement().forget(object);
  }

  #serve(link: LinkEnd): void {
    const sockets = new SocketLink({
      send: (message, transfer) => link.send(message, transfer),
      onOpen: (connection, end) => this.#take(connection, end),
    });
    this.#served.add(sockets);
    link.start({
      onMessage: (body) => {
        if (!sockets.receive(body)) link.break();
      },
      onEnd: () => {
        this.#served.delete(sockets);
        sockets.ended();
      },
    });
  }

  #take(connection: Parameters<Keeper['open']>[0], end: ConnectionEnd): boolean {
    for (const [object, { keeper, className }] of this.#owners) {
      if (!keeper.has(connection)) continue;
      const { weather, opening } = this.#options;
      const owner = { kind: 'object', machine: opening.machine, object, className } as const;
      const wrapped = weather.wrap(end, owner);
      const isTaken = keeper.open(connection, wrapped);
      if (!isTaken) wrapped.abort('');
      return isTaken;
    }
    return false;
  }
}
