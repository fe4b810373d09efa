/**
 * Patience: asks an instance to end in good order again and again, ever less often, for a limited time.
 *
 * Promise: it gives up with the platform's own text, and what held the instance is the error's cause.
 */
import type { Clock } from '../base/clock.ts';
import type { Container } from './container.ts';

/** How long `evict` waits for what is under way. */
const EVICT_PATIENCE_MS = 10_000;
const FIRST_PAUSE_MS = 5;
const LAST_PAUSE_MS = 100;

/** Resolves when the container has ended. @throws Error after `patienceMs` with the platform's text; the container lives on */
export async function drainPatiently(
  container: Container,
  { clock, patienceMs = EVICT_PATIENCE_MS }: { clock: Clock; patienceMs?: number },
): Promise<void> {
  const untilMs = clock.now() + patienceMs;
  let pauseMs = FIRST_PAUSE_MS;
  for (;;) {
    const why = await container.drain();
    if (why === undefined || container.isEnded) return;
    if (clock.now() >= untilMs) {
      const text = 'Timed out waiting to evict Durable Object: it still has active references.';
      throw new Error(text, { cause: why });
    }
    const wait = pauseMs;
    pauseMs = Math.min(LAST_PAUSE_MS, 2 * pauseMs);
    await new Promise<void>((resolve) => clock.after(wait, resolve));
  }
}
