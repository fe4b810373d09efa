/**
 * The page as an endpoint: whoever is outside the cloud and calls into it.
 *
 * Promise: calls go straight to the isolate that answers, without a relay; the page has no gates, so answers are
 * delivered as they come. Values are decoded into the page's own classes.
 *
 * Knows nothing of placement: it asks its host where to go.
 */
import { type Clock, preciseNow } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import { NativePromise, promiseThen } from '../base/primordials.ts';
import type { Random } from '../base/random.ts';
import { makeAfterTurn, schedule } from '../base/schedule.ts';
import { seal } from '../base/sealed.ts';
import { Stillness } from '../base/stillness.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { Connector } from '../network/connector.ts';
import type { Lease, Leases } from '../network/lease.ts';
import { LinkWeather } from '../network/weather.ts';
import type { ClockAnchors } from '../protocol/clock.ts';
import type { DeploymentInfo, HostControl } from '../protocol/control.ts';
import type { Weather } from '../protocol/faults.ts';
import { resolveLimits } from '../protocol/limits.ts';
import type { WireError } from '../protocol/link.ts';
import {
  type Account,
  type EndpointId,
  type Epoch,
  type LinkId,
  lockNames,
  type MachineId,
  type ObjectAddress,
  PAGE_EPOCH,
} from '../protocol/names.ts';
import { type Route, scriptAt } from '../protocol/routes.ts';
import type { ScheduledOptions, ScheduledOutcome } from '../protocol/scheduled.ts';
import type { SocketReference } from '../protocol/sockets.ts';
import { addressOf, type Callee, type Entry, type Target } from '../protocol/target.ts';
import { Tracer } from '../protocol/tracer.ts';
import { makeRpcCodecs } from '../rpc/codecs.ts';
import type { StubHook } from '../rpc/hook.ts';
import { nativeHeaders, nativeMessages } from '../rpc/native-messages.ts';
import { ObjectChannels } from '../rpc/object-channels.ts';
import { packedBodies } from '../rpc/packed-bodies.ts';
import type { RpcCodecs, RpcContext } from '../rpc/session.ts';
import { makeServiceStub } from '../rpc/stub.ts';
import { nativeTypesLater } from '../values/native-types.ts';
import { serialize } from '../values/serializer.ts';
import { SimulatorClock } from './clock.ts';
import { Faults } from './faults.ts';
import { asIncoming, type IncomingInit } from './incoming.ts';
import { Inspector } from './inspect.ts';
import type { InspectorThread } from './inspector-thread.ts';
import { Objects } from './objects.ts';
import { Outside } from './outside.ts';
import { PageSockets } from './page-sockets.ts';
import { rememberStub } from './references.ts';
import { SocketFaults } from './socket-faults.ts';
import type { ConnectOptions } from './socket-line.ts';
import { decodeStored, encodeStored } from './stored-values.ts';
import { Trace } from './trace.ts';

export interface ClientOptions {
  account: Account;
  endpoint: EndpointId;
  machine: MachineId;
  control: HostControl;
  clock: Clock;
  /** what the account's clock went by when the page joined */
  anchors: ClockAnchors;
  random: Random;
  leases: Leases;
  /** reads what is stored; started when it is needed */
  thread: InspectorThread;
}

export class Client {
  readonly inspector: Inspector;
  readonly objects: Objects;
  readonly faults: Faults;
  readonly trace: Trace;
  readonly clock: SimulatorClock;
  readonly outside: Outside;
  readonly #virtual: VirtualClock;
  readonly #stillness: Stillness;
  readonly #weather: LinkWeather;
  readonly #options: ClientOptions;
  readonly #life: Lease;
  readonly #codecs: RpcCodecs;
  readonly #connector: Connector<Target>;
  readonly #channels: ObjectChannels;
  readonly #sockets: PageSockets;
  #entry: { readonly script: string; readonly routes: readonly Route[] } | undefined;
  #env: Record<string, unknown> = {};
  #deployment = 0;

  static async open(options: ClientOptions): Promise<Client> {
    const { leases, account, endpoint } = options;
    // Held for life: isolates learn of this page's end by it.
    return new Client(options, await leases.acquire(lockNames.life(account, endpoint)));
  }

  private constructor(options: ClientOptions, life: Lease) {
    const { control, endpoint, clock, random } = options;
    this.#options = options;
    this.#life = life;
    this.#virtual = new VirtualClock(clock, options.anchors);
    this.#weather = new LinkWeather(this.#virtual);
    this.#weather.become({ kind: 'client', machine: options.machine });
    const tracer = new Tracer({
      now: () => this.#virtual.now(),
      realNow: preciseNow,
      later: (go) => queueMicrotask(go),
      hand: (batch) => this.trace.own(batch),
    });
    tracer.become({ id: endpoint, kind: 'client', lane: 'client', label: 'client', machine: options.machine });
    this.trace = new Trace({ control, tracer });
    const socketFaults = new SocketFaults(options.machine, (socket) => this.#sockets.endOf(socket));
    this.#sockets = this.#makeSockets(tracer, socketFaults);
    const context = pageContext(tracer);
    const codecs = pageCodecs({
      context,
      find: (target) => this.#channels.find(target),
      take: (reference) => this.#sockets.take(reference),
    });
    this.outside = new Outside({ context, codecs, begin: () => this.#stillness.begin() });
    this.#codecs = codecs;
    this.#connector = new Connector<Target>({
      account: options.account,
      endpoint,
      machine: options.machine,
      weather: this.#weather,
      clock,
      random,
      leases: options.leases,
      bodies: packedBodies,
      decodeError: (error, flags) => codecs.errors.decode(error, flags),
      onFault: () => {}, // the calls that the link carried fail, and say so
      objectOf: addressOf,
      ask: async (target) => {
        const { answer, port } = await control.connect(target, options.endpoint);
        const link = answer.carrier === 'port' ? { link: answer.link } : {};
        const { endpoint, epoch, machine } = answer;
        return seal({ endpoint, epoch, machine, ...link, ...(port ? { port } : {}) });
      },
      accept: ({ epoch }) => epoch === PAGE_EPOCH && this.outside.isOpen,
      onLink: (link) => this.outside.accept(link),
    });
    this.#channels = new ObjectChannels({
      context,
      codecs,
      limits: resolveLimits('workerd'),
      clock,
      connect: (target) => this.#connector.open(target),
      probe: (target) => void this.#probe(target).catch(() => {}), // the call itself says what is wrong
      randomBytes: (length) => random.bytes(length),
      onStub: (stub, target) => rememberStub(stub, target),
    });
    this.clock = new SimulatorClock({ control, virtual: this.#virtual });
    this.#stillness = new Stillness({
      schedule,
      clock,
      isStill: () => !this.#virtual.isDue && this.#connector.openingCount === 0,
      onStill: () => this.#tellStillness(),
    });
    const { thread } = options;
    this.inspector = new Inspector({
      ...{ control, thread, decode: decodeStored },
      ownSockets: () => ({ ...this.#sockets.counts, hindered: socketFaults.count }),
    });
    this.faults = new Faults({
      ...{ control, random, tracer },
      sockets: socketFaults,
      feel: (weather) => this.feel(weather),
    });
    this.objects = new Objects({
      control,
      thread,
      encode: encodeStored,
      gone: (crashed) => this.#connector.ended(crashed),
    });
  }

  #makeSockets(tracer: Tracer, faults: SocketFaults): PageSockets {
    const { clock, random } = this.#options;
    return new PageSockets({
      ...{ clock, random, tracer, virtual: this.#virtual },
      connect: ({ machine, endpoint: to, epoch }) =>
        this.#connector.open({ kind: 'endpoint', machine, endpoint: to, epoch }),
      onOver: (end) => faults.forget(end),
      fetch: (url, init) => this.#fetchWorker(url, init),
    });
  }

  get env(): Record<string, unknown> {
    return this.#env;
  }

  /** by the account's clock */
  nowMs(): number {
    return this.#virtual.now();
  }

  /** The account's clock goes by these anchors. False when that is no news. */
  clockMoved(anchors: ClockAnchors): boolean {
    return this.#virtual.follow(anchors);
  }

  /** The faults of the account's network are these now. */
  feel({ faults, cut }: Weather): void {
    this.#weather.follow(faults);
    if (cut) this.#weather.cut(cut);
  }

  /** The host wants to know when this page rests: what it sends has come, as far as it knows of it. */
  sound(): void {
    this.#stillness.ask();
  }

  #tellStillness(): void {
    const { control, endpoint } = this.#options;
    const { lastMs, nextDueMs } = this.#virtual;
    const report = { endpoint, lastMs, nextDueMs, links: this.#connector.traffic };
    void control.pageStill(report).catch(() => {}); // a host that closed has no use for it
  }

  /** Another deployment is current: other bindings, perhaps another entry. */
  deployed(info: DeploymentInfo): void {
    if (info.number <= this.#deployment) return;
    this.#deployment = info.number;
    this.#env = Object.fromEntries([
      ...info.services.map((binding) => [binding.name, this.#service(binding)]),
      ...info.namespaces.map(({ name, namespace }) => [name, this.#channels.namespace(namespace)]),
    ]) as Record<string, unknown>;
    this.#entry = { script: info.entry, routes: info.routes };
  }

  #service({ service, entrypoint: name = 'default', props }: DeploymentInfo['services'][number]): object {
    const entry: Entry = {
      name,
      ...(props === undefined ? {} : { props: { bytes: serialize(props), targets: [] } }),
    };
    return makeServiceStub(this.#channels.service({ kind: 'worker', script: service, entry }), this.#codecs.payload);
  }

  async fetch(input: RequestInfo | URL, init: IncomingInit | undefined, origin: string): Promise<Response> {
    const asked = input instanceof Request ? input : new URL(String(input), origin).href;
    return this.#sockets.dress(await this.#fetchWorker(asked, init));
  }

  /** @see Simulator.scheduled */
  scheduled({ cron, scheduledTime }: ScheduledOptions): Promise<ScheduledOutcome> {
    if (!this.#entry) throw new SimulatorError('config_invalid', 'Nothing is deployed in this account.');
    const entry: Entry = { name: 'default', isEvent: true };
    const events = makeServiceStub(
      this.#channels.find({ kind: 'worker', script: this.#entry.script, entry }),
      this.#codecs.payload,
    ) as { scheduled(event: ScheduledOptions): Promise<ScheduledOutcome> };
    return events.scheduled({
      ...(cron === undefined ? {} : { cron }),
      ...(scheduledTime === undefined ? {} : { scheduledTime }),
    });
  }

  /** @see Simulator.WebSocket */
  socketClass(origin: string): typeof WebSocket {
    return this.#sockets.classFor(origin);
  }

  /** @see Simulator.connect */
  connect(
    url: string | URL,
    protocols: string | string[] | undefined,
    { origin, ...options }: ConnectOptions & { origin: string },
  ): WebSocket {
    return this.#sockets.connect(url, protocols, { origin, ...options });
  }

  /** where Workers are reached, as of the newest deployment known here */
  get routes(): readonly Route[] {
    return this.#entry?.routes ?? [];
  }

  /** The Worker of the route, or else the entry. */
  async #fetchWorker(input: RequestInfo, init: IncomingInit = {}): Promise<Response> {
    if (!this.#entry) throw new SimulatorError('config_invalid', 'Nothing is deployed in this account.');
    const { script, routes } = this.#entry;
    const url = new URL(input instanceof Request ? input.url : input);
    const channel = this.#channels.channel({ kind: 'worker', script: scriptAt(routes, url) ?? script });
    const given = input instanceof Request ? input : undefined;
    const incoming = asIncoming(url, { given, init, randomBytes: (length) => this.#options.random.bytes(length) });
    // Each request of a client is a connection of its own: one that broke says nothing about the next.
    return channel.lease().fetch(input, incoming) as Promise<Response>;
  }

  /** An isolate of this machine has something to ask of the page. */
  acceptLink(given: { link: LinkId; from: EndpointId; epoch: Epoch; port: MessagePort }): void {
    this.#connector.accept(given);
  }

  gone(endpoint: EndpointId, error: WireError | undefined): void {
    this.#connector.gone(endpoint, error);
  }

  /** Somebody waits for long, perhaps for an instance that went without a word. */
  async #probe(target: Target): Promise<void> {
    const now = await this.#options.control.probe(target);
    if (now) this.moved(now.object, now.epoch, now.machine);
  }

  moved(object: ObjectAddress, epoch: Epoch, machine: MachineId): void {
    this.#connector.moved(object, epoch);
    this.#sockets.moved(object, machine);
  }

  close(): void {
    this.#options.thread.close();
    this.#connector.close();
    this.#life.release();
  }
}

/** Nothing waits: a page has no storage whose commits could fail. */
function pageContext(tracer: Tracer): RpcContext {
  const arrive: RpcContext['arrive'] = (deliver, arrived) => {
    tracer.deliver(arrived);
    tracer.rest(); // nobody knows what makes a page ask
    deliver();
  };
  return {
    tracer,
    leave: (post) => post(),
    capture: () => arrive,
    arrive,
    report: (error) => console.error(error),
    // A page has no event whose end could matter. What its microtasks ask one after the other still leaves together, and a task
    // would cost as much as all else that it does for a call.
    afterTurn: makeAfterTurn((go) => void promiseThen(nothing, go)),
  };
}

const nothing = NativePromise.resolve();

const unreachable = new FinalizationRegistry<StubHook>((hook) => hook.dispose());

interface PageCodecParts {
  context: RpcContext;
  find(target: Callee): StubHook;
  take(reference: SocketReference): object;
}

function pageCodecs({ context, find, take }: PageCodecParts): RpcCodecs {
  return makeRpcCodecs({
    context,
    limits: resolveLimits('workerd'),
    base: { isRpcTarget: () => false, isEntrypoint: () => false },
    messages: nativeMessages({ Request, Response, Headers }),
    values: {
      headers: nativeHeaders(Headers),
      nativeTypeOf: nativeTypesLater(globalThis),
    },
    enhancedErrors: true,
    keepsReasons: true,
    dupsParams: true,
    find,
    sockets: {
      take,
      give: () => {
        throw new Error('a page answers nobody');
      },
    },
    // A page has no end at which all that it received is disposed of, as a request has: what nobody can use any more goes.
    onStub: (handler, hook) => unreachable.register(handler, hook),
  });
}
