/**
 * What an isolate is told in order to become one object: its class of the current deployment, and where its storage is.
 *
 * Promise: made anew at every start, so that nothing starts under an older deployment.
 */
import { SimulatorError } from '../base/errors.ts';
import type { Assignment, HostOpening } from '../protocol/control.ts';
import { objectAddress } from '../protocol/names.ts';
import type { ObjectTarget } from '../protocol/target.ts';
import type { Vault } from '../storage/vault.ts';
import type { ObjectRecord } from '../storage/vault-account.ts';
import { type CurrentDeployment, ownerOf, planOf } from './deployments.ts';
import type { HostSockets } from './sockets.ts';
import type { StorageFaults } from './storage-faults.ts';

/** @throws SimulatorError `config_invalid`: no deployed class has the namespace any more */
export function objectAssignment(
  { namespace, id, name }: ObjectTarget,
  account: {
    readonly current: CurrentDeployment;
    readonly opening: HostOpening;
    readonly vault: Vault;
    readonly faults: Pick<StorageFaults, 'latencyOf'>;
    readonly sockets: Pick<HostSockets, 'keptFor'>;
  },
): { readonly assignment: Assignment; readonly record: ObjectRecord } {
  const { current, opening, vault, faults, sockets } = account;
  const owner = ownerOf(namespace, current);
  if (!owner) {
    throw new SimulatorError('config_invalid', `No deployed class has the namespace "${namespace}" any more.`);
  }
  const { script, className, storage: backend } = owner;
  const address = objectAddress(namespace, id);
  const { durability } = opening;
  const kept = sockets.keptFor(address);
  const object = { kind: 'object', className, namespace, address, id, name, backend } as const;
  const storage = { storage: vault.mode, durability, storageLatencyMs: faults.latencyOf(address) };
  return {
    assignment: {
      ...planOf(script, current, opening),
      role: { ...object, ...storage, ...(kept ? { sockets: kept } : {}) },
    },
    record: { address, uniqueKey: namespace, id, className, ...(name === undefined ? {} : { name }) },
  };
}

/** Remembers an object in the account's directory, unless it could not be said what it is: who started it was told. */
export async function recordObject(vault: Vault, assigned: Promise<{ readonly record: ObjectRecord }>): Promise<void> {
  const known = await assigned.catch(() => undefined);
  if (known) await vault.account.recordObject(known.record);
}
