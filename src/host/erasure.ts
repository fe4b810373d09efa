/**
 * Erases what the objects of deleted classes have stored.
 *
 * Promise: each is erased under its lease, so nobody runs it meanwhile; a holder that does not let go, because its tab is
 * frozen, is robbed. What an interruption left behind is erased when the account is opened next: the deployment that
 * deleted the class names its namespace for good.
 */
import type { Clock } from '../base/clock.ts';
import type { Lease, Leases } from '../network/lease.ts';
import { type Account, lockNames, type ObjectAddress, type UniqueKey } from '../protocol/names.ts';
import type { Vault } from '../storage/vault.ts';

/** A holder that hears of the deployment ends its instance in milliseconds; one that is frozen hears nothing. */
export const LEASE_PATIENCE_MS = 4_000;
/** How many objects are under way at once: each may be one that waits for a frozen holder. */
const AT_ONCE = 16;

export interface ErasureOptions {
  account: Account;
  vault: Vault;
  leases: Leases;
  clock: Clock;
}

export class Erasure {
  readonly #options: ErasureOptions;
  readonly #closing = new AbortController();
  /** namespaces that were empty when last seen, or are being emptied */
  readonly #done = new Map<UniqueKey, Promise<void>>();

  constructor(options: ErasureOptions) {
    this.#options = options;
  }

  /** Resolves when nothing is left in `namespaces`, or when this machine closes. */
  async erase(namespaces: readonly UniqueKey[]): Promise<void> {
    for (const namespace of namespaces) {
      const erasing = this.#done.get(namespace) ?? this.#eraseNamespace(namespace);
      this.#done.set(namespace, erasing);
      try {
        await erasing;
      } catch (error) {
        this.#done.delete(namespace);
        throw error;
      }
    }
  }

  /** Begins nothing more and waits for no lease. */
  close(): void {
    this.#closing.abort();
  }

  async #eraseNamespace(namespace: UniqueKey): Promise<void> {
    const objects = (await this.#options.vault.account.listObjects(namespace)).map(({ address }) => address);
    while (objects.length > 0 && !this.#closing.signal.aborted) {
      await Promise.all(objects.splice(0, AT_ONCE).map((object) => this.#eraseObject(object)));
    }
  }

  async #eraseObject(object: ObjectAddress): Promise<void> {
    const lease = await this.#take(object);
    if (!lease) return;
    const { vault } = this.#options;
    try {
      const store = await vault.findObject(object);
      await store?.destroy();
      await vault.account.forgetObject(object);
    } finally {
      lease.release();
    }
  }

  /** The object's lease; undefined when this machine closes. */
  async #take(object: ObjectAddress): Promise<Lease | undefined> {
    const { account, leases, clock } = this.#options;
    const name = lockNames.object(account, object);
    const closing = this.#closing.signal;
    const waiting = new AbortController();
    const stop = () => waiting.abort();
    closing.addEventListener('abort', stop);
    const timer = clock.after(LEASE_PATIENCE_MS, stop);
    try {
      closing.throwIfAborted();
      return await leases.acquire(name, { signal: waiting.signal });
    } catch (error) {
      if (closing.aborted) return undefined;
      if (!waiting.signal.aborted) throw error;
      return await leases.acquire(name, { steal: true });
    } finally {
      timer.cancel();
      closing.removeEventListener('abort', stop);
    }
  }
}
