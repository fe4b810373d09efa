/**
 * One machine of an account: holds its objects, brings callers to them, follows its deployments.
 *
 * Promise: an object is run here only under its lease; a container never starts under an older deployment than the
 * current one; closing ends every worker, lock and channel of this machine.
 *
 *     OPEN --close()--> CLOSED
 *
 * Knows nothing of RPC, SQL or user code: it brings two ends together and stays out of the way.
 */
import { TaskSet } from '../base/async.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import { randomName } from '../base/random.ts';
import { Directory } from '../network/directory.ts';
import type { Assignment, ConnectAnswer, Deployment, DeploymentInfo, Moved, ObjectInfo } from '../protocol/control.ts';
import type { WireError } from '../protocol/link.ts';
import {
  type EndpointId,
  type Epoch,
  lockNames,
  type MachineId,
  type ObjectAddress,
  objectAddress,
  type UniqueKey,
} from '../protocol/names.ts';
import type { ThreadSockets } from '../protocol/socket-counts.ts';
import type { ObjectTarget, Target } from '../protocol/target.ts';
import type { Vault } from '../storage/vault.ts';
import { Alarms, type Awake, CLOCK } from './alarms.ts';
import { type Announcement, hear } from './announcements.ts';
import { Caches } from './caches.ts';
import { ledgerNamespaces } from './class-ledger.ts';
import { HostClock } from './clock.ts';
import { CodeUpdate } from './code-update.ts';
import { complaint } from './complaint.ts';
import { Container } from './container.ts';
import { Crowd } from './crowd.ts';
import { type CurrentDeployment, Deployments, infoOf, ownerOf, planOf } from './deployments.ts';
import { Edits, type HolderAnswer, type HolderRequest } from './edits.ts';
import { Erasure } from './erasure.ts';
import { drainOrEnd, drainPatiently } from './evictions.ts';
import { HostFaults } from './host-faults.ts';
import type { HostOptions } from './host-options.ts';
import { type Introduction, introduce, introducePage, movedTo } from './introduction.ts';
import { type Answerers, answerIsolate } from './isolate-requests.ts';
import { type Neighbours, tellEnded, tellMoved } from './neighbours.ts';
import { objectAssignment, recordObject } from './object-assignment.ts';
import { listObjects } from './object-list.ts';
import { type DirectoryQuestion, objectLeases, Placement } from './placement.ts';
import { Pool } from './pool.ts';
import { Rollout } from './rollout.ts';
import { HostSockets } from './sockets.ts';
import { Stores } from './stores.ts';
import { Traces } from './traces.ts';
import { Watchdog } from './watchdog.ts';
import { Workers } from './workers.ts';

/** What one host tells another about an object it holds. */
type Whereabouts = Extract<ConnectAnswer, { carrier: 'channel' }>;

export class Host {
  /** the clock that programs observe */
  readonly clock: HostClock;
  /** changes to what objects have stored, from outside */
  readonly edits: Edits;
  readonly traces: Traces;
  readonly alarms: Alarms;
  readonly vault: Vault;
  readonly sockets: HostSockets;
  readonly faults: HostFaults;
  readonly #options: HostOptions;
  readonly #clock: Clock;
  readonly #pool: Pool;
  readonly #deployments: Deployments;
  readonly #directory: Directory<Whereabouts | HolderAnswer | Awake>;
  readonly #placement: Placement<Container, Whereabouts>;
  readonly #tasks: TaskSet;
  readonly #addresses = new Map<Container, ObjectAddress>();
  readonly #workers: Workers;
  readonly #rollout: Rollout;
  readonly #erasure: Erasure;
  readonly #crowd: Crowd;
  readonly #watchdog: Watchdog;
  readonly #stores: Stores;
  readonly #report = (error: unknown): void => this.#options.tell(complaint(error, this.clock.virtual.now()));
  readonly #answerers: Answerers;
  readonly #neighbours: Neighbours;
  #uses = 0;
  #isClosed = false;

  constructor(options: HostOptions) {
    const { opening, vault, leases, random } = options;
    const { account, machine } = opening;
    this.#options = options;
    this.vault = vault;
    this.#clock = options.clock ?? systemClock();
    this.#tasks = new TaskSet(this.#report);
    this.clock = this.#makeClock();
    this.faults = this.#makeFaults();
    this.sockets = this.#makeSockets();
    this.#neighbours = { ...options, sockets: this.sockets, containers: () => this.#everyone() };
    this.#pool = new Pool({
      account,
      machine,
      host: this.sockets.endpoint,
      engine: opening.engine,
      isolateUrl: opening.isolateUrl,
      locks: leases.mode === 'locks',
      clock: this.#clock,
      isTraced: () => this.traces.isOn,
      onTraced: (batch) => this.traces.take(batch, 'isolate'),
      faults: () => this.faults.now,
      anchors: () => this.clock.virtual.anchors,
      newEndpoint: () => randomName(random) as EndpointId,
      whenGone: (endpoint) => leases.whenFree(lockNames.life(account, endpoint), { shared: true }),
      onCrowded: () => this.#crowd.press(),
    });
    this.#deployments = new Deployments(vault.account);
    this.#stores = new Stores(vault);
    this.#directory = this.#makeDirectory();
    this.traces = this.#makeTraces();
    this.#placement = new Placement({
      leases: objectLeases(leases, account),
      ask: (object) => this.#directory.ask(object, undefined) as DirectoryQuestion<Whereabouts>,
      announceMoved: (object, epoch) => {
        this.#directory.announceMoved(object, epoch);
        this.#onMoved(object, epoch, machine);
      },
      robbed: (object) => this.sockets.breakOff(object, ''),
    });
    this.edits = new Edits({
      machine,
      clock: this.#clock,
      placement: this.#placement,
      startStorage: (target) => this.#startObject(target, undefined, { isStorageOnly: true }),
      ask: (object, request) => this.#directory.ask(object, request) as DirectoryQuestion<HolderAnswer>,
      newKey: () => randomName(random),
      wake: (object) => this.sockets.wake(object),
      closeSockets: (object) => this.sockets.breakOff(object, ''),
    });
    this.#workers = new Workers({
      deployment: () => this.#rollout.mustBeCurrent(),
      start: (script, current) =>
        this.#startContainer(
          () => this.#pool.takeBare(),
          Promise.resolve({ ...planOf(script, current, this.#options.opening), role: { kind: 'worker' } } as const),
        ),
      drain: (container) => this.#tasks.add(container.drain()),
    });
    this.#crowd = new Crowd({ objects: () => this.#placement.containers, tasks: this.#tasks });
    this.#erasure = new Erasure({ account, vault, leases, clock: this.#clock, onError: this.#report });
    this.#rollout = this.#makeRollout();
    const { hardwareConcurrency: processors } = navigator;
    this.#watchdog = new Watchdog({ clock: this.#clock, processors, warn: this.#report });
    this.alarms = this.#makeAlarms();
    this.#answerers = {
      ...{ tasks: this.#tasks, stores: this.#stores, alarms: this.alarms },
      caches: new Caches({ now: () => this.clock.virtual.now(), newName: () => randomName(random) }),
      sockets: this.sockets,
      addressOf: (container) => this.#addresses.get(container),
      connect: (...asked) => this.connect(...asked),
      probe: (...asked) => this.probe(...asked),
      tell: options.tell,
    };
    this.#pool.warm();
  }

  #makeDirectory(): Directory<Whereabouts | HolderAnswer | Awake> {
    return new Directory<Whereabouts | HolderAnswer | Awake>({
      ...this.#options.opening,
      clock: this.#clock,
      random: this.#options.random,
      answer: (object, request) => {
        if (object === CLOCK) return this.alarms.isLeading ? Promise.resolve('awake' as const) : undefined;
        return request ? this.edits.answer(object, request as HolderRequest) : this.#answer(object);
      },
      onMoved: (...moved) => this.#onMoved(...moved),
      onAnnouncement: (body, from) =>
        hear(body as Announcement, from, { ears: this, deployed: () => this.#tasks.add(this.current()) }),
      onError: this.#report,
    });
  }

  #makeTraces(): Traces {
    const { tell } = this.#options;
    return new Traces({
      clock: this.#clock,
      tell: (batch) => tell({ e: 'trace', batch }),
      announce: (news) => this.#directory.announce({ about: 'trace', news } satisfies Announcement),
      turn: async (isOn) => {
        tell({ e: 'tracing', isOn });
        await this.#pool.trace(isOn);
      },
    });
  }

  #makeFaults(): HostFaults {
    return new HostFaults({
      ...this.#options,
      real: this.#clock,
      clock: this.clock,
      announce: (news) => this.#directory.announce({ about: 'faults', news } satisfies Announcement),
      tellIsolates: (weather) => this.#pool.feel(weather),
      objects: () => this.#addresses,
    });
  }

  #makeAlarms(): Alarms {
    const { account, durability } = this.#options.opening;
    return new Alarms({
      ...this.#options,
      account,
      clock: this.clock.virtual,
      realClock: this.#clock,
      durability,
      begin: () => this.clock.begin(),
      find: (target) => this.#find(target),
      askHolder: (...asked) => this.edits.askHolder(...asked),
      announce: (atMs) => this.#directory.announce({ about: 'alarm', atMs } satisfies Announcement),
      isLeaderAwake: async () => (await this.#directory.ask(CLOCK, undefined).answer).outcome !== 'silent',
      onError: this.#report,
    });
  }

  #makeRollout(): Rollout {
    const { opening, tell } = this.#options;
    const tasks = this.#tasks;
    return new Rollout({
      deployments: this.#deployments,
      workers: this.#workers,
      updates: new CodeUpdate({
        ...{ clock: this.#clock, virtual: this.clock.virtual, tasks, onError: this.#report },
        newest: () => this.#workers.deployment,
      }),
      erasure: this.#erasure,
      pool: this.#pool,
      opening,
      tasks,
      objects: () => this.#placement.containers,
      sockets: this.sockets,
      announce: () => this.#directory.announce({ about: 'deployment' } satisfies Announcement),
      onFollowed: (info) => tell({ e: 'deploy', info }),
    });
  }

  /** This machine is awake, at first or again: it is asked about the clock, and runs alarms when it is its turn. */
  async wake(): Promise<void> {
    await this.clock.enter();
    this.faults.network.join();
    this.alarms.follow();
  }

  async current(): Promise<DeploymentInfo | undefined> {
    const current = await this.#rollout.current();
    return current && infoOf(current);
  }

  /** @see Rollout.deploy */
  deploy(deployment: Deployment): Promise<DeploymentInfo> {
    return this.#rollout.deploy(deployment);
  }

  /** @param isAwaited  an object that runs here waits for it */
  async connect(target: Target, from: EndpointId, isAwaited = false): Promise<Introduction> {
    switch (target.kind) {
      case 'worker': {
        const container = await this.#workers.find(target.script);
        const epoch = await container.live();
        return epoch === undefined ? this.connect(target, from) : this.#introduce(container, epoch, from);
      }
      case 'object': {
        const place = await this.#find(target, isAwaited);
        return place.at === 'there' ? { answer: place.answer } : this.#introduce(place.container, place.epoch, from);
      }
      case 'outside':
        return introducePage(this.#options, from);
      case 'endpoint':
        return this.sockets.bring(from, target, this.#everyone());
      default:
        return target satisfies never;
    }
  }

  async probe(target: Target, isAwaited = false): Promise<Moved | undefined> {
    return target.kind === 'object' ? movedTo(await this.#find(target, isAwaited), target, this.#options) : undefined;
  }

  async listObjects(): Promise<ObjectInfo[]> {
    const current = await this.#deployments.current();
    return listObjects({
      ...this.#options,
      account: this.#options.opening.account,
      classOf: (namespace) => current && ownerOf(namespace, current)?.className,
      isLive: (object) => this.#placement.get(object) !== undefined,
    });
  }

  async listNamespaces(): Promise<UniqueKey[]> {
    return ledgerNamespaces((await this.#rollout.mustBeCurrent()).ledger);
  }

  countSockets(): Promise<ThreadSockets[]> {
    return this.sockets.countAll(this.#everyone());
  }

  async evictAll(): Promise<void> {
    await Promise.all(this.#placement.containers.map((container) => drainPatiently(container, { clock: this.#clock })));
  }

  /** Gives every object up: those with nothing under way in good order, so that nobody loses a call; the others at once. */
  async yieldObjects(): Promise<void> {
    this.alarms.yield();
    this.clock.leave();
    await Promise.all(this.#placement.containers.map((container) => drainOrEnd(container, this.#clock)));
    this.sockets.breakAllOff();
  }

  async close(options: { delete: boolean }): Promise<void> {
    this.#isClosed = true;
    this.alarms.close();
    this.sockets.close();
    this.#placement.close();
    this.#watchdog.close();
    this.#erasure.close();
    this.clock.close();
    if (!options.delete) await this.yieldObjects();
    this.traces.close();
    this.#directory.close();
    this.#pool.close();
    this.edits.close();
    for (const container of this.#everyone()) container.end(undefined);
    await Promise.all([this.#tasks.idle(), this.#pool.gone()]);
    if (options.delete) await this.vault.deleteAll();
    this.vault.close();
  }

  #makeClock(): HostClock {
    const { opening, vault, leases, random, tell } = this.#options;
    return new HostClock({
      ...{ opening, vault, leases, real: this.#clock },
      newId: () => randomName(random),
      containers: () => this.#everyone(),
      idle: () => this.#tasks.idle(),
      tellIsolates: (message) => this.#pool.tell(message),
      tellPage: (event) => tell(event),
      reportOwn: (lastMs) => this.sockets.report(lastMs),
      announce: (announcement) => this.#directory.announce(announcement satisfies Announcement),
      onError: (error) => this.#report(error),
    });
  }

  #makeSockets(): HostSockets {
    return new HostSockets({
      ...this.#options,
      ...{ clock: this.#clock, tasks: this.#tasks, onFault: this.#report, weather: this.faults.weather },
      now: () => this.clock.virtual.now(),
      newest: () => this.#workers.deployment,
      placement: () => this.#placement,
      start: (target) => this.#find(target),
    });
  }

  #find(target: ObjectTarget, isAwaited = false): ReturnType<Placement<Container, Whereabouts>['find']> {
    const address = objectAddress(target.namespace, target.id);
    const held = this.#placement.get(address);
    if (held && isAwaited) this.#pool.hurry(held.isolate);
    // Asked for beside the lease: another process answers both.
    const early = held ? undefined : this.#rollout.mustBeCurrent();
    early?.catch(() => {}); // who starts the object hears of it
    return this.#placement.find(address, ({ wasFree }) => {
      const container = this.#startObject(target, wasFree ? early : undefined);
      if (isAwaited) this.#pool.hurry(container.isolate);
      return container;
    });
  }

  #startObject(target: ObjectTarget, early?: Promise<CurrentDeployment>, options?: { isStorageOnly: true }): Container {
    const address = objectAddress(target.namespace, target.id);
    this.#crowd.admit();
    const account = { ...this.#options, faults: this.faults.storage, sockets: this.sockets };
    const starting = this.#rollout.mustBeCurrent(early);
    const assigned = starting.then((current) => objectAssignment(target, { ...account, current }));
    const assignment = assigned.then((found) => ({ ...found.assignment, ...options }));
    const container = this.#startContainer(() => this.#pool.take(target.namespace), assignment);
    // When its own database is there: the browser makes one after the other. Nobody has reached it yet, so nothing is acknowledged.
    const tellOfIt = () => this.#options.tell({ e: 'objects' });
    const record = () => (this.#isClosed ? undefined : recordObject(this.vault, assigned).then(tellOfIt));
    this.#tasks.add(container.live().then(record, record));
    this.#addresses.set(container, address);
    this.sockets.follow(container, address);
    tellOfIt();
    return container;
  }

  /** @throws SimulatorError `closed`: what ends must not be started again by its own last calls */
  #startContainer(isolate: Pool['takeBare'], assignment: Promise<Assignment>): Container {
    if (this.#isClosed) throw new SimulatorError('closed', 'The simulator is closing; open it again.');
    const container = new Container({
      isolate: isolate(),
      another: () => this.#pool.takeBare(),
      assignment,
      onRequest: (from, request) => answerIsolate(from, request, this.#answerers),
      // The Worker that callers are brought to now stays, to be there for the next one.
      onIdle: (idle) => {
        if (!this.#workers.isNewest(idle)) this.#tasks.add(idle.drain());
      },
      onEnded: (ended, error) => this.#onEnded(ended, error),
    });
    container.lastUse = ++this.#uses;
    this.#tasks.add(assignment.then(() => this.#watchdog.watch(container)).catch(() => {})); // its starter is told
    const warmSoon = () => this.#pool.warmSoon();
    this.#tasks.add(container.live().then(warmSoon, warmSoon));
    return container;
  }

  #introduce(container: Container, epoch: Epoch, from: EndpointId): Introduction {
    container.lastUse = ++this.#uses;
    return introduce(this.#options, { container, epoch, from });
  }

  async #answer(object: ObjectAddress): Promise<Whereabouts | undefined> {
    await this.sockets.wake(object);
    const held = await this.#placement.answer(object);
    if (!held) return undefined;
    held.container.lastUse = ++this.#uses;
    const { machine } = this.#options.opening;
    return { endpoint: held.container.endpoint, epoch: held.epoch, machine, carrier: 'channel' };
  }

  #onMoved(object: ObjectAddress, epoch: Epoch, machine: MachineId): void {
    this.#placement.moved(object);
    tellMoved({ object, epoch, machine }, this.#neighbours);
  }

  #onEnded(container: Container, error: WireError | undefined): void {
    const address = this.#addresses.get(container);
    this.#addresses.delete(container);
    if (address) this.#placement.ended(address, container, this.sockets.ended(address, container));
    this.#workers.ended(container);
    this.#tasks.add(this.#stores.ended(container));
    tellEnded(container, error, this.#neighbours);
    if (address) this.#options.tell({ e: 'objects' });
  }

  #everyone(): Container[] {
    return [...this.#placement.containers, ...this.#workers.all];
  }
}
