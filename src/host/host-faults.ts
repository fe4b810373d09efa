/**
 * Misfortune on purpose on one machine: slow storage, and a bad network.
 *
 * Promise: what is ordered on one machine of the account holds for the network on all of them, for storage on this one; `clear`
 * ends both everywhere.
 */
import type { Clock } from '../base/clock.ts';
import { type Random, randomName } from '../base/random.ts';
import type { HostEvent, HostOpening } from '../protocol/control.ts';
import type { FaultNews, NetworkFault, Weather } from '../protocol/faults.ts';
import type { MachineId, ObjectAddress } from '../protocol/names.ts';
import type { Vault } from '../storage/vault.ts';
import type { HostClock } from './clock.ts';
import { NetworkFaults } from './network-faults.ts';
import { SocketWeather } from './socket-weather.ts';
import { type SlowObject, StorageFaults } from './storage-faults.ts';

export interface HostFaultsOptions {
  readonly opening: Pick<HostOpening, 'machine'>;
  readonly vault: Pick<Vault, 'mode'>;
  readonly random: Random;
  tell(event: HostEvent): void;
  /** real */
  readonly real: Clock;
  readonly clock: Pick<HostClock, 'virtual' | 'others'>;
  announce(news: FaultNews): void;
  /** Resolves when the isolates of this machine have heard. */
  tellIsolates(weather: Weather): Promise<void>;
  /** those of this machine that run or start */
  objects(): Iterable<readonly [SlowObject, ObjectAddress]>;
}

export class HostFaults {
  readonly storage: StorageFaults;
  readonly network: NetworkFaults;
  /** at this host's own links and sockets */
  readonly weather: SocketWeather;

  constructor(options: HostFaultsOptions) {
    const { opening, vault, random, tell, real, clock, announce, tellIsolates } = options;
    this.storage = new StorageFaults(() => options.objects());
    this.weather = new SocketWeather(opening.machine, clock.virtual);
    this.network = new NetworkFaults({
      clock: real,
      isShared: vault.mode !== 'memory',
      newId: () => randomName(random),
      others: () => clock.others(),
      announce,
      tellIsolates,
      tell: (weather) => {
        this.weather.follow(weather);
        tell({ e: 'weather', weather });
      },
      onCleared: () => this.storage.clear(),
    });
  }

  /** Of the network, now. */
  get now(): readonly NetworkFault[] {
    return this.network.faults;
  }

  /** Another machine spoke. */
  hear(news: FaultNews, from: MachineId): void {
    this.network.hear(news, from);
  }
}
