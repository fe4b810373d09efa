/**
 * The faults of an account's network, as one of its machines has them.
 *
 * Promise: an order holds on every machine of the account, and for every thread that starts later; resolved, each thread that runs has
 * heard of it, on machines that stand still as soon as they go on. Faults end with the last machine: nothing of them is stored.
 *
 * Knows nothing of what a fault does.
 */
import { type Deferred, deferred } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import type { FaultNews, FaultOrder, NetworkFault, Weather } from '../protocol/faults.ts';
import { HOLDER_ANSWER_MS } from '../protocol/limits.ts';
import type { MachineId } from '../protocol/names.ts';
import { waitPatiently } from './evictions.ts';

export interface NetworkFaultsOptions {
  /** false for an account that lives in this machine's memory: others of its name have nothing to do with it */
  readonly isShared: boolean;
  /** real */
  readonly clock: Clock;
  newId(): string;
  /** the other machines of the account that are awake */
  others(): Promise<readonly MachineId[]>;
  announce(news: FaultNews): void;
  /** Tells the isolates of this machine. Resolves when they have heard. */
  tellIsolates(weather: Weather): Promise<void>;
  /** the page, and the sockets that the host keeps */
  tell(weather: Weather): void;
  /** there are to be no faults of any kind */
  onCleared(): Promise<void>;
}

export class NetworkFaults {
  readonly #options: NetworkFaultsOptions;
  /** machines that have not said yet that they felt an order */
  readonly #unfelt = new Map<string, Map<MachineId, Deferred<void>>>();
  #faults: readonly NetworkFault[] = [];

  constructor(options: NetworkFaultsOptions) {
    this.#options = options;
  }

  get faults(): readonly NetworkFault[] {
    return this.#faults;
  }

  /** This machine is new. To be called once it hears the others. */
  join(): void {
    this.#announce({ n: 'joined' });
  }

  /** A page of this machine wants it. @returns the faults that there are then */
  async order(order: FaultOrder): Promise<readonly NetworkFault[]> {
    const { clock, newId, others } = this.#options;
    const id = newId();
    const unfelt = new Map((await others()).map((machine) => [machine, deferred<void>()]));
    this.#unfelt.set(id, unfelt);
    this.#announce({ n: 'order', id, order });
    const everywhere = Promise.all([...unfelt.values()].map(({ promise }) => promise));
    await Promise.all([this.#obey(order), waitPatiently(everywhere, { clock, patienceMs: HOLDER_ANSWER_MS })]);
    this.#unfelt.delete(id);
    return this.#faults;
  }

  hear(news: FaultNews, from: MachineId): void {
    if (!this.#options.isShared) return;
    switch (news.n) {
      case 'order':
        void this.#obey(news.order).then(() => this.#announce({ n: 'felt', id: news.id }));
        return;
      case 'felt':
        this.#unfelt.get(news.id)?.get(from)?.resolve();
        return;
      case 'joined':
        if (this.#faults.length > 0) this.#announce({ n: 'known', faults: this.#faults });
        return;
      case 'known':
        for (const fault of news.faults) void this.#obey({ o: 'set', fault });
        return;
      default:
        news satisfies never;
    }
  }

  #announce(news: FaultNews): void {
    if (this.#options.isShared) this.#options.announce(news);
  }

  async #obey(order: FaultOrder): Promise<void> {
    const { clock, tell, tellIsolates, onCleared } = this.#options;
    this.#faults = faultsAfter(this.#faults, order);
    const weather = { faults: this.#faults, ...(order.o === 'cut' ? { cut: order.place } : {}) };
    tell(weather);
    // One that computes on and on hears of it later, as it would of anything that comes.
    const told = Promise.all([tellIsolates(weather), order.o === 'clear' ? onCleared() : undefined]);
    await waitPatiently(told, { clock, patienceMs: HOLDER_ANSWER_MS });
  }
}

function faultsAfter(faults: readonly NetworkFault[], order: FaultOrder): readonly NetworkFault[] {
  switch (order.o) {
    case 'set':
      return [...faults.filter(({ id }) => id !== order.fault.id), order.fault];
    case 'lift':
      return faults.filter(({ id }) => id !== order.id);
    case 'clear':
      return [];
    case 'cut':
      return faults;
    default:
      return order satisfies never;
  }
}
