/**
 * What every isolate has, whatever it becomes: codecs, links, channels to objects, timers, the shaped global scope.
 *
 * Promise: everything of the platform's that the runtime needs is taken here, before a program's code is loaded; from
 * `prepare` on, a Worker's global scope is all that there is. No code of the program runs before `load`.
 *
 * Knows nothing of instances or storage: when something may leave or arrive is the role's business (`RpcContext`).
 */
import { must } from '../base/assert.ts';
import { AsyncContext } from '../base/async-context.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import { platformTypeOf } from '../base/platform-objects.ts';
import { objectIsPrototypeOf } from '../base/primordials.ts';
import { type Random, randomName, systemRandom } from '../base/random.ts';
import { type Schedule, schedule } from '../base/schedule.ts';
import { Stillness } from '../base/stillness.ts';
import { promiseOf } from '../base/thenables.ts';
import type { DueTimer, VirtualClock } from '../base/virtual-clock.ts';
import { Connector } from '../network/connector.ts';
import type { Leases } from '../network/lease.ts';
import type { LinkSetting } from '../network/link.ts';
import type { LinkWeather } from '../network/weather.ts';
import { type Compatibility, compatibilityFlags, compatibilityOf } from '../protocol/compatibility.ts';
import type { LogLine, Plan } from '../protocol/control.ts';
import { HTML_HOOKS } from '../protocol/html-hooks.ts';
import type { Account, ConnectionId, EndpointId, Epoch, MachineId, ObjectAddress } from '../protocol/names.ts';
import { NODE_HOOKS } from '../protocol/node-hooks.ts';
import { addressOf, type Callee, type Target } from '../protocol/target.ts';
import type { Tracer } from '../protocol/tracer.ts';
import { makeRpcCodecs } from '../rpc/codecs.ts';
import type { StubHook } from '../rpc/hook.ts';
import type { ObjectChannels } from '../rpc/object-channels.ts';
import { packedBodies } from '../rpc/packed-bodies.ts';
import type { RpcCodecs, RpcContext } from '../rpc/session.ts';
import { makeServiceStub, RpcPromise, RpcProperty, rpcStubClass, ServiceStub } from '../rpc/stub.ts';
import { type NativeTypeOf, nativeTypes } from '../values/native-types.ts';
import { ScriptBindings } from './bindings.ts';
import { makeChannels } from './channels.ts';
import { captureConsole } from './console-capture.ts';
import { carryContexts } from './context-carriers.ts';
import type { IsolateControl } from './control.ts';
import { type EventSourceParts, makeEventSource } from './event-source.ts';
import { type FetchClasses, makeFetchClasses } from './fetch-classes.ts';
import { shapeGlobalScope } from './globals.ts';
import { SCOPE_NAMES } from './globals-names.ts';
import { htmlHooks } from './html-hooks.ts';
import { listenerCalls } from './listener-dispatch.ts';
import { type ModuleNamespace, prepareModules } from './loader.ts';
import { formatLogArgs } from './log-format.ts';
import { type AnyConstructor, globalScopeError } from './native-shape.ts';
import { nodeHooks } from './node-hooks.ts';
import { NODE_SERVER_MODULE } from './node-server-module.ts';
import { Outgoing } from './outgoing.ts';
import { makePipelinesModule } from './pipelines-module.ts';
import { PRODUCT_MODULES } from './product-modules.ts';
import { type PropsCodec, propsCodec } from './props.ts';
import type { Member, Role } from './role.ts';
import { IsolateSockets } from './sockets.ts';
import { type StoredValues, storedValues, structuredCloneOf } from './stored-values.ts';
import { makeTcpModule } from './tcp-module.ts';
import { Timers, timerFunctions } from './timers.ts';
import { Uncaught } from './uncaught.ts';
import { makeWorkersModule } from './workers-module.ts';

export type { Member, Role } from './role.ts';

export interface RuntimeOptions {
  account: Account;
  /** where this isolate is */
  here: { readonly machine: MachineId; readonly endpoint: EndpointId; readonly host: EndpointId };
  leases: Leases;
  control: IsolateControl;
  virtualClock: VirtualClock;
  /** faults of the network */
  weather: LinkWeather;
  plan: Plan;
  role: Role;
  tracer: Tracer;
}

const isServiceStub = (value: unknown): value is object => objectIsPrototypeOf(ServiceStub.prototype, value as object);

export class Runtime {
  readonly plan: Plan;
  readonly compatibility: Compatibility;
  readonly clock: Clock = systemClock();
  readonly virtualClock: VirtualClock;
  readonly stillness: Stillness;
  readonly random: Random = systemRandom();
  readonly schedule: Schedule = schedule;
  readonly classes: FetchClasses;
  readonly workers: Record<string, unknown>;
  readonly codecs: RpcCodecs;
  /** values as storage keeps them */
  readonly values: StoredValues;
  readonly timers: Timers;
  readonly channels: ObjectChannels;
  readonly connector: Connector<Target>;
  readonly sockets: IsolateSockets;
  /** what all links of this thread have in common */
  readonly linkSetting: LinkSetting;
  readonly #outgoing: Outgoing;
  readonly props: PropsCodec;
  readonly bindings: ScriptBindings;
  readonly #nativeTypeOf: NativeTypeOf;
  readonly #options: RuntimeOptions;
  readonly #asyncContext = new AsyncContext();
  readonly #calls = listenerCalls(globalThis);
  readonly #uncaught = new Uncaught(globalThis, {
    calls: this.#calls,
    log: (args) => this.log('error', args),
    isOfProgram: (file) => file.startsWith(`${this.plan.script.name}/`),
  });
  #isGlobalScope = true;
  #program: ModuleNamespace = {};
  #networkWaits = 0;
  #source: string;
  #importMain: (() => Promise<ModuleNamespace>) | undefined;

  constructor(options: RuntimeOptions) {
    const { plan, role, control } = options;
    this.#options = options;
    this.virtualClock = options.virtualClock;
    this.stillness = new Stillness({
      schedule,
      clock: this.clock,
      isStill: () =>
        !this.virtualClock.isDue && control.askedCount === 0 && this.connector.openingCount === 0 && role.isStill(),
      onStill: () => this.#tellStillness(),
    });
    this.plan = plan;
    const { script } = plan;
    this.#source = script.name;
    this.compatibility = compatibilityOf({ date: script.compatibilityDate, flags: script.compatibilityFlags });
    this.sockets = this.#makeSockets();
    const isGlobalScope = () => this.#isGlobalScope;
    this.#outgoing = new Outgoing({
      ...{ plan, control, isGlobalScope, sockets: this.sockets },
      made: () => this,
      running: () => role.facet?.() ?? { context: role.context, channels: this.channels },
      begin: () => this.#waitForNetwork(),
    });
    this.classes = makeFetchClasses(globalThis, {
      ...{ isGlobalScope, isFetcher: isServiceStub, compatibility: this.compatibility },
      isWebSocket: (it) => this.sockets.has(it),
      nextFetcher: () => this.#outgoing.nextFetcher(),
    });
    this.workers = makeWorkersModule({
      context: this.#asyncContext,
      env: () => (role.facet?.() ?? this).env,
      exports: () => (role.facet?.() ?? this).bindings.exports,
      isGlobalScope,
      waitUntil: (promise) => (role.facet?.() ?? role).waitUntil(promise),
      classes: {
        RpcPromise,
        RpcProperty,
        RpcStub: rpcStubClass(() => (role.facet?.() ?? this).codecs.payload),
        ServiceStub,
      },
    });
    this.#nativeTypeOf = nativeTypes(globalThis, SCOPE_NAMES);
    this.codecs = this.#makeCodecs(role.context, (target) => this.channels.find(target));
    const stored = {
      classes: this.classes,
      isRpcTarget: this.#isUnder('RpcTarget'),
      nativeTypeOf: this.#nativeTypeOf,
      enhancedErrors: this.compatibility.enhancedErrors,
      passesSignals: this.compatibility.passesSignals,
      random: this.random,
    };
    this.values = storedValues(stored);
    this.props = propsCodec({
      ...stored,
      stub: (target) => makeServiceStub(this.channels.find(target), this.codecs.payload),
    });
    this.timers = this.#makeTimers(role.context);
    this.linkSetting = {
      ...{ account: options.account, clock: this.clock, bodies: packedBodies },
      decodeError: (error, flags) => this.codecs.errors.decode(error, flags),
      onFault: (error) => this.log('warn', [error]),
    };
    this.connector = new Connector({
      ...this.linkSetting,
      endpoint: options.here.endpoint,
      machine: options.here.machine,
      weather: options.weather,
      random: this.random,
      leases: options.leases,
      hold: (flush) => role.afterBurst?.(flush) ?? false,
      ask: (target) => control.connect(target),
      objectOf: addressOf,
      accept: (request) => request.epoch === role.epoch(),
      onLink: (link) => role.onLink(link),
    });
    this.channels = makeChannels(this, options, role.context, this.codecs);
    this.bindings = this.#makeBindings(this.channels, this.codecs);
  }

  /** What a facet has for itself. */
  makeMember(parts: Pick<Member, 'context' | 'waitUntil' | 'socketGates'>): Member {
    const codecs = this.#makeCodecs(parts.context, (target) => channels.find(target));
    const channels = makeChannels(this, this.#options, parts.context, codecs);
    const bindings = this.#makeBindings(channels, codecs);
    bindings.loaded(this.#program);
    return { ...parts, codecs, channels, bindings, env: bindings.env, timers: this.#makeTimers(parts.context) };
  }

  /** What a program gave as a promise: not each thenable is one. */
  promiseOf(given: unknown): Promise<unknown> {
    return promiseOf(given, this.compatibility.unwrapsThenables);
  }

  #makeBindings(channels: ObjectChannels, codecs: RpcCodecs): ScriptBindings {
    const { plan, props, workers } = this;
    const hasCtxExports = this.compatibility.ctxExports;
    return new ScriptBindings({ plan, channels, codec: codecs.payload, props, workers, hasCtxExports });
  }

  /** The gates of whoever's code runs. */
  #running(): Pick<Member, 'context' | 'socketGates'> {
    const { role } = this.#options;
    return role.facet?.() ?? role;
  }

  #makeTimers(context: RpcContext): Timers {
    const { plan, role, tracer } = this.#options;
    return new Timers({
      after: (delayMs, fire) =>
        this.after(delayMs, () => {
          fire();
          role.onQuiet();
        }),
      capture: () => context.capture(),
      assertAllowed: () => this.assertInEvent(),
      onError: (error) => this.log('error', [error]),
      limit: plan.limits.timerCount,
      onArmed: () => role.ioBegan?.(),
      tracer,
    });
  }

  /** The object runs on that machine now. */
  moved(object: ObjectAddress, epoch: Epoch, machine: MachineId): void {
    this.connector.moved(object, epoch);
    this.sockets.moved(object, machine);
  }

  get isGlobalScope(): boolean {
    return this.#isGlobalScope;
  }

  /** On the program's clock. */
  after(delayMs: number, fire: () => void): DueTimer {
    return this.virtualClock.after(delayMs, () => {
      fire();
      this.stillness.touch();
    });
  }

  #tellStillness(): void {
    const { control } = this.#options;
    const { endpoint } = this.#options.here;
    const { lastMs, nextDueMs } = this.virtualClock;
    control.post({ c: 'still', report: { endpoint, lastMs, nextDueMs, links: this.connector.traffic } });
  }

  assertInEvent(): void {
    if (this.#isGlobalScope) throw globalScopeError();
  }

  /** Shapes the scope and readies the program's modules. @throws SimulatorError `not_supported` */
  async prepare(): Promise<void> {
    const { script } = this.plan;
    const console = captureConsole({
      real: globalThis.console,
      prefix: () => this.#source,
      onLog: ({ level, args }) => this.#post(level, args.join(' ')),
      now: () => this.virtualClock.now(),
    });
    const fetch = this.#outgoing.fetch();
    const timers = timerFunctions(() => (this.#options.role.facet?.() ?? this).timers);
    const { events } = shapeGlobalScope(globalThis, {
      ...{ classes: this.classes, fetch, timers, calls: this.#calls, errors: this.codecs.errors },
      report: (error) => this.#uncaught.report(error),
      console,
      isGlobalScope: () => this.#isGlobalScope,
      now: () => this.virtualClock.now(),
      begin: () => this.stillness.begin(),
      compatibilityFlags: compatibilityFlags({ date: script.compatibilityDate, flags: script.compatibilityFlags }),
      provided: {
        structuredClone: structuredCloneOf(this.values),
        ...this.sockets.classes.globals,
        ...this.#outgoing.caches(),
        EventSource: this.#eventSource(fetch, timers),
      },
    });
    this.#uncaught.events = events;
    if (script.carriesContexts) {
      carryContexts(globalThis, this.#asyncContext, [RpcPromise.prototype, RpcProperty.prototype]);
    }
    this.#importMain = await prepareModules({
      script: script.name,
      main: script.main,
      modules: script.modules,
      prelude: script.prelude ?? [],
      externals: {
        ...PRODUCT_MODULES,
        'cloudflare:node': NODE_SERVER_MODULE,
        'cloudflare:pipelines': makePipelinesModule(this.workers['WorkerEntrypoint']),
        'cloudflare:sockets': makeTcpModule(() => this.#isGlobalScope),
        'cloudflare:workers': this.workers,
        [NODE_HOOKS]: { default: nodeHooks(this, this.#options.role, this.#asyncContext, globalThis) },
        [HTML_HOOKS]: { default: htmlHooks(this, this.#asyncContext) },
      },
    });
  }

  #eventSource(fetch: EventSourceParts['fetch'], timers: EventSourceParts['timers']): AnyConstructor {
    const { Event, MessageEvent, ErrorEvent } = globalThis;
    return makeEventSource({
      ...{ events: { Event, MessageEvent, ErrorEvent }, dispatch: this.#calls.dispatch, fetch, timers },
      isFetcher: isServiceStub as EventSourceParts['isFetcher'],
      isGlobalScope: () => this.#isGlobalScope,
      log: (error) => this.log('error', [error]),
    });
  }

  /** Until what it returns is called: nothing is still, and an object is not idle. */
  #waitForNetwork(): () => void {
    const { role } = this.#options;
    const end = this.stillness.begin();
    let isOver = false;
    this.#networkWaits++;
    role.ioBegan?.();
    return () => {
      if (isOver) return;
      isOver = true;
      this.#networkWaits--;
      end();
      role.onQuiet();
    };
  }

  /** Requests to the outside, or pieces of their bodies, that are waited for. */
  get networkWaits(): number {
    return this.#networkWaits;
  }

  get env(): Readonly<Record<string, unknown>> {
    return this.bindings.env;
  }

  /** Evaluates the program, once. @param source shown before what it logs @throws whatever its modules throw */
  async load(source: string): Promise<ModuleNamespace> {
    this.#source = source;
    const importMain = must(this.#importMain, 'a runtime is prepared before it loads the program');
    const program = await importMain();
    this.#isGlobalScope = false;
    this.#program = program;
    this.bindings.loaded(program);
    return program;
  }

  log(level: LogLine['level'], args: readonly unknown[]): void {
    this.#post(level, formatLogArgs(args).join(' '));
  }

  #post(level: LogLine['level'], text: string): void {
    const line = { level, text, source: this.#source, atMs: this.virtualClock.now() };
    this.#options.tracer.note({ kind: 'log', level, text });
    this.#options.control.post({ c: 'log', line });
  }

  /** Tells the instances of one of the platform's base classes, whatever the program did to `instanceof`. */
  #isUnder(name: 'DurableObject' | 'WorkerEntrypoint' | 'RpcTarget'): (value: object) => boolean {
    const { prototype } = this.workers[name] as { prototype: object };
    return (value) => objectIsPrototypeOf(prototype, value);
  }

  #makeCodecs(context: RpcContext, find: (target: Callee) => StubHook): RpcCodecs {
    const { enhancedErrors, dupsParams, requestSignal, passesSignals, passesSignalsOn, unwrapsThenables } =
      this.compatibility;
    const isDurableObject = this.#isUnder('DurableObject');
    const isWorkerEntrypoint = this.#isUnder('WorkerEntrypoint');
    const { classes } = this;
    return makeRpcCodecs({
      context,
      limits: this.plan.limits,
      base: {
        isRpcTarget: this.#isUnder('RpcTarget'),
        isEntrypoint: (value) => isDurableObject(value) || isWorkerEntrypoint(value),
      },
      messages: classes,
      values: {
        headers: {
          pairs: (value) => classes.headerPairs(value),
          from: (pairs) => new classes.Headers(pairs as [string, string][]),
        },
        nativeTypeOf: this.#nativeTypeOf,
        platformTypeOf,
      },
      enhancedErrors,
      dupsParams,
      stubs: this.compatibility,
      givesSignals: requestSignal,
      passesSignals,
      passesSignalsOn,
      unwrapsThenables,
      sockets: this.sockets,
      find,
    });
  }

  #makeSockets(): IsolateSockets {
    const { role, here } = this.#options;
    return new IsolateSockets({
      here,
      epoch: () => role.epoch(),
      gates: () => this.#running().socketGates,
      tracer: this.#options.tracer,
      compatibility: this.compatibility,
      codec: {
        serialize: (value) => this.values.serialize(value),
        deserialize: (bytes) => this.values.deserialize(bytes),
      },
      dispatch: this.#calls.dispatch,
      events: { Event, MessageEvent, CloseEvent, ErrorEvent },
      connect: (socket, url, protocols) => this.#outgoing.sockets.connect(socket, url, protocols),
      assertAllowed: () => this.assertInEvent(),
      ...requestsOf(role),
      connectTo: ({ machine, endpoint, epoch }) => this.connector.open({ kind: 'endpoint', machine, endpoint, epoch }),
      newConnection: () => randomName(this.random) as ConnectionId,
      after: (delayMs, late) => this.clock.after(delayMs, late),
      onOver: () => role.onQuiet(),
      onOpened: () => role.socketOpened?.(),
      onRefused: (error) => this.log('error', ['Uncaught', error]),
    });
  }
}

/** How sockets are bound to requests, where there are any. */
function requestsOf(role: Role) {
  const { bindToRequest, holdRequest } = role;
  return { bind: bindToRequest?.bind(role), holdRequest: holdRequest?.bind(role) };
}
