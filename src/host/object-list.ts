/**
 * Every object that was ever started in the account, and where it is now.
 *
 * Promise: looking wakes nobody: it reads the account's directory and asks the browser which leases are held.
 */
import type { Leases } from '../network/lease.ts';
import type { ObjectInfo } from '../protocol/control.ts';
import { type Account, lockNames, type ObjectAddress, type UniqueKey } from '../protocol/names.ts';
import type { Vault } from '../storage/vault.ts';

export interface ObjectListOptions {
  vault: Vault;
  leases: Leases;
  account: Account;
  /** the class that a namespace belongs to now; undefined: as it was recorded */
  classOf(namespace: UniqueKey): string | undefined;
  isLive(object: ObjectAddress): boolean;
}

/** By class and then by name or id. */
export async function listObjects({
  vault,
  leases,
  account,
  classOf,
  isLive,
}: ObjectListOptions): Promise<ObjectInfo[]> {
  const prefix = lockNames.object(account, '' as ObjectAddress);
  const held = new Set((await leases.held(prefix)).map((name) => name.slice(prefix.length)));
  const records = await vault.listObjects();
  const state = (object: ObjectAddress): ObjectInfo['state'] =>
    isLive(object) ? 'live' : held.has(object) ? 'remote' : 'sleeping';
  return records
    .map(({ address, uniqueKey, id, name, className }) => ({
      className: classOf(uniqueKey) ?? className,
      namespace: uniqueKey,
      id,
      name,
      state: state(address),
    }))
    .sort((a, b) => compareText(a.className, b.className) || compareText(a.name ?? a.id, b.name ?? b.id));
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
