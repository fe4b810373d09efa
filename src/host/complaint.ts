/** How a machine says in the log that something went wrong that is nobody's call. Knows nothing of what it was. */
import type { HostEvent } from '../protocol/control.ts';

/** @param atMs  by the program's clock */
export function complaint(error: unknown, atMs: number): HostEvent {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return { e: 'log', line: { level: 'error', text, source: 'durabox', atMs } };
}
