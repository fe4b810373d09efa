/**
 * Erases what the objects of deleted classes have stored.
 *
 * Promise: each is erased under its lease, so nobody runs it meanwhile; a holder that does not let go, because its tab is
 * frozen, is robbed. What an interruption left behind is erased when the account is opened next: the deployment that
 * deleted the class names its namespace for good.
 */
import { deferred } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import type { Lease, Leases } from '../network/lease.ts';
import { type Account, lockNames, type ObjectAddress, type UniqueKey } from '../protocol/names.ts';
import type { Vault } from '../storage/vault.ts';

/** A holder that hears of the deployment ends its instance in milliseconds; one that is frozen hears nothing. */
export const LEASE_PATIENCE_MS = 4_000;
/** How many objects are under way at once: each may be one that waits for a frozen holder. */
const AT_ONCE = 16;

/** A frozen tab may keep a database open, which delays its deletion until the tab wakes up or dies. */
export const ERASURE_PATIENCE_MS = 10_000;

export interface ErasureOptions {
  account: Account;
  vault: Vault;
  leases: Leases;
  clock: Clock;
  /** what could not be erased is tried again when the account is opened next */
  onError(error: unknown): void;
}

export class Erasure {
  readonly #options: ErasureOptions;
  readonly #closing = new AbortController();
  readonly #closed = deferred();
  /** namespaces that are being emptied, or are empty */
  readonly #begun = new Map<UniqueKey, Promise<void>>();

  constructor(options: ErasureOptions) {
    this.#options = options;
  }

  /**
   * Resolves when nothing is left in `namespaces`, or when this machine closes; at the latest after
   * `ERASURE_PATIENCE_MS`, and what is under way goes on.
   */
  async erase(namespaces: readonly UniqueKey[]): Promise<void> {
    const erasing = namespaces.map((namespace) => this.#begun.get(namespace) ?? this.#begin(namespace));
    const late = deferred();
    const timer = this.#options.clock.after(ERASURE_PATIENCE_MS, late.resolve);
    await Promise.race([Promise.all(erasing), late.promise, this.#closed.promise]);
    timer.cancel();
  }

  /** Begins nothing more and waits for nothing. */
  close(): void {
    this.#closing.abort();
    this.#closed.resolve();
  }

  #begin(namespace: UniqueKey): Promise<void> {
    const erasing = this.#eraseNamespace(namespace).catch((error: unknown) => {
      this.#begun.delete(namespace);
      if (!this.#closing.signal.aborted) this.#options.onError(error);
    });
    this.#begun.set(namespace, erasing);
    return erasing;
  }

  async #eraseNamespace(namespace: UniqueKey): Promise<void> {
    const objects = (await this.#options.vault.account.listObjects(namespace)).map(({ address }) => address);
    const eraseNext = async () => {
      for (let object = objects.shift(); object && !this.#closing.signal.aborted; object = objects.shift()) {
        await this.#eraseObject(object);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, eraseNext));
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
