/**
 * Moves the account's clock on a person's wish: stop and go, on to the next event, faster.
 *
 * Promise: one move at a time; what came of it is said, and `problem` says why the last one failed.
 */
import { type Signal, signal } from '@preact/signals-core';
import { type AccountClock, sentenceOf } from './account.ts';
import { momentName } from './mount.ts';
import type { Session } from './session.ts';

export class ClockControl {
  readonly problem = signal<string | undefined>(undefined);
  readonly isMoving = signal(false);
  readonly #session: () => Session;
  readonly #said: Signal<string>;

  /** @param said  what is read aloud */
  constructor(session: () => Session, said: Signal<string>) {
    this.#session = session;
    this.#said = said;
  }

  pauseOrGo(): Promise<void> {
    return this.#move(async (clock) => {
      const { isPaused } = clock;
      await (isPaused ? clock.resume() : clock.pause());
      return isPaused ? 'The clock goes on.' : 'The clock is paused.';
    });
  }

  step(): Promise<void> {
    return this.#move(async (clock) => {
      const toMs = await clock.advanceToNextEvent();
      return toMs === undefined ? 'Nothing is due.' : `It is ${momentName(toMs, Date.now())} now.`;
    });
  }

  setRate(rate: number): Promise<void> {
    return this.#move(async (clock) => {
      await clock.setRate(rate);
      return `The clock goes ${rate} times as fast as real time.`;
    });
  }

  /** @param move  resolves with what to say */
  async #move(move: (clock: AccountClock) => Promise<string>): Promise<void> {
    const session = this.#session();
    const clock = session.clock.value;
    if (!clock || this.isMoving.value) return;
    this.isMoving.value = true;
    this.problem.value = undefined;
    try {
      this.#said.value = await move(clock);
    } catch (error) {
      this.problem.value = sentenceOf(error);
    } finally {
      this.isMoving.value = false;
      session.refresh();
    }
  }
}
