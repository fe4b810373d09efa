/**
 * Leases: who holds a name, and when does it fall free, even by death.
 *
 * Promise: a name is held by one holder, or by any number that share it. Those who wait get it in the order they asked.
 * A holder that dies lets go. A thief gets it at once and the robbed one learns it by `lost`; so that a robbed
 * holder which was frozen meanwhile does no harm, writing is fenced by the epoch and not by this.
 *
 * Two implementations: *locks*, the browser's Web Locks, across tabs and workers; *sole*, for opaque and insecure
 * contexts, which have no Web Locks and where no other tab can exist: its names are known to this instance only, and
 * who owns a worker releases for it when it dies. Knows nothing of objects, endpoints or hosts.
 */
import { must } from '../base/assert.ts';
import { type Deferred, deferred } from '../base/async.ts';
import { uncurryThis } from '../base/primordials.ts';

export interface Lease {
  readonly name: string;
  /** false once released or stolen */
  readonly isHeld: boolean;
  /** resolves when somebody stole it; never otherwise */
  readonly lost: Promise<void>;
  /** Lets go. Nothing happens when it is not held any more. */
  release(): void;
}

export interface AcquireOptions {
  /** takes it at once from whoever holds it; those who wait keep their places behind the thief */
  readonly steal?: boolean;
  /** several may hold it at once; one that does not share waits for all of them. A thief never shares. */
  readonly shared?: boolean;
  /** ends the waiting: `acquire` rejects with the signal's reason. Without effect once it is held. */
  readonly signal?: AbortSignal;
}

export interface Leases {
  readonly mode: 'locks' | 'sole';
  acquire(name: string, options?: AcquireOptions): Promise<Lease>;
  /** undefined when somebody holds it or waits for it */
  tryAcquire(name: string): Promise<Lease | undefined>;
  /**
   * Resolves when nobody holds `name`: the death notice, for a name held for life. Resolves at once for a name that was
   * never held, so ask only after the holder has it. Rejects with the signal's reason. With `shared` it does not wait for
   * others who share, so of all who wait for one death a thread that hangs holds up nobody.
   */
  whenFree(name: string, options?: Omit<AcquireOptions, 'steal'>): Promise<void>;
  /** names that are held now and begin with `prefix`, each once, sorted */
  held(prefix: string): Promise<string[]>;
}

const manager: LockManager | undefined = globalThis.navigator?.locks;
const requestLock =
  manager &&
  uncurryThis(
    manager.request as (
      this: LockManager,
      name: string,
      options: LockOptions,
      granted: (lock: Lock | null) => Promise<void> | undefined,
    ) => Promise<void>,
  );
const queryLocks = manager && uncurryThis(manager.query);

/** Web Locks where they work; else *sole*. One instance per host. */
export async function openLeases(): Promise<Leases> {
  if (!manager || !queryLocks) return new SoleLeases();
  try {
    await queryLocks(manager);
    return new LockLeases(manager);
  } catch (error) {
    // An opaque origin of a secure context may show the interface and refuse its use.
    if (error instanceof DOMException && error.name === 'SecurityError') return new SoleLeases();
    throw error;
  }
}

/** The same at once, for a thread whose host has found that Web Locks work. */
export function trustedLeases(): Leases {
  return new LockLeases(must(manager, 'the Web Locks that the host has'));
}

/** A lease is held while the promise that its lock's callback returned is pending. */
class HeldLease implements Lease {
  readonly name: string;
  readonly lost: Promise<void>;
  readonly #lost = deferred();
  readonly #onRelease: () => void;
  #state: 'held' | 'released' | 'stolen' = 'held';

  constructor(name: string, onRelease: () => void) {
    this.name = name;
    this.lost = this.#lost.promise;
    this.#onRelease = onRelease;
  }

  get isHeld(): boolean {
    return this.#state === 'held';
  }

  release(): void {
    if (this.#state !== 'held') return;
    this.#state = 'released';
    this.#onRelease();
  }

  steal(): void {
    if (this.#state !== 'held') return;
    this.#state = 'stolen';
    this.#lost.resolve();
  }
}

const nothing = (): undefined => undefined;

class LockLeases implements Leases {
  readonly mode = 'locks';
  readonly #manager: LockManager;
  /** released here, and the browser may not know yet */
  readonly #letGo = new Map<string, Set<Promise<void>>>();

  constructor(locks: LockManager) {
    this.#manager = locks;
  }

  async acquire(name: string, { steal, shared, signal }: AcquireOptions = {}): Promise<Lease> {
    signal?.throwIfAborted();
    const options: LockOptions = { mode: shared && !steal ? 'shared' : 'exclusive' };
    // The platform refuses a signal together with `steal`, which does not wait anyway.
    if (steal) options.steal = true;
    else if (signal) options.signal = signal;
    const lease = await this.#request(name, options);
    if (!lease) throw new Error(`the browser granted no lock for ${name}`);
    return lease;
  }

  async tryAcquire(name: string): Promise<Lease | undefined> {
    await Promise.all(this.#letGo.get(name) ?? []);
    return await this.#request(name, { mode: 'exclusive', ifAvailable: true });
  }

  async whenFree(name: string, { shared, signal }: Omit<AcquireOptions, 'steal'> = {}): Promise<void> {
    signal?.throwIfAborted();
    const mode = shared ? 'shared' : 'exclusive';
    // No lease is made: this is asked where a program may have changed what promises do.
    await requestLock?.(this.#manager, name, signal ? { mode, signal } : { mode }, nothing);
  }

  async held(prefix: string): Promise<string[]> {
    await Promise.all([...this.#letGo.values()].flatMap((over) => [...over]));
    const snapshot = await queryLocks?.(this.#manager);
    const names = new Set<string>();
    for (const { name } of snapshot?.held ?? []) if (name?.startsWith(prefix)) names.add(name);
    return [...names].sort();
  }

  #request(name: string, options: LockOptions): Promise<Lease | undefined> {
    const granted = deferred<Lease | undefined>();
    let lease: HeldLease | undefined;
    const hold = (lock: Lock | null): Promise<void> | undefined => {
      if (!lock) {
        granted.resolve(undefined);
        return undefined;
      }
      const released = deferred();
      lease = new HeldLease(name, () => {
        released.resolve();
        this.#remember(name, over);
      });
      granted.resolve(lease);
      return released.promise;
    };
    const over: Promise<void> = requestLock
      ? requestLock(this.#manager, name, options, hold).then(
          () => undefined,
          // After the grant the one way to fail is theft; before it, the signal or the platform's refusal.
          (error: unknown) => (lease ? lease.steal() : granted.reject(error)),
        )
      : Promise.resolve();
    return granted.promise;
  }

  #remember(name: string, over: Promise<void>): void {
    const letGo = this.#letGo.get(name) ?? new Set();
    this.#letGo.set(name, letGo.add(over));
    void over.then(() => {
      letGo.delete(over);
      if (letGo.size === 0) this.#letGo.delete(name);
    });
  }
}

interface Waiting {
  readonly shared: boolean;
  readonly granted: Deferred<Lease>;
}

interface Name {
  holders: { lease: HeldLease; shared: boolean }[];
  queue: Waiting[];
}

export class SoleLeases implements Leases {
  readonly mode = 'sole';
  readonly #names = new Map<string, Name>();

  async acquire(name: string, { steal, shared = false, signal }: AcquireOptions = {}): Promise<Lease> {
    signal?.throwIfAborted();
    const state = this.#name(name);
    if (steal) {
      for (const { lease } of state.holders.splice(0)) lease.steal();
      return this.#grant(name, state, false);
    }
    const waiting: Waiting = { shared, granted: deferred() };
    state.queue.push(waiting);
    this.#next(name, state);
    const stop = () => {
      if (!state.queue.includes(waiting)) return;
      state.queue = state.queue.filter((other) => other !== waiting);
      waiting.granted.reject(signal?.reason);
      this.#next(name, state);
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return await waiting.granted.promise;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  async tryAcquire(name: string): Promise<Lease | undefined> {
    const state = this.#name(name);
    if (state.holders.length > 0 || state.queue.length > 0) return undefined;
    return this.#grant(name, state, false);
  }

  async whenFree(name: string, options: Omit<AcquireOptions, 'steal'> = {}): Promise<void> {
    const lease = await this.acquire(name, options);
    lease.release();
  }

  async held(prefix: string): Promise<string[]> {
    return [...this.#names]
      .filter(([name, { holders }]) => holders.length > 0 && name.startsWith(prefix))
      .map(([name]) => name)
      .sort();
  }

  #name(name: string): Name {
    const known = this.#names.get(name);
    if (known) return known;
    const made: Name = { holders: [], queue: [] };
    this.#names.set(name, made);
    return made;
  }

  #grant(name: string, state: Name, shared: boolean): Lease {
    const lease = new HeldLease(name, () => {
      state.holders = state.holders.filter((holder) => holder.lease !== lease);
      this.#next(name, state);
    });
    state.holders.push({ lease, shared });
    return lease;
  }

  #next(name: string, state: Name): void {
    for (;;) {
      const first = state.queue[0];
      if (!first || state.holders.some((holder) => !holder.shared || !first.shared)) break;
      state.queue.shift();
      first.granted.resolve(this.#grant(name, state, first.shared));
    }
    if (state.holders.length === 0 && state.queue.length === 0) this.#names.delete(name);
  }
}
