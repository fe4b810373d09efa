/**
 * Patience: how long an instance is given to end in good order.
 *
 * Promise: whoever evicts gives up with the platform's own text, and what held the instance is the error's cause; whoever
 * leaves waits for no instance that does not answer.
 */
import { deferred } from '../base/async.ts';
import type { Clock } from '../base/clock.ts';
import type { Container } from './container.ts';

/** How long `evict` waits for what is under way. */
const EVICT_PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 5;
const LAST_PAUSE_MS = 100;

/**
 * Resolves when the container has ended. `onHeld` is called whenever it was asked and something holds it.
 *
 * @throws Error after `patienceMs` with the platform's text; the container lives on
 */
export async function drainPatiently(
  container: Pick<Container, 'drain' | 'isEnded'>,
  { clock, patienceMs = EVICT_PATIENCE_MS, onHeld }: { clock: Clock; patienceMs?: number; onHeld?: () => void },
): Promise<void> {
  const untilMs = clock.now() + patienceMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const why = await container.drain();
    if (why === undefined || container.isEnded) return;
    onHeld?.();
    if (clock.now() >= untilMs) {
      const text = 'Timed out waiting to evict Durable Object: it still has active references.';
      throw new Error(text, { cause: why });
    }
    const wait = pauseMs;
    pauseMs = Math.min(LAST_PAUSE_MS, 2 * pauseMs);
    await new Promise<void>((resolve) => clock.after(wait, resolve));
  }
}

/** Resolves when `work` is done, or is late by then: it goes on. @throws whatever `work` fails with in time */
export async function waitPatiently(
  work: Promise<unknown>,
  { clock, patienceMs }: { clock: Clock; patienceMs: number },
): Promise<void> {
  const late = deferred();
  const timer = clock.after(patienceMs, late.resolve);
  try {
    await Promise.race([work, late.promise]);
  } finally {
    timer.cancel();
  }
}

/** How long a machine that goes waits for an instance, real ms. One that runs in a circle never answers. */
const GOODBYE_MS = 1_000;

/** Ends the container: in good order if nothing is under way, so that its callers ask elsewhere; else at once. */
export async function drainOrEnd(container: Container, clock: Clock): Promise<void> {
  await waitPatiently(container.drain(), { clock, patienceMs: GOODBYE_MS });
  container.end(undefined);
}
