/**
 * The accounts of this origin, from outside: listed and deleted without opening one.
 *
 * Promise: an account that is open anywhere is not deleted. The host that is started for it is gone when the call is.
 */
import type { HostControl } from '../protocol/control.ts';
import { asAccount } from '../protocol/names.ts';
import { type StartRealm, startRealm } from './start-realm.ts';

/** Names of the accounts that have stored anything, sorted. */
export function listAccounts(start: StartRealm): Promise<string[]> {
  return withHost(start, (host) => host.listAccounts());
}

/** @throws SimulatorError `config_invalid` when the account is open, here or in another tab */
export function deleteAccount(start: StartRealm, name: string): Promise<void> {
  return withHost(start, (host) => host.deleteAccount(asAccount(name)));
}

async function withHost<T>(start: StartRealm, use: (host: HostControl) => Promise<T>): Promise<T> {
  const events = new MessageChannel();
  const { worker, connection } = startRealm<HostControl>(start, [events.port2]);
  try {
    return await use(connection.remote as unknown as HostControl);
  } finally {
    connection.release();
    events.port1.close();
    worker.terminate();
  }
}
