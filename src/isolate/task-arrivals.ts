/**
 * Arrivals of a Worker's sockets: each is a task of its own, as on the platform.
 *
 * Promise: they are delivered in the order they came, the microtasks of one before the next. What they answer may leave together.
 */
import type { Schedule } from '../base/schedule.ts';
import { Burst } from './burst.ts';

export class TaskArrivals {
  readonly #schedule: Schedule;
  readonly #burst = new Burst();
  #waitingCount = 0;

  constructor(schedule: Schedule) {
    this.#schedule = schedule;
  }

  arrive(deliver: () => void): void {
    this.#waitingCount++;
    this.#schedule(() => {
      this.#waitingCount--;
      this.#burst.next();
      // What the last one answers in its microtasks is still of the burst.
      if (this.#waitingCount === 0 && !this.#burst.isEmpty) this.#schedule(() => this.#endBurst());
      deliver();
    });
  }

  /** True when more deliveries wait: then `go` is called once they are through, or the first few of them. */
  afterBurst(go: () => void): boolean {
    if (this.#waitingCount === 0) return false;
    this.#burst.wait(go);
    return true;
  }

  /** More may have come meanwhile: then the last of those ends it. */
  #endBurst(): void {
    if (this.#waitingCount === 0) this.#burst.end();
  }
}
