/** Letting an account's clock stand at a time that all of its threads agree about. */
import type { Simulator } from '../../src/index.ts';

/** Pauses the clock. @returns where everybody stands: some thread may have been told a later time before it heard of the pause */
export async function stand({ clock }: Pick<Simulator, 'clock'>): Promise<number> {
  await clock.pause();
  return clock.advance(0);
}
