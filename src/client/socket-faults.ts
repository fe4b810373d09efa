/**
 * Faults of single WebSockets of a page.
 *
 * Promise: nobody but this page hears of them; the other side notices what comes late, or that its socket broke off.
 */
import { SimulatorError } from '../base/errors.ts';
import { seededRandom } from '../base/random.ts';
import { delayAt, type NetworkFault, type Resident, seedOf } from '../protocol/faults.ts';
import type { MachineId } from '../protocol/names.ts';
import type { HinderedEnd } from '../sockets/hindered-end.ts';

export class SocketFaults {
  readonly #resident: Resident;
  readonly #endOf: (socket: WebSocket) => HinderedEnd | undefined;
  readonly #faults = new Map<HinderedEnd, readonly NetworkFault[]>();

  /** @param endOf  the page's end of a socket; undefined while it has none */
  constructor(machine: MachineId, endOf: (socket: WebSocket) => HinderedEnd | undefined) {
    this.#resident = { kind: 'client', machine };
    this.#endOf = endOf;
  }

  /** @throws SimulatorError `config_invalid` */
  set(socket: WebSocket, fault: NetworkFault): void {
    const end = this.#find(socket);
    this.#hinder(end, [...(this.#faults.get(end) ?? []), fault]);
  }

  lift(id: string): void {
    for (const [end, faults] of [...this.#faults])
      this.#hinder(
        end,
        faults.filter((fault) => fault.id !== id),
      );
  }

  clear(): void {
    for (const end of [...this.#faults.keys()]) this.#hinder(end, []);
  }

  /** Ends with a fault. */
  get count(): number {
    return this.#faults.size;
  }

  /** It is over. */
  forget(end: HinderedEnd): void {
    this.#faults.delete(end);
  }

  /** @throws SimulatorError `config_invalid` */
  cut(socket: WebSocket): void {
    this.#find(socket).cut();
  }

  #find(socket: WebSocket): HinderedEnd {
    const end = this.#endOf(socket);
    if (end) return end;
    throw new SimulatorError('config_invalid', 'Give a WebSocket of this simulator that is open.');
  }

  #hinder(end: HinderedEnd, faults: readonly NetworkFault[]): void {
    if (faults.length > 0) this.#faults.set(end, faults);
    else this.#faults.delete(end);
    const at = { resident: this.#resident, peer: this.#resident.machine };
    const { unit } = seededRandom(seedOf(faults, this.#resident));
    end.hinder({ unit, out: delayAt(faults, at, 'out'), in: delayAt(faults, at, 'in') });
  }
}
