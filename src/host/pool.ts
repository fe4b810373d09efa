/**
 * Keeps a few isolates ready: booted, their engine compiled, prepared for objects of the current code; and lets the others boot
 * a few at a time, and only so many live at once.
 *
 * Promise: `take` gives a ready isolate if there is one; a boot that failed is reported to whoever takes it, not
 * swallowed; what an object waits for boots before what only adds to the crowd, or objects would wait for one that is queued behind
 * others like them; nobody waits for ever: when none of those that live has ended for a minute, those that wait are refused.
 *
 * Why: a worker with an engine costs tens of milliseconds, a ready one a few. Others take the place of those that were taken a
 * little later: at once they would compete with what was just started.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { SimulatorError } from '../base/errors.ts';
import { workerType } from '../base/worker-type.ts';
import type { ClockAnchors } from '../protocol/clock.ts';
import type { EngineParts, Plan, ToIsolate } from '../protocol/control.ts';
import type { NetworkFault, Weather } from '../protocol/faults.ts';
import { BOOTING_ISOLATES, ISOLATE_WAIT_MS, ISOLATES, WARM_ISOLATES } from '../protocol/limits.ts';
import type { Account, EndpointId, MachineId, UniqueKey } from '../protocol/names.ts';
import type { TraceBatch } from '../protocol/trace-batch.ts';
import { EngineRoom } from './engine-room.ts';
import { waitPatiently } from './evictions.ts';
import { IsolateHandle, type IsolateWorker } from './isolate-handle.ts';

export interface PoolOptions {
  account: Account;
  machine: MachineId;
  /** the host's own endpoint, where it keeps sockets */
  host: EndpointId;
  engine: EngineParts;
  isolateUrl: string;
  /** false where there are no Web Locks (opaque contexts) */
  locks: boolean;
  clock: Clock;
  /** whether an isolate that boots now writes a trace */
  isTraced(): boolean;
  onTraced(batch: TraceBatch): void;
  /** of the network now */
  faults(): readonly NetworkFault[];
  /** what the account's clock goes by now */
  anchors(): ClockAnchors;
  newEndpoint(): EndpointId;
  /** resolves when the endpoint's thread has ended */
  whenGone(endpoint: EndpointId): Promise<void>;
  /** one waits to boot until another ends: those that can should */
  onCrowded(): void;
  /** given in tests */
  startWorker?: (name: string) => IsolateWorker;
}

/** An object's first call is over by then. */
const REFILL_MS = 50;

/** How often those that could make room are asked while others wait for it. */
const PRESS_MS = 250;

/** How long a closing host waits for the threads that it started. */
const GONE_PATIENCE_MS = 2_000;

const ALL_IN_USE =
  `There is no thread for this object: ${ISOLATES} run on this machine, all of them have something under way, and none has ended ` +
  'for a minute. Call again when some have ended.';

export class Pool {
  readonly #options: PoolOptions;
  #warm: IsolateHandle[] = [];
  #engine: EngineParts;
  #plan: Plan | undefined;
  #refill: Timer | undefined;
  #pressing: Timer | undefined;
  /** set while somebody waits for another to end; begins anew when one of them is served */
  #patience: Timer | undefined;
  #started = 0;
  /** every isolate whose thread may still run */
  readonly #alive = new Set<IsolateHandle>();
  readonly #booting = new Set<IsolateHandle>();
  /** those that wait to boot, first come first */
  readonly #queued = new Set<IsolateHandle>();
  /** the same, before all of those: objects that run wait for them */
  readonly #awaited = new Set<IsolateHandle>();
  readonly #engines: EngineRoom;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#engine = options.engine;
    this.#engines = new EngineRoom(options.clock);
  }

  /** Fills up to the number of isolates kept ready. */
  warm(): void {
    while (!this.#closed && this.#warm.length < WARM_ISOLATES) {
      const handle = this.#start();
      if (this.#plan) handle.prepare(this.#plan, true);
      this.#warm.push(handle);
    }
  }

  /** The same, when what was just started has had its time. */
  warmSoon(): void {
    if (this.#closed) return;
    this.#refill ??= this.#options.clock.after(REFILL_MS, () => {
      this.#refill = undefined;
      this.warm();
    });
  }

  /** From now on what is kept ready is prepared for objects of `plan`; what was prepared for older code goes. */
  prepare(plan: Plan): void {
    if (this.#plan?.deployment === plan.deployment) return;
    this.#plan = plan;
    const kept = this.#warm;
    this.#warm = [];
    for (const handle of kept) {
      if (handle.isPrepared) {
        handle.end();
        continue;
      }
      if (!handle.isEnded) handle.prepare(plan, true);
      this.#warm.push(handle);
    }
    this.warmSoon();
  }

  /** Every isolate that runs, those that are kept ready too. */
  tell(message: ToIsolate): void {
    for (const handle of this.#alive) handle.post(message);
  }

  /**
   * An isolate to become an object of that namespace, prepared if that is one of the plan's; its boot may still be under way
   * (`assign` waits for it).
   */
  take(namespace: UniqueKey): IsolateHandle {
    const isOfPlan = this.#plan?.ownNamespaces.some((own) => own.namespace === namespace) ?? true;
    if (!isOfPlan) return this.takeBare();
    let handle = this.#warm.shift();
    while (handle?.isEnded) handle = this.#warm.shift();
    if (handle) return handle;
    const started = this.#start();
    if (this.#plan) started.prepare(this.#plan, false);
    return started;
  }

  /** An object that runs waits for it: it boots before those that nobody here waits for. */
  hurry(handle: IsolateHandle): void {
    if (this.#queued.delete(handle)) this.#awaited.add(handle);
  }

  /** An isolate that was prepared for nothing and may become anything. */
  takeBare(): IsolateHandle {
    const found = this.#warm.find((handle) => !handle.isPrepared && !handle.isEnded);
    this.#warm = this.#warm.filter((handle) => handle !== found);
    return found ?? this.#start();
  }

  /** Turns the traces of all isolates on or off; resolves when they have heard of it. */
  async trace(isOn: boolean): Promise<void> {
    await Promise.all([...this.#alive].map((handle) => handle.trace(isOn)));
  }

  /** Tells all isolates the faults of the network; resolves when they have heard. */
  async feel(weather: Weather): Promise<void> {
    await Promise.all([...this.#alive].map((handle) => handle.feel(weather)));
  }

  /** Ends what nobody took. Those that were taken are ended by who did. */
  close(): void {
    this.#closed = true;
    this.#refill?.cancel();
    this.#pressing?.cancel();
    this.#stopWaiting();
    for (const handle of this.#warm.splice(0)) handle.end();
  }

  /** Resolves when no isolate that was started here runs any more, or after a while if one hangs. */
  async gone(): Promise<void> {
    const { clock, whenGone } = this.#options;
    const all = Promise.all(
      [...this.#alive].map(async (handle) => {
        await handle.terminated;
        await whenGone(handle.endpoint);
      }),
    );
    await waitPatiently(all, { clock, patienceMs: GONE_PATIENCE_MS });
  }

  #start(): IsolateHandle {
    const { clock, newEndpoint, whenGone, onTraced } = this.#options;
    const endpoint = newEndpoint();
    const handle: IsolateHandle = new IsolateHandle({
      endpoint,
      onTrace(news) {
        if (news.c === 'traced') onTraced(news.batch);
        else clock.after(news.forMs, () => handle.post({ c: 'hand-over' }));
      },
      onEngine: (news) => this.#engines.hear(handle, news),
    });
    this.#queued.add(handle);
    void handle.terminated.then(async () => {
      this.#queued.delete(handle);
      this.#awaited.delete(handle);
      this.#engines.gone(handle);
      await whenGone(endpoint);
      this.#alive.delete(handle);
      this.#bootNext();
    });
    const hasBooted = () => {
      this.#booting.delete(handle);
      this.#bootNext();
    };
    handle.booted.then(
      () => {
        // The first engine measures this build of sql.js; the others only check it.
        if (this.#engine.calibration === undefined) {
          this.#engine = { ...this.#engine, calibration: handle.calibration };
        }
        hasBooted();
      },
      hasBooted, // whoever takes it hears of that
    );
    this.#bootNext();
    return handle;
  }

  #bootNext(): void {
    for (const line of [this.#awaited, this.#queued]) {
      for (const handle of line) {
        if (this.#booting.size >= BOOTING_ISOLATES) return;
        if (this.#alive.size >= ISOLATES) {
          this.#press();
          return;
        }
        line.delete(handle);
        this.#stopWaiting();
        this.#boot(handle);
      }
    }
  }

  #stopWaiting(): void {
    this.#patience?.cancel();
    this.#patience = undefined;
  }

  /** All that live have something under way, and it may be what they wait for. */
  #refuse(): void {
    this.#patience = undefined;
    for (const handle of [...this.#awaited, ...this.#queued]) handle.end(new SimulatorError('overloaded', ALL_IN_USE));
  }

  #press(): void {
    if (this.#closed) return;
    this.#patience ??= this.#options.clock.after(ISOLATE_WAIT_MS, () => this.#refuse());
    if (this.#pressing) return;
    this.#options.onCrowded();
    this.#pressing = this.#options.clock.after(PRESS_MS, () => {
      this.#pressing = undefined;
      this.#bootNext();
    });
  }

  #boot(handle: IsolateHandle): void {
    const { account, machine, isolateUrl, locks, anchors, isTraced, faults } = this.#options;
    const name = `isolate ${++this.#started}`;
    const worker =
      this.#options.startWorker?.(name) ??
      (new Worker(isolateUrl, { type: workerType(), name }) as unknown as IsolateWorker);
    this.#alive.add(handle);
    this.#booting.add(handle);
    handle.boot(worker, {
      c: 'boot',
      account,
      machine,
      endpoint: handle.endpoint,
      host: this.#options.host,
      engine: this.#engine,
      locks,
      clock: anchors(),
      isTraced: isTraced(),
      faults: faults(),
      mayHoldEngine: this.#engines.reserve(handle),
    });
  }
}
