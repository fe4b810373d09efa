/**
 * The faults of the network as one thread feels them, at its ends of its links.
 *
 * Promise: what arrives, arrives whole and in order. Latency delays, a stall holds back until it is lifted, a cut ends a link at
 * both ends, as a connection that breaks does; nothing is lost or swapped silently. Where there is no fault, a link pays one
 * comparison for each post.
 *
 * Knows nothing of who ordered it.
 */
import type { Clock } from '../base/clock.ts';
import { mapDelete, mapForEach, mapSet } from '../base/primordials.ts';
import { seededRandom } from '../base/random.ts';
import { delayAt, type FaultPlace, isFeltBy, type NetworkFault, type Resident, seedOf } from '../protocol/faults.ts';
import type { MachineId } from '../protocol/names.ts';
import type { Link } from './link.ts';

/** The clock that a program observes: a late message is late for it. */
export type WeatherClock = Pick<Clock<number>, 'now' | 'after'>;

export class LinkWeather {
  readonly #clock: WeatherClock;
  /** with the machine of the other end */
  readonly #links = new Map<Link, MachineId>();
  #resident: Resident | undefined;
  #faults: readonly NetworkFault[] = [];
  #unit = (): number => 0;

  constructor(clock: WeatherClock) {
    this.#clock = clock;
  }

  /** Says whose links these are. Before that they feel nothing. */
  become(resident: Resident): void {
    this.#resident = resident;
    this.follow(this.#faults);
  }

  /** A link of this thread is open. */
  add(link: Link, peer: MachineId): void {
    mapSet(this.#links, link, peer);
    if (this.#faults.length > 0) this.#hinder(link, peer);
    link.whenEnded(() => {
      // What it still holds back is let go by the end of the fault.
      if (!link.isHolding) mapDelete(this.#links, link);
    });
  }

  /** These are the faults from now on. */
  follow(faults: readonly NetworkFault[]): void {
    this.#faults = faults;
    if (!this.#resident) return;
    this.#unit = seededRandom(seedOf(faults, this.#resident)).unit;
    mapForEach(this.#links, (peer: MachineId, link: Link) => {
      this.#hinder(link, peer);
      if (!link.isOpen && !link.isHolding) mapDelete(this.#links, link);
    });
  }

  /** @returns how many links it broke */
  cut(place: FaultPlace): number {
    const resident = this.#resident;
    let count = 0;
    if (!resident) return count;
    mapForEach(this.#links, (peer: MachineId, link: Link) => {
      if (!isFeltBy(place, resident, peer)) return;
      count++;
      link.cut();
      mapDelete(this.#links, link);
    });
    return count;
  }

  /** A fault holds something back that came, or is to leave. */
  get isHolding(): boolean {
    if (this.#faults.length === 0) return false;
    let isHolding = false;
    mapForEach(this.#links, (_: MachineId, link: Link) => {
      isHolding ||= link.isHolding;
    });
    return isHolding;
  }

  #hinder(link: Link, peer: MachineId): void {
    if (!this.#resident) return;
    const end = { resident: this.#resident, peer };
    link.hinder({
      clock: this.#clock,
      unit: () => this.#unit(),
      out: delayAt(this.#faults, end, 'out'),
      in: delayAt(this.#faults, end, 'in'),
    });
  }
}
