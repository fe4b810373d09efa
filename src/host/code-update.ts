/**
 * What a new deployment does to the instances of older code.
 *
 * Promise: each is replaced: in good order if that can be within the delay that its script or the platform gives it, else
 * by a reset that its callers can tell. Nothing here touches what it has stored.
 *
 * @see https://developers.cloudflare.com/durable-objects/ (code updates)
 */
import type { TaskSet } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import type { UniqueKey } from '../protocol/names.ts';
import { ErrorCodec } from '../rpc/errors.ts';
import { ExternalRegistry } from '../rpc/externals.ts';
import type { Container } from './container.ts';
import { type CurrentDeployment, ownerOf } from './deployments.ts';
import { drainPatiently } from './evictions.ts';

/** The platform's own, for a script that does not say. */
const UPDATE_DELAY_MS = 30_000;
const UPDATED = 'Durable Object reset because its code was updated.';

export interface CodeUpdateOptions {
  clock: Clock;
  tasks: TaskSet;
  /** number of the newest deployment seen here */
  newest(): number;
}

export class CodeUpdate {
  readonly #options: CodeUpdateOptions;
  /** the host speaks for isolates that can no longer */
  readonly #errors = new ErrorCodec({ registry: new ExternalRegistry([]), enhancedErrors: true });

  constructor(options: CodeUpdateOptions) {
    this.#options = options;
  }

  /** Begins to replace those of `containers` that run older code than `current`. */
  replace(containers: readonly Container[], current: CurrentDeployment): void {
    for (const container of containers) this.#options.tasks.add(this.#replace(container, current));
  }

  async #replace(container: Container, current: CurrentDeployment): Promise<void> {
    const { clock, newest } = this.#options;
    await container.live().catch(() => {}); // its starter was told
    const { assigned } = container;
    if ((assigned?.deployment ?? 0) >= newest()) return;
    const patienceMs = assigned?.role.kind === 'object' ? patience(assigned.role.namespace, current) : UPDATE_DELAY_MS;
    try {
      if (patienceMs > 0) return await drainPatiently(container, { clock, patienceMs });
    } catch {
      // It did not come to rest in time.
    }
    container.isolate.reset(this.#errors.encode(new Error(UPDATED), { durableObjectReset: true }));
  }
}

/** How long an instance may go on with older code; not at all when its class is gone. */
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
