/**
 * How an object is named to `sim.inspect` and `sim.objects`: by a stub of this page, or by a key that the inspector gave.
 *
 * Promise: a stub is recognised by identity, never by what it answers to (every name of a stub is a method).
 */
import { SimulatorError } from '../base/errors.ts';
import { IdFactory } from '../protocol/ids.ts';
import { type ObjectAddress, objectAddress, type UniqueKey } from '../protocol/names.ts';
import type { ObjectTarget } from '../protocol/target.ts';

export interface ObjectReference {
  /** `<worker>-<Class>`, as the folder is called in which `wrangler dev` keeps its objects */
  readonly namespace: string;
  /** 64 hex digits */
  readonly id: string;
  readonly name?: string | undefined;
}

const stubs = new WeakMap<object, ObjectReference>();

/** Remembers which object a stub leads to. */
export function rememberStub(stub: object, reference: ObjectReference): void {
  stubs.set(stub, reference);
}

/** @throws SimulatorError `config_invalid` for what is neither */
export function referenceOf(object: object): ObjectReference {
  const known = stubs.get(object);
  if (known) return known;
  const { namespace, id, name } = object as Partial<ObjectReference>;
  if (typeof namespace === 'string' && typeof id === 'string') return { namespace, id, name };
  throw new SimulatorError('config_invalid', 'Give a stub of this simulator, or the key of an object it listed.');
}

/**
 * An object that is to be changed, and made if there is none: so its id must be one.
 *
 * @throws TypeError with the platform's text for what is no id of this namespace
 */
export function targetOf(object: object): ObjectTarget {
  const { namespace, id, name } = referenceOf(object);
  const key = namespace as UniqueKey;
  return { kind: 'object', namespace: key, id: new IdFactory(key).fromString(id), name };
}

export function addressOfReference(object: object): ObjectAddress {
  const { namespace, id } = referenceOf(object);
  return objectAddress(namespace as UniqueKey, id);
}
