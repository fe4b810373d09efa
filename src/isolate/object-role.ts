/**
 * An isolate that is one object: its storage, gates, instance and links put together.
 *
 * Promise: nothing leaves before what it depends on is durable; the object ends by `drain` (in good order, refused while
 * anything is under way) or by a reset (at once, for good), and writes nothing after either.
 *
 *     STARTING --open()--> LIVE --drain()--> DRAINED
 *                            \---reset(error)--> BROKEN       the host terminates the worker
 *
 * Knows nothing of leases: that this isolate is the only one is the host's promise, that it alone writes is the log's.
 */
import { must } from '../base/assert.ts';
import { deferred } from '../base/async.ts';
import { isSimulatorError, type SimulatorError } from '../base/errors.ts';
import { promiseFinally } from '../base/primordials.ts';
import type { AlarmOrder, AlarmOutcome } from '../protocol/alarms.ts';
import type { AssignedObject, Awake, DrainReason } from '../protocol/control.ts';
import type { EditResult, ObjectEdit } from '../protocol/edits.ts';
import type { LinkEnd } from '../protocol/link.ts';
import type { ConnectionId, Epoch } from '../protocol/names.ts';
import type { SocketEvent } from '../protocol/sockets.ts';
import type { ErrorFlags } from '../rpc/errors.ts';
import type { RpcContext } from '../rpc/session.ts';
import type { AlarmNotes } from '../storage/alarm-index.ts';
import { isDatabaseFull } from '../storage/committer.ts';
import type { Engine } from '../storage/engine.ts';
import { StorageLatency } from '../storage/latency.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import type { Actor } from './actor.ts';
import { admission } from './admission.ts';
import { Alarms } from './alarms.ts';
import { Callers } from './callers.ts';
import { Edits } from './edits.ts';
import { makeInstance } from './instance.ts';
import { InstanceGates } from './instance-gates.ts';
import type { IoContext } from './io-context.ts';
import { abortError, describe, HELD_BACK, noLongerAccessible, WRITE_FAILED } from './last-words.ts';
import { ObjectFacets } from './object-facets.ts';
import type { ObjectRealm, ObjectRoleOptions } from './object-role-options.ts';
import { ObjectSockets } from './object-sockets.ts';
import { type ObjectStorage, openObjectStorage } from './object-storage.ts';
import type { Member, Role } from './runtime.ts';
import type { AbortOptions } from './state.ts';
import { Wakefulness } from './wakefulness.ts';

export class ObjectRole implements Role {
  readonly context: RpcContext;
  readonly socketGates: Role['socketGates'];
  readonly io: IoContext;
  readonly #options: ObjectRoleOptions;
  readonly #gates: InstanceGates;
  readonly #actor: Actor;
  readonly #latency: StorageLatency;
  readonly #callers: Callers;
  #runtime: ObjectRealm | undefined;
  #program: Readonly<Record<string, unknown>> = {};
  #storage: ObjectStorage | undefined;
  #what: AssignedObject | undefined;
  /** what ended the instance is no doing of the program's */
  #isBlameless = false;
  #isAlarmGivenUp = false;
  #alarms: Alarms | undefined;
  readonly #wakefulness: Wakefulness;
  #edits: Edits | undefined;
  #sockets: ObjectSockets | undefined;
  #facets: ObjectFacets | undefined;

  constructor(options: ObjectRoleOptions) {
    const { plan } = options;
    this.#options = options;
    this.#gates = this.#makeGates();
    const { actor, context, io, socketGates } = this.#gates;
    this.#actor = actor;
    this.context = context;
    this.io = io;
    this.socketGates = socketGates;
    this.#latency = new StorageLatency({
      now: () => this.#live().virtualClock.now(),
      after: (delayMs, fire) => this.#live().after(delayMs, fire),
    });
    this.#callers = new Callers({
      context: this.context,
      codecs: () => this.#live().codecs,
      beside: (link) => this.#live().sockets.beside(link),
      limits: plan.limits,
      main: admission({
        main: this.#actor,
        limits: plan.limits,
        now: () => this.#live().virtualClock.now(),
        after: (delayMs, fire) => this.#live().after(delayMs, fire),
      }),
      onQuiet: () => {
        this.#wakefulness.used();
        this.onQuiet();
      },
    });
    this.#wakefulness = this.#makeWakefulness();
  }

  #makeGates(): InstanceGates {
    const { schedule, plan, tracer } = this.#options;
    return new InstanceGates({
      schedule,
      tracer,
      limits: plan.limits,
      committer: () => this.#storage?.committer,
      after: (delayMs, fire) => this.#live().after(delayMs, fire),
      log: (level, values) => this.#live().log(level, values),
      promiseOf: (given) => this.#live().promiseOf(given),
      construct: () => this.#construct(),
      onTurn: () => this.#facets?.leave(),
      onTurnEnded: () => this.#sockets?.turnEnded(),
      onTurned: (isOpen) =>
        tracer.note({ kind: 'gate', gate: 'output', state: isOpen ? 'open' : 'closed', reason: 'commit' }),
      onCommitFailed: (error) => this.#onStorageFailed(error),
      onBroken: (error, why) => this.#onSectionFailed(error, why),
      onBreaking: (atOnce) => this.#breakOff(atOnce),
      // A fenced instance was replaced: what becomes of the calls to it is unknown.
      isTold: (error) => !isSimulatorError(error, 'fenced'),
      isOver: () => this.#actor.isBroken,
      onReset: (error, flags, isTold) => this.#onReset(error, flags, isTold),
      onQuiet: () => this.onQuiet(),
    });
  }

  #breakOff(atOnce: boolean): void {
    const { outbox, output } = this.#gates;
    outbox.drop();
    this.#sockets?.flush();
    if (atOnce) output.break(undefined);
    else output.close();
    this.#facets?.halt();
    // The turn that ends it goes on as if nothing were (seen); what platform promises wake up later finds it shut.
    this.#options.schedule(() => this.#storage?.database.shutDown(noLongerAccessible));
  }

  #makeWakefulness(): Wakefulness {
    return new Wakefulness({
      gates: this.#gates,
      callers: this.#callers,
      alarms: () => this.#alarms,
      storage: () => this.#storage,
      facets: () => this.#facets,
      limits: this.#options.plan.limits,
      onIdle: this.#options.onIdle,
    });
  }

  epoch(): Epoch | undefined {
    return this.#storage?.log.epoch;
  }

  /** Opens the object's storage, which fences every older instance. @throws SimulatorError what the log says */
  async open(parts: {
    what: AssignedObject;
    store: ObjectStore;
    engine: Engine;
    alarms: AlarmNotes;
    now: () => number;
  }): Promise<Epoch> {
    const { what, store, engine, alarms, now } = parts;
    const { plan, takeEngine, tracer } = this.#options;
    this.#what = what;
    this.#storage = await openObjectStorage({
      durability: what.durability,
      store,
      engine,
      takeEngine,
      limits: plan.limits,
      latency: this.#latency,
      alarms,
      tracer,
      now,
      onStored: () => this.#runtime?.stillness.touch(),
      onDurable: () => this.onQuiet(),
      onWriteBegan: () => this.io.ensureTurn(),
      hold: (durable) => this.#gates.output.lock(durable),
      onFailed: (error) => this.#onStorageFailed(error),
      onFoldFailed: (error) => this.#onFoldFailed(error),
    });
    this.#alarms = new Alarms({
      ...this.#storage,
      now,
      after: (delayMs, fire) => this.#live().after(delayMs, fire),
      deliver: (event) => this.#actor.deliver(event),
      schedule: this.#options.schedule,
      arrive: (run) => this.io.arrive(run),
      leave: (post) => this.#gates.output.send(post),
      promiseOf: (given) => this.#live().promiseOf(given),
      warn: (text) => this.#live().log('warn', [text]),
      onUncaught: (error) => this.#live().log('error', ['Uncaught', error]),
      onTooLong: (error) => this.#actor.reset(error, { overloaded: true, durableObjectReset: true }),
      isOver: () => this.#actor.isBroken,
    });
    return this.#storage.log.epoch;
  }

  /** From now on links and events may come. */
  start(runtime: ObjectRealm, program: Readonly<Record<string, unknown>>): void {
    this.#runtime = runtime;
    this.#program = program;
    this.#wakefulness.start(runtime);
    this.#sockets = new ObjectSockets({
      sockets: runtime.sockets,
      object: this.#what?.address,
      kept: this.#what?.sockets,
      say: (deeds) => this.#options.saySockets(deeds),
      afterBurst: (go) => this.io.afterBurst(go),
      onTold: () => this.onQuiet(),
      deliver: (event, follows) => this.#actor.deliver(event, follows),
      turn: () => this.io.turn,
      after: (delayMs, fire) => runtime.after(delayMs, fire),
      promiseOf: (given) => runtime.promiseOf(given),
      onUncaught: (error) => runtime.log('error', ['Uncaught', error]),
      onTooLong: (error) => this.#actor.reset(error),
      onSettled: () => this.#wakefulness.used(),
    });
    const what = must(this.#what, 'the object that this isolate is');
    this.slowStorage(what.storageLatencyMs);
    this.#facets = new ObjectFacets({
      ...this.#options,
      what,
      runtime,
      program,
      storage: must(this.#storage, 'the storage of a live object'),
      role: this,
      context: this.context,
      gate: this.#gates.output,
      onLogFailed: (error) => this.#onStorageFailed(error),
      onQuiet: () => this.onQuiet(),
    });
  }

  facet(): Member | undefined {
    return this.#facets?.running;
  }

  /** From now on a commit counts as durable so much later, for those that wait too. */
  slowStorage(latencyMs: number): void {
    this.#latency.set(latencyMs);
  }

  onLink(link: LinkEnd): void {
    // Brought here while the host had not heard of the end yet: nothing of it was looked at, so it is asked again elsewhere.
    if (this.#actor.isBroken) {
      link.goaway();
      return;
    }
    this.#callers.accept(link);
  }

  waitUntil(promise: unknown): void {
    this.#gates.waitUntil.add(promise);
    this.#wakefulness.ioBegan();
  }

  readonly ioBegan = (): void => this.#wakefulness.ioBegan();

  readonly socketOpened = (): void => this.#wakefulness.socketOpened();

  onQuiet(): void {
    this.#wakefulness.touch();
    this.#runtime?.stillness.touch();
    this.#options.onRest();
  }

  /** Lets go of the engine, unless a turn runs, something waits to be delivered, or a cursor or transaction is open. */
  lendEngine(): boolean {
    const database = this.#storage?.database;
    if (!database?.canSuspend || !this.io.isResting || this.#facets?.lendEngine() === false) return false;
    database.suspend();
    this.io.pause(this.#options.wantEngine);
    return true;
  }

  /** There is no engine for what waits to be delivered. */
  refuseEngine(error: unknown): void {
    this.#actor.reset(error, { overloaded: true, durableObjectReset: true });
  }

  useEngine(engine: Engine): void {
    this.#storage?.database.resume(engine);
    this.#facets?.useEngine(engine);
    this.io.resume();
  }

  isStill(): boolean {
    if (!this.io.isResting || this.#facets?.isStill === false || this.#sockets?.isTold === false) return false;
    if (this.io.isBroken) return true;
    // What waits for nothing but slow storage waits for the clock, which would wait for it.
    if (this.#latency.isWaiting) return this.#gates.outbox.isEmpty;
    return this.#gates.isSettled && this.#storage?.committer.isStored !== false;
  }

  afterBurst(go: () => void): boolean {
    return this.io.afterBurst(go);
  }

  /** Changes what is stored, from outside the program. Never settles when the object ends before it was looked at. */
  edit(edit: ObjectEdit): Promise<EditResult> {
    const storage = must(this.#storage, 'the storage of a live object');
    const { backend } = must(this.#what, 'the object that this isolate is');
    const sizes = backend === 'sqlite' ? undefined : this.#options.plan.limits;
    this.#edits ??= new Edits({ ...storage, sizes, arrive: (run) => this.io.arrive(run) });
    return promiseFinally(this.#edits.make(edit), () => this.onQuiet());
  }

  /** What concerns the alarm. Not answered when the object ends before it was looked at. */
  alarm(order: AlarmOrder, answer: (outcome: AlarmOutcome) => void): void {
    must(this.#alarms, 'the alarm of a live object').obey(order, (outcome) => {
      answer(outcome);
      this.#wakefulness.used();
      this.onQuiet();
    });
  }

  /** Something happened on hibernatable sockets. */
  socketEvents(events: readonly SocketEvent[]): void {
    this.#sockets?.give(events);
  }

  socketAnswered(connection: ConnectionId, atMs: number): void {
    this.#sockets?.answered(connection, atMs);
  }

  /** Only looked at: the idle time goes on. */
  get awake(): Awake {
    return this.#wakefulness.awake;
  }

  /** Ends in good order. Undefined when it did; else what is under way. */
  async drain(reason: DrainReason = 'asked'): Promise<string | undefined> {
    const later = deferred();
    this.#options.schedule(later.resolve);
    await later.promise; // the end of the turn that answered may come after this
    const busy = this.#wakefulness.whyNotDrained(reason);
    if (busy !== undefined) return busy;
    // Nothing arrives from here on: each peer learns which of its questions was the last that was looked at.
    this.io.break();
    this.#live().connector.close();
    const { log, database } = must(this.#storage, 'the storage of a live object');
    database.shutDown(noLongerAccessible);
    this.#facets?.close();
    await log.close();
    database.close();
    this.#lastEvent('sleep', '');
    return undefined;
  }

  /** Ends now, for all callers with this error. */
  reset(error: unknown): void {
    this.#isBlameless = true;
    this.#actor.reset(error);
  }

  #construct(): object {
    const { plan, tracer } = this.#options;
    return makeInstance({
      what: must(this.#what, 'the object that this isolate is'),
      program: this.#program,
      runtime: this.#live(),
      storage: must(this.#storage, 'the storage of a live object'),
      alarms: must(this.#alarms, 'the alarm of a live object'),
      actor: this.#actor,
      io: this.io,
      sockets: must(this.#sockets, 'the sockets of a started object').api,
      facets: must(this.#facets, 'the facets of a started object').api,
      limits: plan.limits,
      tracer,
      waitUntil: (promise) => this.waitUntil(promise),
      abort: (reason, options) => this.#abort(reason, options),
    });
  }

  /** Uncatchable: the callers are told at once, and nothing that this thread does afterwards counts. @see `halt` */
  #abort(reason: unknown, { retryAlarm }: AbortOptions): never {
    this.#isAlarmGivenUp = !retryAlarm;
    return this.#end(abortError(reason));
  }

  /** By `process.exit`. Its callers hear of no reset. */
  exit(error: Error): never {
    return this.#end(error, {});
  }

  #end(error: Error, flags?: ErrorFlags): never {
    this.#actor.resetNow(error, flags);
    // While the thread ends a `finally` of the program may still run: it finds nothing that it could change.
    this.#storage?.database.shutDown(noLongerAccessible);
    return this.#options.halt();
  }

  #onSectionFailed(error: unknown, why: 'failed' | 'too long'): void {
    const isTooLong = why === 'too long';
    if (isTooLong && this.#live().timers.isHeldBack) this.#live().log('warn', [HELD_BACK]);
    this.#actor.reset(error, { ...(isTooLong ? { overloaded: true } : {}), durableObjectReset: true });
  }

  /** Folding goes on beside later commits. A newer epoch ends this instance; any other failure leaves the log whole. */
  #onFoldFailed(error: unknown): void {
    if (isSimulatorError(error, 'fenced')) this.#onStorageFailed(error);
    else this.#live().log('warn', [error]);
  }

  /** A commit that the platform words itself (a violated constraint) carries no flag; that is measured. */
  #onStorageFailed(error: unknown): void {
    this.#isBlameless = isSimulatorError(error);
    if (isSimulatorError(error, 'fenced') || isDatabaseFull(error)) this.#actor.reset(error);
    else if (isSimulatorError(error)) this.#actor.reset(this.#writeError(error));
    else this.#actor.reset(error, {});
  }

  /** A commit that could not be stored: our log tells what the browser said, the program learns what the platform says. */
  #writeError(cause: SimulatorError): Error {
    this.#live().log('error', [cause]);
    return must(this.#storage, 'the storage of a live object').database.internalError(cause, WRITE_FAILED);
  }

  #onReset(error: unknown, flags: ErrorFlags, isTold: boolean): void {
    const wire = this.#live().codecs.errors.encode(error, flags);
    this.#lastEvent('reset', describe(error));
    this.#alarms?.ended({ error, isCounted: !this.#isBlameless, isGivenUp: this.#isAlarmGivenUp });
    // The host first: a caller that hears of the end and asks anew must not be brought back here.
    this.#options.onReset(describe(error), wire);
    this.#callers.break(isTold ? wire : undefined);
    this.#live().channels.break(isTold ? wire : undefined);
  }

  /** Handed over before the host hears of the end, because it ends this thread then. */
  #lastEvent(step: 'sleep' | 'reset', reason: string): void {
    this.#options.tracer.note({ kind: 'life', step, reason });
    this.#options.tracer.flush();
  }

  #live(): ObjectRealm {
    return must(this.#runtime, 'the runtime of a started object');
  }
}
