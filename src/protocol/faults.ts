/**
 * Faults of the network: what they are, where they are, and who feels them.
 *
 * Promise: plain structured-cloneable data. A fault is felt at one end of each link that it concerns, so that it counts once:
 * at the end that it names, in both directions; one that is everywhere, at each end for what that end sends.
 */
import { type Delay, NO_DELAY } from '../base/delay-line.ts';
import { stringCharCodeAt } from '../base/primordials.ts';
import type { MachineId, ObjectAddress } from './names.ts';

export type FaultDirection = 'in' | 'out' | 'both';

/** Where the network is bad. */
export type FaultPlace =
  | { readonly p: 'everywhere' }
  /** between pages and the cloud */
  | { readonly p: 'clients' }
  | { readonly p: 'object'; readonly object: ObjectAddress }
  | { readonly p: 'class'; readonly className: string }
  /** between a machine and another one, or all others */
  | { readonly p: 'machine'; readonly machine: MachineId; readonly other?: MachineId };

/** A fault that lasts until it is lifted. */
export interface NetworkFault extends Delay {
  readonly id: string;
  readonly place: FaultPlace;
  /** as seen from the place */
  readonly direction: FaultDirection;
  /** of its chance */
  readonly seed: number;
}

export type FaultOrder =
  | { readonly o: 'set'; readonly fault: NetworkFault }
  | { readonly o: 'lift'; readonly id: string }
  | { readonly o: 'clear' }
  /** every connection there breaks, once; nothing lasts */
  | { readonly o: 'cut'; readonly place: FaultPlace };

/** What a thread is told: the faults that there are now, and where connections break now. */
export interface Weather {
  readonly faults: readonly NetworkFault[];
  readonly cut?: FaultPlace;
}

/** Between the hosts of an account. */
export type FaultNews =
  /** answered by `felt` when every thread of the machine has heard of it */
  | { readonly n: 'order'; readonly id: string; readonly order: FaultOrder }
  | { readonly n: 'felt'; readonly id: string }
  /** a machine that is new: which are there? */
  | { readonly n: 'joined' }
  | { readonly n: 'known'; readonly faults: readonly NetworkFault[] };

/** Whose end of a link it is, or of a socket. A host has the sockets of its objects, and is none of them. */
export interface Resident {
  readonly kind: 'client' | 'worker' | 'object' | 'host';
  readonly machine: MachineId;
  readonly object?: ObjectAddress;
  readonly className?: string;
}

/** @param peer  the machine of the other end */
export function isFeltBy(place: FaultPlace, resident: Resident, peer: MachineId): boolean {
  switch (place.p) {
    case 'everywhere':
      return true;
    case 'clients':
      return resident.kind === 'client';
    case 'object':
      return resident.object === place.object;
    case 'class':
      return resident.className === place.className;
    case 'machine':
      return resident.machine === place.machine && peer !== place.machine && (place.other ?? peer) === peer;
    default:
      return place satisfies never;
  }
}

/** What all faults together do to what an end sends (`out`), or to what comes to it. */
export function delayAt(
  faults: readonly NetworkFault[],
  end: { readonly resident: Resident; readonly peer: MachineId },
  direction: 'in' | 'out',
): Delay {
  let { latencyMs, jitterMs, bytesPerSecond, isStalled } = NO_DELAY;
  for (let i = 0; i < faults.length; i++) {
    const fault = faults[i] as NetworkFault;
    const felt = fault.place.p === 'everywhere' ? 'out' : fault.direction;
    if (felt !== 'both' && felt !== direction) continue;
    if (!isFeltBy(fault.place, end.resident, end.peer)) continue;
    latencyMs += fault.latencyMs;
    jitterMs += fault.jitterMs;
    // The narrowest place decides.
    if (fault.bytesPerSecond < bytesPerSecond) bytesPerSecond = fault.bytesPerSecond;
    isStalled ||= fault.isStalled;
  }
  return { latencyMs, jitterMs, bytesPerSecond, isStalled };
}

const { imul } = Math;

/** One number of all faults' seeds and of whose end it is: the same faults give the same chance. */
export function seedOf(faults: readonly NetworkFault[], { kind, object }: Resident): number {
  let seed = kind.length;
  for (let i = 0; i < faults.length; i++) seed = (imul(seed, 31) + (faults[i] as NetworkFault).seed) >>> 0;
  const name = object ?? '';
  for (let i = 0; i < name.length; i++) seed = (imul(seed, 31) + stringCharCodeAt(name, i)) >>> 0;
  return seed;
}
