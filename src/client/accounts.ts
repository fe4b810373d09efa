/**
 * The accounts of this origin, from outside: listed and deleted without opening one.
 *
 * Promise: an account that is open anywhere is not deleted. The host that is started for it is gone when the call is.
 */
import { connectControl } from '../network/control-port.ts';
import type { HostControl } from '../protocol/control.ts';
import { asAccount } from '../protocol/names.ts';

type StartHost = (ports: readonly MessagePort[]) => Worker;

/** Names of the accounts that have stored anything, sorted. */
export function listAccounts(start: StartHost): Promise<string[]> {
  return withHost(start, (host) => host.listAccounts());
}

/** @throws SimulatorError `config_invalid` when the account is open, here or in another tab */
export function deleteAccount(start: StartHost, name: string): Promise<void> {
  return withHost(start, (host) => host.deleteAccount(asAccount(name)));
}

async function withHost<T>(start: StartHost, use: (host: HostControl) => Promise<T>): Promise<T> {
  const control = new MessageChannel();
  const events = new MessageChannel();
  const worker = start([control.port2, events.port2]);
  const died = new Promise<void>((resolve) => worker.addEventListener('error', () => resolve(), { once: true }));
  const connection = connectControl<HostControl>(control.port1, { died });
  try {
    return await use(connection.remote as unknown as HostControl);
  } finally {
    connection.release();
    events.port1.close();
    worker.terminate();
  }
}
