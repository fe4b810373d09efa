/**
 * What hosts of an account tell one another without being asked, and whom it concerns.
 *
 * Promise: plain structured-cloneable data. Only hosts of the same protocol version hear it. Knows nothing of what it leads to.
 */
import type { ClockAnnouncement } from '../protocol/clock.ts';
import type { FaultNews } from '../protocol/faults.ts';
import type { MachineId } from '../protocol/names.ts';
import type { TraceNews } from './traces.ts';

export type Announcement =
  /** another deployment is current: look for yourselves */
  | { readonly about: 'deployment' }
  /** an alarm was set: look for yourselves */
  | { readonly about: 'alarm'; readonly atMs: number }
  | { readonly about: 'trace'; readonly news: TraceNews }
  | { readonly about: 'faults'; readonly news: FaultNews }
  | ClockAnnouncement;

/** The parts of a host that are told. */
export interface Ears {
  readonly alarms: { heard(atMs: number): void };
  readonly traces: { hear(news: TraceNews, from: MachineId): void };
  readonly faults: { hear(news: FaultNews, from: MachineId): void };
  readonly clock: { heard(announcement: ClockAnnouncement, from: MachineId): void };
}

export function hear(
  announcement: Announcement,
  from: MachineId,
  { ears, deployed }: { ears: Ears; deployed: () => void },
): void {
  switch (announcement.about) {
    case 'deployment':
      deployed();
      return;
    case 'alarm':
      ears.alarms.heard(announcement.atMs);
      return;
    case 'trace':
      ears.traces.hear(announcement.news, from);
      return;
    case 'faults':
      ears.faults.hear(announcement.news, from);
      return;
    case 'clock':
    case 'clock-ask':
    case 'clock-joined':
    case 'clock-still':
      ears.clock.heard(announcement, from);
      return;
    default:
      announcement satisfies never;
  }
}
