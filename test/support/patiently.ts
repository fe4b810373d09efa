/** Waiting for what no event tells: it is looked at again and again, for as long as a busy machine may need. */
import { vi } from 'vitest';

const PATIENCE_MS = 15_000;

/** Resolves with what `look` gives as soon as it does not throw. @throws what it threw last */
export const patiently = <T>(look: () => T | Promise<T>): Promise<T> => vi.waitFor(look, { timeout: PATIENCE_MS });
