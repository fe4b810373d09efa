/**
 * Starts a realm and connects to its control port.
 *
 * Promise: when the realm's thread fails, every call to it that waits, and every later one, rejects with `peer_gone`.
 */
import { type Connection, connectControl } from '../network/control-port.ts';

export type StartRealm = (ports: readonly MessagePort[]) => Worker;

export interface StartedRealm<Api> {
  readonly worker: Worker;
  readonly connection: Connection<Api>;
  /** resolves when the realm's thread failed */
  readonly died: Promise<void>;
}

/** @param more  ports that the realm gets besides its control port, which comes first */
export function startRealm<Api extends object>(
  start: StartRealm,
  more: readonly MessagePort[] = [],
): StartedRealm<Api> {
  const { port1, port2 } = new MessageChannel();
  const worker = start([port2, ...more]);
  const died = new Promise<void>((resolve) => {
    worker.addEventListener('error', () => resolve(), { once: true });
  });
  return { worker, connection: connectControl<Api>(port1, { died }), died };
}
