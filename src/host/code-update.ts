/**
 * What a new deployment does to the instances of older code.
 *
 * Promise: each is replaced: in good order if that can be within the delay that the platform gives it, else by a reset
 * that its callers can tell. What it has stored stays.
 *
 * @see https://developers.cloudflare.com/durable-objects/ (code updates)
 */
import type { TaskSet } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import type { UniqueKey } from '../protocol/names.ts';
import { ErrorCodec } from '../rpc/errors.ts';
import { ExternalRegistry } from '../rpc/externals.ts';
import type { Vault } from '../storage/vault.ts';
import type { Container } from './container.ts';
import { drainPatiently } from './evictions.ts';
import type { Placement } from './placement.ts';

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

  /** Begins to replace those of `containers` that run older code. */
  replace(containers: readonly Container[]): void {
    for (const container of containers) this.#options.tasks.add(this.#replace(container));
  }

  async #replace(container: Container): Promise<void> {
    const { clock, newest } = this.#options;
    await container.live().catch(() => {}); // its starter was told
    if ((container.assigned?.deployment ?? 0) >= newest()) return;
    try {
      await drainPatiently(container, { clock, patienceMs: UPDATE_DELAY_MS });
    } catch {
      container.isolate.reset(this.#errors.encode(new Error(UPDATED), { durableObjectReset: true }));
    }
  }
}

/** A migration deleted the class: its objects end, and everything that they stored goes. */
export async function eraseNamespace(
  namespace: UniqueKey,
  { vault, placement }: { vault: Vault; placement: Pick<Placement<Container, unknown>, 'get'> },
): Promise<void> {
  for (const record of await vault.account.listObjects(namespace)) {
    placement.get(record.address)?.end(undefined);
    const store = await vault.findObject(record.address);
    await store?.destroy();
    await vault.account.forgetObject(record.address);
  }
}
