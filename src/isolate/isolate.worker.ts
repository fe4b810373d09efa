/**
 * The isolate's thread: boots with an engine, then becomes one object or one Worker.
 *
 *     BOOTING --boot--> WARM --assign--> STARTING --opened, loaded--> RUNNING --drain--> ENDED
 *                         \--prepare--> PREPARED --assign--/
 *
 * Promise: the worker's own message port is taken before any user code is loaded, and the program never gets it. What
 * fails here is told to the host, which terminates the worker.
 */
import { must } from '../base/assert.ts';
import { preciseNow, systemClock } from '../base/clock.ts';
import { promiseThen } from '../base/primordials.ts';
import { schedule } from '../base/schedule.ts';
import { VirtualClock } from '../base/virtual-clock.ts';
import { type Leases, SoleLeases, trustedLeases } from '../network/lease.ts';
import { LinkWeather } from '../network/weather.ts';
import type { Assignment, FromIsolate, Plan, ToIsolate } from '../protocol/control.ts';
import { toControlError } from '../protocol/control-error.ts';
import { lockNames } from '../protocol/names.ts';
import type { TraceActor } from '../protocol/trace.ts';
import { Tracer } from '../protocol/tracer.ts';
import { type Calibration, loadEngineMaker } from '../storage/engine.ts';
import { openObjectStore } from '../storage/vault.ts';
import { IsolateControl, type IsolateOrder } from './control.ts';
import { EngineSeat } from './engine-seat.ts';
import { halt } from './halt.ts';
import { ObjectRole } from './object-role.ts';
import { rehearse } from './rehearsal.ts';
import { Runtime } from './runtime.ts';
import { WorkerRole } from './worker-role.ts';

interface Booted {
  readonly boot: Extract<ToIsolate, { c: 'boot' }>;
  readonly seat: EngineSeat;
  readonly leases: Leases;
  /** resolves when whoever waits for it would learn of this thread's end */
  readonly isWatched: Promise<unknown>;
}

/** Everything of an object but the object. */
interface Prepared {
  readonly runtime: Runtime;
  readonly role: ObjectRole;
}

interface Running {
  readonly runtime: Runtime;
  readonly role: ObjectRole | WorkerRole;
}

const scope = globalThis as unknown as DedicatedWorkerGlobalScope;
const control = new IsolateControl(scope as unknown as ConstructorParameters<typeof IsolateControl>[0], order);
const realClock = systemClock();
const virtualClock = new VirtualClock(realClock);
const weather = new LinkWeather(virtualClock);
let booted: Promise<Booted> | undefined;
let prepared: Promise<Prepared> | undefined;
let running: Running | undefined;
/** The boot's, for orders that come where a program may have changed what promises do. */
let seat: EngineSeat | undefined;

/** How long events are collected: a frame of a timeline, and many times what handing a batch over costs; some frames while they come in masses. */
const HAND_OVER_MS = 16;
const MASSES_MS = 64;
const MASSES = 256;
/** Begun when an event was noted; what the host says ends it. A timer of this thread would make each of its tasks dearer: a call by a tenth. */
let handOver: () => void = () => {};
const tracer = new Tracer({
  now: () => virtualClock.now(),
  lastNow: () => virtualClock.lastMs,
  realNow: preciseNow,
  later(go, lastCount) {
    handOver = go;
    control.post({ c: 'noted', forMs: lastCount < MASSES ? HAND_OVER_MS : MASSES_MS });
  },
  hand: (batch) => control.post({ c: 'traced', batch }, [batch.words.buffer]),
});

function order(message: IsolateOrder): void {
  switch (message.c) {
    case 'boot':
      virtualClock.follow(message.clock);
      weather.follow(message.faults);
      booted = boot(message);
      tellOfBoot(booted).catch((error: unknown) => control.post({ c: 'boot-failed', error: toControlError(error) }));
      return;
    case 'prepare':
      prepared = prepare(message.plan, message.isRehearsed);
      prepared.catch(() => {}); // whoever starts it hears of it
      return;
    case 'assign':
      void promiseThen(
        start(message.assignment),
        (started) => control.post(started),
        (error: unknown) => control.post({ c: 'start-failed', error: toControlError(error) }),
      );
      return;
    case 'link': {
      const { runtime, role } = must(running, 'a link comes to a running isolate');
      const epoch = must(role.epoch(), 'the epoch of a running isolate');
      runtime.connector.accept({ link: message.link, from: message.from, epoch, port: message.port });
      return;
    }
    case 'drain':
      void drain(must(running, 'only a running isolate is drained').role, message.why);
      return;
    case 'look':
    case 'edit':
    case 'alarm':
    case 'reset':
    case 'slow':
    case 'sockets':
    case 'socket-answered':
      orderObject(message);
      return;
    case 'trace':
      tracer.turn(message.isOn);
      control.post({ c: 'tracing' });
      return;
    case 'hand-over':
      handOver();
      return;
    case 'weather': {
      const { faults, cut } = message.weather;
      weather.follow(faults);
      if (cut && weather.cut(cut) > 0) tracer.note({ kind: 'fault', fault: 'cut', place: 'here' });
      control.post({ c: 'felt' });
      return;
    }
    case 'clock':
      virtualClock.follow(message.anchors);
      return;
    case 'sound':
      must(running, 'only a running isolate is asked whether it rests').runtime.stillness.ask();
      return;
    case 'count': {
      const { sockets } = must(running, 'only a running isolate is asked for its sockets').runtime;
      control.post({ c: 'counted', sockets: sockets.counts });
      return;
    }
    case 'pulse':
      control.post({ c: 'pulse' });
      return;
    case 'engine':
      must(seat, 'the seat of an isolate that has booted').obey(message.order);
      return;
    case 'gone':
      running?.runtime.connector.gone(message.endpoint, message.error);
      return;
    case 'moved':
      running?.runtime.moved(message.object, message.epoch, message.machine);
      return;
    default:
      message satisfies never;
  }
}

async function drain(role: Running['role'], why: Parameters<Running['role']['drain']>[0]): Promise<void> {
  const reason = await role.drain(why);
  control.post(reason === undefined ? { c: 'drained' } : { c: 'drain-refused', reason });
}

/** What only an object is asked. */
function orderObject(
  message: Extract<IsolateOrder, { c: 'look' | 'edit' | 'alarm' | 'reset' | 'slow' | 'sockets' | 'socket-answered' }>,
): void {
  const { runtime, role } = must(running, 'only a running isolate is asked anything');
  if (!(role instanceof ObjectRole)) return;
  switch (message.c) {
    case 'look':
      control.post({ c: 'looked', awake: role.awake });
      return;
    case 'edit': {
      const { id } = message;
      void promiseThen(
        role.edit(message.edit),
        (result) => control.post({ c: 'edited', id, result }),
        (error: unknown) => control.post({ c: 'edit-failed', id, error: toControlError(error) }),
      );
      return;
    }
    case 'alarm': {
      const { id } = message;
      role.alarm(message.order, (outcome) => control.post({ c: 'alarmed', id, outcome }));
      return;
    }
    case 'reset':
      role.reset(runtime.codecs.errors.decode(message.error));
      return;
    case 'slow':
      role.slowStorage(message.storageLatencyMs);
      control.post({ c: 'slowed' });
      return;
    case 'sockets':
      role.socketEvents(message.events);
      return;
    case 'socket-answered':
      role.socketAnswered(message.connection, message.atMs);
      return;
    default:
      message satisfies never;
  }
}

/**
 * Waits for nothing outside of this thread: so all of it, and of the preparation that is asked for right behind it, is done in
 * the task in which this file was evaluated, and Chromium keeps compiled what a file's own task has used of it.
 */
async function boot(message: Extract<ToIsolate, { c: 'boot' }>): Promise<Booted> {
  tracer.turn(message.isTraced);
  const leases = message.locks ? trustedLeases() : new SoleLeases();
  // Held for life.
  const isWatched = leases.acquire(lockNames.life(message.account, message.endpoint));
  const { wasm, calibration } = message.engine;
  const maker = await loadEngineMaker({ wasm, calibration: calibration as Calibration | undefined });
  seat = new EngineSeat(maker, (news) => control.post({ c: 'engine', news }));
  if (message.mayHoldEngine) seat.begin();
  return { boot: message, seat, leases, isWatched };
}

async function tellOfBoot(booting: Promise<Booted>): Promise<void> {
  const { seat, isWatched } = await booting;
  await isWatched;
  const { engine } = seat;
  control.post({ c: 'booted', calibration: engine?.calibration, hasEngine: engine !== undefined });
}

async function prepare(plan: Plan, isRehearsed = false): Promise<Prepared> {
  const { boot, leases, seat } = await must(booted, 'an isolate boots before it is prepared');
  const role = new ObjectRole({
    plan,
    schedule,
    tracer,
    onReset: (message, error) => control.post({ c: 'reset', message, error }),
    onIdle: () => control.post({ c: 'idle' }),
    onRest: () => seat.rest(),
    wantEngine: () => void promiseThen(seat.ensure(), undefined, (error) => role.refuseEngine(error)),
    takeEngine: () => seat.takeNow(),
    saySockets: (deeds) => control.post({ c: 'sockets', deeds }),
    halt,
  });
  const { account, endpoint, machine, host } = boot;
  const here = { machine, endpoint, host };
  const runtime = new Runtime({ account, here, leases, control, virtualClock, weather, plan, role, tracer });
  const { engine } = seat;
  await Promise.all([runtime.prepare(), isRehearsed && engine ? rehearse({ runtime, engine }) : undefined]);
  // Or it would be ahead of a clock that was stopped meanwhile.
  virtualClock.forget();
  return { runtime, role };
}

async function start(assignment: Assignment): Promise<FromIsolate> {
  const { boot, seat, leases } = await must(booted, 'an isolate boots before it is assigned');
  const { role: what, script } = assignment;
  const { account, endpoint, machine, host } = boot;
  if (what.kind === 'worker') {
    seat.close();
    control.post({ c: 'engine', news: 'none' });
    const role = new WorkerRole({
      schedule,
      tracer,
      limits: assignment.limits,
      onIdle: () => control.post({ c: 'idle' }),
    });
    const runtime = new Runtime({
      account,
      here: { machine, endpoint, host },
      leases,
      control,
      virtualClock,
      weather,
      plan: assignment,
      role,
      tracer,
    });
    await runtime.prepare();
    become(boot, { kind: 'worker', lane: script.name, label: script.name });
    weather.become({ kind: 'worker', machine });
    const epoch = role.start(runtime, await runtime.load(script.name));
    running = { runtime, role };
    return { c: 'started', epoch };
  }
  prepared ??= prepare(assignment);
  // Opened before the program's code is loaded, because what opens it calls through prototypes.
  const [store, { runtime, role }, engine] = await Promise.all([
    what.storage === 'memory' ? control.remoteStore() : openObjectStore(account, what.address, virtualClock.now()),
    prepared,
    seat.ensure(),
  ]);
  const epoch = await role.open({
    what,
    store,
    engine,
    alarms: { note: (alarm, sequence) => control.noteAlarm(alarm, sequence) },
    now: () => virtualClock.now(),
  });
  seat.lendBy(role);
  const name = `${what.className}:${what.name ?? what.id.slice(0, 8)}`;
  become(boot, { kind: 'object', lane: what.address, label: name });
  weather.become({ kind: 'object', machine, object: what.address, className: what.className });
  role.start(runtime, assignment.isStorageOnly ? {} : await runtime.load(name));
  running = { runtime, role };
  return { c: 'started', epoch };
}

function become({ endpoint, machine }: Booted['boot'], who: Pick<TraceActor, 'kind' | 'lane' | 'label'>): void {
  tracer.become({ ...who, id: endpoint, machine });
  tracer.note({ kind: 'life', step: 'start', reason: '' });
}
