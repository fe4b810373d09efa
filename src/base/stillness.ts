/**
 * Tells when a thread has come to rest: nothing of it runs, waits to leave or is on its way to the browser.
 *
 * Promise: who asks is answered once, in a task in which the thread was still and had been in the task before: what a turn
 * left behind to be sent is seen. Who does not ask pays one comparison for each event.
 *
 * Knows nothing of what the thread does: what rests is told by `isStill`, what has just ended by `touch`.
 */
import type { Clock, Timer } from './clock.ts';
import type { Schedule } from './schedule.ts';

export interface StillnessOptions {
  schedule: Schedule;
  /** real */
  clock: Clock;
  isStill(): boolean;
  /** answers who asked */
  onStill(): void;
}

/** What ends without a task of ours (a promise of the browser's that a program awaits) is noticed after this, real ms. */
const LOOK_AGAIN_MS = 4;

export class Stillness {
  readonly #options: StillnessOptions;
  #isAsked = false;
  #isLooking = false;
  #activities = 0;
  #again: Timer | undefined;

  constructor(options: StillnessOptions) {
    this.#options = options;
  }

  /** Asked again before the answer, it answers once. */
  ask(): void {
    this.#isAsked = true;
    this.touch();
  }

  /** Something ended. */
  touch(): void {
    if (!this.#isAsked || this.#isLooking) return;
    this.#isLooking = true;
    this.#again?.cancel();
    this.#options.schedule(() => this.#look(false));
  }

  /** Something of the real world is under way, until the function it returns is called; that may be called again. */
  begin(): () => void {
    this.#activities++;
    let isOver = false;
    return () => {
      if (isOver) return;
      isOver = true;
      this.#activities--;
      this.touch();
    };
  }

  #look(wasStill: boolean): void {
    const { schedule, clock, isStill, onStill } = this.#options;
    if (this.#activities > 0 || !isStill()) {
      this.#isLooking = false;
      this.#again = clock.after(LOOK_AGAIN_MS, () => this.touch());
    } else if (!wasStill) {
      schedule(() => this.#look(true));
    } else {
      this.#isLooking = false;
      this.#isAsked = false;
      onStill();
    }
  }
}
