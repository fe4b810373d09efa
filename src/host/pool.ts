/**
 * Keeps a few isolates ready: booted, with their engine compiled, and not yet anything.
 *
 * Promise: `take` gives a ready isolate if there is one and starts another in its place; a boot that failed is reported
 * to whoever takes it, not swallowed. Why: a worker with an engine costs tens of milliseconds, a ready one a few.
 */
import { workerType } from '../base/worker-type.ts';
import type { EngineParts, ToIsolate } from '../protocol/control.ts';
import { WARM_ISOLATES } from '../protocol/limits.ts';
import type { Account, EndpointId, MachineId } from '../protocol/names.ts';
import { IsolateHandle, type IsolateWorker } from './isolate-handle.ts';

export interface PoolOptions {
  account: Account;
  machine: MachineId;
  engine: EngineParts;
  isolateUrl: string;
  /** false where there are no Web Locks (opaque contexts) */
  locks: boolean;
  newEndpoint(): EndpointId;
  /** given in tests */
  startWorker?: (name: string) => IsolateWorker;
}

export class Pool {
  readonly #options: PoolOptions;
  readonly #warm: IsolateHandle[] = [];
  #engine: EngineParts;
  #started = 0;
  #closed = false;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#engine = options.engine;
  }

  /** Fills up to the number of isolates kept ready. */
  warm(count = WARM_ISOLATES): void {
    while (!this.#closed && this.#warm.length < count) this.#warm.push(this.#start());
  }

  /** A fresh isolate; its boot may still be under way (`assign` waits for it). */
  take(): IsolateHandle {
    let handle = this.#warm.shift();
    while (handle?.isEnded) handle = this.#warm.shift();
    return handle ?? this.#start();
  }

  close(): void {
    this.#closed = true;
    for (const handle of this.#warm.splice(0)) handle.end();
  }

  #start(): IsolateHandle {
    const { account, machine, isolateUrl, locks, newEndpoint } = this.#options;
    const endpoint = newEndpoint();
    const name = `isolate ${++this.#started}`;
    const worker =
      this.#options.startWorker?.(name) ??
      (new Worker(isolateUrl, { type: workerType(), name }) as unknown as IsolateWorker);
    const boot: ToIsolate = { c: 'boot', account, machine, endpoint, engine: this.#engine, locks };
    const handle = new IsolateHandle({ worker, endpoint, boot });
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
