/**
 * What a new deployment does to the instances of older code.
 *
 * Promise: each is replaced. `immediate`: now, by a reset that its callers can tell. `deferred`: as soon as nothing holds it,
 * so that nobody notices; when its delay is over, by the same reset. The delay goes by the program's clock. Nothing here
 * touches what an instance has stored.
 *
 * DIFFERS: the platform's documentation says that `deferred` waits until the object hibernates. Here it need not have been idle for
 * ten seconds: one that nothing holds is replaced at once, so that whoever edits a program sees the new code.
 *
 *     OLDER --immediate, or its class is gone--> RESET          [#reset]
 *        \--deferred--> WAITING --at rest--> gone in good order [#defer]
 *                           \--delay over--> RESET
 *
 * @see https://developers.cloudflare.com/durable-objects/ (code updates)
 */
import { deferred, type TaskSet } from '../base/async.ts';
import type { Clock, VirtualMs } from '../base/clock.ts';
import type { UniqueKey } from '../protocol/names.ts';
import { ErrorCodec } from '../rpc/errors.ts';
import { ExternalRegistry } from '../rpc/externals.ts';
import type { Container } from './container.ts';
import { type CurrentDeployment, ownerOf } from './deployments.ts';
import { drainPatiently, waitPatiently } from './evictions.ts';
import type { IsolateHandle } from './isolate-handle.ts';

/** The platform's own, for a script that does not say. */
export const UPDATE_DELAY_MS = 30_000;
const UPDATED = 'Durable Object reset because its code was updated.';
/** How long an instance has to tell its callers, real ms. One that computes on never does: the host speaks for it then. */
export const RESET_PATIENCE_MS = 1_000;

/** What is replaced. */
export type Replaceable = Pick<Container, 'live' | 'drain' | 'isEnded' | 'assigned' | 'end'> & {
  readonly isolate: Pick<IsolateHandle, 'reset' | 'terminated'>;
};

export interface CodeUpdateOptions {
  /** by which delays go */
  virtual: Clock<VirtualMs>;
  /** by which an instance is asked again whether it rests; real */
  clock: Clock;
  /** what must be over before the host is at rest */
  tasks: TaskSet;
  /** number of the newest deployment seen here */
  newest(): number;
  onError(error: unknown): void;
}

export class CodeUpdate {
  readonly #options: CodeUpdateOptions;
  /** the host speaks for isolates that can no longer */
  readonly #errors = new ErrorCodec({ registry: new ExternalRegistry([]), enhancedErrors: true });

  constructor(options: CodeUpdateOptions) {
    this.#options = options;
  }

  /**
   * Begins to replace those of `containers` that run older code than `current`.
   *
   * @returns resolves when those that nothing held, and those that are reset at once, are gone, at the latest after
   *   `RESET_PATIENCE_MS`: whoever calls then reaches the new code
   */
  async replace(containers: readonly Replaceable[], current: CurrentDeployment): Promise<void> {
    const { clock, onError } = this.#options;
    const replaced = Promise.all(containers.map((container) => this.#replace(container, current)));
    const over = replaced.then(() => {}, onError);
    await waitPatiently(over, { clock, patienceMs: RESET_PATIENCE_MS });
  }

  async #replace(container: Replaceable, current: CurrentDeployment): Promise<void> {
    await container.live().catch(() => {}); // its starter was told
    const { assigned } = container;
    if (container.isEnded || (assigned?.deployment ?? 0) >= this.#options.newest()) return;
    const patienceMs = assigned?.role.kind === 'object' ? patience(assigned.role.namespace, current) : UPDATE_DELAY_MS;
    if (patienceMs > 0) await this.#defer(container, patienceMs);
    else await this.#reset(container);
  }

  /**
   * Resolves when the instance has gone, or has said that something holds it. No task of the host's: what the instance does
   * may wait for the clock to move, and that waits for the tasks.
   */
  async #defer(container: Replaceable, patienceMs: number): Promise<void> {
    const { virtual, clock, onError } = this.#options;
    const delay = virtual.after(patienceMs, () => void this.#reset(container));
    const held = deferred();
    const gone = drainPatiently(container, { clock, patienceMs: Number.POSITIVE_INFINITY, onHeld: held.resolve });
    await Promise.race([gone.then(() => delay.cancel(), onError), held.promise]);
  }

  #reset(container: Replaceable): Promise<void> {
    const reset = this.#resetNow(container);
    this.#options.tasks.add(reset);
    return reset;
  }

  async #resetNow(container: Replaceable): Promise<void> {
    if (container.isEnded) return;
    const error = this.#errors.encode(new Error(UPDATED), { durableObjectReset: true });
    container.isolate.reset(error);
    const timer = this.#options.clock.after(RESET_PATIENCE_MS, () => container.end(error));
    await container.isolate.terminated;
    timer.cancel();
  }
}

/** How long an instance may go on with older code, virtual ms; not at all when its class is gone. */
function patience(namespace: UniqueKey, current: CurrentDeployment): number {
  const owner = ownerOf(namespace, current);
  if (!owner) return 0;
  const { codeUpdate } = owner.script;
  switch (codeUpdate?.mode) {
    case undefined:
      return UPDATE_DELAY_MS;
    case 'immediate':
      return 0;
    case 'deferred':
      return codeUpdate.maxDelayMs ?? UPDATE_DELAY_MS;
    default:
      return codeUpdate satisfies never;
  }
}
