/**
 * Misfortune on purpose, as a page orders it: `sim.faults`.
 *
 * Promise: a fault holds when its promise has resolved, for the objects that run on this machine and those that start later.
 */
import { SimulatorError } from '../base/errors.ts';
import type { HostControl } from '../protocol/control.ts';
import { addressOfReference } from './references.ts';

export interface StorageFault {
  /** how much later a commit counts as durable, ms of the program's time; 0 is none */
  readonly latencyMs: number;
  /** a stub of this simulator, or the key of an object it listed; left out: every object, but those that have their own */
  readonly object?: object;
}

export class Faults {
  readonly #control: Pick<HostControl, 'slowStorage'>;

  constructor(control: Pick<HostControl, 'slowStorage'>) {
    this.#control = control;
  }

  /**
   * Makes storage slow, so that gates are seen to close: what an object sends after a write leaves when that is durable, and
   * `sync()` waits. Reads do not wait: with SQLite they are done when they are called.
   *
   * @throws SimulatorError `config_invalid` for a latency that is none
   */
  async storage({ latencyMs, object }: StorageFault): Promise<void> {
    if (!(Number.isFinite(latencyMs) && latencyMs >= 0)) {
      throw new SimulatorError('config_invalid', `latencyMs is ${latencyMs}: give milliseconds, 0 for no latency.`);
    }
    await this.#control.slowStorage(latencyMs, object && addressOfReference(object));
  }
}
