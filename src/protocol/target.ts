/** Whom a caller wants to reach. */
import {
  type EndpointId,
  type Epoch,
  type MachineId,
  type ObjectAddress,
  objectAddress,
  type UniqueKey,
} from './names.ts';

/** An object, a script's Worker (on the caller's own machine: Workers are stateless), or a thread that is known to hold something. */
export type Target = Callee | EndpointTarget;

/** What stubs lead to. */
export type Callee =
  | ObjectTarget
  | WorkerTarget
  /** the page that answers for the internet; no stub of it is ever given away */
  | { readonly kind: 'outside' };

export interface WorkerTarget {
  readonly kind: 'worker';
  readonly script: string;
  /** which of its exports, and with what; absent: the default one, without props. A link leads to all of them. */
  readonly entry?: Entry;
}

/** An entrypoint as a stub knows it. */
export interface Entry {
  /** `default`, or the name of an export */
  readonly name: string;
  /** `ctx.props`; absent: `{}` */
  readonly props?: Props;
  /** an event is meant (`scheduled`), and no method of the name */
  readonly isEvent?: true;
}

/** A value that was serialised when it was given, with the stubs in it: each event gets a copy of its own. */
export interface Props {
  readonly bytes: Uint8Array;
  readonly targets: readonly Callee[];
}

/** Where an account's Workers are reached, whatever page it is in: what `wrangler dev` listens on. */
export const OWN_ORIGIN = 'http://localhost:8787';

/** Whoever holds the other end of a socket. */
export interface EndpointTarget {
  readonly kind: 'endpoint';
  readonly machine: MachineId;
  readonly endpoint: EndpointId;
  readonly epoch: Epoch;
}

export interface ObjectTarget {
  readonly kind: 'object';
  readonly namespace: UniqueKey;
  readonly id: string;
  /** undefined when it is only known by its id */
  readonly name: string | undefined;
}

/** Where a trace shows it: an object's address, the script's name, or `outside`. */
export function laneOf(target: Callee): string {
  if (target.kind === 'outside') return 'outside';
  return target.kind === 'object' ? objectAddress(target.namespace, target.id) : target.script;
}

/** The address of an object; others have none. */
export function addressOf(target: Target): ObjectAddress | undefined {
  return target.kind === 'object' ? objectAddress(target.namespace, target.id) : undefined;
}
