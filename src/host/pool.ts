/**
 * Keeps a few isolates ready: booted, their engine compiled, prepared for objects of the current code.
 *
 * Promise: `take` gives a ready isolate if there is one; a boot that failed is reported to whoever takes it, not
 * swallowed. Why: a worker with an engine costs tens of milliseconds, a ready one a few. Others take the place of those that
 * were taken a little later: at once they would compete with what was just started.
 */
import type { Clock, Timer } from '../base/clock.ts';
import { workerType } from '../base/worker-type.ts';
import type { ClockAnchors } from '../protocol/clock.ts';
import type { EngineParts, Plan, ToIsolate } from '../protocol/control.ts';
import { WARM_ISOLATES } from '../protocol/limits.ts';
import type { Account, EndpointId, MachineId } from '../protocol/names.ts';
import type { TraceBatch } from '../protocol/trace-batch.ts';
import { IsolateHandle, type IsolateWorker } from './isolate-handle.ts';

export interface PoolOptions {
  account: Account;
  machine: MachineId;
  engine: EngineParts;
  isolateUrl: string;
  /** false where there are no Web Locks (opaque contexts) */
  locks: boolean;
  clock: Clock;
  /** whether an isolate that boots now writes a trace */
  isTraced(): boolean;
  onTraced(batch: TraceBatch): void;
  /** what the account's clock goes by now */
  anchors(): ClockAnchors;
  newEndpoint(): EndpointId;
  /** resolves when the endpoint's thread has ended */
  whenGone(endpoint: EndpointId): Promise<void>;
  /** given in tests */
  startWorker?: (name: string) => IsolateWorker;
}

/** An object's first call is over by then. */
const REFILL_MS = 50;

/** How long a closing host waits for the threads that it started. */
const GONE_PATIENCE_MS = 2_000;

export class Pool {
  readonly #options: PoolOptions;
  #warm: IsolateHandle[] = [];
  #engine: EngineParts;
  #plan: Plan | undefined;
  #refill: Timer | undefined;
  #started = 0;
  /** every isolate whose thread may still run */
  readonly #alive = new Set<IsolateHandle>();
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#engine = options.engine;
  }

  /** Fills up to the number of isolates kept ready. */
  warm(): void {
    while (!this.#closed && this.#warm.length < WARM_ISOLATES) {
      const handle = this.#start();
      if (this.#plan) handle.prepare(this.#plan);
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
      if (!handle.isEnded) handle.prepare(plan);
      this.#warm.push(handle);
    }
    this.warmSoon();
  }

  /** Every isolate that runs, those that are kept ready too. */
  tell(message: ToIsolate): void {
    for (const handle of this.#alive) handle.post(message);
  }

  /** An isolate to become an object, prepared if one is; its boot may still be under way (`assign` waits for it). */
  take(): IsolateHandle {
    let handle = this.#warm.shift();
    while (handle?.isEnded) handle = this.#warm.shift();
    return handle ?? this.#start();
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

  /** Ends what nobody took. Those that were taken are ended by who did. */
  close(): void {
    this.#closed = true;
    this.#refill?.cancel();
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
    await Promise.race([all, new Promise<void>((resolve) => clock.after(GONE_PATIENCE_MS, resolve))]);
  }

  #start(): IsolateHandle {
    const { account, machine, isolateUrl, locks, anchors, newEndpoint, whenGone, isTraced, onTraced } = this.#options;
    const endpoint = newEndpoint();
    const name = `isolate ${++this.#started}`;
    const worker =
      this.#options.startWorker?.(name) ??
      (new Worker(isolateUrl, { type: workerType(), name }) as unknown as IsolateWorker);
    const boot: ToIsolate = {
      c: 'boot',
      account,
      machine,
      endpoint,
      engine: this.#engine,
      locks,
      clock: anchors(),
      isTraced: isTraced(),
    };
    const handle = new IsolateHandle({ worker, endpoint, boot, onTraced });
    this.#alive.add(handle);
    void handle.terminated
      .then(() => whenGone(endpoint))
      .then(() => {
        this.#alive.delete(handle);
      });
    // The first engine measures this build of sql.js; the others only check it.
    handle.booted.then(
      () => {
        if (this.#engine.calibration === undefined) {
          this.#engine = { ...this.#engine, calibration: handle.calibration };
        }
      },
      () => {},
    );
    return handle;
  }
}
