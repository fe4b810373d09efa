/** What a host is given: the account that a page opened, and the platform under it. */
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/random.ts';
import type { Leases } from '../network/lease.ts';
import type { HostEvent, HostOpening } from '../protocol/control.ts';
import type { Vault } from '../storage/vault.ts';

export interface HostOptions {
  opening: HostOpening;
  vault: Vault;
  leases: Leases;
  random: Random;
  clock?: Clock;
  tell(event: HostEvent): void;
  /** true where a port is the faster carrier (Chromium) or the only one proven to work (opaque frames) */
  prefersPorts: boolean;
}
