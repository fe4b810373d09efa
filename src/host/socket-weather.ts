/**
 * The faults of the network as a host feels them: at its links, and at the sockets that it keeps for objects.
 *
 * Promise: a fault of an object, or of a class, is felt by that object's sockets and no other that goes by the same link.
 */
import type { Clock } from '../base/clock.ts';
import { seededRandom } from '../base/random.ts';
import { LinkWeather } from '../network/weather.ts';
import { delayAt, isFeltBy, type NetworkFault, type Resident, seedOf, type Weather } from '../protocol/faults.ts';
import type { MachineId } from '../protocol/names.ts';
import type { ConnectionEnd } from '../sockets/connection.ts';
import { HinderedEnd } from '../sockets/hindered-end.ts';

type Owner = Resident & { readonly kind: 'object' };

export class SocketWeather {
  readonly links: LinkWeather;
  readonly #clock: Pick<Clock<number>, 'now' | 'after'>;
  readonly #ends = new Map<HinderedEnd, Owner>();
  #faults: readonly NetworkFault[] = [];

  /** @param clock  the one that programs observe */
  constructor(machine: MachineId, clock: Pick<Clock<number>, 'now' | 'after'>) {
    this.#clock = clock;
    this.links = new LinkWeather(clock);
    this.links.become({ kind: 'host', machine });
  }

  /** Sockets that are taken up and not over. */
  get count(): number {
    return this.#ends.size;
  }

  /** A socket of that object is taken up. */
  wrap(end: ConnectionEnd, owner: Owner): ConnectionEnd {
    const wrapped: HinderedEnd = new HinderedEnd({
      end,
      clock: this.#clock,
      onOver: () => this.#ends.delete(wrapped),
    });
    this.#ends.set(wrapped, owner);
    if (this.#faults.length > 0) this.#hinder(wrapped, owner);
    return wrapped;
  }

  follow({ faults, cut }: Weather): void {
    this.links.follow(faults);
    if (cut) this.links.cut(cut);
    const before = this.#faults;
    this.#faults = faults.filter(({ place }) => isOfObjects(place));
    for (const [end, owner] of [...this.#ends]) {
      if (cut && isOfObjects(cut) && isFeltBy(cut, owner, owner.machine)) end.cut();
      else if (before.length + this.#faults.length > 0) this.#hinder(end, owner);
    }
  }

  #hinder(end: HinderedEnd, owner: Owner): void {
    const at = { resident: owner, peer: owner.machine };
    const { unit } = seededRandom(seedOf(this.#faults, owner));
    end.hinder({ unit, out: delayAt(this.#faults, at, 'out'), in: delayAt(this.#faults, at, 'in') });
  }
}

/** The others are felt at links. */
function isOfObjects({ p }: NetworkFault['place']): boolean {
  return p === 'object' || p === 'class';
}
