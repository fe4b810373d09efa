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
import { isSimulatorError, type SimulatorError } from '../base/errors.ts';
import { makeAfterTurn, type Schedule } from '../base/schedule.ts';
import { OutputGate } from '../gates/output-gate.ts';
import type { AlarmOrder, AlarmOutcome } from '../protocol/alarms.ts';
import type { AssignedObject, Awake, DrainReason, Plan } from '../protocol/control.ts';
import type { EditResult, ObjectEdit } from '../protocol/edits.ts';
import { IO_TASK_MS } from '../protocol/limits.ts';
import type { LinkEnd, WireError } from '../protocol/link.ts';
import type { Epoch } from '../protocol/names.ts';
import type { Tracer } from '../protocol/tracer.ts';
import type { ErrorFlags } from '../rpc/errors.ts';
import { makeId } from '../rpc/namespace.ts';
import type { RpcContext } from '../rpc/session.ts';
import type { AlarmNotes } from '../storage/alarm-index.ts';
import { isDatabaseFull } from '../storage/committer.ts';
import type { Engine } from '../storage/engine.ts';
import { StorageLatency } from '../storage/latency.ts';
import type { ObjectStore } from '../storage/object-store.ts';
import { Actor } from './actor.ts';
import { admission } from './admission.ts';
import { Alarms } from './alarms.ts';
import { Callers } from './callers.ts';
import { Edits } from './edits.ts';
import { IdleWatch } from './idle-watch.ts';
import { IoContext } from './io-context.ts';
import { ABORTED, describe, HELD_BACK, noLongerAccessible, WRITE_FAILED } from './last-words.ts';
import { type ObjectStorage, openObjectStorage } from './object-storage.ts';
import { Outbox } from './outbox.ts';
import type { Role, Runtime } from './runtime.ts';
import { type AbortOptions, makeState } from './state.ts';
import { makeStorage } from './storage-api.ts';
import { WaitUntil } from './wait-until.ts';

export interface ObjectRoleOptions {
  plan: Plan;
  schedule: Schedule;
  tracer: Tracer;
  /** tells the host that the instance is finished */
  onReset(message: string, error: WireError): void;
  /** the instance has had nothing to do for the whole idle time */
  onIdle(): void;
  /** the object may be at rest, and its engine not needed */
  onRest(): void;
  /** asks for an engine again, because something waits to be delivered */
  wantEngine(): void;
  /** the same for code that cannot wait: `useEngine` was called when it returns */
  takeEngine(): void;
  /** ends this thread: nothing after it runs, no `finally` either */
  halt(): never;
}

/** What an object needs of its realm; the isolate's Runtime has it all. */
export type ObjectRealm = Pick<Runtime, 'after' | 'codecs' | 'compatibility' | 'env' | 'log' | 'values'> & {
  readonly random: Runtime['random'];
  readonly virtualClock: Pick<Runtime['virtualClock'], 'now'>;
  readonly channels: Pick<Runtime['channels'], 'isQuiet'>;
  readonly connector: Pick<Runtime['connector'], 'close'>;
  readonly stillness: Pick<Runtime['stillness'], 'touch'>;
  readonly timers: Pick<Runtime['timers'], 'activeCount' | 'isHeldBack'>;
};

type Class = new (ctx: object, env: object) => object;

export class ObjectRole implements Role {
  readonly context: RpcContext;
  readonly io: IoContext;
  readonly #options: ObjectRoleOptions;
  readonly #gate: OutputGate;
  readonly #outbox: Outbox;
  readonly #latency: StorageLatency;
  readonly #actor: Actor;
  readonly #callers: Callers;
  #runtime: ObjectRealm | undefined;
  #program: Readonly<Record<string, unknown>> = {};
  #storage: ObjectStorage | undefined;
  #what: AssignedObject | undefined;
  #isPassing = false;
  /** what ended the instance is no doing of the program's */
  #isBlameless = false;
  #isAlarmGivenUp = false;
  #alarms: Alarms | undefined;
  readonly #waitUntil = new WaitUntil({
    onError: (error) => this.#live().log('error', ['Uncaught (in promise)', error]),
    onSettled: () => this.onQuiet(),
  });
  #idle: IdleWatch | undefined;
  #edits: Edits | undefined;

  constructor(options: ObjectRoleOptions) {
    const { schedule, plan, tracer } = options;
    this.#options = options;
    this.#gate = new OutputGate({
      onBroken: (error) => this.#onStorageFailed(error),
      onEmpty: () => this.onQuiet(),
      onTurned: (isOpen) =>
        tracer.note({ kind: 'gate', gate: 'output', state: isOpen ? 'open' : 'closed', reason: 'commit' }),
    });
    this.io = new IoContext({
      schedule,
      endTurn: () => {
        this.#storage?.committer.endTurn();
        this.#outbox.turnEnded();
        this.onQuiet();
      },
      after: (delayMs, fire) => this.#live().after(delayMs, fire),
      onBroken: (error, why) => this.#onSectionFailed(error, why),
      sectionDepthMax: plan.limits.sectionDepth,
      sectionMsMax: plan.limits.sectionMs,
      tracer,
    });
    this.#latency = new StorageLatency({
      now: () => this.#live().virtualClock.now(),
      after: (delayMs, fire) => this.#live().after(delayMs, fire),
    });
    this.#outbox = new Outbox({
      gate: this.#gate,
      turn: () => this.io.turn,
      isWriting: () => this.#storage?.committer.isOpen ?? false,
      onEmpty: () => this.onQuiet(),
    });
    this.#actor = new Actor({
      io: this.io,
      construct: () => this.#construct(),
      onBreaking: () => {
        this.#outbox.drop();
        this.#gate.break(undefined);
        // The turn that ends it goes on as if nothing were (seen); what platform promises wake up later finds it shut.
        schedule(() => this.#storage?.database.shutDown(noLongerAccessible));
      },
      lastWords: (say) => {
        this.#isPassing = true;
        say();
        this.#isPassing = false;
      },
      flushed: () => this.#storage?.committer.flush() ?? Promise.resolve(),
      onReset: (error, flags) => this.#onReset(error, flags),
      onQuiet: () => this.onQuiet(),
    });
    const afterTurn = makeAfterTurn(schedule);
    this.context = {
      leave: (post) => (this.#isPassing ? post() : this.#outbox.leave(post)),
      isBroken: () => this.#actor.isBroken,
      capture: () => this.io.capture(),
      afterTurn: (go) => afterTurn(() => !this.#actor.isBroken && go()),
      tracer,
    };
    this.#callers = new Callers({
      context: this.context,
      codecs: () => this.#live().codecs,
      main: admission({
        main: this.#actor,
        limits: plan.limits,
        now: () => this.#live().virtualClock.now(),
        after: (delayMs, fire) => this.#live().after(delayMs, fire),
      }),
      onQuiet: () => {
        this.#idle?.used();
        this.onQuiet();
      },
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
      hold: (durable) => this.#gate.lock(durable),
      onFailed: (error) => this.#onStorageFailed(error),
      onFoldFailed: (error) => this.#onFoldFailed(error),
    });
    this.#alarms = new Alarms({
      ...this.#storage,
      now,
      after: (delayMs, fire) => this.#live().after(delayMs, fire),
      deliver: (event) => this.#actor.deliver(event),
      arrive: (run) => this.io.arrive(run),
      leave: (post) => this.#gate.send(post),
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
    const { ioTasksPreventEviction } = runtime.compatibility;
    const { limits } = this.#options.plan;
    // Before the flag a promise given to waitUntil keeps nothing, but in local workerd.
    const isKeptByPromises = ioTasksPreventEviction || limits.idleIoLeastMs === Number.POSITIVE_INFINITY;
    this.#idle = new IdleWatch({
      after: (delayMs, fire) => runtime.after(delayMs, fire),
      now: () => runtime.virtualClock.now(),
      whyHeld: () => this.#whyHeld(),
      whyIo: () => this.#whyIo(isKeptByPromises),
      ioTaskMs: ioTasksPreventEviction ? IO_TASK_MS : 0,
      limits,
      random: runtime.random,
      onIdle: this.#options.onIdle,
    });
    this.#idle.touch();
    this.slowStorage(must(this.#what, 'the object that this isolate is').storageLatencyMs);
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
    this.#waitUntil.add(promise);
    this.#idle?.ioBegan();
  }

  readonly ioBegan = (): void => this.#idle?.ioBegan();

  onQuiet(): void {
    this.#idle?.touch();
    this.#runtime?.stillness.touch();
    this.#options.onRest();
  }

  /** Lets go of the engine, unless a turn runs, something waits to be delivered, or a cursor or transaction is open. */
  lendEngine(): boolean {
    const database = this.#storage?.database;
    if (!database?.canSuspend || !this.io.isResting) return false;
    database.suspend();
    this.io.pause(this.#options.wantEngine);
    return true;
  }

  useEngine(engine: Engine): void {
    this.#storage?.database.resume(engine);
    this.io.resume();
  }

  isStill(): boolean {
    if (!this.io.isResting) return false;
    if (this.io.isBroken) return true;
    // What waits for nothing but slow storage waits for the clock, which would wait for it.
    if (this.#latency.isWaiting) return this.#outbox.isEmpty;
    return this.#gate.isOpen && this.#outbox.isEmpty && this.#storage?.committer.isIdle !== false;
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
    return this.#edits.make(edit).finally(() => this.onQuiet());
  }

  /** What concerns the alarm. Not answered when the object ends before it was looked at. */
  alarm(order: AlarmOrder, answer: (outcome: AlarmOutcome) => void): void {
    must(this.#alarms, 'the alarm of a live object').obey(order, (outcome) => {
      answer(outcome);
      this.#idle?.used();
      this.onQuiet();
    });
  }

  /** Only looked at: the idle time goes on. */
  get awake(): Awake {
    return { why: this.#idle?.why, untilMs: this.#idle?.dueMs };
  }

  /** Ends in good order. Undefined when it did; else what is under way. */
  async drain(reason: DrainReason = 'asked'): Promise<string | undefined> {
    const idle = must(this.#idle, 'the idle time of a started object');
    const unused = reason !== 'asked' && !idle.isUsed ? 'nobody has reached it yet' : undefined;
    const busy = this.#whyHeld() ?? unused ?? (idle.isOver ? undefined : this.#whyIo(true));
    if (busy !== undefined && reason === 'pressed') idle.hurry();
    if (busy !== undefined) return busy;
    // Nothing arrives from here on: each peer learns which of its questions was the last that was looked at.
    this.io.break();
    this.#live().connector.close();
    const { log, database } = must(this.#storage, 'the storage of a live object');
    database.shutDown(noLongerAccessible);
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

  #whyHeld(): string | undefined {
    if (this.#actor.eventCount > 0 || !this.io.isQuiet) return 'an event is under way';
    if (!this.#gate.isOpen || !this.#outbox.isEmpty) return 'messages wait to leave';
    if (this.#alarms?.isBusy) return 'an alarm is under way';
    if (!this.#storage?.committer.isIdle) return 'a commit is pending';
    return this.#callers.isQuiet ? undefined : 'a call or a body is open';
  }

  #whyIo(isKeptByPromises: boolean): string | undefined {
    const { timers, channels } = this.#live();
    if (timers.activeCount > 0) return 'a timer is armed';
    if (isKeptByPromises && this.#waitUntil.count > 0) return 'a waitUntil promise is pending';
    if (!channels.isQuiet) return 'a call to another object is open';
    return undefined;
  }

  #construct(): object {
    const runtime = this.#live();
    const { limits } = this.#options.plan;
    const { className, id, name, backend } = must(this.#what, 'the object that this isolate is');
    const Class = this.#program[className] as Class;
    const { database, committer, metadata, bookmarks } = must(this.#storage, 'the storage of a live object');
    const ctx = makeState({
      id: makeId(id, name, limits.nameBytes),
      storage: makeStorage({
        backend,
        limits,
        database,
        committer,
        metadata,
        codec: runtime.values,
        now: () => runtime.virtualClock.now(),
        hasAlarmHandler: () => this.#actor.hasHandler('alarm'),
        visibleAlarm: () => must(this.#alarms, 'the alarm of a live object').visible,
        onAlarmSet: (timeMs) => must(this.#alarms, 'the alarm of a live object').wasSet(timeMs),
        deleteAllDeletesAlarm: runtime.compatibility.deleteAllDeletesAlarm,
        capture: () => this.io.capture(),
        criticalSection: (callback) => this.io.criticalSection(callback, 'transaction'),
        ...(backend === 'sqlite' ? { history: { bookmarks, capture: () => this.io.capture() } } : {}),
      }),
      exports: {},
      waitUntil: (promise) => this.waitUntil(promise),
      blockConcurrencyWhile: (callback) => this.io.criticalSection(callback),
      abort: (reason, options) => this.#abort(reason, options),
    });
    this.#options.tracer.note({ kind: 'life', step: 'construct', reason: '' });
    return new Class(ctx, runtime.env);
  }

  /** Uncatchable: the callers are told at once, and this thread never goes on. @see DESIGN of `ctx.abort` in src/README.md */
  #abort(reason: unknown, { retryAlarm }: AbortOptions): never {
    // Of an error the text is told, and not the error (seen); what has no text throws, and nothing is aborted.
    const error = new Error(reason === undefined ? ABORTED : `${reason as string}`);
    this.#isAlarmGivenUp = !retryAlarm;
    this.#actor.resetNow(error);
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

  #onReset(error: unknown, flags: ErrorFlags): void {
    const wire = this.#live().codecs.errors.encode(error, flags);
    this.#lastEvent('reset', describe(error));
    this.#alarms?.ended({ error, isCounted: !this.#isBlameless, isGivenUp: this.#isAlarmGivenUp });
    // The host first: a caller that hears of the end and asks anew must not be brought back here.
    this.#options.onReset(describe(error), wire);
    // A fenced instance was replaced: its callers lost their connection, and what becomes of their calls is unknown.
    const told = isSimulatorError(error, 'fenced') ? undefined : wire;
    this.#callers.break(told);
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
