/** Whom a caller wants to reach. */
import { type ObjectAddress, objectAddress, type UniqueKey } from './names.ts';

/** An object, or the entry of a script (on the caller's own machine: Workers are stateless). */
export type Target = ObjectTarget | { readonly kind: 'worker'; readonly script: string };

export interface ObjectTarget {
  readonly kind: 'object';
  readonly namespace: UniqueKey;
  readonly id: string;
  /** undefined when it is only known by its id */
  readonly name: string | undefined;
}

/** Where a trace shows it: an object's address, or the script's name. */
export function laneOf(target: Target): string {
  return addressOf(target) ?? (target as Target & { kind: 'worker' }).script;
}

/** The address of an object; a Worker has none. */
export function addressOf(target: Target): ObjectAddress | undefined {
  return target.kind === 'object' ? objectAddress(target.namespace, target.id) : undefined;
}
